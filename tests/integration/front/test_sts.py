"""STS as AWS has it: MFA, the longest session, names, source identities, chaining."""

import functools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions
import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.exchange import Answer, Onward, Request
from fakes.front.iam import IamRules
from fakes.front.mfa import MfaDevices
from fakes.front.sentences import Refusal, denial, refusal
from fakes.front.sts import StsRules
from fakes.front.two_accounts import Clock, policy, refused, story, temporary
from fakes.front.world import World

MFA = {"aws:MultiFactorAuthPresent": "true"}


def test_mfa_lets_in_with_the_code_of_the_callers_device_only(aws: Emulator, clock: Clock) -> None:
    devices = MfaDevices()
    it = story(aws, StsRules(devices), IamRules(), clock=clock)
    serial, others = devices.add(it.david), devices.add(f"arn:aws:iam::{it.acc}:user/Eve")
    with it.front:
        it.make_role(it.trust(Bool=MFA))
        david = it.make_david()
        sts = it.client("sts", david)
        call = {"RoleArn": it.role_arn, "RoleSessionName": "david"}
        no_reason = refusal("trust-refused", user=it.david, role=it.role_arn)
        assert refused(sts.assume_role, **call) == no_reason
        code = devices.code(serial, clock.now)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        assert refused(sts.assume_role, **call, SerialNumber=serial, TokenCode=wrong) == refusal("mfa-wrong-code")
        assert refused(sts.assume_role, **call, SerialNumber=serial) == refusal("mfa-half")
        assert refused(sts.assume_role, **call, TokenCode=code) == refusal("mfa-half")
        old = devices.code(serial, clock.now - 86400)
        assert refused(sts.assume_role, **call, SerialNumber=serial, TokenCode=old) == refusal("mfa-wrong-code")
        theirs = devices.code(others, clock.now)
        assert refused(sts.assume_role, **call, SerialNumber=others, TokenCode=theirs) == refusal("mfa-wrong-serial")
        it.assume(david, SerialNumber=serial, TokenCode=code)
        # A code counts once, and the trust that the front has in place meanwhile is gone.
        assert refused(sts.assume_role, **call, SerialNumber=serial, TokenCode=code) == refusal("mfa-wrong-code")
        assert refused(sts.assume_role, **call) == no_reason
        role = it.client("iam", it.prod).get_role(RoleName=it.role)["Role"]
        assert role["AssumeRolePolicyDocument"] == json.loads(it.trust(Bool=MFA))


def test_session_with_mfa_is_mfa_for_the_roles_it_assumes_and_a_role_session_is_not(
    aws: Emulator, clock: Clock
) -> None:
    devices = MfaDevices()
    it = story(aws, StsRules(devices), IamRules(), clock=clock)
    serial = devices.add(it.david)
    with it.front:
        it.make_role(it.trust(Bool=MFA))
        david = it.make_david()
        sts = it.client("sts", david)
        without = temporary(sts.get_session_token())
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        assert refused(it.client("sts", without).assume_role, **call).status == 403
        code = devices.code(serial, clock.now)
        with_mfa = temporary(sts.get_session_token(SerialNumber=serial, TokenCode=code))
        session = it.assume(with_mfa)
        # A session has no device of its own.
        clock.now += 90
        code = devices.code(serial, clock.now)
        given = {**call, "SerialNumber": serial, "TokenCode": code}
        for keys in (session, with_mfa):
            assert refused(it.client("sts", keys).assume_role, **given) == refusal("mfa-wrong-serial")


def test_denied_unless_mfa_in_a_trust_lets_in_with_mfa(aws: Emulator, clock: Clock) -> None:
    devices = MfaDevices()
    it = story(aws, StsRules(devices), clock=clock)
    serial = devices.add(it.david)
    allow = {"Effect": "Allow", "Principal": {"AWS": it.root}, "Action": "sts:AssumeRole"}
    unless = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    with it.front:
        it.make_role(policy(allow, {**allow, "Effect": "Deny", "Condition": unless}))
        david = it.make_david()
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        assert refused(it.client("sts", david).assume_role, **call).status == 403
        it.assume(david, SerialNumber=serial, TokenCode=devices.code(serial, clock.now))


def test_no_session_is_longer_than_its_role_allows_nor_a_chained_one_than_an_hour(aws: Emulator) -> None:
    it = story(aws, StsRules(), IamRules())
    with it.front:
        it.make_role(MaxSessionDuration=7200)
        david = it.make_david()
        it.assume(david, DurationSeconds=7200)
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        assert refused(it.client("sts", david).assume_role, **call, DurationSeconds=7201) == refusal("max-session")
        session = temporary(it.client("sts", david).get_session_token())
        it.assume(session, DurationSeconds=3600)
        sts = it.client("sts", session)
        assert refused(sts.assume_role, **call, DurationSeconds=3601) == refusal("role-chaining")
        # A stranger learns nothing of the role.
        iam = it.client("iam", it.acc)
        iam.create_user(UserName="Eve")
        eve = it.client("sts", it.make_key("Eve"))
        assert refused(eve.assume_role, **call, DurationSeconds=43200).code == "AccessDenied"


