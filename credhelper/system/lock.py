"""Locks that are waited for, between processes: filelock with our policy.

The kernel frees them when their holder dies, so none is ever stale.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator

import filelock

from credhelper.model.shell import word
from credhelper.system import deadline, ownership

# For an attempt to come back that waits by itself.
_GRACE_S = 2.0

# What a file system says that has no locks.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EOPNOTSUPP)


class LockTimeoutError(Exception):
    """Another process held the lock until our deadline."""


@contextlib.contextmanager
def hold(path: str, timeout_s: float) -> Iterator[None]:
    """Hold the lock at `path` for the block, waiting at most `timeout_s` seconds; raises LockTimeoutError, OSError.

    On a network file system without a lock manager the attempt itself never returns: that is an OSError (ENOLCK) soon
    after.
    """
    # The lock's directory is made private first: filelock would create it 0755.
    ownership.make_private_directory(os.path.dirname(path))
    # fallback_to_soft=False: where flock is missing an existence lock would survive a SIGKILL and need a human.
    # preserve_lock_file=True: unlinking a lock that others wait on lets two of them in.
    lock = filelock.FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
    try:
        deadline.call(f"the lock {path}", lambda: lock.acquire(timeout=timeout_s), timeout_s + _GRACE_S)
    except filelock.Timeout:
        raise LockTimeoutError(path) from None
    except TimeoutError as error:
        raise OSError(errno.ENOLCK, "the file system does not answer when it is asked for a lock", path) from error
    try:
        yield
    finally:
        # A file system that reports an error now (EIO, ENOLCK) must not cost what was done under the lock; the kernel
        # frees it with the process at the latest.
        with contextlib.suppress(OSError):
            lock.release()


def cure(error: OSError, path: str, variable: str) -> str:
    """Return the command that makes the lock at `path` possible after `hold` raised `error`.

    `variable` names the directory that it is in, where the system has such a variable.
    """
    has_xdg = sys.platform not in ("darwin", "win32")
    if error.errno in _NO_LOCKS and has_xdg:
        return f"keep the lock on a local disk: export {variable}=/path/on/a/local/disk"
    place = str(error.filename or os.path.dirname(path))
    while not os.path.lexists(place) and place != os.path.dirname(place):
        place = os.path.dirname(place)
    if ownership.is_left_by_sudo(place):
        return f"sudo chown -R $(id -u) {word(place)}"
    return _cure_of(place)


def _cure_of(place: str) -> str:
    shown = f"ls -ld {word(place)}"
    if sys.platform == "win32":
        return shown
    try:
        status = os.stat(place)
    except OSError:
        return shown
    if ownership.belongs_to_another(status, os.geteuid()):
        owner = _name_of(status.st_uid)
        return f"these files belong to {owner}: run it {'without sudo, ' if os.geteuid() == 0 else ''}as {owner}"
    return f"chmod go-w {word(place)}" if ownership.is_open_to_others(status, place) else shown


def _name_of(uid: int) -> str:
    if sys.platform == "win32":
        return str(uid)
    import pwd  # only a refusal needs it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
