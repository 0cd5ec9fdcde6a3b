"""The two files as one: what is in the credentials file decides, and each command says so before it changes a thing."""

import os
from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands import shadows
from credhelper.commands.profile import add, adopt, release, rename, show
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile import set as profile_set
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN
from fakes.profiles import VALUES, write_settled

HOW = EditOptions(linger_s=0)
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"


@pytest.fixture
def credentials(own: Settings) -> Path:
    path = Path(own.credentials_file)
    write_settled(path, f"[default]\n{KEYS}")
    return path


def test_adopt_all_adopts_all_that_can_and_names_the_others(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(credentials, f"[default]\n{KEYS}[shadowed]\n{KEYS}[elsewhere]\n{ROLE}")
    write_settled(
        config,
        f"[profile plain]\n{ROLE}[profile shadowed]\n{ROLE}[profile r&d]\n{ROLE}"
        f"[profile \u043f\u0440\u043e\u0434]\n{ROLE}[profile indented]\n  role_arn = {ROLE_ARN}\n"
        f"  source_profile = default\n[profile self]\nrole_arn = {ROLE_ARN}\nsource_profile = self\n"
        f"[profile also-plain]\n{ROLE}",
    )
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert edited.names == ("plain", "also-plain")
    assert config.read_text().count("credhelper_role_arn") == 2
    assert {remark.partition(" stays as it is: ")[0] for remark in edited.remarks} == {
        "shadowed", "elsewhere", "r&d", "\u043f\u0440\u043e\u0434", "indented", "self",
    }  # fmt: skip
    assert all(remark.partition(" stays as it is: ")[2] for remark in edited.remarks)


def test_release_all_releases_all_that_can(own: Settings, config: Path, credentials: Path) -> None:
    add.add(own, "one", VALUES, HOW)
    add.add(own, "two", {**VALUES, "tags": "a=b"}, HOW)
    add.add(own, "three", VALUES, HOW)
    edited = release.release(own, [], HOW, is_all=True)
    assert edited.names == ("one", "three")
    assert [remark.partition(" ")[0] for remark in edited.remarks] == ["two"]


def test_source_of_another_identity_keeps_a_profile_from_being_adopted(
    own: Settings, config: Path, credentials: Path
) -> None:
    """botocore takes the single sign-on of the source, credhelper its role."""
    middle = "[profile middle]\nsso_account_id = 1\nsso_role_name = x\nsso_session = s\n"
    middle += f"credhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
    write_settled(config, f"{middle}[profile last]\nrole_arn = {ROLE_ARN}\nsource_profile = middle\n")
    with pytest.raises(InputError, match="change who last is"):
        adopt.adopt(own, ["last"], HOW)
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert not edited.changed
    assert "last would be another identity" in edited.remarks[0]


def test_broken_credentials_file_is_said_and_does_not_hide_its_profiles(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(credentials, f"[default]\n{KEYS}[default]\n{KEYS}[p]\n{KEYS}")
    write_settled(config, f"[profile p]\n{ROLE}[profile q]\n{ROLE}")
    assert "line 4" in profile_list.open_sections(own).faults[0]
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert edited.names == ("q",)
    assert "line 4" in edited.remarks[-1]


def test_the_same_add_twice_changes_nothing(own: Settings, credentials: Path) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    assert not add.add(own, "prod-s3", VALUES, HOW).changed


@pytest.mark.parametrize(
    ("line", "is_told"), [("region =", False), ('region = "us-east-1"', True), ("region = us-west-1  # note", True)]
)
def test_add_copies_no_region_that_is_none(
    own: Settings, config: Path, credentials: Path, line: str, *, is_told: bool
) -> None:
    write_settled(config, f"[default]\n{line}\n")
    edited = add.add(own, "prod-s3", VALUES, HOW)
    assert "region" not in profile_list.open_sections(own)["prod-s3"]
    assert bool(edited.remarks) == is_told


def test_region_of_a_source_in_the_credentials_file_is_copied(own: Settings, credentials: Path) -> None:
    write_settled(credentials, f"[default]\n{KEYS}region = eu-west-1\n")
    add.add(own, "prod-s3", VALUES, HOW)
    assert profile_list.open_sections(own)["prod-s3"]["region"] == "eu-west-1"


def test_rename_leaves_keys_to_the_name_that_tools_use_them_by(own: Settings, config: Path, credentials: Path) -> None:
    add.add(own, "prod", VALUES, HOW)
    write_settled(credentials, f"[default]\n{KEYS}[prod]\n{KEYS}")
    edited = rename.rename(own, "prod", "prod-role", HOW)
    assert "prod stays the name of what is in" in edited.remarks[0]
    catalogue = profile_list.open_sections(own)
    assert (catalogue.taken("prod")[0], catalogue.taken("prod-role")[0]) == ("static", "credhelper")


def test_change_of_a_source_says_whom_it_changes_too(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, f"[profile middle]\n{ROLE}[profile last]\nrole_arn = {ROLE_ARN}\nsource_profile = middle\n")
    edited = profile_set.set_keys(own, "middle", {}, {"role_arn": ROLE_ARN + "-2"}, HOW)
    assert edited.remarks == ("last: the credentials come from middle, so that this changes them, too",)


def test_set_says_what_a_key_may_have_been_meant_to_be(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, "[default]\nregion = x\n")
    edited = profile_set.set_keys(own, "default", {}, {"rgion": "y", "made_up": "z"}, HOW)
    assert edited.remarks == ("rgion is set as it was typed; did you mean region?",)


def test_unset_says_what_is_not_there(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, "[default]\nregion = x\n")
    edited = profile_set.unset_keys(own, "default", ["regoin", "aws_access_key_id"], HOW)
    assert not edited.changed
    assert edited.remarks[0] == "profile default has no regoin; did you mean region?"
    assert edited.remarks[1].startswith(f"line 2 of {credentials} has aws_access_key_id")


@pytest.mark.parametrize(
    ("section", "key", "is_for_all"),
    [
        ("[prod]\naws_access_key_id = AKIACANARY\n", "aws_access_key_id", True),
        (f"[prod]\nrole_arn = {ROLE_ARN}\n", "role_arn", True),
        ("[prod]\ncredential_process = /other\n", "credential_process", True),
        ("[prod]\nsso_account_id = 1\n", "sso_account_id", True),
        ("[prod]\nlogin_session = x\n", "login_session", True),
        ("[prod]\nsso_start_url = x\n", "sso_start_url", False),
        ("[prod]\ncredhelper_external_id = abc\n", "credhelper_external_id", True),
    ],
)
def test_show_and_login_say_what_goes_before_credhelper(
    own: Settings, credentials: Path, section: str, key: str, *, is_for_all: bool
) -> None:
    add.add(own, "prod", VALUES, HOW)
    assert show.show(own, "prod").problem is None
    assert shadows.remarks(own, ["prod"], {}) == []
    write_settled(credentials, f"[default]\n{KEYS}{section}")
    shadow = profile_list.open_sections(own).shadow_of("prod")
    assert shadow is not None
    assert (shadow.key, shadow.place.line, shadow.is_for_all) == (key, 5, is_for_all)
    problem = show.show(own, "prod").problem
    assert problem is not None
    for text in (problem.message, *shadows.remarks(own, ["prod"], {}), *shadows.remarks(own, None, {})):
        assert f"line 5 of {credentials} has {key} for it" in text


def test_of_many_shadowed_profiles_the_first_are_named(own: Settings, credentials: Path) -> None:
    for number in range(7):
        add.add(own, f"p{number}", VALUES, HOW)
    write_settled(credentials, f"[default]\n{KEYS}" + "".join(f"[p{number}]\n{KEYS}" for number in range(7)))
    found = shadows.remarks(own, None, {})
    assert len(found) == 6
    assert found[-1] == "so it is for 2 more; see: credhelper profile check"
    assert len(shadows.remarks(own, [f"p{number}" for number in range(7)], {})) == 7


def test_keys_in_the_environment_are_told() -> None:
    assert shadows.in_environment({"AWS_ACCESS_KEY_ID": "x"}) == []
    (remark,) = shadows.in_environment({"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
    assert remark.endswith("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY")


def test_many_profiles_are_adopted_although_one_is_in_the_way(own: Settings, config: Path, credentials: Path) -> None:
    """What no rule foresaw is found by making the edit in halves."""
    text = "".join(f"[profile p{number}]\n{ROLE}" for number in range(30))
    write_settled(config, text.replace("[profile p17]\n", "[profile p17]\ncredhelper_source_profile = x\n"))
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert len(edited.names) == 29
    assert edited.remarks[0].startswith("p17 stays as it is: ")
    assert os.path.exists(config)
