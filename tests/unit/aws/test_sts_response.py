"""Nothing STS answers is believed before it was checked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from credhelper.aws import sts_response
from credhelper.errors import AwsError, MachineError
from credhelper.model.role_request import RoleRequest
from credhelper.system.machine import Machine
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


@pytest.mark.parametrize(
    ("changes", "environ", "hint"),
    [
        ({}, {}, "credhelper status"),
        (
            {"endpoint_url": "https://sts.example"},
            {"AWS_ENDPOINT_URL_STS": "https://sts.example", "AWS_ENDPOINT_URL": "https://other.example"},
            "unset AWS_ENDPOINT_URL_STS",
        ),
        ({"endpoint_url": "https://e"}, {"AWS_ENDPOINT_URL": "https://e"}, "unset AWS_ENDPOINT_URL"),
        (
            {"endpoint_url": "https://e", "is_endpoint_configured": True},
            {"AWS_ENDPOINT_URL": "https://e"},
            "credhelper profile show PROFILE",
        ),
    ],
)
def test_hint_names_who_chose_the_endpoint(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], environ: dict[str, str], hint: str
) -> None:
    for name, url in environ.items():
        monkeypatch.setenv(name, url)
    with pytest.raises(AwsError) as caught:
        sts_response.credentials(
            response(SecretAccessKey="x"), replace(REQUEST, **changes), "david@host", NOW, Machine(platform="linux")
        )
    assert caught.value.hint.endswith(hint)


@pytest.mark.parametrize("empty", [{}, {"Credentials": None}, {"Credentials": [], "AssumedRoleUser": "x"}])
def test_answer_of_another_shape_is_refused(empty: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        sts_response.credentials(empty, REQUEST, "david@host", NOW)


@pytest.mark.parametrize("seconds", [-86400, -1, 0])
def test_answer_that_has_expired_points_to_the_clock(seconds: int) -> None:
    expired = response(Expiration=datetime.fromtimestamp(NOW + seconds, UTC))
    with pytest.raises(MachineError, match="ahead"):
        sts_response.credentials(expired, REQUEST, "david@host", NOW)


@pytest.mark.parametrize("days", [-20_000, -400, -2, 3, 400, 20_000])
def test_answer_that_is_days_off_may_be_the_fault_of_the_server(days: int) -> None:
    off = response(Expiration=datetime.fromtimestamp(NOW + days * 86_400, UTC))
    with pytest.raises(MachineError, match=f"{abs(days)} days .*: it is wrong, or the server's"):
        sts_response.credentials(off, REQUEST, "david@host", NOW)


def test_answer_that_outlives_the_request_points_to_the_clock() -> None:
    late = response(Expiration=datetime.fromtimestamp(NOW + 4501, UTC))
    with pytest.raises(MachineError, match="behind"):
        sts_response.credentials(late, REQUEST, "david@host", NOW)
    assert sts_response.credentials(
        response(Expiration=datetime.fromtimestamp(NOW + 4500, UTC)), REQUEST, "david@host", NOW
    ).expiration


# Who answers, and whether the config file names them.
ENDPOINTS = {
    "a server of the config file on this machine": ("http://127.0.0.1:9000", True),
    "a server of the config file": ("https://minio.example", True),
    "a server of a variable": ("http://127.0.0.1:9000", False),
    "AWS, by the config file": ("https://sts.eu-west-1.amazonaws.com", True),
    "AWS's endpoint in a VPC": ("https://vpce-0a.sts.eu-west-1.vpce.amazonaws.com", True),
    "AWS": (None, False),
}
NONE, CONFIGURED, ALL = 0, 2, len(ENDPOINTS)
# What STS and the servers that stand in for it say of the role, and of how many of the endpoints that is taken.
KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "as AWS: moto, LocalStack, MiniStack, NooBaa": ({}, ALL),
    "an empty name: MinIO": ({"Arn": ""}, CONFIGURED),
    "no name": ({"Arn": None}, CONFIGURED),
    "no user at all: RustFS": ({"AssumedRoleUser": None}, CONFIGURED),
    "an empty user": ({"AssumedRoleUser": ""}, CONFIGURED),
    "the role's path kept: Ceph": ({"Arn": ARN.replace("reader", "team/reader")}, CONFIGURED),
    "small letters in the key id: Ceph, SeaweedFS": ({"AccessKeyId": "AKIA0f1e2d3c4b5a6978"}, ALL),
    "an account of the server's own: SeaweedFS": ({"Arn": ARN.replace("222222222222", "000000000000")}, NONE),
    "no account": ({"Arn": ARN.replace("222222222222", "")}, NONE),
    "another path": ({"Arn": ARN.replace("reader", "other/reader")}, NONE),
    "half a path": ({"Arn": ARN.replace("reader", "team")}, NONE),
    "the role instead of its session": ({"Arn": REQUEST.role_arn}, NONE),
    "the role and the session": ({"Arn": f"{REQUEST.role_arn}/david@host"}, NONE),
    "another role": ({"Arn": ARN.replace("reader", "admin")}, NONE),
    "the caller": ({"Arn": "arn:aws:iam::222222222222:user/david"}, NONE),
    "a blank": ({"Arn": " "}, NONE),
    "a tree": ({"Arn": {"Arn": ARN}}, NONE),
    "a list": ({"Arn": []}, NONE),
    "no name, and a short key": ({"Arn": "", "SecretAccessKey": "short"}, NONE),
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("kind", KINDS)
def test_role_may_be_left_out_by_an_endpoint_of_the_config_file_only(kind: str, endpoint: str) -> None:
    url, is_configured = ENDPOINTS[endpoint]
    request = replace(REQUEST, endpoint_url=url, is_endpoint_configured=is_configured)
    changes, how_many = KINDS[kind]
    users = {name: changes[name] for name in ("AssumedRoleUser",) if name in changes}
    answer = {**response(**{name: value for name, value in changes.items() if name not in users}), **users}
    if endpoint in list(ENDPOINTS)[:how_many]:
        assert sts_response.credentials(answer, request, "david@host", NOW).account_id == "222222222222"
    else:
        with pytest.raises(AwsError, match="the response to AssumeRole is not valid"):
            sts_response.credentials(answer, request, "david@host", NOW)
