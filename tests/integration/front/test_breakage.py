"""Networks and services that fail after so many writes."""

import contextlib

import botocore.exceptions
import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.breakage import How
from fakes.front.two_accounts import TwoAccounts, policy, story


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


def apply(it: TwoAccounts) -> None:
    """Set up both halves of a grant, also where some of it is there already."""
    prod, acc = it.client("iam", it.prod), it.client("iam", it.acc)
    listing = policy({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{it.bucket}"})
    assuming = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": it.role_arn})
    with contextlib.suppress(prod.exceptions.EntityAlreadyExistsException):
        prod.create_role(RoleName=it.role, AssumeRolePolicyDocument=it.trust())
    prod.put_role_policy(RoleName=it.role, PolicyName="list", PolicyDocument=listing)
    with contextlib.suppress(acc.exceptions.EntityAlreadyExistsException):
        acc.create_group(GroupName="DevGroup")
    acc.put_group_policy(GroupName="DevGroup", PolicyName="assume", PolicyDocument=assuming)


@pytest.mark.parametrize("how", ["refuse", "cut", "lost"])
@pytest.mark.parametrize("writes", range(5))
def test_what_is_idempotent_converges_after_a_stop_at_any_write(aws: Emulator, how: How, writes: int) -> None:
    it = story(aws)
    with it.front as front:
        front.breakage.break_after(writes, how)
        with contextlib.suppress(botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError):
            apply(it)
            assert writes == 4
        front.breakage.heal()
        # What the first run left: each write that was let through, and one more where only the answer was lost.
        done = min(4, writes + (how == "lost"))
        prod, acc = it.client("iam", it.prod), it.client("iam", it.acc)
        roles, groups = prod.list_roles()["Roles"], acc.list_groups()["Groups"]
        role_policies = prod.list_role_policies(RoleName=it.role)["PolicyNames"] if roles else []
        group_policies = acc.list_group_policies(GroupName="DevGroup")["PolicyNames"] if groups else []
        assert [len(roles), len(role_policies), len(groups), len(group_policies)] == [1] * done + [0] * (4 - done)
        apply(it)
        assert prod.list_role_policies(RoleName=it.role)["PolicyNames"] == ["list"]
        assert acc.list_group_policies(GroupName="DevGroup")["PolicyNames"] == ["assume"]
