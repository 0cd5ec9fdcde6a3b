"""The `credential_process` of a profile, started as the AWS CLI does: without a shell, in the caller's environment.

What it prints on stdout is returned and shown to no one.
"""

import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from credhelper import errors
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.commands.profile.line import is_dead
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.printable import cell, clause
from credhelper.model.shell import open_at, own_command
from credhelper.system import hardening, program_output

# Go's SDK ends a program after so long (aws-sdk-go-v2, processcreds.DefaultTimeout); the others wait for ever.
PATIENCE_S = 60.0
# As docs/reference.md has it.
_OWN_WORDS = re.compile(r"\Acredhelper: error: (?P<message>[^\n]+)\n(?:hint: (?P<hint>[^\n]+))?")
_OWN_LIMIT = 2000
_KINDS = (
    errors.InputError,
    errors.MachineError,
    errors.AwsError,
    errors.UnreachableError,
    errors.MfaError,
    errors.BusyError,
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What the program printed, and after how many seconds. `has_stderr`: it also wrote something to stderr."""

    document: bytes
    spent_s: float
    has_stderr: bool

    def __repr__(self) -> str:
        return f"Printed({len(self.document)} bytes)"


def start(profile: str, catalogue: Catalogue, environ: Mapping[str, str], *, patience_s: float = PATIENCE_S) -> Printed:
    """Start the line of a profile that has one, and wait for it; raises what went wrong, in the program's own words."""
    line = catalogue[profile][kinds.PROCESS_KEY]
    place = catalogue.place_of(profile, kinds.PROCESS_KEY)
    look = f"see the line: {open_at(place.file, place.line)}"
    is_own = kinds.is_credhelper_line(line, profile)
    if is_own and is_dead(line):
        look = own_command("profile repair", profile)
    try:
        words = arguments_of(line)
    except ValueError:
        raise InputError(f"{place}: a quote is open in {kinds.PROCESS_KEY}", hint=look) from None
    if not any(words):
        raise InputError(f"{place}: {kinds.PROCESS_KEY} is empty", hint=look)
    started_s = time.monotonic()
    try:
        done = _run(words, hardening.environment_of_caller(environ), started_s + patience_s)
    except subprocess.TimeoutExpired:
        raise MachineError(
            f"the program does not end within {patience_s:.0f} s, after which Go's SDK ends it", hint=look
        ) from None
    except program_output.TooMuchOutputError:
        raise MachineError("the program writes without end", hint=look) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the line
        reason = (getattr(error, "strerror", None) or "the line cannot be a command").lower()
        raise MachineError(f"{words[0]} cannot be started: {reason}", hint=look) from None
    spent_s = time.monotonic() - started_s
    if done.returncode:
        raise _failed(done, words[0], look, is_own=is_own)
    return Printed(done.stdout, spent_s, bool(done.stderr.strip()))


def _run(words: list[str], environ: Mapping[str, str], end_s: float) -> "subprocess.CompletedProcess[bytes]":
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environ)
    ) as process:
        try:
            stdout, stderr = program_output.communicate(process, end_s)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


def _failed(done: "subprocess.CompletedProcess[bytes]", program: str, look: str, *, is_own: bool) -> CredhelperError:
    """Return the failure of the program: credhelper's own with its code and hint, another's in its first line."""
    said = done.stderr.decode("utf-8", "replace")
    own = _OWN_WORDS.match(said) if is_own else None
    kind = next((one for one in _KINDS if one.exit_code == done.returncode), None)
    if own is not None and kind is not None:
        return kind(clause(own["message"], _OWN_LIMIT), hint=cell(own["hint"] or "") or look)
    how = f"exit code {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
    return MachineError(f"{program} fails with {how}", hint=look, quoted=clause(said))
