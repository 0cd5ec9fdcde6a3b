"""Each code, with what has it and what comes close and has it not."""

from typing import Any

import pytest

from credhelper.policy import lint
from credhelper.policy.build import Narrowing, assume, trust
from credhelper.policy.document import Document, parse
from credhelper.policy.lint import Severity

ACC, PROD, THIRD = "111111111111", "222222222222", "333333333333"
KNOWN = {ACC, PROD}
ID = {"StringEquals": {"sts:ExternalId": "x"}}


def of(version: str = "2012-10-17", **changes: Any) -> Document:
    fields = {"Effect": "Allow", "Action": "sts:AssumeRole", **changes}
    return parse({"Version": version, "Statement": [fields]})


def trusted(principal: Any, condition: Any = None, **changes: Any) -> set[str]:
    fields = {"Principal": principal, **({"Condition": condition} if condition else {}), **changes}
    return {one.code for one in lint.trust(of(**fields), known_accounts=KNOWN)}


@pytest.mark.parametrize(
    ("principal", "condition", "is_refused"),
    [
        ("*", None, True),
        ({"AWS": ["*", ACC]}, None, True),
        ("*", ID, True),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, False),
        ("*", {"StringLike": {"AWS:principalarn": "arn:aws:iam::111111111111:user/*"}}, False),
        ("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}}, False),
        ("*", {"StringEquals": {"aws:PrincipalAccount": ACC}}, False),
        ("*", {"StringLike": {"aws:PrincipalArn": "*"}}, True),
        ("*", {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::111111111111:user/x", "**"]}}, True),
        ("*", {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}, True),
        ("*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, True),
        ("*", {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, True),
        ("*", {"Null": {"aws:PrincipalOrgID": "false"}}, True),
        ("*", {"Strange": {"aws:PrincipalOrgID": "x"}}, True),
        ({"AWS": ACC}, None, False),
        ({"Service": "*"}, None, False),
    ],
)
def test_trust_of_everybody(principal: Any, condition: Any, is_refused: bool) -> None:
    found = lint.trust(of(Principal=principal, **({"Condition": condition} if condition else {})), known_accounts=KNOWN)
    assert ("trust-anyone" in {one.code for one in found if one.severity is Severity.REFUSED}) is is_refused


def test_deny_and_not_principal() -> None:
    assert trusted("*", Effect="Deny") == set()
    fields = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": ACC}}
    found = lint.trust(parse({"Statement": fields}), known_accounts=KNOWN)
    assert "trust-anyone" in {one.code for one in found}


@pytest.mark.parametrize(
    ("code", "principal", "condition", "has"),
    [
        ("trust-third-party", {"AWS": THIRD}, None, True),
        ("trust-third-party", {"AWS": f"arn:aws:iam::{THIRD}:role/x"}, None, True),
        ("trust-third-party", {"AWS": THIRD}, ID, False),
        ("trust-third-party", {"AWS": THIRD}, {"StringEqualsIfExists": {"sts:ExternalId": "x"}}, True),
        ("trust-third-party", {"AWS": THIRD}, {"StringLike": {"sts:ExternalId": "*"}}, True),
        ("trust-third-party", {"AWS": [ACC, f"arn:aws:iam::{PROD}:root"]}, None, False),
        ("trust-account-wide", {"AWS": ACC}, None, True),
        ("trust-account-wide", {"AWS": f"arn:aws:iam::{ACC}:root"}, ID, True),
        ("trust-account-wide", {"AWS": f"arn:aws:iam::{ACC}:user/x"}, None, False),
        ("trust-account-wide", {"AWS": ACC}, {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACC}:user/x"}}, False),
        ("trust-account-wide", {"AWS": ACC}, {"StringEquals": {"aws:PrincipalTag/team": "x"}}, False),
        ("no-mfa", {"AWS": ACC}, None, True),
        ("no-mfa", {"AWS": ACC}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ("no-mfa", {"AWS": ACC}, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, True),
        ("no-mfa", {"AWS": ACC}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ("no-mfa", {"AWS": ACC}, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, False),
        ("no-mfa", {"Service": "lambda.amazonaws.com"}, None, False),
        ("principal-id", {"AWS": "AIDAQWERTYUIOPASDFGHJ"}, None, True),
        ("principal-id", {"AWS": f"arn:aws:iam::{ACC}:user/AIDAQWERTYUIOPASDFGHJ"}, None, False),
    ],
)
def test_trust(code: str, principal: Any, condition: Any, has: bool) -> None:
    assert (code in trusted(principal, condition)) is has


@pytest.mark.parametrize(
    ("code", "condition", "changes", "has"),
    [
        ("negated-condition", {"StringNotEquals": {"k": "x"}}, {}, True),
        ("negated-condition", {"StringNotEquals": {"k": "x"}, "Null": {"K": "false"}}, {}, False),
        ("negated-condition", {"StringNotEquals": {"k": "x"}, "Null": {"k": ["false", "true"]}}, {}, True),
        ("negated-condition", {"StringNotEquals": {"k": "x"}, "Null": {"other": "false"}}, {}, True),
        ("negated-condition", {"ForAllValues:StringEquals": {"k": "x"}}, {}, True),
        ("negated-condition", {"ForAnyValue:StringEquals": {"k": "x"}}, {}, False),
        ("negated-condition", {"StringNotEquals": {"k": "x"}}, {"Effect": "Deny"}, False),
        ("negated-condition", {"StringEquals": {"k": "x"}}, {}, False),
        ("bool-without-ifexists", {"Bool": {"aws:MultiFactorAuthPresent": False}}, {"Effect": "Deny"}, True),
        ("bool-without-ifexists", {"Bool": {"AWS:multifactorauthpresent": "False"}}, {}, True),
        ("bool-without-ifexists", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, {"Effect": "Deny"}, False),
        ("bool-without-ifexists", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, False),
        ("bool-without-ifexists", {"Bool": {"aws:SecureTransport": "false"}}, {}, False),
        ("unknown-operator", {"StringMatches": {"k": "x"}}, {}, True),
        ("version-without-variables", {"StringLike": {"k": "${aws:username}"}}, {"version": "2008-10-17"}, True),
        ("version-without-variables", {"StringLike": {"k": "${aws:username}"}}, {}, False),
        ("version-without-variables", {"StringLike": {"k": "x"}}, {"version": "2008-10-17"}, False),
    ],
)
def test_conditions_of_any_policy(code: str, condition: Any, changes: dict[str, Any], has: bool) -> None:
    fields = {"Condition": condition, **changes}
    assert (code in {one.code for one in lint.identity(of(Resource="x", **fields))}) is has
    assert (code in {one.code for one in lint.trust(of(Principal={"AWS": ACC}, **fields), known_accounts=KNOWN)}) is has


@pytest.mark.parametrize(
    ("fields", "has"),
    [
        ({"Resource": "*"}, True),
        ({"Resource": "arn:aws:iam::222222222222:role/*"}, True),
        ({"Resource": ["arn:aws:iam::222222222222:role/x", "arn:aws:iam::222222222222:role/team-?"]}, True),
        ({"Resource": "arn:aws:iam::222222222222:role/x"}, False),
        ({"Action": "s3:*", "Resource": "*"}, False),
        ({"Action": "*", "Resource": "*"}, True),
        ({"Effect": "Deny", "Resource": "*"}, False),
        ({"NotResource": "arn:aws:iam::222222222222:role/x"}, True),
    ],
)
def test_pattern_of_roles(fields: dict[str, Any], has: bool) -> None:
    assert ("wildcard-role" in {one.code for one in lint.identity(of(**fields))}) is has


def test_pattern_of_roles_by_not_action() -> None:
    for action, has in (("s3:*", True), ("sts:*", False)):
        found = lint.identity(parse({"Statement": {"Effect": "Allow", "NotAction": action, "Resource": "*"}}))
        assert ("wildcard-role" in {one.code for one in found}) is has


@pytest.mark.parametrize(
    ("arn", "has"),
    [
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", True),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", True),
        ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", False),
        ("arn:aws:iam::111111111111:policy/AdministratorAccess", False),
        ("AdministratorAccess", False),
    ],
)
def test_managed_policies_that_are_too_broad(arn: str, has: bool) -> None:
    assert [one.code for one in lint.managed([arn])] == ["managed-too-broad"] * has


def test_sessions_of_twelve_hours() -> None:
    assert lint.max_session(43_199) == []
    assert [one.code for one in lint.max_session(43_200)] == ["session-12h"]


def test_external_id_is_no_secret() -> None:
    assert (lint.external_id().code, lint.external_id().severity) == ("external-id-as-secret", Severity.NOTE)


def test_length_is_that_of_all_documents_together() -> None:
    role = "arn:aws:iam::222222222222:role/x"
    one = assume([role] * 20)
    assert lint.length("user", [one]) == []
    (found,) = lint.length("user", [one] * 4)
    assert (found.code, found.severity) == ("too-long", Severity.REFUSED)
    assert lint.length("group", [one] * 4) == []


def test_what_we_write_ourselves_is_never_refused_nor_warned_of() -> None:
    narrowing = Narrowing(external_id="x", requires_mfa=True, principal_arns=(f"arn:aws:iam::{ACC}:user/David",))
    found = lint.trust(trust([ACC], narrowing), known_accounts=KNOWN)
    assert found == []
    assert lint.identity(assume([f"arn:aws:iam::{PROD}:role/x"], requires_mfa=True)) == []
