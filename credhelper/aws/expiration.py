"""The time at which credentials expire, as a server writes it, and what is wrong with a text that is no such time."""

import re
from datetime import datetime

# As botocore reads them: ISO 8601, RFC 822, seconds since the epoch. A year of two digits it would take for a day.
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]*)?")
_WITH_YEAR = re.compile(
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}.*|[0-9]{8}T[0-9]{6}.*|[A-Za-z]{3}, [0-9 ]{1,2} [A-Za-z]{3} [0-9]{4} .*"
)
_LONG_YEAR = re.compile(r"[+-]?[0-9]{5,}-.*|-[0-9]+-.*")
_SHORT_YEAR = re.compile(r"(?:[A-Za-z]+, )?[0-9]{1,2}([-/. ])(?:[0-9]{1,2}|[A-Za-z]{3})\1[0-9]{2}(?![0-9]).*")
_LONGEST = 64


def parsed(text: object) -> datetime | str:
    """Return the time that botocore finds in a text, or the text where that is no time, or one without its century."""
    told = text.strip() if isinstance(text, str) else ""
    if len(told) <= _LONGEST and (_NUMBER.fullmatch(told) or _WITH_YEAR.fullmatch(told)):
        import botocore.utils  # loaded by all that have an answer

        try:
            found: datetime = botocore.utils.parse_timestamp(told)
        except (ValueError, TypeError, RuntimeError, ArithmeticError, OSError):
            return told
        return found
    return told


def of_a_program(text: str) -> datetime:
    """Return the time that botocore finds in the document of a credential_process; raises ValueError or the like."""
    import botocore.credentials

    found: datetime = botocore.credentials.parse(text)
    return found


def fault(value: object) -> str:
    """Say what is wrong with what `parsed` returned, "" for a time with its zone; never quotes it."""
    if isinstance(value, datetime):
        return "its Expiration names no time zone" if value.tzinfo is None else ""
    if value is None:
        return "it has no Expiration"
    text = value if isinstance(value, str) else ""
    if not text:
        return "its Expiration is empty"
    if _NUMBER.fullmatch(text) or _LONG_YEAR.fullmatch(text):
        return "its Expiration is out of range"
    if _SHORT_YEAR.fullmatch(text):
        return "the year of its Expiration has two digits"
    return "its Expiration is not a time"
