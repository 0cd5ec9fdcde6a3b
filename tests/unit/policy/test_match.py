"""Wildcards, variables and segments, each with what AWS's pages say of it; and that no pattern is slow."""

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.policy import match
from credhelper.policy.match import Pattern, pattern
from credhelper.policy.request import Context, Missing
from credhelper.policy.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
CONTEXT = Context(
    {
        "aws:username": "David",
        "aws:PrincipalTag/team": "a*b",
        "aws:userid": "AROA:x",
        "many": ("a", "b"),
        "gone": Missing.ABSENT,
    }
)


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_glob_is_that_of_the_shell_without_its_brackets(wanted: str, value: str) -> None:
    assert match.glob(pattern(wanted, None).characters, value) == fnmatch.fnmatchcase(value, wanted)


@pytest.mark.parametrize(
    ("wanted", "value", "does"),
    [
        ("*?b*", "ab", True),
        ("*?b*", "b", False),
        ("*a?*c", "xaac", True),
        ("*a?*c", "xac", False),
        ("a?", "a", False),
        ("*a*a*", "a", False),
        ("*ab*b*", "ab", False),
    ],
)
def test_glob_at_the_edges(wanted: str, value: str, does: bool) -> None:
    assert match.glob(pattern(wanted, None).characters, value) is does


def test_pattern_of_many_stars_is_not_slow() -> None:
    start = time.perf_counter()
    assert not match.glob(pattern("*a?" * 2000 + "b", None).characters, "a" * 2000)
    assert not match.glob(pattern("*a" * 5000 + "c", None).characters, "a" * 20000)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("wanted", "action", "does"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("S3:GET*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:${aws:username}", "s3:David", False),
    ],
)
def test_actions(wanted: str, action: str, does: bool) -> None:
    assert match.fits_action(wanted, action) is does


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ("${aws:username}", "David", T),
        ("${AWS:UserName}", "David", T),
        ("x${aws:username}y${aws:username}", "xDavidyDavid", T),
        ("${aws:username}", "david", F),
        ("${aws:PrincipalTag/team}", "a*b", T),
        ("${aws:PrincipalTag/team}", "axb", F),
        ("${*}${?}${$}", "*?$", T),
        ("${*}", "x", F),
        ("${gone}", "x", F),
        ("${gone}", "", F),
        ("${gone, 'no-one'}", "no-one", T),
        ("${gone,'x'}", "x", T),
        ("${gone, ''}", "", T),
        ("${gone, '*'}", "abc", F),
        ("${aws:username, 'no-one'}", "David", T),
        ("${many}", "a", U),
        ("${what}", "x", U),
        ("a-${what}", "a-x", U),
        ("a-${what}", "b-x", F),
        ("${what, 'x'}", "y", U),
        ("${gone}${what}", "x", U),
        ("${}", "${}", T),
        ("${open", "${open", T),
    ],
)
def test_variables(wanted: str, value: str, fits: Truth) -> None:
    assert match.fits(pattern(wanted, CONTEXT), value) is fits


def test_variables_are_plain_text_without_a_context() -> None:
    assert match.fits(pattern("${aws:username}", None), "${aws:username}") is T
    assert match.fits(pattern("${aws:username}", None), "David") is F


@pytest.mark.parametrize(
    ("text", "is_open", "has_hole"),
    [
        ("${aws:username}", False, False),
        ("${gone}", False, True),
        ("${gone, 'x'}", False, False),
        ("${what}", True, True),
        ("${what, 'x'}", True, False),
        ("${many}", True, True),
        ("${what}${aws:username}", True, True),
        ("${gone}${aws:username}", False, True),
        ("${what}${gone}", True, True),
        ("${gone}${what, 'x'}", True, True),
    ],
)
def test_what_a_variable_leaves_open(text: str, is_open: bool, has_hole: bool) -> None:
    found = pattern(text, CONTEXT)
    assert (found.is_open, found.has_hole) == (is_open, has_hole)


def test_names_of_variables() -> None:
    assert match.variables_in("a${aws:username}b${x, 'y'}${*}${$}") == ["aws:username", "x"]


@pytest.mark.parametrize(
    ("wanted", "arn", "fits"),
    [
        ("*", "arn:aws:s3:::b", T),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c", T),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:c:d", T),
        ("arn:aws:s3:::b", "arn:aws:s3:::B", F),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::222222222222:role/x", T),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::2:y:role/x", T),  # a star that ends its segment goes beyond
        ("arn:aws:sns:*", "arn:aws:sns:eu-west-1:1:t", T),
        ("arn:aws:*:x", "arn:aws:sns:eu:1:x", T),
        ("arn:aws:*:y", "arn:aws:sns:eu:1:x", F),
        ("arn:aws:s3:::b/*.txt", "arn:aws:s3:::b/a.txt", T),
        ("arn:aws:s3:::b/*.txt", "arn:aws:s3:::b/a:c.txt", U),
        ("arn:aws:s3:::b?c", "arn:aws:s3:::b:c", U),
        ("arn:aws:s3:::b*c", "arn:aws:s3:::bc:dc", U),
        ("b*c:d*", "bx:yc:d", U),
        ("a*:b*:c:b", "a:b:c:b", T),
        ("arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::b/AROA:x", T),
        ("arn:aws:s3:::b/${what}", "arn:aws:s3:::b/c", U),
        ("arn:aws:s3:::b/${what}", "arn:aws:s3:::c/c", F),
        ("arn:aws:*", "arn:aws", F),
    ],
)
def test_resources_and_their_segments(wanted: str, arn: str, fits: Truth) -> None:
    assert match.fits_resource(pattern(wanted, CONTEXT), arn) is fits


@pytest.mark.parametrize(
    ("wanted", "arn", "fits"),
    [
        ("arn:aws:iam::*:user/David", "arn:aws:iam::111111111111:user/David", T),
        ("arn:aws:iam::*:user/David", "arn:aws:iam::1:x:user/David", F),
        ("arn:aws:s3:::b/*x", "arn:aws:s3:::b/a:x", T),  # the sixth part has its colons
        ("arn:aws:s3:::b/a:*", "arn:aws:s3:::b/a:x", T),
        ("arn:aws:sns:*", "arn:aws:sns:eu-west-1:1:t", U),  # five parts are not documented
        ("*", "arn:aws:sns:eu-west-1:1:t", U),
        ("arn:aws:sns:*:*:t", "arn:aws:sns:eu-west-1:t", F),
        ("arn:aws:*:*:*:*", "no ARN", F),
        ("arn:aws:sns:*:*:*", "arn:aws:sns:eu-west-1", F),
        ("a:*:c:d:e:f", "a:b:c:d:e:f", T),
        ("a:*:c:d:e:f", "a:b:c:c:d:e:f", F),
        ("arn:aws:iam::1${what}:role/n", "arn:aws:iam::12:x:role/n", U),
        ("arn:aws:iam::1${what}:role/n", "arn:aws:iam::22:x:role/n", F),
    ],
)
def test_arns_in_conditions_are_compared_part_by_part(wanted: str, arn: str, fits: Truth) -> None:
    assert match.fits_arn(pattern(wanted, CONTEXT), arn) is fits


def test_hole_fits_nothing_even_beside_a_star() -> None:
    assert match.fits(Pattern(pattern("*", None).characters, is_open=False, has_hole=True), "x") is F
