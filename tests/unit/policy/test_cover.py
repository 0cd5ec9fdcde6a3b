"""What is narrower, what two documents have in common, and which pattern is within which."""

import json

import pytest

from credhelper.policy.cover import common, is_within, narrows
from credhelper.policy.difference import same
from credhelper.policy.document import Document, parse
from credhelper.policy.render import to_object

ROOT, DAVID = "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/David"
GONE = "AIDAJQABLZS4A3QDU576Q"


def document(*statements: dict[str, object], version: str = "2012-10-17") -> Document:
    return parse({"Version": version, "Statement": list(statements)})


def allow(action: object = "s3:GetObject", resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "s3:GetObject", resource: object = "*", **more: object) -> dict[str, object]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def trust(principal: object, effect: str = "Allow", **more: object) -> dict[str, object]:
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}


def when(operator: str, *values: str) -> dict[str, object]:
    return {operator: {"aws:PrincipalTag/team": list(values)}}


NARROWER = [
    (allow("s3:*"), allow()),
    (allow("*"), allow("S3:getobject")),
    (allow(["s3:GetObject", "s3:PutObject"]), allow("s3:PutObject")),
    (allow(resource="arn:aws:s3:::bucket*"), allow(resource="arn:aws:s3:::bucket/team/*")),
    (allow(resource="arn:aws:s3:::a?c"), allow(resource="arn:aws:s3:::abc")),
    (allow(), allow(Condition=when("StringEquals", "data"))),
    (allow(Condition=when("StringEquals", "data", "ops")), allow(Condition=when("StringEquals", "data"))),
    (allow(Condition=when("StringNotEquals", "x")), allow(Condition=when("StringNotEquals", "x", "y"))),
    (trust("*"), trust(ROOT)),
    (trust("*"), trust("111111111111", Condition=when("StringEquals", "data"))),
    (trust([ROOT, DAVID]), trust(DAVID)),
    (
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"},
    ),
]


@pytest.mark.parametrize(("wide", "narrow"), NARROWER)
def test_narrower_is_known_one_way_only(wide: dict[str, object], narrow: dict[str, object]) -> None:
    assert narrows(document(wide), document(narrow))
    assert not narrows(document(narrow), document(wide))


@pytest.mark.parametrize(("wide", "narrow"), NARROWER)
def test_of_two_the_narrower_one_is_what_they_have_in_common(
    wide: dict[str, object], narrow: dict[str, object]
) -> None:
    assert same(common(document(wide), document(narrow)), document(narrow))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (allow("s3:GetObject"), allow("s3:PutObject")),
        (allow(resource="arn:aws:s3:::a"), allow(resource="arn:aws:s3:::b")),
        (allow(Condition=when("StringEquals", "a")), allow(Condition=when("StringEquals", "b"))),
        (allow(Condition=when("StringEquals", "a")), allow(Condition=when("StringLike", "a"))),
        (allow(resource="${aws:username}"), allow(resource="?????????????????")),
        (trust(ROOT), trust(DAVID)),
        (trust("*"), {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
    ],
)
def test_what_is_not_shown_to_be_narrower_is_neither(one: dict[str, object], other: dict[str, object]) -> None:
    assert not narrows(document(one), document(other))
    assert not narrows(document(other), document(one))
    assert common(document(one), document(other)).statements == ()


USER_AND_X = ["arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/x"]


def test_resources_beside_a_variable_stay_with_it() -> None:
    """A statement with a variable that has no value may be invalid as a whole."""
    together = document(allow(resource=USER_AND_X))
    alone = document(allow(resource=USER_AND_X[1]))
    assert not narrows(together, alone)
    for one, other in ((together, alone), (alone, together)):
        assert common(one, other).statements == ()
    for wide in (document(allow()), together, document(allow(resource="arn:aws:s3:::b/*"))):
        assert same(common(together, wide), together)
        assert narrows(wide, together)
    apart = document(allow(resource=USER_AND_X[0]), allow(resource=USER_AND_X[1]))
    assert len(common(apart, document(allow())).statements) == 2


def test_a_deny_that_goes_widens_and_one_that_comes_narrows() -> None:
    plain, denying = document(allow("s3:*")), document(allow("s3:*"), deny())
    assert narrows(plain, denying)
    assert not narrows(denying, plain)
    assert narrows(document(allow("s3:*"), deny()), document(allow("s3:*"), deny("s3:*")))
    assert not narrows(document(allow("s3:*"), deny("s3:*")), document(allow("s3:*"), deny()))
    assert same(common(document(deny("a:*"), allow("b:*")), document(deny("c:*"))), document(deny("a:*"), deny("c:*")))


def test_identity_that_is_gone_is_in_no_document_that_is_written() -> None:
    assert common(document(trust([GONE, DAVID])), document(trust("*"))) == document(trust(DAVID))
    assert common(document(trust(GONE)), document(trust("*"))).statements == ()
    exempt: dict[str, object] = {"Effect": "Deny", "NotPrincipal": {"AWS": GONE}, "Action": "sts:AssumeRole"}
    assert common(document(exempt), document(trust("*"))) == document(trust("*", "Deny"))


def test_plain_text_of_an_older_version_stays_that() -> None:
    old = document(allow(resource="arn:aws:s3:::b/${aws:username}"), version="2008-10-17")
    both = common(old, document(allow()))
    assert "${$}{aws:username}" in json.dumps(to_object(both))
    assert same(both, old)


@pytest.mark.parametrize(
    ("narrow", "wide", "is_one"),
    [
        ("arn:aws:s3:::b/x", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/x*", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/*", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x*", False),
        ("arn:aws:iam::1:role/a", "arn:aws:iam::*:role/a", True),
        ("arn:aws:iam::1:2:role/a", "arn:aws:iam::*:role/a", False),
        ("arn:aws:iam::*:role/a", "arn:aws:iam::1*:role/a", False),
        ("arn:aws:s3:::a*z", "arn:aws:s3:::a*yz", False),
        ("arn:aws:s3:::a*z", "arn:aws:s3:::a?z", False),
        ("arn:aws:s3:::a?z", "arn:aws:s3:::a*z", True),
        ("arn:aws:s3:::ab*z", "arn:aws:s3:::a*z", False),  # it is, but for colons that a star may take
        ("arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::a/*", True),
        ("arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::a/?*", False),
        ("arn:aws:s3:::a/x", "arn:aws:s3:::a/${aws:username}", False),
        ("", "*", True),
        ("*", "", False),
    ],
)
def test_pattern_is_within_another(narrow: str, wide: str, is_one: bool) -> None:
    assert is_within(narrow, wide) is is_one
