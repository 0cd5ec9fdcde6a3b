"""The front before the emulator: a real client sees what AWS's pages say, and all else goes through unchanged."""

import contextlib
import functools
import http.client
import itertools
import json
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore
import botocore.config
import botocore.exceptions
import botocore.session
import pytest

from credhelper.demo.emulator import Emulator
from fakes import canary
from fakes.front.behind import Keys, create_client
from fakes.front.breakage import How
from fakes.front.iam import IamRules
from fakes.front.layers import Attempt, Layers
from fakes.front.messages import AuthorizationMessages
from fakes.front.mfa import MfaDevices
from fakes.front.pages import Pages
from fakes.front.portal import Portal
from fakes.front.s3 import S3Rules
from fakes.front.sentences import Refusal, denial, refusal, vectors
from fakes.front.server import Front, Rule
from fakes.front.signin import Signin
from fakes.front.sts import StsRules
from fakes.front.two_accounts import REGION, TwoAccounts, policy, refused, temporary
from fakes.home import Home

AWS = [sys.executable, str(Path(sys.executable).with_name("aws"))]
NUMBERS = itertools.count(40)
MFA = {"aws:MultiFactorAuthPresent": "true"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(str(tmp_path_factory.mktemp("aws"))) as running:
        yield running


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def story(aws: Emulator, *rules: Rule, clock: Clock | None = None, number: int = 0) -> TwoAccounts:
    """Return two accounts of the test's own, behind a front that the caller enters."""
    front = Front(aws.endpoint_url, *rules, now=clock or time.time)
    return TwoAccounts(front, number or next(NUMBERS))


def ask(url: str, form: str = "") -> tuple[int, bytes]:
    """Return status and body of a request that no SDK makes."""
    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=30)
    try:
        target = f"{where.path}?{where.query}" if where.query else where.path
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", target, form or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_five_steps_by_hand_with_botocore_and_with_the_aws_cli(aws: Emulator, tmp_path: Path) -> None:
    it = story(aws, StsRules(), IamRules(), S3Rules())
    with it.front as front:
        it.make_bucket()
        it.make_role()
        david = it.make_david()
        assert refused(it.client("s3", david).list_objects_v2, Bucket=it.bucket) == refusal("s3-outsider")
        s3 = it.client("s3", it.assume(david))
        assert [one["Key"] for one in s3.list_objects_v2(Bucket=it.bucket)["Contents"]] == ["readme.txt"]
        assert s3.get_object(Bucket=it.bucket, Key="readme.txt")["Body"].read() == b"production\n"

        home = Home(tmp_path / "david", AWS_ENDPOINT_URL=front.url, AWS_EC2_METADATA_DISABLED="true")
        home.add_user(david["AccessKeyId"], david["SecretAccessKey"])
        section = f"[profile prod-s3]\nrole_arn = {it.role_arn}\nsource_profile = default\nregion = {REGION}\n"
        home.config.write_text(section)
        done = home.start([*AWS, "s3", "ls", f"s3://{it.bucket}/", "--profile", "prod-s3"], {})
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"readme.txt" in done.stdout
        up = [*AWS, "s3", "cp", str(home.config), f"s3://{it.bucket}/new", "--profile", "prod-s3"]
        done = home.start(up, {})
        assert (done.returncode, b"AccessDenied" in done.stderr) == (1, True)
        assert {call.account for call in front.journal.calls} == {it.acc, it.prod}


def test_a_front_without_rules_changes_nothing_but_lets_its_calls_be_counted(aws: Emulator) -> None:
    it = story(aws)
    with it.front as front:
        david = it.make_david()
        with front.journal.watch() as seen:
            assert it.client("sts", david).get_caller_identity()["Arn"] == it.david
            it.client("iam", it.acc).get_group(GroupName="DevGroup")
            it.client("iam", it.prod).list_roles()
        assert [(call.action, call.account) for call in seen.calls] == [
            ("sts:GetCallerIdentity", it.acc),
            ("iam:GetGroup", it.acc),
            ("iam:ListRoles", it.prod),
        ]
        assert seen.writes == []
        with front.journal.watch() as seen:
            it.make_bucket()
            it.make_role()
            s3 = it.client("s3", it.assume(david))
            s3.list_objects_v2(Bucket=it.bucket)
            s3.head_object(Bucket=it.bucket, Key="readme.txt")
        assert [call.operation for call in seen.writes] == ["CreateBucket", "PutObject", "CreateRole", "PutRolePolicy"]
        assert len(seen.calls) == 7
        with front.journal.watch() as seen:
            it.client("iam", it.prod).create_role(RoleName="r", AssumeRolePolicyDocument="{nope")
            assert refused(it.client("iam", david).delete_user, UserName="David").status == 403
        assert [(call.operation, call.user, call.status) for call in seen.writes] == [
            ("CreateRole", f"arn:aws:iam::{it.prod}:root", 200),
            ("DeleteUser", it.david, 403),
        ]


