"""The data of the settings: its limits are AWS's, and the parser, the typed profile and the reference agree with it."""

import dataclasses
from pathlib import Path

import botocore.loaders
import pytest

from credhelper.awsconfig.profiles import role_settings
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.awsconfig.profiles.role_settings import SETTINGS
from credhelper.provider.resolve import DEFAULT_DURATION_S

BY_NAME = {setting.name: setting for setting in SETTINGS}
# Limits that AWS has raised; the models of newer releases of botocore have them.
RAISED_SINCE = {"source_identity": 256}
SHAPES = botocore.loaders.Loader().load_service_model("sts", "service-2")["shapes"]
PARAMETERS = {
    "role_arn": "RoleArn",
    "role_session_name": "RoleSessionName",
    "external_id": "ExternalId",
    "duration_seconds": "DurationSeconds",
    "mfa_serial": "SerialNumber",
    "source_identity": "SourceIdentity",
}


def shape_of(parameter: str) -> dict[str, int]:
    shape: dict[str, int] = SHAPES[SHAPES["AssumeRoleRequest"]["members"][parameter]["shape"]]
    return shape


def is_accepted(setting: str, text: str) -> bool:
    try:
        BY_NAME[setting].rule.parse(text)
    except ValueError:
        return False
    return True


def test_every_setting_is_a_field_of_the_profile_in_the_same_order() -> None:
    assert ["name", *BY_NAME] == [field.name for field in dataclasses.fields(RoleProfile)]


@pytest.mark.parametrize("setting", [name for name in PARAMETERS if name not in ("duration_seconds", "role_arn")])
def test_length_of_a_text_is_limited_as_in_the_model_of_sts(setting: str) -> None:
    shape = shape_of(PARAMETERS[setting])
    # An older botocore may know a lower limit than AWS has today.
    longest = max(shape["max"], RAISED_SINCE.get(setting, 0))
    accepted = [length for length in range(longest + 2) if is_accepted(setting, "x" * length)]
    assert (accepted[0], accepted[-1]) == (shape["min"], longest)
    assert f"{shape['min']} to {longest} characters" in BY_NAME[setting].rule.limits


def test_length_of_a_role_arn_is_limited_as_in_the_model_of_sts() -> None:
    shape = shape_of("RoleArn")
    start = "arn:aws:iam::222222222222:role/"
    longest = start + "x" * (shape["max"] - len(start))
    assert is_accepted("role_arn", longest)
    assert not is_accepted("role_arn", longest + "x")
    assert f"{shape['min']} to {shape['max']} characters" in BY_NAME["role_arn"].rule.limits


def test_duration_is_limited_as_in_the_model_of_sts() -> None:
    shape = shape_of("DurationSeconds")
    accepted = [number for number in range(shape["max"] + 2) if is_accepted("duration_seconds", str(number))]
    assert (accepted[0], accepted[-1]) == (shape["min"], shape["max"])
    assert f"from {shape['min']} to {shape['max']}" in BY_NAME["duration_seconds"].rule.limits


@pytest.mark.parametrize("parameter", ["Tags", "TransitiveTagKeys"])
def test_number_of_tags_is_limited_as_in_the_model_of_sts(parameter: str) -> None:
    assert shape_of(parameter)["max"] == role_settings.MAXIMUM_TAGS


@pytest.mark.parametrize("character", "+=,.@:/-_")
def test_characters_that_the_limits_name_are_the_ones_accepted(character: str) -> None:
    for name in ("role_session_name", "external_id", "mfa_serial", "source_identity"):
        is_named = f" {character}" in BY_NAME[name].rule.limits.partition(" of A-Z a-z 0-9")[2].partition(", not")[0]
        assert is_accepted(name, "xxxxxxxx" + character) == is_named


def test_default_duration_is_the_one_that_a_request_uses() -> None:
    assert BY_NAME["duration_seconds"].default == str(DEFAULT_DURATION_S)
    assert f"{DEFAULT_DURATION_S} by default" in BY_NAME["duration_seconds"].help


def test_reference_has_a_row_for_every_setting() -> None:
    reference = (Path(__file__).parents[4] / "docs" / "reference.md").read_text("utf-8")
    rows = [line for line in reference.splitlines() if line.startswith("| `") and "docs.aws" in line]
    rows += [line for line in reference.splitlines() if "credhelper only" in line]
    for setting in SETTINGS:
        row = next(line for line in rows if line.startswith(f"| `{setting.key}` |"))
        assert setting.rule.limits in row
        assert setting.document is None or setting.document.url in row
