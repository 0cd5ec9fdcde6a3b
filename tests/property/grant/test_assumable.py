"""What is listed without a condition is allowed, and what is not listed is denied, whatever the unknown keys are."""

import os
import random

from credhelper.grant.assumable import Found, find
from credhelper.grant.assume_rules import ACTION, Source
from credhelper.policy import match
from credhelper.policy.document import parse
from credhelper.policy.explain import explain
from credhelper.policy.match import Pattern
from credhelper.policy.request import Caller, Request
from credhelper.policy.truth import Truth, every
from fakes import policies

COUNT = int(os.environ.get("ASSUMABLE", "300"))
NAMES = ("reader", "team/writer", "team/a/b.txt", "ops", "t/a/b.txt", "bucket/David/x", "one")
ROLES = [
    f"arn:{partition}:iam::{account}:role/{name}"
    for partition in ("aws", "aws-cn")
    for account in (policies.PROD, policies.ACC)
    for name in NAMES
]
MORE = (
    *(f"arn:aws:iam::{policies.PROD}:role/{name}" for name in ("team/*", "t*", "?eader", "*", "reader", "ops")),
    f"arn:aws:iam::*:role/{'*'}",
    "arn:aws:iam::*",
    f"arn:aws:iam::{policies.ACC}:role/ops",
    f"arn:aws:iam::{policies.PROD}:role/${{aws:username}}",
    f"arn:aws:iam::{policies.PROD}:role/${{aws:PrincipalTag/team}}/*",
    f"arn:aws:iam::{policies.PROD}:role/${{aws:PrincipalTag/team, 'ops'}}*",
    "*",
)


def random_policy(chance: random.Random) -> dict[str, object]:
    """Return a random policy, more often about roles than fakes.policies makes them."""
    made = policies.policy(chance, has_principal=False, has_resource=True, is_wide=True)
    statements = made["Statement"] if isinstance(made["Statement"], list) else [made["Statement"]]
    for one in statements:
        key = "Resource" if "Resource" in one else "NotResource"
        if chance.random() < 0.8:
            one[key] = chance.sample(MORE, chance.randint(1, 3))
        if chance.random() < 0.7:
            one.pop("NotAction", None)
            one["Action"] = chance.choice(("sts:AssumeRole", "sts:*", "STS:Assume*", ["s3:*", "sts:assumerole"]))
        if chance.random() < 0.4:
            one.pop("Condition", None)
    return made


def is_listed(found: Found, role: str) -> bool:
    return any(match.glob(one.characters, role) for one in found.roles)


def verdict(sources: list[Source], boundary: Source | None, request: Request) -> Truth:
    layers = [sources] if boundary is None else [sources, [boundary]]
    return every(explain([one.document for one in layer], request).is_allowed for layer in layers)


def test_list_is_right_for_every_role_and_every_value_of_what_is_not_known() -> None:
    chance = random.Random(int(os.environ.get("ASSUMABLE_SEED", "1")))
    plain = conditional = unlisted = patterns = 0
    for _ in range(COUNT):
        texts = [random_policy(chance) for _ in range(chance.randint(1, 3))]
        sources = [Source(f"policy {number}", parse(text)) for number, text in enumerate(texts)]
        bound = random_policy(chance) if chance.random() < 0.3 else None
        boundary = None if bound is None else Source("boundary", parse(bound))
        caller = chance.choice(policies.CALLERS)
        found = find(sources, caller, None if boundary is None else boundary.document, known=ROLES[:3])
        shown = (texts, bound, caller.name, found)
        patterns += any(one.is_pattern for one in found.roles)
        for one in found.roles:
            assert one.sources, shown
            if one.is_pattern:
                continue
            told = verdict(sources, boundary, Request(action=ACTION, resource=one.role, caller=caller))
            assert told is (Truth.UNKNOWN if one.conditions else Truth.TRUE), (one, shown)
            plain += not one.conditions
            conditional += bool(one.conditions)
        for role in ROLES:
            if not is_listed(found, role):
                unlisted += 1
                told = verdict(sources, boundary, Request(action=ACTION, resource=role, caller=caller))
                assert told is Truth.FALSE, (role, shown)
                context = policies.request(chance).context.having(caller.keys())
                known = Request(action=ACTION, resource=role, caller=caller, context=context)
                assert verdict(sources, boundary, known) is Truth.FALSE, (role, shown)
    assert min(plain, conditional, unlisted, patterns) > COUNT // 20


def test_pattern_without_conditions_and_exceptions_allows_every_role_of_it() -> None:
    chance = random.Random(2)
    checked = 0
    for _ in range(COUNT):
        texts = [random_policy(chance) for _ in range(chance.randint(1, 2))]
        sources = [Source(f"policy {number}", parse(text)) for number, text in enumerate(texts)]
        bound = random_policy(chance) if chance.random() < 0.3 else None
        boundary = None if bound is None else Source("boundary", parse(bound))
        caller: Caller = chance.choice(policies.CALLERS)
        for one in find(sources, caller, None if boundary is None else boundary.document).roles:
            if not one.is_pattern or one.conditions or one.exceptions or "${" in one.role:
                continue
            shape = Pattern(one.characters, is_open=False, has_hole=False)
            for role in ROLES:
                if match.fits_resource(shape, role) is Truth.TRUE:
                    checked += 1
                    told = verdict(sources, boundary, Request(action=ACTION, resource=role, caller=caller))
                    assert told is Truth.TRUE, (role, one, texts, bound, caller.name)
    assert checked > COUNT // 4
