"""The profile commands as use cases: what they write, what they refuse, and what they tell."""

import os
import sys
from pathlib import Path

import pytest
from botocore.compat import compat_shell_split

from credhelper.awsconfig.document.diff import unified_diff
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.commands.profile import add, adopt, check, remove, show, undo
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile import set as profile_set
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
VALUES = {"role_arn": ROLE, "source_profile": "default"}
HOW = EditOptions()
NATIVE = f"""# mine
[profile Native]
Role_ARN={ROLE}
# about the source
source_profile = base   
external_id : ab

[profile base]
aws_access_key_id = AKIACANARY
aws_secret_access_key = {canary.secret_key()}

[profile self]
role_arn = {ROLE}
source_profile = self
aws_access_key_id = AKIACANARY

[profile chain]
role_arn = {ROLE}
source_profile = Native
duration_seconds = 900"""  # noqa: W291 - the blanks at the end of a line must survive


@pytest.fixture
def config(own: Settings) -> Path:
    return Path(own.config_file)


def write(config: Path, text: str) -> None:
    config.write_text(text)
    os.utime(config, (1, 1))


def test_add_writes_the_profile_of_the_design(own: Settings, config: Path) -> None:
    edited = add.add(own, "prod-s3", {**VALUES, "region": "us-east-1"}, HOW)
    lines = config.read_text().splitlines()
    assert lines[0] == "[profile prod-s3]"
    line = lines[1].removeprefix("credential_process = ")
    assert compat_shell_split(line)[-2:] == ["get", "prod-s3"]
    assert compat_shell_split(line)[:3] == [sys.executable, "-I", "-S"]
    assert lines[2:] == [f"credhelper_role_arn = {ROLE}", "credhelper_source_profile = default", "region = us-east-1"]
    assert edited.remarks == ()
    assert edited.diff().splitlines()[3:] == [f"+{line}" for line in lines]


def test_dry_run_shows_the_same_and_writes_nothing(own: Settings, config: Path) -> None:
    edited = add.add(own, "prod-s3", VALUES, EditOptions(is_dry_run=True))
    assert "+[profile prod-s3]" in edited.diff()
    assert not config.exists()
    assert not Path(own.state_dir).exists()


def test_add_refuses_what_aws_would_and_says_add_in_the_hint(own: Settings, config: Path) -> None:
    with pytest.raises(InputError, match="credhelper_duration_seconds") as caught:
        add.add(own, "prod-s3", {**VALUES, "duration_seconds": "5"}, HOW)
    assert caught.value.hint.startswith("credhelper profile add prod-s3")
    assert not config.exists()


def test_add_takes_over_another_profile_only_when_told(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    with pytest.raises(InputError, match="of the kind static"):
        add.add(own, "base", VALUES, HOW)
    with pytest.raises(InputError) as caught:
        add.add(own, "chain", VALUES, HOW)
    assert caught.value.hint.endswith("credhelper profile adopt chain")
    assert config.read_text() == NATIVE
    add.add(own, "base", VALUES, HOW, is_forced=True)
    shown = show.show(own, "base")
    assert shown.problem is None
    assert "aws_access_key_id" not in shown.keys


def test_add_warns_of_the_credentials_file_and_of_a_command_that_does_not_start(own: Settings) -> None:
    Path(own.credentials_file).write_text("[prod-s3]\naws_access_key_id = AKIACANARY\n")
    edited = add.add(own, "prod-s3", VALUES, HOW, line_of=lambda name: f"/nowhere/credhelper get {name}")
    assert "has credentials for prod-s3 too" in edited.remarks[0]
    assert "cannot be started: no such file" in edited.remarks[1]
    assert add.start_remarks("/bin/false get x") == [
        "the profile is written, but its command fails: exit code 1 from /bin/false"
    ]


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


def test_adopt_and_release_give_the_bytes_back(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert [remark.partition(" ")[0] for remark in edited.remarks] == ["self"]
    sections = profile_list.open_sections(own)
    kinds = {row.name: row.kind for row in profile_list.list_profiles(sections)}
    assert kinds == {"Native": "credhelper", "base": "static", "self": "role", "chain": "credhelper"}
    assert profile_list.row_of("chain", sections).sources == ("Native", "base")
    assert show.show(own, "Native").problem is None
    adopt.release(own, [], HOW, is_all=True)
    assert config.read_text() == NATIVE


def test_adopt_all_passes_over_a_profile_in_two_spellings(own: Settings, config: Path) -> None:
    twice = f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n[profile default]\nx = 1\n"
    write(config, f"{twice}[profile one]\nrole_arn = {ROLE}\nsource_profile = base\n")
    # Which of the two sections is meant is for a person to say, whichever of them has the role.
    write(config, config.read_text().replace("x = 1", f"role_arn = {ROLE}\nsource_profile = base"))
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert "default stays as it is: profile default is defined twice" in edited.remarks[0]
    assert config.read_text().count("credhelper_role_arn") == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("base", "no role_arn"), ("self", "its own source|two kinds"), ("nobody", "no profile nobody")]
)
def test_adopt_explains_what_it_cannot(own: Settings, config: Path, name: str, reason: str) -> None:
    write(config, NATIVE)
    with pytest.raises(InputError, match=reason):
        adopt.adopt(own, [name], HOW)
    assert config.read_text() == NATIVE


