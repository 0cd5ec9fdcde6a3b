"""A stop at any write, and administrators who work at once: the next `apply` ends what was begun."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from credhelper.aws import iam_write
from credhelper.aws.explain.call import RefusedError
from credhelper.aws.iam_write import StaleError
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.commands.grant.access import Administrator
from credhelper.commands.grant.apply import Effects, Progress, apply
from credhelper.commands.grant.plan import read
from credhelper.demo.emulator import Emulator
from credhelper.errors import CredhelperError, UnreachableError
from credhelper.grant import plan as planning
from credhelper.grant import wanted as wanting
from credhelper.grant.change import Change, Side, Verb
from credhelper.grant.options import Options
from credhelper.model.credentials import Credentials
from credhelper.policy.arn import Arn
from fakes.front.breakage import How
from fakes.front.exchange import Answer, Onward, Request
from fakes.front.iam import IamRules
from fakes.front.two_accounts import Clock, story
from fakes.front.world import World
from fakes.grant_home import GrantHome
from fakes.home import PROGRAM

WRITES = 4
HOWS: tuple[How, ...] = ("refuse", "cut", "lost")
# Each write fails in one way, and a process is killed after one of them; with GRANT_KILLS=all in each way, after each.
IS_WHOLE = os.environ.get("GRANT_KILLS") == "all"
KILLS = range(1, WRITES + 1) if IS_WHOLE else (2,)
FAILURES = [(writes, how) for writes in range(WRITES) for how in (HOWS if IS_WHOLE else HOWS[writes % 3 :][:1])]
ADMINISTRATORS = 8
WRONG_POLICY = {"PolicyName": "wrong", "PolicyDocument": "{nope"}


def ends(admin: GrantHome) -> None:
    """Check that both sides are as wanted after one more apply, and that another one would write nothing."""
    done = admin.apply()
    assert done.returncode == 0, done.stderr.decode()
    assert admin.plan("--check").returncode == 0


def administrators(admin: GrantHome) -> Mapping[Side, Administrator]:
    """Return the roots of both accounts, in this process."""
    shared = SharedConfig(str(admin.config), str(admin.aws / "credentials"))
    found = {}
    for side, account in ((Side.ROLE, admin.it.prod), (Side.CALLER, admin.it.acc)):
        key = Credentials(account, Emulator.ROOT_SECRET)
        root = Identity(Arn("aws", "iam", "", account, "root"))
        found[side] = Administrator("root", root, Service("iam", "root", key, shared, account=account))
    return found


def planned(admin: GrantHome, found: Mapping[Side, Administrator]) -> tuple[Change, ...]:
    """Return what is to be done for the grant of the story."""
    it = admin.it
    options = Options(role=it.role_arn, acc=it.acc, group="DevGroup", members=("David",), buckets=(it.bucket,))
    wanted = wanting.wanted(options)
    return planning.plan(wanted, read(wanted.names, found)).changes


@pytest.mark.parametrize(("writes", "how"), FAILURES)
def test_apply_goes_on_after_a_service_that_failed(
    admin: GrantHome, writes: int, how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", admin.it.front.url)
    found, progress = administrators(admin), Progress()
    admin.it.front.breakage.break_after(writes, how)
    with pytest.raises(UnreachableError):
        apply(planned(admin, found), found, lambda: planned(admin, found), Effects(), progress)
    assert (len(progress.made), len(progress.left)) == (writes, WRITES - writes)
    admin.it.front.breakage.heal()
    again = Progress()
    apply(planned(admin, found), found, lambda: planned(admin, found), Effects(), again)
    assert len(again.made) == WRITES - writes - (how == "lost")
    assert planned(admin, found) == ()


@pytest.mark.parametrize("writes", range(WRITES))
def test_write_whose_answer_is_lost_once_is_known_by_what_is_there(
    admin: GrantHome, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", admin.it.front.url)
    found, progress = administrators(admin), Progress()
    admin.it.front.breakage.break_after(writes, "lost", once=True)
    apply(planned(admin, found), found, lambda: planned(admin, found), Effects(), progress)
    assert planned(admin, found) == ()


def test_what_failed_and_what_is_left_is_said_with_the_command_that_goes_on(admin: GrantHome) -> None:
    admin.it.front.breakage.break_after(1)
    done = admin.apply()
    shown = done.stderr.decode()
    assert done.returncode == 5, shown
    assert f"1 of {WRITES} changes are made: " in shown
    assert shown.count("left: ") == WRITES - 1
    assert "; then go on: credhelper grant apply --role " in shown


def test_new_user_in_a_trust_is_waited_for(
    emulator: Emulator, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = story(emulator, IamRules(new_after_s=9), clock=clock)
    with it.front:
        home = GrantHome(tmp_path / "admin", it)
        home.add_david()
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.front.url)
        iam = administrators(home)[Side.ROLE].iam
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            clock.now += seconds

        parameters = {"RoleName": it.role, "AssumeRolePolicyDocument": it.trust(it.david)}
        change = Change(side=Side.ROLE, verb=Verb.ADD, title="role", operation="CreateRole", parameters=parameters)
        iam_write.execute(iam, change, waiting=waits.append, clock=clock, sleep=sleep)
        assert waits == pytest.approx([0, 2, 4, 6, 8])
        with pytest.raises(StaleError):
            iam_write.execute(iam, change, clock=clock, sleep=sleep)
        nobody = {**parameters, "RoleName": "another", "AssumeRolePolicyDocument": it.trust(f"{it.david}-not")}
        started = clock.now
        with pytest.raises(RefusedError, match="Invalid principal"):
            iam_write.execute(iam, replace(change, parameters=nobody), clock=clock, sleep=sleep)
        assert clock.now - started == pytest.approx(30)
        wrong = replace(change, operation="PutRolePolicy", parameters=WRONG_POLICY | {"RoleName": it.role})
        with pytest.raises(RefusedError, match="MalformedPolicyDocument"):
            iam_write.execute(iam, wrong, clock=clock, sleep=lambda _seconds: pytest.fail("it waits"))
        with pytest.raises(CredhelperError, match="DeleteUser is no call of a grant"):
            iam_write.execute(iam, replace(change, operation="DeleteUser"), clock=clock)


class Killer:
    """A rule that ends a process when so many writes have been made."""

    def __init__(self, writes: int) -> None:
        self.pid = 0
        self.signal = signal.SIGKILL
        self._left = writes

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Pass it on, then kill if it was the last one."""
        del world
        answer = onward(request)
        if self.pid and request.is_write:
            self._left -= 1
            if self._left == 0:
                os.kill(self.pid, self.signal)
        return answer


