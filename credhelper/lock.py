"""Locks between processes: filelock with our policy, and single flight over them.

The kernel frees these locks when their holder dies, so none is ever stale; `heartbeat` tells one that is stopped.
"""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import filelock

from credhelper import fsio
from credhelper.deadline import Deadline
from credhelper.heartbeat import Listener, beating

T = TypeVar("T")

# Measured with 500 waiters behind a 300 ms leader (docs/performance.md): looking at the result every 20 ms without
# the lock answers all of them in 0.5 s; polling the lock itself takes 1.9 s at 50 ms and 2.8 s at 10 ms.
_LOOK_EVERY_S = 0.02
# Five hundred that look this often take the processor from the one they wait for: the longer they wait, the rarer.
_SLOWER = 1.2
_LOOK_AT_LEAST_EVERY_S = 0.1
_SPARE = ".spare"


class LockTimeoutError(Exception):
    """Another process held the lock until our deadline."""


def _file_lock(path: str) -> filelock.BaseFileLock:
    # The lock's directory is made private first: filelock would create it 0755.
    fsio.make_private_directory(os.path.dirname(path))
    # fallback_to_soft=False: where flock is missing an existence lock would survive a SIGKILL and need a human.
    # preserve_lock_file=True: unlinking a lock that others wait on lets two of them in.
    return filelock.FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)


@contextlib.contextmanager
def hold(path: str, timeout_s: float) -> Iterator[None]:
    """Hold the lock at `path` for the block, waiting at most `timeout_s` seconds; raises LockTimeoutError, OSError."""
    lock = _file_lock(path)
    try:
        lock.acquire(timeout=timeout_s)
    except filelock.Timeout:
        raise LockTimeoutError(path) from None
    try:
        yield
    finally:
        _release(lock)


def single_flight(
    path: str,
    lead: Callable[[], T],
    follow: Callable[[], T | None],
    deadline: Deadline,
    *,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> T:
    """Return what `lead` returns under the lock at `path`, or what `follow` finds while another process leads.

    Waiters never queue for the lock: they look for the leader's result without it, and try the lock again between two
    looks, so that a leader that is killed is replaced within one look. One that is stopped and goes on holding the
    lock is replaced by whoever gets the spare lock. A lock that cannot be had at all (a read-only directory, a file
    system without locks) costs the single flight, never the answer. Raises LockTimeoutError.
    """
    try:
        lock, listener = _file_lock(path), Listener(path)
    except OSError:
        return lead()
    pause_s = _LOOK_EVERY_S
    while True:
        with contextlib.ExitStack() as held:
            if _try_to_hold(lock, held):
                return lead()
        answer = follow()
        if answer is not None:
            return answer
        if deadline.has_passed():
            raise LockTimeoutError(path)
        if listener.is_silent(time.monotonic()):
            path += _SPARE  # and one more where that one's holder is stopped, too
            return single_flight(path, lead, follow, deadline, sleep=sleep, jitter=jitter)
        sleep(pause_s * (0.5 + jitter()))
        pause_s = min(pause_s * _SLOWER, _LOOK_AT_LEAST_EVERY_S)


def _try_to_hold(lock: filelock.BaseFileLock, held: contextlib.ExitStack) -> bool:
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return False
    except OSError:
        return True
    held.callback(_release, lock)
    held.enter_context(beating(lock.lock_file))
    return True


def _release(lock: filelock.BaseFileLock) -> None:
    """Let the lock go; a file system that reports an error now (EIO, ENOLCK) must not cost what was done under it.

    The kernel frees the lock with the process at the latest.
    """
    with contextlib.suppress(OSError):
        lock.release()
