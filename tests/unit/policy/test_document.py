"""What is read as a policy, and every way in which a text is none."""

import json
from typing import Any

import pytest

from credhelper.errors import InputError
from credhelper.policy.document import LIMIT, Condition, Document, Statement, load, parse

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(**changes: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**ALLOW, **changes}]})


def test_every_spelling_of_a_value_becomes_one() -> None:
    text = """{"Id": "x", "Statement": {"Sid": "A", "Effect": "Deny",
      "NotPrincipal": {"AWS": ["1", "2"], "Service": "x"}, "NotAction": "a:b", "NotResource": ["c"],
      "Condition": {"Bool": {"k": true}, "NumericLessThan": {"n": [1.50, 3]}, "Null": {"z": ["true"]}}}}"""
    assert load(text) == Document(
        (
            Statement(
                sid="A",
                effect="Deny",
                principals=(("AWS", "1"), ("AWS", "2"), ("Service", "x")),
                is_not_principal=True,
                actions=("a:b",),
                is_not_action=True,
                resources=("c",),
                is_not_resource=True,
                conditions=(
                    Condition("Bool", "k", ("true",)),
                    Condition("NumericLessThan", "n", ("1.50", "3")),
                    Condition("Null", "z", ("true",)),
                ),
            ),
        ),
        "2008-10-17",
    )


def test_principal_of_everybody_has_two_spellings() -> None:
    one, other = load(policy(Principal="*")), load(policy(Principal={"AWS": "*"}))
    assert one == other
    assert one.has_variables


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{nope", "is not JSON"),
        ("", "is not JSON"),
        ("[" * 5000 + "]" * 5000, "nested too deeply|is not JSON|no object"),
        ("[]", "has no object for the document"),
        ('"x"', "has no object for the document"),
        ("\ufeff" + policy(), "byte order mark"),
        (" " * LIMIT + policy(), f"longer than {LIMIT}"),
        ("é" * (LIMIT // 2) + policy(), f"longer than {LIMIT}"),
        ('{"Statement": [], "Statement": []}', "'Statement' twice"),
        ('{"Statement": [{"Effect": "Allow", "Effect": "Deny"}]}', "'Effect' twice"),
        ('{"Statement": NaN}', "has NaN"),
        ("{}", "has no Statement"),
        ('{"Statement": []}', "has no Statement"),
        ('{"Statement": [1]}', "no object for statement 1"),
        ('{"Statements": []}', "'Statements' that IAM does not know"),
        ('{"Version": "2012-10-18", "Statement": []}', "Version other than"),
        ('{"Version": 2012, "Statement": []}', "Version other than"),
        (policy(Effect="allow"), "no Effect Allow or Deny in statement 1"),
        (policy(Sid=["x"]), "a Sid that is no text"),
        (policy(Actions="x"), "'Actions' that IAM does not know"),
        (policy(NotAction="x"), "both Action and NotAction"),
        (policy(NotResource="x"), "both Resource and NotResource"),
        (policy(Action=[]), "an empty list in Action of statement 1"),
        (policy(Action=5), "no text in Action"),
        (policy(Action=None), "no Action in statement 1"),
        (policy(Resource=[["x"]]), "no text in Resource"),
        (policy(Resource=True), "no text in Resource"),
        (policy(Principal="111111111111"), "no object for Principal"),
        (policy(Principal={}), "nothing in the Principal"),
        (policy(Principal={"aws": "*"}), "'aws' that IAM does not know"),
        (policy(NotPrincipal={"AWS": "*"}), "NotPrincipal"),
        (policy(Condition=[]), "no object for Condition"),
        (policy(Condition={"Bool": "x"}), "no object for Bool"),
        (policy(Condition={"Bool": {"x": {}}}), "no text in Bool"),
        (policy(Condition={"Bool": {"x": None}}), "no text in Bool"),
        (policy(Condition={"Bool": {"x": "1", "X": "2"}}), "twice in statement 1"),
        (policy(Condition={"Bool": {"x": "1"}, "bool": {"X": "2"}}), "twice in statement 1"),
    ],
)
def test_text_that_is_no_policy_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(InputError, match=f"the policy document .*(?:{why})"):
        load(text)


def test_what_aws_returned_may_hold_what_is_refused_as_input() -> None:
    found = parse({"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "*"}]})
    assert found.statements[0].is_not_principal
    assert found.statements[0].resources is None


def test_limit_is_the_last_length_that_is_read() -> None:
    text = policy()
    assert load(text, limit=len(text)) == load(text)
    with pytest.raises(InputError):
        load(text, limit=len(text) - 1)


def test_long_name_in_a_text_is_not_shown_whole() -> None:
    with pytest.raises(InputError) as raised:
        load(json.dumps({"x" * 5000: 1}))
    assert len(raised.value.message) < 200
