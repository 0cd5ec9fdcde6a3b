"""S3 as AWS has it: regions, reasons for insiders only, keys of KMS."""

import contextlib
import functools
from collections.abc import Callable

import botocore.exceptions
import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.behind import create_client
from fakes.front.layers import Attempt, Layers
from fakes.front.s3 import S3Rules
from fakes.front.sentences import denial, refusal
from fakes.front.server import Front
from fakes.front.two_accounts import REGION, Responses, TwoAccounts, refused, story


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
    it = story(aws, S3Rules())
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
    together = TwoAccounts(Front(aws.endpoint_url, S3Rules(organization={it.acc, it.prod})), it.number)
    with together.front:
        why = refused(together.client("s3", david).list_objects_v2, Bucket=it.bucket)
        assert why.message == denial("identity-based policy", "implicit", user=it.david, action="s3:ListBucket")
    for layer in ("VPC endpoint policy", "service control policy"):
        decide: Callable[[Attempt], str] = functools.partial(Attempt.denied, layer=layer, effect="explicit")
        rules = S3Rules(organization={it.acc, it.prod}), Layers(decide)
        together = TwoAccounts(Front(aws.endpoint_url, *rules), it.number)
        with together.front:
            why = refused(together.client("s3", david).list_objects_v2, Bucket=it.bucket)
            assert (why == refusal("s3-outsider")) == (layer == "VPC endpoint policy")
            why = refused(together.client("s3", it.prod).list_objects_v2, Bucket=it.bucket)
            assert why.message.endswith(layer)


@pytest.mark.parametrize(("number", "vector"), [(60, "kms-three-causes"), (61, "kms-identity")])
def test_object_under_a_foreign_key_has_a_head_but_no_body(aws: Emulator, number: int, vector: str) -> None:
    it = story(aws, S3Rules(kms={f"list-prod-bkt-details-{number}": vector}), number=number)
    with it.front:
        it.make_bucket()
        it.make_role()
        s3 = it.client("s3", it.assume(it.make_david()))
        assert s3.head_object(Bucket=it.bucket, Key="readme.txt")["ContentLength"] == 11
        user = f"arn:aws:sts::{it.prod}:assumed-role/{it.role}/david"
        assert refused(s3.get_object, Bucket=it.bucket, Key="readme.txt") == refusal(vector, user=user)
