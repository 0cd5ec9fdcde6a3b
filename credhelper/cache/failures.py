"""A short memory of failures: a denied role or a cancelled prompt is one call and one prompt, not one per caller.

SDKs start a helper twice on failure and more (docs/compatibility.md). A note holds the message and the hint, never a
secret; one that cannot be read counts as none.
"""

import json

from credhelper import errors
from credhelper.cache.store import failure_path
from credhelper.errors import CredhelperError
from credhelper.model.freshness import Moment
from credhelper.settings import Settings
from credhelper.system import files, ownership

# Long enough for an SDK's second and third start, too short to annoy a user who has fixed the cause.
MEMORY_S = 3.0
_LIMIT = 8192
_KINDS = {
    kind.__name__: kind
    for kind in (errors.InputError, errors.MachineError, errors.AwsError, errors.UnreachableError, errors.MfaError)
}


def remember(settings: Settings, name: bytes, error: CredhelperError, inputs: str, at: Moment) -> None:
    """Leave a note for those who wait for the same entry, and for those who come in the next seconds."""
    note = {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "role_arn": error.role_arn,
        "inputs": inputs,
        "boot": at.boot.hex(),
        "up_s": at.up_s,
    }
    path = failure_path(settings, name)
    try:
        ownership.make_private_directory(settings.cache_dir)
        files.replace_private(path, json.dumps(note).encode(), f"{path}.new", durable=False)
    except OSError:
        return


def recall(
    settings: Settings, name: bytes, inputs: str, since: Moment, memory_s: float = MEMORY_S
) -> CredhelperError | None:
    """Return the failure that happened after `since`, or shortly before it, under the same configuration."""
    try:
        note = json.loads(files.read_private(failure_path(settings, name), _LIMIT))
        is_same = note["inputs"] == inputs and note["boot"] == since.boot.hex()
        if is_same and float(note["up_s"]) >= since.up_s - memory_s:
            failure = _KINDS[note["kind"]](str(note["message"]), hint=str(note["hint"]))
            failure.add_facts(role_arn=str(note["role_arn"]))
            return failure
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def forget(settings: Settings, name: bytes) -> None:
    """Remove the note, if there is one and it can be removed."""
    try:
        files.unlink_quietly(failure_path(settings, name))
    except OSError:
        return
