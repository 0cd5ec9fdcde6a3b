"""Which cause an element of a statement is that does not fit, and that in words: the external ID is kept back. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credhelper.diagnosis.assume.request_keys import AGE, PRESENT
from credhelper.policy import arn, condition
from credhelper.policy.condition import operator_of
from credhelper.policy.document import Condition
from credhelper.policy.explain import Check, Fit, nearest_values
from credhelper.policy.request import Context
from credhelper.policy.truth import Truth

# How many values are shown, and how much of one.
_SHOWN, _LONGEST = 3, 256
# The causes of keys that a request brings, and those of where it comes from.
_BROUGHT: Mapping[str, str] = {
    "sts:externalid": "external-id",
    "sts:sourceidentity": "source-identity",
    "aws:sourceidentity": "source-identity",
    "sts:rolesessionname": "session-name",
    "aws:tagkeys": "tags",
    "aws:requesttag": "tags",
    "sts:transitivetagkeys": "tags",
}
_COMMON: Mapping[str, str] = {
    PRESENT.lower(): "mfa",
    AGE.lower(): "mfa",
    "aws:sourceip": "source-ip",
    "aws:vpcsourceip": "source-ip",
    "aws:sourcevpc": "source-ip",
    "aws:sourcevpce": "source-ip",
}
_NOUNS: Mapping[str, str] = {
    "external-id": "external ID",
    "source-identity": "source identity",
    "session-name": "session name",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A cause by its id, and what is wrong in words that follow the name of a statement, such as `wants MFA`."""

    cause: str
    text: str


def statement_of(fit: Fit) -> str:
    """Return a statement by its Sid, or its number."""
    return f"statement {fit.statement.sid or fit.number}"


def of_allow(check: Check, *, other: str, has_request: bool, shows_values: bool) -> Told:
    """Return why an Allow does not fit. `other` is the cause of what has none of its own.

    `has_request`: conditions on what the request brings have causes of their own, as they have in a trust policy.
    """
    if check.element != "Condition":
        return Told(other, _element(check))
    cause = _cause_of(check, has_request=has_request)
    if cause == "mfa" and not _is_met_by_mfa(check):
        cause = ""
    return Told(cause or other, _condition(check, cause, shows_values=shows_values))


def of_deny(fit: Fit, *, other: str, shows_values: bool) -> Told:
    """Return why a Deny applies: one that MFA would avoid is about MFA."""
    conditions = [check for check in fit.checks if check.element == "Condition"]
    if any(_is_avoided_by_mfa(check) for check in conditions):
        return Told("mfa", "denies it without MFA, and no one-time code is sent")
    under = " and ".join(_plainly(check, shows_values=shows_values) for check in conditions)
    return Told(other, f"denies it{f' where {under}' if under else ''}")


def of_doubt(check: Check, *, other: str, has_request: bool, shows_values: bool) -> Told:
    """Return what a statement depends on that is not known from here."""
    if check.element != "Condition":
        named = f" ({', '.join(check.keys)})" if check.keys else ""
        return Told(other, f"has the {check.element} {_shown(check.wanted)}{named}, and whether that fits is not known")
    cause = _cause_of(check, has_request=has_request)
    return Told(cause or other, f"{_plainly(check, shows_values=shows_values)} decides, which is not known from here")


def hides(check: Check) -> bool:
    """Tell whether the values of a condition are kept back."""
    return check.key.lower() == "sts:externalid"


def _cause_of(check: Check, *, has_request: bool) -> str:
    key = check.key.lower()
    brought = _BROUGHT.get(key.partition("/")[0], "") if has_request else ""
    return _COMMON.get(key, "") or brought


def _is_met_by_mfa(check: Check) -> bool:
    return _with_mfa(check) is Truth.TRUE


def _is_avoided_by_mfa(check: Check) -> bool:
    is_about = check.key.lower() in (PRESENT.lower(), AGE.lower())
    return is_about and check.fits is Truth.TRUE and _with_mfa(check) is Truth.FALSE


def _with_mfa(check: Check) -> Truth:
    """Return whether a condition holds with a one-time code that was just given."""
    asked = Condition(check.operator, check.key, check.wanted)
    return condition.holds(asked, Context({PRESENT: "true", AGE: "0"}), has_variables=False)


def _element(check: Check) -> str:
    """Return what an element other than a condition has, and what it would have to have."""
    if check.element == "Principal":
        return _principal(check)
    verb = {"Action": "allows", "Resource": "allows it on"}[check.element]
    if check.is_negated:
        return f"{verb} all but {_shown(check.wanted)}"
    return f"{verb} {_shown(nearest_values(check))}, not {check.found}"


def _principal(check: Check) -> str:
    groups = [name for name in check.wanted if (found := arn.parse(name)) and found.kind == "group"]
    if groups:
        return f"names the group {groups[0]}, and a group is no principal: it lets none of its users in"
    verb = "leaves out" if check.is_negated else "lets in"
    return f"{verb} {_shown(check.wanted)}, not {check.found}"


def _condition(check: Check, cause: str, *, shows_values: bool) -> str:
    if cause == "mfa":
        return "wants MFA, and no one-time code is sent"
    operator = operator_of(check.operator)
    is_plain = operator is not None and not operator.is_negated and operator.name != "null"
    if cause in _NOUNS and is_plain:
        sent = "none" if check.found is None else "another" if hides(check) else check.found
        noun = _NOUNS[cause]
        if hides(check) and not shows_values:
            article = "an" if check.found is None else "another"
            return f"wants {article} {noun}" + (", and none is sent" if check.found is None else " than is sent")
        return f"wants the {noun} {_shown(check.wanted)}, and {sent} is sent"
    has = "there is none" if check.found is None else "it is another" if hides(check) else f"it is {check.found}"
    return f"wants {_plainly(check, shows_values=shows_values)}, and {has}"


def _plainly(check: Check, *, shows_values: bool) -> str:
    values = "…" if hides(check) and not shows_values else _shown(check.wanted)
    return f"{check.key} {check.operator} {values}"


def _shown(values: Sequence[str]) -> str:
    more = f", … ({len(values)})" if len(values) > _SHOWN else ""
    cut = [one if len(one) <= _LONGEST else f"{one[: _LONGEST - 1]}…" for one in values[:_SHOWN]]
    return f"{', '.join(cut)}{more}"
