"""Documents as lines that a person reads in a plan: who, what, where, and under which conditions. Pure."""

from credhelper.policy import arn
from credhelper.policy.difference import Difference
from credhelper.policy.document import Condition, Document, Statement

# Of many values this many are shown, and how many more there are.
_SHOWN = 12


def lines(document: Document) -> tuple[str, ...]:
    """Return a line for each statement."""
    return tuple(map(line, document.statements))


def changed_lines(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    """Return a line for each difference, with the sign of what is done to it."""
    return tuple(f"{'+' if one.is_added else '-'} {line(one.statement)}" for one in differences)


def line(statement: Statement) -> str:
    """Return a statement in one line."""
    parts = [
        "denied:" if statement.effect == "Deny" else "",
        _principals(statement),
        f"{'all but ' if statement.is_not_action else ''}{_some(statement.actions)}",
    ]
    if statement.resources is not None:
        parts.append(f"on {'all but ' if statement.is_not_resource else ''}{_some(statement.resources)}")
    parts += [f"{'and' if number else 'if'} {_condition(one)}" for number, one in enumerate(statement.conditions)]
    return " ".join(part for part in parts if part)


def principal(kind: str, name: str) -> str:
    """Return who a principal is."""
    if name == "*":
        return "everybody"
    account = arn.account_named(name) if kind == "AWS" else ""
    return f"account {account}" if account else name


def _principals(statement: Statement) -> str:
    if statement.principals is None:
        return ""
    named = _some(tuple(principal(kind, name) for kind, name in statement.principals))
    return f"{'all but ' if statement.is_not_principal else ''}{named}:"


def _condition(condition: Condition) -> str:
    return f"{condition.key} {condition.operator} {_some(condition.values)}"


def _some(texts: tuple[str, ...]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
