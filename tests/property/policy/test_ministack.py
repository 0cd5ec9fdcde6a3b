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
