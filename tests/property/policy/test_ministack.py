"""The evaluator beside MiniStack's, on random policies with every key known: of an identity, of a role, of a resource.

Left out is what MiniStack's does not do, by AWS's pages; docs/reliability.md lists it.
"""

import json
import os
import random
from typing import Any

import pytest
from ministack.core import iam_evaluator as theirs

from credhelper.policy.document import parse
from credhelper.policy.explain import Verdict, explain
from credhelper.policy.request import Context, Missing, Request
from credhelper.policy.truth import Truth
from fakes import policies

COUNT = int(os.environ.get("POLICY_ORACLE", "1500"))
SEED = int(os.environ.get("POLICY_ORACLE_SEED", "1"))
_DECISIONS = {"Allow": (Truth.TRUE, Truth.FALSE), "Deny": (Truth.FALSE, Truth.TRUE), "ImplicitDeny": (Truth.FALSE,) * 2}


def value(context: Context, key: str) -> Any:
    found = context.value(key)
    return None if isinstance(found, Missing) else list(found) if isinstance(found, tuple) else found


def context_of(request: Request) -> Any:
    assert request.caller is not None
    values = {key.lower(): value(request.context, key) for key in policies.KEYS}
    return theirs.EvalContext(
        principal_arn=request.caller.name,
        principal_type=values["aws:principaltype"],
        principal_account=request.caller.account,
        action=request.action,
        resource_arn=request.resource,
        region="eu-west-1",
        source_ip=values["aws:sourceip"],
        tag_keys=values["aws:tagkeys"],
        service_context=values,
    )


def identity(policy: dict[str, Any], request: Request) -> tuple[Truth, Truth]:
    found = theirs.evaluate(context_of(request), [theirs.parse_policy_document(policy)])
    return _DECISIONS[found.decision]


def resource(policy: dict[str, Any], request: Request) -> tuple[Truth, Truth]:
    return _DECISIONS[theirs.evaluate_resource_policy(policy, context_of(request)).decision]


def trust(policy: dict[str, Any], request: Request) -> tuple[Truth, Truth]:
    assert request.caller is not None
    is_let_in = theirs.evaluate_trust_policy(policy, request.caller.name, context_of(request))
    is_denied = explain([parse(policy)], request).is_denied  # it does not say whether a Deny decided
    return (Truth.TRUE, Truth.FALSE) if is_let_in else (Truth.FALSE, is_denied)


@pytest.mark.parametrize(
    ("oracle", "has_principal", "has_resource"), [(identity, False, True), (resource, True, True), (trust, True, False)]
)
def test_same_verdict_as_ministacks(oracle: Any, has_principal: bool, has_resource: bool) -> None:
    chance = random.Random(SEED)
    seen: set[tuple[Truth, Truth]] = set()
    for _ in range(COUNT // 3):
        policy = policies.policy(chance, has_principal=has_principal, has_resource=has_resource)
        request = policies.request(chance)
        found: Verdict = explain([parse(policy)], request)
        verdict = (found.is_allowed, found.is_denied)
        assert verdict == oracle(policy, request), (json.dumps(policy), request)
        seen.add(verdict)
    assert len(seen) == 3


def asked(**changes: Any) -> Request:
    context = Context(changes.pop("keys", {}), others=Missing.ABSENT)
    caller = changes.pop("caller", policies.CALLERS[0])
    return Request(
        **{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/a", "caller": caller, "context": context, **changes}
    )


def allowing(**changes: Any) -> dict[str, Any]:
    fields = {"Effect": "Allow", "Action": "*", "Resource": "*", **changes}
    return {"Version": "2012-10-17", "Statement": [{name: one for name, one in fields.items() if one is not None}]}


F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
USER = f"arn:aws:iam::{policies.ACC}:user/David"


@pytest.mark.parametrize(
    ("oracle", "policy", "request_changes", "verdict", "theirs_is"),
    [
        # Variables are never filled in, nor their defaults.
        (identity, allowing(Resource="arn:aws:s3:::b/${aws:TagKeys}"), {"keys": {"aws:TagKeys": "a"}}, T, F),
        (identity, allowing(Condition={"StringEquals": {"sts:ExternalId": "${x, 'one'}"}}),
         {"keys": {"sts:ExternalId": "one"}}, T, F),
        # The parts of an ARN are not compared one by one, so a star takes colons.
        (identity, allowing(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:1:t"}}),
         {"keys": {"aws:SourceArn": "arn:aws:sns:eu:9:1:t"}}, F, T),
        (identity, allowing(Condition={"ArnLike": {"aws:SourceArn": "arn:*"}}),
         {"keys": {"aws:SourceArn": "arn:aws:sns:eu:1:t"}}, U, T),
        (identity, allowing(Resource="arn:*/a"), {}, U, T),
        # An operator for one value is given the text of the list.
        (identity, allowing(Condition={"StringNotEquals": {"aws:TagKeys": "team"}}),
         {"keys": {"aws:TagKeys": ("team", "cost")}}, U, T),
        # A value of another type is taken for one that does not fit.
        (identity, allowing(Condition={"NumericNotEquals": {"aws:MultiFactorAuthAge": "x"}}),
         {"keys": {"aws:MultiFactorAuthAge": "1"}}, U, F),
        # Null looks at its first value only.
        (identity, allowing(Condition={"Null": {"sts:ExternalId": ["true", "false"]}}),
         {"keys": {"sts:ExternalId": "x"}}, T, F),
        # ForAllValues does not take empty values for none.
        (identity, allowing(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}),
         {"keys": {"aws:TagKeys": ("",)}}, U, F),
        # An operator that IAM does not know never holds.
        (identity, allowing(Condition={"StringMatches": {"sts:ExternalId": "x"}}),
         {"keys": {"sts:ExternalId": "x"}}, U, F),
        # NotPrincipal names no caller.
        (resource, allowing(Effect="Deny", NotPrincipal={"AWS": policies.PROD}), {}, F, F),
        # A principal may have wildcards and any case.
        (trust, allowing(Principal={"AWS": USER.replace("David", "D*")}, Resource=None), {}, U, T),
        (trust, allowing(Principal={"AWS": USER.lower()}, Resource=None), {}, U, T),
        # A role is known by its name alone, also where the caller's has another path.
        (trust, allowing(Principal={"AWS": f"arn:aws:iam::{policies.ACC}:role/x/ops"}, Resource=None),
         {"caller": policies.CALLERS[2]}, F, T),
    ],
)  # fmt: skip
def test_gap_of_ministacks_is_still_one(
    oracle: Any, policy: dict[str, Any], request_changes: dict[str, Any], verdict: Truth, theirs_is: Truth
) -> None:
    request = asked(**request_changes)
    found = explain([parse(policy)], request)
    assert found.is_allowed is verdict
    if "NotPrincipal" in policy["Statement"][0]:
        assert (found.is_denied, oracle(policy, request)) == (T, (F, F))
    else:
        assert oracle(policy, request)[0] is theirs_is