def test_bodies_and_keys_of_every_kind_go_through_with_their_signature(aws: Emulator) -> None:
    it = story(aws)
    with it.front:
        it.make_bucket()
        s3 = it.client("s3", it.prod)
        for key, body in {"a b/ü+&=?%2F#.txt": b"\x00" * 200_000, "empty": b"", "~": b"\r\n\r\n0\r\n"}.items():
            s3.put_object(Bucket=it.bucket, Key=key, Body=body)
            assert s3.get_object(Bucket=it.bucket, Key=key)["Body"].read() == body
            assert s3.head_object(Bucket=it.bucket, Key=key)["ContentLength"] == len(body)
        signed = s3.generate_presigned_url("get_object", {"Bucket": it.bucket, "Key": "~"})
        assert ask(signed) == (200, b"\r\n\r\n0\r\n")
        stranger = {"AccessKeyId": it.make_david()["AccessKeyId"], "SecretAccessKey": canary.secret_key("wrong")}
        assert refused(it.client("s3", stranger).list_buckets).code == "SignatureDoesNotMatch"


def test_body_in_chunks_is_read_whole(aws: Emulator) -> None:
    signin = Signin()
    with Front(aws.endpoint_url, signin) as front:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(front.url).netloc, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for _ in range(2):  # the second on the same connection: nothing of the first is left in it
            connection.request(
                "POST", "/federation", iter((b"Action=", b"lo", b"gin&a=%20b")), headers, encode_chunked=True
            )
            assert connection.getresponse().read() == b""
        connection.close()
    assert signin.asked == [{"Action": "login", "a": " b"}] * 2


# STS


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


# IAM


def test_trust_names_only_who_exists(aws: Emulator) -> None:
    it = story(aws, IamRules(accounts={f"{90:011d}1", f"{90:011d}2"}), number=90)
    with it.front:
        it.make_david()
        it.make_role()
        iam = it.client("iam", it.prod)
        iam.create_role(RoleName="deep", Path="/ops/", AssumeRolePolicyDocument=it.trust())
        bad = [
            f"arn:aws:iam::{it.acc}:group/DevGroup",
            f"arn:aws:iam::{it.acc}:user/Nil",
            f"arn:aws:iam::{it.acc}:user/*",
            f"arn:aws:iam::{it.acc}:user/david",
            f"arn:aws:iam::{it.prod}:role/deep",
            f"arn:aws:iam::{it.prod}:instance-profile/x",
            f"arn:aws:sts::{it.prod}:assumed-role/nil/session",
            "arn:aws:iam::999999999999:root",
            "999999999999",
            "AIDA1234567890EXAMPLE",
            "David",
        ]
        for number, principal in enumerate(bad):
            why = refusal("invalid-principal", principal=principal)
            trust = it.trust(principal)
            assert refused(iam.create_role, RoleName=f"r{number}", AssumeRolePolicyDocument=trust) == why
            assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=trust) == why
        both = it.trust([it.david, bad[1]])  # type: ignore[arg-type]  # a list is allowed there
        assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=both).code == (
            "MalformedPolicyDocument"
        )
        assert {one["RoleName"] for one in iam.list_roles()["Roles"]} == {it.role, "deep"}
        good = [
            it.david,
            it.acc,
            it.root,
            "*",
            f"arn:aws:iam::{it.prod}:role/ops/deep",
            f"arn:aws:sts::{it.prod}:assumed-role/deep/session",
            f"arn:aws:sts::{it.acc}:federated-user/David",
        ]
        for principal in good:
            iam.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust(principal))


