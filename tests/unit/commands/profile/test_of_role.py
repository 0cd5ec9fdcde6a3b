"""The profile of a role that a message names, where there is only one."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add
from credhelper.commands.profile.of_role import only_profile_of
from credhelper.settings import Settings
from fakes.profiles import VALUES

ROLE = "arn:aws:iam::222222222222:role/team/reader"
HOW = EditOptions()


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (ROLE, "prod-s3"),
        ("arn:aws:sts::222222222222:assumed-role/reader/David", "prod-s3"),
        ("arn:aws:iam::222222222222:role/reader", ""),  # another path is another role
        ("arn:aws:sts::333333333333:assumed-role/reader/David", ""),
        ("arn:aws-cn:sts::222222222222:assumed-role/reader/David", ""),
        ("reader", ""),
    ],
)
def test_role_and_its_session_have_the_profile_that_assumes_it(own: Settings, role: str, name: str) -> None:
    add.add(own, "prod-s3", VALUES | {"role_arn": ROLE}, HOW)
    add.add(own, "other", VALUES, HOW)
    assert only_profile_of(role, own) == name


def test_of_two_profiles_none_is_chosen(own: Settings) -> None:
    for name in ("prod-s3", "again"):
        add.add(own, name, VALUES | {"role_arn": ROLE}, HOW)
    assert only_profile_of(ROLE, own) == ""


def test_file_that_cannot_be_read_has_no_profile(own: Settings, config: Path) -> None:
    config.write_bytes(b"\xff[profile")
    assert only_profile_of(ROLE, own) == ""
