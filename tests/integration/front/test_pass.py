"""What the front does not answer goes through unchanged, and is counted: the five steps by hand among it."""

import contextlib
import http.client
import time
import urllib.parse
from email.utils import parsedate_to_datetime
from pathlib import Path

import botocore.exceptions

from credhelper.demo.emulator import Emulator
from fakes import canary
from fakes.front.iam import IamRules
from fakes.front.layers import Attempt, Layers
from fakes.front.s3 import S3Rules
from fakes.front.sentences import Refusal, refusal
from fakes.front.server import Front
from fakes.front.signin import Signin
from fakes.front.sts import StsRules
from fakes.front.two_accounts import REGION, Responses, TwoAccounts, ask, refused, story
from fakes.home import AWS, Home


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


def test_answers_of_the_front_have_a_time_and_a_number_as_those_behind_it_have(aws: Emulator) -> None:
    it = story(aws, Layers(lambda attempt: "no" if attempt.action != "iam:ListRoles" else None))
    with it.front:
        for service, call in (("iam", "list_roles"), ("iam", "list_users"), ("s3", "list_buckets")):
            client, seen = it.client(service, it.acc), Responses()
            client.meta.events.register(f"response-received.{service}", seen)
            with contextlib.suppress(botocore.exceptions.ClientError):
                getattr(client, call)()
            about = seen.all[0]["ResponseMetadata"]
            assert about["RequestId"]
            sent = parsedate_to_datetime(about["HTTPHeaders"]["date"]).timestamp()
            assert abs(sent - time.time()) < 60


def test_fault_of_a_rule_is_seen_by_the_client(aws: Emulator) -> None:
    def decide(attempt: Attempt) -> str | None:
        raise KeyError(attempt.action)

    it = story(aws, Layers(decide))
    with it.front:
        why = Refusal(500, "FrontFailed", "KeyError('iam:ListUsers')")
        assert refused(it.client("iam", it.acc).list_users) == why


def test_trust_that_is_no_document_harms_no_call(aws: Emulator) -> None:
    it = story(aws)
    with it.front:
        it.make_role("{nope")
        david = it.make_david()
    it = TwoAccounts(Front(aws.endpoint_url, StsRules(), IamRules()), it.number)
    with it.front:
        call = {"RoleArn": it.role_arn, "RoleSessionName": "session"}
        assert refused(it.client("sts", david).assume_role, **call).status == 403
        acc, prod = it.client("iam", it.acc), it.client("iam", it.prod)
        prod.list_roles()
        acc.create_user(UserName="Eve")
        acc.delete_user(UserName="Eve")
        prod.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust())
        it.assume(david)