def test_trust_is_json_and_no_longer_than_the_quota_and_strangers_are_told_nothing(aws: Emulator) -> None:
    it = story(aws, IamRules())
    with it.front:
        it.make_role()
        iam = it.client("iam", it.prod)
        why = refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument="{nope")
        assert why == refusal("invalid-json")
        fill = 2048 - len("".join(it.trust(StringEquals={"sts:ExternalId": ""}).split()))
        longest = it.trust(StringEquals={"sts:ExternalId": "x" * fill})
        iam.update_assume_role_policy(RoleName=it.role, PolicyDocument=json.dumps(json.loads(longest), indent=8))
        over = it.trust(StringEquals={"sts:ExternalId": "x" * (fill + 1)})
        assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=over) == refusal("trust-size")
        acc = it.client("iam", it.acc)
        acc.create_user(UserName="admin", Path="/ops/")
        anything = policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
        acc.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=anything)
        admin = it.client("iam", it.make_key("admin"))
        why = refused(admin.create_role, RoleName="r", AssumeRolePolicyDocument="{nope")
        assert why == refusal("invalid-json")
        david = it.client("iam", it.make_david())
        why = refused(david.create_role, RoleName="r", AssumeRolePolicyDocument="{nope")
        resource = f"arn:aws:iam::{it.acc}:role/r"
        assert why.message == denial(
            "identity-based policy", "implicit", user=it.david, action="iam:CreateRole", resource=resource
        )


def test_group_with_members_is_not_deleted(aws: Emulator) -> None:
    it = story(aws, IamRules())
    with it.front:
        it.make_david()
        iam = it.client("iam", it.acc)
        assert refused(iam.delete_group, GroupName="DevGroup") == refusal("group-has-members")
        assert [one["UserName"] for one in iam.get_group(GroupName="DevGroup")["Users"]] == ["David"]
        iam.remove_user_from_group(UserName="David", GroupName="DevGroup")
        iam.delete_group(GroupName="DevGroup")
        assert refused(iam.delete_group, GroupName="DevGroup").code == "NoSuchEntity"


def test_deleted_user_or_role_leaves_its_id_and_a_new_one_of_that_name_is_not_let_in(aws: Emulator) -> None:
    it = story(aws, StsRules(), IamRules())
    with it.front:
        david = it.make_david()
        it.make_role(it.trust(it.david))
        it.assume(david)
        acc, prod = it.client("iam", it.acc), it.client("iam", it.prod)
        acc.create_role(RoleName="ci", Path="/x/", AssumeRolePolicyDocument=it.trust())
        trust = it.trust(f"arn:aws:iam::{it.acc}:role/x/ci")
        prod.create_role(RoleName="other", AssumeRolePolicyDocument=trust)
        ids = {
            it.role: acc.get_user(UserName="David")["User"]["UserId"],
            "other": acc.get_role(RoleName="ci")["Role"]["RoleId"],
        }
        acc.delete_role(RoleName="ci")
        acc.delete_access_key(UserName="David", AccessKeyId=david["AccessKeyId"])
        acc.remove_user_from_group(UserName="David", GroupName="DevGroup")
        acc.delete_user(UserName="David")
        shown = {name: prod.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] for name in ids}
        assert {name: one["Statement"][0]["Principal"]["AWS"] for name, one in shown.items()} == ids
        assert [ids[it.role][:4], ids["other"][:4]] == ["AIDA", "AROA"]
        acc.create_user(UserName="David")
        acc.add_user_to_group(UserName="David", GroupName="DevGroup")
        again = it.make_key("David")
        assert refused(it.client("sts", again).assume_role, RoleArn=it.role_arn, RoleSessionName="session") == refusal(
            "trust-refused", user=it.david, role=it.role_arn
        )
        # What was read cannot be written back.
        why = refused(prod.update_assume_role_policy, RoleName=it.role, PolicyDocument=json.dumps(shown[it.role]))
        assert why == refusal("invalid-principal", principal=ids[it.role])
        prod.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust(it.david))
        it.assume(again)


def test_new_user_can_be_named_only_after_a_while(aws: Emulator, clock: Clock) -> None:
    it = story(aws, IamRules(new_after_s=10), clock=clock)
    with it.front:
        it.make_david()
        iam = it.client("iam", it.prod)
        call = {"RoleName": it.role, "AssumeRolePolicyDocument": it.trust(it.david)}
        clock.now += 9.9
        assert refused(iam.create_role, **call) == refusal("invalid-principal", principal=it.david)
        clock.now += 0.2
        iam.create_role(**call)


