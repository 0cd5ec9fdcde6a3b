"""Other spellings of a meaning have one form, and a change of meaning has another."""

from collections.abc import Callable
from typing import Any

import pytest

from credhelper.policy.canonical import canonical
from credhelper.policy.document import Document, parse

ROOT = "arn:aws:iam::111111111111:root"
BASE: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Resource": ["b", "a"],
    "Condition": {"StringEquals": {"sts:ExternalId": ["x", "y"]}, "ArnLike": {"aws:SourceArn": "a:b:c:d:e:f"}},
}
BOOL: dict[str, Any] = {"Bool": {"aws:SecureTransport": "true"}}


def of(statement: dict[str, Any], *, version: str | None = "2012-10-17") -> Document:
    return canonical(parse({"Version": version, "Statement": statement} if version else {"Statement": statement}))


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "Other"},
        {"Principal": {"AWS": ["111111111111"]}},
        {"Principal": {"AWS": [ROOT, "111111111111"]}},
        {"Action": ["STS:tagsession", "sts:AssumeRole"]},
        {"Resource": ["a", "b", "a"]},
        {
            "Condition": {
                "arnequals": {"AWS:sourcearn": ["a:b:c:d:e:f"]},
                "stringequals": {"STS:ExternalID": ["y", "x", "y"]},
            }
        },
    ],
)
def test_other_spelling_has_the_same_form(change: dict[str, Any]) -> None:
    assert of({**BASE, **change}) == of(BASE)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": "arn:aws-cn:iam::111111111111:root"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:user/x"}},
        {"Principal": {"Service": ROOT}},
        {"Action": "sts:AssumeRole"},
        {"Resource": ["b", "A"]},
        {"Resource": "b"},
        {"Condition": {**BASE["Condition"], "StringEquals": {"sts:ExternalId": ["X", "y"]}}},
        {"Condition": {**BASE["Condition"], "StringEqualsIfExists": BASE["Condition"]["StringEquals"]}},
        {
            "Condition": {
                "StringEqualsIfExists": BASE["Condition"]["StringEquals"],
                "ArnLike": BASE["Condition"]["ArnLike"],
            }
        },
        {"Condition": {**BASE["Condition"], "StringEquals": {"sts:ExternalIdx": ["x", "y"]}}},
        {
            "Condition": {
                "ForAnyValue:StringEquals": BASE["Condition"]["StringEquals"],
                "ArnLike": BASE["Condition"]["ArnLike"],
            }
        },
        {"Condition": {}},
        {"Condition": {**BASE["Condition"], **BOOL}},
    ],
)
def test_change_of_meaning_has_another_form(change: dict[str, Any]) -> None:
    assert of({**BASE, **change}) != of(BASE)


@pytest.mark.parametrize("name", ["Principal", "Action", "Resource"])
def test_not_is_another_meaning(name: str) -> None:
    changed = {key: value for key, value in BASE.items() if key != name}
    assert of({**changed, f"Not{name}": BASE[name]}) != of(BASE)


def test_no_resource_is_not_an_empty_one() -> None:
    bare = {key: value for key, value in BASE.items() if key not in ("Resource", "Principal")}
    assert of(bare) != of({**bare, "Resource": ""})
    assert of(bare) != of({**bare, "Principal": "*"})


@pytest.mark.parametrize("operator", ["Bool", "Null"])
def test_true_has_many_spellings(operator: str) -> None:
    forms = {of({**BASE, "Condition": {operator: {"k": value}}}) for value in (True, "true", "True", ["TRUE"])}
    assert len(forms) == 1


def test_case_of_other_values_counts() -> None:
    assert of({**BASE, "Condition": {"StringEquals": {"k": "True"}}}) != of(
        {**BASE, "Condition": {"StringEquals": {"k": "true"}}}
    )


def test_everybody_has_two_spellings() -> None:
    assert of({**BASE, "Principal": "*"}) == of({**BASE, "Principal": {"AWS": ["*"]}})


@pytest.mark.parametrize("version", [None, "2008-10-17"])
def test_version_counts_where_a_variable_does(version: str | None) -> None:
    assert of(BASE, version=version) == of(BASE)
    for change in (
        {"Resource": "a/${aws:username}"},
        {"Condition": {"StringLike": {"k": "${aws:username}"}}},
        {"Condition": {"ArnNotEquals": {"k": "${aws:username}"}}},
    ):
        assert of({**BASE, **change}, version=version) != of({**BASE, **change})
    for change in (
        {"Action": "s3:${x}"},
        {"Condition": {"NumericEquals": {"k": "${x}"}}},
        {"Condition": {"No": {"k": "${x}"}}},
    ):
        assert of({**BASE, **change}, version=version) == of({**BASE, **change})
    assert of({**BASE, "Resource": "${x}"}, version=version) == of({**BASE, "Resource": "${$}{x}"})


def test_statements_with_and_without_a_resource_have_an_order() -> None:
    bare = {key: value for key, value in BASE.items() if key != "Resource"}
    for both in ([BASE, bare], [bare, BASE]):
        found = canonical(parse({"Version": "2012-10-17", "Statement": both}))
        assert [one.resources for one in found.statements] == [None, ("a", "b")]


def test_key_of_an_operator_that_is_none_has_no_case() -> None:
    assert of({**BASE, "Condition": {"No": {"K": "x"}}}) == of({**BASE, "Condition": {"No": {"k": "x"}}})


def test_statement_given_twice_is_one() -> None:
    both = canonical(parse({"Version": "2012-10-17", "Statement": [{**BASE, "Sid": "1"}, {**BASE, "Sid": "2"}]}))
    assert both == of(BASE)
    assert len(both.statements) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda one: {"Principal": {"AWS": f"arn:aws:iam::111111111111:user/{one}"}},
        lambda one: {"Action": f"s3:{one}"},
        lambda one: {"Resource": one},
        lambda one: {"Condition": {"StringEquals": {"k": one}}},
        lambda one: {"Condition": {"StringEquals": {one: "k"}}},
    ],
)
def test_statements_that_differ_in_one_thing_are_sorted_by_it(change: Callable[[str], dict[str, Any]]) -> None:
    """A set of statements has no order of its own, so without this the form would differ from run to run."""
    singles = [of({**BASE, **change(letter)}).statements[0] for letter in "abcdefghij"]
    for order in (singles, singles[::-1]):
        assert canonical(Document(tuple(order), "2012-10-17")).statements == tuple(singles)


def test_not_elements_are_sorted_behind_the_others() -> None:
    both = [
        {**{key: value for key, value in BASE.items() if key != name}, f"Not{name}": BASE[name]}
        for name in ("Principal", "Action", "Resource")
    ]
    found = canonical(
        parse({"Version": "2012-10-17", "Statement": [*both, {**BASE, "Effect": "Deny"}, BASE]})
    ).statements
    flags = [(one.effect, one.is_not_principal, one.is_not_action, one.is_not_resource) for one in found]
    assert flags == sorted(flags)
    assert len(flags) == 5


def test_account_id_is_of_the_partition_that_is_said() -> None:
    id_only = parse({"Statement": {**BASE, "Principal": {"AWS": "111111111111"}}})
    china = parse({"Statement": {**BASE, "Principal": {"AWS": "arn:aws-cn:iam::111111111111:root"}}})
    assert canonical(id_only, partition="aws-cn") == canonical(china)
    assert canonical(id_only) != canonical(china)


def test_account_id_of_another_kind_of_principal_stays() -> None:
    found = of({**BASE, "Principal": {"CanonicalUser": "111111111111"}})
    assert found.statements[0].principals == (("CanonicalUser", "111111111111"),)
