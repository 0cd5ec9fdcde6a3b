"""Many profiles in one edit: each under a name of its own, and none that is there becomes another."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import undo
from credhelper.commands.profile.add_many import New, add_many
from credhelper.model.profile_names import Wanted
from credhelper.settings import Settings
from fakes.profiles import write_settled

HOW = EditOptions()
CONFIG = """[default]
region = eu-west-1

[profile waiting]
role_arn = arn:aws:iam::222222222222:role/waiting
source_profile = deploy

[profile native]
role_arn = arn:aws:iam::222222222222:role/native
source_profile = other

[profile half]
sso_session = corp
sso_account_id = 222222222222
"""


def role(name: str, wanted: str = "", **keys: str) -> New:
    arn = f"arn:aws:iam::222222222222:role/{name}"
    return New(
        Wanted(wanted or name, "222222222222"),
        {"credhelper_role_arn": arn, "credhelper_source_profile": "default", **keys},
    )


def sso(account: str, name: str) -> New:
    return New(Wanted(name, account), {"sso_session": "corp", "sso_account_id": account, "sso_role_name": name})


@pytest.fixture(autouse=True)
def written(own: Settings, config: Path) -> None:
    write_settled(config, CONFIG)
    Path(own.credentials_file).write_text("[default]\naws_access_key_id = AKIACANARY\n[stored]\nregion = us-east-1\n")


def test_all_are_one_edit_in_which_nothing_else_changes(own: Settings, config: Path) -> None:
    edited = add_many(own, [role("a"), sso("333333333333", "b"), role("c", region="us-east-1")], HOW)
    assert edited.names == ("a", "b", "c")
    text = config.read_text()
    assert text.startswith(CONFIG)
    assert text.removeprefix(CONFIG).count("[profile ") == 3
    # The region of the source, where none is given.
    assert text.count("region = eu-west-1") == 2
    assert undo.undo(own, HOW).changed
    assert config.read_text() == CONFIG


def test_dry_run_writes_nothing(own: Settings, config: Path) -> None:
    edited = add_many(own, [role("a")], EditOptions(is_dry_run=True))
    assert "+[profile a]" in edited.diff()
    assert config.read_text() == CONFIG


@pytest.mark.parametrize("name", ["waiting", "stored", "deploy", "default", "native"])
def test_name_that_would_be_another_profile_is_not_given(own: Settings, config: Path, name: str) -> None:
    """`deploy` is the missing source of another profile, which would be someone from then on."""
    assert add_many(own, [role("new", wanted=name)], HOW).names == (f"{name}-222222222222",)
    assert config.read_text().startswith(CONFIG)


def test_role_that_some_profile_has_is_left_out(own: Settings, config: Path) -> None:
    assert add_many(own, [role("native"), role("waiting")], HOW).names == ()
    assert config.read_text() == CONFIG
    # Half of a sign-on is not the same.
    assert add_many(own, [sso("222222222222", "x")], HOW).names == ("x",)
    assert add_many(own, [sso("222222222222", "x")], HOW).names == ()


def test_one_that_no_profile_can_have_is_named_and_the_others_are_added(own: Settings) -> None:
    edited = add_many(own, [role("no:good", wanted="bad"), sso("333333333333", "Größe"), role("good")], HOW)
    assert edited.names == ("good",)
    assert next(one for one in edited.remarks if "is not added" in one).startswith("bad is not added: ")
    assert len([one for one in edited.remarks if "is not added" in one]) == 2


def test_role_of_another_partition_stops_no_other(own: Settings) -> None:
    keys = {"credhelper_role_arn": "arn:aws-cn:iam::444444444444:role/cn", "credhelper_source_profile": "default"}
    edited = add_many(own, [New(Wanted("cn", "444444444444"), keys), role("good")], HOW)
    assert edited.names == ("good",)
    assert any(one.startswith("cn is not added: ") for one in edited.remarks)
