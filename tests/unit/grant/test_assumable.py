"""Roles that policies allow to assume: exact ones, patterns, what a Deny or a boundary takes off, and conditions."""

from typing import Any

import pytest

from credhelper.grant.assumable import Denied, Found, find
from credhelper.grant.assume_rules import Source
from credhelper.policy.document import V2008, V2012, Document, parse
from credhelper.policy.request import Caller

PROD = "arn:aws:iam::222222222222:role/"
OTHER = "arn:aws:iam::333333333333:role/"
DAVID = Caller(name="arn:aws:iam::111111111111:user/team/David")
SESSION = Caller(name="arn:aws:sts::111111111111:assumed-role/dev/david", role_arn="arn:aws:iam::111111111111:role/dev")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def allow(*resources: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(resources), **more}


def deny(*resources: str, **more: Any) -> dict[str, Any]:
    return {**allow(*resources, **more), "Effect": "Deny"}


def document(*statements: dict[str, Any], version: str = V2012) -> Document:
    return parse({"Version": version, "Statement": list(statements)})


def found(*statements: dict[str, Any], caller: Caller = DAVID, **more: Any) -> Found:
    return find([Source("one", document(*statements))], caller, **more)


def shown(result: Found) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.role, one.conditions) for one in result.roles]


def test_story_of_david() -> None:
    policies = [
        Source("group DevGroup/allow-assume", document(allow(f"{PROD}acc-to-read-prod-s3-bucket"))),
        Source("group DevGroup/more", document(allow(f"{PROD}ops/deploy", f"{OTHER}team-*", Condition=MFA))),
        Source("user David/old", document(allow(f"{PROD}gone"))),
        Source("group All/guard", document(deny(f"{PROD}gone"))),
    ]
    result = find(policies, DAVID)
    assert [(one.role, one.is_pattern, one.sources, one.conditions) for one in result.roles] == [
        (f"{PROD}acc-to-read-prod-s3-bucket", False, ("group DevGroup/allow-assume",), ()),
        (f"{PROD}ops/deploy", False, ("group DevGroup/more",), ("MFA",)),
        (f"{OTHER}team-*", True, ("group DevGroup/more",), ("MFA",)),
    ]
    assert result.denied == (Denied(f"{PROD}gone", "group All/guard"),)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow(f"{PROD}a", Condition={"StringEquals": {"sts:ExternalId": "x"}}), "StringEquals sts:ExternalId x"),
        (
            allow(f"{PROD}a", Condition={**MFA, "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}),
            "MFA and IpAddress aws:SourceIp 203.0.113.0/24, 10.0.0.0/8",
        ),
        (allow(f"{PROD}a", Condition={"Null": {"aws:MultiFactorAuthAge": "false"}}), "MFA"),
        # Long-lived keys have no such key, and this lets them pass.
        (
            allow(f"{PROD}a", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
            "BoolIfExists aws:MultiFactorAuthPresent true",
        ),
        (
            allow(f"{PROD}a", Condition={"StringEquals": {"aws:PrincipalTag/team": ["a", "b", "c", "d"]}}),
            "StringEquals aws:PrincipalTag/team a, b, c, … (4)",
        ),
    ],
)
def test_condition_of_an_allow(statement: dict[str, Any], expected: str) -> None:
    assert shown(found(statement)) == [(f"{PROD}a", (expected,))]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (NO_MFA, "MFA"),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, "MFA"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "not Bool aws:MultiFactorAuthPresent false"),
        (
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, **NO_MFA},
            "not NotIpAddress aws:SourceIp 203.0.113.0/24 or MFA",
        ),
    ],
)
def test_condition_of_a_deny_is_what_avoids_it(condition: dict[str, Any], expected: str) -> None:
    everything = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    assert shown(found(allow(f"{PROD}a", f"{PROD}t*"), everything)) == [
        (f"{PROD}a", (expected,)),
        (f"{PROD}t*", (expected,)),
    ]


def test_allow_without_a_condition_counts_before_one_with() -> None:
    policies = [
        Source("strict", document(allow(f"{PROD}a", Condition=MFA))),
        Source("lax", document(allow(f"{PROD}*"))),
    ]
    exact, pattern = find(policies, DAVID).roles
    assert (exact.role, exact.sources, exact.conditions) == (f"{PROD}a", ("lax",), ())
    assert (pattern.role, pattern.sources) == (f"{PROD}*", ("lax",))


def test_two_allows_with_conditions_are_two_ways() -> None:
    way = {"StringEquals": {"sts:ExternalId": "x"}}
    result = found(
        allow(f"{PROD}a", Condition=MFA), allow(f"{PROD}a", Condition=way), allow(f"{PROD}t*", Condition=MFA)
    )
    assert shown(result) == [(f"{PROD}a", ("MFA or StringEquals sts:ExternalId x",)), (f"{PROD}t*", ("MFA",))]


