"""Single flight: one process asks, the others that want the same look for its answer.

Every lock here is an optimisation: one that cannot be taken costs a call to AWS, never the answer.
"""

import os
import sys
import time

from credhelper.provider.heartbeat import Listener, beating, mark
from credhelper.system import ownership, trylock
from credhelper.system.deadline import Deadline

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

# Measured with 500 waiters behind a 300 ms leader (docs/reliability.md): looking at the result every 20 ms without
# the lock answers all of them in 0.5 s; polling the lock itself takes 1.9 s at 50 ms and 2.8 s at 10 ms.
_LOOK_EVERY_S = 0.02
# Five hundred that look this often take the processor from the one they wait for: the longer they wait, the rarer.
_SLOWER = 1.2
_LOOK_AT_LEAST_EVERY_S = 0.1
_SPARE = ".spare"
_NO_LOCK = -1
# Of the wait: who was woken that late in all had no turn on the processor, and nor had the one that leads.
_BUSY_SHARE = 0.25


class FlightTimeoutError(Exception):
    """Another process led until our deadline.

    `is_busy`: it was not waiting for what is outside, and the machine had more to do than it has processors for.
    """

    def __init__(self, path: str, *, is_busy: bool) -> None:
        super().__init__(path)
        self.is_busy = is_busy


def jitter_of_system() -> float:
    """Return a number from 0 up to 1; the module `random` would cost a process that waits a fifth of its time."""
    return int.from_bytes(os.urandom(2), "big") / 0x10000


def single_flight(
    path: str,
    lead: "Callable[[], T]",
    follow: "Callable[[], T | None]",
    deadline: Deadline,
    *,
    sleep: "Callable[[float], None]" = time.sleep,
    jitter: "Callable[[], float]" = jitter_of_system,
) -> "T":
    """Return what `lead` returns under the lock at `path`, or what `follow` finds while another process leads.

    Waiters never queue for the lock: they look for the leader's result without it, and try the lock again between two
    looks, so that a leader that is killed is replaced within one look. One that is stopped and goes on holding the
    lock is replaced by the one that gets the spare lock. A lock that cannot be taken at all (a read-only directory, a
    file system without locks) costs the single flight, never the answer. Raises FlightTimeoutError.
    """
    listener = Listener(path)
    pause_s = _LOOK_EVERY_S
    began_s, late_s = time.monotonic(), 0.0
    while True:
        fd = _take(path)
        if fd is not None:
            return _lead(path, fd, lead, deadline)
        answer = follow()
        if answer is None:
            asked_s, slept_s = time.monotonic(), min(pause_s * (0.5 + jitter()), deadline.left_s())
            if listener.is_outside:
                with deadline:
                    sleep(slept_s)
            else:
                sleep(slept_s)
            late_s += time.monotonic() - asked_s - slept_s
            answer = follow()  # before the lock is tried: hundreds would take it in turns, only to find the answer
        if answer is not None:
            return answer
        if deadline.has_passed():
            is_late = late_s >= _BUSY_SHARE * (time.monotonic() - began_s)
            raise FlightTimeoutError(path, is_busy=deadline.was_spent_here() and (is_late or _is_overloaded()))
        pause_s = min(pause_s * _SLOWER, _LOOK_AT_LEAST_EVERY_S)
        if listener.is_silent(time.monotonic()):
            path += _SPARE  # and one more where that one's holder is stopped, too
            listener = Listener(path)


def _is_overloaded() -> bool:
    """Tell whether more processes want to run than there are processors, by the last minute's load average."""
    if sys.platform == "win32":
        return False
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except OSError:
        return False


def _take(path: str) -> int | None:
    """Return a descriptor that holds the lock, _NO_LOCK where there is none, None if another has it."""
    try:
        try:
            return trylock.take(path)
        except FileNotFoundError:
            ownership.make_private_directory(os.path.dirname(path))
            return trylock.take(path)
    except BlockingIOError:
        return None
    except OSError:
        return _NO_LOCK


def _lead(path: str, fd: int, lead: "Callable[[], T]", deadline: Deadline) -> "T":
    if fd == _NO_LOCK:
        return lead()

    def tell(*, is_outside: bool) -> None:
        mark(fd, is_outside=is_outside)

    tell(is_outside=False)  # one that was killed may have left its mark
    deadline.tell.append(tell)
    try:
        with beating(path):
            return lead()
    finally:
        deadline.tell.remove(tell)
        trylock.release(fd)
