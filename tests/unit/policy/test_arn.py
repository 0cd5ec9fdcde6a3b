"""The parts of ARNs, of those that AWS documents and of what only looks like one."""

import pytest

from credhelper.policy import arn


@pytest.mark.parametrize(
    ("text", "kind", "name", "role"),
    [
        ("arn:aws:iam::111111111111:user/a/b/David", "user", "David", ""),
        ("arn:aws:iam::111111111111:root", "root", "root", ""),
        ("arn:aws:sts::111111111111:assumed-role/reader/session", "assumed-role", "session", "reader"),
        ("arn:aws-cn:s3:::bucket/a:b/c", "bucket", "c", ""),
        ("arn:aws:sts::111111111111:assumed-role", "assumed-role", "assumed-role", ""),
    ],
)
def test_parts(text: str, kind: str, name: str, role: str) -> None:
    found = arn.parse(text)
    assert found is not None
    assert (found.kind, found.name, found.role_name, str(found)) == (kind, name, role, text)


@pytest.mark.parametrize("text", ["", "*", "111111111111", "arn:aws:iam::111111111111", "urn:aws:iam::1:x"])
def test_what_is_no_arn(text: str) -> None:
    assert arn.parse(text) is None


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("111111111111", "111111111111"),
        ("arn:aws-us-gov:iam::111111111111:root", "111111111111"),
        ("arn:aws:iam::11111111111:root", ""),
        ("arn:aws:sts::111111111111:root", ""),
        ("arn:aws:iam::111111111111:user/root", ""),
        ("1111111111111", ""),
        ("١١١١١١١١١١١١", ""),
    ],
)
def test_account_that_is_named_as_a_whole(text: str, account: str) -> None:
    assert arn.account_named(text) == account
