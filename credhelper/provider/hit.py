"""The hit: answer `get PROFILE` from the cache, without asking anybody. Standard library and the AEAD only.

Every start of every tool passes here. What is imported, read or computed in this module is measured in
docs/performance.md, and a test lists what must never be loaded.
"""

import os

from credhelper import settings
from credhelper.audit import trail
from credhelper.cache import store
from credhelper.errors import CredhelperError, MachineError
from credhelper.model import freshness
from credhelper.provider import inputs
from credhelper.system import trylock

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from credhelper.cache.payload import Payload, Signature
    from credhelper.model.freshness import Moment
    from credhelper.settings import Settings

# After a refresh that failed the valid entry is handed out this long before anybody tries again.
RETRY_REFRESH_S = 30.0


def serve(profile: str, environ: "Mapping[str, str]", at: "Moment") -> int | None:
    """Answer a request from the cache and return the exit code, or None if only a miss can tell."""
    try:
        own = settings.from_environment(environ)
    except CredhelperError:
        return None  # the miss meets it again, and says it with a hint
    entry = _entry(own, profile, environ, at)
    if entry is None:
        return None
    code = write_out(entry.document)
    if code == 0:
        record(own, entry, trail.HIT)
    return code


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


def _entry(own: "Settings", profile: str, environ: "Mapping[str, str]", at: "Moment") -> "Payload | None":
    found = look(own, profile, environ, at)
    if found is None:
        return None
    entry, state = found
    if state == freshness.DUE and not _is_refresh_taken(own, store.entry_name(own.config_file, profile), at):
        return None
    return entry


def look(own: "Settings", profile: str, environ: "Mapping[str, str]", at: "Moment") -> "tuple[Payload, str] | None":
    """Return the profile's entry with its state (FRESH or DUE) if nothing it was resolved from has moved."""
    try:
        entry = store.read(own, store.entry_name(own.config_file, profile))
    except store.MissError:
        return None
    state = freshness.state_at(entry.issued, entry.expiration, entry.refresh_s, at)
    if state == freshness.DEAD or not has_same_witness(entry, environ):
        return None
    return entry, state


def has_same_witness(
    entry: "Payload", environ: "Mapping[str, str]", look_at: "Callable[[str], Signature]" = inputs.look
) -> bool:
    """Tell whether every file and variable the entry was resolved from is as it was."""
    if entry.environment != inputs.hash_environment(environ, entry.variables):
        return False
    return all(look_at(path) == signature for path, signature in entry.files)


def _is_refresh_taken(own: "Settings", name: bytes, at: "Moment") -> bool:
    """Tell whether somebody is renewing the entry right now, or has failed to a moment ago."""
    try:
        if 0 <= at.wall_s - os.stat(store.failure_path(own, name)).st_mtime < RETRY_REFRESH_S:
            return True
    except OSError:
        pass
    return _is_locked(store.lock_path(own, name))


def _is_locked(path: str) -> bool:
    """Tell whether another process holds the lock."""
    try:
        trylock.let_go(trylock.take(path, create=False))
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
        report = f"credhelper: error: the credentials cannot be written to stdout: {error.strerror}\n"
        os.write(2, report.encode())
        return MachineError.exit_code
    return 0
