"""`doctor` before MiniStack: whose key it is as an administrator sees it, and which administrators it takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.commands.doctor.examine import examine
from credhelper.commands.doctor.steps import Options, Steps
from credhelper.commands.doctor.subject import Admins
from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.finding import Certainty, Check, State
from credhelper.diagnosis.report import Report
from credhelper.errors import InputError
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.home import Home


class World:
    """David with a key, a role that he may assume, and an administrator on each side."""

    def __init__(self, it: TwoAccounts, directory: Path) -> None:
        self.it = it
        self.keys = it.make_david()
        it.make_role()
        self.home = Home(directory / "david", AWS_ENDPOINT_URL=it.front.url)
        self.home.add_user(self.keys["AccessKeyId"], self.keys["SecretAccessKey"])
        for profile, account in (("acc-admin", it.acc), ("prod-admin", it.prod)):
            iam = it.client("iam", account)
            iam.create_user(UserName="admin")
            allowed = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
            iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=allowed)
            key = it.make_key("admin", account)
            self.home.add_user(key["AccessKeyId"], key["SecretAccessKey"], profile)
        self.home.add_role(role_arn=it.role_arn)
        self.iam = it.client("iam", it.acc)
        self.seen: list[Admins] = []

    def doctor(self, **options: str) -> Report:
        def assume(_subject: object, _denied: object, admins: Admins) -> list[Check]:
            self.seen.append(admins)
            return [Check(id="assume-role", state=State.OK)]

        given = Options(**options)  # type: ignore[arg-type]  # by name
        return examine("prod-s3", self.home.settings(), self.home.environ, given, Steps(assume=assume))

    def set_key(self, status: str) -> None:
        key = self.keys["AccessKeyId"]
        self.iam.update_access_key(UserName="David", AccessKeyId=key, Status=status)


@pytest.fixture
def world(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    it = story(aws, StsRules())
    with it.front:
        made = World(it, tmp_path)
        for name, value in made.home.environ.items():
            monkeypatch.setenv(name, value)
        yield made


def key_of(report: Report) -> tuple[str, Certainty, str]:
    found = next(one for one in report.checks if one.id == "key")
    assert found.first is not None, report
    return found.first.cause, found.first.certainty, found.first.hint


def test_role_that_can_be_assumed_with_both_administrators_there(world: World) -> None:
    report = world.doctor(role_admin="prod-admin", caller_admin="acc-admin")
    assert (report.verdict, report.exit_code) == ("healthy", 0)
    assert f"arn:aws:iam::{world.it.acc}:user/David" in next(one.text for one in report.checks if one.id == "key")


def test_inactive_key_is_told_from_an_unknown_one_by_an_administrator_only(world: World) -> None:
    world.set_key("Inactive")
    assert key_of(world.doctor())[0] == "key-unknown"
    cause, certainty, hint = key_of(world.doctor(caller_admin="acc-admin"))
    assert (cause, certainty) == ("key-inactive", Certainty.CERTAIN)
    key = world.keys["AccessKeyId"]
    assert hint == (
        f"aws iam update-access-key --access-key-id {key} --status Active --user-name David --profile acc-admin"
    )
    world.set_key("Active")
    assert world.doctor().exit_code == 0


def test_deleted_key_is_one_that_the_account_has_not(world: World) -> None:
    world.iam.delete_access_key(UserName="David", AccessKeyId=world.keys["AccessKeyId"])
    report = world.doctor(caller_admin="acc-admin")
    # Only likely: it may as well be one of an account that the administrator is not of.
    assert key_of(report)[:2] == ("key-deleted", Certainty.LIKELY)
    assert report.exit_code == 4


def test_administrator_who_may_not_look_leaves_the_key_unknown(world: World) -> None:
    world.set_key("Inactive")
    world.iam.put_user_policy(
        UserName="admin",
        PolicyName="not-users",
        PolicyDocument=policy({"Effect": "Deny", "Action": "iam:*", "Resource": "*"}),
    )
    report = world.doctor(caller_admin="acc-admin")
    cause, certainty, _ = key_of(report)
    assert (cause, certainty) == ("key-unknown", Certainty.CERTAIN)
    found = next(one for one in report.checks if one.id == "key")
    assert "may not" in found.findings[0].evidence[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"role_admin": "acc-admin", "caller_admin": "prod-admin"}, "the two administrators are swapped"),
        ({"role_admin": "acc-admin"}, "the role account is"),
        ({"caller_admin": "prod-admin"}, "the caller account is"),
    ],
)
def test_administrator_of_another_account_is_refused(world: World, options: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        world.doctor(**options)


def test_administrator_without_credentials_is_said_and_the_rest_goes_on(world: World) -> None:
    with world.home.config.open("a") as file:
        file.write("[profile empty]\nregion = us-east-1\n")
    report = world.doctor(role_admin="empty")
    found = next(one for one in report.checks if one.id == "prod-admin")
    assert found.state is State.UNKNOWN
    assert "empty" in found.text
    assert next(one for one in report.checks if one.id == "assume-role").state is State.OK


def test_no_call_changes_anything(world: World) -> None:
    world.set_key("Inactive")
    with world.it.front.journal.watch() as seen:
        world.doctor(role_admin="prod-admin", caller_admin="acc-admin")
    # A session is asked for, and is the only thing that is made.
    assert {one.operation for one in seen.writes} <= {"AssumeRole"}
    assert len(seen.calls) >= 5
