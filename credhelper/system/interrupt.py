"""What Ctrl-C does to this process: it ends, or it raises KeyboardInterrupt for those who have something to put back.

Through `_signal`, which the interpreter has loaded: `signal` brings `enum`, at a fifth of a hit. A process that was
started with SIGINT ignored (nohup, a shell's background job) goes on ignoring it.
"""

import _signal  # type: ignore[import-not-found]  # typeshed has `signal` only
import os

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from typing import NoReturn

_raised: list[int] = []


def ends() -> None:
    """Have Ctrl-C end this process at once, as any program in C: no traceback, and the shell sees the signal."""
    if _signal.getsignal(_signal.SIGINT) in (_signal.default_int_handler, _raise):
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def raises() -> None:
    """Have Ctrl-C raise KeyboardInterrupt: a terminal gets its echo back, a program that was started is ended."""
    if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGINT, _raise)


def _raise(number: int, _frame: object) -> None:
    _raised.append(number)
    raise KeyboardInterrupt


def was_raised() -> bool:
    """Tell whether KeyboardInterrupt was raised: libraries, and Python's own classes, make other errors of it."""
    return bool(_raised)


def end() -> "NoReturn":
    """End by the signal that was raised, so that the caller sees what it was."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    os.kill(os.getpid(), _signal.SIGINT)
    os._exit(130)
