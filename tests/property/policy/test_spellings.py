"""Laws of the canonical form: it is its own, spellings share it, changes do not, and it keeps the meaning."""

import copy
import json
import os
import random
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.policy.canonical import canonical
from credhelper.policy.difference import differences, same
from credhelper.policy.document import parse
from credhelper.policy.explain import explain
from credhelper.policy.render import to_object
from fakes import policies
from fakes.spellings import respell

EXAMPLES = int(os.environ.get("POLICY_EXAMPLES", "150"))
CHANCES = st.integers(0, 2**48).map(random.Random)


def policy(chance: random.Random) -> dict[str, Any]:
    has_principal = chance.random() < 0.5
    return policies.policy(
        chance, has_principal=has_principal, has_resource=not has_principal or chance.random() < 0.5, is_wide=True
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_form_is_its_own_and_every_spelling_has_it(chance: random.Random) -> None:
    found = policy(chance)
    form = canonical(parse(found))
    assert canonical(form) == form
    assert canonical(parse(json.loads(json.dumps(to_object(form))))) == form
    other = respell(chance, found, may_split=False)
    assert canonical(parse(other)) == form
    assert same(parse(found), parse(respell(chance, other, may_split=True)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_form_and_every_spelling_mean_what_the_document_means(chance: random.Random) -> None:
    found = policy(chance)
    document, request = parse(found), policies.request(chance)
    wanted = explain([document], request)
    for other in (canonical(document), parse(respell(chance, found, may_split=True))):
        verdict = explain([other], request)
        assert (verdict.is_allowed, verdict.is_denied) == (wanted.is_allowed, wanted.is_denied)


def _other(value: Any) -> Any:
    return [*value, "a:zzz"] if isinstance(value, list) else [value, "a:zzz"]


def _negated(statement: dict[str, Any], name: str) -> None:
    for one, other in ((name, f"Not{name}"), (f"Not{name}", name)):
        if one in statement:
            statement[other] = statement.pop(one)
            return


def _in_conditions(statement: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    change(statement.setdefault("Condition", {}))


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "effect": lambda one: one.update(Effect="Deny" if one["Effect"] == "Allow" else "Allow"),
    "another action": lambda one: one.update(
        {name: _other(one[name]) for name in ("Action", "NotAction") if name in one}
    ),
    "other actions": lambda one: _negated(one, "Action"),
    "another condition": lambda one: _in_conditions(one, lambda blocks: blocks.update(Bool={"other:key": "true"})),
    "another value": lambda one: _in_conditions(one, lambda blocks: blocks.update(StringLike={"other:key": "x"})),
}


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES, st.sampled_from(sorted(CHANGES)))
def test_change_of_meaning_is_a_difference(chance: random.Random, name: str) -> None:
    found = policy(chance)
    # Alone: a statement beside it may already say the same.
    statement = found["Statement"][0] if isinstance(found["Statement"], list) else found["Statement"]
    other = copy.deepcopy(statement)
    CHANGES[name](other)
    one, two = parse({**found, "Statement": statement}), parse({**found, "Statement": other})
    assert not same(one, two)
    assert not same(two, one)
    assert {each.is_added for each in differences(one, two)} == {not each.is_added for each in differences(two, one)}


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_differences_applied_give_the_other_document(chance: random.Random) -> None:
    """What is added and what both have is what the second document says, and the same the other way round."""
    before, after = parse(policy(chance)), parse(policy(chance))
    found = differences(before, after)
    added = [one.statement for one in found if one.is_added]
    old, new = canonical(before), canonical(after)
    both = type(old)((*old.statements, *added), old.version)
    assert not [one for one in differences(both, new) if one.is_added]
    assert not [
        one for one in differences(new, type(old)((*new.statements, *old.statements), old.version)) if not one.is_added
    ]
