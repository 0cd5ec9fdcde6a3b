"""A server that names no role, such as MinIO, through the whole program: believed if the config file names it."""

import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credhelper.errors import AwsError, MachineError
from fakes.aws_names import AwsNames
from fakes.home import ROLE_ARN, Home, error, key_id
from fakes.minio import USER, FakeMinio

SESSION = "david@laptop"
RIGHT = f"{ROLE_ARN.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/{SESSION}"


@pytest.fixture
def minio() -> Iterator[FakeMinio]:
    with FakeMinio() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "david")
    made.add_user(USER)
    made.add_role(role_session_name=SESSION)
    return made


def name_in_config(home: Home, url: str, way: str = "the profile") -> None:
    text = home.config.read_text().rstrip()
    if way == "the profile":
        home.config.write_text(f"{text}\nendpoint_url = {url}\n")
    else:
        home.config.write_text(f"{text}\nservices = local\n\n[services local]\nsts =\n  endpoint_url = {url}\n")


def in_utc(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("way", ["the profile", "a services section"])
@pytest.mark.parametrize("is_named_twice", [False, True])
def test_server_of_the_config_file_is_believed_and_its_session_is_kept(
    home: Home, minio: FakeMinio, way: str, *, is_named_twice: bool
) -> None:
    name_in_config(home, minio.url, way)
    environ = {"AWS_ENDPOINT_URL_STS": minio.url} if is_named_twice else {}
    first = key_id(home.get(**environ))
    assert key_id(home.get(**environ)) == first
    assert minio.count() == 1
    done = home.run("login", "--refresh", "prod-s3", **environ)
    assert done.returncode == 0, done.stderr
    assert key_id(home.get(**environ)) != first
    assert minio.count() == 2


def test_command_of_exec_gets_the_session(home: Home, minio: FakeMinio) -> None:
    name_in_config(home, minio.url)
    script = "import os; print(os.environ['AWS_ACCESS_KEY_ID'])"
    assert home.run("exec", "prod-s3", "--", sys.executable, "-c", script).stdout == b"0" * 19 + b"1\n"


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"])
@pytest.mark.parametrize("named", ["", "http://127.0.0.1:9"])
def test_server_of_a_variable_is_not_believed_and_nothing_is_kept(
    home: Home, minio: FakeMinio, variable: str, named: str
) -> None:
    if named:
        name_in_config(home, named)
    text = error(home.get(**{variable: minio.url}), AwsError.exit_code)
    assert "it does not say which role it is for" in text
    assert minio.count() == 1
    assert home.entries == []


def test_hint_about_a_server_of_a_variable_is_a_command_that_works(home: Home, minio: FakeMinio) -> None:
    hint = error(home.get(AWS_ENDPOINT_URL=minio.url), AwsError.exit_code).splitlines()[1]
    program, *arguments = shlex.split(hint.rpartition(": ")[2])
    assert program == "credhelper"
    done = home.run(*arguments)
    assert done.returncode == 0, done.stderr
    key_id(home.get())


def test_aws_own_name_is_not_believed_though_the_config_file_has_it(
    home: Home, minio: FakeMinio, tmp_path: Path
) -> None:
    with AwsNames(minio.url, tmp_path) as names:
        host = "sts.us-east-1.amazonaws.com"
        name_in_config(home, f"https://{host}\nca_bundle = {names.ca_bundle}")
        text = error(home.get(HTTPS_PROXY=names.proxy_url), AwsError.exit_code)
        assert names.hosts == [host]
    assert "it does not say which role it is for" in text
    assert "endpoint-url" not in text
    assert home.entries == []


@pytest.mark.parametrize(
    ("fields", "exit_code", "cause"),
    [
        (
            {"Arn": RIGHT.replace("222222222222", "333333333333")},
            AwsError.exit_code,
            "another role, account or session",
        ),
        ({"Arn": RIGHT.replace("acc-to-read", "acc-to-write")}, AwsError.exit_code, "another role, account or session"),
        ({"Arn": RIGHT.replace(SESSION, "eve@laptop")}, AwsError.exit_code, "another role, account or session"),
        ({"Arn": "arn:aws:iam:::user/minioadmin"}, AwsError.exit_code, "another role, account or session"),
        ({"Expiration": in_utc(-1)}, MachineError.exit_code, "have already expired"),
        ({"Expiration": in_utc(24 * 60)}, MachineError.exit_code, "would outlive what was asked for"),
        ({"Expiration": None}, AwsError.exit_code, "it has no Expiration"),
        ({"AccessKeyId": None}, AwsError.exit_code, "its AccessKeyId is missing or malformed"),
        ({"AccessKeyId": "minioadmin"}, AwsError.exit_code, "its AccessKeyId is missing or malformed"),
        ({"SecretAccessKey": "short"}, AwsError.exit_code, "its SecretAccessKey is missing or malformed"),
        ({"SessionToken": ""}, AwsError.exit_code, "its SessionToken is missing or malformed"),
    ],
)
def test_all_else_is_checked_as_with_aws(
    home: Home, minio: FakeMinio, fields: dict[str, str | None], exit_code: int, cause: str
) -> None:
    name_in_config(home, minio.url)
    minio.behaviour.fields = fields
    assert cause in error(home.get(), exit_code)
    assert home.entries == []


def test_server_may_name_the_right_role(home: Home, minio: FakeMinio) -> None:
    name_in_config(home, minio.url)
    minio.behaviour.fields = {"Arn": RIGHT}
    key_id(home.get())


def test_unknown_user_of_the_server_is_refused_in_words(home: Home, minio: FakeMinio) -> None:
    name_in_config(home, minio.url)
    credentials = home.aws / "credentials"
    credentials.write_text(credentials.read_text().replace(USER, "another"))
    assert "the server knows no access key" in error(home.get(), AwsError.exit_code)
