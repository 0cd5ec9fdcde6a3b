"""The keyring package, as installed: neither its variables nor its configuration file choose where the key goes."""

import sys
from pathlib import Path

import pytest

from fakes.home import Home, key_id
from fakes.key_note import choose_store
from fakes.sts import FakeSts

pytest.importorskip("keyring")

_EVIL = """
import pathlib
pathlib.Path({witness!r}).touch()
import keyring.backend
class Backend(keyring.backend.KeyringBackend):
    priority = 99
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): pathlib.Path({witness!r}).write_text(password)
"""


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts, witness: Path) -> Home:
    """A project's directory that offers a backend of its own, by every way the keyring package knows."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    made.add_role()
    project = made.path / "project"
    project.mkdir()
    (project / "evil.py").write_text(_EVIL.format(witness=str(witness)))
    settings = made.path / ".config" / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[backend]\ndefault-keyring=evil.Backend\nkeyring-path={project}\n")
    made.environ |= {
        "PYTHONPATH": str(project),
        "PYTHON_KEYRING_BACKEND": "evil.Backend",
        "XDG_CONFIG_HOME": str(made.path / ".config"),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }
    return made


def test_attack_is_real(home: Home, witness: Path) -> None:
    done = home.start([sys.executable, "-c", "import keyring; keyring.set_password('s', 'u', 'p')"], {})
    assert done.returncode == 0, done.stderr
    assert witness.read_text() == "p"


def test_backend_of_the_environment_is_never_loaded(home: Home, sts: FakeSts, witness: Path) -> None:
    choose_store(home.path, "keyring:SecretService")
    key_id(home.get())
    key_id(home.get())
    assert not witness.exists()
    assert sts.count() == 2  # no bus, no key, no cache, and credentials all the same
    assert home.entries == []


def test_backend_that_is_none_of_ours_is_refused(home: Home, witness: Path) -> None:
    done = home.get(CREDHELPER_KEY_STORE="keyring:evil")
    assert done.returncode == 2
    assert b"names no key store" in done.stderr
    assert not witness.exists()