@pytest.fixture
def killer(request: pytest.FixtureRequest) -> Killer:
    return Killer(request.param)


@pytest.fixture
def killed(emulator: Emulator, tmp_path: Path, killer: Killer) -> Iterator[GrantHome]:
    it = story(emulator, killer, IamRules())
    with it.front:
        it.make_bucket()
        home = GrantHome(tmp_path / "admin", it)
        home.add_david()
        yield home


@pytest.mark.parametrize("killer", KILLS, indirect=True)
@pytest.mark.parametrize("command", ["apply", "remove"])
def test_command_that_is_killed_after_a_write_is_ended_by_the_same_command(
    killed: GrantHome, killer: Killer, command: str
) -> None:
    options = killed.grant if command == "apply" else killed.about
    if command == "remove":
        assert killed.apply().returncode == 0
        options = [*options, "--members"]
    process = killed.popen_line([*PROGRAM, "grant", command, *options, *killed.both, "--yes"])
    killer.pid = process.pid
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    killer.pid = 0
    if command == "apply":
        ends(killed)
        return
    assert killed.remove("--members").returncode == 0
    assert b"nothing to remove" in killed.remove("--members").stdout
    assert killed.it.client("iam", killed.it.prod).list_roles()["Roles"] == []


@pytest.mark.parametrize("killer", [2], indirect=True)
def test_interrupted_apply_says_what_is_left(killed: GrantHome, killer: Killer) -> None:
    killer.signal = signal.SIGINT
    process = killed.popen_line([*PROGRAM, "grant", "apply", *killed.grant, *killed.both, "--yes"])
    killer.pid = process.pid
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert b"left: group policy DevGroup/" in errors
    assert b"left: member David" in errors
    assert b"Traceback" not in errors
    killer.pid = 0
    ends(killed)


def test_administrators_at_once_end_with_one_grant(admin: GrantHome) -> None:
    def once(_number: int) -> "subprocess.CompletedProcess[bytes]":
        return admin.apply("--create-group")

    admin.it.client("iam", admin.it.acc).delete_group(GroupName="DevGroup")
    with ThreadPoolExecutor(ADMINISTRATORS) as pool:
        done = list(pool.map(once, range(ADMINISTRATORS)))
    assert [one.stderr.decode() for one in done if one.returncode] == []
    ends(admin)
