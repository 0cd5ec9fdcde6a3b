"""Terraform reads in each text what the grant wants, and in each reference a resource of the same file."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from credhelper.grant import render_terraform
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import load
from fakes import template_reader
from fakes.story_grant import ACC, DESCRIPTION, PROD, ROLE, grant

TRAP = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/${aws:username}/*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/x": "%{ if true } $${y} ${$} \"'`"}},
        },
    }
)
FULL = grant(
    description=DESCRIPTION,
    boundary=f"arn:aws:iam::{PROD}:policy/edge",
    policy_arns=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
    policies=(("own", TRAP), ("a.b", TRAP), ("a,b", TRAP)),
    create_group=True,
    self_read=True,
    members=("David", "Eve.1", "Eve,1"),
)


def configuration(wanted: Wanted, side: Side) -> dict[str, Any]:
    ((name, text),) = render_terraform.files(wanted, side).items()
    assert name == f"{side.value}-{ROLE}.tf.json"
    found: dict[str, Any] = json.loads(text)
    return found


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(key)
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_role_is_what_is_wanted() -> None:
    found = configuration(FULL, Side.ROLE)["resource"]
    (role,) = found["aws_iam_role"].values()
    read = {key: template_reader.read(value) for key, value in role.items() if isinstance(value, str)}
    assert load(read.pop("assume_role_policy")) == FULL.role.trust
    assert read == {
        "name": ROLE,
        "path": "/",
        "description": DESCRIPTION,
        "permissions_boundary": f"arn:aws:iam::{PROD}:policy/edge",
    }
    assert role["max_session_duration"] == 3600
    assert role["tags"] == {"credhelper:grant": FULL.name}
    policies = found["aws_iam_role_policy"].values()
    documents = {template_reader.read(one["name"]): load(template_reader.read(one["policy"])) for one in policies}
    assert documents == FULL.role.inline
    (attached,) = found["aws_iam_role_policy_attachment"].values()
    assert attached["policy_arn"] == "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def test_holder_is_what_is_wanted() -> None:
    found = configuration(FULL, Side.CALLER)["resource"]
    policies = found["aws_iam_group_policy"].values()
    documents = {template_reader.read(one["name"]): load(template_reader.read(one["policy"])) for one in policies}
    assert documents == FULL.holder.inline
    members = found["aws_iam_user_group_membership"].values()
    assert [one["user"] for one in members] == ["David", "Eve.1", "Eve,1"]
    # Not aws_iam_group_membership, which takes all other members away.
    assert "aws_iam_group_membership" not in found
    assert all(len(one["depends_on"]) == 2 for one in members)
    found = configuration(grant(group="", members=(), user="David"), Side.CALLER)["resource"]
    (policy,) = found["aws_iam_user_policy"].values()
    assert policy["user"] == "David"


@pytest.mark.parametrize("wanted", [FULL, grant(), grant(group="", members=(), user="David")])
def test_every_reference_is_to_a_resource_of_the_file_or_to_the_account(wanted: Wanted) -> None:
    for side, account in ((Side.ROLE, PROD), (Side.CALLER, ACC)):
        found = configuration(wanted, side)
        known = {f"{kind}.{label}" for kind, labels in found["resource"].items() for label in labels}
        (whose,) = found["data"]["aws_caller_identity"]
        check = f'${{data.aws_caller_identity.{whose}.account_id == "{account}"}}'
        for text in texts(found):
            reference = template_reader.REFERENCE.fullmatch(text)
            if reference is not None:
                assert f"{reference[1]}.{reference[2]}" in known
            elif text != check:
                template_reader.read(text)
        for kind, labels in found["resource"].items():
            for label, fields in labels.items():
                assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", label)
                assert set(fields.get("depends_on", ())) <= known
                refers = any(template_reader.REFERENCE.fullmatch(text) for text in texts(fields))
                assert ("lifecycle" in fields) or refers or "depends_on" in fields, kind
                if "lifecycle" in fields:
                    assert fields["lifecycle"]["precondition"]["condition"] == check


def test_files_of_both_halves_and_of_two_grants_are_one_configuration() -> None:
    other = grant(role=f"arn:aws:iam::{PROD}:role/other.role")
    seen: set[str] = set()
    for wanted in (FULL, other):
        for side in Side:
            ((_, text),) = render_terraform.files(wanted, side).items()
            found = json.loads(text)
            labels = {
                f"{block}.{kind}.{label}"
                for block in ("data", "resource")
                for kind, of_kind in found[block].items()
                for label in of_kind
            }
            assert seen.isdisjoint(labels)
            seen |= labels
            assert set(found) == {"//", "terraform", "data", "resource"}
            assert set(found["terraform"]) == {"required_version"}  # a second list of providers is an error
