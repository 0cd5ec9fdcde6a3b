"""Kleene's tables."""

import itertools

import pytest

from credhelper.policy.truth import Truth, every, negated, some, truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (T, T, T, T), (T, U, U, T), (T, F, F, T),
        (U, U, U, U), (U, F, F, U),
        (F, F, F, F),
    ],
)  # fmt: skip
def test_tables_of_and_and_or(one: Truth, other: Truth, both: Truth, either: Truth) -> None:
    for values in itertools.permutations((one, other)):
        assert every(values) is both
        assert some(values) is either


def test_every_one_of_nothing_is_true_and_some_of_it_false() -> None:
    assert (every(()), some(())) == (T, F)


def test_opposites() -> None:
    assert [negated(one) for one in (F, U, T)] == [T, U, F]
    assert [truth(fact) for fact in (False, True)] == [F, T]
    assert [one.is_certain for one in (F, U, T)] == [True, False, True]
