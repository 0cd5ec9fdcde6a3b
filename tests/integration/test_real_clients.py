"""The real AWS CLI and boto3, through the profile that `profile add` wrote, against an AWS that checks every policy."""

import json
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from credhelper.demo import world
from credhelper.demo.emulator import Emulator
from credhelper.demo.world import UserKey
from fakes import canary
from fakes.home import AWS, Home, error, key_id

LIST = ["s3", "ls", f"s3://{world.BUCKET}/"]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(str(tmp_path_factory.mktemp("aws"))) as running:
        world.create_bucket(running)
        yield running


@dataclass(frozen=True, slots=True)
class Cast:
    """A user and a role of this test's own, and the user's home."""

    aws: Emulator
    home: Home
    key: UserKey
    group: str
    role_arn: str

    def allow(self) -> None:
        world.allow_assume_role(self.aws, self.role_arn, self.group)

    def add(self, name: str = "prod-s3", *options: str) -> None:
        done = self.home.run(
            "profile", "add", name, "--role-arn", self.role_arn, "--source-profile", "default", *options,
            "--region", world.REGION,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def cli(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        done = self.home.start([*AWS, *arguments], environ)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def make_cast(aws: Emulator, directory: Path, principal: str = "", **condition: object) -> Cast:
    unique = uuid.uuid4().hex[:8]
    user, group = f"David-{unique}", f"DevGroup-{unique}"
    key = world.create_user(aws, user, group)
    trusted = principal or f"arn:aws:iam::{world.ACC}:user/{user}"
    role_arn = world.create_role(aws, f"role-{unique}", trusted, **condition)
    home = Home(directory / "david", AWS_ENDPOINT_URL=aws.endpoint_url, AWS_EC2_METADATA_DISABLED="true")
    home.add_user(key.access_key_id, key.secret_access_key)
    canary.register(key.secret_access_key)
    return Cast(aws, home, key, group, role_arn)


@pytest.fixture
def cast(aws: Emulator, tmp_path: Path) -> Cast:
    made = make_cast(aws, tmp_path)
    made.allow()
    made.add()
    return made


def test_cli_lists_the_bucket_and_two_calls_cost_one_assume_role(cast: Cast) -> None:
    before = cast.aws.count_assume_role()
    for _ in range(2):
        code, out, err = cast.cli(*LIST, "--profile", "prod-s3")
        assert (code, err) == (0, "")
        assert "readme.txt" in out
    assert cast.aws.count_assume_role() - before == 1


def test_cli_says_who_it_is_now(cast: Cast) -> None:
    code, out, _ = cast.cli("sts", "get-caller-identity", "--profile", "prod-s3")
    assert code == 0
    assert json.loads(out)["Arn"].startswith(
        f"arn:aws:sts::{world.PROD}:assumed-role/{cast.role_arn.rpartition('/')[2]}/"
    )


def test_new_profile_takes_the_region_of_its_source(cast: Cast) -> None:
    cast.home.config.write_text("[default]\nregion = eu-central-1\n\n" + cast.home.config.read_text())
    done = cast.home.run("profile", "add", "second", "--role-arn", cast.role_arn, "--source-profile", "default")
    assert done.returncode == 0, done.stderr
    assert cast.cli("configure", "get", "region", "--profile", "second")[1] == "eu-central-1\n"


def test_profile_in_the_environment_works_as_well(cast: Cast) -> None:
    code, out, _ = cast.cli(*LIST, AWS_PROFILE="prod-s3")
    assert (code, "readme.txt" in out) == (0, True)


def test_user_alone_is_refused(cast: Cast) -> None:
    code, _, err = cast.cli(*LIST)
    assert code != 0
    assert "AccessDenied" in err


def test_boto3_lists_the_bucket(cast: Cast) -> None:
    script = (
        "import boto3, json; s3 = boto3.Session(profile_name='prod-s3').client('s3');"
        f"print(json.dumps([o['Key'] for o in s3.list_objects_v2(Bucket='{world.BUCKET}')['Contents']]))"
    )
    done = cast.home.start([sys.executable, "-c", script], {})
    assert json.loads(done.stdout) == ["2026/orders.csv", "readme.txt"]


def test_native_role_profile_on_top_of_ours_works(cast: Cast, aws: Emulator) -> None:
    role = cast.role_arn.rpartition("/")[2]
    second = world.create_role(aws, f"{role}-second", cast.role_arn)
    _allow_role_to_assume(aws, role, second)
    with cast.home.config.open("a") as file:
        file.write(f"\n[profile sdk-chain]\nrole_arn = {second}\nsource_profile = prod-s3\nregion = us-east-1\n")
    code, out, err = cast.cli("sts", "get-caller-identity", "--profile", "sdk-chain")
    assert code == 0, err
    assert "-second/" in json.loads(out)["Arn"]


def test_our_own_chain_works(cast: Cast, aws: Emulator) -> None:
    role = cast.role_arn.rpartition("/")[2]
    second = world.create_role(aws, f"{role}-second", cast.role_arn)
    _allow_role_to_assume(aws, role, second)
    done = cast.home.run("profile", "add", "chained", "--role-arn", second, "--source-profile", "prod-s3")
    assert done.returncode == 0, done.stderr
    key_id(cast.home.get("chained"))


def _allow_role_to_assume(aws: Emulator, role: str, target: str) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": target}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client(aws, "iam", world.PROD).put_role_policy(RoleName=role, PolicyName="chain", PolicyDocument=document)


def test_refusal_by_the_identity_policy_names_user_and_role(aws: Emulator, tmp_path: Path) -> None:
    cast = make_cast(aws, tmp_path)
    cast.add()
    text = error(cast.home.get(), 4)
    assert "user/David-" in text
    assert cast.role_arn in text


def test_refusal_by_the_trust_policy_is_explained(aws: Emulator, tmp_path: Path) -> None:
    cast = make_cast(aws, tmp_path, principal=f"arn:aws:iam::{world.PROD}:root")
    cast.allow()
    cast.add()
    text = error(cast.home.get(), 4)
    assert cast.role_arn in text


def test_external_id_is_needed_and_sent(aws: Emulator, tmp_path: Path) -> None:
    cast = make_cast(aws, tmp_path, StringEquals={"sts:ExternalId": "the-right-one"})
    cast.allow()
    cast.add("right", "--external-id", "the-right-one")
    key_id(cast.home.get("right"))
    cast.add("wrong", "--external-id", "another")
    error(cast.home.get("wrong"), 4)
    cast.add("none")
    error(cast.home.get("none"), 4)


def test_wrong_secret_is_told_from_a_refusal(cast: Cast) -> None:
    credentials = cast.home.aws / "credentials"
    credentials.write_text(credentials.read_text().replace(cast.key.secret_access_key, canary.secret_key()))
    text = error(cast.home.get(), 4)
    assert "secret" in text.lower()


def test_unknown_key_is_told_from_a_refusal(cast: Cast) -> None:
    credentials = cast.home.aws / "credentials"
    credentials.write_text(credentials.read_text().replace(cast.key.access_key_id, "AKIAUNKNOWN000000000"))
    text = error(cast.home.get(), 4)
    assert "AKIAUNKNOWN" in text or "0000" in text


def test_refusal_reaches_the_user_of_the_cli(aws: Emulator, tmp_path: Path) -> None:
    cast = make_cast(aws, tmp_path)
    cast.add()
    code, out, err = cast.cli(*LIST, "--profile", "prod-s3")
    assert (code != 0, out) == (True, "")
    assert "credhelper: error: " in err
    assert "hint: " in err


def test_exec_and_env_serve_tools_that_ignore_the_profile(cast: Cast) -> None:
    done = cast.home.run("exec", "prod-s3", "--", *AWS, *LIST)
    assert b"readme.txt" in done.stdout
    script = f'eval "$({sys.executable} -I -m credhelper env prod-s3)" && {" ".join(AWS)} {" ".join(LIST)}'
    done = cast.home.start(["sh", "-c", script], {})
    assert b"readme.txt" in done.stdout


def test_session_name_shows_who_it_was(cast: Cast) -> None:
    cast.add("named", "--role-session-name", "david@laptop")
    _, out, _ = cast.cli("sts", "get-caller-identity", "--profile", "named")
    assert json.loads(out)["Arn"].endswith("/david@laptop")


def test_aws_configure_set_may_edit_our_settings(cast: Cast) -> None:
    key_id(cast.home.get())
    code, _, err = cast.cli("configure", "set", "credhelper_duration_seconds", "1800", "--profile", "prod-s3")
    assert code == 0, err
    key_id(cast.home.get())
    shown = json.loads(cast.home.run("status", "--json").stdout)
    assert 1500 < shown["entries"][0]["remaining_seconds"] <= 1800


def test_tags_and_session_policy_are_accepted(cast: Cast) -> None:
    iam = world.client(cast.aws, "iam", world.PROD)
    role = cast.role_arn.rpartition("/")[2]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Action"] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                    "Resource": cast.role_arn,
                }
            ],
        }
    )
    world.client(cast.aws, "iam", world.ACC).put_group_policy(
        GroupName=cast.group, PolicyName="more", PolicyDocument=document
    )
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    cast.add("tagged", "--tags", "Team=Blue", "--source-identity", "David", "--policy", nothing)
    key_id(cast.home.get("tagged"))
    code, _, err = cast.cli(*LIST, "--profile", "tagged")
    assert code != 0
    assert "AccessDenied" in err  # the session policy is in force


def test_moto_serves_as_well(tmp_path: Path) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")
        home.add_user()
        home.add_role()
        first = key_id(home.get())
        assert key_id(home.get()) == first
        done = home.start([*AWS, "sts", "get-caller-identity", "--profile", "prod-s3"], {})
        assert "assumed-role" in json.loads(done.stdout)["Arn"]
    finally:
        server.stop()


def test_ours_and_the_users_files_only_are_written(cast: Cast) -> None:
    key_id(cast.home.get())
    tops = {path.relative_to(cast.home.path).parts[0] for path in cast.home.path.rglob("*")}
    assert tops <= {".aws", ".cache", ".local", ".config"}
    # The note about the key store, which the test itself has made.
    noted = [path.relative_to(cast.home.path) for path in (cast.home.path / ".config").rglob("*") if path.is_file()]
    assert noted == [Path(".config/credhelper/key-store")]
    assert sorted(os.listdir(cast.home.aws)) == ["config", "credentials"]
