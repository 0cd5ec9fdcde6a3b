"""The two accounts of the story, and David: made through the APIs that an administrator would use."""

import json
from dataclasses import dataclass
from typing import Any

import botocore.config
import botocore.session

from credhelper.demo.emulator import Emulator

ACC = "111111111111"
PROD = "222222222222"
BUCKET = "list-prod-bkt-details-01"
ROLE = "acc-to-read-prod-s3-bucket"
ROLE_ARN = f"arn:aws:iam::{PROD}:role/{ROLE}"
USER = "David"
GROUP = "DevGroup"
ADMINISTRATOR = "admin"
GROUP_POLICY = "allow-assume-S3-role-in-prod"
REGION = "us-east-1"
_VERSION = "2012-10-17"
_OBJECTS = {"2026/orders.csv": b"id,amount\n1,10\n2,20\n", "readme.txt": b"production\n"}


@dataclass(frozen=True, slots=True)
class UserKey:
    """A user's long-lived key; its `repr` shows the id only."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"UserKey({self.access_key_id})"


def client(aws: Emulator, service: str, account: str) -> Any:
    """Return a client that acts as the root of an account of the emulator."""
    return botocore.session.Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=account,
        aws_secret_access_key=aws.ROOT_SECRET,
        config=botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def create_bucket(aws: Emulator, bucket: str = BUCKET) -> None:
    """Create the production bucket with a few objects."""
    s3 = client(aws, "s3", PROD)
    s3.create_bucket(Bucket=bucket)
    for key, body in _OBJECTS.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def create_role(aws: Emulator, role: str = ROLE, principal: str = f"arn:aws:iam::{ACC}:root", **condition: Any) -> str:
    """Create the role in Prod: trusted by Acc, allowed to read the bucket. Return its ARN."""
    iam = client(aws, "iam", PROD)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=_trust(principal, condition))
    iam.put_role_policy(RoleName=role, PolicyName="read-bucket", PolicyDocument=_may_read(BUCKET))
    return f"arn:aws:iam::{PROD}:role/{role}"


def create_user(aws: Emulator, user: str = USER, group: str = GROUP) -> UserKey:
    """Create a user in a group in Acc, and a key for them."""
    iam = client(aws, "iam", ACC)
    iam.create_user(UserName=user)
    iam.create_group(GroupName=group)
    iam.add_user_to_group(UserName=user, GroupName=group)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return UserKey(key["AccessKeyId"], key["SecretAccessKey"])


def create_administrator(aws: Emulator, account: str) -> UserKey:
    """Create a user who may do all in an account, and a key for them."""
    iam = client(aws, "iam", account)
    iam.create_user(UserName=ADMINISTRATOR)
    everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_user_policy(UserName=ADMINISTRATOR, PolicyName="everything", PolicyDocument=everything)
    key = iam.create_access_key(UserName=ADMINISTRATOR)["AccessKey"]
    return UserKey(key["AccessKeyId"], key["SecretAccessKey"])


def allow_assume_role(aws: Emulator, role_arn: str = ROLE_ARN, group: str = GROUP) -> None:
    """Give the group the inline policy that lets its members assume the role."""
    document = _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn})
    client(aws, "iam", ACC).put_group_policy(GroupName=group, PolicyName=GROUP_POLICY, PolicyDocument=document)


def _trust(principal: str, condition: dict[str, Any]) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return _policy({**statement, "Condition": condition} if condition else statement)


def _may_read(bucket: str) -> str:
    return _policy(
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    )


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": statements})
