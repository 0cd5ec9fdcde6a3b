"""The profile commands as processes: what stands on stdout, on stderr, and in the file."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
ADD = ("profile", "add", "prod-s3", "--role-arn", ROLE, "--source-profile", "default")


@pytest.fixture
def config() -> Path:
    return Path(os.environ["HOME"]) / ".aws" / "config"


def credhelper(*arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([sys.executable, "-m", "credhelper", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_line_that_was_written_starts_the_program(config: Path) -> None:
    (config.parent / "credentials").write_text("[default]\naws_access_key_id = AKIACANARY\n")
    done = credhelper(*ADD, "--region", "us-east-1")
    assert done.stdout == ""
    assert done.stderr == f"added profile prod-s3 in {config}\n"
    line = config.read_text().splitlines()[1].partition(" = ")[2]
    version = subprocess.run([*shlex.split(line)[:-2], "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("credhelper ")


def test_dry_run_prints_a_diff_that_patch_understands(config: Path) -> None:
    diff = credhelper(*ADD, "--dry-run").stdout
    assert not config.exists()
    config.write_text("")
    subprocess.run(["patch", str(config)], input=diff, text=True, check=True, capture_output=True)  # noqa: S607 - whichever patch there is
    patched = config.read_text()
    config.unlink()
    credhelper(*ADD)
    assert config.read_text() == patched


def test_rename_with_credentials_is_shown_masked_and_then_done(config: Path) -> None:
    credentials = config.parent / "credentials"
    keys = f"aws_access_key_id = AKIACANARY\naws_secret_access_key = {canary.secret_key()}\n"
    for path, text in ((config, "[profile dev]\nregion = us-east-1\n"), (credentials, f"[dev]\n{keys}")):
        path.write_text(text)
        os.utime(path, (1, 1))
    refused = credhelper("profile", "rename", "dev", "work", code=2)
    assert refused.stderr.endswith("hint: take it along: credhelper profile rename dev work --with-credentials\n")
    shown = credhelper("profile", "rename", "dev", "work", "--with-credentials", "--dry-run").stdout
    assert shown.count("+[") == 2
    assert "aws_secret_access_key = (hidden)" in shown
    assert credentials.read_text() == f"[dev]\n{keys}"
    done = credhelper("profile", "rename", "dev", "work", "--with-credentials")
    assert done.stderr == (
        f"note: [dev] in {credentials} becomes [work], with its keys\n"
        f"renamed profile dev to work in {config} and {credentials}\n"
    )
    assert credentials.read_text() == f"[work]\n{keys}"
    refused = credhelper("profile", "undo", code=2)
    assert refused.stderr.endswith("hint: revert it: credhelper profile rename work dev --with-credentials\n")
    credhelper("profile", "rename", "work", "dev", "--with-credentials")
    assert credentials.read_text() == f"[dev]\n{keys}"


def test_list_and_show_give_programs_what_they_need(config: Path) -> None:
    credhelper(*ADD)
    assert credhelper("profile", "list").stdout == (
        "prod-s3\tcredhelper\t222222222222\tacc-to-read-prod-s3-bucket\t\tdefault\tconfig\n"
    )
    rows = json.loads(credhelper("profile", "list", "--json").stdout)
    assert rows[0]["role_arn"] == ROLE
    shown = json.loads(credhelper("profile", "show", "prod-s3", "--json").stdout)
    assert shown["keys"]["credhelper_role_arn"] == ROLE
    assert shown["problem"] is None


def test_story_of_edits_ends_where_it_began(config: Path) -> None:
    config.write_text("# mine\r\n[default]\r\nregion = us-east-1")
    credhelper(*ADD)
    credhelper("profile", "set", "prod-s3", "--duration-seconds", "7200", "output=json")
    credhelper("profile", "rename", "prod-s3", "prod")
    credhelper("profile", "unset", "prod", "output")
    for _ in range(4):
        credhelper("profile", "undo")
    assert config.read_bytes() == b"# mine\r\n[default]\r\nregion = us-east-1"
    assert "no edit to undo" in credhelper("profile", "undo", code=2).stderr


def test_check_exits_with_1_when_there_is_something_to_say(config: Path) -> None:
    config.write_text("[default]\nregion = x\n")
    assert credhelper("profile", "check").stdout == ""
    config.write_text("[default]\nRegion = x\n[default]\n")
    done = credhelper("profile", "check", code=1)
    places = [row for row in done.stdout.splitlines() if not row.startswith("    fix: ")]
    assert [(row.partition(": ")[0], row.rpartition(" [")[2]) for row in places] == [
        (f"{config}:2", "key-capitals]"),
        (f"{config}:3", "section-twice]"),
    ]
    assert done.stdout.count("    fix: ") == 2
    found = json.loads(credhelper("profile", "check", "--json", code=1).stdout)[0]
    assert (found["file"], found["line"]) == (str(config), 2)


def test_check_looks_at_the_credentials_file_too(config: Path) -> None:
    credentials = config.parent / "credentials"
    credentials.write_text("[default]\nx = 1\n[default]\n")
    done = credhelper("profile", "check", code=1)
    assert done.stdout.startswith(f"{credentials}:3: default: botocore rejects the whole file")
    # The commands that say where the fault is and send here are not contradicted.
    assert "line 3" in credhelper("profile", "list").stderr


def test_escape_codes_in_a_name_do_not_reach_the_terminal(config: Path) -> None:
    config.write_text("[profile \x1b[31mred]\nregion = x\n")
    assert "\x1b" not in credhelper("profile", "list").stdout


def test_damaged_file_is_named_with_its_line_and_left_alone(config: Path) -> None:
    config.write_bytes(b"[default]\n[default]\n")
    done = credhelper(*ADD, code=2)
    assert done.stderr.splitlines() == [
        "credhelper: error: line 2: this section is defined twice, so botocore rejects the whole file",
        "hint: see what is wrong: credhelper profile check",
    ]
    assert config.read_bytes() == b"[default]\n[default]\n"
    assert "line 2" in credhelper("profile", "list").stderr
