"""How one value of a request compares with one value of a policy, for each operator. Pure.

A value that is not of the operator's type compares as unknown: AWS takes no such policy, and says nothing of such keys.
"""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from credhelper.policy import match
from credhelper.policy.match import Pattern
from credhelper.policy.request import Context
from credhelper.policy.truth import Truth, truth

# From the value of the policy, that of the request, and the context where variables are filled in.
Comparison = Callable[[str, str, Context | None], Truth]
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)
# Four digits could be a year or seconds.
_EPOCH = re.compile(r"(?:[0-9]{1,3}|[0-9]{5,12})(?:\.[0-9]{1,9})?", re.ASCII)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?",
    re.ASCII,
)


def _string(wanted: str, value: str, context: Context | None) -> Truth:
    return match.fits(match.pattern(wanted, context, has_wildcards=False), value)


def _string_without_case(wanted: str, value: str, context: Context | None) -> Truth:
    found = match.pattern(wanted, context, has_wildcards=False)
    lowered = [one.lower() if isinstance(one, str) else one for one in found.characters]
    return match.fits(Pattern(lowered, found.is_open, found.has_hole), value.lower())


def _like(wanted: str, value: str, context: Context | None) -> Truth:
    return match.fits(match.pattern(wanted, context), value)


def _arn(wanted: str, value: str, context: Context | None) -> Truth:
    return match.fits_arn(match.pattern(wanted, context), value)


def _typed(read: Callable[[str], object], compare: Callable[..., bool]) -> Comparison:
    def found(wanted: str, value: str, _context: Context | None) -> Truth:
        left, right = read(value), read(wanted)
        return Truth.UNKNOWN if left is None or right is None else truth(compare(left, right))

    return found


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> float | None:
    """Return a date, or seconds, as seconds; a date without a zone is of UTC."""
    if _EPOCH.fullmatch(text):
        return float(text)
    if not _DATE.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _fact(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _address(wanted: str, value: str, _context: Context | None) -> Truth:
    try:
        network, address = ipaddress.ip_network(wanted, strict=False), ipaddress.ip_address(value)
    except ValueError:
        return Truth.UNKNOWN
    return truth(address in network)


_ORDERS = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
# Each positive operator, in lower case.
COMPARISONS: dict[str, Comparison] = {
    "stringequals": _string,
    "stringequalsignorecase": _string_without_case,
    "stringlike": _like,
    "arnequals": _arn,
    "arnlike": _arn,
    "bool": _typed(_fact, operator.eq),
    "binaryequals": _typed(_bytes, operator.eq),
    "ipaddress": _address,
    **{f"numeric{name}": _typed(_number, order) for name, order in _ORDERS.items()},
    **{f"date{name}": _typed(_seconds, order) for name, order in _ORDERS.items()},
}
# Each negated operator and what it is the opposite of.
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
}
# Those whose values may hold variables.
WITH_VARIABLES = frozenset(name for name in (*COMPARISONS, *NEGATED) if name.startswith(("string", "arn")))