def test_age_of_mfa_is_counted_from_the_session(aws: Emulator, clock: Clock) -> None:
    devices = MfaDevices()
    it = story(aws, StsRules(devices), clock=clock)
    serial = devices.add(it.david)
    with it.front:
        it.make_role(it.trust(NumericLessThan={"aws:MultiFactorAuthAge": "300"}))
        sts = it.client("sts", it.make_david())
        code = devices.code(serial, clock.now)
        keys = temporary(sts.get_session_token(SerialNumber=serial, TokenCode=code))
        clock.now += 299
        it.assume(keys)
        clock.now += 1
        assert refused(it.client("sts", keys).assume_role, RoleArn=it.role_arn, RoleSessionName="session") == refusal(
            "trust-refused", user=it.david, role=it.role_arn
        )


def test_trust_with_the_name_of_its_caller_in_a_condition(aws: Emulator) -> None:
    it = story(aws, StsRules())
    with it.front:
        it.make_role(it.trust(StringLike={"sts:RoleSessionName": ["x", "${aws:UserName}"]}))
        david = it.make_david()
        it.assume(david, RoleSessionName="David")
        call = {"RoleArn": it.role_arn, "RoleSessionName": "Eve"}
        assert refused(it.client("sts", david).assume_role, **call).status == 403


def test_root_assumes_no_role(aws: Emulator) -> None:
    it = story(aws, StsRules())
    with it.front:
        it.make_role()
        sts = it.client("sts", it.acc)
        assert refused(sts.assume_role, RoleArn=it.role_arn, RoleSessionName="session") == refusal("root-caller")


def test_changed_trust_lets_no_caller_in_for_a_while(aws: Emulator, clock: Clock) -> None:
    it = story(aws, StsRules(new_after_s=5), clock=clock)
    with it.front:
        it.make_role()
        david = it.make_david()
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        why = refusal("trust-refused", user=it.david, role=it.role_arn)
        clock.now += 4.9
        assert refused(it.client("sts", david).assume_role, **call) == why
        clock.now += 0.1
        it.assume(david)
        it.client("iam", it.prod).update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust())
        assert refused(it.client("sts", david).assume_role, **call) == why


def test_many_at_once_never_see_the_trust_of_another_moment(aws: Emulator, clock: Clock) -> None:
    devices = MfaDevices()
    it = story(aws, StsRules(devices), IamRules(), clock=clock)
    serial = devices.add(it.david)
    with it.front as front:
        it.make_role(it.trust(Bool=MFA))
        david = it.make_david()
        clients = [(it.client("sts", david), it.client("iam", it.prod)) for _ in range(8)]
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}

        def one(number: int) -> tuple[int, int, object]:
            sts, iam = clients[number]
            code = devices.code(serial, clock.now) if number % 2 else "000000"
            given = {"SerialNumber": serial, "TokenCode": code} if number != 2 else {}
            try:
                status = sts.assume_role(**call, **given)["ResponseMetadata"]["HTTPStatusCode"]
            except botocore.exceptions.ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return number, status, iam.get_role(RoleName=it.role)["Role"]["AssumeRolePolicyDocument"]

        for _ in range(3):
            clock.now += 300
            with front.journal.watch() as seen, ThreadPoolExecutor(8) as pool:
                done = list(pool.map(one, range(8)))
            # A code counts once, so that one of those who have it is let in.
            assert sorted(status for _, status, _ in done) == [200] + [403] * 7
            assert [document for _, _, document in done] == [json.loads(it.trust(Bool=MFA))] * 8
            assert len(seen.calls) == 16


@pytest.mark.parametrize("order", ["sts", "sts iam", "iam sts"])
def test_trust_of_a_moment_is_seen_by_no_other_call(aws: Emulator, order: str) -> None:
    devices = MfaDevices()
    inside, go = threading.Event(), threading.Event()

    def pause(world: World, request: Request, onward: Onward) -> Answer:
        if request.operation == "AssumeRole":
            inside.set()
            go.wait(30)
        return onward(request)

    rules = [StsRules(devices) if name == "sts" else IamRules() for name in order.split()]
    it = story(aws, *rules, pause)
    serial = devices.add(it.david)
    with it.front, ThreadPoolExecutor(3) as pool:
        david = it.make_david()
        acc, prod = it.client("iam", it.acc), it.client("iam", it.prod)
        eve = acc.create_user(UserName="Eve")["User"]
        it.make_role(it.trust([it.david, eve["Arn"]], Bool=MFA))
        assumed = pool.submit(it.assume, david, SerialNumber=serial, TokenCode=devices.code(serial, time.time()))
        assert inside.wait(30)
        others = [pool.submit(prod.get_role, RoleName=it.role), pool.submit(acc.delete_user, UserName="Eve")]
        time.sleep(0.3)
        go.set()
        assert assumed.result()["AccessKeyId"].startswith("ASIA")
        shown = others[0].result()["Role"]["AssumeRolePolicyDocument"]
        others[1].result()
        left = eve["UserId"] if "iam" in order else eve["Arn"]
        assert shown in [json.loads(it.trust([it.david, name], Bool=MFA)) for name in (eve["Arn"], left)]
        after = prod.get_role(RoleName=it.role)["Role"]["AssumeRolePolicyDocument"]
        assert after == json.loads(it.trust([it.david, left], Bool=MFA))


