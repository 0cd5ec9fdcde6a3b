"""What in a document is dangerous or does not do what it seems to, each with a code that scripts may rely on. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from credhelper.policy import arn
from credhelper.policy.condition import Set, operator_of
from credhelper.policy.document import Condition, Document, Statement
from credhelper.policy.match import fits_action
from credhelper.policy.render import size

# IAM and STS quotas, in characters without white space; those of inline policies are for all of one identity together.
QUOTAS = {"role": 10_240, "group": 5_120, "user": 2_048, "trust": 2_048, "managed": 6_144}
_BROAD = ("AmazonS3FullAccess", "AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
_TWELVE_HOURS_S = 43_200
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
# What narrows a trust for everybody to accounts, an organization or principals, and what narrows one account.
_NARROW_ANYONE = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn")
_NARROW_ACCOUNT = ("aws:principalarn", "aws:userid", "aws:username")
_TAG = "aws:principaltag/"


class Severity(Enum):
    """How a notice is meant: what is refused, a warning, or a remark."""

    REFUSED = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know of a document."""

    code: str
    severity: Severity
    text: str


def trust(document: Document, *, known_accounts: Collection[str]) -> list[Notice]:
    """Return what there is to know of a trust policy; `known_accounts` are the two sides of the grant."""
    found = list(_of_conditions(document))
    for statement in document.statements:
        if statement.effect == "Allow":
            found += _of_trusted(statement, known_accounts)
    return list(dict.fromkeys(found))


def identity(document: Document) -> list[Notice]:
    """Return what there is to know of a policy of a role, a group or a user."""
    found = list(_of_conditions(document))
    for one in document.statements:
        if one.effect == "Allow" and _allows_assuming(one) and _has_open_role(one):
            text = "it allows sts:AssumeRole on every role of a pattern that trusts the account, also on later ones"
            found.append(Notice("wildcard-role", Severity.WARNING, text))
    return list(dict.fromkeys(found))


def managed(policy_arns: Iterable[str]) -> list[Notice]:
    """Return a warning for each policy of AWS's that allows far more than one bucket."""
    names = [found.name for one in policy_arns if (found := arn.parse(one)) and found.account == "aws"]
    return [
        Notice("managed-too-broad", Severity.WARNING, f"{name} allows far more than one bucket")
        for name in names
        if name in _BROAD
    ]


def max_session(seconds: int) -> list[Notice]:
    """Return a warning for a role whose sessions may last the longest that AWS allows."""
    text = "a session may last 12 hours, and nothing ends it before"
    return [Notice("session-12h", Severity.WARNING, text)] if seconds >= _TWELVE_HOURS_S else []


def external_id() -> Notice:
    """Return what there is to know of every external ID."""
    text = "an external ID is no secret: all who may read the role can read it"
    return Notice("external-id-as-secret", Severity.NOTE, text)


def length(kind: str, documents: Iterable[Document]) -> list[Notice]:
    """Return a refusal where documents together are longer than IAM takes; `kind` is one of QUOTAS."""
    count = sum(map(size, documents))
    if count <= QUOTAS[kind]:
        return []
    return [Notice("too-long", Severity.REFUSED, f"{count} characters are more than the {QUOTAS[kind]} that IAM takes")]


def _of_trusted(statement: Statement, known_accounts: Collection[str]) -> Iterator[Notice]:
    narrowed = {one.key.lower() for one in statement.conditions if _narrows(one)}
    names = [name for kind, name in statement.principals or () if kind == "AWS"]
    accounts = {found for name in names if (found := arn.account_named(name))}
    if statement.is_not_principal or ("*" in names and not narrowed.intersection(_NARROW_ANYONE)):
        yield Notice("trust-anyone", Severity.REFUSED, "it lets in every account of AWS")
    strangers = sorted(_accounts(names) - set(known_accounts))
    if strangers and "sts:externalid" not in narrowed:
        text = (
            f"it trusts {', '.join(strangers)}, neither of the two accounts, without an external ID (confused deputy)"
        )
        yield Notice("trust-third-party", Severity.WARNING, text)
    if accounts and not narrowed.intersection(_NARROW_ACCOUNT) and not any(one.startswith(_TAG) for one in narrowed):
        text = f"every identity of {', '.join(sorted(accounts))} whose own policies allow it may assume the role"
        yield Notice("trust-account-wide", Severity.NOTE, text)
    if names and not narrowed.intersection(_MFA):
        yield Notice("no-mfa", Severity.NOTE, "it asks for no MFA")
    if ids := sorted(name for name in names if arn.UNIQUE_ID.fullmatch(name)):
        text = f"{', '.join(ids)} is a user or role that no longer exists; a new one of its name is not let in"
        yield Notice("principal-id", Severity.WARNING, text)


def _accounts(names: Collection[str]) -> set[str]:
    """Return the accounts of principals, named as a whole or as that of an identity."""
    arns = [found for name in names if (found := arn.parse(name)) is not None]
    return {found.account for found in arns} | {name for name in names if arn.ACCOUNT.fullmatch(name)}


def _narrows(condition: Condition) -> bool:
    """Tell whether a condition can only be met with the key, and by some of its values."""
    operator = operator_of(condition.operator)
    if operator is None or operator.is_negated or operator.has_if_exists or operator.set is Set.ALL:
        return False
    if operator.name == "bool":
        return all(value.lower() == "true" for value in condition.values)
    return operator.name != "null" and not any(value.strip("*") == "" for value in condition.values)


def _of_conditions(document: Document) -> Iterator[Notice]:
    for statement in document.statements:
        for one in statement.conditions:
            yield from _of_condition(statement, one)
        texts = (*(statement.resources or ()), *(value for one in statement.conditions for value in one.values))
        if not document.has_variables and any("${" in text for text in texts):
            text = "its ${…} is plain text: variables need Version 2012-10-17"
            yield Notice("version-without-variables", Severity.WARNING, text)


def _of_condition(statement: Statement, condition: Condition) -> Iterator[Notice]:
    operator = operator_of(condition.operator)
    if operator is None:
        text = f"{condition.operator[:64]} is no operator of IAM"
        yield Notice("unknown-operator", Severity.REFUSED, text)
        return
    is_allow = statement.effect == "Allow"
    if is_allow and (operator.set is Set.ALL or operator.is_negated) and not _requires(statement, condition.key):
        text = f"{condition.operator} on {condition.key[:128]} is true where the request has no such key"
        yield Notice("negated-condition", Severity.WARNING, text)
    is_false = operator.name == "bool" and any(value.lower() == "false" for value in condition.values)
    if is_false and not operator.has_if_exists and condition.key.lower() in _MFA:
        text = "Bool on aws:MultiFactorAuthPresent never fits long-lived keys, which have no such key: use BoolIfExists"
        yield Notice("bool-without-ifexists", Severity.WARNING, text)


def _requires(statement: Statement, key: str) -> bool:
    """Tell whether another condition of the statement asks that the key is there."""
    return any(
        one.operator.lower() == "null" and one.key.lower() == key.lower() and [*map(str.lower, one.values)] == ["false"]
        for one in statement.conditions
    )


def _allows_assuming(statement: Statement) -> bool:
    return statement.is_not_action != any(fits_action(one, "sts:AssumeRole") for one in statement.actions)


def _has_open_role(statement: Statement) -> bool:
    return statement.is_not_resource or any("*" in one or "?" in one for one in statement.resources or ())
