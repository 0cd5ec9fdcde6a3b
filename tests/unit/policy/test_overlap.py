"""Patterns that have roles in common, and patterns that take all that others take."""

import itertools
import random

import pytest

from credhelper.policy import match, overlap
from credhelper.policy.overlap import Shape
from credhelper.policy.truth import Truth

ROLE = "arn:aws:iam::222222222222:role/"


def shape(text: str) -> Shape:
    return Shape(match.pattern(text, None))


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "arn:*",
        "arn:aws:iam::222222222222:role/*",
        "arn:aws:iam::*:role/reader",
        "arn:aws:iam::222222222222:*",
        "arn:aws:iam::2*",
        "arn:*:role/reader",
        "arn:aws*t/a/b",
        "*reader",
        f"{ROLE}team-?",
    ],
)
def test_pattern_that_some_role_fits(text: str) -> None:
    assert overlap.may_be_role(shape(text))


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::bucket/*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::222222222222:policy/*",
        "arn:aws:iam:us-east-1:222222222222:role/*",
        "arn:aws:sts::*:assumed-role/*",
        "arn:aws:iam::*:role/",
        "arn:aws:iam::*:role/a:?*",
        "",
    ],
)
def test_pattern_that_no_role_fits(text: str) -> None:
    assert not overlap.may_be_role(shape(text))


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", f"{ROLE}team-*", True),
        ("*", "*", True),
        ("arn:*", f"{ROLE}*", True),
        ("arn:aws:iam::*", f"{ROLE}*", True),
        ("arn:aws:iam::*:role/*", f"{ROLE}team-*", True),
        (f"{ROLE}*", f"{ROLE}team-*", True),
        (f"{ROLE}team-*", f"{ROLE}*", False),
        (f"{ROLE}team-?*", f"{ROLE}team-*", False),
        (f"{ROLE}team-*", f"{ROLE}team-?", True),
        (f"{ROLE}team-?", f"{ROLE}team-*", False),
        (f"{ROLE}*a*", f"{ROLE}*", False),
        (f"{ROLE}team-a", f"{ROLE}team-a", True),
        ("arn:aws:iam::333333333333:role/*", f"{ROLE}*", False),
        (f"{ROLE}*", "*", False),
        ("arn:aws*:role/*", f"{ROLE}*", False),  # what AWS does with such a star is not known
        ("arn:aws:iam::*:role/*", "arn:*", False),
        ("arn:aws:iam::*", "arn:aws:iam::*", True),
        # The question mark takes a colon of a role's ARN, and what AWS does then is not known.
        ("arn:aws?iam:*", "arn:aws?iam::2*", False),
    ],
)
def test_pattern_that_covers_another(wide: str, narrow: str, expected: bool) -> None:
    assert overlap.covers_roles(shape(wide), shape(narrow)) is expected


def patterns(chance: random.Random, count: int) -> list[str]:
    parts = ("arn:", "aws", "*", "?", ":iam::", "iam", "222222222222", "2*", ":", ":role/", "role/", "a", "b", "/")
    whole = [f"{ROLE}{''.join(chance.choices(('a', 'b', '*', '?', '/'), k=3))}" for _ in range(count)]
    wild = [f"arn:aws:iam::{chance.choice(('*', '2*', '?2*', '222222222222'))}:role/{chance.choice('ab*')}*"] * 2
    return [*whole, *wild, *("".join(chance.choices(parts, k=chance.randint(1, 7))) for _ in range(count))]


def test_answers_agree_with_single_roles() -> None:
    chance = random.Random(1)
    names = ["".join(letters) for n in (1, 2, 3) for letters in itertools.product("ab/", repeat=n)]
    roles = [f"arn:aws:iam::{account}:role/{name}" for account in ("222222222222", "111111111111") for name in names]
    covering = 0
    for one, other in itertools.product(patterns(chance, 25), repeat=2):
        first, second = shape(one), shape(other)
        fitting = [role for role in roles if match.fits_resource(second.pattern, role) is not Truth.FALSE]
        assert not fitting or overlap.may_be_role(second), other
        if overlap.covers_roles(first, second):
            covering += 1
            assert all(match.fits_resource(first.pattern, role) is Truth.TRUE for role in fitting), (one, other)
        if any(match.fits_resource(first.pattern, role) is not Truth.FALSE for role in fitting):
            assert overlap.have_common(first, second), (one, other)
    assert covering > 50


def test_many_stars_cost_no_more_than_the_lengths_multiplied() -> None:
    wide, narrow = shape(f"{ROLE}{'*a' * 400}*"), shape(f"{ROLE}{'a*' * 400}")
    assert overlap.covers_roles(wide, narrow)
    assert overlap.have_common(wide, narrow)
