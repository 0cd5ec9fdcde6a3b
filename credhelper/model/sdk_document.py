"""What SDKs make of the document that a credential_process prints: the credentials, and who else cannot read it. Pure.

botocore's rules decide (ProcessProvider), as the AWS CLI and boto3 have them; what is stricter elsewhere is a remark:
Go reads `Version` as an integer and RFC 3339 only, Java an ISO_INSTANT, Rust strings, and Go's v1 8 KiB.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from credhelper.errors import MachineError
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import MAXIMUM_SIZE

# Every SDK reads this one.
_COMMON_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_TEMPORARY_ID = "ASIA"
_KEY_ID, _SECRET, _TOKEN, _TIME = "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"


def read(
    document: bytes, now_s: float, time_of: Callable[[str], datetime] = datetime.fromisoformat
) -> tuple[Credentials, tuple[str, ...]]:
    """Return the credentials, and what some SDKs stumble on; raises MachineError where the AWS CLI and boto3 do.

    `time_of` is how botocore reads a time, which takes more than ISO 8601; it raises for what is none. No message
    quotes the document: it is secret.
    """
    fields = _fields(document)
    if fields.get("Version") != 1:
        raise _unreadable("its Version is not the number 1")
    for name in (_KEY_ID, _SECRET):
        if not fields.get(name):
            raise _unreadable(f"it has no {name}")
    for name in (_KEY_ID, _SECRET, _TOKEN):
        value = fields.get(name)
        if value is not None and not _is_word(value):
            raise _unreadable(f"its {name} is no text without blanks")
    account = fields.get("AccountId")
    found = Credentials(
        fields[_KEY_ID],
        fields[_SECRET],
        fields.get(_TOKEN) or None,
        _expiration(fields.get(_TIME), now_s, time_of),
        account if isinstance(account, str) else None,
    )
    return found, tuple(_remarks(fields, len(document)))


def _remarks(fields: Mapping[str, Any], size: int) -> Iterator[str]:
    """Yield what some SDKs stumble on in a document that botocore can read."""
    if type(fields["Version"]) is not int:
        yield "its Version is not written as 1, which Go's SDK asks for"
    time = fields.get(_TIME)
    if time is not None and not _COMMON_TIME.fullmatch(time):
        yield "its Expiration is not written as 2026-01-31T12:00:00Z, which some SDKs ask for"
    if fields[_KEY_ID].startswith(_TEMPORARY_ID) and not fields.get(_TOKEN):
        yield "it has a temporary key and no SessionToken, with which AWS refuses it"
    if len({name.lower() for name in fields}) < len(fields):
        yield "two of its names differ in case only, which are one for Go's and Rust's SDKs"
    if not isinstance(fields.get("AccountId", ""), str):
        yield "its AccountId is not a text, which Rust's SDK asks for"
    if size > MAXIMUM_SIZE:
        yield f"it has {size} bytes, and some SDKs read no more than {MAXIMUM_SIZE}"


def _fields(document: bytes) -> Mapping[str, Any]:
    if not document.strip():
        raise _unreadable("it is empty")
    try:
        found = json.loads(document.decode("utf-8"))
    except (ValueError, RecursionError):
        # Neither the error nor its place: both are about the document.
        raise _unreadable("it is not one JSON object in UTF-8, or something is printed before or after it") from None
    if not isinstance(found, dict):
        raise _unreadable("it is JSON, and no object")
    return found


def _is_word(value: object) -> bool:
    return isinstance(value, str) and all("!" <= character <= "~" for character in value)


def _expiration(value: object, now_s: float, time_of: Callable[[str], datetime]) -> int | None:
    """Return seconds since the epoch, None where the credentials have no end."""
    if value is None:
        return None
    try:
        then = time_of(value) if isinstance(value, str) else None
        seconds = None if then is None or then.tzinfo is None else int(then.timestamp())
    except (ValueError, TypeError, ArithmeticError, OSError):
        seconds = None
    if seconds is None:
        raise _unreadable("its Expiration is no time with a zone, such as 2026-01-31T12:00:00Z")
    if seconds <= now_s:
        raise _unreadable("its credentials have expired")
    return seconds


def _unreadable(why: str) -> MachineError:
    return MachineError(f"the AWS CLI and boto3 cannot use the document: {why}")
