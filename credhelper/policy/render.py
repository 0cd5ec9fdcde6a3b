"""A document as JSON, as IAM counts it and as a person reads it. Pure."""

import json
from collections.abc import Sequence

from credhelper.policy.document import Document, Statement


def to_object(document: Document) -> dict[str, object]:
    """Return a document as what JSON is made of: one value without a list, and nothing that is empty."""
    return {"Version": document.version, "Statement": [_statement(one) for one in document.statements]}


def to_text(document: Document, *, indent: int | None = None) -> str:
    """Return a document as JSON, in one line without blanks unless an indent is asked for."""
    separators = (",", ":") if indent is None else None
    return json.dumps(to_object(document), indent=indent, separators=separators, ensure_ascii=True)


def size(document: Document) -> int:
    """Return the number of characters that count for IAM's quotas, which leave out white space."""
    return len("".join(to_text(document).split()))


def _statement(statement: Statement) -> dict[str, object]:
    fields: dict[str, object] = {"Sid": statement.sid} if statement.sid else {}
    fields["Effect"] = statement.effect
    if statement.principals is not None:
        fields[f"{'Not' if statement.is_not_principal else ''}Principal"] = _principals(statement.principals)
    fields[f"{'Not' if statement.is_not_action else ''}Action"] = _values(statement.actions)
    if statement.resources is not None:
        fields[f"{'Not' if statement.is_not_resource else ''}Resource"] = _values(statement.resources)
    blocks: dict[str, dict[str, object]] = {}
    for one in statement.conditions:
        blocks.setdefault(one.operator, {})[one.key] = _values(one.values)
    return {**fields, "Condition": blocks} if blocks else fields


def _principals(principals: Sequence[tuple[str, str]]) -> object:
    kinds: dict[str, list[str]] = {}
    for kind, name in principals:
        kinds.setdefault(kind, []).append(name)
    return {kind: _values(names) for kind, names in kinds.items()}


def _values(values: Sequence[str]) -> object:
    return values[0] if len(values) == 1 else list(values)
