"""One form for all spellings of the same meaning. Pure.

No change of meaning: order, Sid, Id, one value or a list, values given twice, the case of actions, operators and keys,
true as a text, an account id in place of its root, ArnEquals for ArnLike, and a Version where no variable makes it
count. The case of every other value counts. What is split over several statements is the business of `difference`.
"""

from collections.abc import Iterable

from credhelper.policy import arn
from credhelper.policy.comparison import WITH_VARIABLES
from credhelper.policy.condition import operator_of
from credhelper.policy.document import V2012, Condition, Document, Statement

_SAME_OPERATOR = {"arnequals": "arnlike", "arnnotequals": "arnnotlike"}
_WITHOUT_CASE = ("bool", "null")


def canonical(document: Document, *, partition: str = "aws") -> Document:
    """Return the form that all documents of the same statements share; `partition` is the one of account ids.

    It has the newer version. What is plain text in a document of the older one, and would be a variable, is escaped.
    """
    statements = {_statement(one, document, partition) for one in document.statements}
    return Document(tuple(sorted(statements, key=order)), V2012)


def _statement(statement: Statement, document: Document, partition: str) -> Statement:
    resources = statement.resources
    if resources is not None:
        resources = _sorted(resources if document.has_variables else map(_escaped, resources))
    conditions = {_condition(one, has_variables=document.has_variables) for one in statement.conditions}
    return Statement(
        effect=statement.effect,
        actions=_sorted(action.lower() for action in statement.actions),
        is_not_action=statement.is_not_action,
        resources=resources,
        is_not_resource=statement.is_not_resource,
        principals=None if statement.principals is None else _principals(statement.principals, partition),
        is_not_principal=statement.is_not_principal,
        conditions=tuple(sorted(conditions, key=_condition_order)),
    )


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _escaped(text: str) -> str:
    return text.replace("${", "${$}{")


def _principals(principals: Iterable[tuple[str, str]], partition: str) -> tuple[tuple[str, str], ...]:
    found = {
        (kind, f"arn:{partition}:iam::{name}:root" if kind == "AWS" and arn.ACCOUNT.fullmatch(name) else name)
        for kind, name in principals
    }
    return tuple(sorted(found))


def _condition(condition: Condition, *, has_variables: bool) -> Condition:
    operator = operator_of(condition.operator)
    if operator is None:
        return Condition(condition.operator, condition.key.lower(), _sorted(condition.values))
    values: Iterable[str] = condition.values
    if operator.name in _WITHOUT_CASE:
        values = map(str.lower, values)
    elif not has_variables and operator.name in WITH_VARIABLES:
        values = map(_escaped, values)
    name = _SAME_OPERATOR.get(operator.name, operator.name)
    end = "ifexists" if operator.has_if_exists else ""
    return Condition(f"{operator.set.value}{name}{end}", condition.key.lower(), _sorted(values))


def _condition_order(condition: Condition) -> tuple[str, str, tuple[str, ...]]:
    return condition.operator, condition.key, condition.values


def order(statement: Statement) -> tuple[object, ...]:
    """Return what canonical statements are sorted by."""
    return (
        statement.effect,
        statement.is_not_principal,
        statement.principals or (),
        statement.is_not_action,
        statement.actions,
        statement.is_not_resource,
        statement.resources or (),
        tuple(map(_condition_order, statement.conditions)),
    )
