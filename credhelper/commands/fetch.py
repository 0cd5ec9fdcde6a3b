"""Get credentials for a profile within the time allowed, and leave a line in the audit trail."""

from collections.abc import Callable, Mapping

from credhelper import audit, freshness, hit, hygiene, settings
from credhelper.broker import Broker
from credhelper.cache.payload import Payload
from credhelper.deadline import Deadline, watchdog
from credhelper.errors import AwsError, CredhelperError, MfaError, UnreachableError
from credhelper.settings import Settings

# What the deadline alone should have ended gets this much longer before the watchdog ends the process.
_GRACE_S = 1.0


def fetch(
    profile: str, own: Settings, environ: Mapping[str, str], give_up: Callable[[Payload | CredhelperError], object]
) -> Payload:
    """Return valid credentials; raises CredhelperError.

    `give_up` is called from another thread if nothing else ends the request in time, with what is still to be had:
    a valid entry, or the error. It has to end the process.
    """
    hygiene.forbid_core_dumps()
    hygiene.forbid_memory_access()
    hygiene.drop_leaking_variables()
    chain = settings.enter_chain(profile)
    before = hit.look(own, profile, environ, freshness.now())

    def expire() -> None:
        found = hit.look(own, profile, environ, freshness.now())
        outcome = found[0] if found is not None else _too_late(own)
        _record(own, profile, outcome, before)
        give_up(outcome)

    with watchdog(own.timeout_s + _GRACE_S, expire):
        try:
            answer = Broker(own, environ, Deadline(own.timeout_s), chain=chain).answer(profile)
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
        word = audit.DENIED if isinstance(outcome, AwsError | MfaError) else audit.FAILED
        audit.record(own, {"profile": profile, "outcome": word})
    elif before is None:
        hit.record(own, outcome, audit.MISS)
    else:
        hit.record(own, outcome, audit.HIT if before[0].document == outcome.document else audit.REFRESH)


def _too_late(own: Settings) -> CredhelperError:
    return UnreachableError(
        f"no answer from AWS within {own.timeout_s:.0f} s",
        hint="check the network and the proxy variables, then try again: env | grep -i proxy",
    )
