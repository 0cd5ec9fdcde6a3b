"""What an ARN settles of a request, and what it leaves open."""

import pytest

from credhelper.policy.request import Caller, Context, Missing, Value

ABSENT, UNKNOWN = Missing.ABSENT, Missing.UNKNOWN
USER = "arn:aws:iam::111111111111:user/team/David"
SESSION = "arn:aws:sts::111111111111:assumed-role/reader/david"
ROLE = "arn:aws:iam::111111111111:role/team/reader"


def test_key_is_compared_without_case_and_unknown_unless_said_otherwise() -> None:
    context = Context({"aws:PrincipalTag/Team": "a", "aws:TagKeys": ()})
    assert context.value("AWS:principaltag/team") == "a"
    assert context.value("aws:TagKeys") is ABSENT
    assert context.value("aws:SourceIp") is UNKNOWN
    assert Context({}, others=ABSENT).value("aws:SourceIp") is ABSENT
    assert context.having({"AWS:SourceIp": "1.2.3.4"}).value("aws:sourceip") == "1.2.3.4"
    assert Context({"a": "1"}, others=ABSENT).having({"b": "2"}).value("c") is ABSENT


@pytest.mark.parametrize(
    ("caller", "keys"),
    [
        (Caller(name=USER), {"PrincipalArn": USER, "username": "David", "PrincipalType": "User", "userid": UNKNOWN}),
        (Caller(name=USER, unique_id="AIDAX"), {"userid": "AIDAX"}),
        (Caller(name=SESSION), {"PrincipalArn": UNKNOWN, "username": ABSENT, "PrincipalType": "AssumedRole"}),
        (Caller(name=SESSION, role_arn=ROLE, unique_id="AROAX"), {"PrincipalArn": ROLE, "userid": "AROAX:david"}),
        (
            Caller(name="arn:aws:iam::111111111111:root"),
            {"PrincipalType": "Account", "username": ABSENT, "PrincipalAccount": "111111111111"},
        ),
        (
            Caller(name="arn:aws:sts::111111111111:federated-user/Eve"),
            {"PrincipalType": "FederatedUser", "username": ABSENT},
        ),
        (Caller(name="arn:aws:iam::111111111111:other/x"), {"PrincipalType": UNKNOWN}),
        (Caller(name="lambda.amazonaws.com", kind="Service"), {"PrincipalArn": UNKNOWN, "PrincipalAccount": UNKNOWN}),
    ],
)
def test_keys_that_the_arn_of_a_caller_settles(caller: Caller, keys: dict[str, Value]) -> None:
    context = Context(caller.keys())
    assert {key: context.value(f"aws:{key}") for key in keys} == keys


@pytest.mark.parametrize(
    "caller", [Caller(name="nothing"), Caller(name=USER, kind="Federated"), Caller(name="x", kind="Service")]
)
def test_caller_without_an_arn_of_its_own_settles_no_key(caller: Caller) -> None:
    assert caller.keys() == {}


def test_account_of_a_caller() -> None:
    assert Caller(name=SESSION).account == "111111111111"
    assert Caller(name="arn:aws:iam::1:oidc-provider/x", kind="Federated").account == ""
    assert Caller(name="nothing").account == ""
