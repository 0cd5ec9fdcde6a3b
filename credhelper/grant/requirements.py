"""What has to hold before a statement allows, or for it not to deny, in a few words for a table. Pure."""

from collections.abc import Iterable, Sequence

from credhelper.policy.condition import operator_of
from credhelper.policy.explain import Check, Fit

MFA = "MFA"
_PRESENT, _AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"
_SHOWN_VALUES = 3


def of_allow(fits: Iterable[Fit]) -> str:
    """Return what one of these statements asks for, of which each allows once that holds."""
    ways = dict.fromkeys(" and ".join(_texts(fit.doubts, is_denying=False)) for fit in fits)
    return " or ".join(ways)


def of_deny(fit: Fit) -> str:
    """Return what keeps a statement from denying: one of its conditions fails."""
    return " or ".join(_texts(fit.doubts, is_denying=True))


def has_mfa(texts: Iterable[str]) -> bool:
    """Tell whether one of these texts asks for MFA."""
    return any(MFA in text.split() for text in texts)


def _texts(checks: Sequence[Check], *, is_denying: bool) -> Iterable[str]:
    return dict.fromkeys(_text(check, is_denying=is_denying) for check in checks)


def _text(check: Check, *, is_denying: bool) -> str:
    if check.element != "Condition":
        named = f" ({', '.join(check.keys)})" if check.keys else ""
        return f"{'not ' if is_denying else ''}{check.element} {_shown(check.wanted)}{named}"
    if _is_mfa(check, is_denying=is_denying):
        return MFA
    return f"{'not ' if is_denying else ''}{check.operator} {check.key} {_shown(check.wanted)}"


def _shown(values: Sequence[str]) -> str:
    more = f", … ({len(values)})" if len(values) > _SHOWN_VALUES else ""
    return f"{', '.join(values[:_SHOWN_VALUES])}{more}"


def _is_mfa(check: Check, *, is_denying: bool) -> bool:
    """Tell whether a condition is met, or a Deny avoided, by MFA and nothing more."""
    operator, key = operator_of(check.operator), check.key.lower()
    values = {value.lower() for value in check.wanted}
    if operator is None:
        return False
    if operator.name == "bool" and key == _PRESENT:
        # Long-lived keys have no such key: with IfExists an Allow asks nothing of them, and without it a Deny does not.
        return operator.has_if_exists is is_denying and values == {"false" if is_denying else "true"}
    return operator.name == "null" and key == _AGE and values == {"true" if is_denying else "false"}
