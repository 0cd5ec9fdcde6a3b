"""Credentials for one profile, without any effect on the process: callable any number of times, from any thread."""

from collections.abc import Mapping

from credhelper.audit import trail
from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.errors import AwsError, CredhelperError, MfaError
from credhelper.model.freshness import Moment
from credhelper.provider import hit
from credhelper.provider.hit import Found, Unanswered
from credhelper.provider.miss import BACKGROUND, Effects, Miss
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline


def get(
    profile: str,
    settings: Settings,
    environ: Mapping[str, str],
    chain: tuple[str, ...],
    deadline: Deadline,
    *,
    effects: Effects | None = None,
    started: Moment | None = None,
    unanswered: Unanswered | None = None,
    urgency: int = BACKGROUND,
) -> Payload:
    """Return valid credentials for `profile`, and leave a line in the audit trail; raises CredhelperError.

    `environ` is the caller's environment; `chain` names the profiles whose resolution led here (settings.chain_of).
    `started` is when the request began, by default now. `unanswered` is what a hit has seen before it gave up.
    `urgency` is who asks (provider/miss.py).
    """
    effects = effects or Effects()
    keys = unanswered.keys if unanswered is not None else None
    found = unanswered.found if unanswered is not None else None
    if found is None:
        found = hit.find(settings, store.entry_name(settings.config_file, profile), environ, effects.now(), keys)
    miss = Miss(settings, environ, deadline, effects, chain=chain, started=started, keys=keys, urgency=urgency)
    try:
        answer = miss.answer(profile, found)
    except CredhelperError as error:
        record(settings, profile, error, found)
        raise
    record(settings, profile, answer, found)
    return answer


def record(settings: Settings, profile: str, outcome: Payload | CredhelperError, before: Found | None) -> None:
    """Name the outcome by what the cache had before: nothing (miss), this very entry (hit), an older one (refresh)."""
    if isinstance(outcome, CredhelperError):
        word = trail.DENIED if isinstance(outcome, AwsError | MfaError) else trail.FAILED
        trail.record(settings, {"profile": profile, "outcome": word, "role_arn": outcome.role_arn})
    elif before is None or before.entry is None or not before.has_same_inputs:
        hit.record(settings, outcome, trail.MISS)
    else:
        hit.record(settings, outcome, trail.HIT if before.entry.document == outcome.document else trail.REFRESH)
