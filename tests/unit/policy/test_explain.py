"""The verdict of documents, the statement that decides it, and what in the nearest one does not fit."""

import time
from typing import Any

import pytest

from credhelper.policy.document import Document, parse
from credhelper.policy.explain import Check, explain, nearest_values
from credhelper.policy.request import Caller, Context, Missing, Request, Value
from credhelper.policy.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
DAVID = Caller(name="arn:aws:iam::111111111111:user/David")


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> Document:
    return parse({"Version": version, "Statement": list(statements)})


def allow(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE, **changes}


def deny(**changes: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **changes)


def asked(values: dict[str, Value] | None = None, **changes: Any) -> Request:
    fields = {"action": "sts:AssumeRole", "resource": ROLE, "caller": DAVID, "context": Context(values), **changes}
    return Request(**fields)


MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


@pytest.mark.parametrize(
    ("statements", "is_allowed", "is_denied"),
    [
        ([allow()], T, F),
        ([allow(), deny()], F, T),
        ([deny()], F, T),
        ([allow(), deny(Condition=MFA)], U, U),
        ([allow(Condition=MFA)], U, F),
        ([allow(Resource="arn:aws:s3:::x"), deny(Condition=MFA)], F, U),  # denied either way
        ([allow(Condition=MFA), deny()], F, T),
        ([allow(Condition=MFA), allow()], T, F),
        ([allow(Action="s3:*")], F, F),
        ([allow(NotAction="s3:*", Action=None)], T, F),
        ([allow(NotAction="sts:*", Action=None)], F, F),
        ([allow(NotResource="arn:aws:s3:::*", Resource=None)], T, F),
        ([allow(NotResource=ROLE, Resource=None)], F, F),
        ([allow(Condition={"Bool": {"k": "true"}, "StringEquals": {"aws:username": "Eve"}})], F, F),
        ([allow(Condition={"StringEquals": {"aws:username": "David"}})], T, F),
        ([allow(Condition={"StringEquals": {"aws:PrincipalArn": DAVID.name}})], T, F),
        ([allow(Resource="arn:aws:iam::222222222222:role/${aws:username}")], F, F),
        ([allow(Resource=["arn:aws:iam::222222222222:role/${aws:FederatedProvider}", ROLE])], U, F),
        ([allow(NotResource="x${aws:FederatedProvider}", Resource=None)], U, F),
    ],
)
def test_verdict(statements: list[dict[str, Any]], is_allowed: Truth, is_denied: Truth) -> None:
    cleaned = [{name: value for name, value in one.items() if value is not None} for one in statements]
    found = explain([document(*cleaned)], asked({"aws:FederatedProvider": Missing.UNKNOWN}))
    assert (found.is_allowed, found.is_denied) == (is_allowed, is_denied)


def test_statement_with_a_variable_that_has_no_value_may_be_invalid() -> None:
    one = document(allow(Resource=["arn:aws:iam::2:role/${aws:FederatedProvider}", ROLE]))
    assert explain([one], asked({"aws:FederatedProvider": Missing.ABSENT})).is_allowed is U
    only = document(allow(Resource="arn:aws:iam::222222222222:role/${aws:FederatedProvider}"))
    assert explain([only], asked({"aws:FederatedProvider": Missing.ABSENT})).is_allowed is F
    assert explain([one], asked({"aws:FederatedProvider": "x"})).is_allowed is T
    plain = document(allow(Resource=["${aws:FederatedProvider}", ROLE]), version="2008-10-17")
    assert explain([plain], asked({"aws:FederatedProvider": Missing.ABSENT})).is_allowed is T


def test_resource_that_is_not_known() -> None:
    assert explain([document(allow())], asked(resource=None)).is_allowed is U
    assert explain([document(allow(Resource=["x", "*"]))], asked(resource=None)).is_allowed is T
    hole = document(allow(Resource=["*", "${aws:FederatedProvider}"]))
    assert explain([hole], asked({"aws:FederatedProvider": Missing.ABSENT}, resource=None)).is_allowed is U
    not_all = {"Effect": "Allow", "Action": "*", "NotResource": "*"}
    assert explain([document(not_all)], asked(resource=None)).is_allowed is F


def test_deny_of_any_document_counts_and_of_all_documents_together() -> None:
    found = explain([document(allow()), document(allow(Action="s3:*"), deny(Sid="No"))], asked())
    assert found.deciding is not None
    assert (found.deciding.document, found.deciding.number, found.deciding.statement.sid) == (1, 2, "No")
    assert found.nearest is None  # an Allow fits; it is the Deny that counts


def test_allow_that_decides() -> None:
    found = explain([document(allow(Action="s3:*"), allow(Sid="Yes"))], asked())
    assert found.deciding is not None
    assert found.deciding.statement.sid == "Yes"
    assert (found.nearest, found.undecided) == (None, ())


