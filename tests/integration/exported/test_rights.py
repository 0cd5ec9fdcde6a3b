"""The rights of administrators on the page about grants: enough for each step, and not one too many."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper.commands.grant import export
from credhelper.commands.grant.export import Form
from credhelper.demo.emulator import Emulator
from credhelper.grant.change import Side
from credhelper.policy.document import load
from fakes import linters
from fakes.front.behind import Keys
from fakes.front.iam import IamRules
from fakes.front.s3 import S3Rules
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.grant_home import GrantHome
from fakes.story_grant import grant_of

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "grant.md"
MORE = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
WHO = {Side.ROLE: "prod-admin", Side.CALLER: "acc-admin"}


def rights(acc: str, prod: str) -> dict[Side, str]:
    """Return the two documents of the page, for these accounts."""
    found = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    role, caller = (one.replace("111111111111", acc).replace("222222222222", prod) for one in found)
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


@pytest.mark.parametrize("side", list(Side))
def test_rights_on_the_page_are_enough_for_exported_commands(home: Narrow, side: Side) -> None:
    wanted = grant_of(home.it)
    script = export.text(wanted, side, Form.CLI)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    for _ in range(2):
        done = home.start(["/bin/sh", "-c", script], {"AWS_PROFILE": WHO[side], "PATH": path})
        assert (done.returncode, done.stderr) == (0, b"")


def test_parliament_finds_each_right_on_a_resource_that_its_action_has() -> None:
    assert linters.parliament(rights("111111111111", "222222222222").values()) == ""
    wrong = rights("111111111111", "222222222222")[Side.CALLER].replace(":group/DevGroup", ":user/David")
    assert "RESOURCE_MISMATCH" in linters.parliament([wrong])
