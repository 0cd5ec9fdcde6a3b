"""`profile set` and `unset` change one key each, and leave a profile that can be used."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, check, release, remove
from credhelper.commands.profile import set as profile_set
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.profiles import VALUES

HOW = EditOptions()


def test_set_and_unset_change_one_key_each(own: Settings, config: Path) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    text = config.read_text()
    profile_set.set_keys(own, "prod-s3", {"external_id": "ab"}, {"output": "json"}, HOW)
    assert config.read_text() == f"{text}credhelper_external_id = ab\noutput = json\n"
    profile_set.unset_keys(own, "prod-s3", ["external-id", "output"], HOW)
    assert config.read_text() == text


@pytest.mark.parametrize("keys", [["role_arn"], ["credhelper_source_profile"]])
def test_unset_refuses_to_leave_a_profile_that_cannot_be_used(own: Settings, keys: list[str]) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    with pytest.raises(InputError):
        profile_set.unset_keys(own, "prod-s3", keys, HOW)


def test_set_repairs_a_command_whose_program_is_gone(own: Settings, config: Path) -> None:
    add.add(own, "prod-s3", VALUES, HOW, line_of=lambda name: f"/nowhere/credhelper get {name}")
    assert "credhelper-moved" in [finding.name for finding in check.check_file(own)]
    profile_set.set_keys(own, "prod-s3", {}, {}, HOW)
    assert "/nowhere" not in config.read_text()
    assert "credhelper-moved" not in [finding.name for finding in check.check_file(own)]


def test_set_of_a_profile_that_is_not_there_names_the_nearest(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    with pytest.raises(InputError) as caught:
        profile_set.set_keys(own, "prod-s4", {}, {"output": "json"}, HOW)
    assert "did you mean prod-s3?" in caught.value.hint


@pytest.mark.parametrize("key", ["", "a b", ".", "s3.", ".x", "[x]", "a.b c"])
@pytest.mark.parametrize("text", ["", "x"])
def test_what_is_no_key_is_refused_with_no_command_that_writes_it(own: Settings, key: str, text: str) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    with pytest.raises(InputError) as caught:
        profile_set.set_keys(own, "prod-s3", {}, {key: text}, HOW)
    assert "aws configure" not in caught.value.hint
    assert ("no key before =" in caught.value.message) == (key == "")


ROLE_ARN = "arn:aws:iam::222222222222:role/x"
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"


def written(own: Settings, config: Path, text: str, credentials: str = f"[default]\n{KEYS}") -> None:
    config.write_text(text)
    Path(own.credentials_file).write_text(credentials)


@pytest.mark.parametrize(
    ("section", "changes", "said"),
    [
        (
            KEYS,
            {"role_arn": ROLE_ARN},
            "its role has no source; Go assumes the role with its own keys; fix: credhelper ",
        ),
        (ROLE, {"source_profile": None}, "botocore rejects the profile: its role has no source"),
        (ROLE, {"source_profile": "defalt"}, "there is no profile defalt, the source of p, so that it cannot be used"),
        (ROLE, {"role_arn": None}, "Go rejects the profile: it has a source and no role"),
        (ROLE, {"role_arn": "x"}, "STS refuses it: this is not the ARN of a role"),
        (ROLE, {"duration_seconds": "1h"}, "botocore passes over it: duration_seconds is not a whole number"),
        (ROLE, {"credential_source": "Machine"}, "there is no such source"),
        (
            "region = us-east-1\n",
            {"region": "us_east_1"},
            "region is not the name of a region; fix: credhelper profile",
        ),
        ("output = json\n", {"services": "none"}, "there is no section [services none]"),
        ("output = json\n", {"use_fips_endpoint": "yes"}, "use_fips_endpoint is neither true nor false"),
        (KEYS, {"aws_secret_access_key": None}, "one of its two keys is missing"),
    ],
)
def test_what_a_change_breaks_is_said_with_the_fix(
    own: Settings, config: Path, section: str, changes: dict[str, str | None], said: str
) -> None:
    written(own, config, f"[profile p]\n{section}")
    gone = [key for key, text in changes.items() if text is None]
    new = {key: text for key, text in changes.items() if text is not None}
    edited = profile_set.unset_keys(own, "p", gone, HOW) if gone else profile_set.set_keys(own, "p", {}, new, HOW)
    assert [one for one in edited.remarks if said in one], edited.remarks
    assert edited.changed
    # What was wrong before is not said again.
    again = profile_set.set_keys(own, "p", {}, {"cli_pager": "less"}, HOW)
    assert again.remarks == ()


def test_change_that_breaks_the_user_of_a_profile_is_said(own: Settings, config: Path) -> None:
    written(own, config, f"[profile k]\n{KEYS}[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = k\n")
    edited = profile_set.unset_keys(own, "k", ["aws_access_key_id", "aws_secret_access_key"], HOW)
    assert [
        one for one in edited.remarks if one.startswith("profile p: the profile it takes its credentials from, k, has")
    ]
    edited = remove.remove(own, "k", HOW, is_forced=True)
    assert [
        one for one in edited.remarks if one.startswith("profile p: the profile it takes its credentials from does")
    ]


NATIVE = f"[profile p]\nrole_arn = {ROLE_ARN}\n"


@pytest.mark.parametrize(
    ("text", "typed", "after"),
    [
        (f"[profile p]\n{ROLE}", "credential_source=Environment", f"{NATIVE}credential_source = Environment\n"),
        (f"{NATIVE}credential_source = Environment\n", "source_profile=default", f"{NATIVE}source_profile = default\n"),
    ],
)
def test_new_source_takes_the_place_of_the_old_one(
    own: Settings, config: Path, text: str, typed: str, after: str
) -> None:
    written(own, config, text)
    edited = profile_set.set_keys(own, "p", {}, dict([typed.split("=")]), HOW)
    assert config.read_text() == after
    assert [one for one in edited.remarks if "takes the place of" in one]
    assert check.check_file(own) == []


def test_new_source_of_credhelpers_takes_the_place_of_the_old_one(own: Settings, config: Path) -> None:
    add.add(own, "p", VALUES, HOW)
    text = config.read_text()
    profile_set.set_keys(own, "p", {"credential_source": "Environment"}, {}, HOW)
    assert "source_profile" not in config.read_text()
    profile_set.set_keys(own, "p", {"source_profile": "default"}, {}, HOW)
    assert sorted(config.read_text().splitlines()) == sorted(text.splitlines())


def test_release_names_each_key_that_is_there_already(own: Settings, config: Path) -> None:
    add.add(own, "p", {**VALUES, "external_id": "ab"}, HOW)
    text = config.read_text()
    config.write_text(f"{text}external_id = cd\nsource_profile = default\n")
    with pytest.raises(InputError, match="has source_profile, external_id of AWS's own already") as caught:
        release.release(own, ["p"], HOW)
    assert caught.value.hint == "credhelper profile unset p source_profile external_id"
    profile_set.unset_keys(own, "p", ["source_profile", "external_id"], HOW)
    assert config.read_text() == text
    assert release.release(own, ["p"], HOW).changed


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("credhelper_externalid=abc", "credhelper profile set prod-s3 credhelper_external_id=abc"),
        ("credhelper_foo=1", "credhelper profile set --help"),
        ("credhelper_duration_seconds=abc", "credhelper profile set prod-s3 --duration-seconds 3600"),
        ("credhelper_region=us-west-2", "credhelper profile set prod-s3 region=us-west-2"),
    ],
)
def test_setting_that_is_not_there_yet_is_not_to_be_removed(own: Settings, key: str, hint: str) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    name, _, text = key.partition("=")
    with pytest.raises(InputError) as caught:
        profile_set.set_keys(own, "prod-s3", {}, {name: text}, HOW)
    assert caught.value.hint == hint
