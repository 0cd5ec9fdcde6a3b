"""The commands of a half: what stands in which file, what is run in which order, and what no shell has to quote."""

import argparse
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from credhelper.grant import render_cli
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import load
from fakes.story_grant import ACC, DESCRIPTION, PROD, ROLE, grant

BOUNDARY = f"arn:aws:iam::{PROD}:policy/edge"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
FULL = grant(
    description=DESCRIPTION,
    role=f"arn:aws:iam::{PROD}:role/ops/{ROLE}",
    policy_arns=(READ_ONLY,),
    boundary=BOUNDARY,
    create_group=True,
    self_read=True,
)


def operations(script: str) -> list[str]:
    return re.findall(r"\baws (?:iam|sts) ([a-z-]+)", script)


def one_file(wanted: Wanted, side: Side, end: str, *, adopt: bool = False) -> str:
    (found,) = (text for name, text in render_cli.files(wanted, side, adopt=adopt).items() if name.endswith(end))
    return found


OF_ROLE = [
    "get-caller-identity",
    "get-role",
    "update-assume-role-policy",
    "update-role",
    "put-role-permissions-boundary",
    "create-role",
    "put-role-policy",
    "attach-role-policy",
]
OF_GROUP = [
    "get-caller-identity",
    "get-group",
    "create-group",
    "put-group-policy",
    "put-group-policy",
    "add-user-to-group",
]


@pytest.mark.parametrize("end", [".sh", ".ps1"])
def test_both_shells_run_the_same_calls_in_the_order_of_a_grant(end: str) -> None:
    assert operations(one_file(FULL, Side.ROLE, end)) == OF_ROLE
    assert operations(one_file(FULL, Side.CALLER, end)) == OF_GROUP
    adopting = operations(one_file(FULL, Side.ROLE, end, adopt=True))
    assert [one for one in adopting if one not in OF_ROLE] == ["tag-role"]
    user = grant(group="", members=(), user="ops/David")
    assert operations(one_file(user, Side.CALLER, end)) == ["get-caller-identity", "put-user-policy"]
    assert "--user-name" in one_file(user, Side.CALLER, end)


def test_text_is_the_same_calls_with_the_documents_in_them() -> None:
    for side, calls in ((Side.ROLE, OF_ROLE), (Side.CALLER, OF_GROUP)):
        text = render_cli.text(FULL, side)
        assert operations(text) == calls
        assert "file://" not in text
        assert text.startswith("(\nset -eu\n")
        assert text.endswith("\n)\n")


def test_every_document_is_beside_the_commands_and_is_read_by_them() -> None:
    for side in Side:
        found = dict(render_cli.files(FULL, side, adopt=True))
        posix, powershell = found.pop(f"{side.value}-{ROLE}.sh"), found.pop(f"{side.value}-{ROLE}.ps1")
        assert list(render_cli.files(FULL, side, adopt=True))[-2:] == [
            f"{side.value}-{ROLE}{end}" for end in (".sh", ".ps1")
        ]
        for name, text in found.items():
            assert text.isascii()
            json.loads(text)
            assert f" file://{name}" in posix
            assert f'"file://$PSScriptRoot/{name}"' in powershell
        assert posix.count("file://") == powershell.count("file://")
        assert posix.isascii()
        assert powershell.isascii()


def test_documents_are_those_of_the_grant() -> None:
    found = render_cli.files(FULL, Side.ROLE)
    assert load(found[f"prod-{ROLE}.trust.json"]) == FULL.role.trust
    assert load(found[f"prod-{ROLE}.policy.credhelper-buckets.json"]) == FULL.role.inline["credhelper-buckets"]
    made = json.loads(found[f"prod-{ROLE}.create.json"])
    assert made == {
        "Path": "/ops/",
        "MaxSessionDuration": 3600,
        "Description": DESCRIPTION,
        "PermissionsBoundary": BOUNDARY,
        "Tags": [{"Key": "credhelper:grant", "Value": FULL.name}],
    }
    assert json.loads(found[f"prod-{ROLE}.update.json"]) == {"MaxSessionDuration": 3600, "Description": DESCRIPTION}


# It notes its words; no role and no group is there.
_AWS = """#!/bin/sh
for word; do printf '%s\\0' "$word"; done >>"$CALLS"; printf '\\n\\0' >>"$CALLS"
case "$2" in
  get-caller-identity) echo "$ACCOUNT" ;;
  get-*) exit 254 ;;
esac
"""


