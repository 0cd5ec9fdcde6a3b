"""What a statement says about a request to S3, in the words of a finding: foreign text is made harmless here. Pure."""

from collections.abc import Iterable

from credhelper.model.printable import clause
from credhelper.policy.explain import Check, Fit, nearest_values

_MOST_VALUES = 3
_SHOWN = 120


def statement_of(name: str, fit: Fit) -> str:
    """Return which statement it is: by its Sid, or its place."""
    return f"{clause(name, _SHOWN)}, statement {clause(fit.statement.sid, _SHOWN) or fit.number},"


def condition_of(fit: Fit) -> str:
    """Return the condition of a statement that applies, with a blank before it; "" for one without."""
    told = [_told(one) for one in fit.checks if one.element == "Condition"]
    return f" where {' and '.join(told)}" if told else ""


def unknown_keys(fits: Iterable[Fit]) -> str:
    """Return the keys that would settle what is not known."""
    keys = (clause(key, _SHOWN) for fit in fits for check in fit.doubts for key in (check.keys or (check.key,)))
    return ", ".join(dict.fromkeys(filter(None, keys)))


def misfit(name: str, fit: Fit) -> str:
    """Return where the nearest statement does not fit, "" where it is too far off to be worth a word.

    The first of several that do not fit is named: action, resource, condition.
    """
    misses = fit.misses or fit.doubts
    by_element = {one.element: one for one in reversed(misses)}
    place = statement_of(name, fit)
    if "Resource" in by_element and "Action" not in by_element:
        return f"{place} is about {_values(by_element['Resource'])}"
    if "Action" in by_element and "Resource" not in by_element and "Principal" not in by_element:
        return f"{place} allows {_values(by_element['Action'])} there"
    if "Principal" in by_element and "Action" not in by_element:
        return f"{place} lets in {_values(by_element['Principal'])}"
    if "Condition" in by_element and len(by_element) == 1:
        return f"{place} allows it where {' and '.join(_told(one) for one in misses)}"
    return ""


def _told(check: Check) -> str:
    return f"{clause(check.key, _SHOWN)} {check.operator} {_values(check)}"


def _values(check: Check) -> str:
    values = nearest_values(check)
    shown = " or ".join(clause(one, _SHOWN) or '""' for one in values[:_MOST_VALUES])
    more = len(values) - _MOST_VALUES
    told = f"{shown} and {more} more" if more > 0 else shown
    return f"all but {told}" if check.is_negated and check.element != "Condition" else told
