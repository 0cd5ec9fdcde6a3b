"""A lock that is tried: one holder, no wait, and a trap in its place is an error, never a victim."""

import os
import sys
import types
from pathlib import Path

import pytest

from credhelper.system import trylock
from credhelper.system.lock import LockTimeoutError, hold


def test_lock_has_one_holder_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    fd = trylock.take(path)
    for _ in range(3):
        with pytest.raises(BlockingIOError):
            trylock.take(path)
    trylock.release(fd)
    trylock.release(trylock.take(path))
    assert os.path.exists(path)


def test_lock_is_the_one_that_filelock_takes(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    with hold(path, 1), pytest.raises(BlockingIOError):
        trylock.take(path)
    fd = trylock.take(path)
    with pytest.raises(LockTimeoutError), hold(path, 0):
        pass
    trylock.release(fd)


def test_failed_try_leaves_no_descriptor_open(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    fd = trylock.take(path)
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(BlockingIOError):
        trylock.take(path)
    assert len(os.listdir("/dev/fd")) == before
    trylock.release(fd)


def test_looking_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        trylock.take(str(tmp_path / "a.lock"), create=False)
    assert not (tmp_path / "a.lock").exists()


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_lock_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "a.lock"
    previous = os.umask(umask)
    try:
        trylock.release(trylock.take(str(path)))
    finally:
        os.umask(previous)
    assert path.stat().st_mode & 0o777 == 0o600


def test_symlink_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError):  # noqa: PT011 - ELOOP on Linux, EMLINK on FreeBSD
        trylock.take(str(tmp_path / "a.lock"))
    assert not (tmp_path / "victim").exists()


def test_windows_word_for_held_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faithful fake of the call: msvcrt.locking raises PermissionError while another process has the byte."""
    held: set[str] = set()

    def locking(fd: int, mode: int, size: int) -> None:
        assert (mode, size) == (3, 1)
        name = os.readlink(f"/proc/self/fd/{fd}")
        if name in held:
            raise PermissionError(13, "Permission denied")
        held.add(name)

    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=3))
    monkeypatch.setattr(sys, "platform", "win32")
    path = str(tmp_path / "a.lock")
    trylock.release(trylock.take(path))
    with pytest.raises(BlockingIOError):
        trylock.take(path)
