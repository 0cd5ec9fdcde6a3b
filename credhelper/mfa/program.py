"""A one-time code from a program that the profile names: no shell, an empty stdin, killed at the deadline."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from credhelper.errors import CredhelperError, InputError, MfaError
from credhelper.mfa.digits import checked
from credhelper.model.printable import clause
from credhelper.model.shell import own_command
from credhelper.system.program_output import TooMuchOutputError, communicate

# Fixed: a PATH that holds the caller's project directory would let that project run as the code's source.
PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin"
_OUTPUT_LIMIT = 4096


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
    except TooMuchOutputError:
        raise _failed(profile, "writes without end") from None
    except OSError as error:
        raise _failed(profile, f"cannot be started: {(error.strerror or 'unknown error').lower()}") from error
    if status is None:
        raise _failed(profile, "did not end in time")
    if status:
        raise _failed(profile, f"ended with status {status}", quoted=clause(errors))
    return checked(output.decode("ascii", "replace"), "what the mfa_process printed")


def _failed(profile: str, what: str, *, quoted: str = "") -> CredhelperError:
    hint = f"see its command line: {own_command('profile show', profile)}"
    return MfaError(f"the mfa_process {what}", hint=hint, quoted=quoted)


def _argv(command: str, profile: str) -> list[str]:
    """Split the line, and find its program: an absolute path, or a bare name on our fixed PATH."""
    hint = "give an absolute path: " + own_command(
        "profile set", profile, options="--mfa-process '/path/to/program argument'"
    )
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
            output, errors = communicate(process, end_s)
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