def test_lists_come_in_pages(aws: Emulator) -> None:
    it = story(aws, Pages(2))
    with it.front as front:
        it.make_david()
        iam = it.client("iam", it.acc)
        nothing = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
        for name in "abcde":
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=it.trust(), Tags=[{"Key": "k", "Value": name}])
            iam.put_role_policy(RoleName="a", PolicyName=name, PolicyDocument=nothing)
            iam.create_user(UserName=name)
            iam.add_user_to_group(GroupName="DevGroup", UserName=name)
        with front.journal.watch() as seen:
            pages = list(iam.get_paginator("list_roles").paginate())
        assert [[one["RoleName"] for one in page["Roles"]] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
        assert len(seen.calls) == 3
        names = iam.get_paginator("list_role_policies").paginate(RoleName="a").search("PolicyNames[]")
        assert list(names) == list("abcde")
        members = list(iam.get_paginator("get_group").paginate(GroupName="DevGroup").search("Users[].UserName"))
        assert members == ["David", *"abcde"]
        assert len(list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))) == 6
        assert iam.list_groups_for_user(UserName="David")["IsTruncated"] is False
        assert iam.list_role_tags(RoleName="a")["Tags"] == [{"Key": "k", "Value": "a"}]


# S3


class Responses:
    """All responses of a client, those that it does not show included."""

    def __init__(self) -> None:
        self.all: list[Mapping[str, Any]] = []

    def __call__(self, parsed_response: Mapping[str, Any], **_: object) -> None:
        self.all.append(parsed_response)


