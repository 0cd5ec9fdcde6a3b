"""The hit: answer `get PROFILE` from the cache, without asking anybody. Standard library and the AEAD only.

Every start of every tool passes here. What is imported, read or computed in this module is measured in
docs/performance.md, and a test lists what must never be loaded.
"""

import os
import time

from credhelper import settings
from credhelper.audit import trail
from credhelper.cache import store
from credhelper.keystores.master_key import MasterKeys
from credhelper.model import freshness
from credhelper.provider import decision, inputs
from credhelper.system import clock

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from credhelper.cache.payload import Payload
    from credhelper.model.freshness import Moment
    from credhelper.settings import Settings

# After a failed refresh the valid entry is handed out for this long before the next attempt.
RETRY_REFRESH_S = 30.0
# Who starts a refresh touches the lock: for this long the others hand out what they have. A leader goes on touching it.
CLAIM_S = 3.0


class Found:
    """What one look at the cache saw.

    `name` is where this caller's entry is kept. `entry` is None if there is no valid one; `state` is then DEAD.
    `has_same_inputs`: nothing that the entry was resolved from is different; False where there is no entry.
    """

    __slots__ = ("entry", "has_same_inputs", "name", "state")

    def __init__(self, name: bytes, entry: "Payload | None", state: str, *, has_same_inputs: bool) -> None:
        self.name = name
        self.entry = entry
        self.state = state
        self.has_same_inputs = has_same_inputs

    def servable(self) -> "Payload | None":
        """Return the entry that is handed out even where it is due and cannot be renewed."""
        return self.entry if self.has_same_inputs else None


class Unanswered:
    """What a hit that has no answer hands to the miss, so that nothing is opened twice.

    `found` is None where not even the settings could be read; the miss meets that again, and says it with a hint.
    """

    __slots__ = ("found", "keys")

    def __init__(self, keys: "MasterKeys | None" = None, found: "Found | None" = None) -> None:
        self.keys = keys
        self.found = found

    def servable(self) -> "Payload | None":
        """Return the entry that is handed out where nothing more can be loaded."""
        return None if self.found is None else self.found.servable()


def serve(profile: str, environ: "Mapping[str, str]", at: "Moment") -> "int | Unanswered":
    """Answer a request from the cache and return the exit code, or what was seen if only a miss can answer."""
    try:
        own = settings.from_environment(environ)
    except Exception:  # noqa: BLE001 - the miss meets it again and explains it; naming the class would load `errors`
        return Unanswered()
    answered = answer(own, profile, environ, at, clock.now)
    if isinstance(answered, Unanswered):
        return answered
    code = write_out(answered.document)
    if code == 0:
        try:
            record(own, answered, trail.HIT)
        except Exception:  # noqa: BLE001 - the document is out: nothing may send this request on to the miss
            return code
    return code


def answer(
    own: "Settings",
    profile: str,
    environ: "Mapping[str, str]",
    at: "Moment",
    now: "Callable[[], Moment] | None" = None,
) -> "Payload | Unanswered":
    """Return the entry to hand out now, or what was seen if there is none; `at` and `now` as in `find`."""
    keys = MasterKeys(own)
    name = store.entry_name(own.config_file, profile)
    found = find(own, name, environ, at, keys, now=now)
    is_due = found.has_same_inputs and found.state == freshness.DUE
    decided = decision.decide(
        found.state,
        has_same_inputs=found.has_same_inputs,
        has_failed=False,
        is_refresh_taken=is_due and _is_refresh_taken(own, name, at),
    )
    if found.entry is not None and decided in (decision.HIT, decision.SERVE):
        return found.entry
    return Unanswered(keys, found)


def find(
    own: "Settings",
    name: bytes,
    environ: "Mapping[str, str]",
    at: "Moment",
    keys: "MasterKeys | None" = None,
    *,
    now: "Callable[[], Moment] | None" = None,
) -> Found:
    """Look for the entry of that name, and where it has another environment, for the one beside it.

    A dead entry, too, has variables that say what the one beside it is called: two terminals then outlive each other.
    Each is opened at most once, and the master key only if `keys` has not got it. `now` reads the clock again where an
    entry was made after `at`: on a busy machine that is long ago, and the entry would be one of another boot.
    """
    keys = keys or MasterKeys(own)
    entry, state = _open(own, name, at, keys, now)
    if entry is None:
        return Found(name, None, state, has_same_inputs=False)
    environment = inputs.hash_environment(environ, entry.variables)
    if environment != entry.environment:
        called = store.name_beside(name, environment)
        beside, state_beside = _open(own, called, at, keys, now)
        if beside is not None and state_beside != freshness.DEAD:
            return Found(called, beside, state_beside, has_same_inputs=inputs.are_unchanged(beside, environ))
        if state != freshness.DEAD:
            return Found(called, entry, state, has_same_inputs=False)
    if state == freshness.DEAD:  # the caller's takes its place
        return Found(name, None, state, has_same_inputs=False)
    return Found(name, entry, state, has_same_inputs=inputs.are_files_unchanged(entry))


def _open(
    own: "Settings", name: bytes, at: "Moment", keys: "MasterKeys", now: "Callable[[], Moment] | None"
) -> "tuple[Payload | None, str]":
    """Return the entry of that name with its state, None and DEAD if none can be opened."""
    try:
        entry = store.read(own, name, keys)
    except store.MissError:
        return None, freshness.DEAD
    if now is not None and at.up_s < entry.issued.up_s:
        at = now()
    return entry, freshness.state_at(entry.issued, entry.expiration, entry.refresh_s, at)


def record(own: "Settings", entry: "Payload", outcome: str) -> None:
    """Put one hand-out on the audit trail."""
    key_id = entry.document.partition(b'"AccessKeyId":"')[2].partition(b'"')[0]
    fields = {
        "profile": entry.profile,
        "outcome": outcome,
        "role_arn": entry.role_arn,
        "access_key_id": key_id.decode("ascii", "replace"),
        "expiration": trail.format_time(entry.expiration),
    }
    trail.record(own, fields)


def _is_refresh_taken(own: "Settings", name: bytes, at: "Moment") -> bool:
    """Tell whether another process refreshes the entry, is about to, or has failed to; if none, claim it for this one.

    The claim is the time of the lock's file: of a hundred that come together one goes on to the miss. A claim holds for
    CLAIM_S either way from now, so that no clock that is set keeps an entry from being refreshed for longer.
    """
    try:
        if 0 <= at.wall_s - os.stat(store.failure_path(own, name)).st_mtime < RETRY_REFRESH_S:
            return True
    except OSError:
        pass
    from credhelper.system import trylock  # only a due entry needs it

    path = store.lock_path(own, name)
    try:
        try:
            fd = trylock.take(path, create=False)
        except FileNotFoundError:
            trylock.release(trylock.take(path))  # a new file has the time of a claim
            return False
        try:
            if abs(time.time() - os.fstat(fd).st_mtime) < CLAIM_S:
                return True
            trylock.touch(path)
        finally:
            trylock.release(fd)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def write_out(document: bytes, fd: int = 1) -> int:
    """Write the document to stdout and return the exit code: 0 only if all of it was taken.

    One call where the kernel lets us, so that a kill leaves all of it or nothing.
    """
    view = memoryview(document)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except OSError as error:
        from credhelper.errors import MachineError

        failure = MachineError(f"the credentials cannot be written to stdout: {error.strerror}")
        _say(failure.shown())
        return failure.exit_code
    return 0


def _say(text: str) -> None:
    try:
        os.write(2, text.encode())
    except OSError:
        return  # there is nowhere left to say it; a miss would only write the document's beginning twice
