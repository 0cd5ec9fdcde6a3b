"""Try a lock between processes, without waiting for it: flock(2), or the first byte of the file on Windows.

Not through filelock, which is for locks that are waited for: importing it costs a miss a fifth of its time, and
hundreds of waiters try many times a second. The kernel frees these locks when their holder dies, so none is ever stale.
"""

import errno
import os
import sys

from credhelper.system import files

# The lock that the file system was asked for and has not answered about: where its server is gone, it never does.
_asked: list[str] = []
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def take(path: str, *, create: bool = True) -> int:
    """Return a descriptor that holds the lock until it is closed; its file is never removed.

    Raises BlockingIOError while another process holds it, OSError where it cannot be locked (a read-only
    directory, a FIFO or symlink in its place, a file system without locks).
    """
    fd = os.open(path, _FLAGS | (os.O_CREAT if create else 0), 0o600)
    try:
        if create:
            files.give_back_mode(fd)
        _asked.append(path)
        try:
            _lock(fd)
        finally:
            _asked.clear()
    except BaseException:
        release(fd)
        raise
    return fd


def _lock(fd: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:  # EACCES is its word for "held by another"
            raise BlockingIOError(errno.EAGAIN, "held by another process") from error
    else:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unanswered() -> str:
    """Return the lock that this process is waiting to hear of from the file system, "" for none."""
    return _asked[0] if _asked else ""


def touch(path: str) -> None:
    """Set the file's time to now: a sign of life of its holder; raises OSError."""
    os.utime(path, follow_symlinks=os.utime not in os.supports_follow_symlinks)  # Windows can only follow


def release(fd: int) -> None:
    """Release the lock; a file system that reports an error now (EIO) must not cost what was done under it."""
    try:
        os.close(fd)
    except OSError:
        return