def test_bucket_of_another_region_redirects_all_callers_and_clients_follow(aws: Emulator) -> None:
    it = story(aws, S3Rules())
    redirect = refusal("s3-other-region")
    with it.front as front:
        it.make_bucket("eu-west-1")
        david = it.make_david()
        for keys, end in (({"AccessKeyId": it.prod, "SecretAccessKey": Emulator.ROOT_SECRET}, 200), (david, 403)):
            s3, seen = create_client("s3", front.url, keys), Responses()
            s3.meta.events.register("response-received.s3", seen)
            with front.journal.watch() as calls, contextlib.suppress(botocore.exceptions.ClientError):
                s3.list_objects_v2(Bucket=it.bucket)
            assert (seen.all[0]["Error"]["Code"], seen.all[0]["Error"]["Message"]) == (redirect.code, redirect.message)
            assert seen.all[0]["ResponseMetadata"]["HTTPStatusCode"] == redirect.status
            assert seen.all[0]["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "eu-west-1"
            assert [(call.region, call.status) for call in calls.calls] == [(REGION, 301), ("eu-west-1", end)]
            with contextlib.suppress(botocore.exceptions.ClientError):
                create_client("s3", front.url, keys).head_bucket(Bucket=it.bucket)
            assert front.journal.calls[-2].status == 301


def test_reasons_of_s3_are_for_the_account_and_the_organization(aws: Emulator) -> None:
    number = next(NUMBERS)
    it = story(aws, S3Rules(), number=number)
    with it.front:
        it.make_bucket()
        it.make_role()
        david = it.make_david()
        s3 = it.client("s3", david)
        for call in (s3.list_objects_v2, s3.get_bucket_policy):
            assert refused(call, Bucket=it.bucket) == refusal("s3-outsider")
        assert refused(s3.head_bucket, Bucket=it.bucket) == refusal("s3-head-denied")
        inside = it.client("s3", it.assume(david))
        why = refused(inside.put_object, Bucket=it.bucket, Key="x", Body=b"")
        assert "because no identity-based policy allows the s3:PutObject action" in why.message
    together = TwoAccounts(Front(aws.endpoint_url, S3Rules(organization={it.acc, it.prod})), number)
    with together.front:
        why = refused(together.client("s3", david).list_objects_v2, Bucket=it.bucket)
        assert why.message == denial("identity-based policy", "implicit", user=it.david, action="s3:ListBucket")
    for layer in ("VPC endpoint policy", "service control policy"):
        decide: Callable[[Attempt], str] = functools.partial(Attempt.denied, layer=layer, effect="explicit")
        rules = S3Rules(organization={it.acc, it.prod}), Layers(decide)
        together = TwoAccounts(Front(aws.endpoint_url, *rules), number)
        with together.front:
            why = refused(together.client("s3", david).list_objects_v2, Bucket=it.bucket)
            assert (why == refusal("s3-outsider")) == (layer == "VPC endpoint policy")
            why = refused(together.client("s3", it.prod).list_objects_v2, Bucket=it.bucket)
            assert why.message.endswith(layer)


@pytest.mark.parametrize("vector", ["kms-three-causes", "kms-identity"])
def test_object_under_a_foreign_key_has_a_head_but_no_body(aws: Emulator, vector: str) -> None:
    number = next(NUMBERS)
    it = story(aws, S3Rules(kms={f"list-prod-bkt-details-{number:02d}": vector}), number=number)
    with it.front:
        it.make_bucket()
        it.make_role()
        s3 = it.client("s3", it.assume(it.make_david()))
        assert s3.head_object(Bucket=it.bucket, Key="readme.txt")["ContentLength"] == 11
        user = f"arn:aws:sts::{it.prod}:assumed-role/{it.role}/david"
        assert refused(s3.get_object, Bucket=it.bucket, Key="readme.txt") == refusal(vector, user=user)


# Layers


@pytest.mark.parametrize("service", ["iam", "s3", "sts"])
def test_every_sentence_of_the_pages_reaches_a_real_client(aws: Emulator, service: str) -> None:
    said: list[str] = []
    it = story(aws, Layers(lambda attempt: said[-1]))
    with it.front:
        client = it.client(service, it.acc)
        call = {"iam": "list_users", "s3": "list_buckets", "sts": "get_caller_identity"}[service]
        for one in vectors()["denials"]:
            said.append(one["text"])
            assert refused(getattr(client, call)) == Refusal(403, "AccessDenied", one["text"])


def test_layer_sees_who_asks_for_what_and_says_it_in_the_words_of_the_page(aws: Emulator) -> None:
    scp = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
    asked: list[tuple[str, str, str]] = []

    def decide(attempt: Attempt) -> str | None:
        asked.append((attempt.caller.arn, attempt.action, attempt.resource))
        if attempt.action == "sts:AssumeRole":
            return attempt.denied("service control policy", "explicit", scp)
        return attempt.denied("session policy", "implicit") if attempt.action == "s3:ListBucket" else None

    it = story(aws, S3Rules(), Layers(decide))
    with it.front:
        it.make_bucket()
        it.make_role()
        david = it.make_david()
        asked.clear()
        why = refused(it.client("sts", david).assume_role, RoleArn=it.role_arn, RoleSessionName="session")
        assert why.message == (
            f"User: {it.david} is not authorized to perform: sts:AssumeRole on resource: {it.role_arn} "
            f"with an explicit deny in a service control policy: {scp}"
        )
        assert refused(it.client("s3", david).list_objects_v2, Bucket=it.bucket) == refusal("s3-outsider")
        why = refused(it.client("s3", it.prod).list_objects_v2, Bucket=it.bucket)
        assert why.message == (
            f"User: arn:aws:iam::{it.prod}:root is not authorized to perform: s3:ListBucket on resource: "
            f'"arn:aws:s3:::{it.bucket}" because no session policy allows the s3:ListBucket action'
        )
        assert asked[0] == (it.david, "sts:AssumeRole", it.role_arn)


# Around it


def test_encoded_message_is_read_by_those_who_may(aws: Emulator) -> None:
    messages = AuthorizationMessages()
    it = story(aws, messages)
    with it.front:
        david = it.make_david()
        encoded = messages.encode(it.david, "ec2:RunInstances", "*", is_explicit=True)
        assert it.david not in encoded
        assert messages.refusal(encoded).message.endswith(f"Encoded authorization failure message: {encoded}")
        why = refused(it.client("sts", david).decode_authorization_message, EncodedMessage=encoded)
        assert (why.code, why.status) == ("AccessDenied", 403)
        iam = it.client("iam", it.acc)
        may = policy({"Effect": "Allow", "Action": "sts:DecodeAuthorizationMessage", "Resource": "*"})
        iam.put_user_policy(UserName="David", PolicyName="decode", PolicyDocument=may)
        sts = it.client("sts", david)
        decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
        assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
        assert decoded["context"]["action"] == "ec2:RunInstances"
        bad = refused(sts.decode_authorization_message, EncodedMessage="x")
        assert (bad.code, bad.status) == ("InvalidAuthorizationMessageException", 400)


def federation(front: Front, *, post: bool, **parameters: str) -> tuple[int, dict[str, str]]:
    url, data = f"{front.url}/federation", urllib.parse.urlencode(parameters)
    status, body = ask(url, data) if post else ask(f"{url}?{data}")
    return status, json.loads(body) if body else {}


def session(keys: Keys) -> str:
    return json.dumps(
        {
            "sessionId": keys["AccessKeyId"],
            "sessionKey": keys["SecretAccessKey"],
            "sessionToken": keys.get("SessionToken", ""),
        }
    )


@pytest.mark.parametrize("post", [False, True])
def test_signin_token_is_for_temporary_credentials_and_long_only_for_unchained_ones(aws: Emulator, post: bool) -> None:
    signin = Signin()
    it = story(aws, StsRules(), signin)
    with it.front as front:
        it.make_role()
        david = it.make_david()
        role, own = it.assume(david), temporary(it.client("sts", david).get_session_token())
        chained = it.assume(own)
        get = {"Action": "getSigninToken"}
        for keys in (role, own, chained):
            status, answer = federation(front, post=post, **get, Session=session(keys))
            assert (status, set(answer)) == (200, {"SigninToken"})
        assert federation(front, post=post, **get, Session=session(role), SessionDuration="43200")[0] == 200
        for keys, duration in ((role, "43201"), (role, "899"), (own, "3600"), (chained, "3600"), (david, "")):
            more = {"SessionDuration": duration} if duration else {}
            assert federation(front, post=post, **get, Session=session(keys), **more)[0] == 400
        long_lived = session({**david, "SessionToken": "x"})
        for bad in (long_lived, "", "{}", "[]", session({**role, "AccessKeyId": "ASIAUNKNOWN"})):
            assert federation(front, post=post, **get, Session=bad)[0] == 400
        assert len(signin.asked) == 14
        assert all("Session" not in one for one in signin.asked)


def test_portal_has_pages_and_refuses_a_token_that_it_does_not_know(aws: Emulator) -> None:
    many = [f"role-{number}" for number in range(5)]
    portal = Portal(
        {"111111111111": many, "222222222222": ["Read Only/x"]}, names={"222222222222": "Prod"}, page_size=2
    )
    with Front(aws.endpoint_url, portal) as front:
        unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})
        sso = botocore.session.Session().create_client(
            "sso", region_name=REGION, endpoint_url=front.url, config=unsigned
        )
        token = {"accessToken": portal.token}
        accounts = list(sso.get_paginator("list_accounts").paginate(**token).search("accountList[].accountName"))
        assert accounts == ["111111111111", "Prod"]
        with front.journal.watch() as seen:
            pages = list(sso.get_paginator("list_account_roles").paginate(**token, accountId="111111111111"))
        assert [len(page["roleList"]) for page in pages] == [2, 2, 1]
        assert [one["roleName"] for page in pages for one in page["roleList"]] == many
        assert (len(seen.calls), seen.writes) == (3, [])
        keys = sso.get_role_credentials(**token, accountId="222222222222", roleName="Read Only/x")["roleCredentials"]
        assert keys["accessKeyId"].startswith("ASIA")
        assert refused(sso.list_accounts, accessToken="old") == refusal("portal-token")
        why = refused(sso.get_role_credentials, **token, accountId="111111111111", roleName="nil")
        assert why == refusal("portal-no-access")


