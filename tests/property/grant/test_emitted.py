"""What leaves the program, for cfn-lint, parliament and Terraform itself where it is installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from credhelper.grant import render_cloudformation, render_json
from credhelper.grant.change import Side
from credhelper.grant.quoting import terraform
from credhelper.grant.wanted import Wanted
from fakes import template_reader
from fakes.linters import cfn_lint, parliament
from fakes.story_grant import DESCRIPTION, PROD, grant

KEY = f"arn:aws:kms:eu-west-1:{PROD}:key/01234567-89ab-cdef-0123-456789abcdef"
GRANTS = {
    "story": grant(),
    "all": grant(
        description=DESCRIPTION,
        boundary=f"arn:aws:iam::{PROD}:policy/edge",
        policy_arns=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
        buckets=("bucket-01", "bucket-02/data/"),
        access="write",
        kms_keys=(KEY,),
        external_id="id-0123",
        require_mfa=True,
        source_identity="david",
        source_ips=("203.0.113.0/24",),
        org_id="o-abcdefghij",
        principal_tags=("team=data",),
        pin_members=True,
        create_group=True,
        self_read=True,
        max_session=43200,
    ),
    "user": grant(group="", members=(), user="David", access="list", self_read=True),
    "cn": grant(role=f"arn:aws-cn:iam::{PROD}:role/reader"),
}


def templates(wanted: Wanted) -> dict[str, str]:
    return {name: text for side in Side for name, text in render_cloudformation.files(wanted, side).items()}


def test_cfn_lint_finds_nothing_in_any_template(tmp_path: Path) -> None:
    paths = []
    for number, wanted in enumerate(GRANTS.values()):
        for name, text in templates(wanted).items():
            paths.append(tmp_path / f"{number}-{name}")
            paths[-1].write_text(text)
    assert len(paths) == 2 * len(GRANTS)
    assert cfn_lint(*paths) == (0, "")


def test_cfn_lint_would_find_a_mistake(tmp_path: Path) -> None:
    template = json.loads("".join(render_cloudformation.files(grant(), Side.CALLER).values()))
    template["Resources"]["Members"]["DependsOn"] = ["Policy2"]
    (tmp_path / "wrong.json").write_text(json.dumps(template))
    code, found = cfn_lint(tmp_path / "wrong.json")
    assert code
    assert "Policy2" in found


def test_parliament_finds_nothing_in_any_policy() -> None:
    texts = [
        text
        for wanted in GRANTS.values()
        for side in Side
        for name, text in render_json.files(wanted, side).items()
        if not name.endswith(".trust.json")
    ]
    assert len(texts) > len(GRANTS)
    assert parliament(texts) == ""


TEXTS = (
    *("${aws:username}", "$${x}", "$$${x}", "%{if x}", "%%{x}", "${$}{q}", "$%{x}", "%${x}", "$x %y $$x $", "$", "${"),
    *("a\\b\"c'd`e\nf\tg", '${"a"}', "%{ for a in b ~}", DESCRIPTION, "\u00e9\u2019\U0001f600"),
)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_and_the_small_reader_read_every_text_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "rc").write_text("")
    (tmp_path / "x.tf.json").write_text(json.dumps({"locals": {"texts": [terraform(text) for text in TEXTS]}}))
    done = subprocess.run(
        [shutil.which("terraform") or "", "console"],
        input="jsonencode(local.texts)\n",
        cwd=tmp_path,
        env={
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(tmp_path / "rc"),
            "CHECKPOINT_DISABLE": "1",
            "TF_DATA_DIR": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    read: list[Any] = json.loads(json.loads(done.stdout))  # the console shows a text as a literal of its own
    assert read == list(TEXTS)
    assert [template_reader.read(terraform(text)) for text in TEXTS] == read