@pytest.mark.parametrize("name", ["a b", "a/b", "äö", "dependabot[bot]", "x" * 65])
def test_session_name_is_of_awss_pattern(aws: Emulator, name: str) -> None:
    it = story(aws, StsRules())
    with it.front:
        sts = it.client("sts", it.make_david())
        vector = "session-name-length" if len(name) > 64 else "session-name-pattern"
        assert refused(sts.assume_role, RoleArn=it.role_arn, RoleSessionName=name) == refusal(vector, value=name)


@pytest.mark.parametrize("caller_may", [False, True])
@pytest.mark.parametrize("role_lets", [False, True])
def test_source_identity_needs_both_sides(aws: Emulator, caller_may: bool, role_lets: bool) -> None:
    it = story(aws, StsRules(), IamRules())
    with it.front:
        it.make_role(it.trust(action=["sts:AssumeRole", *(["sts:SetSourceIdentity"] if role_lets else [])]))
        david = it.make_david(*(["sts:SetSourceIdentity"] if caller_may else []))
        sts = it.client("sts", david)
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session", "SourceIdentity": "David"}
        if caller_may and role_lets:
            assert sts.assume_role(**call)["SourceIdentity"] == "David"
        else:
            why = refusal("set-source-identity", user=it.david, role=it.role_arn)
            assert refused(sts.assume_role, **call) == why
        it.assume(david)


def test_trust_that_wants_a_source_identity_lets_in_with_the_right_one_and_it_sticks(aws: Emulator) -> None:
    it = story(aws, StsRules(), IamRules())
    with it.front:
        wanted = it.trust(
            action=["sts:AssumeRole", "sts:SetSourceIdentity"], StringEquals={"sts:SourceIdentity": "David"}
        )
        it.make_role(wanted)
        david = it.make_david("sts:SetSourceIdentity")
        sts = it.client("sts", david)
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        assert refused(sts.assume_role, **call).status == 403
        assert refused(sts.assume_role, **call, SourceIdentity="Eve").status == 403
        session = it.assume(david, SourceIdentity="David")
        # From one role to the next it stays, and so does what it needs.
        iam = it.client("iam", it.prod)
        iam.create_role(RoleName="next", AssumeRolePolicyDocument=it.trust(f"arn:aws:iam::{it.prod}:root"))
        following = f"arn:aws:iam::{it.prod}:role/next"
        may = policy({"Effect": "Allow", "Action": "sts:*", "Resource": following})
        iam.put_role_policy(RoleName=it.role, PolicyName="next", PolicyDocument=may)
        why = refused(it.client("sts", session).assume_role, RoleArn=following, RoleSessionName="session")
        user = f"arn:aws:sts::{it.prod}:assumed-role/{it.role}/david"
        assert why == refusal("set-source-identity", user=user, role=following)


def test_refusal_names_the_role_and_does_not_tell_whether_it_exists(aws: Emulator) -> None:
    it = story(aws, StsRules())
    with it.front:
        it.make_role(it.trust(f"arn:aws:iam::{it.acc}:user/Eve"))
        sts = it.client("sts", it.make_david())
        iam = it.client("iam", it.acc)
        missing = f"{it.role_arn}t"

        def said(role: str) -> Refusal:
            return refused(sts.assume_role, RoleArn=role, RoleSessionName="session")

        assert said(it.role_arn) == refusal("trust-refused", user=it.david, role=it.role_arn)
        words = functools.partial(
            denial, "identity-based policy", user=it.david, action="sts:AssumeRole", resource=missing
        )
        for effect, why in (
            ("", words("implicit")),
            ("Allow", refusal("trust-refused", user=it.david, role=missing).message),
            ("Deny", words("explicit")),
        ):
            if effect:
                more = policy({"Effect": effect, "Action": "sts:AssumeRole", "Resource": missing})
                iam.put_user_policy(UserName="David", PolicyName="more", PolicyDocument=more)
            assert said(missing) == Refusal(403, "AccessDenied", why)
