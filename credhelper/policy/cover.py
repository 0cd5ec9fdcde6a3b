"""Whether one document allows no more than another, and what two of them both allow. Pure.

Both answers are on the safe side: `narrows` may say no where the answer is yes, and `common` may leave out something
that both allow.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from credhelper.policy import arn
from credhelper.policy.canonical import canonical
from credhelper.policy.comparison import WITH_VARIABLES
from credhelper.policy.condition import operator_of
from credhelper.policy.difference import atoms, joined
from credhelper.policy.document import V2012, Condition, Document, Statement

NOTHING = Document((), V2012)


def narrows(before: Document, after: Document, *, partition: str = "aws") -> bool:
    """Tell whether all that `after` allows is allowed before, and all that was denied stays denied."""
    old = canonical(before, partition=partition).statements
    new = canonical(after, partition=partition).statements
    return all(_is_covered(one, _of("Allow", old)) for one in _of("Allow", new)) and all(
        _is_covered(one, _of("Deny", new)) for one in _of("Deny", old)
    )


def common(one: Document, other: Document, *, partition: str = "aws") -> Document:
    """Return a document that allows only what both allow, and denies all that either denies."""
    first, second = _writable(one), _writable(other)
    allowed = [*_shared(first, second, partition), *_shared(second, first, partition)]
    denied = [statement for document in (first, second) for statement in _of("Deny", document.statements)]
    plain, variable = ([part for part in dict.fromkeys(allowed) if _has_variable(part) is one] for one in (False, True))
    return Document((*joined(plain), *variable, *dict.fromkeys(replace(found, sid="") for found in denied)), V2012)


def _shared(one: Document, other: Document, partition: str) -> Iterator[Statement]:
    """Yield each single thing that a document allows and another allows, too."""
    others = list(_of("Allow", canonical(other, partition=partition).statements))
    for statement in _of("Allow", one.statements):
        for atom in _parts(replace(statement, sid="")):
            (spelled,) = canonical(Document((atom,), V2012), partition=partition).statements
            if any(_covers(wide, spelled) for wide in others):
                yield atom


def _parts(statement: Statement) -> Iterable[Statement]:
    """Return the single things of a statement; resources among which one has a variable stay together.

    Where the variable has no value such a statement may be invalid, and then allows nothing of the others either.
    """
    parts = atoms(statement)
    if _has_variable(statement):
        return dict.fromkeys(replace(one, resources=statement.resources) for one in parts)
    return parts


def _has_variable(statement: Statement) -> bool:
    return any("${" in one for one in statement.resources or ())


def _of(effect: str, statements: Iterable[Statement]) -> Iterator[Statement]:
    return (one for one in statements if one.effect == effect)


def _writable(document: Document) -> Document:
    """Return a document as one of 2012, in which what was plain text stays that; without identities that are gone.

    IAM shows such a one by its id, and takes no document with it.
    """
    statements = document.statements
    if not document.has_variables:
        statements = tuple(map(_escaped, statements))
    return Document(tuple(left for one in statements if (left := _without_ids(one)) is not None), V2012)


def _without_ids(statement: Statement) -> Statement | None:
    principals = statement.principals
    if principals is None:
        return statement
    left = tuple((kind, name) for kind, name in principals if not arn.UNIQUE_ID.fullmatch(name))
    if not left and statement.is_not_principal:  # all but one that is gone: all
        return replace(statement, principals=(("AWS", "*"),), is_not_principal=False)
    return replace(statement, principals=left) if left else None


def _escaped(statement: Statement) -> Statement:
    resources = statement.resources
    return replace(
        statement,
        resources=None if resources is None else tuple(one.replace("${", "${$}{") for one in resources),
        conditions=tuple(
            replace(one, values=tuple(value.replace("${", "${$}{") for value in one.values))
            if (operator := operator_of(one.operator)) and operator.name in WITH_VARIABLES
            else one
            for one in statement.conditions
        ),
    )


def _is_covered(statement: Statement, others: Iterable[Statement]) -> bool:
    wide = list(others)
    return all(any(_covers(one, part) for one in wide) for part in _parts(statement))


def _covers(wide: Statement, atom: Statement) -> bool:
    """Tell whether a statement is about all that another one, of the same effect, is about; both are canonical."""
    return (
        _has_principals(wide, atom)
        and _has_values(wide.actions, atom.actions, is_not=(wide.is_not_action, atom.is_not_action))
        and _has_resources(wide, atom)
        and all(any(_is_stricter(own, asked) for own in atom.conditions) for asked in wide.conditions)
    )


def _has_principals(wide: Statement, atom: Statement) -> bool:
    if wide.is_not_principal or atom.is_not_principal or wide.principals is None or atom.principals is None:
        return (wide.is_not_principal, wide.principals) == (atom.is_not_principal, atom.principals)
    has_all = ("AWS", "*") in wide.principals
    return all(one in wide.principals or (has_all and one[0] == "AWS") for one in atom.principals)


def _has_resources(wide: Statement, atom: Statement) -> bool:
    if wide.resources is None or atom.resources is None:
        return wide.resources == atom.resources
    if any("${" in one and one not in atom.resources for one in wide.resources if len(wide.resources) > 1):
        return False  # without a value for that variable the wide one may allow nothing at all
    return _has_values(wide.resources, atom.resources, is_not=(wide.is_not_resource, atom.is_not_resource))


def _has_values(wide: Sequence[str], narrow: Sequence[str], *, is_not: tuple[bool, bool]) -> bool:
    """Tell whether each pattern is within one of others; those of a Not element have to be the same or fewer."""
    if any(is_not):
        return all(is_not) and set(wide) <= set(narrow)
    return all(any(is_within(one, pattern) for pattern in wide) for one in narrow)


def is_within(narrow: str, wide: str) -> bool:
    """Tell whether all that fits one pattern fits another.

    A star inside takes neither a colon nor a star, since it may not go beyond its segment; the last one takes all.
    """
    if wide in (narrow, "*"):
        return True
    if "${" in narrow or "${" in wide:
        start = wide.removesuffix("*")
        return start != wide and not any(sign in start for sign in ("*", "?", "${")) and narrow.startswith(start)
    places = {0}
    for number, sign in enumerate(wide, 1):
        if sign == "*" and number == len(wide):
            return bool(places)
        places = set(_after(sign, places, narrow))
    return len(narrow) in places


def _after(sign: str, places: Iterable[int], text: str) -> Iterator[int]:
    """Yield where matching can go on behind one sign of a pattern."""
    for place in places:
        if sign == "*":
            end = next((end for end in range(place, len(text)) if text[end] in ":*"), len(text))
            yield from range(place, end + 1)
        elif place < len(text) and (text[place] == sign or (sign == "?" and text[place] not in ":*")):
            yield place + 1


def _is_stricter(own: Condition, asked: Condition) -> bool:
    """Tell whether a condition holds only where another one, on the same key by the same operator, does."""
    if (own.operator, own.key) != (asked.operator, asked.key):
        return False
    operator = operator_of(own.operator)
    if operator is None:
        return own.values == asked.values
    fewer, more = (asked, own) if operator.is_negated else (own, asked)
    return set(fewer.values) <= set(more.values)
