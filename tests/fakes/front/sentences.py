"""What AWS says when it says no: tests/vectors/refusals.json, copied from its pages, and nothing else."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[2] / "vectors" / "refusals.json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The status, the error code and the text of an answer that says no."""

    status: int
    code: str
    message: str


@functools.cache
def vectors() -> Mapping[str, Any]:
    """Return the whole file."""
    read: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return read


def refusal(name: str, **values: str) -> Refusal:
    """Return one of `errors`, with the values that its template asks for."""
    vector = vectors()["errors"][name]
    return Refusal(vector["status"], vector["code"], vector["template"].format(**values))


def denial(
    layer: str,
    effect: str,
    *,
    user: str,
    action: str,
    resource: str = "",
    policy: str = "",
    quotes: bool = False,
) -> str:
    """Return the sentence of a layer that denies.

    `effect` is "implicit", "explicit" or "transitive". `policy` is the ARN that AWS adds for callers of the same
    account or organization; `quotes` puts the resource in quotation marks, as S3 does. Raises ValueError for what
    AWS never says.
    """
    reason = _reasons().get((layer, effect))
    if reason is None:
        raise ValueError(f"no page has a sentence for {layer}, {effect}")
    if policy and (effect == "implicit" or layer not in vectors()["policy_arns"]["layers"]):
        raise ValueError(f"AWS names no policy for {layer}, {effect}")
    named = f'"{resource}"' if quotes else resource
    named = f'"{resource}"' if quotes else resource
    on = f" on resource: {named}" if resource else ""
    sentence = f"User: {user} is not authorized to perform: {action}{on} {reason.format(action=action)}"
    return f"{sentence}: {policy}" if policy else sentence


@functools.cache
def _reasons() -> Mapping[tuple[str, str], str]:
    return {(one["layer"], one["effect"]): one["reason"] for one in vectors()["denials"]}
