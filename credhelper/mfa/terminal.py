"""A one-time code typed at the terminal: never from stdin, never echoed."""

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

from credhelper.errors import PROFILE, CredhelperError, MfaError
from credhelper.mfa.digits import checked
from credhelper.model.code_errors import NoTerminalError
from credhelper.model.printable import one_line

TERMINAL = "/dev/tty"
_POLL_S = 0.05


def ask(prompt: str, *, timeout_s: float, terminal: str = TERMINAL) -> str:
    """Show `prompt` at the terminal and return the six digits typed there, without echo.

    stdin, stdout and stderr are not touched: they belong to the SDK that started us. The terminal is always restored
    afterwards. Raises MfaError: no terminal, cancelled, too late, or not six digits.
    """
    try:
        typed = _ask(one_line(prompt) + " ", time.monotonic() + timeout_s, terminal)
    except KeyboardInterrupt:
        typed = ""
    if not typed.strip():
        raise MfaError("the one-time code was cancelled", hint=f"try again: credhelper login {PROFILE}")
    return checked(typed, "what was typed")


def is_there(terminal: str = TERMINAL) -> bool:
    """Tell whether `ask` would have a terminal to ask at."""
    try:
        os.close(_open_terminal(terminal))
    except NoTerminalError:
        return False
    return True


def tell(text: str, terminal: str = TERMINAL) -> None:
    """Show a line at the terminal, before the next question; where there is none, or it is gone, nothing is shown."""
    try:
        fd = _open_terminal(terminal)
    except NoTerminalError:
        return
    try:
        _show(fd, one_line(text) + "\n")
    except OSError:
        return
    finally:
        os.close(fd)


def _no_terminal() -> CredhelperError:
    return NoTerminalError(
        "a one-time code is needed and there is no terminal to ask at",
        hint=f"run in a terminal: credhelper login {PROFILE}",
    )


def _too_late() -> CredhelperError:
    return MfaError("no one-time code was given in time", hint=f"try again: credhelper login {PROFILE}")


if sys.platform == "win32":
    import msvcrt

    def _ask(prompt: str, end_s: float, terminal: str) -> str:
        """Read keys from the console itself: msvcrt opens CONIN$ and CONOUT$ even when stdin is redirected."""
        fd = _open_terminal(terminal)
        _show(fd, prompt)
        try:
            return _keys(end_s)
        finally:
            _show(fd, "\n")
            os.close(fd)

    def _open_terminal(terminal: str) -> int:
        try:
            return os.open("CONIN$" if terminal == TERMINAL else terminal, os.O_RDWR)
        except OSError:
            raise _no_terminal() from None

    def _show(_fd: int, text: str) -> None:
        for character in text.replace("\n", "\r\n"):
            msvcrt.putwch(character)

    def _keys(end_s: float) -> str:
        typed = ""
        while time.monotonic() < end_s:
            if not msvcrt.kbhit():
                time.sleep(_POLL_S)
                continue
            key = msvcrt.getwch()
            if key in "\r\n":
                return typed
            if key == "\x03":
                raise KeyboardInterrupt
            typed = typed[:-1] if key == "\b" else typed + key
        raise _too_late()

else:
    import termios

    # The user ends or stops a terminal program with these; each would leave the echo off.
    _ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGQUIT)

    class _Ended(BaseException):
        """A signal came while the echo was off; it is delivered again once the echo is back."""

        def __init__(self, number: int) -> None:
            super().__init__(number)
            self.number = number

    def _ask(prompt: str, end_s: float, terminal: str) -> str:
        fd = _open_terminal(terminal)
        try:
            with _signals_raised():
                return _ask_without_echo(fd, prompt, end_s)
        except _Ended as ended:
            os.kill(os.getpid(), ended.number)
            raise _no_terminal() from None
        finally:
            os.close(fd)

    def _open_terminal(terminal: str) -> int:
        try:
            fd = os.open(terminal, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            raise _no_terminal() from None
        if not os.isatty(fd) or not _is_foreground(fd):
            os.close(fd)
            raise _no_terminal()
        return fd

    def _show(fd: int, text: str) -> None:
        os.write(fd, text.encode("utf-8"))

    def _is_foreground(fd: int) -> bool:
        """Tell whether we may read here: in the background the kernel would stop us at the first byte."""
        try:
            return os.tcgetpgrp(fd) == os.getpgrp()
        except OSError:
            return False

    def _ask_without_echo(fd: int, prompt: str, end_s: float) -> str:
        before = termios.tcgetattr(fd)
        silent = list(before)
        silent[3] = (silent[3] & ~termios.ECHO) | termios.ICANON | termios.ISIG
        try:
            # FLUSH: what was typed before the question was not an answer to it.
            termios.tcsetattr(fd, termios.TCSAFLUSH, silent)
            _show(fd, prompt)
            return _read_line(fd, end_s)
        finally:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
            os.write(fd, b"\n")

    def _read_line(fd: int, end_s: float) -> str:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, selectors.EVENT_READ)
            if not selector.select(max(0.0, end_s - time.monotonic())):
                raise _too_late()
        return os.read(fd, 256).decode("utf-8", "replace")

    @contextlib.contextmanager
    def _signals_raised() -> Iterator[None]:
        def end(number: int, _frame: FrameType | None) -> None:
            raise _Ended(number)

        try:
            before = {number: signal.signal(number, end) for number in _ENDINGS}
        except ValueError:  # not the main thread: signals go there
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
