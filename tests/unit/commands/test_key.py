"""Moving the key keeps every entry readable; replacing or destroying it takes them all."""

import os
import sys
from pathlib import Path

import pytest

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.commands import key
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.keystores import keyring_package, master_key, stores
from credhelper.keystores.base import Vault
from credhelper.model.freshness import Moment
from credhelper.settings import Settings, choices_dir, from_environment
from credhelper.system import mounts


@pytest.fixture
def roomy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a runtime directory as well, and neither the user's keyring nor shared memory in the way."""
    runtime, memory = tmp_path / "run", tmp_path / "shm"
    runtime.mkdir(mode=0o700)
    memory.mkdir(mode=0o700)
    monkeypatch.setattr(stores, "_open_kernel", nowhere)
    monkeypatch.setattr(stores, "SHARED_MEMORY", str(memory))
    monkeypatch.setattr(mounts, "is_in_memory", lambda _path: True)
    return having(from_environment(os.environ), runtime_dir=str(runtime))


def put(own: Settings) -> bytes:
    found = master_key.find_or_create(own)
    assert found is not None
    name = store.entry_name(own.config_file, "prod-s3")
    content = Payload(
        document=b"d",
        expiration=1,
        issued=Moment(0, b"", 0),
        refresh_s=0,
        identity=b"i" * 32,
        variables=(),
        environment=b"e" * 32,
        files=(),
        profile="prod-s3",
        role_arn="",
        config_file="",
    )
    store.write(own, name, found[1], content)
    return name


def having(own: Settings, **changed: str) -> Settings:
    fields = {slot: getattr(own, slot) for slot in Settings.__slots__}
    return Settings(**{**fields, **changed})


def using(own: Settings, name: str) -> Settings:
    return having(own, key_store=name)


def holders(own: Settings) -> list[str]:
    return [state.name for state in key.show(own) if state.key_id is not None and state.name != "kernel"]


def test_moved_key_still_opens_every_entry_and_is_nowhere_else(roomy: Settings) -> None:
    name = put(roomy)
    key.move(roomy, "runtime")
    assert holders(roomy) == ["runtime"]
    assert store.read(using(roomy, "runtime"), name).document == b"d"
    assert not os.path.exists(os.path.join(roomy.state_dir, "key"))
    assert stores.noted_store(roomy) == ""


def test_move_to_where_nothing_can_be_kept_loses_nothing(roomy: Settings, tmp_path: Path) -> None:
    name = put(roomy)
    os.rmdir(tmp_path / "run")
    (tmp_path / "run").write_text("a file where the directory was")
    with pytest.raises(CredhelperError, match="cannot hold"):
        key.move(roomy, "runtime")
    with pytest.raises(CredhelperError, match="no key store"):
        key.move(roomy, "nowhere")
    assert store.read(roomy, name).document == b"d"


def test_move_without_a_key_makes_one_there(roomy: Settings) -> None:
    key.move(roomy, "runtime")
    assert holders(roomy) == ["runtime"]


def test_rotation_makes_another_key_in_the_same_place_and_forgets_the_entries(roomy: Settings) -> None:
    put(roomy)
    before = key.show(roomy)
    key.rotate(roomy)
    after = key.show(roomy)
    assert holders(roomy) == ["file"]
    assert [state.key_id for state in before] != [state.key_id for state in after]
    assert list(store.names(roomy)) == []


def test_destruction_leaves_neither_key_nor_entry(roomy: Settings) -> None:
    name = put(roomy)
    copy = Path(store.entry_path(roomy, name)).read_bytes()
    assert key.destroy(using(roomy, "file")) == 1
    assert holders(roomy) == []
    put(roomy)
    Path(store.entry_path(roomy, name)).write_bytes(copy)
    with pytest.raises(store.MissError, match="kid"):
        store.read(roomy, name)


def test_show_names_the_used_store_and_never_the_key(roomy: Settings) -> None:
    put(roomy)
    found = master_key.find(roomy, lambda _key: True)
    assert found is not None
    shown = repr(key.show(roomy))
    assert found[1].hex() not in shown
    assert [state.name for state in key.show(roomy) if state.is_used] == ["file"]


def test_show_says_which_stores_are_not_available(roomy: Settings, tmp_path: Path) -> None:
    (tmp_path / "run").rmdir()
    (tmp_path / "run").write_text("a file where the directory was")
    missing = [state.name for state in key.show(roomy) if state.place.endswith(": not available here")]
    assert missing == ["runtime"]


class Passwords:
    """A session's password service, as a keyring backend shows it."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.found.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.found[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.found[service, username]


def test_key_in_a_keyring_backend_is_found_without_a_variable(roomy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords()
    monkeypatch.setattr(keyring_package, "open_backend", lambda _name: passwords)
    name = put(roomy)
    automatic = using(roomy, "auto")
    key.move(automatic, "keyring:SecretService")
    assert len(passwords.found) == 1
    assert holders(automatic) == ["keyring:SecretService"]
    assert store.read(automatic, name).document == b"d"
    key.move(automatic, "file")
    assert passwords.found == {}
    assert holders(automatic) == ["file"]
    key.move(automatic, "keyring:SecretService")
    key.destroy(automatic)
    assert passwords.found == {}
    assert stores.noted_store(automatic) == "keyring:SecretService"


def nowhere() -> Vault:
    raise OSError("no kernel keyring")


def test_note_of_a_move_names_only_what_we_know(roomy: Settings) -> None:
    put(roomy)
    automatic = using(roomy, "auto")
    path = Path(choices_dir(roomy.home), "key-store")
    for content in (b"keyring:evil.Backend", b"kernel", b"\xff", b"", b"x" * 100):
        path.write_bytes(content)
        path.chmod(0o600)
        assert [store.name for store in stores.chosen(automatic)] == ["kernel", "runtime", "shm"]


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("linux", ["keyring:SecretService", "keyring:kwallet", "keyring:libsecret"]),
        ("darwin", ["keyring:macOS"]),
        ("win32", ["keyring:Windows"]),
    ],
)
def test_backends_of_another_system_are_not_offered(platform: str, names: list[str]) -> None:
    assert key._backends(platform) == names


@pytest.mark.skipif(sys.platform != "linux", reason="the store is one that Linux has not")
def test_move_to_a_backend_of_another_system_is_refused(roomy: Settings) -> None:
    with pytest.raises(InputError, match="there is no key store keyring:macOS") as caught:
        key.move(roomy, "keyring:macOS")
    assert "macOS" not in caught.value.hint


@pytest.mark.skipif(sys.platform != "linux", reason="the store is one of Linux")
def test_move_to_a_backend_says_what_is_missing(roomy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MachineError, match="needs the package keyring") as caught:
        key.move(roomy, "keyring:kwallet")
    assert "keyring" in caught.value.hint
