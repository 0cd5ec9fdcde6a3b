"""A short memory of failures: a denied role or a cancelled prompt is one call and one prompt, not one per caller.

SDKs start a helper twice on failure and more (docs/compatibility.md). A note holds the message and the hint, no secret
and nothing that another program or server said, and what the failure was resolved from: it counts only for callers for
whom all of that is the same. A note that cannot be written or read is no note.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from credhelper import errors
from credhelper.cache.payload import Signature
from credhelper.cache.store import failure_path
from credhelper.errors import CredhelperError
from credhelper.model.freshness import Moment
from credhelper.settings import Settings
from credhelper.system import files, ownership

# Long enough for an SDK's second and third start, too short to annoy a user who has fixed the cause.
MEMORY_S = 3.0
_LIMIT = 1 << 15
_KINDS = {
    kind.__name__: kind
    for kind in (errors.InputError, errors.MachineError, errors.AwsError, errors.UnreachableError, errors.MfaError)
}


class Circumstances(NamedTuple):
    """What a failure depends on: variables with the hash of their values, files as they were, and the network."""

    variables: tuple[str, ...]
    environment: bytes
    files: tuple[tuple[str, Signature], ...]
    network: str


def remember(
    settings: Settings, name: bytes, error: CredhelperError, circumstances: Circumstances, *, began: Moment, at: Moment
) -> None:
    """Leave a note for those who wait for the same entry, and for those who come in the next seconds.

    A failure that is this process's own (`is_shared` is False) leaves none.
    """
    if not error.is_shared:
        return
    note = {
        "kind": type(error).__name__,
        "message": error.unquoted,
        "hint": error.hint,
        "role_arn": error.role_arn,
        "variables": circumstances.variables,
        "environment": circumstances.environment.hex(),
        "files": circumstances.files,
        "network": circumstances.network,
        "boot": at.boot.hex(),
        "began_s": began.up_s,
        "up_s": at.up_s,
    }
    path = failure_path(settings, name)
    try:
        ownership.make_private_directory(settings.cache_dir)
        files.replace_private(path, json.dumps(note).encode(), f"{path}.new", durable=False)
    except (OSError, ValueError):
        return


def recall(
    settings: Settings,
    name: bytes,
    is_same: Callable[[Circumstances], bool],
    since: Moment,
    memory_s: float | None = MEMORY_S,
) -> CredhelperError | None:
    """Return the failure that happened after `since`, or up to `memory_s` before it, under the same circumstances.

    With `memory_s` None only a request that began after `since` counts.
    """
    try:
        note = json.loads(files.read_private(failure_path(settings, name), _LIMIT))
        is_recent = (
            float(note["began_s"]) >= since.up_s if memory_s is None else float(note["up_s"]) >= since.up_s - memory_s
        )
        if note["boot"] != since.boot.hex() or not is_recent:
            return None
        circumstances = Circumstances(
            tuple(note["variables"]),
            bytes.fromhex(note["environment"]),
            tuple([(path, _signature(signature)) for path, signature in note["files"]]),
            note["network"],
        )
        if not is_same(circumstances):
            return None
        failure = _KINDS[note["kind"]](str(note["message"]), hint=str(note["hint"]))
        failure.add_facts(role_arn=str(note["role_arn"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return failure


def _signature(numbers: list[int]) -> Signature:
    inode, size, changed_ns, moved_ns = map(int, numbers)
    return inode, size, changed_ns, moved_ns


def forget(settings: Settings, name: bytes) -> None:
    """Remove the note, if there is one and it can be removed."""
    try:
        files.unlink_quietly(failure_path(settings, name))
    except OSError:
        return
