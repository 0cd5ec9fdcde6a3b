"""Networks and services that fail after so many writes."""

import botocore.exceptions
import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.breakage import How
from fakes.front.two_accounts import TwoAccounts, story


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
