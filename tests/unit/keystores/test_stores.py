"""What every store of the master key promises, and in which order they are looked in."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.keystores.base import KeyStore, Vault
from credhelper.keystores.stores import FileStore, VaultStore
from fakes import canary
from fakes.vaults import VAULTS, SilentVault

KEY = bytes(range(32))


@pytest.fixture(params=[*VAULTS, "file"])
def key_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    """Every store there is."""
    canary.register(KEY)
    made: KeyStore
    if request.param == "file":
        made = FileStore("file", str(tmp_path / "files"), "a test's")
    else:
        opened = VAULTS[request.param](tmp_path)
        made = VaultStore(request.param, "a test's", lambda: opened, 5)
    yield made
    made.delete()


def test_store_keeps_replaces_and_forgets(key_store: KeyStore) -> None:
    assert key_store.load() is None
    for key in (KEY, b"z" * 32):
        assert key_store.save(key)
        assert key_store.load() == key
    key_store.delete()
    assert key_store.load() is None
    key_store.delete()
    assert not key_store.is_silent()
    assert key_store.describe()


def test_key_of_another_length_in_a_store_is_no_key(key_store: KeyStore) -> None:
    for size in (0, 31, 33):
        key_store.save(b"x" * size)
        assert key_store.load() is None


def test_store_over_a_vault_that_fails_has_no_key() -> None:
    def refuse() -> Vault:
        raise OSError("locked")

    store = VaultStore("x", "nowhere", refuse)
    assert store.load() is None
    assert not store.save(KEY)


def test_vault_that_never_answers_is_asked_once_and_has_no_key() -> None:
    silent = SilentVault()
    store = VaultStore(f"silent-{os.getpid()}", "a silent service", lambda: silent, 0.1)
    for _ in range(3):
        assert store.load() is None
        assert not store.save(KEY)
    assert silent.questions == 1
    assert store.is_silent()
    with pytest.raises(OSError, match="no answer"):
        store.delete()


def file_store(directory: Path) -> FileStore:
    return FileStore("file", str(directory / "state"), "a test's")


def test_key_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    for umask in (0o000, 0o777):
        previous = os.umask(umask)
        try:
            store = file_store(tmp_path / oct(umask))
            assert store.save(KEY)
        finally:
            os.umask(previous)
        assert os.stat(store.path).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(store.path)).st_mode & 0o777 == 0o700
        assert store.load() == KEY


@pytest.mark.parametrize("content", [b"", KEY[:31], KEY + b"x"])
def test_key_of_another_length_is_no_key(tmp_path: Path, content: bytes) -> None:
    store = file_store(tmp_path)
    assert store.save(KEY)
    Path(store.path).write_bytes(content)
    assert store.load() is None


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602])
def test_key_others_may_touch_is_no_key(tmp_path: Path, mode: int) -> None:
    store = file_store(tmp_path)
    assert store.save(KEY)
    os.chmod(store.path, mode)
    assert store.load() is None


def test_key_behind_a_symlink_or_a_hard_link_is_no_key(tmp_path: Path) -> None:
    store = file_store(tmp_path)
    assert store.save(KEY)
    os.link(store.path, tmp_path / "second-name")
    assert store.load() is None
    os.unlink(store.path)
    os.symlink(tmp_path / "second-name", store.path)
    assert store.load() is None


def test_fifo_in_the_key_files_place_neither_hangs_nor_counts(tmp_path: Path) -> None:
    store = file_store(tmp_path)
    os.mkdir(tmp_path / "state", 0o700)
    os.mkfifo(store.path, 0o600)
    assert store.load() is None


def test_store_that_cannot_hold_a_key_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    assert not file_store(tmp_path).save(KEY)
