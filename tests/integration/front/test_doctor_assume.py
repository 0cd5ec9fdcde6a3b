"""Why a role is refused, before MiniStack and the front: the layers that AWS names, scenarios, and what is read."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credhelper.commands.doctor import assume as doctor_assume
from credhelper.commands.doctor.subject import Admins
from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.assume.check import diagnose
from credhelper.diagnosis.assume.evidence import Evidence
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.policy.arn import parse
from credhelper.system.deadline import Deadline
from fakes.assume_faults import NEAR, READ, BoundaryWords, FaultWorld, Plan, credentials
from fakes.front.behind import Keys
from fakes.front.iam import IamRules
from fakes.front.layers import Attempt, Layers
from fakes.front.mfa import MfaDevices
from fakes.front.sentences import denial
from fakes.front.sts import StsRules
from fakes.front.two_accounts import policy, story

SCP = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
RCP = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/resource_control_policy/p-2kgnabcd"
IAM = "arn:aws:iam::111111111111:policy/limits"
# Layer as in the vectors, effect, policy, and the cause with whom it is to be put right by.
LAYERS = [
    ("service control policy", "explicit", SCP, "scp"),
    ("service control policy", "explicit", "", "scp"),
    ("service control policy", "implicit", "", "scp"),
    ("service control policy", "transitive", "", "scp"),
    ("resource control policy", "explicit", RCP, "rcp"),
    ("resource control policy", "explicit", "", "rcp"),
    ("permissions boundary", "implicit", "", "boundary"),
    ("permissions boundary", "explicit", IAM, "boundary"),
    ("session policy", "implicit", "", "session-policy"),
    ("session policy", "explicit", IAM, "session-policy"),
    ("VPC endpoint policy", "implicit", "", "vpc-endpoint"),
    ("VPC endpoint policy", "explicit", "", "vpc-endpoint"),
    ("identity-based policy", "implicit", "", "identity-policy"),
    ("identity-based policy", "explicit", IAM, "identity-deny"),
    ("role trust policy", "implicit", "", "trust"),
    ("role trust policy", "explicit", "", "trust-deny"),
    ("resource-based policy", "implicit", "", "trust"),
    ("resource-based policy", "explicit", "", "trust-deny"),
]


class Said:
    """What the layers of the front say of AssumeRole; "" lets it through. IAM answers after `delay_s`."""

    def __init__(self) -> None:
        self.sentence = ""
        self.delay_s = 0.0

    def __call__(self, attempt: Attempt) -> str | None:
        if attempt.action.startswith("iam:"):
            time.sleep(self.delay_s)
        return (self.sentence or None) if attempt.action == "sts:AssumeRole" else None


class Story:
    """The faults' world with what the front may be told to say."""

    def __init__(self, world: FaultWorld, said: Said, devices: MfaDevices) -> None:
        self.world, self.said, self.devices = world, said, devices

    def check(
        self, plan: Plan, *, admins: Admins | None = None, keys: Keys | None = None, **more: Any
    ) -> tuple[Check, Finding]:
        """Return the check for a plan that the accounts already have, and the first cause."""
        denied = self.world.ask(plan, keys)
        assert denied is not None
        subject = self.world.subject(plan, **more)
        found = doctor_assume.check(subject, denied=denied, admins=admins or self.world.prod_admin)
        assert found[0].first is not None
        assert all(one.cause in CAUSES for one in found[0].findings)
        return found[0], found[0].first

    def made(self, **changes: Any) -> Plan:
        """Have the accounts be as the plan that works, but for these changes; returns it."""
        plan = self.world.plan()
        for name, value in changes.items():
            setattr(plan, name, value)
        self.world.make(plan)
        return plan


