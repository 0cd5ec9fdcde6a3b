"""Operators on keys that are there, absent, of several values and unknown; by AWS's pages on each."""

import itertools

import pytest

from credhelper.policy.comparison import COMPARISONS, NEGATED
from credhelper.policy.condition import Operator, Set, holds, operator_of
from credhelper.policy.document import Condition
from credhelper.policy.request import Context, Missing, Value
from credhelper.policy.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
ABSENT, UNKNOWN = Missing.ABSENT, Missing.UNKNOWN


def found(operator: str, values: tuple[str, ...], value: Value, *, has_variables: bool = True) -> Truth:
    context = Context({"k": value, "u": "David", "gone": ABSENT})
    return holds(Condition(operator, "K", values), context, has_variables=has_variables)


@pytest.mark.parametrize(
    ("operator", "values", "value", "does"),
    [
        ("StringEquals", ("a", "b"), "b", T), ("StringEquals", ("a", "b"), "c", F),
        ("StringNotEquals", ("a", "b"), "c", T), ("StringNotEquals", ("a", "b"), "b", F),
        ("stringequals", ("a",), "a", T), ("StringEqualsIfExists", ("a",), "b", F),
        ("StringEqualsIfExists", ("a",), "a", T),
        ("StringEquals", ("a",), ("a",), T), ("StringEquals", ("a",), ("a", "b"), U),
        ("StringNotEquals", ("a",), ("b", "c"), U),
        ("ForAllValues:StringEquals", ("a", "b"), ("a", "b"), T), ("ForAllValues:StringEquals", ("a",), ("a", "b"), F),
        ("ForAllValues:StringEquals", ("a",), "a", T), ("ForAllValues:StringEquals", ("a",), "b", F),
        ("ForAllValues:StringNotEquals", ("a",), ("b", "c"), T),
        ("ForAllValues:StringNotEquals", ("a",), ("a", "b"), F),
        ("ForAllValues:StringEquals", ("a",), ("",), U), ("ForAllValues:StringEquals", ("a",), ("", "b"), F),
        ("ForAllValues:StringEquals", ("",), ("",), T),
        ("ForAnyValue:StringEquals", ("a", "b"), ("c", "b"), T), ("ForAnyValue:StringEquals", ("a",), ("b", "c"), F),
        ("ForAnyValue:StringNotEquals", ("a",), ("a", "b"), T),
        ("ForAnyValue:StringNotEquals", ("a", "b"), ("a", "b"), F),
        ("ForAnyValue:StringEquals", ("a",), ("",), F),
        ("foranyvalue:StringLikeIfExists", ("a*",), ("ab",), T),
        ("Bool", ("true",), "true", T), ("Bool", ("true", "false"), "false", T), ("Bool", ("true",), "false", F),
        ("NumericNotEquals", ("1", "x"), "2", U), ("NumericNotEquals", ("1", "x"), "1", F),
        ("NumericEquals", ("1", "x"), "1", T),
        ("NotIpAddress", ("10.0.0.0/8",), "11.0.0.1", T), ("NotIpAddress", ("10.0.0.0/8",), "10.0.0.1", F),
        ("Null", ("true",), ABSENT, T), ("Null", ("true",), "", F), ("Null", ("false",), "a", T),
        ("Null", ("false",), (), F),
        ("Null", ("True",), ABSENT, T), ("Null", ("true", "false"), "a", T), ("Null", ("true", "false"), UNKNOWN, T),
        ("Null", ("true",), UNKNOWN, U), ("Null", ("false",), UNKNOWN, U), ("Null", ("maybe",), "a", U),
        ("Null", ("true", "true"), "a", F), ("Null", ("true", "maybe"), ABSENT, U),
        ("NullIfExists", ("true",), ABSENT, U), ("ForAnyValue:Null", ("true",), ABSENT, U),
        ("StringMatches", ("a",), "a", U), ("", ("a",), "a", U), ("IfExists", ("a",), "a", U),
        ("StringMatches", ("a",), ABSENT, U),
        ("StringEqualsIfExistsIfExists", ("a",), "a", U), ("ForAllValues:ForAnyValue:StringEquals", ("a",), "a", U),
    ],
)  # fmt: skip
def test_condition(operator: str, values: tuple[str, ...], value: Value, does: Truth) -> None:
    assert found(operator, values, value) is does


@pytest.mark.parametrize("name", sorted([*COMPARISONS, *NEGATED]))
@pytest.mark.parametrize("prefix", [one.value for one in Set])
def test_key_that_is_absent(name: str, prefix: str) -> None:
    without = found(prefix + name, ("1",), ABSENT)
    wanted = {Set.ONE.value: T if name in NEGATED else F, Set.ALL.value: T, Set.ANY.value: F}[prefix]
    assert without is wanted
    assert found(f"{prefix}{name}IfExists", ("1",), ABSENT) is T


@pytest.mark.parametrize("name", sorted([*COMPARISONS, *NEGATED]))
@pytest.mark.parametrize(("prefix", "end"), list(itertools.product([one.value for one in Set], ["", "IfExists"])))
def test_key_that_is_not_known_is_not_taken_for_absent(name: str, prefix: str, end: str) -> None:
    assert found(f"{prefix}{name}{end}", ("1",), UNKNOWN) is U


@pytest.mark.parametrize(
    ("operator", "values", "value", "does"),
    [
        ("StringEquals", ("${u}",), "David", T),
        ("StringEquals", ("${gone}",), "x", F),
        ("StringEquals", ("${gone}", "x"), "x", U),  # the whole statement may be invalid
        ("StringNotEquals", ("${gone}",), "x", U),
        ("StringNotEquals", ("${gone}", "x"), "x", F),
        ("StringNotEquals", ("${gone}",), ABSENT, U),
        ("StringNotEqualsIfExists", ("${gone}",), ABSENT, T),
        ("StringEquals", ("${gone}",), ABSENT, F),
        ("StringEquals", ("${gone, 'x'}",), "x", T),
        ("StringEquals", ("${what}",), "x", U),
        ("StringNotEquals", ("a${what}",), "b", U),
        ("StringNotEquals", ("a${what, 'c'}",), "b", T),
        ("NumericEquals", ("${u}",), "1", U),
        ("Bool", ("true", "${gone}"), "true", T),
        ("Null", ("true", "True"), "a", F),
        ("Bool", ("${gone}",), "true", U),
    ],
)
def test_variables_in_values(operator: str, values: tuple[str, ...], value: Value, does: Truth) -> None:
    assert found(operator, values, value) is does


def test_variables_are_plain_text_in_a_document_of_2008() -> None:
    assert found("StringEquals", ("${u}",), "David", has_variables=False) is F
    assert found("StringEquals", ("${u}",), "${u}", has_variables=False) is T
    assert found("StringNotEquals", ("${gone}",), "x", has_variables=False) is T


def test_operator_in_its_parts() -> None:
    assert operator_of("ForAnyValue:StringNotLikeIfExists") == Operator("stringnotlike", Set.ANY, has_if_exists=True)
    assert operator_of("NULL") == Operator("null")
    assert operator_of("StringNotLike") == Operator("stringnotlike")
    assert Operator("stringnotlike").is_negated
    assert not Operator("null").is_negated
