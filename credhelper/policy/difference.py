"""What one document says and another does not, by meaning. Pure.

A statement says each of its actions of each of its resources to each of its principals, so it may be split and put
together in many ways that mean the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from credhelper.policy.canonical import canonical, order
from credhelper.policy.document import Condition, Document, Statement

# With more comparisons than this, statements are compared as a whole.
_MOST = 50_000
_One = TypeVar("_One")
_Kind = tuple[str, tuple[bool, bool, bool], tuple[Condition, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A statement in canonical form, of which what both documents say is left out."""

    statement: Statement
    is_added: bool


def same(one: Document, other: Document, *, partition: str = "aws") -> bool:
    """Tell whether two documents mean the same; `partition` is the one of account ids."""
    return not differences(one, other, partition=partition)


def differences(before: Document, after: Document, *, partition: str = "aws") -> tuple[Difference, ...]:
    """Return what was removed, then what was added; nothing where both mean the same."""
    old, new = canonical(before, partition=partition).statements, canonical(after, partition=partition).statements
    if old == new:
        return ()
    removed = tuple(Difference(one, is_added=False) for one in _without(old, new))
    return removed + tuple(Difference(one, is_added=True) for one in _without(new, old))


def _without(statements: Sequence[Statement], others: Sequence[Statement]) -> list[Statement]:
    """Return what the statements say and the others do not."""
    known = set(others)
    left = [one for one in statements if one not in known]
    if sum(map(_count, left)) * len(others) > _MOST:
        return left
    kinds = set(map(_kind, left))
    saying: dict[_Kind, list[_Parts]] = {kind: [] for kind in kinds}
    for one in others:
        if _kind(one) in kinds:
            saying[_kind(one)].append(_Parts(one))
    single = [atom for one in left for atom in atoms(one) if not any(other.has(atom) for other in saying[_kind(one)])]
    return sorted(joined(dict.fromkeys(single)), key=order)


def _kind(statement: Statement) -> _Kind:
    """Return what has to be the same before one statement can say what another says."""
    flags = (statement.is_not_principal, statement.is_not_action, statement.is_not_resource)
    return statement.effect, flags, statement.conditions


def _count(statement: Statement) -> int:
    return len(statement.principals or "1") * len(statement.actions) * len(statement.resources or "1")


def atoms(statement: Statement) -> Iterator[Statement]:
    """Yield a statement for each principal, action and resource; the values of a Not element stay together."""
    for principals in _single(statement.principals, is_whole=statement.is_not_principal):
        for actions in _single(statement.actions, is_whole=statement.is_not_action):
            for resources in _single(statement.resources, is_whole=statement.is_not_resource):
                yield replace(statement, principals=principals, actions=actions or (), resources=resources)


def _single(values: tuple[_One, ...] | None, *, is_whole: bool) -> list[tuple[_One, ...] | None]:
    return [values] if values is None or is_whole else [(one,) for one in values]


class _Parts:
    """A statement that can be asked whether it says what a single one of its kind says."""

    def __init__(self, statement: Statement) -> None:
        self._principals = set(_single(statement.principals, is_whole=statement.is_not_principal))
        self._actions = set(_single(statement.actions, is_whole=statement.is_not_action))
        self._resources = set(_single(statement.resources, is_whole=statement.is_not_resource))

    def has(self, atom: Statement) -> bool:
        return (
            atom.actions in self._actions and atom.resources in self._resources and atom.principals in self._principals
        )


def joined(single: Iterable[Statement]) -> list[Statement]:
    """Return fewer statements that say the same: the actions of a resource, then the resources of the same actions."""
    by_actions: dict[Statement, list[str]] = {}
    for one in single:
        key, actions = (one, ()) if one.is_not_action else (replace(one, actions=()), one.actions)
        by_actions.setdefault(key, []).extend(actions)
    by_resources: dict[Statement, list[str]] = {}
    for one in (replace(key, actions=tuple(sorted(actions)) or key.actions) for key, actions in by_actions.items()):
        is_whole = one.is_not_resource or one.resources is None
        key = one if is_whole else replace(one, resources=())
        by_resources.setdefault(key, []).extend(() if is_whole else one.resources or ())
    return [replace(key, resources=tuple(sorted(found)) or key.resources) for key, found in by_resources.items()]