@pytest.fixture(scope="module")
def shared(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    said, words, devices = Said(), BoundaryWords(), MfaDevices()
    it = story(aws, Layers(said), StsRules(devices), IamRules(), words)
    with it.front:
        yield Story(FaultWorld(it, words, tmp_path_factory.mktemp("doctor")), said, devices)


@pytest.fixture
def it(shared: Story) -> Story:
    shared.said.sentence = ""
    return shared


@pytest.fixture(scope="module")
def both_sides(shared: Story) -> Evidence:
    """Both sides as they were read, of accounts that allow it."""
    plan = shared.made()
    shared.said.sentence = "User: x is not authorized to perform: sts:AssumeRole"
    denied = shared.world.ask(plan)
    assert denied is not None
    return shared.world.evidence(plan, refusal=denied)


def by_cause(check: Check, certainty: Certainty) -> list[str]:
    return [one.cause for one in check.findings if one.certainty is certainty]


@pytest.mark.parametrize("row", LAYERS, ids=" ".join)
def test_layer_that_aws_names_is_certain_with_its_policy_at_each_level(
    it: Story, both_sides: Evidence, row: tuple[str, str, str, str]
) -> None:
    layer, effect, arn, cause = row
    plan = it.made()
    role = it.world.it.role_arn
    it.said.sentence = denial(layer, effect, user=it.world.it.david, action="sts:AssumeRole", resource=role, policy=arn)
    denied = it.world.ask(plan)
    assert denied is not None
    known = replace(both_sides, said=denied.denial)
    own = replace(known, role_side=None)
    for one in (known, own, replace(own, caller_side=None)):
        check = diagnose(one)
        first = check.findings[0]
        assert (check.state, first.cause, first.certainty) == (State.FAIL, cause, Certainty.CERTAIN)
        assert by_cause(check, Certainty.CERTAIN) == [cause]
        assert arn in first.text
        assert first.hint


def test_trusted_account_without_a_policy_of_the_group_is_one_command_from_working(it: Story) -> None:
    plan = it.made(resources=[])
    _, first = it.check(plan, admins=Admins())
    assert (first.cause, first.certainty) == ("identity-policy", Certainty.CERTAIN)
    assert "DevGroup" in first.text
    run(it, first.hint)
    assert it.world.ask(plan) is None
    it.world.it.client("iam", it.world.it.acc).delete_group_policy(
        GroupName="DevGroup", PolicyName=f"assume-{it.world.it.role}"
    )
    assert CAUSES[first.cause].exit_code == 4


def test_policy_for_a_role_with_one_letter_more_is_named_with_both(it: Story) -> None:
    near = f"arn:aws:iam::{it.world.it.prod}:role/{NEAR}"
    plan = it.made(resources=[near])
    for admins in (Admins(), it.world.prod_admin):
        _, first = it.check(plan, admins=admins)
        assert (first.cause, first.certainty) == ("identity-policy", Certainty.CERTAIN)
        assert f"allows it on {near}, not {it.world.it.role_arn}" in first.text
        assert "group DevGroup/allow-assume-S3-role-in-prod" in first.text
        is_offered = f"credhelper profile set prod-s3 --role-arn {near}" in first.hint
        assert is_offered is (admins.role is None)  # with a view of the role it is known to be there


def test_missing_external_id_is_likely_the_trust_and_certain_with_the_role_and_its_value_is_kept_back(
    it: Story,
) -> None:
    plan = it.made(conditions={"StringEquals": {"sts:ExternalId": "wanted-41"}})
    check, first = it.check(plan, admins=Admins())
    assert (first.cause, first.certainty) == ("trust", Certainty.LIKELY)
    assert by_cause(check, Certainty.POSSIBLE)[:4] == ["mfa", "external-id", "source-identity", "tags"]
    assert by_cause(check, Certainty.EXCLUDED) == ["identity-policy"]
    assert "--prod-admin" in first.hint
    check, first = it.check(plan)
    assert (first.cause, first.certainty) == ("external-id", Certainty.CERTAIN)
    assert first.text == "the trust policy, statement 1 wants an external ID, and none is sent"
    assert "wanted-41" not in repr(check)
    check, first = it.check(plan, shows_values=True)
    assert "wanted-41" in first.text
    assert first.hint == "credhelper profile set prod-s3 --external-id wanted-41"


def test_role_that_is_not_there_is_certain_with_the_one_that_was_meant_and_nothing_is_written(it: Story) -> None:
    world = it.world
    prod = world.it.client("iam", world.it.prod)
    plan = it.made(has_role=False)
    prod.create_role(RoleName=NEAR, AssumeRolePolicyDocument=world.it.trust(), Path="/data/")
    with world.it.front.journal.watch() as seen:
        check, first = it.check(plan)
    prod.delete_role(RoleName=NEAR)
    assert seen.writes == []
    near = f"arn:aws:iam::{world.it.prod}:role/data/{NEAR}"
    assert (first.cause, first.certainty) == ("no-role", Certainty.CERTAIN)
    assert f"did you mean {near}?" in first.text
    assert first.hint == f"credhelper profile set prod-s3 --role-arn {near}"
    assert by_cause(check, Certainty.CERTAIN) == ["no-role"]


def test_group_as_a_principal_is_none_and_a_whole_account_is_fine(it: Story) -> None:
    world = it.world
    # MiniStack takes a group; AWS, and the front, do not.
    trust = world.it.trust(f"arn:aws:iam::{world.it.acc}:group/DevGroup")
    plan = it.made()
    world.it.front.world.behind.set_trust(world.it.prod, world.it.role, trust)
    _, first = it.check(plan)
    assert (first.cause, first.certainty) == ("trust-principal", Certainty.CERTAIN)
    assert "a group is no principal" in first.text
    plan = it.made(principals=[world.it.root], resources=[])
    check, first = it.check(plan)
    assert first.cause == "identity-policy"
    assert by_cause(check, Certainty.EXCLUDED) == ["trust"]


def test_tags_and_boundary_of_the_caller_are_known_by_their_values_and_name(it: Story) -> None:
    world = it.world
    acc = world.it.client("iam", world.it.acc)
    acc.tag_user(UserName="David", Tags=[{"Key": "team", "Value": "sales"}])
    plan = it.made(conditions={"StringEquals": {"aws:PrincipalTag/team": "data"}}, has_boundary=True)
    check, _ = it.check(plan)
    acc.untag_user(UserName="David", TagKeys=["team"])
    assert by_cause(check, Certainty.CERTAIN) == ["boundary", "trust-condition"]
    assert "no statement of the permissions boundary limits allows" in check.findings[0].text
    assert "wants aws:PrincipalTag/team StringEquals data, and it is sales" in check.findings[1].text


def test_boundary_that_the_caller_may_not_read_is_possible(it: Story) -> None:
    world = it.world
    acc = world.it.client("iam", world.it.acc)
    some = {**READ, "Action": ["iam:List*", "iam:GetGroupPolicy", "iam:GetUserPolicy"]}
    plan = it.made(resources=[])
    acc.put_user_policy(UserName="David", PolicyName="read-own", PolicyDocument=policy(some))
    check, first = it.check(plan, admins=Admins())
    acc.put_user_policy(UserName="David", PolicyName="read-own", PolicyDocument=policy(READ))
    assert (first.cause, first.certainty) == ("identity-policy", Certainty.CERTAIN)
    assert by_cause(check, Certainty.POSSIBLE) == ["boundary"]


def test_session_that_is_too_long_has_the_number_of_the_role(it: Story) -> None:
    plan = it.made(asks={"DurationSeconds": 7200})
    check, first = it.check(plan, admins=Admins())
    assert (first.cause, first.certainty) == ("max-session", Certainty.CERTAIN)
    check, first = it.check(plan)
    assert first.text == "7200 seconds are asked for, and the role allows 3600"
    assert first.hint == "credhelper profile set prod-s3 --duration-seconds 3600"
    assert by_cause(check, Certainty.CERTAIN) == ["max-session"]


def test_session_of_a_role_lasts_one_hour(it: Story) -> None:
    world = it.world
    acc, arn = world.it.client("iam", world.it.acc), f"arn:aws:iam::{world.it.acc}:role/ops"
    right = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [arn, world.it.role_arn]}
    acc.put_role_policy(RoleName="ops", PolicyName="assume", PolicyDocument=policy(right, READ))
    acc.put_user_policy(UserName="David", PolicyName="ops", PolicyDocument=policy(right))
    plan = it.made(asks={"DurationSeconds": 7200})
    session = world.it.assume(world.keys, RoleArn=arn)
    acc.delete_user_policy(UserName="David", PolicyName="ops")
    caller = world.it.client("sts", session).get_caller_identity()["Arn"]
    check, first = it.check(plan, keys=session, caller=parse(caller), source=credentials(session))
    assert (first.cause, first.certainty) == ("chaining", Certainty.CERTAIN)
    assert first.text.startswith("7200 seconds are asked for")
    assert by_cause(check, Certainty.CERTAIN) == ["chaining", "max-session"]


