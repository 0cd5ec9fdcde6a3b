"""Nothing STS answers is believed before it was checked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from credhelper.aws import sts_response
from credhelper.errors import AwsError, MachineError
from credhelper.model.role_request import RoleRequest
from fakes import canary

NOW = 1_800_000_000
SECRET = canary.secret_key("answer")
REQUEST = RoleRequest(
    role_arn="arn:aws:iam::222222222222:role/team/reader", duration_seconds=3600, region="us-east-1", partition="aws"
)
ARN = "arn:aws:sts::222222222222:assumed-role/reader/david@host"


def response(**changes: Any) -> dict[str, Any]:
    given = {
        "AccessKeyId": "ASIAEXAMPLE000000001",
        "SecretAccessKey": SECRET,
        "SessionToken": canary.session_token("token/+="),
        "Expiration": datetime.fromtimestamp(NOW + 3600, UTC),
        "Arn": ARN,
    }
    given.update(changes)
    arn = given.pop("Arn")
    return {"Credentials": {k: v for k, v in given.items() if v is not None}, "AssumedRoleUser": {"Arn": arn}}


def test_whole_answer_becomes_credentials_of_the_roles_account() -> None:
    credentials = sts_response.credentials(response(), REQUEST, "david@host", NOW)
    assert credentials.access_key_id == "ASIAEXAMPLE000000001"
    assert credentials.expiration == NOW + 3600
    assert credentials.account_id == "222222222222"


@pytest.mark.parametrize(
    "changes",
    [
        {"AccessKeyId": None},
        {"AccessKeyId": ""},
        {"AccessKeyId": "ASIA\nEXAMPLE00000001"},
        {"AccessKeyId": 'ASIA"EXAMPLE00000001'},
        {"SecretAccessKey": None},
        {"SecretAccessKey": SECRET + "\\"},
        {"SecretAccessKey": SECRET + "é"},
        {"SecretAccessKey": "short"},
        {"SessionToken": None},
        {"SessionToken": "to ken"},
        {"SessionToken": "token\x00"},
        {"SessionToken": "t" * 7001},
        {"Expiration": None},
        {"Expiration": "tomorrow"},
        {"Expiration": datetime(2030, 1, 1)},  # noqa: DTZ001  # a time without a zone is the case
        {"Arn": None},
        {"Arn": ARN.replace("222222222222", "333333333333")},
        {"Arn": ARN.replace("reader", "admin")},
        {"Arn": ARN.replace("david@host", "eve@host")},
        {"Arn": ARN.replace("arn:aws:", "arn:aws-cn:")},
        {"Arn": "arn:aws:sts::222222222222:federated-user/david@host"},
    ],
)
def test_malformed_or_foreign_answer_is_refused_without_quoting_it(changes: dict[str, Any]) -> None:
    with pytest.raises(AwsError, match="the response to AssumeRole is not valid") as caught:
        sts_response.credentials(response(**changes), REQUEST, "david@host", NOW)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("empty", [{}, {"Credentials": None}, {"Credentials": [], "AssumedRoleUser": "x"}])
def test_answer_of_another_shape_is_refused(empty: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        sts_response.credentials(empty, REQUEST, "david@host", NOW)


@pytest.mark.parametrize("seconds", [-86400, -1, 0])
def test_answer_that_has_expired_points_to_the_clock(seconds: int) -> None:
    expired = response(Expiration=datetime.fromtimestamp(NOW + seconds, UTC))
    with pytest.raises(MachineError, match="ahead"):
        sts_response.credentials(expired, REQUEST, "david@host", NOW)


def test_answer_that_outlives_the_request_points_to_the_clock() -> None:
    late = response(Expiration=datetime.fromtimestamp(NOW + 4501, UTC))
    with pytest.raises(MachineError, match="behind"):
        sts_response.credentials(late, REQUEST, "david@host", NOW)
    assert sts_response.credentials(
        response(Expiration=datetime.fromtimestamp(NOW + 4500, UTC)), REQUEST, "david@host", NOW
    ).expiration


@pytest.mark.parametrize("arn", [None, ""])
@pytest.mark.parametrize(
    ("url", "is_configured", "is_taken"),
    [
        ("http://127.0.0.1:9000", True, True),
        ("https://minio.example", True, True),
        ("http://127.0.0.1:9000", False, False),
        ("https://sts.eu-west-1.amazonaws.com", True, False),
        ("https://vpce-0a.sts.eu-west-1.vpce.amazonaws.com", True, False),
        (None, False, False),
    ],
)
def test_role_may_be_left_out_by_an_endpoint_of_the_config_file_only(
    arn: str | None, url: str | None, *, is_configured: bool, is_taken: bool
) -> None:
    request = replace(REQUEST, endpoint_url=url, is_endpoint_configured=is_configured)
    if is_taken:
        assert sts_response.credentials(response(Arn=arn), request, "david@host", NOW).account_id == "222222222222"
        with pytest.raises(AwsError):
            sts_response.credentials(response(Arn=ARN.replace("reader", "admin")), request, "david@host", NOW)
        with pytest.raises(AwsError):
            sts_response.credentials(response(Arn=arn, SecretAccessKey="short"), request, "david@host", NOW)
    else:
        with pytest.raises(AwsError):
            sts_response.credentials(response(Arn=arn), request, "david@host", NOW)
