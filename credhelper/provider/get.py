"""Credentials for one profile, without any effect on the process: callable any number of times, from any thread."""

from credhelper.audit import trail
from credhelper.cache import store
from credhelper.errors import AwsError, CredhelperError, MfaError, UnreachableError
from credhelper.keystores.master_key import MasterKeys
from credhelper.provider import hit
from credhelper.provider.decision import HIT
from credhelper.provider.request import BACKGROUND, Request, require_no_loop, too_busy
from credhelper.system import clock

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from credhelper.cache.payload import Payload
    from credhelper.model.freshness import Moment
    from credhelper.provider.effects import Effects
    from credhelper.provider.hit import Found, Unanswered
    from credhelper.settings import Settings
    from credhelper.system.deadline import Deadline


def get(
    profile: str,
    settings: "Settings",
    environ: "Mapping[str, str]",
    chain: tuple[str, ...],
    deadline: "Deadline",
    *,
    effects: "Effects | None" = None,
    started: "Moment | None" = None,
    unanswered: "Unanswered | None" = None,
    urgency: int = BACKGROUND,
    prepare: "Callable[[], None]" = lambda: None,
) -> "Payload":
    """Return valid credentials for `profile`, and leave a line in the audit trail; raises CredhelperError.

    `environ` is the caller's environment; `chain` names the profiles whose resolution led here (settings.chain_of).
    `started` is when the request began, by default now. `unanswered` is what a hit has seen before it gave up.
    `urgency` is one of request.BACKGROUND, PERSON, LOGIN and NOW. `prepare` is called before anything is loaded that
    only the process that leads needs.
    """
    now = clock.now if effects is None else effects.now
    keys = (unanswered.keys if unanswered is not None else None) or MasterKeys(settings)
    found = unanswered.found if unanswered is not None else None
    if found is None:
        found = hit.find(settings, store.entry_name(settings.config_file, profile), environ, now(), keys)
    started = started or now()

    def lead() -> "Payload":
        # The one before may have led between this one's look and the lock: then there is nothing to load for.
        seen = request.find()
        if seen.entry is not None and request.decide(seen, failure=None) == HIT:
            return seen.entry
        prepare()
        from credhelper.provider import miss
        from credhelper.provider.effects import Effects

        world = effects or Effects()
        leader = miss.Miss(settings, environ, deadline, world, chain=chain, started=started, keys=keys, urgency=urgency)
        try:
            return leader.lead(request, seen)
        except UnreachableError:
            if deadline.has_passed() and deadline.was_spent_here():
                raise too_busy(profile) from None  # AWS was asked when no time was left
            raise

    request = Request(settings, environ, deadline, profile, started=started, keys=keys, urgency=urgency, now=now)
    if effects is not None:
        request.sleep, request.jitter = effects.sleep, effects.jitter
    try:
        # Before the lock: a program that starts us again for the same profile would wait for its own parent.
        require_no_loop(profile, chain, environ)
        answer = request.answer(found, lead)
    except CredhelperError as error:
        record(settings, profile, error, found)
        raise
    except Exception:
        # No memory, no descriptor, a package that does not load: the entry that was to be renewed is still valid.
        valid = found.servable()
        if valid is None or urgency != BACKGROUND:
            raise
        answer = valid
    record(settings, profile, answer, found)
    return answer


def record(settings: "Settings", profile: str, outcome: "Payload | CredhelperError", before: "Found | None") -> None:
    """Name the outcome by what the cache had before: nothing (miss), this very entry (hit), an older one (refresh)."""
    if isinstance(outcome, CredhelperError):
        word = trail.DENIED if isinstance(outcome, AwsError | MfaError) else trail.FAILED
        trail.record(settings, {"profile": profile, "outcome": word, "role_arn": outcome.role_arn})
    elif before is None or before.entry is None or not before.has_same_inputs:
        hit.record(settings, outcome, trail.MISS)
    else:
        hit.record(settings, outcome, trail.HIT if before.entry.document == outcome.document else trail.REFRESH)
