"""What is left of a trust policy when some keys are known."""

import json
from typing import Any

import pytest

from fakes.front import trust

ALLOW = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}


def left(known: dict[str, str], **condition: Any) -> list[Any]:
    """Return what is left of the conditions of the statements that are left."""
    document = trust.resolved({"Statement": [{**ALLOW, "Condition": condition}]}, known)
    return [one.get("Condition") for one in document["Statement"]]


YES = {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "10", "sts:sourceidentity": "David"}
pytest.importorskip("ministack", reason="its evaluator judges the conditions")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": True}}, True),
        ({"Bool": {"AWS:multifactorauthpresent": ["true"]}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "10"}}, False),
        ({"StringEquals": {"sts:SourceIdentity": ["Eve", "David"]}}, True),
        ({"StringNotEquals": {"sts:SourceIdentity": "David"}}, False),
        ({"StringLike": {"sts:SourceIdentity": "D*d"}}, True),
    ],
)
def test_condition_on_a_known_key_is_dropped_or_takes_its_statement_along(
    condition: dict[str, Any], holds: bool
) -> None:
    assert left(YES, **condition) == ([None] if holds else [])
    external = {"StringEquals": {"sts:ExternalId": "x", **condition.get("StringEquals", {})}}
    assert left(YES, **{**condition, **external}) == ([{"StringEquals": {"sts:ExternalId": "x"}}] if holds else [])


def test_conditions_on_other_keys_stay_as_they_are() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert left({}, **condition) == [condition]
    assert left({"sts:sourceidentity": "x"}, **condition) == [condition]


def test_principals_are_found_and_renamed_wherever_a_policy_may_have_them() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {**ALLOW, "Principal": {"AWS": ["a", "b"], "Service": "ec2.amazonaws.com"}},
            {**ALLOW, "Principal": "*"},
            {**ALLOW, "Principal": {"Federated": "f"}},
            {**ALLOW, "Principal": {"AWS": "b"}},
        ],
    }
    assert list(trust.principals(document)) == ["a", "b", "*", "b"]
    renamed = trust.renamed(document, "b", "AIDA")
    assert list(trust.principals(renamed)) == ["a", "AIDA", "*", "AIDA"]
    assert renamed["Statement"][0]["Principal"]["Service"] == "ec2.amazonaws.com"
    assert list(trust.principals({"Statement": {**ALLOW}})) == ["111111111111"]


@pytest.mark.parametrize("text", ["", "{nope", "[]", "1", '"x"'])
def test_what_is_no_document_is_none(text: str) -> None:
    assert trust.parsed(text) is None


def test_document_is_read() -> None:
    assert trust.parsed(json.dumps({"Statement": []})) == {"Statement": []}


def test_variables_are_written_out_in_conditions_and_unknown_ones_stay() -> None:
    condition = {
        "StringLike": {"sts:RoleSessionName": ["${aws:UserName}-*", "${aws:userid}", "$x"]},
        "Bool": {"k": True},
    }
    document = {"Statement": [{**ALLOW, "Condition": condition}, ALLOW]}
    made = trust.substituted(document, {"aws:username": "David"})["Statement"]
    assert made[0]["Condition"]["StringLike"] == {"sts:RoleSessionName": ["David-*", "${aws:userid}", "$x"]}
    assert made[0]["Condition"]["Bool"] == {"k": True}
    assert made[1] == ALLOW