# Faults


def tag(it: TwoAccounts, account: str, name: str) -> str:
    """Make one write in an account and say how it ended."""
    iam = it.client("iam", account)
    try:
        iam.create_user(UserName=name)
    except botocore.exceptions.HTTPClientError:
        return "cut"
    except botocore.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return "made"


@pytest.mark.parametrize(
    ("how", "said", "third_is_there"),
    [("refuse", "ServiceUnavailable", False), ("cut", "cut", False), ("lost", "cut", True)],
)
def test_everything_fails_after_so_many_writes_of_both_accounts(
    aws: Emulator, how: How, said: str, third_is_there: bool
) -> None:
    it = story(aws)
    with it.front as front:
        front.breakage.break_after(2, how)
        it.client("iam", it.acc).list_users()
        assert [tag(it, it.acc, "a"), tag(it, it.prod, "b")] == ["made", "made"]
        assert [tag(it, it.acc, "c"), tag(it, it.prod, "d")] == [said, said]
        with (
            pytest.raises(botocore.exceptions.BotoCoreError)
            if said == "cut"
            else pytest.raises(botocore.exceptions.ClientError)
        ):
            it.client("iam", it.acc).list_users()
        front.breakage.heal()
        users = [one["UserName"] for one in it.client("iam", it.acc).list_users()["Users"]]
        assert users == (["a", "c"] if third_is_there else ["a"])
        assert it.client("iam", it.prod).list_users()["Users"][0]["UserName"] == "b"
        assert len(front.journal.writes) == 4


def test_one_write_fails_and_the_next_try_passes(aws: Emulator) -> None:
    it = story(aws)
    with it.front as front:
        front.breakage.break_after(0, "lost", once=True)
        assert [tag(it, it.acc, "a"), tag(it, it.acc, "a"), tag(it, it.acc, "b")] == [
            "cut",
            "EntityAlreadyExists",
            "made",
        ]
