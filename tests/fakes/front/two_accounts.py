"""The two accounts of the story as their administrators make them by hand, through a front; and what clients see."""

import http.client
import itertools
import json
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

import botocore.exceptions
import pytest

from credhelper.demo.emulator import Emulator
from fakes import canary
from fakes.front.behind import Keys, create_client
from fakes.front.sentences import Refusal
from fakes.front.server import Front, Rule

REGION = "us-east-1"
# Those of tests that choose a number themselves are below.
_NUMBERS = itertools.count(100)


class TwoAccounts:
    """Acc, with David in DevGroup, and Prod, with a role and a bucket; nothing is there before it is made.

    `number` makes them others than those of another test at the same emulator.
    """

    def __init__(self, front: Front, number: int = 0) -> None:
        self.front = front
        self.number = number
        self.acc = f"{number:011d}1" if number else "111111111111"
        self.prod = f"{number:011d}2" if number else "222222222222"
        self.bucket = f"list-prod-bkt-details-{number or 1:02d}"
        self.role = "acc-to-read-prod-s3-bucket"
        self.role_arn = f"arn:aws:iam::{self.prod}:role/{self.role}"
        self.root = f"arn:aws:iam::{self.acc}:root"
        self.david = f"arn:aws:iam::{self.acc}:user/David"

    def client(self, service: str, keys: Keys | str, region: str = REGION) -> Any:
        """Return a client through the front: of an account's root, or with keys that AWS handed out."""
        if isinstance(keys, str):
            keys = {"AccessKeyId": keys, "SecretAccessKey": Emulator.ROOT_SECRET}
        return create_client(service, self.front.url, keys, region)

    def make_david(self, *actions: str) -> Keys:
        """Create David in DevGroup, whose policy allows AssumeRole and these actions on the role; return a key."""
        iam = self.client("iam", self.acc)
        iam.create_user(UserName="David")
        iam.create_group(GroupName="DevGroup")
        iam.add_user_to_group(UserName="David", GroupName="DevGroup")
        allowed = {"Effect": "Allow", "Action": ["sts:AssumeRole", *actions], "Resource": self.role_arn}
        iam.put_group_policy(
            GroupName="DevGroup", PolicyName="allow-assume-S3-role-in-prod", PolicyDocument=policy(allowed)
        )
        return self.make_key("David")

    def make_key(self, user: str, account: str = "") -> Keys:
        """Create a key for a user in Acc, or in another account."""
        key: Keys = self.client("iam", account or self.acc).create_access_key(UserName=user)["AccessKey"]
        canary.register(key["SecretAccessKey"])
        return key

    def make_role(self, trust: str = "", **more: Any) -> None:
        """Create the role in Prod: it trusts Acc if no other trust is given, and may read the bucket."""
        iam = self.client("iam", self.prod)
        iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=trust or self.trust(), **more)
        bucket = f"arn:aws:s3:::{self.bucket}"
        listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket}
        reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/*"}
        iam.put_role_policy(RoleName=self.role, PolicyName="read-bucket", PolicyDocument=policy(listing, reading))

    def trust(self, principal: str | list[str] = "", action: Any = "sts:AssumeRole", **condition: Any) -> str:
        """Return a trust policy."""
        statement = {"Effect": "Allow", "Principal": {"AWS": principal or self.root}, "Action": action}
        return policy({**statement, "Condition": condition} if condition else statement)

    def make_bucket(self, region: str = REGION) -> None:
        """Create the bucket in Prod, with one object."""
        s3 = self.client("s3", self.prod, region)
        where = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=self.bucket, **where)
        s3.put_object(Bucket=self.bucket, Key="readme.txt", Body=b"production\n")

    def assume(self, keys: Keys, **parameters: Any) -> Keys:
        """Assume the role, or another one."""
        asked = {"RoleArn": self.role_arn, "RoleSessionName": "david", **parameters}
        return temporary(self.client("sts", keys).assume_role(**asked))


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def temporary(answer: dict[str, Any]) -> Keys:
    """Return the credentials in an answer of STS, known to the leak check."""
    given: Keys = answer["Credentials"]
    canary.register(given["SecretAccessKey"])
    canary.register(given["SessionToken"])
    return given


def refused(call: Any, /, **parameters: Any) -> Refusal:
    """Return what a client sees of a call that ends with an error."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return Refusal(status, answer["Error"]["Code"], answer["Error"]["Message"])


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def story(aws: Emulator, *rules: Rule, clock: Clock | None = None, number: int = 0) -> TwoAccounts:
    """Return two accounts of the test's own, behind a front with these rules; the caller enters `front`."""
    front = Front(aws.endpoint_url, *rules, now=clock or time.time)
    return TwoAccounts(front, number or next(_NUMBERS))


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


class Responses:
    """All responses of a client, those that it does not show included."""

    def __init__(self) -> None:
        self.all: list[Mapping[str, Any]] = []

    def __call__(self, parsed_response: Mapping[str, Any], **_: object) -> None:
        self.all.append(parsed_response)