def test_deleted_user_in_the_trust_policy_is_named_whether_or_not_the_callers_id_is_known(it: Story) -> None:
    world = it.world
    acc = world.it.client("iam", world.it.acc)
    acc.create_user(UserName="Anna")
    plan = it.made(principals=[f"arn:aws:iam::{world.it.acc}:user/Anna"])
    acc.delete_user(UserName="Anna")
    for more in ({"source": None}, {}):
        check, first = it.check(plan, **more)
        assert (first.cause, first.certainty) == ("deleted-principal", Certainty.CERTAIN)
        assert re.search(r"names AIDA\w+, a user or role that was deleted", first.text)
        assert by_cause(check, Certainty.CERTAIN) == ["deleted-principal"]


def test_wrong_code_and_wrong_device_have_the_exit_code_of_a_code(it: Story) -> None:
    world = it.world
    serial = it.devices.add(world.it.david)
    for asks, cause in (
        ({"SerialNumber": serial, "TokenCode": "000000"}, "mfa-code"),
        ({"SerialNumber": serial.replace("David", "Eve"), "TokenCode": "000000"}, "mfa-device"),
    ):
        plan = it.made(asks=asks)
        check, first = it.check(plan, admins=Admins(), has_token_code=True)
        assert (first.cause, first.certainty) == (cause, Certainty.CERTAIN)
        assert CAUSES[cause].exit_code == 6
        assert by_cause(check, Certainty.CERTAIN) == [cause]


