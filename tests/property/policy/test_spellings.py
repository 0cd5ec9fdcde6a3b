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

EXAMPLES = int(os.environ.get("POLICY_EXAMPLES", "300"))
CHANCES = st.integers(0, 2**48).map(random.Random)


def policy(chance: random.Random) -> dict[str, Any]:
    has_principal = chance.random() < 0.5
    return policies.policy(
        chance, has_principal=has_principal, has_resource=not has_principal or chance.random() < 0.5, is_wide=True
    )


def shuffled(chance: random.Random, value: Any) -> Any:
    """Return one value or a list in another order, as a list or not, perhaps with a value twice."""
    values = list(value) if isinstance(value, list) else [value]
    chance.shuffle(values)
    if chance.random() < 0.3:
        values.append(chance.choice(values))
    return values[0] if len(values) == 1 and chance.random() < 0.5 else values


def in_any_case(chance: random.Random, text: str) -> str:
    return "".join(chance.choice((character.upper(), character.lower())) for character in text)


def respelled(chance: random.Random, statement: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in statement.items() if name != "Sid"}
    if chance.random() < 0.5:
        found["Sid"] = f"S{chance.randint(0, 9)}"
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in found:
            found[name] = shuffled(chance, found[name])
        if name in found and name.endswith("Action"):
            values = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [in_any_case(chance, one) for one in values]
    for name in ("Principal", "NotPrincipal"):
        if isinstance(found.get(name), dict) and "AWS" in found[name]:
            names = found[name]["AWS"] if isinstance(found[name]["AWS"], list) else [found[name]["AWS"]]
            roots = {f"arn:aws:iam::{one}:root": one for one in (policies.ACC, policies.THIRD)}
            turned = {**roots, **{account: root for root, account in roots.items()}}
            found[name] = {"AWS": shuffled(chance, [turned.get(one, one) for one in names])}
    blocks = {
        in_any_case(chance, operator.replace("ArnEquals", "ArnLike")): {
            in_any_case(chance, key): shuffled(chance, values) for key, values in block.items()
        }
        for operator, block in statement.get("Condition", {}).items()
    }
    return {**found, "Condition": blocks} if blocks else found


def split(chance: random.Random, statement: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a statement as two of its actions, or itself."""
    actions = statement.get("Action")
    if not isinstance(actions, list) or len(actions) < 2 or chance.random() < 0.5:
        return [statement]
    return [
        {**statement, "Action": actions[:1]},
        {**statement, "Action": actions[1:] if chance.random() < 0.5 else actions},
    ]


def respell(chance: random.Random, found: dict[str, Any], *, may_split: bool) -> dict[str, Any]:
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    turned = [respelled(chance, one) for one in statements]
    if may_split:
        turned = [part for one in turned for part in split(chance, one)]
    chance.shuffle(turned)
    return {**found, "Id": "other", "Statement": turned}


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
