"""What is called certain without knowing all stays right for everything that it may be."""

import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from credhelper.policy.document import Document, parse
from credhelper.policy.explain import Verdict, explain
from credhelper.policy.request import Missing, Request
from credhelper.policy.truth import Truth
from fakes import policies

COUNT = int(os.environ.get("POLICY_UNKNOWN", "1500"))
SEED = int(os.environ.get("POLICY_UNKNOWN_SEED", "1"))


def cases(count: int) -> Iterator[tuple[random.Random, Document, Request, str]]:
    """Yield random policies with requests, also of what MiniStack does not do."""
    chance = random.Random(SEED)
    for _ in range(count):
        policy = policies.policy(chance, has_principal=chance.random() < 0.5, has_resource=True, is_wide=True)
        yield chance, parse(policy), policies.request(chance), json.dumps(policy)


def changed(request: Request, **changes: Any) -> Request:
    fields = {name: getattr(request, name) for name in ("action", "resource", "caller", "context")}
    return Request(**{**fields, **changes})


def hiding(request: Request, keys: set[str]) -> Request:
    return changed(request, context=request.context.having(dict.fromkeys(keys, Missing.UNKNOWN)))


def contradicts(before: Verdict, after: Verdict) -> bool:
    """Tell whether what was certain is now something else, or not certain any more."""
    pairs = ((before.is_allowed, after.is_allowed), (before.is_denied, after.is_denied))
    return any(one is not Truth.UNKNOWN and other is not one for one, other in pairs)


def some_keys(chance: random.Random) -> set[str]:
    keys = [key for key in policies.KEYS if key not in ("aws:username", "aws:PrincipalType")]  # the ARN settles these
    return set(chance.sample(keys, chance.randint(1, len(keys))))


def test_certain_verdict_holds_for_every_value_of_an_unknown_key() -> None:
    certain = 0
    for chance, document, request, shown in cases(COUNT):
        hidden = some_keys(chance)
        before = explain([document], hiding(request, hidden))
        certain += before.is_allowed.is_certain
        for _ in range(5):
            known = request.context.having({key: policies.value(chance, key) for key in hidden})
            assert not contradicts(before, explain([document], changed(request, context=known))), (
                shown,
                request,
                known,
            )
    assert COUNT // 4 < certain < COUNT


@pytest.mark.parametrize("part", ["caller", "resource"])
def test_certain_verdict_holds_for_every_caller_and_every_resource(part: str) -> None:
    values: tuple[Any, ...] = policies.CALLERS if part == "caller" else policies.RESOURCES
    for _, document, request, shown in cases(COUNT // 2):
        before = explain([document], changed(request, **{part: None}))
        for value in values:
            assert not contradicts(before, explain([document], changed(request, **{part: value}))), (
                shown,
                request,
                value,
            )


def test_keys_that_are_named_settle_an_open_verdict() -> None:
    for chance, document, request, shown in cases(COUNT // 2):
        hidden = some_keys(chance)
        before = explain([document], hiding(request, hidden))
        if before.is_allowed is not Truth.UNKNOWN:
            assert before.unknown_keys == ()
            continue
        named = {key.lower() for key in before.unknown_keys}
        settled = explain([document], hiding(request, {key for key in hidden if key.lower() not in named}))
        assert settled.is_allowed is explain([document], request).is_allowed, (shown, request, hidden)
