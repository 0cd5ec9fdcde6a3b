"""The master key: made once, found wherever it lies, refused unless it is private and whole."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from credhelper.keystores import master_key, stores
from credhelper.keystores.base import Vault
from credhelper.keystores.stores import FileStore
from credhelper.settings import Settings, from_environment
from credhelper.system import mounts
from fakes.key_note import choose_store

KEY = bytes(range(32))


def file_store(directory: Path) -> FileStore:
    return FileStore("file", str(directory / "state"), "a test's")


def test_key_is_made_once_and_found_again(own: Settings) -> None:
    first = master_key.find_or_create(own)
    again = master_key.find_or_create(own)
    assert first is not None
    assert again is not None
    assert first[1] == again[1]
    assert len(first[1]) == 32


def test_key_comes_from_the_random_source(own: Settings) -> None:
    found = master_key.find_or_create(own, random=lambda size: b"r" * size)
    assert found is not None
    assert found[1] == b"r" * 32


RUNTIME_DIR = f"/run/user/{os.geteuid()}"
WITHOUT_NOTE = ["kernel", "runtime", "shm"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's stores")
@pytest.mark.parametrize(
    ("note", "variable", "expected"),
    [
        ("", "", WITHOUT_NOTE),
        ("", "auto", WITHOUT_NOTE),
        ("", "kernel", ["kernel"]),
        ("", "runtime", ["runtime"]),
        ("", "shm", ["shm"]),
        ("", "file", WITHOUT_NOTE),  # weaker, and no note says so
        ("", "keyring:SecretService", WITHOUT_NOTE),  # DBUS_SESSION_BUS_ADDRESS would choose who keeps it
        ("file", "", ["file"]),
        ("file", "file", ["file"]),
        ("file", "kernel", ["kernel"]),
        ("file", "keyring:kwallet", ["file"]),
        ("keyring:kwallet", "", ["keyring:kwallet"]),
        ("keyring:kwallet", "file", ["keyring:kwallet"]),
        ("keyring:evil", "", WITHOUT_NOTE),
        ("kernel", "", WITHOUT_NOTE),
        ("auto", "file", WITHOUT_NOTE),
    ],
)
def test_weaker_store_is_used_only_where_a_note_below_home_says_so(
    tmp_path: Path, note: str, variable: str, expected: list[str]
) -> None:
    if note:
        choose_store(tmp_path, note)
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": RUNTIME_DIR, "XDG_STATE_HOME": str(tmp_path / "project")}
    own = from_environment({**environ, **({"CREDHELPER_KEY_STORE": variable} if variable else {})})
    assert [store.name for store in stores.chosen(own)] == expected
    assert stores.is_ignored(own, stores.noted_store(own)) == (
        variable not in ("", "auto", *WITHOUT_NOTE) and variable != note
    )


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's stores")
@pytest.mark.parametrize("path", ["", "run", "/tmp/project", "/run/user/1", RUNTIME_DIR + "/", RUNTIME_DIR + "/x"])
def test_runtime_directory_is_the_one_the_system_made(path: str) -> None:
    assert from_environment({"HOME": "/h", "XDG_RUNTIME_DIR": path}).runtime_dir is None


@pytest.mark.parametrize("planted", ["link", "0777", "foreign"])
def test_directory_of_another_in_shared_memory_is_neither_read_nor_written(tmp_path: Path, planted: str) -> None:
    directory, elsewhere = tmp_path / "credhelper-1", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    assert FileStore("shm", str(elsewhere), "a test's").save(KEY)
    if planted == "link":
        directory.symlink_to(elsewhere)
        others = []
    else:
        elsewhere.rename(directory)
        others = [directory, directory / "key"]
    if planted == "0777":
        directory.chmod(0o777)
    if planted == "foreign":
        if os.geteuid() != 0:
            pytest.skip("only root can give a directory away")
        for path in others:
            os.chown(path, 12345, 12345)
    store = FileStore("shm", str(directory), "a test's")
    assert store.load() is None
    assert planted == "link" or not store.save(b"x" * 32)


def test_key_that_is_to_be_in_memory_is_never_put_on_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = iter(["ext4", "", "overlay", "tmpfs"])
    monkeypatch.setattr(mounts, "kind_of", lambda _path: next(kinds))
    store = FileStore("shm", str(tmp_path / "credhelper-1"), "a test's", in_memory=str(tmp_path))
    assert [store.save(KEY) for _ in range(4)] == [False, False, False, True]


def test_stores_that_cannot_hold_a_key_make_none_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full keyring, a container without one: the key does not go to disk unasked."""

    def refuse() -> Vault:
        raise OSError(errno.EDQUOT, "the quota is used up")

    monkeypatch.setattr(stores, "_open_kernel", refuse)
    monkeypatch.setattr(stores, "SHARED_MEMORY", str(tmp_path / "none"))
    home = tmp_path / "another"
    assert master_key.find_or_create(from_environment({"HOME": str(home)})) is None
    assert not home.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the system calls are Linux's")
@pytest.mark.parametrize("way", ["_by_the_engine", "_by_ctypes"])
def test_both_ways_to_a_system_call_agree(way: str) -> None:
    from credhelper.system import syscall

    call, byte, last_errno = getattr(syscall, way)()
    getcwd = {"x86_64": 79, "aarch64": 17}.get(os.uname().machine)
    if getcwd is None:
        pytest.skip("no system call number for this machine here")
    buffer = (byte * 4096)()
    size = call(getcwd, buffer, 4096)
    assert bytes(buffer)[: size - 1] == os.getcwdb()
    assert call(getcwd, buffer, 1) == -1
    assert last_errno() == errno.ERANGE


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel keyring is Linux's")
def test_kernel_keyring_keeps_replaces_and_forgets_a_key() -> None:
    from credhelper.keystores.kernel import KernelKeyring, KernelKeyringError

    keyring = KernelKeyring(b"credhelper:test:%d" % os.getpid())
    try:
        keyring.write(KEY)
    except KernelKeyringError as error:
        pytest.skip(f"no kernel keyring here: {error}")
    try:
        assert keyring.read(32) == KEY
        keyring.write(b"z" * 32)
        assert keyring.read(32) == b"z" * 32
        with pytest.raises(KernelKeyringError):
            keyring.read(16)
    finally:
        keyring.delete()
    with pytest.raises(KernelKeyringError):
        keyring.read(32)
    keyring.delete()


def test_kernel_keyring_does_not_load_the_whole_of_ctypes() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "from credhelper.keystores.kernel import KernelKeyring; KernelKeyring(b'credhelper:test:imports')\n"
        "print('ctypes' in sys.modules)"
    )
    root = Path(stores.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(root)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


class FakeStore:
    """A store that answers, or not."""

    def __init__(self, name: str, *, silent: bool = False) -> None:
        self.name = name
        self.key: bytes | None = None
        self._is_silent = silent

    def describe(self) -> str:
        return self.name

    def load(self) -> bytes | None:
        return self.key

    def save(self, key: bytes) -> bool:
        self.key = None if self._is_silent else key
        return not self._is_silent

    def delete(self) -> None:
        self.key = None

    def is_silent(self) -> bool:
        return self._is_silent

    def is_possible(self) -> bool:
        return True


def test_no_key_is_made_in_a_weaker_place_while_a_better_one_is_silent(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker = FakeStore("file")
    monkeypatch.setattr(stores, "chosen", lambda _own: iter([FakeStore("keychain", silent=True), weaker]))
    assert master_key.find_or_create(own) is None
    assert weaker.key is None
    weaker.key = KEY
    assert master_key.find_or_create(own) == (weaker, KEY)
