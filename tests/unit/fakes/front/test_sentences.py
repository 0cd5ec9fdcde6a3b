"""The sentences are those of AWS's pages, letter by letter, and there are no others."""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from fakes.front import sentences
from fakes.front.sentences import denial, refusal, vectors

DENIALS = vectors()["denials"]
ERRORS = vectors()["errors"]
LAYERS = (
    "service control policy",
    "resource control policy",
    "VPC endpoint policy",
    "permissions boundary",
    "session policy",
    "resource-based policy",
    "role trust policy",
    "identity-based policy",
)


@pytest.mark.parametrize("one", DENIALS, ids=[f"{one['layer']}, {one['effect']}" for one in DENIALS])
def test_denial_is_the_text_of_its_page(one: Mapping[str, Any]) -> None:
    made = denial(
        one["layer"],
        one["effect"],
        user=one["user"],
        action=one["action"],
        resource=one.get("resource", ""),
        policy=one.get("policy", ""),
        quotes=f'"{one.get("resource")}"' in one["text"],
    )
    assert made == (one["text"].replace(*one["slip"]) if "slip" in one else one["text"])


def test_every_layer_has_its_sentences() -> None:
    there = {(one["layer"], one["effect"]) for one in DENIALS}
    # AWS documents no missing Allow of a resource control policy: one that allows everything is always attached.
    wanted = {(layer, effect) for layer in LAYERS for effect in ("implicit", "explicit")}
    assert there == (wanted - {("resource control policy", "implicit")}) | {("service control policy", "transitive")}


@pytest.mark.parametrize("layer", vectors()["policy_arns"]["layers"])
def test_policy_is_named_at_the_end_of_an_explicit_denial(layer: str) -> None:
    said = denial(layer, "explicit", user="u", action="a:b", resource="r", policy="arn:aws:iam::aws:policy/P")
    assert said.endswith(f"explicit deny in a{'n' if layer.startswith('i') else ''} {layer}: arn:aws:iam::aws:policy/P")


@pytest.mark.parametrize(
    ("layer", "effect", "policy"),
    [
        ("resource control policy", "implicit", ""),
        ("no such policy", "explicit", ""),
        ("service control policy", "implicit", "arn:x"),
        ("VPC endpoint policy", "explicit", "arn:x"),
        ("role trust policy", "explicit", "arn:x"),
    ],
)
def test_what_aws_never_says_cannot_be_said(layer: str, effect: str, policy: str) -> None:
    with pytest.raises(ValueError, match=r"AWS names no policy|no page has"):
        denial(layer, effect, user="u", action="a:b", policy=policy)


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_the_text_of_its_page(name: str) -> None:
    vector = ERRORS[name]
    assert vector["text"].rstrip() in refusal(name, **vector.get("values", {})).message
    fields = {field for _, field, _, _ in Formatter().parse(vector["template"]) if field}
    assert fields == set(vector.get("values", {}))


def test_each_vector_names_its_page() -> None:
    pages = [one["page"] for one in (*DENIALS, *ERRORS.values(), vectors()["policy_arns"])]
    assert [page for page in pages if not page.startswith("https://")] == []


def test_front_says_all_of_them_and_nothing_else() -> None:
    front = Path(sentences.__file__).parent
    source = "".join(path.read_text("utf-8") for path in front.glob("*.py"))
    named = set(re.findall(r'"((?:mfa|session|trust|invalid|group|s3|portal|role|max|root|set)-[a-z0-9-]+)"', source))
    by_callers = {"kms-identity", "kms-three-causes", "encoded"}  # S3Rules(kms=…), AuthorizationMessages.refusal
    assert named == set(ERRORS) - by_callers