def test_nothing_is_written_and_what_a_caller_may_not_read_is_left_out(it: Story) -> None:
    world = it.world
    acc = world.it.client("iam", world.it.acc)
    plan = it.made(resources=[])
    acc.delete_user_policy(UserName="David", PolicyName="read-own")
    try:
        with world.it.front.journal.watch() as seen:
            _, first = it.check(plan, admins=Admins())
        assert seen.writes == []
        assert (first.cause, first.certainty) == ("identity-policy", Certainty.CERTAIN)
        assert first.text.startswith("no identity-based policy allows")
        _, first = it.check(plan, admins=Admins(caller=world.admin(world.it.acc, "acc-admin")))
        assert "DevGroup" in first.text
        assert "--profile acc-admin" in first.hint
    finally:
        acc.put_user_policy(UserName="David", PolicyName="read-own", PolicyDocument=policy(READ))


def test_administrators_of_the_wrong_accounts_are_said_and_not_asked(it: Story) -> None:
    world = it.world
    plan = it.made(conditions={"StringEquals": {"sts:ExternalId": "x-41"}})
    admins = Admins(role=world.admin(world.it.acc, "acc-admin"), caller=world.admin(world.it.prod, "prod-admin"))
    denied = world.ask(plan)
    assert denied is not None
    found = doctor_assume.check(world.subject(plan), denied=denied, admins=admins)
    assert [(one.id, one.state) for one in found[1:]] == [("unread", State.UNKNOWN), ("unread-2", State.UNKNOWN)]
    assert "--acc-admin prod-admin is arn:aws:iam::" in found[1].text
    assert "--prod-admin acc-admin is arn:aws:iam::" in found[2].text
    assert found[0].first is not None
    assert found[0].first.cause == "trust"


def test_policies_that_are_not_there_in_time_leave_what_the_sentence_says(it: Story) -> None:
    plan = it.made(resources=[])
    it.said.delay_s = 1.5
    try:
        denied = it.world.ask(plan)
        assert denied is not None
        subject = it.world.subject(plan, deadline=Deadline(2.3))
        began = time.monotonic()
        found = doctor_assume.check(subject, denied=denied, admins=it.world.prod_admin)
        assert time.monotonic() - began < 1.5
    finally:
        it.said.delay_s = 0.0
    assert found[0].first is not None
    assert found[0].first.cause == "identity-policy"
    assert [one.text for one in found[1:]] == [
        "the caller's policies: AWS did not answer in time",
        "the role: AWS did not answer in time",
    ]


def test_caller_is_taken_from_the_sentence_where_sts_did_not_say_who_asks(it: Story) -> None:
    plan = it.made(principals=[f"arn:aws:iam::{it.world.it.acc}:user/Eve"])
    _, first = it.check(plan, caller=None)
    assert (first.cause, first.certainty) == ("trust-principal", Certainty.CERTAIN)


def run(it: Story, hint: str) -> None:
    """Run the command of a hint as the administrator of the caller's account."""
    world = it.world
    environ = {
        "PATH": str(Path(sys.executable).parent),
        "AWS_ACCESS_KEY_ID": world.it.acc,
        "AWS_SECRET_ACCESS_KEY": Emulator.ROOT_SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": world.it.front.url,
    }
    command = hint[hint.index("aws iam ") :]
    subprocess.run(["/bin/sh", "-c", command], env=environ, check=True, timeout=60, capture_output=True)
