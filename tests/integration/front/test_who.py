"""`whoami` and `test` before MiniStack: who each kind of profile is, and each step of a trial that goes wrong.

The commands run in this process; what they start is a process, as an SDK starts it.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper.cli import app
from credhelper.demo.emulator import Emulator
from fakes import canary
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.iam import IamRules
from fakes.front.sentences import Refusal
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.home import PROGRAM, Home
from fakes.sts import FakeSts
from fakes.terminal import lines_of, shown_at_80_columns

LINE = re.compile(r"^ (ok|FAIL|skipped) +(\w+) +(.*)$")
ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


class Refusals:
    """A rule that refuses the operations whose names are in it."""

    def __init__(self) -> None:
        self.operations: dict[str, Refusal] = {}

    def __call__(self, world: object, request: Request, onward: Onward) -> Answer:
        why = self.operations.get(request.operation)
        return onward(request) if why is None else refuse(request, why)


class World:
    """David's home, with a profile of each kind that needs no more than the two accounts, and the rules before AWS."""

    def __init__(self, it: TwoAccounts, refusals: Refusals, directory: Path) -> None:
        self.it = it
        self.refusals = refusals
        self.home = Home(directory / "david", AWS_ENDPOINT_URL=it.front.url, COLUMNS="80")
        self.key = it.make_david()
        self.home.add_user(self.key["AccessKeyId"], self.key["SecretAccessKey"])
        it.make_role()
        it.make_bucket()
        self.home.config.write_text("[default]\nregion = us-east-1\n")
        self.home.add_role("prod-s3", role_arn=it.role_arn)
        self.add(f"[profile native]\nrole_arn = {it.role_arn}\nsource_profile = default\nregion = us-east-1\n")
        self.home.config.chmod(0o600)

    def add(self, text: str) -> None:
        with self.home.config.open("a") as file:
            file.write(text)

    def change(self, old: str, new: str) -> None:
        text = self.home.config.read_text()
        assert old in text
        self.home.config.write_text(text.replace(old, new))

    def shadow(self) -> None:
        """Give the profile prod-s3 the keys of the user, too."""
        self.home.add_user(self.key["AccessKeyId"], self.key["SecretAccessKey"], "prod-s3")

    def may_write(self) -> None:
        iam = self.it.client("iam", self.it.prod)
        iam.put_role_policy(RoleName=self.it.role, PolicyName="all", PolicyDocument=policy(ALL))

    def session(self, role: str = "") -> str:
        return f"arn:aws:sts::{self.it.prod}:assumed-role/{role or self.it.role}/"

    def apart(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        """Run a command as a process: the front's own clients, in this one, obey these variables as well."""
        done = self.home.run(*arguments, **environ)
        assert not canary.find(done.stdout + done.stderr)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def world(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    refusals = Refusals()
    it = story(aws, refusals, StsRules(), IamRules())
    with it.front:
        made = World(it, refusals, tmp_path)
        for name, value in made.home.environ.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return what runs a command here, and returns its code, stdout and stderr."""

    def run_here(*arguments: str) -> tuple[int, str, str]:
        code = app._run(list(arguments))
        shown = capsys.readouterr()
        assert not canary.find((shown.out + shown.err).encode())
        return code, shown.out, shown.err

    return run_here


Run = Callable[..., tuple[int, str, str]]


def steps(text: str) -> dict[str, tuple[str, str]]:
    """Return state and text of each step."""
    found = [LINE.match(line) for line in text.splitlines()]
    return {one[2]: (one[1], one[3]) for one in found if one is not None}


def states(text: str) -> list[str]:
    return [f"{state} {name}" for name, (state, _) in steps(text).items()]


def test_story_is_three_fine_lines(world: World) -> None:
    with world.it.front.journal.watch() as seen:
        done = world.home.run("test", "prod-s3")
    assert (done.returncode, done.stderr) == (0, b"")
    found = steps(done.stdout.decode())
    assert states(done.stdout.decode()) == ["ok helper", "ok document", "ok identity", "skipped bucket"]
    assert found["helper"][1].startswith(f"line 4 of {world.home.config} starts it")
    assert re.fullmatch(r"credentials until \d{4}-\S+Z \(59 min\)", found["document"][1])
    assert found["identity"][1].startswith(world.session())
    assert found["bucket"][1].endswith("credhelper test prod-s3 --bucket BUCKET")
    assert seen.writes == []


@pytest.mark.parametrize("profile", ["prod-s3", "native"])
def test_bucket_is_listed_and_nothing_is_written(world: World, run: Run, profile: str) -> None:
    with world.it.front.journal.watch() as seen:
        code, out, err = run("test", profile, "--bucket", f"s3://{world.it.bucket}/2026")
    assert (code, err) == (0, "")
    assert states(out)[-2:] == ["ok identity", "ok bucket"]
    assert steps(out)["bucket"][1] == f"s3://{world.it.bucket}/2026/ can be listed, nothing is there"
    assert seen.writes == []


def test_without_a_profile_it_is_that_of_the_variable(world: World, run: Run) -> None:
    assert run("test")[2].startswith("credhelper: error: no profile is given, and AWS_PROFILE is not set\n")
    assert states(world.apart("test", AWS_PROFILE="native")[1]) == ["ok credentials", "ok identity", "skipped bucket"]


def test_object_is_announced_written_and_deleted(world: World, run: Run) -> None:
    world.may_write()
    with world.it.front.journal.watch() as seen:
        code, out, err = run("test", "prod-s3", "--bucket", f"{world.it.bucket}/in", "--write")
    assert code == 0
    announced = re.search(r"note: one object is written and deleted: (s3://\S+)", err)
    assert announced is not None
    uri = announced[1]
    assert re.fullmatch(rf"s3://{world.it.bucket}/in/credhelper-test-[0-9a-f]{{32}}\.txt", uri)
    assert steps(out)["write"] == ("ok", f"{uri} was written and deleted")
    assert [call.operation for call in seen.writes] == ["PutObject", "DeleteObject"]
    listed = world.it.client("s3", world.it.prod).list_objects_v2(Bucket=world.it.bucket)
    assert [one["Key"] for one in listed["Contents"]] == ["readme.txt"]


def test_versions_are_deleted_too_or_said_to_stay(world: World, run: Run) -> None:
    world.may_write()
    s3 = world.it.client("s3", world.it.prod)
    s3.put_bucket_versioning(Bucket=world.it.bucket, VersioningConfiguration={"Status": "Enabled"})
    assert run("test", "prod-s3", "--bucket", world.it.bucket, "--write")[0] == 0
    listed = s3.list_object_versions(Bucket=world.it.bucket)
    assert [one["Key"] for one in listed["Versions"]] == ["readme.txt"]
    assert listed.get("DeleteMarkers", []) == []
    bucket = f"arn:aws:s3:::{world.it.bucket}"
    denied = {"Effect": "Deny", "Action": "s3:DeleteObjectVersion", "Resource": f"{bucket}/*"}
    iam = world.it.client("iam", world.it.prod)
    iam.put_role_policy(RoleName=world.it.role, PolicyName="all", PolicyDocument=policy(ALL, denied))
    code, out, _ = run("test", "prod-s3", "--bucket", world.it.bucket, "--write")
    left = [one["Key"] for one in s3.list_object_versions(Bucket=world.it.bucket)["Versions"]]
    assert code == 0
    assert ("its version stays" in out) is (len(left) > 1)


def test_what_is_left_of_a_write_is_named_with_the_way_to_delete_it(world: World, run: Run) -> None:
    world.may_write()
    world.refusals.operations["DeleteObject"] = Refusal(403, "AccessDenied", "Access Denied")
    code, out, err = run("test", "prod-s3", "--bucket", world.it.bucket, "--write")
    assert (code, states(out)[-1]) == (4, "FAIL write")
    uri = steps(out)["write"][1].split()[0]
    assert "was written and is still there" in out
    assert f"hint: someone who may delete it: aws s3 rm {uri}\n" in err
    listed = world.it.client("s3", world.it.prod).list_objects_v2(Bucket=world.it.bucket)
    assert f"s3://{world.it.bucket}/{listed['Contents'][0]['Key']}" == uri


def test_refused_write_leaves_nothing_and_deletes_nothing(world: World, run: Run) -> None:
    with world.it.front.journal.watch() as seen:
        code, out, err = run("test", "prod-s3", "--bucket", f"s3://{world.it.bucket}/", "--write")
    assert (code, states(out)[-2:]) == (4, ["ok bucket", "FAIL write"])
    assert [call.operation for call in seen.writes] == ["PutObject"]
    assert err.endswith(f"hint: what is to blame: credhelper doctor prod-s3 --bucket {world.it.bucket}\n")


def test_write_that_may_have_arrived_is_deleted(world: World, run: Run) -> None:
    world.may_write()
    world.refusals.operations["PutObject"] = Refusal(500, "InternalError", "We encountered an internal error.")
    with world.it.front.journal.watch() as seen:
        code, _, _ = run("test", "prod-s3", "--bucket", world.it.bucket, "--write")
    assert code == 5
    assert seen.writes[-1].operation == "DeleteObject"


def test_write_needs_a_bucket(world: World, run: Run) -> None:
    code, _, err = run("test", "prod-s3", "--write")
    assert (code, err.splitlines()[1]) == (2, "hint: credhelper test prod-s3 --bucket BUCKET --write")


def key_off(world: World) -> None:
    iam = world.it.client("iam", world.it.acc)
    iam.update_access_key(UserName="David", AccessKeyId=world.key["AccessKeyId"], Status="Inactive")


def no_trust(world: World) -> None:
    world.it.client("iam", world.it.prod).delete_role_policy(RoleName=world.it.role, PolicyName="read-bucket")
    world.it.client("iam", world.it.prod).delete_role(RoleName=world.it.role)


# What is done to the world, the steps, the exit code, the cause and the first hint.
FAULTS: dict[str, tuple[Callable[[World], object], list[str], int, str, str]] = {
    "the program is edited to fail": (
        lambda world: world.change(" -I -S ", " -I -S -c raise(SystemExit(9)) "),
        ["FAIL helper", "skipped document", "skipped identity", "skipped bucket"],
        3,
        "fails with exit code 9",
        "see the line: ${EDITOR:-vi} +4 ",
    ),
    "the program is gone": (
        lambda world: world.change("get.py", "gone.py"),
        ["FAIL helper", "skipped document", "skipped identity", "skipped bucket"],
        3,
        "fails with exit code 2",
        "credhelper profile repair prod-s3",
    ),
    "the line is gone": (
        lambda world: world.change("credential_process = ", "# "),
        ["FAIL helper", "skipped document", "skipped identity", "skipped bucket"],
        2,
        "profile prod-s3 has no credential_process, so no tool asks credhelper",
        "credhelper profile repair prod-s3",
    ),
    "another program, which prints no document": (
        lambda world: world.change("credential_process = ", "credential_process = /bin/echo hello "),
        ["ok helper", "FAIL document", "skipped identity", "skipped bucket"],
        3,
        "the AWS CLI and boto3 cannot use the document: it is not one JSON object",
        "",
    ),
    "the role is gone": (
        no_trust,
        ["FAIL helper", "skipped document", "skipped identity", "skipped bucket"],
        4,
        "assume",
        "",
    ),
    "the key is inactive": (
        key_off,
        ["FAIL helper", "skipped document", "skipped identity", "skipped bucket"],
        4,
        "no active access key",
        "",
    ),
    "keys go before": (
        World.shadow,
        ["ok credentials", "FAIL identity", "skipped bucket"],
        2,
        "user/David, no session of arn:aws:iam::",
        "credhelper profile show prod-s3",
    ),
    "no such bucket": (
        lambda world: (
            world.it.client("s3", world.it.prod).delete_objects(
                Bucket=world.it.bucket, Delete={"Objects": [{"Key": "readme.txt"}]}
            )
            and world.it.client("s3", world.it.prod).delete_bucket(Bucket=world.it.bucket)
        ),
        ["ok helper", "ok document", "ok identity", "FAIL bucket"],
        4,
        "NoSuchBucket",
        "",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_first_step_that_fails_is_named_with_its_code_and_doctor(world: World, run: Run, fault: str) -> None:
    damage, expected, exit_code, cause, hint = FAULTS[fault]
    damage(world)
    code, out, err = run("test", "prod-s3", "--bucket", world.it.bucket)
    assert (states(out), code) == (expected, exit_code), out
    name = next(one for one in expected if one.startswith("FAIL")).split()[1]
    assert cause in steps(out)[name][1]
    hints = err.splitlines()
    assert hints[0].startswith(f"hint: {hint}")
    assert hints[-1] == f"hint: what is to blame: credhelper doctor prod-s3 --bucket {world.it.bucket}"
    found = json.loads(run("test", "prod-s3", "--bucket", world.it.bucket, "--json")[1])
    assert [f"{one['state']} {one['id']}" for one in found["steps"]] == expected
    assert found["exit_code"] == exit_code
    assert found["hints"][-1] == f"credhelper doctor prod-s3 --bucket {world.it.bucket}"


def test_time_of_expiry_is_one_where_botocore_finds_one(world: World, run: Run) -> None:
    document = '{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"x","Expiration":"Sat Jan 31 12:00:00 UTC 2099"}'
    world.add(f"[profile dated]\ncredential_process = echo '{document}'\n")
    _, out, _ = run("test", "dated")
    assert steps(out)["document"][0] == "ok"
    assert "credentials until 2099-01-31T12:00:00Z" in out


def test_profile_without_credentials_fails_as_aws_tools_do(world: World, run: Run) -> None:
    world.add("[profile region-only]\nregion = us-east-1\n")
    code, out, err = run("test", "region-only")
    assert (code, states(out)) == (2, ["FAIL credentials", "skipped identity", "skipped bucket"])
    assert "profile region-only has no credentials" in out
    assert err.splitlines()[0] == "hint: aws configure --profile region-only"


def test_profile_that_is_not_there_is_no_step(world: World, run: Run) -> None:
    assert run("test", "prod-s4") == (2, "", run("whoami", "prod-s4")[2])


def rows(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, value = line.split("\t")
        found.setdefault(name, []).append(value)
    return found


def test_whoami_says_where_it_all_comes_from(world: World, run: Run) -> None:
    iam = world.it.client("iam", world.it.acc)
    aliases = {"Effect": "Allow", "Action": "iam:ListAccountAliases", "Resource": "*"}
    iam.put_user_policy(UserName="David", PolicyName="aliases", PolicyDocument=policy(aliases))
    iam.create_account_alias(AccountAlias=f"alias-{world.it.number}")
    code, out, _ = run("whoami", "default")
    assert code == 0
    assert rows(out)["account"] == [f"{world.it.acc} (alias-{world.it.number})"]
    assert rows(out)["expires"] == ["never: a long-lived key"]
    assert "session" not in rows(out)
    code, out, err = run("whoami", "prod-s3")
    found = rows(out)
    assert (code, err) == (0, "")
    assert found["arn"][0].startswith(world.session())
    assert found["session"] == [found["arn"][0].rpartition("/")[2]]
    assert found["account"] == [world.it.prod]  # its alias may not be read
    assert found["expires"][0].endswith(" (59 min)")
    assert found["region"] == [f"us-east-1 (profile prod-s3) {world.home.config}:7"]
    assert found["endpoint"] == [f"{world.it.front.url} (AWS_ENDPOINT_URL)"]
    assert found["source"] == [
        f"prod-s3 (credhelper) {world.it.role_arn} {world.home.config}:5",
        f"default (static) key …{world.key['AccessKeyId'][-4:]} {world.home.aws / 'credentials'}:2",
    ]
    assert "because" not in found


def test_whoami_of_a_shadowed_profile_is_who_tools_are(world: World, run: Run) -> None:
    world.shadow()
    code, out, err = run("whoami", "prod-s3")
    assert (code, rows(out)["arn"]) == (0, [world.it.david])
    assert "note: SDKs do not ask credhelper for profile prod-s3" in err


def test_whoami_leaves_what_is_cached_and_a_trial_uses_it(world: World, run: Run) -> None:
    assert run("whoami", "prod-s3")[0] == 0
    with world.it.front.journal.watch() as seen:
        assert run("whoami", "prod-s3")[0] == 0
        assert run("test", "prod-s3")[0] == 0
    assert [call.operation for call in seen.calls if call.operation == "AssumeRole"] == []


def test_region_and_endpoint_name_what_decides(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> tuple[str | None, str | None]:
        found: dict[str, Any] = json.loads(run("whoami", "plain", "--json")[1])
        return found["region"]["origin"], found["endpoint"]["origin"]

    keys = f"aws_access_key_id = {world.key['AccessKeyId']}\naws_secret_access_key = {world.key['SecretAccessKey']}\n"
    with (world.home.aws / "credentials").open("a") as file:
        file.write(f"[plain]\n{keys}")
    assert told() == (None, "AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert told() == ("AWS_REGION", "AWS_ENDPOINT_URL")
    assert "do not take AWS_REGION, but AWS_DEFAULT_REGION, which is not set" in run("whoami", "plain")[2]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert "do not take AWS_REGION, but AWS_DEFAULT_REGION, which is us-west-2" in run("whoami", "plain")[2]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert "note:" not in run("whoami", "plain")[2]
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", world.it.front.url)
    monkeypatch.delenv("AWS_REGION")
    assert told() == ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_STS")
    for name in ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    world.add(f"[profile plain]\nregion = eu-west-1\nendpoint_url = {world.it.front.url}\n")
    assert told() == ("profile plain", "profile plain")
    world.change("endpoint_url = ", f"services = s\n[services s]\nsts =\n  endpoint_url = {world.it.front.url}\n# ")
    assert told() == ("profile plain", "profile plain")
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert "AWS_REGION is us-west-2, which SDKs other than boto3 take" in run("whoami", "plain")[2]


def test_environment_is_told_with_what_decides(world: World, run: Run) -> None:
    assert rows(run("whoami")[1])["because"] == [
        "neither AWS_DEFAULT_PROFILE nor AWS_PROFILE is set: profile default",
        f"profile default has aws_access_key_id (static) {world.home.aws / 'credentials'}:2",
    ]
    code, out, err = world.apart("whoami", AWS_PROFILE="prod-s3")
    assert code == 0, err
    assert rows(out)["arn"][0].startswith(world.session())
    assert rows(out)["because"][-1] == f"profile prod-s3 has credential_process (credhelper) {world.home.config}:4"
    keys = {"AWS_ACCESS_KEY_ID": world.key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": world.key["SecretAccessKey"]}
    code, out, _ = world.apart("whoami", "--json", AWS_PROFILE="prod-s3", **keys)
    found = json.loads(out)
    assert (code, found["arn"], found["profile"]) == (0, world.it.david, None)
    assert [(one["name"], one["kind"]) for one in found["chain"]] == [("Environment", "credential-source")]
    assert "AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE" in found["reasons"][0]["text"]


def test_environment_that_does_not_work_is_told_why_it_is_asked(world: World) -> None:
    code, out, err = world.apart(
        "whoami",
        AWS_PROFILE="prod-s3",
        AWS_ACCESS_KEY_ID=world.key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=world.key["SecretAccessKey"],
        AWS_SESSION_TOKEN=canary.session_token("left-over"),
    )
    assert (code, out) == (4, ""), err
    assert err.startswith("note: AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE")
    assert "credhelper: error: what the environment has: AWS does not accept" in err
    assert "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN" in err.splitlines()[-1]


def test_web_identity_of_the_environment_is_used(world: World, sts: FakeSts) -> None:
    token = world.home.path / "token"
    token.write_text("a.b.c")
    token.chmod(0o600)
    named = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": world.it.role_arn, "AWS_PROFILE": "web"}
    named["AWS_ENDPOINT_URL_STS"] = sts.url
    # A token goes where the config file says, never where a variable does.
    world.add(f"[profile web]\nregion = us-east-1\nendpoint_url = {sts.url}\n")
    code, out, err = world.apart("whoami", **named)
    assert code == 0, err
    assert rows(out)["source"] == ["web-identity (credential-source)"]
    assert sts.count("AssumeRoleWithWebIdentity") == 1
    token.chmod(0o666)
    code, _, err = world.apart("whoami", **named)
    assert code == 3, err
    assert sts.count("AssumeRoleWithWebIdentity") == 1


def test_name_of_a_variable_that_is_not_set_is_no_question_about_the_environment(world: World, run: Run) -> None:
    assert run("whoami", "")[2].startswith("credhelper: error: the name of the profile is empty\n")


@pytest.mark.parametrize("path", ["{}/vault", "./vault"])
def test_line_that_every_request_refuses_is_not_started(
    world: World, run: Run, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = world.home.path / "vault"
    program.write_text(f"#!/bin/sh\ntouch {world.home.path}/started\n")
    program.chmod(0o700)
    monkeypatch.chdir(world.home.path)
    world.add(f"[profile vault]\ncredential_process = {path.format(world.home.path)}\n")
    if not path.startswith("."):
        world.home.config.chmod(0o666)
    assert states(run("test", "vault")[1])[0] == "FAIL helper"
    assert not (world.home.path / "started").exists()


def test_profile_that_nothing_asks_credhelper_for_is_told(world: World) -> None:
    world.change("credential_process = ", "# ")
    code, _, err = world.apart("whoami", AWS_PROFILE="prod-s3", AWS_EC2_METADATA_DISABLED="true")
    assert code == 2
    assert "no tool asks credhelper for profile prod-s3: it has no credential_process" in err
    assert "note: profile prod-s3 has no credentials" in err


def test_nothing_at_all_is_told(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.home.aws / "credentials").unlink()
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, _, err = run("whoami")
    assert code == 2
    assert "note: profile default has no credentials" in err
    assert "credhelper: error: nothing here has credentials: AWS_EC2_METADATA_DISABLED forbids to ask" in err
    assert err.endswith("hint: choose one: credhelper profile list; or make one: aws configure\n")


def test_key_of_an_older_tool_is_who_the_tools_are(world: World) -> None:
    (world.home.aws / "credentials").unlink()
    boto = world.home.aws / "boto.cfg"
    key, secret = world.key["AccessKeyId"], world.key["SecretAccessKey"]
    boto.write_text(f"[Credentials]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    boto.chmod(0o600)
    code, out, err = world.apart("whoami", BOTO_CONFIG=str(boto))
    assert code == 0, err
    assert rows(out)["arn"] == [world.it.david]
    assert rows(out)["because"][-1].startswith(f"the file {boto}, which BOTO_CONFIG names, has a key")
    boto.chmod(0o666)
    code, out, err = world.apart("whoami", BOTO_CONFIG=str(boto))
    boto.unlink()
    assert (code, out) == (3, ""), err
    assert str(boto) in err


@pytest.mark.parametrize(
    "arguments", [("whoami", "prod-s3"), ("whoami",), ("test", "prod-s3"), ("test", "gone", "--bucket", "some-bucket")]
)
def test_eighty_columns_are_enough(world: World, arguments: tuple[str, ...]) -> None:
    world.add("[profile gone]\ncredential_process = /nowhere/\x1b[31mvault\n")
    shown = shown_at_80_columns([*PROGRAM, *arguments], {**world.home.environ, "NO_COLOR": "1"})
    assert b"\x1b[3" not in shown
    lines = lines_of(shown)
    # A word that has no room in one line is not broken, so that it can be copied.
    assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []
    assert len(lines) > 2