def test_condition_that_the_caller_settles_is_none() -> None:
    mine = {"StringEquals": {"aws:username": "David"}}
    theirs = {"StringEquals": {"aws:username": "Eve"}}
    assert shown(found(allow(f"{PROD}a", Condition=mine), allow(f"{PROD}b", Condition=theirs))) == [(f"{PROD}a", ())]
    assert found(allow(f"{PROD}t*", Condition=theirs)) == Found((), ())


def test_variables_are_filled_in() -> None:
    own = allow(f"{PROD}${{aws:username}}", f"{PROD}team-${{aws:PrincipalTag/team}}", f"{PROD}x-${{aws:username}}-*")
    assert [one.role for one in found(own).roles] == [
        f"{PROD}David",
        f"{PROD}team-${{aws:PrincipalTag/team}}",
        f"{PROD}x-David-*",
    ]
    # A session has no user's name; a policy of 2008 has no variables, and a role's name no such sign.
    assert found(allow(f"{PROD}${{aws:username}}"), caller=SESSION) == Found((), ())
    old = document(allow(f"{PROD}${{aws:username}}"), version=V2008)
    assert find([Source("old", old)], DAVID) == Found((), ())


@pytest.mark.parametrize(
    "statement",
    [
        allow("arn:aws:s3:::bucket/*", "arn:aws:iam::222222222222:user/*", f"{PROD}"),
        {**allow(f"{PROD}a"), "Action": ["s3:*", "sts:AssumeRoleWithSAML"]},
        {"Effect": "Allow", "NotAction": "sts:*", "Resource": "*"},
        deny(f"{PROD}a"),
    ],
)
def test_what_allows_no_role_is_not_listed(statement: dict[str, Any]) -> None:
    assert found(statement) == Found((), ())


@pytest.mark.parametrize("action", ["sts:AssumeRole", "STS:assumerole", "sts:*", "*", ["s3:Get*", "sts:Assume*"]])
def test_action_in_any_spelling(action: Any) -> None:
    assert shown(found({**allow(f"{PROD}a"), "Action": action})) == [(f"{PROD}a", ())]
    assert shown(found({"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{PROD}a"})) == [(f"{PROD}a", ())]


def test_deny_of_a_part_is_an_exception_and_one_of_all_takes_the_pattern_off() -> None:
    part, every = found(allow(f"{PROD}*"), deny(f"{PROD}admin*", "arn:aws:s3:::x")), found(allow(f"{PROD}*"), deny("*"))
    assert part.roles[0].exceptions == (f"{PROD}admin*",)
    assert every == Found((), (Denied(f"{PROD}*", "one"),))
    others = found(allow(f"{PROD}*"), {"Effect": "Deny", "NotAction": "s3:*", "NotResource": f"{PROD}team-*"})
    assert others.roles[0].exceptions == (f"all but {PROD}team-*",)
    rest = found(allow(f"{PROD}*"), {"Effect": "Deny", "Action": "*", "NotResource": f"{OTHER}*"})
    assert rest == Found((), (Denied(f"{PROD}*", "one"),))
    conditional = found(allow(f"{PROD}*"), deny(f"{PROD}admin", Condition=NO_MFA))
    assert conditional.roles[0].exceptions == (f"{PROD}admin (unless MFA)",)


def test_all_but_some_is_a_pattern() -> None:
    (one,) = found({"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": f"{PROD}admin"}).roles
    assert (one.role, one.is_pattern, one.exceptions) == ("*", True, (f"{PROD}admin",))


def test_boundary_narrows() -> None:
    allowed = [allow(f"{PROD}a", f"{PROD}b", f"{PROD}t*", f"{OTHER}*")]
    none = found(*allowed, boundary=document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
    assert (none.roles, {one.by for one in none.denied}) == ((), {"the permissions boundary"})
    some = found(*allowed, boundary=document(allow(f"{PROD}a", f"{PROD}t-*", Condition=MFA)))
    assert shown(some) == [(f"{PROD}a", ("MFA",)), (f"{PROD}t*", ("within the permissions boundary",))]
    whole = found(*allowed, boundary=document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    assert shown(whole) == [(role, ()) for role in (f"{PROD}a", f"{PROD}b", f"{PROD}t*", f"{OTHER}*")]
    denying = found(*allowed, boundary=document(allow("*"), deny(f"{PROD}*")))
    assert [one.role for one in denying.roles] == [f"{OTHER}*"]


def test_known_role_is_listed_where_a_pattern_takes_it() -> None:
    known = [f"{PROD}team-a", f"{PROD}admin", f"{OTHER}x"]
    result = found(allow(f"{PROD}*"), deny(f"{PROD}admin"), known=known)
    assert [one.role for one in result.roles] == [f"{PROD}team-a", f"{PROD}*"]
    assert result.denied == ()
    assert find([], DAVID, known=known) == Found((), ())
