"""A trust policy's document: whom it names, and what is left of it when some condition keys are known.

MiniStack's own evaluator says whether a condition holds, so that no evaluator of this project judges itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
_VARIABLE = re.compile(r"\$\{([\w:/-]+)\}")


def parsed(text: str) -> Document | None:
    """Return the document, None if it is none."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def statements(document: Document) -> list[dict[str, Any]]:
    """Return the statements: one of them may stand alone."""
    found = document.get("Statement", [])
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def principals(document: Document) -> Iterator[str]:
    """Return each principal of the kind "AWS"."""
    for statement in statements(document):
        named = statement.get("Principal", {})
        values = named.get("AWS", []) if isinstance(named, dict) else named
        yield from [values] if isinstance(values, str) else values


def renamed(document: Document, old: str, new: str) -> Document:
    """Return the document with one principal written in another way."""

    def written(value: Any) -> Any:
        if isinstance(value, list):
            return [written(one) for one in value]
        return new if value == old else value

    changed = []
    for statement in statements(document):
        named = statement.get("Principal")
        if isinstance(named, dict) and "AWS" in named:
            changed.append({**statement, "Principal": {**named, "AWS": written(named["AWS"])}})
        else:
            changed.append(statement)
    return {**document, "Statement": changed}


def resolved(document: Document, known: Mapping[str, str]) -> Document:
    """Return what is left when these keys, in lower case, have these values.

    A condition that holds is dropped, and a statement with one that does not is dropped as a whole.
    """
    left = []
    for statement in statements(document):
        conditions: dict[str, dict[str, Any]] = {}
        holds = True
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                if key.lower() in known:
                    holds = holds and _holds({operator: {key: values}}, known)
                else:
                    conditions.setdefault(operator, {})[key] = values
        if holds:
            rest = {name: value for name, value in statement.items() if name != "Condition"}
            left.append({**rest, "Condition": conditions} if conditions else rest)
    return {**document, "Statement": left}


def substituted(document: Document, variables: Mapping[str, str]) -> Document:
    """Return the document with these policy variables, in lower case, written out in its conditions."""

    def written(value: Any) -> Any:
        if isinstance(value, list):
            return [written(one) for one in value]
        return _VARIABLE.sub(replaced, value) if isinstance(value, str) else value

    def replaced(match: re.Match[str]) -> str:
        return variables.get(match[1].lower(), match[0])

    changed = []
    for statement in statements(document):
        conditions = statement.get("Condition", {})
        new = {
            operator: {key: written(values) for key, values in keys.items()} for operator, keys in conditions.items()
        }
        changed.append({**statement, "Condition": new} if conditions else statement)
    return {**document, "Statement": changed}


def allows(document: Document, caller_arn: str, action: str, known: Mapping[str, str]) -> bool:
    """Tell whether the trust allows the caller an action. It knows no tags of the caller's."""
    from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy

    kind = "User" if ":user/" in caller_arn else "AssumedRole" if ":assumed-role/" in caller_arn else "Root"
    context = EvalContext(
        principal_arn=caller_arn,
        principal_type=kind,
        principal_account=caller_arn.split(":")[4],
        action=action,
        resource_arn="*",
        region="us-east-1",
        source_ip="127.0.0.1",
        secure_transport=False,
        service_context=dict(known),
    )
    return bool(evaluate_trust_policy(dict(document), caller_arn, context))


def _holds(condition: Mapping[str, Any], known: Mapping[str, str]) -> bool:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}
    return allows({"Statement": [anyone]}, "arn:aws:iam::000000000000:user/x", "sts:AssumeRole", known)
