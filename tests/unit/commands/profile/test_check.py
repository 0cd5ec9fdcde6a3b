"""`profile check` looks at both files."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.commands.profile import add, check, show
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile.line import Watch
from credhelper.settings import Settings
from fakes.profiles import VALUES

HOW = EditOptions()
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"


def test_check_warns_of_credentials_that_win(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    Path(own.credentials_file).write_text("".join(f"[{name}]\n{KEYS}" for name in ("prod-s3", "default")))
    findings = check.check_file(own)
    assert [finding.name for finding in findings] == ["credentials-file"]
    assert rule_of(findings[0]).fix.endswith("credhelper profile rename prod-s3 prod-s3-role")


def test_credentials_file_that_cannot_be_read_is_a_finding(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    Path(own.credentials_file).mkdir()
    found = [finding for finding in check.check_file(own) if finding.name == "unreadable"]
    assert [finding.is_in_credentials for finding in found] == [True]


@pytest.mark.parametrize(
    ("line", "is_gone"),
    [
        ("/opt/gone/tool creds", True),
        ("'/opt/gone tool/x' creds", True),
        ("/bin/sh -c '/opt/gone/tool creds'", False),
        ("/bin/sh /opt/made/by/it", False),
        ("tool creds", False),
        ("'/opt/gone", False),
        ("/opt/gone/credhelper get another", True),
    ],
)
@pytest.mark.parametrize("role", ["", "credhelper_role_arn = arn:aws:iam::222222222222:role/x\n"])
def test_gone_program_of_another_tool_is_found(
    own: Settings, config: Path, line: str, role: str, *, is_gone: bool
) -> None:
    config.write_text(f"[profile p]\nregion = us-east-1\n{role}credential_process = {line}\n")
    found = [one for one in check.check_file(own) if one.name == "command-gone"]
    assert [one.line for one in found] == [3 + bool(role)] * is_gone
    assert all("credhelper profile unset p credential_process" in rule_of(one).fix for one in found)
    sections = profile_list.open_sections(own)
    watch = Watch()
    tuple(profile_list.list_profiles(sections, "", watch.see))
    assert watch.gone == is_gone
    assert ("another tool's program that is gone" in "".join(show.show(own, "p").notices)) == is_gone


def test_gone_program_that_no_sdk_starts_is_no_finding(own: Settings, config: Path) -> None:
    config.write_text(f"[profile p]\ncredential_process = /gone\nsso_account_id = 1\n[profile q]\n{KEYS}")
    Path(own.credentials_file).write_text(f"[p]\n{KEYS}")
    assert not [one for one in check.check_file(own) if one.name == "command-gone"]


@pytest.mark.parametrize(
    ("bundle", "is_gone"), [("/gone/ca.pem", True), (__file__, False), ("relative.pem", False), ("", False)]
)
@pytest.mark.parametrize("is_in_credentials", [True, False])
def test_gone_ca_bundle_is_found(
    own: Settings, config: Path, bundle: str, *, is_gone: bool, is_in_credentials: bool
) -> None:
    config.write_text("" if is_in_credentials else f"[profile p]\nca_bundle = {bundle}\n{KEYS}")
    Path(own.credentials_file).write_text(f"[p]\nca_bundle = {bundle}\n{KEYS}" if is_in_credentials else "")
    found = [one for one in check.check_file(own) if one.name == "ca-bundle-gone"]
    assert [(one.line, one.is_in_credentials) for one in found] == [(2, is_in_credentials)] * is_gone
    cure = "${EDITOR:-vi} +2 " if is_in_credentials else "credhelper profile unset p ca_bundle"
    assert all(cure in rule_of(one).fix for one in found)


def test_gone_program_in_the_credentials_file_is_found_there(own: Settings, config: Path) -> None:
    config.write_text("")
    Path(own.credentials_file).write_text("[p]\ncredential_process = /gone/tool\n")
    (found,) = check.check_file(own)
    assert (found.name, found.line, found.is_in_credentials) == ("command-gone", 2, True)
    assert "${EDITOR:-vi} +2 " in rule_of(found).fix


@pytest.mark.parametrize(
    ("keys", "line", "said"),
    [
        ("credhelper_duration_seconds = 5\n", 5, "credhelper_duration_seconds of profile p is not a number of seconds"),
        ("credhelper_tag = x\n", 5, "profile p has a setting that does not exist: credhelper_tag"),
        ("credhelper_transitive_tag_keys = x\n", 5, "credhelper_transitive_tag_keys of profile p names 1 key"),
        ("credhelper_policy_arns = x\n", 5, "credhelper_policy_arns of profile p is not"),
        ("credhelper_credential_source = Environment\n", 5, "has both credhelper_source_profile and"),
        ("credhelper_mfa_process = /x\n", 5, "has credhelper_mfa_process without a device"),
    ],
)
def test_finding_about_a_setting_says_what_and_where(
    own: Settings, config: Path, keys: str, line: int, said: str
) -> None:
    add.add(own, "p", VALUES, HOW)
    body = config.read_text().replace("[profile p]\n", "").splitlines(keepends=True)
    config.write_text("[profile p]\n" + "".join(body[:3]) + keys + "".join(body[3:]))
    (found,) = [one for one in check.check_file(own) if one.name == "credhelper-setting"]
    assert found.line == line
    assert said in rule_of(found).effect
    assert rule_of(found).fix.partition("credhelper profile ")[2]
