"""`profile set` and `unset` change one key each, and leave a profile that can be used."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, check
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
