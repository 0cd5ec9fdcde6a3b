"""A policy document as values: read behind a size limit, each spelling that IAM takes turned into one. Pure.

`load` is for a text that a person gives and refuses what is ambiguous or dangerous to write; `parse` is for what AWS
returned, which may hold what should never be written (NotPrincipal with Allow) and has to be understood all the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credhelper.errors import InputError

LIMIT = 64 * 1024
V2008, V2012 = "2008-10-17", "2012-10-17"
_TOP = ("Version", "Id", "Statement")
_WITH_NOT = ("Principal", "Action", "Resource")
_ELEMENTS = ("Sid", "Effect", "Condition", *_WITH_NOT, *(f"Not{name}" for name in _WITH_NOT))
_KINDS_OF_PRINCIPAL = ("AWS", "Service", "Federated", "CanonicalUser")


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key with the values of which one has to fit, or none for a negated operator."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement.

    `principals` are pairs of kind and name; `"*"` is `("AWS", "*")`. They are None in a policy of an identity.
    `resources` are None where there is no such element, as in a trust policy.
    """

    effect: str
    actions: tuple[str, ...]
    is_not_action: bool = False
    resources: tuple[str, ...] | None = None
    is_not_resource: bool = False
    principals: tuple[tuple[str, str], ...] | None = None
    is_not_principal: bool = False
    conditions: tuple[Condition, ...] = ()
    sid: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy; without a version it is of 2008, where variables are plain text."""

    statements: tuple[Statement, ...]
    version: str = V2008

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` means something here."""
        return self.version == V2012


class _Number(str):
    """A number as it is written: 1.0 and 1 are two texts."""

    __slots__ = ()


def load(text: str, *, limit: int = LIMIT) -> Document:
    """Return the document in a text that a person gave; raises InputError."""
    if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
        raise _refused(f"is longer than {limit} bytes")
    if text.startswith("\ufeff"):
        raise _refused("starts with a byte order mark", hint="save it as UTF-8 without one")
    document = parse(_json(text))
    if any(one.is_not_principal and one.effect == "Allow" for one in document.statements):
        raise _refused("allows by NotPrincipal, which lets in all others, also those of other accounts")
    return document


def _json(text: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_number,
            parse_float=_Number,
            parse_int=_Number,
        )
    except ValueError:
        raise _refused("is not JSON", hint="python3 -m json.tool FILE shows where") from None
    except RecursionError:
        raise _refused("is nested too deeply") from None


def parse(value: object) -> Document:
    """Return a document that JSON was already read from; raises InputError for what is no policy."""
    fields = _fields(value, "the document", _TOP)
    version = fields.get("Version", V2008)
    if version not in (V2008, V2012):
        raise _refused(f"has a Version other than {V2012} and {V2008}")
    found = fields.get("Statement")
    statements = found if isinstance(found, list) else [found]
    if found is None or not statements:
        raise _refused("has no Statement")
    return Document(
        tuple(_statement(one, f"statement {number}") for number, one in enumerate(statements, 1)), str(version)
    )


def _statement(value: object, where: str) -> Statement:
    fields = _fields(value, where, _ELEMENTS)
    effect, sid = fields.get("Effect"), fields.get("Sid", "")
    if effect not in ("Allow", "Deny"):
        raise _refused(f"has no Effect Allow or Deny in {where}")
    if not isinstance(sid, str):
        raise _refused(f"has a Sid that is no text in {where}")
    actions, is_not_action = _one_of(fields, "Action", where)
    resources, is_not_resource = _one_of(fields, "Resource", where)
    principals, is_not_principal = _one_of(fields, "Principal", where)
    if actions is None:
        raise _refused(f"has no Action in {where}")
    return Statement(
        effect=str(effect),
        sid=sid,
        actions=_texts(actions, f"Action of {where}"),
        is_not_action=is_not_action,
        resources=None if resources is None else _texts(resources, f"Resource of {where}"),
        is_not_resource=is_not_resource,
        principals=None if principals is None else _principals(principals, where),
        is_not_principal=is_not_principal,
        conditions=_conditions(fields.get("Condition", {}), where),
    )


def _one_of(fields: Mapping[str, object], name: str, where: str) -> tuple[object, bool]:
    """Return an element or its Not form, and whether it was that; None where there is neither."""
    if name in fields and f"Not{name}" in fields:
        raise _refused(f"has both {name} and Not{name} in {where}")
    if f"Not{name}" in fields:
        return fields[f"Not{name}"], True
    return fields.get(name), False


def _principals(value: object, where: str) -> tuple[tuple[str, str], ...]:
    if value == "*":
        return (("AWS", "*"),)
    fields = _fields(value, f"Principal of {where}", _KINDS_OF_PRINCIPAL)
    found = tuple((kind, name) for kind, names in fields.items() for name in _texts(names, f"Principal of {where}"))
    if not found:
        raise _refused(f"has nothing in the Principal of {where}")
    return found


def _conditions(value: object, where: str) -> tuple[Condition, ...]:
    found: list[Condition] = []
    seen: set[tuple[str, str]] = set()
    for operator, block in _fields(value, f"Condition of {where}").items():
        for key, values in _fields(block, f"{operator} of {where}").items():
            place = (operator.lower(), key.lower())
            if place in seen:
                raise _refused(f"has {operator} on {key} twice in {where}, in two spellings")
            seen.add(place)
            found.append(Condition(operator, key, _texts(values, f"{operator} of {where}", may_be_scalar=True)))
    return tuple(found)


def _fields(value: object, where: str, known: Sequence[str] = ()) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise _refused(f"has no object for {where}")
    fields = {str(name): one for name, one in value.items()}
    unknown = next((name for name in fields if known and name not in known), None)
    if unknown is not None:
        raise _refused(f"has an element {unknown[:64]!r} that IAM does not know in {where}")
    return fields


def _texts(value: object, where: str, *, may_be_scalar: bool = False) -> tuple[str, ...]:
    """Return one value or a list of them as texts; a condition may also have true, false and numbers."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise _refused(f"has an empty list in {where}")
    return tuple(_text(one, where, may_be_scalar=may_be_scalar) for one in values)


def _text(value: object, where: str, *, may_be_scalar: bool) -> str:
    if isinstance(value, str) and (may_be_scalar or not isinstance(value, _Number)):
        return str(value)
    if may_be_scalar and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    raise _refused(f"has a value that is no text in {where}")


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(f"has {twice[:64]!r} twice in one object")
    return fields


def _no_number(name: str) -> object:
    raise _refused(f"has {name}, which is no JSON")


def _refused(why: str, *, hint: str = "") -> InputError:
    return InputError(f"the policy document {why}", hint=hint)