def calls(script: str, account: str, directory: Path, shell: str = "/bin/sh") -> list[dict[str, str]]:
    """Return the options of each call that a shell makes of a text, as a parser of options takes them."""
    program, noted = directory / "aws", directory / "calls"
    program.write_text(_AWS)
    program.chmod(0o700)
    noted.write_text("")
    environ = {"PATH": f"{directory}{os.pathsep}{os.defpath}", "CALLS": str(noted), "ACCOUNT": account}
    subprocess.run([shell], input=script, text=True, env=environ, check=True, timeout=60)
    found = []
    for words in noted.read_text().split("\n\0")[:-1]:
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        parser.add_argument("service")
        parser.add_argument("operation")
        for option in OPTIONS:
            parser.add_argument(f"--{option}")
        given = vars(parser.parse_args(words.split("\0")[:-1]))
        found.append({key: value for key, value in given.items() if value is not None})
    return found


OPTIONS = (
    *("query", "output", "cli-input-json", "assume-role-policy-document", "policy-document", "policy-arn"),
    *("role-name", "group-name", "user-name", "policy-name", "permissions-boundary"),
)
# Names that IAM takes, and that are options, numbers, or more than one word for a shell or the AWS CLI.
NAMES = ("-x", "--help", "1e3", "a,b=c@d+e.f", "if", "a--b", "@x", "0x10", "-", "=")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word(tmp_path: Path, name: str) -> None:
    odd = grant(role=f"arn:aws:iam::{PROD}:role/{name}", group=name, members=(name,), policy_name=name)
    made = calls(render_cli.text(odd, Side.ROLE), PROD, tmp_path)
    assert [one["operation"] for one in made] == ["get-caller-identity", "get-role", "create-role", "put-role-policy"]
    assert [one["role_name"] for one in made[1:]] == [name] * 3
    made = calls(render_cli.text(odd, Side.CALLER), ACC, tmp_path)
    assert [one["operation"] for one in made[1:]] == ["put-group-policy", "add-user-to-group"]
    assert [one["group_name"] for one in made[1:]] == [name] * 2
    assert (made[1]["policy_name"], made[2]["user_name"]) == (name, name)
    for side in Side:
        lines = [line for line in one_file(odd, side, ".ps1").splitlines() if line.lstrip().startswith("aws ")]
        words = {word for line in lines for word in line.split()}
        if re.fullmatch("[a-z-]+", name) and not name.startswith("-"):
            assert name in words
        else:
            assert name not in words
            assert {f"'{name}'", f"'--role-name={name}'", f"'--group-name={name}'"} & words


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "zsh", "ksh"])
def test_documents_reach_the_aws_cli_as_they_are(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    made = {one["operation"]: one for one in calls(render_cli.text(FULL, Side.ROLE), PROD, tmp_path, program)}
    assert json.loads(made["create-role"]["cli_input_json"])["Description"] == DESCRIPTION
    assert load(made["create-role"]["assume_role_policy_document"]) == FULL.role.trust
    assert load(made["put-role-policy"]["policy_document"]) == FULL.role.inline["credhelper-buckets"]
    assert made["attach-role-policy"]["policy_arn"] == READ_ONLY


def test_a_pasted_text_recalls_no_command_of_the_history(tmp_path: Path) -> None:
    loud = grant(description="!rm !! it!", buckets=("bucket-01/!x/",))
    text = render_cli.text(loud, Side.ROLE)
    assert [line for line in text.splitlines() if "!" in line.replace("!=", "").replace("if !", "")] == []
    made = {one["operation"]: one for one in calls(text, PROD, tmp_path)}
    assert json.loads(made["create-role"]["cli_input_json"])["Description"] == "!rm !! it!"
    assert load(made["put-role-policy"]["policy_document"]) == loud.role.inline["credhelper-buckets"]


def test_a_role_of_another_is_looked_at_with_its_path_and_tag() -> None:
    for end in (".sh", ".ps1"):
        own, adopting = (one_file(FULL, Side.ROLE, end, adopt=adopt) for adopt in (False, True))
        assert f"'{FULL.role.arn} {FULL.name}'" in own
        assert FULL.name not in adopting
        assert "-ne 'arn:" not in own  # which takes two names that differ in case for one
        assert str(FULL.role.arn) in adopting
