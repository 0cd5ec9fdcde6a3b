"""Other spellings of a policy that mean the same."""

import random
from typing import Any

from fakes import policies


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
    """Return a policy in other words that mean the same; `may_split`: also in more statements."""
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    turned = [respelled(chance, one) for one in statements]
    if may_split:
        turned = [part for one in turned for part in split(chance, one)]
    chance.shuffle(turned)
    return {**found, "Id": "other", "Statement": turned}
