"""What a layer says reaches a real client letter by letter."""

import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.layers import Attempt, Layers
from fakes.front.s3 import S3Rules
from fakes.front.sentences import Refusal, refusal, vectors
from fakes.front.two_accounts import refused, story


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