def test_adopt_explains_a_profile_that_go_and_dotnet_reject(own: Settings, config: Path) -> None:
    write(config, f"[profile x]\nrole_arn = {ROLE}\nsource_profile = y\ncredential_process = /x\n")
    with pytest.raises(InputError, match="two kinds"):
        adopt.adopt(own, ["x"], HOW)


def test_release_refuses_settings_that_aws_has_no_key_for(own: Settings) -> None:
    add.add(own, "prod-s3", {**VALUES, "tags": "a=b"}, HOW)
    with pytest.raises(InputError, match="tags"):
        adopt.release(own, ["prod-s3"], HOW)


def test_rename_moves_the_command_and_every_reference(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    adopt.adopt(own, ["Native"], HOW)
    remove.rename(own, "Native", "prod", HOW)
    text = config.read_text()
    assert "Native" not in text
    assert "get prod\n" in text
    assert text.endswith("source_profile = prod\nduration_seconds = 900")


def test_remove_refuses_the_source_of_others_unless_told(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    with pytest.raises(InputError, match="source of Native"):
        remove.remove(own, "base", HOW)
    remove.remove(own, "base", HOW, is_forced=True)
    assert "[profile base]" not in config.read_text()
    assert "missing-source" in [finding.name for finding in check.check_file(own)]


def test_undo_restores_the_bytes_of_every_command(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    add.add(own, "prod-s3", VALUES, HOW)
    undo.undo(own, HOW)
    assert config.read_text() == NATIVE


def test_list_matches_parts_and_patterns_and_shows_both_files(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    Path(own.credentials_file).write_text("[default]\naws_access_key_id = AKIACANARY\n")
    sections = profile_list.open_sections(own)
    assert [row.name for row in profile_list.list_profiles(sections, "static")] == ["base", "default"]
    assert [row.name for row in profile_list.list_profiles(sections, "ch*")] == ["chain"]
    assert profile_list.row_of("default", sections).file == "credentials"
    assert profile_list.row_of("Native", sections).account_id == "222222222222"


def test_symlinked_files_are_read_and_edited(own: Settings, config: Path, tmp_path: Path) -> None:
    for name in ("config", "credentials"):
        (tmp_path / name).write_text(NATIVE if name == "config" else "[default]\naws_access_key_id = AKIACANARY\n")
        (config.parent / name).symlink_to(tmp_path / name)
    assert profile_list.row_of("chain", profile_list.open_sections(own)).kind == "role"
    add.add(own, "prod-s3", VALUES, HOW)
    assert config.is_symlink()
    assert "prod-s3" in (tmp_path / "config").read_text()
    assert check.check_file(own)


def test_show_hides_secrets(own: Settings, config: Path) -> None:
    write(config, NATIVE)
    assert not canary.find(str(show.show(own, "base").keys).encode())


def test_check_warns_of_credentials_that_win(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    Path(own.credentials_file).write_text("[prod-s3]\naws_access_key_id = AKIACANARY\n[default]\nx = 1\n")
    findings = check.check_file(own)
    assert [finding.name for finding in findings] == ["credentials-file"]
    assert rule_of(findings[0]).fix.endswith("credhelper profile rename prod-s3 prod-s3-role")


def test_diff_of_a_long_file_has_the_right_line_numbers() -> None:
    before = "".join(f"line {number}\n" for number in range(100_000)).encode()
    diff = unified_diff(before, before.replace(b"line 70000\n", b"changed\n"), "config").splitlines()
    assert diff[2] == "@@ -69998,7 +69998,7 @@"
    assert diff[6:8] == ["-line 70000", "+changed"]
