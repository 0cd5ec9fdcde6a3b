"""Grants as an administrator asks for them, for tests of what is made of them."""

from typing import Any

from credhelper.grant.options import Options
from credhelper.grant.wanted import Wanted, wanted
from fakes.front.two_accounts import TwoAccounts

ACC, PROD = "111111111111", "222222222222"
ROLE = "acc-to-read-prod-s3-bucket"
# What a shell, the AWS CLI or a template language could take for more than text.
DESCRIPTION = "it's \"David's\" $HOME $(id) `id` ${aws:username} %{x} %PATH% \\ & | < > ; \u00e9\n-- second line"


def options(**more: Any) -> Options:
    """Return the story's grant: DevGroup of Acc reads a bucket of Prod."""
    fields: dict[str, Any] = {
        "role": f"arn:aws:iam::{PROD}:role/{ROLE}",
        "acc": ACC,
        "group": "DevGroup",
        "members": ("David",),
        "buckets": ("list-prod-bkt-details-01",),
    }
    return Options(**{**fields, **more})


def grant(**more: Any) -> Wanted:
    """Return that grant, or another one."""
    return wanted(options(**more))


def grant_of(it: TwoAccounts, **more: Any) -> Wanted:
    """Return the grant between two accounts."""
    return grant(**{"role": it.role_arn, "acc": it.acc, "buckets": (it.bucket,), **more})