def test_letter_that_is_wrong_is_found_among_statements_about_other_things() -> None:
    wrong = ROLE.replace("bucket", "buckt")
    found = explain(
        [
            document(
                allow(Action="s3:*", Resource="*"),
                allow(Resource=["arn:aws:iam::333333333333:role/ops", wrong], Sid="Near"),
                allow(Resource="arn:aws:iam::333333333333:role/other"),
            )
        ],
        asked(),
    )
    assert found.is_allowed is F
    assert found.nearest is not None
    assert found.nearest.statement.sid == "Near"
    (miss,) = found.nearest.misses
    assert (miss.element, miss.found) == ("Resource", ROLE)
    assert nearest_values(miss)[0] == wrong


def test_values_stay_in_their_order_where_the_request_has_none() -> None:
    wanted = ("b", "a", "c")
    check = Check(element="Condition", fits=F, wanted=wanted, found=None, is_negated=False)
    assert nearest_values(check) == list(wanted)


def test_nearest_value_of_a_statement_counts_and_not_its_farthest() -> None:
    near = allow(Resource=[ROLE.replace("bucket", "buckt"), "x"], Sid="Near")
    others = allow(Resource=["arn:aws:iam::333333333333:role/other", "arn:aws:iam::333333333333:role/ops"])
    for both in ([near, others], [others, near]):
        found = explain([document(*both)], asked()).nearest
        assert found is not None
        assert found.statement.sid == "Near"


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({"Condition": {"Bool": {"aws:username": "x"}}}, {"Resource": "x"}),
        ({"Resource": "x"}, {"Principal": {"AWS": "222222222222"}}),
        ({"Principal": {"AWS": "222222222222"}}, {"Action": "s3:GetObject"}),
        ({"Principal": {"AWS": "222222222222"}, "Resource": "x"}, {"Action": "s3:GetObject"}),
    ],
)
def test_nearest_statement_is_the_one_with_the_least_that_does_not_fit(
    nearer: dict[str, Any], farther: dict[str, Any]
) -> None:
    base = {"Principal": {"AWS": "111111111111"}, "Condition": {"StringEquals": {"aws:username": "David"}}}
    one, other = allow(**{**base, **nearer}, Sid="near"), allow(**{**base, **farther}, Sid="far")
    for both in ([one, other], [other, one]):
        found = explain([document(*both)], asked({"aws:username": "David"})).nearest
        assert found is not None
        assert found.statement.sid == "near"


def test_condition_that_does_not_hold_is_named_with_what_the_request_has() -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "111111111111"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringNotEquals": {"sts:ExternalId": ["one"]}, "Bool": {"aws:MultiFactorAuthPresent": True}},
    }
    found = explain([document(trust)], asked({"sts:ExternalId": "one", "aws:MultiFactorAuthPresent": Missing.ABSENT}))
    assert found.nearest is not None
    first, second = found.nearest.misses
    assert (first.operator, first.key, first.wanted, first.found, first.is_negated) == (
        "StringNotEquals", "sts:ExternalId", ("one",), "one", True,
    )  # fmt: skip
    assert (second.key, second.found, second.is_negated) == ("aws:MultiFactorAuthPresent", None, False)
    assert found.nearest.doubts == ()


def test_keys_that_would_settle_an_open_verdict_are_named() -> None:
    found = explain(
        [
            document(
                allow(Resource="arn:aws:iam::222222222222:role/${aws:PrincipalTag/role}", Condition=MFA),
                allow(Action="s3:*", Condition={"StringEquals": {"other": "x"}}),
            )
        ],
        asked(),
    )
    assert found.is_allowed is U
    assert found.unknown_keys == ("aws:PrincipalTag/role", "aws:MultiFactorAuthPresent")
    assert len(found.undecided) == 1
    assert found.nearest == found.undecided[0]


def test_what_the_request_says_goes_before_what_the_arn_says() -> None:
    one = document(allow(Condition={"StringEquals": {"aws:username": "Eve"}}))
    assert explain([one], asked({"aws:username": "Eve"})).is_allowed is T
    assert explain([one], asked(caller=None)).is_allowed is U


@pytest.mark.parametrize(
    "resource",
    [
        "*a" * 15_000,
        "a:*" * 10_000,
        "?" * 60_000,
        "a" * 60_000,
        [f"arn:aws:iam::222222222222:role/{'x' * 20}{n}" for n in range(1000)],
    ],
)
def test_large_document_is_explained_in_no_time(resource: Any) -> None:
    start = time.process_time()
    for asked_for in (f"{ROLE}/{'a:' * 700}", "a" * 199):
        assert explain([document(allow(Resource=resource))], asked(resource=asked_for)).is_allowed is F
    assert time.process_time() - start < 3


def test_no_documents_allow_nothing() -> None:
    found = explain([], asked())
    assert (found.is_allowed, found.is_denied, found.nearest, found.deciding) == (F, F, None, None)
