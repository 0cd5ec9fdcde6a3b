"""The page about grants: its transcript, file and commands, and the rights of administrators, none of them too many."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper.demo.emulator import Emulator
from credhelper.grant.change import Side
from credhelper.policy.document import load
from fakes import fork_server, linters
from fakes.front.behind import Keys
from fakes.front.iam import IamRules
from fakes.front.s3 import S3Rules
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.grant_home import GrantHome

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "grant.md"
MORE = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
WHO = {Side.ROLE: "prod-admin", Side.CALLER: "acc-admin"}


def blocks(language: str) -> list[str]:
    """Return the blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)


def rights(acc: str, prod: str) -> dict[Side, str]:
    """Return the two documents of the page, for these accounts."""
    role, caller = (one.replace("111111111111", acc).replace("222222222222", prod) for one in blocks("json"))
    return {Side.ROLE: role, Side.CALLER: caller}


def actions(text: str) -> set[str]:
    return {action for one in load(text).statements for action in one.actions}


def at_the_emulator(it: TwoAccounts, side: Side) -> list[dict[str, Any]]:
    """Return the rights of the page, and those that the emulator asks for on another resource than AWS does.

    AWS asks for a membership's right on the group, and for the simulation's on whose policies they are (Service
    Authorization Reference): parliament has these from there and looks at the page, below.
    """
    statements: list[dict[str, Any]] = json.loads(rights(it.acc, it.prod)[side])["Statement"]
    simulation = {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"}
    membership = {"Effect": "Allow", "Action": ["iam:AddUserToGroup", "iam:RemoveUserFromGroup"], "Resource": it.david}
    return [*statements, simulation, *([membership] if side is Side.CALLER else [])]


class Narrow(GrantHome):
    """Both administrators have the rights of the page, and nothing else."""

    def add_admin(self, profile: str, account: str, *_: dict[str, Any], user: str = "") -> Keys:
        side = Side.ROLE if account == self.it.prod else Side.CALLER
        return super().add_admin(profile, account, *at_the_emulator(self.it, side), user=WHO[side])


@pytest.fixture
def home(aws: Emulator, tmp_path: Path) -> Iterator[Narrow]:
    it = story(aws, StsRules(), IamRules(), S3Rules())
    with it.front:
        it.make_bucket()
        made = Narrow(tmp_path / "admin", it)
        made.add_david()
        yield made


def test_rights_on_the_page_are_enough_for_each_step_and_none_is_too_many(home: Narrow) -> None:
    it = home.it
    root = it.client("iam", it.prod)

    def succeed(*arguments: str) -> str:
        done = home.run("grant", *arguments)
        assert done.returncode == 0, done.stderr
        assert b"not known before" not in done.stderr  # the simulation, too, is allowed
        return done.stdout.decode()

    with it.front.journal.watch() as seen:
        succeed("apply", *home.grant, *home.both, "--yes")
        assert "no changes" in succeed("plan", *home.grant, *home.both)
        # What was changed by hand is set right.
        root.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust(it.prod))
        root.update_role(RoleName=it.role, MaxSessionDuration=43200)
        root.untag_role(RoleName=it.role, TagKeys=["credhelper:grant"])
        root.put_role_policy(RoleName=it.role, PolicyName="by-hand", PolicyDocument=policy(MORE))
        succeed("apply", *home.grant, *home.both, "--yes", "--adopt", "--prune")
        assert "no changes" in succeed("plan", *home.grant, *home.both)
        succeed("remove", *home.about, *home.both, "--yes", "--members")
        assert "nothing to remove" in succeed("remove", *home.about, *home.both, "--yes")
    for side, who in WHO.items():
        account = it.prod if side is Side.ROLE else it.acc
        calls = {call.action for call in seen.calls if call.user.endswith(f":user/{who}") and call.account == account}
        assert {call for call in calls if call.startswith("iam:")} == actions(rights(it.acc, it.prod)[side])


