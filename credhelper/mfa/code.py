"""One-time codes: from a person at the terminal, or from a program. Never from stdin, never in argv, never echoed."""

import contextlib
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Protocol

from credhelper.errors import CredhelperError, InputError, MfaError
from credhelper.model.printable import clause, one_line

TERMINAL = "/dev/tty"
# Fixed: a PATH that holds the caller's project directory would let that project run as the code's source.
PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin"
_OUTPUT_LIMIT = 4096
_POLL_S = 0.05
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


class RoleProfile(Protocol):
    """What we need to know of a profile of ours."""

    @property
    def name(self) -> str:
        """The profile's name."""

    @property
    def mfa_serial(self) -> str | None:
        """The device AWS checks the code against."""

    @property
    def mfa_process(self) -> str | None:
        """The command line of a program that prints a code."""


def token_code(profile: RoleProfile, *, timeout_s: float) -> str:
    """Return a code for this profile, from its program if it has one, else from the person at the terminal."""
    serial = profile.mfa_serial or ""
    if profile.mfa_process:
        return run_mfa_process(profile.mfa_process, serial, profile.name, timeout_s=timeout_s)
    return prompt_token(serial, profile.name, timeout_s=timeout_s)


def prompt_token(serial: str, profile: str, *, timeout_s: float, terminal: str = TERMINAL) -> str:
    """Ask at the terminal for the code of `serial`; raises MfaError as `ask` does."""
    with _naming(profile):
        return ask(f"MFA code for {serial} (profile {profile}): ", timeout_s=timeout_s, terminal=terminal)


def ask(prompt: str, *, timeout_s: float, terminal: str = TERMINAL) -> str:
    """Show `prompt` at the terminal and return the six digits typed there, without echo.

    stdin, stdout and stderr are not touched: they belong to the SDK that started us. The terminal is as it was
    afterwards, whatever happens. Raises MfaError: no terminal, cancelled, too late, or not six digits.
    """
    try:
        typed = _ask(one_line(prompt) + " ", time.monotonic() + timeout_s, terminal)
    except KeyboardInterrupt:
        typed = ""
    if not typed.strip():
        raise MfaError("the one-time code was cancelled", hint="try again: credhelper login PROFILE")
    return _checked(typed, "what was typed")


def _checked(text: str, what: str) -> str:
    code = text.strip()
    if not _CODE.fullmatch(code):
        raise MfaError(f"{what} is not a one-time code of six digits", hint="try again: credhelper login PROFILE")
    return code


@contextlib.contextmanager
def _naming(profile: str) -> Iterator[None]:
    """Put the profile's name into the commands that are suggested."""
    try:
        yield
    except MfaError as error:
        error.hint = error.hint.replace("PROFILE", profile)
        raise


def _no_terminal() -> CredhelperError:
    return MfaError(
        "a one-time code is needed and there is no terminal to ask at",
        hint="run in a terminal: credhelper login PROFILE",
    )


def _too_late() -> CredhelperError:
    return MfaError("no one-time code was given in time", hint="try again: credhelper login PROFILE")


if sys.platform == "win32":
    import msvcrt

    def _ask(prompt: str, end_s: float, terminal: str) -> str:
        """Read keys from the console itself: msvcrt opens CONIN$ and CONOUT$, whatever stdin and stdout are."""
        try:
            os.close(os.open("CONIN$" if terminal == TERMINAL else terminal, os.O_RDWR))
        except OSError:
            raise _no_terminal() from None
        for character in prompt:
            msvcrt.putwch(character)
        try:
            return _keys(end_s)
        finally:
            msvcrt.putwch("\r")
            msvcrt.putwch("\n")

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

    # With these a terminal program is ended or stopped by a person; each would leave the echo off.
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
            os.write(fd, prompt.encode("utf-8"))
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


def run_mfa_process(
    command: str, serial: str, profile: str, *, timeout_s: float, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the code that the program `command` prints: six digits and nothing else.

    The line is split like a shell would, and no shell is involved. The program finds the device in
    CREDHELPER_MFA_SERIAL and the profile in CREDHELPER_PROFILE, reads an empty stdin, and is killed with all it
    started at the deadline. Raises InputError for a line that names no program, MfaError for one that fails.
    """
    argv = _argv(command, profile)
    variables = {**environ, "CREDHELPER_MFA_SERIAL": serial, "CREDHELPER_PROFILE": profile}
    try:
        output, errors, status = _run(argv, variables, time.monotonic() + timeout_s)
    except OSError as error:
        raise _failed(profile, f"cannot be started: {(error.strerror or 'unknown error').lower()}") from error
    if status is None:
        raise _failed(profile, "did not end in time")
    if status:
        raise _failed(profile, f"ended with status {status}: {clause(errors) or 'it said nothing'}")
    with _naming(profile):
        return _checked(output.decode("ascii", "replace"), "what the mfa_process printed")


def _failed(profile: str, what: str) -> CredhelperError:
    return MfaError(f"the mfa_process {what}", hint=f"see its command line: credhelper profile show {profile}")


def _argv(command: str, profile: str) -> list[str]:
    """Split the line, and find its program: an absolute path, or a bare name on our fixed PATH."""
    hint = f"give an absolute path: credhelper profile set {profile} --mfa-process '/path/to/program argument'"
    try:
        argv = shlex.split(command)
    except ValueError:
        raise InputError("the mfa_process has a quote that is not closed", hint=hint) from None
    if not argv or (os.sep in argv[0] and not os.path.isabs(argv[0])):
        raise InputError("the mfa_process does not begin with an absolute path or a program's name", hint=hint)
    program = argv[0] if os.path.isabs(argv[0]) else shutil.which(argv[0], path=PROGRAM_PATH)
    if program is None:
        raise InputError(f"the program of the mfa_process is not in {PROGRAM_PATH}", hint=hint)
    return [program, *argv[1:]]


def _run(argv: list[str], variables: dict[str, str], end_s: float) -> tuple[bytes, bytes, int | None]:
    """Return (stdout, stderr, exit status), the status None if the program had to be killed at the deadline."""
    pipe = subprocess.PIPE
    # A session of its own: then the program and all it starts are one group, and can be killed as one.
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=variables, start_new_session=True
    ) as process:
        try:
            output, errors = process.communicate(timeout=max(0.0, end_s - time.monotonic()))
        except BaseException as error:
            _kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                return b"", b"", None
            raise
    return output[:_OUTPUT_LIMIT], errors[:_OUTPUT_LIMIT], process.returncode


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill the program and everything of its session that still shares its group."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
