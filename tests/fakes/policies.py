"""Random policies and requests: every operator on values of its type, keys of one value and of several.

The gaps of MiniStack's evaluator, listed in docs/reliability.md, are left out unless `is_wide` asks for them.
"""

import random
from typing import Any

from credhelper.policy.request import Caller, Context, Missing, Request, Value

PROD, ACC, THIRD = "222222222222", "111111111111", "333333333333"
ROLE = f"arn:aws:iam::{PROD}:role/reader"
CALLERS = (
    Caller(name=f"arn:aws:iam::{ACC}:user/David"),
    Caller(name=f"arn:aws:iam::{ACC}:user/team/Eve"),
    Caller(name=f"arn:aws:sts::{ACC}:assumed-role/ops/david", role_arn=f"arn:aws:iam::{ACC}:role/ops"),
)
ACTIONS = ("sts:AssumeRole", "sts:TagSession", "s3:GetObject", "s3:ListBucket", "S3:PutObject")
RESOURCES = (ROLE, f"arn:aws:iam::{PROD}:role/team/writer", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/a/b.txt", "*")
_TEXTS = ("one", "two", "One", "o*e", "team-a")
_ARNS = ("arn:aws:s3:::bucket", f"arn:aws:iam::{PROD}:role/reader", f"arn:aws:iam::{ACC}:user/David")
# Each key with its values: of the types text, number, date, fact, address, ARN.
VALUES: dict[str, tuple[str, ...]] = {
    "sts:ExternalId": _TEXTS,
    "aws:PrincipalTag/team": _TEXTS,
    "aws:username": ("David", "Eve"),
    "aws:PrincipalType": ("User", "AssumedRole"),
    "aws:MultiFactorAuthAge": ("1", "2", "10", "300.5", "-1"),
    "aws:TokenIssueTime": ("2026-01-01T00:00:00Z", "2026-01-01", "2026-06-01T12:00:00+02:00", "1767225600"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:SourceIp": ("203.0.113.7", "10.1.2.3", "2001:db8::1"),
    "aws:SourceArn": _ARNS,
    "lambda:Hash": ("YQ==", "Yg=="),
}
SEVERAL = {"aws:TagKeys": ("team", "cost", "Team"), "aws:CalledVia": ("athena.amazonaws.com", "s3.amazonaws.com")}
KEYS = (*VALUES, *SEVERAL)
_TEXT_OPERATORS = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
_LIKE = ("StringLike", "StringNotLike")
_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OF_TEXT = tuple((one, _TEXTS) for one in _TEXT_OPERATORS) + tuple(
    (one, ("o*", "*e", "tw?", "*", "One")) for one in _LIKE
)
# Each key with its operators, and what each of them is given.
OPERATORS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "sts:ExternalId": _OF_TEXT,
    "aws:PrincipalTag/team": _OF_TEXT,
    "aws:username": tuple((one, ("David", "eve", "D*")) for one in (*_TEXT_OPERATORS, *_LIKE)),
    "aws:PrincipalType": tuple((one, ("User", "AssumedRole")) for one in _TEXT_OPERATORS),
    "aws:MultiFactorAuthAge": tuple((f"Numeric{one}", ("1", "2.0", "300", "300.5")) for one in _ORDERS),
    "aws:TokenIssueTime": tuple(
        (f"Date{one}", ("2026-01-01T00:00:00Z", "2026-06-01T10:00:00Z", "1767225600", "2025-12-31")) for one in _ORDERS
    ),
    "aws:MultiFactorAuthPresent": (("Bool", ("true", "false", "True")),),
    "aws:SourceIp": tuple(
        (one, ("203.0.113.0/24", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0"))
        for one in ("IpAddress", "NotIpAddress")
    ),
    "aws:SourceArn": tuple(
        (one, (*_ARNS, "arn:aws:iam::*:user/*", "arn:aws:*:*:*:*", "arn:aws:s3:::buck??"))
        for one in ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
    ),
    "lambda:Hash": (("BinaryEquals", ("YQ==", "Yg==")),),
    "aws:TagKeys": tuple((one, ("team", "Cost", "t*", "*")) for one in (*_TEXT_OPERATORS, *_LIKE)),
    "aws:CalledVia": tuple((one, ("athena.amazonaws.com", "*.amazonaws.com")) for one in (*_TEXT_OPERATORS, *_LIKE)),
}
_PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": ACC},
    {"AWS": f"arn:aws:iam::{ACC}:root"},
    {"AWS": [f"arn:aws:iam::{THIRD}:root", CALLERS[0].name]},
    {"AWS": CALLERS[1].name},
    {"AWS": [CALLERS[2].role_arn, THIRD]},
    {"AWS": CALLERS[2].name},
    {"Service": "lambda.amazonaws.com"},
)
_VARIABLES = ("${aws:username}", "${aws:PrincipalTag/team, 'one'}", "x${sts:ExternalId}", "${aws:TagKeys}")


def _some(chance: random.Random, values: tuple[Any, ...]) -> Any:
    """Return one value, or a list of some."""
    if chance.random() < 0.5:
        return chance.choice(values)
    return chance.sample(values, chance.randint(1, min(3, len(values))))


def condition(chance: random.Random, key: str, *, is_wide: bool = False) -> tuple[str, Any]:
    """Return an operator for a key with what it is given."""
    if chance.random() < 0.1:
        return "Null", chance.choice(("true", "false", True, False))
    operator, values = chance.choice(OPERATORS[key])
    if is_wide and operator.startswith("String") and chance.random() < 0.3:
        values = (*values, *_VARIABLES)
    prefixes = ("ForAllValues:", "ForAnyValue:") if key in SEVERAL else ("", "", "", "ForAllValues:", "ForAnyValue:")
    if is_wide:
        prefixes = ("", *prefixes)
    end = chance.choice(("", "", "IfExists"))
    return f"{chance.choice(prefixes)}{operator}{end}", _some(chance, values)


def statement(
    chance: random.Random, *, has_principal: bool, has_resource: bool, is_wide: bool = False
) -> dict[str, Any]:
    """Return a random statement as JSON has it."""
    actions = (*ACTIONS, "sts:*", "s3:Get*", "*", "s3:get?bject")
    resources: tuple[str, ...] = (*RESOURCES, "arn:aws:s3:::bucket/*", "arn:aws:s3:::buck*", "arn:aws:iam::*:role/*")
    if is_wide:
        resources = (
            *resources,
            "arn:aws:s3:::bucket/${aws:username}/*",
            "arn:aws:*t/a/b.txt",
            "arn:*:role/${sts:ExternalId}",
        )
    found: dict[str, Any] = {"Effect": chance.choice(("Allow", "Allow", "Deny"))}
    found["Action" if chance.random() < 0.85 else "NotAction"] = _some(chance, actions)
    if has_resource:
        found["Resource" if chance.random() < 0.85 else "NotResource"] = _some(chance, resources)
    if has_principal:
        found["Principal"] = chance.choice(_PRINCIPALS)
        if is_wide and chance.random() < 0.2:
            found["NotPrincipal"] = found.pop("Principal") if isinstance(found["Principal"], dict) else {"AWS": ACC}
            found.pop("Principal", None)
    if chance.random() < 0.3:
        found["Sid"] = chance.choice(("One", "Two"))
    blocks: dict[str, dict[str, Any]] = {}
    for key in chance.sample(KEYS, chance.choice((0, 0, 1, 1, 2, 3))):
        operator, values = condition(chance, key, is_wide=is_wide)
        blocks.setdefault(operator, {})[chance.choice((key, key.lower(), key.upper()))] = values
    return {**found, "Condition": blocks} if blocks else found


def policy(chance: random.Random, *, has_principal: bool, has_resource: bool, is_wide: bool = False) -> dict[str, Any]:
    """Return a random policy of one to three statements as JSON has it."""
    statements = [
        statement(chance, has_principal=has_principal, has_resource=has_resource, is_wide=is_wide)
        for _ in range(chance.randint(1, 3))
    ]
    version = chance.choice(("2012-10-17", "2012-10-17", "2008-10-17", None)) if is_wide else "2012-10-17"
    found = {"Statement": statements[0] if len(statements) == 1 and chance.random() < 0.3 else statements}
    return {"Version": version, **found} if version else found


def value(chance: random.Random, key: str) -> Value:
    """Return a value of a key, or that it is absent."""
    if chance.random() < 0.25:
        return Missing.ABSENT
    if key in VALUES:
        return chance.choice(VALUES[key])
    return tuple(chance.sample(SEVERAL[key], chance.randint(1, len(SEVERAL[key]))))


def request(chance: random.Random) -> Request:
    """Return a request of which every key is known."""
    return Request(
        action=chance.choice(ACTIONS),
        resource=chance.choice(RESOURCES),
        caller=chance.choice(CALLERS),
        context=Context({key: value(chance, key) for key in KEYS}, others=Missing.ABSENT),
    )
