"""Get credentials for a profile within the time allowed, and leave a line in the audit trail."""

from collections.abc import Callable, Mapping

from credhelper import settings
from credhelper.audit import trail
from credhelper.aws.shared_config import SharedConfig
from credhelper.cache.payload import Payload
from credhelper.errors import AwsError, CredhelperError, MfaError, UnreachableError
from credhelper.model.freshness import Moment
from credhelper.provider import hit
from credhelper.provider.miss import Broker
from credhelper.settings import Settings
from credhelper.system import clock, hardening
from credhelper.system.deadline import Deadline, watchdog

# Of the time allowed: when the request gives up by itself, and when the watchdog makes it look for what is valid still.
# What is left after that is for a look that hangs as well.
_DEADLINE, _WATCHDOG = 0.88, 0.96


def fetch(
    profile: str,
    own: Settings,
    environ: Mapping[str, str],
    give_up: Callable[[Payload | CredhelperError], object],
    started: Moment,
) -> Payload:
    """Return valid credentials; raises CredhelperError. The time allowed runs from `started`.

    `give_up` is called from another thread if nothing else ends the request in time, with what is still to be had:
    a valid entry, or the error. It has to end the process.
    """
    hardening.forbid_core_dumps()
    hardening.forbid_memory_access()
    hardening.drop_leaking_variables()
    chain = settings.enter_chain(profile)
    before: tuple[Payload, str] | None = None

    def expire() -> None:
        # Whatever hangs may be below our own files, too: looking there has its own end.
        with watchdog(own.timeout_s * (1 - _WATCHDOG), lambda: give_up(_too_late(own))):
            found = hit.look(own, profile, environ, clock.now())
            outcome = found[0] if found is not None else _too_late(own)
            _record(own, profile, outcome, before)
        give_up(outcome)

    spent_s = clock.now().up_s - started.up_s
    with watchdog(max(0.0, own.timeout_s * _WATCHDOG - spent_s), expire):
        before = hit.look(own, profile, environ, clock.now())
        try:
            deadline = Deadline(own.timeout_s * _DEADLINE - spent_s)
            answer = Broker(own, environ, deadline, chain=chain, started=started).answer(profile)
        except CredhelperError as error:
            _record(own, profile, error, before)
            raise
    _record(own, profile, answer, before)
    return answer


def _record(
    own: Settings, profile: str, outcome: Payload | CredhelperError, before: tuple[Payload, str] | None
) -> None:
    """Name the outcome by what the cache had before: nothing (miss), this very entry (hit), an older one (refresh)."""
    if isinstance(outcome, CredhelperError):
        word = trail.DENIED if isinstance(outcome, AwsError | MfaError) else trail.FAILED
        trail.record(own, {"profile": profile, "outcome": word, "role_arn": _wanted_role(own, profile)})
    elif before is None:
        hit.record(own, outcome, trail.MISS)
    else:
        hit.record(own, outcome, trail.HIT if before[0].document == outcome.document else trail.REFRESH)


def _wanted_role(own: Settings, profile: str) -> str:
    """Return the role the profile names, "" where that cannot be read."""
    try:
        section = SharedConfig(own.config_file, own.credentials_file).profiles.get(profile, {})
    except CredhelperError:
        return ""
    return str(section.get("credhelper_role_arn", ""))


def _too_late(own: Settings) -> CredhelperError:
    return UnreachableError(
        f"no answer from AWS within {own.timeout_s:.0f} s",
        hint="check the network and the proxy variables, then try again: env | grep -i proxy",
    )
