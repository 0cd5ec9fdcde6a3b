"""`discover` before MiniStack: own policies page by page, with all rights, some and none; the portal of a session."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credhelper.demo.emulator import Emulator
from credhelper.policy import build, render
from fakes import canary
from fakes.fork_server import stubs
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.iam import IamRules
from fakes.front.pages import Pages
from fakes.front.portal import Portal
from fakes.front.sentences import Refusal
from fakes.front.server import Front
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.home import PROGRAM, Home
from fakes.sso import SESSION, FakeSso
from fakes.terminal import lines_of, shown_at_80_columns

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OTHER = "arn:aws:iam::333333333333:role/team-*"


def assume(*roles: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(roles), **more}


class World:
    """David with policies of every kind, and his home; `deploy` and `gone` are further roles of Prod."""

    def __init__(self, it: TwoAccounts, directory: Path) -> None:
        self.it = it
        self.deploy = f"arn:aws:iam::{it.prod}:role/ops/deploy"
        self.gone = f"arn:aws:iam::{it.prod}:role/gone"
        self.managed = f"arn:aws:iam::{it.prod}:role/managed"
        self.keys = it.make_david()
        it.make_role()
        self.iam = it.client("iam", it.acc)
        put = self.iam.put_group_policy
        more = policy(assume(self.deploy, OTHER, Condition=MFA), assume(self.gone))
        put(GroupName="DevGroup", PolicyName="more", PolicyDocument=more)
        for number in range(3):
            # Of one page each: the policy that counts is on the last.
            put(GroupName="DevGroup", PolicyName=f"a{number}", PolicyDocument=policy(listing(f"bucket-{number}")))
            self.iam.create_group(GroupName=f"Group{number}")
            self.iam.add_user_to_group(UserName="David", GroupName=f"Group{number}")
        guard = policy({"Effect": "Deny", "Action": "sts:*", "Resource": self.gone})
        put(GroupName="Group2", PolicyName="guard", PolicyDocument=guard)
        made = self.iam.create_policy(PolicyName="team", PolicyDocument=policy(assume(self.managed)))
        self.iam.attach_group_policy(GroupName="Group1", PolicyArn=made["Policy"]["Arn"])
        self.home = Home(directory / "david", AWS_ENDPOINT_URL=it.front.url)
        self.home.add_user(self.keys["AccessKeyId"], self.keys["SecretAccessKey"])
        self.home.config.write_text("[default]\nregion = us-east-1\n\n")
        self.home.config.chmod(0o600)

    def may_read(self, text: str = "") -> None:
        text = as_david(text or render.to_text(build.self_read(self.it.acc)))
        self.iam.put_user_policy(UserName="David", PolicyName="read-own", PolicyDocument=text)

    def discover(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        done = self.home.run("discover", *arguments)
        assert done.returncode == code, done.stderr
        return done.stdout.decode(), done.stderr.decode()

    def as_json(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.discover("--json", *arguments)[0])
        return found


def root_of(account: str, profile: str) -> str:
    return f"[{profile}]\naws_access_key_id = {account}\naws_secret_access_key = {Emulator.ROOT_SECRET}\n"


def as_david(text: str) -> str:
    """Return a policy with the one variable that MiniStack never fills in."""
    return text.replace("${aws:username}", "David")


def listing(bucket: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}


@pytest.fixture
def world(aws: Emulator, tmp_path: Path) -> Iterator[World]:
    it = story(aws, StsRules(), IamRules(), Pages(2))
    with it.front:
        yield World(it, tmp_path)


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_roles_of_david_are_found_in_all_his_policies(world: World) -> None:
    world.may_read()
    with world.it.front.journal.watch() as seen:
        out, err = world.discover()
    assert seen.writes == []
    assert rows(out) == [
        [world.it.role_arn, "group DevGroup/allow-assume-S3-role-in-prod", "-", f"{world.it.role} (new)"],
        [world.deploy, "group DevGroup/more", "MFA", "deploy (new)"],
        [world.managed, "group Group1/team", "-", "managed (new)"],
        [OTHER, "group DevGroup/more", "MFA", "(a pattern)"],
    ]
    assert f"{world.gone} is allowed, and taken off by group Group2/guard" in err
    assert "credhelper discover --write" in err
    assert "not read" not in err


def test_without_rights_the_policy_that_gives_them_is_printed_and_works(world: World) -> None:
    with world.it.front.journal.watch() as seen:
        out, err = world.discover(code=4)
    assert out == ""
    assert len([call for call in seen.calls if call.action.startswith("iam:")]) == 3
    assert "user David may not read their own policies (iam:ListGroupsForUser)" in err
    shown = json.loads(err.partition("credhelper: error:")[0])
    assert shown == render.to_object(build.self_read(world.it.acc))
    command = err.partition("allows it: ")[2].partition("; or name")[0]
    administrator = {
        **world.home.environ,
        "AWS_ACCESS_KEY_ID": world.it.acc,
        "AWS_SECRET_ACCESS_KEY": Emulator.ROOT_SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "PATH": f"{stubs(world.home.path / 'stubs', 'aws')}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(["/bin/sh", "-c", as_david(command)], env=administrator, check=True, timeout=60)
    assert len(world.as_json()["roles"]) == 4


def test_half_of_the_rights_gives_what_is_known_and_a_remark(world: World) -> None:
    world.may_read()
    for left_out, missing, roles in (
        ("iam:GetGroupPolicy", "iam:GetGroupPolicy is refused", 1),
        ("iam:GetPolicyVersion", "iam:GetPolicyVersion is refused", 3),
        ("iam:GetUser", "the permissions boundary of user David (iam:GetUser is refused)", 4),
        ("iam:ListUserPolicies", "user David (iam:ListUserPolicies is refused)", 4),
    ):
        denied = policy({"Effect": "Deny", "Action": left_out, "Resource": "*"})
        world.iam.put_user_policy(UserName="David", PolicyName="not-that", PolicyDocument=denied)
        out, err = world.discover()
        assert len(rows(out)) == roles, left_out
        assert missing in err
    assert world.as_json()["unread"] != []


def test_policy_that_is_gone_since_it_was_listed_is_no_failure_and_one_that_is_none_is_named(
    aws: Emulator, tmp_path: Path
) -> None:
    def changed(world: object, request: Request, onward: Onward) -> Answer:
        name = request.form.get("PolicyName", "")
        if (request.operation, name) == ("GetGroupPolicy", "more"):
            return refuse(request, Refusal(404, "NoSuchEntity", "gone"))
        answer = onward(request)
        if (request.operation, name) == ("GetGroupPolicy", "guard"):
            return replace(answer, body=answer.body.replace(b"Effect", b"Affect"))
        return answer

    it = story(aws, StsRules(), IamRules(), changed)
    with it.front:
        world = World(it, tmp_path)
        world.may_read()
        found = world.as_json()
        assert [one["role"] for one in found["roles"]] == [it.role_arn, world.managed]
        assert found["unread"] == ["group Group2/guard (no document that can be understood)"]


def test_boundary_takes_off(world: World) -> None:
    world.may_read()
    allowed = policy(assume(world.it.role_arn), {"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    arn = world.iam.create_policy(PolicyName="bound", PolicyDocument=allowed)["Policy"]["Arn"]
    world.iam.put_user_permissions_boundary(UserName="David", PermissionsBoundary=arn)
    found = world.as_json()
    assert [one["role"] for one in found["roles"]] == [world.it.role_arn]
    assert {"role": world.deploy, "by": "the permissions boundary"} in found["denied"]


def test_write_is_one_edit_that_undo_takes_back(world: World) -> None:
    world.may_read()
    world.home.add_role("prod-s3", role_arn=world.it.role_arn)
    before = world.home.config.read_bytes()
    diff, _ = world.discover("--write", "--dry-run")
    assert world.home.config.read_bytes() == before
    assert f"+credhelper_role_arn = {world.deploy}" in diff
    _, err = world.discover("--write")
    assert "added 2 profiles (deploy, managed)" in err
    written = world.home.config.read_bytes()
    assert written.startswith(before)
    text = written.decode()
    assert f"[profile managed]\n{'credential_process'} = " in text
    assert text.count("region = us-east-1") == 4
    found = world.as_json("--write")
    assert [(one["profile"], one["is_new"]) for one in found["roles"]] == [
        ("prod-s3", False),
        ("deploy", False),
        ("managed", False),
        (None, False),
    ]
    assert world.home.config.read_bytes() == written
    assert world.home.run("profile", "undo").returncode == 0
    assert world.home.config.read_bytes() == before
    assert world.home.run("profile", "check").returncode == 0


def test_device_of_the_source_is_used_and_asked_for_where_none_is_known(world: World) -> None:
    world.may_read()
    assert "deploy asks for MFA: credhelper profile set deploy --mfa-serial ARN" in world.discover("--write")[1]
    assert world.home.run("profile", "undo").returncode == 0
    device = f"arn:aws:iam::{world.it.acc}:mfa/david"
    world.home.add_role("old", role_arn="arn:aws:iam::444444444444:role/old", mfa_serial=device)
    assert "asks for MFA" not in world.discover("--write")[1]
    sections = world.home.config.read_text().split("[profile ")
    assert [one.split("]")[0] for one in sections if "mfa_serial" in one] == ["old", "deploy"]


def test_try_says_what_aws_says(world: World) -> None:
    world.may_read()
    with world.it.front.journal.watch() as seen:
        found = world.as_json("--try")
    told = {one["role"]: one["tried"] for one in found["roles"]}
    assert told == {world.it.role_arn: "works", world.deploy: "refused", world.managed: "refused", OTHER: None}
    assert len([call for call in seen.calls if call.operation == "AssumeRole"]) == 3
    out, err = world.discover("--try")
    assert [row[-1] for row in rows(out)] == ["works", "refused", "refused", ""]
    assert f"note: {world.deploy}: " in err


def test_pattern_is_filled_in_by_known_roles_only(world: World) -> None:
    everything = f"arn:aws:iam::{world.it.prod}:role/*"
    world.may_read()
    world.iam.put_group_policy(GroupName="Group0", PolicyName="all", PolicyDocument=policy(assume(everything)))
    with (world.home.aws / "credentials").open("a") as file:
        file.write(root_of(world.it.prod, "prod-admin"))
    plain = {one["role"] for one in world.as_json()["roles"]}
    known = f"arn:aws:iam::{world.it.prod}:role/known"
    asked = {one["role"] for one in world.as_json("--role", known, "--role", f"{world.gone}")["roles"]}
    assert asked - plain == {known}
    world.it.client("iam", world.it.prod).create_role(RoleName="unnamed", AssumeRolePolicyDocument=world.it.trust())
    listed = {one["role"] for one in world.as_json("--prod-admin", "prod-admin")["roles"]}
    assert listed - plain == {f"arn:aws:iam::{world.it.prod}:role/unnamed"}
    command = world.discover("--role", known)[1].partition("for what is new: ")[2].split()
    assert command == ["credhelper", "discover", "--write", "--role", known]
    assert "no policy that was read allows it" in world.discover("--role", "arn:aws:iam::444444444444:role/x")[1]


def test_session_of_a_role_reads_the_roles_own_policies(world: World) -> None:
    it = world.it
    target = "arn:aws:iam::333333333333:role/next"
    iam = it.client("iam", it.prod)
    iam.put_role_policy(RoleName=it.role, PolicyName="chain", PolicyDocument=policy(assume(target)))
    world.home.add_role("prod-s3", role_arn=it.role_arn)
    _, err = world.discover("--source-profile", "prod-s3", code=4)
    assert f"role {it.role} may not read its own policies" in err
    shown = json.loads(err.partition("credhelper: error:")[0])
    assert shown == render.to_object(build.role_self_read(it.prod, it.role))
    iam.put_role_policy(RoleName=it.role, PolicyName="read-own", PolicyDocument=json.dumps(shown))
    found = world.as_json("--source-profile", "prod-s3", "--write")
    assert [(one["role"], one["from"]) for one in found["roles"]] == [(target, [f"role {it.role}/chain"])]
    assert "credhelper_source_profile = prod-s3" in world.home.config.read_text()


def test_right_is_given_where_the_identity_is_kept(world: World) -> None:
    it, name = world.it, "AWSReservedSSO_Data_Lab_0123456789abcdef"
    arn = f"arn:aws:iam::{it.prod}:role/{name}"
    it.client("iam", it.prod).create_role(RoleName=name, AssumeRolePolicyDocument=it.trust())
    world.iam.put_group_policy(GroupName="Group0", PolicyName="sso", PolicyDocument=policy(assume(arn)))
    world.home.add_role("sso", role_arn=arn)
    _, err = world.discover("--source-profile", "sso", code=4)
    assert "adds the policy above to the permission set Data_Lab of IAM Identity Center" in err
    assert "aws iam put-role-policy" not in err
    world.iam.create_user(UserName="-eve")
    eve = it.make_key("-eve")
    world.home.add_user(eve["AccessKeyId"], eve["SecretAccessKey"], "eve")
    assert "aws iam put-user-policy --user-name=-eve " in world.discover("--source-profile", "eve", code=4)[1]


def test_names_read_back_are_escaped(world: World) -> None:
    world.may_read()
    name = "arn:aws:iam::333333333333:role/x\u202e\x1b[31m*"
    world.iam.put_group_policy(GroupName="Group0", PolicyName="odd", PolicyDocument=policy(assume(name)))
    out, err = world.discover()
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err
    assert "\\u202e\\x1b[31m*" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--name", "{account_name}"], "--name has {account_name}"),
        (["--name", "fixed"], "--name has no field at all"),
        (["--name", ""], "--name is given without a value"),
        (["--prod-admin", ""], "--prod-admin is given without a value"),
        (["--name", "{role.__class__}"], "--name has {role.__class__}"),
        (["--dry-run"], "--dry-run shows what --write would do"),
        (["--sso", "corp", "--try"], "not about an SSO session"),
        (["--role", "arn:aws:iam::222222222222:user/x"], "--role is not the ARN of a role"),
        (["--source-profile", "nil"], "nil"),
        (["--sso", "nil"], "there is no [sso-session nil]"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_call(tmp_path: Path, arguments: list[str], said: str) -> None:
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    home.add_user()
    done = home.run("discover", *arguments)
    # A call would be a failure of the network, with another code.
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert b"hint: " in done.stderr


def test_root_is_told_that_it_assumes_no_role(world: World) -> None:
    with (world.home.aws / "credentials").open("a") as file:
        file.write(root_of(world.it.acc, "root"))
    _, err = world.discover("--source-profile", "root", code=2)
    assert "the account's root, which can assume no role" in err


ROLES = {
    "111111111111": ["Admin", "Read Only/x", "ops"],
    "222222222222": ["Admin"],
    "333333333333": ["Admin", "Größe", "default"],
}
NAMES = {"111111111111": "Data Lab/eu", "222222222222": "Prod", "333333333333": "Prod"}


class Signed:
    """A home that is signed in to a session, whose portal answers in pages of one."""

    def __init__(self, front: Front, sso: FakeSso, portal: Portal, directory: Path) -> None:
        self.front = front
        self.portal = portal
        self.home = Home(directory / "david")
        url = front.url
        self.home.config.write_text(
            "[default]\nregion = eu-west-1\n\n"
            f"[sso-session {SESSION}]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n\n"
            f"[services here]\nsso =\n  endpoint_url = {url}\nsso_oidc =\n  endpoint_url = {sso.url}\n\n"
            f"[profile Prod-x]\nsso_session = {SESSION}\nsso_account_id = 222222222222\nsso_role_name = Admin\n"
            "services = here\n\n[profile data-lab-eu-ops]\nregion = us-east-1\n"
        )
        self.home.config.chmod(0o600)
        self.token = sso.write_token(self.home.path, left_s=3600)
        held = json.loads(self.token.read_text())
        self.token.write_text(json.dumps({**held, "accessToken": portal.token}))


@pytest.fixture
def signed(aws: Emulator, tmp_path: Path) -> Iterator[Signed]:
    portal = Portal(ROLES, names=NAMES, page_size=1)
    with Front(aws.endpoint_url, portal) as front, FakeSso() as sso:
        yield Signed(front, sso, portal, tmp_path)


def test_session_gives_safe_names_that_are_unique(signed: Signed) -> None:
    before = signed.home.config.read_bytes()
    done = signed.home.run("discover", "--sso", SESSION, "--write")
    assert done.returncode == 0, done.stderr
    assert rows(done.stdout.decode()) == [
        ["111111111111", "Data Lab/eu", "Admin", "Data-Lab-eu-Admin (new)"],
        ["111111111111", "Data Lab/eu", "Read Only/x", "Data-Lab-eu-Read-Only-x (new)"],
        ["111111111111", "Data Lab/eu", "ops", "Data-Lab-eu-ops (new)"],
        ["222222222222", "Prod", "Admin", "Prod-x (exists)"],
        ["333333333333", "Prod", "Admin", "Prod-Admin (new)"],
        ["333333333333", "Prod", "Größe", "Prod-Gr-e (new)"],
        ["333333333333", "Prod", "default", "Prod-default (new)"],
    ]
    assert b"Prod-Gr-e is not added" in done.stderr
    written = signed.home.config.read_bytes()
    assert written.startswith(before)
    section = written.decode().partition("[profile Data-Lab-eu-Read-Only-x]\n")[2].partition("\n\n")[0]
    assert section.splitlines() == [
        f"sso_session = {SESSION}",
        "sso_account_id = 111111111111",
        "sso_role_name = Read Only/x",
        "region = eu-west-1",
    ]
    again = signed.home.run("discover", "--sso", SESSION, "--write", "--json")
    assert [one["is_new"] for one in json.loads(again.stdout)["roles"]].count(True) == 1
    assert signed.home.config.read_bytes() == written
    assert signed.home.run("profile", "undo").returncode == 0
    assert signed.home.config.read_bytes() == before


def test_equal_names_get_their_account(signed: Signed) -> None:
    done = signed.home.run("discover", "--sso", SESSION, "--name", "{role}")
    assert [row[-1] for row in rows(done.stdout.decode())] == [
        "Admin-111111111111 (new)",
        "Read-Only-x (new)",
        "ops (new)",
        "Prod-x (exists)",
        "Admin-333333333333 (new)",
        "Gr-e (new)",
        "default-333333333333 (new)",
    ]


@pytest.mark.parametrize("fault", ["refused", "expired", "missing", "torn"])
def test_session_that_is_over_is_begun_again_by_the_hint(signed: Signed, fault: str) -> None:
    held = json.loads(signed.token.read_text())
    if fault == "missing":
        signed.token.unlink()
    else:
        changes = {
            "refused": {"accessToken": "old"},
            "expired": {"expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "used"},
            "torn": {},
        }[fault]
        signed.token.write_text(json.dumps({**held, **changes})[: 30 if fault == "torn" else None])
    done = signed.home.run("discover", "--sso", SESSION)
    assert (done.returncode, done.stdout) == (4, b"")
    assert f"hint: aws sso login --sso-session {SESSION}\n" in done.stderr.decode()


@pytest.mark.parametrize("name", ["token", "config"])
def test_file_that_others_may_change_is_refused(signed: Signed, name: str) -> None:
    (signed.token if name == "token" else signed.home.config).chmod(0o666)
    with signed.front.journal.watch() as seen:
        done = signed.home.run("discover", "--sso", SESSION)
    assert (done.returncode, seen.calls) == (3, [])


def test_account_that_the_portal_refuses_is_named_and_the_others_are_listed(aws: Emulator, tmp_path: Path) -> None:
    class Withdrawn(Portal):
        def _account_roles(self, query: Any) -> Any:
            return super()._account_roles({**query, "account_id": query["account_id"].replace("2", "9")})

    portal = Withdrawn(ROLES, names=NAMES)
    with Front(aws.endpoint_url, portal) as front, FakeSso() as sso:
        done = Signed(front, sso, portal, tmp_path).home.run("discover", "--sso", SESSION)
    assert len(rows(done.stdout.decode())) == 6
    assert b"the roles of account 222222222222: the portal refuses them" in done.stderr


def test_due_token_is_refreshed_in_its_file(signed: Signed) -> None:
    held = json.loads(signed.token.read_text())
    signed.token.write_text(json.dumps({**held, "expiresAt": "2020-01-01T00:00:00Z"}))
    signed.portal.token = canary.session_token("access-1")
    done = signed.home.run("discover", "--sso", SESSION)
    assert (done.returncode, len(rows(done.stdout.decode()))) == (0, 7)
    assert json.loads(signed.token.read_text())["accessToken"] == signed.portal.token
    # Where the portal gave another refresh token, the profiles of the session are told that it is the same person's.
    noted = list(signed.home.path.glob(".cache/credhelper/*.sign-in"))
    assert json.loads(signed.token.read_text())["refreshToken"] != held["refreshToken"]
    assert [note.stem for note in noted] == [signed.token.stem]


def test_eighty_columns_are_enough(world: World) -> None:
    world.may_read()
    lines = lines_of(shown_at_80_columns([*PROGRAM, "discover"], world.home.environ))
    assert max(map(len, lines)) <= 80
    assert "ROLE" in lines[0]
    # The parts of a name may go on below; those of an account do not.
    assert [line[:12] for line in lines if line[:1].isdigit()] == [world.it.prod] * 3 + ["333333333333"]
