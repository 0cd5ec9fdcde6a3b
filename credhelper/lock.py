"""Locks between processes: filelock with our policy. The kernel frees them on death, so none is ever stale."""

import contextlib
import os
from collections.abc import Iterator

import filelock

from credhelper import fsio


class LockTimeoutError(Exception):
    """Another process held the lock until our deadline."""


def _file_lock(path: str, timeout_s: float) -> filelock.BaseFileLock:
    # fallback_to_soft=False: where flock is missing an existence lock would survive a SIGKILL and need a human.
    # preserve_lock_file=True: unlinking a lock that others wait on lets two of them in.
    return filelock.FileLock(
        path, timeout=timeout_s, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True
    )


@contextlib.contextmanager
def hold(path: str, timeout_s: float) -> Iterator[None]:
    """Hold the lock at `path` for the block, waiting at most `timeout_s` seconds for it.

    The lock's directory is made private first: filelock would create it 0755. Raises LockTimeoutError, OSError.
    """
    fsio.make_private_directory(os.path.dirname(path))
    lock = _file_lock(path, timeout_s)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise LockTimeoutError(path) from None
    try:
        yield
    finally:
        lock.release()