def rows() -> dict[str, set[str]]:
    """Return what the table below the rights says: for what, and which further actions."""
    found = re.findall(r"^\| ([^|]*) \| (`iam:[^|]*) \|$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {what: set(re.findall(r"`(iam:[A-Za-z]+)`", text)) - {"iam:PolicyARN"} for what, text in found}


READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
# Of each row of that table the steps that need it: options in place of or beside those of the story.
STEPS: dict[str, list[list[str]]] = {
    "`policy_arn`": [["apply", "--policy-arn", READ_ONLY], ["apply", "--prune"]],
    "`boundary`; `--prune` of one": [["apply"], ["apply", "--boundary", "EDGE"], ["apply", "--prune"]],
    "`create_group`": [["apply", "--file", "group.toml"], ["remove", "--file", "group.toml", "--members"]],
    "`user` instead of `group`": [["apply"], ["remove"]],
}


@pytest.mark.parametrize("row", STEPS)
def test_further_rights_are_those_of_the_table(home: Narrow, row: str) -> None:
    it, more = home.it, rows()[row]
    for account, who in ((it.prod, WHO[Side.ROLE]), (it.acc, WHO[Side.CALLER])):
        further = policy({"Effect": "Allow", "Action": sorted(more), "Resource": "*"})
        it.client("iam", account).put_user_policy(UserName=who, PolicyName="row", PolicyDocument=further)
    edge = it.client("iam", it.prod).create_policy(PolicyName="edge", PolicyDocument=policy(MORE))["Policy"]["Arn"]
    if row == "`create_group`":
        it.client("iam", it.acc).delete_group(GroupName="DevGroup")
    (home.path / "group.toml").write_text("create_group = true\n")
    about = ["--role", it.role_arn, "--acc", it.acc, *home.both]
    about += ["--user", "David"] if row.startswith("`user`") else ["--group", "DevGroup", "--member", "David"]
    with it.front.journal.watch() as seen:
        for command, *options in STEPS[row]:
            bucket = ["--bucket", it.bucket] if command == "apply" else []
            given = [edge if one == "EDGE" else one for one in options]
            done = home.run("grant", command, *about, *bucket, *given, "--yes")
            assert done.returncode == 0, done.stderr.decode()
    called = {call.action for call in seen.calls if call.action.startswith("iam:") and not call.user.endswith(":root")}
    page = set[str]().union(*(actions(text) for text in rights(it.acc, it.prod).values()))
    assert called - page == more - page


def test_rights_on_the_page_are_enough_for_exported_commands_after_which_there_are_no_changes(home: Narrow) -> None:
    path = f"{fork_server.stubs(home.path / 'stubs', 'aws')}{os.pathsep}{os.defpath}"
    for side in (Side.CALLER, Side.ROLE, Side.ROLE):
        script = home.run("grant", "export", *home.grant, "--side", side.value).stdout.decode()
        done = home.start(["/bin/sh", "-c", script], {"AWS_PROFILE": WHO[side], "PATH": path})
        assert (done.returncode, done.stderr) == (0, b"")
    with home.it.front.journal.watch() as seen:
        done = home.run("grant", "plan", *home.grant, *home.both, "--check")
        assert (done.returncode, b"no changes" in done.stdout) == (0, True)
        done = home.run("grant", "apply", *home.grant, *home.both, "--yes")
        assert (done.returncode, b"no changes" in done.stdout) == (0, True)
    assert seen.writes == []


def test_file_and_transcript_are_what_the_program_reads_and_prints_and_the_last_commands_take_it_back(
    home: Narrow,
) -> None:
    it = home.it

    def here(text: str) -> str:
        text = text.replace("list-prod-bkt-details-01", it.bucket)
        return text.replace("111111111111", it.acc).replace("222222222222", it.prod)

    (file,) = blocks("toml")
    (home.path / "grant.toml").write_text(here(file))
    story, *_, by_hand = map(here, blocks("console"))
    _, plan, apply, _ = re.split(r"^\$ ", story, flags=re.MULTILINE)
    asked, _, printed = plan.partition("\n")
    done = home.run(*asked.split()[1:])
    assert (done.returncode, done.stderr, done.stdout.decode()) == (0, b"", printed)
    asked, _, printed = apply.partition("\n")
    done = home.run(*asked.split()[1:])
    assert done.returncode == 0, done.stderr
    shape = re.escape(printed.partition("\n")[2]).replace(r"0\.3", r"\d+\.\d")
    assert re.fullmatch(shape, done.stdout.decode().splitlines(keepends=True)[-1])
    for line in by_hand.splitlines():
        who = WHO[Side.CALLER if "group" in line else Side.ROLE]
        path = {"PATH": f"{fork_server.stubs(home.path / 'stubs', 'aws')}{os.pathsep}{os.defpath}"}
        done = home.start(["/bin/sh", "-c", line.removeprefix("$ ")], {"AWS_PROFILE": who, **path})
        assert (done.returncode, done.stderr) == (0, b"")
    done = home.run("grant", "remove", "--file", "grant.toml", "--yes")
    assert (done.returncode, done.stdout) == (0, b"nothing to remove\n")


def test_parliament_finds_each_right_on_a_resource_that_its_action_has() -> None:
    assert linters.parliament(rights("111111111111", "222222222222").values()) == ""
    wrong = rights("111111111111", "222222222222")[Side.CALLER].replace(":group/DevGroup", ":user/David")
    assert "RESOURCE_MISMATCH" in linters.parliament([wrong])
