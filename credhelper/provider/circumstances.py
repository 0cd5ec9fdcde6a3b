"""What a failure depends on, so that it is shared only with those for whom it would be the same."""

import os

from credhelper.cache.failures import Circumstances
from credhelper.errors import CredhelperError
from credhelper.model.code_errors import NoTerminalError, PausedError
from credhelper.provider import inputs
from credhelper.system import hardening

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from collections.abc import Mapping

    from credhelper.provider.record import Record


# "AWS_*" leaves some out, which decide about no identity but about what fails.
_AWS = ("AWS_*", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE")
# In the list of variables: every one of the caller's, also those that only a program of the source obeys.
_EVERY_VARIABLE = "*"
# Of the hash over all of them: it tells two environments apart, and is too short to try a secret's guesses against.
_EVERY_BYTES = 2


def of(record: "Record") -> Circumstances:
    """Return the circumstances of a failure after this was looked at."""
    from credhelper.aws import endpoint  # for who leads: who waits only compares

    # Beside what was looked at: all that AWS's tools may obey, and the chain, because any of it may be what failed.
    way = (*_AWS, *endpoint.NETWORK_VARIABLES, "CREDHELPER_CHAIN")
    every = (_EVERY_VARIABLE,) if record.has_program else ()
    variables = tuple(dict.fromkeys((*record.variables, *way, *every)))
    return Circumstances(variables, _hash(record.environ, variables), record.files, _network())


def are_same(there: Circumstances, environ: "Mapping[str, str]") -> bool:
    """Tell whether a failure would be this process's as well."""
    return (
        there.network == _network()
        and there.environment == _hash(environ, there.variables)
        and all(inputs.signature_of(path) == signature for path, signature in there.files)
    )


def is_lack_of_another(failure: CredhelperError, *, is_person: bool) -> bool:
    """Tell whether this process has what the one that failed had not: a terminal, or a person with the next code."""
    if isinstance(failure, PausedError):
        return is_person
    if not isinstance(failure, NoTerminalError):
        return False
    from credhelper.mfa import terminal  # only such a failure needs it

    return terminal.is_there()


def _hash(environ: "Mapping[str, str]", variables: tuple[str, ...]) -> bytes:
    # Without what is before an @: a proxy's password is not for the note, in no form.
    plain = {name: value.rpartition("@")[2] for name, value in environ.items()}
    named = inputs.hash_environment(plain, variables)
    if _EVERY_VARIABLE not in variables:
        return named
    whole = hardening.environment_of_caller(environ)
    return named + inputs.hash_environment(whole, sorted(whole))[:_EVERY_BYTES]


def _network() -> str:
    """Name this process's network namespace, "" where the system has none: a process without a network fails alone."""
    try:
        return os.readlink("/proc/self/ns/net")
    except OSError:
        return ""
