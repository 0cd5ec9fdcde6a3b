"""Keys and files that another account or a project brings: through the installed program, in a home of its own."""

import os
import shutil
from pathlib import Path

import pytest

from credhelper.settings import choices_dir
from fakes.home import Home, error, key_id
from fakes.sts import FakeSts

EVE = 1001
pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes of POSIX")
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away"
)


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    made.add_user()
    made.add_role()
    return made


@pytest.mark.parametrize("store", ["file", "runtime", "keyring:SecretService"])
@pytest.mark.parametrize("note", ["file", "keyring:kwallet"])
def test_planted_key_with_its_entry_is_not_served(
    home: Home, sts: FakeSts, tmp_path: Path, store: str, note: str
) -> None:
    """What a project made on the attacker's machine, byte for byte, under every variable that it can set."""
    key_id(home.get())
    project = tmp_path / "project"
    shutil.copytree(home.cache.parent, project, copy_function=shutil.copy2)
    for name in ("credhelper", "state/credhelper", "run/credhelper"):
        (project / name).mkdir(parents=True, mode=0o700, exist_ok=True)
        shutil.copy2(home.path / ".local/state/credhelper/key", project / name / "key")
        (project / name / "key-store").write_text("file")
        (project / name / "key-store").chmod(0o600)
    shutil.rmtree(home.cache)
    (home.path / ".local/state/credhelper/key").unlink()
    Path(choices_dir(str(home.path)), "key-store").write_text(note)
    variables = {
        "XDG_CACHE_HOME": str(project),
        "XDG_STATE_HOME": str(project),
        "XDG_CONFIG_HOME": str(project),
        "XDG_RUNTIME_DIR": str(project),
        "CREDHELPER_KEY_STORE": store,
    }
    key_id(home.get(**variables))
    assert sts.count() == 2
    assert not (home.path / ".local/state/credhelper/key").exists() or note == "file"


@pytest.mark.parametrize("command", [("status",), ("key", "show"), ("profile", "list"), ("log",), ("profile", "check")])
def test_looking_creates_nothing(home: Home, command: tuple[str, ...]) -> None:
    before = sorted(home.path.rglob("*"))
    home.run(*command)
    assert sorted(home.path.rglob("*")) == before


@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize("mode", [0o666, 0o660])
def test_file_that_others_may_write_to_is_neither_obeyed_nor_edited(home: Home, name: str, mode: int) -> None:
    witness = home.path / "witness"
    with home.config.open("a") as file:
        file.write(f"[profile eve]\ncredential_process = /usr/bin/touch {witness}\n\n")
    home.add_role("through-eve", source="eve")
    (home.aws / name).chmod(mode)
    for command in (home.line("through-eve"), home.line()):
        text = error(home.start(command, {}), 3)
        assert f"{home.aws / name} is not read" in text
        assert "chmod go-w" in text
        assert "trusted-directories" in text
    assert not witness.exists()
    checked = home.run("profile", "check")
    assert checked.returncode == 1
    assert str(home.aws / name).encode() in checked.stdout
    assert b"open-to-others" in checked.stdout
    if name == "config":
        before = home.config.read_bytes()
        assert b"others may write" in home.run("profile", "set", "prod-s3", "--region", "eu-west-1").stderr
        assert home.config.read_bytes() == before


@needs_root
def test_root_with_the_home_of_another_runs_and_leaves_nothing_there(home: Home, sts: FakeSts) -> None:
    for place in (home.path, *home.path.rglob("*")):
        os.chown(place, EVE, EVE)
    before = sorted(home.path.rglob("*"))
    assert "without sudo" in error(home.get(), 3)
    for command in (
        ("status",),
        ("login", "prod-s3"),
        ("exec", "prod-s3", "--", "true"),
        ("logout", "--all"),
        ("profile", "set", "prod-s3", "--region", "eu-west-1"),
        ("profile", "undo"),
        ("key", "move", "file"),
        ("key", "rotate"),
        ("key", "destroy"),
    ):
        home.run(*command)
    assert sorted(home.path.rglob("*")) == before
    assert {path.stat().st_uid for path in (home.path, *before)} == {EVE}
    assert sts.count() == 0


@needs_root
def test_files_mounted_into_roots_own_home_are_read(home: Home) -> None:
    for place in (home.aws, *home.aws.iterdir()):
        os.chown(place, EVE, EVE)
    key_id(home.get())


@needs_root
def test_cache_behind_a_link_in_the_directory_of_another_is_not_used(home: Home, tmp_path: Path) -> None:
    theirs, mine = tmp_path / "eve", tmp_path / "mine"
    mine.mkdir(mode=0o700)
    theirs.mkdir(mode=0o755)
    (theirs / "cache").symlink_to(mine)
    os.chown(theirs, EVE, EVE)
    key_id(home.get(XDG_CACHE_HOME=str(theirs / "cache")))
    assert list(mine.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "mode", "cure"),
    [(".", 0o777, b"chmod go-w "), (".cache", 0o777, b"chmod go-w "), (".cache", None, b"XDG_CACHE_HOME")],
)
def test_login_says_that_nothing_is_kept_and_what_to_do(home: Home, place: str, mode: int | None, cure: bytes) -> None:
    target = home.path / place
    if mode is None:
        target.write_text("a file where the directory should be")
    else:
        target.mkdir(exist_ok=True)
        target.chmod(mode)
        listed = Path(choices_dir(str(home.path)), "trusted-directories")
        listed.write_text(str(home.path))
        listed.chmod(0o600)
    done = home.run("login", "prod-s3")
    assert (done.returncode, done.stdout.count(b"until")) == (0, 1)
    assert b"not cached" in done.stderr
    assert os.fsencode(os.path.normpath(target)) in done.stderr
    assert cure in done.stderr
    assert cure in home.run("status").stdout


def test_login_says_how_to_have_a_key_where_no_store_holds_one(home: Home) -> None:
    Path(choices_dir(str(home.path)), "key-store").write_text("keyring:kwallet")
    done = home.run("login", "prod-s3")
    assert done.returncode == 0
    assert b"credhelper key move file" in done.stderr
    assert b"credhelper key move file" in home.run("status").stdout
    assert home.run("key", "move", "file").returncode == 0
    done = home.run("login", "prod-s3")
    assert (done.returncode, done.stderr) == (0, b"")


def test_store_that_is_no_variables_choice_is_named_by_status(home: Home) -> None:
    shown = home.run("status", CREDHELPER_KEY_STORE="keyring:kwallet").stdout
    assert b"CREDHELPER_KEY_STORE=keyring:kwallet is ignored" in shown
    assert b"ignored" not in home.run("status", CREDHELPER_KEY_STORE="file").stdout


def test_entries_of_another_system_are_not_to_be_removed(home: Home) -> None:
    key_id(home.get())
    (home.path / ".local/state/credhelper/key").unlink()
    shown = home.run("status").stdout
    assert b"1 more cannot be decrypted" in shown
    assert b"key move file" in shown
    assert b"logout" not in shown
