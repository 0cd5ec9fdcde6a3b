"""`profile add`: what it writes, what it takes over only when told, and what it warns of."""

import sys
from pathlib import Path

import pytest
from botocore.compat import compat_shell_split

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles.process_line import command_line
from credhelper.commands.profile import add, show, trial
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN
from fakes.profiles import NATIVE, VALUES, write_settled

HOW = EditOptions()


def test_add_writes_the_profile_of_the_design(own: Settings, config: Path) -> None:
    Path(own.credentials_file).write_text("[default]\naws_access_key_id = AKIACANARY\n")
    edited = add.add(own, "prod-s3", {**VALUES, "region": "us-east-1"}, HOW)
    lines = config.read_text().splitlines()
    assert lines[0] == "[profile prod-s3]"
    line = lines[1].removeprefix("credential_process = ")
    assert compat_shell_split(line)[-2:] == ["get", "prod-s3"]
    assert compat_shell_split(line)[:3] == [sys.executable, "-I", "-S"]
    assert lines[2:] == [
        f"credhelper_role_arn = {ROLE_ARN}",
        "credhelper_source_profile = default",
        "region = us-east-1",
    ]
    assert edited.remarks == ()
    assert edited.diff().splitlines()[3:] == [f"+{line}" for line in lines]


def test_dry_run_shows_the_same_and_writes_nothing(own: Settings, config: Path) -> None:
    edited = add.add(own, "prod-s3", VALUES, EditOptions(is_dry_run=True))
    assert "+[profile prod-s3]" in edited.diff()
    assert not config.exists()
    assert not Path(own.state_dir).exists()


def test_add_refuses_what_aws_would_and_says_add_in_the_hint(own: Settings, config: Path) -> None:
    with pytest.raises(InputError, match="--duration-seconds is not a number") as caught:
        add.add(own, "prod-s3", {**VALUES, "duration_seconds": "5"}, HOW)
    assert caught.value.hint == (
        f"credhelper profile add prod-s3 --role-arn {ROLE_ARN} --source-profile default --duration-seconds 3600"
    )
    assert not config.exists()


def test_add_takes_over_another_profile_only_when_told(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    with pytest.raises(InputError, match="of the kind static"):
        add.add(own, "base", VALUES, HOW)
    with pytest.raises(InputError) as caught:
        add.add(own, "chain", VALUES, HOW)
    assert caught.value.hint.endswith("credhelper profile adopt chain")
    assert config.read_text() == NATIVE
    with pytest.raises(InputError, match="base is the source of Native, chain"):
        add.add(own, "base", VALUES, HOW, is_forced=True)
    add.add(own, "self", VALUES, HOW, is_forced=True)
    shown = show.show(own, "self")
    assert shown.problem is None
    assert "aws_access_key_id" not in shown.keys


@pytest.mark.parametrize("name", ["x", "get", "a b"])
def test_trial_starts_the_command_that_tries_and_no_request(own: Settings, tmp_path: Path, name: str) -> None:
    program = tmp_path / "credhelper"
    program.write_text(f'#!/bin/sh\nprintf "%s " "$@" > {tmp_path}/told\n')
    program.chmod(0o700)
    assert trial.start_remarks(command_line([str(program), "get", name], windows=False), name) == []
    assert (tmp_path / "told").read_text() == "try "


def test_add_warns_of_a_source_that_is_not_there_and_of_a_command_that_does_not_start(own: Settings) -> None:
    Path(own.credentials_file).write_text("[defualt]\naws_access_key_id = AKIACANARY\n")
    edited = add.add(own, "prod-s3", VALUES, HOW, line_of=lambda name: f"/nowhere/credhelper get {name}")
    assert edited.remarks[0].endswith("cannot be used yet; did you mean defualt?")
    assert "cannot be started: no such file" in edited.remarks[1]
    assert trial.start_remarks("/bin/false get x", "x") == [
        "the profile is written, but its command fails: exit code 1 from /bin/false"
    ]


GOV = "arn:aws-us-gov:iam::222222222222:role/x"


def test_source_of_another_partition_is_refused_with_the_whole_command(own: Settings, config: Path) -> None:
    write_settled(config, "[default]\nregion = us-east-1\naws_access_key_id = AKIAX\naws_secret_access_key = y\n")
    values = {"role_arn": GOV, "source_profile": "default", "external_id": "ab"}
    with pytest.raises(InputError, match="for another partition: region us-east-1 is in partition aws,") as caught:
        add.add(own, "p", values, HOW)
    assert caught.value.hint.endswith(
        f"credhelper profile add p --role-arn {GOV} --source-profile default --external-id ab --region us-gov-west-1"
    )
    add.add(own, "p", {**values, "region": "us-gov-west-1"}, HOW)


@pytest.mark.parametrize(
    ("source", "role", "region", "remark"),
    [
        (ROLE_ARN, GOV, "", "a has a role of the partition aws, whose credentials no other partition knows"),
        (ROLE_ARN, ROLE_ARN, "", ""),
        (ROLE_ARN, ROLE_ARN, "us-gov-west-1", "the region is us-east-1: us-gov-west-1"),
        (GOV, GOV, "us-east-1", "the region is us-gov-west-1: us-east-1"),
    ],
)
def test_role_of_the_source_says_which_partition_it_is_of(
    own: Settings, config: Path, *, source: str, role: str, region: str, remark: str
) -> None:
    line = f"region = {region}\n" if region else ""
    write_settled(
        config,
        "[default]\naws_access_key_id = AKIAX\naws_secret_access_key = y\n"
        f"[profile a]\nrole_arn = {source}\nsource_profile = default\n{line}",
    )
    remarks = add.add(own, "p", {"role_arn": role, "source_profile": "a"}, HOW).remarks
    assert [remark in one for one in remarks] == ([True] if remark else [])


def test_two_sources_are_refused_with_the_command_for_one(own: Settings) -> None:
    values = {"role_arn": ROLE_ARN, "source_profile": "default", "credential_source": "Environment"}
    with pytest.raises(InputError, match="a role has one source") as caught:
        add.add(own, "p", values, HOW)
    assert caught.value.hint.endswith(f"credhelper profile add p --role-arn {ROLE_ARN} --source-profile default")
