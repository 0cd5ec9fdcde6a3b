"""A template has the whole half, in an order, and nothing that CloudFormation would read as its own."""

import json
from typing import Any

import pytest

from credhelper.errors import InputError
from credhelper.grant import render_cloudformation
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import parse
from fakes.story_grant import ACC, DESCRIPTION, PROD, ROLE, grant


def template(wanted: Wanted, side: Side) -> dict[str, Any]:
    ((name, text),) = render_cloudformation.files(wanted, side).items()
    assert name == f"{side.value}-{ROLE}.cloudformation.json"
    found: dict[str, Any] = json.loads(text)
    return found


def own(**statement: object) -> str:
    fields = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": fields})


def test_role_has_all_that_is_wanted_and_nothing_empty() -> None:
    wanted = grant(
        description=DESCRIPTION,
        boundary=f"arn:aws:iam::{PROD}:policy/edge",
        policy_arns=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
        max_session=7200,
    )
    found = template(wanted, Side.ROLE)
    role = found["Resources"]["Role"]["Properties"]
    assert parse(role.pop("AssumeRolePolicyDocument")) == wanted.role.trust
    assert [parse(one["PolicyDocument"]) for one in role.pop("Policies")] == list(wanted.role.inline.values())
    assert role == {
        "RoleName": ROLE,
        "Path": "/",
        "Description": DESCRIPTION,
        "MaxSessionDuration": 7200,
        "PermissionsBoundary": f"arn:aws:iam::{PROD}:policy/edge",
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        "Tags": [{"Key": "credhelper:grant", "Value": wanted.name}],
    }
    plain = template(grant(), Side.ROLE)["Resources"]["Role"]["Properties"]
    assert {"Description", "PermissionsBoundary", "ManagedPolicyArns"}.isdisjoint(plain)


def test_all_resources_are_for_the_account_of_the_half() -> None:
    for side, account in ((Side.ROLE, PROD), (Side.CALLER, ACC)):
        found = template(grant(create_group=True), side)
        assert found["Conditions"] == {"InItsAccount": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, account]}}
        assert {one["Condition"] for one in found["Resources"].values()} == {"InItsAccount"}


def test_group_comes_before_its_policies_and_these_before_members() -> None:
    found = template(grant(create_group=True, self_read=True), Side.CALLER)["Resources"]
    assert list(found) == ["Group", "Policy1", "Policy2", "Members"]
    assert found["Policy1"]["Properties"]["Groups"] == [{"Ref": "Group"}]
    assert found["Members"]["DependsOn"] == ["Policy1", "Policy2"]
    found = template(grant(members=()), Side.CALLER)["Resources"]
    assert list(found) == ["Policy1"]
    assert found["Policy1"]["Properties"]["Groups"] == ["DevGroup"]
    found = template(grant(group="", members=(), user="David"), Side.CALLER)["Resources"]
    assert found["Policy1"]["Properties"]["Users"] == ["David"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalTag/x": "{{resolve:ssm:name}}"}},
        {"StringEquals": {"aws:PrincipalTag/x": ["a", "b{{resolve:secretsmanager:s}}"]}},
        {"StringEquals": {"{{resolve:ssm:name}}": "x"}},
        {"StringEquals": {"Ref": "AWS::AccountId"}},
        {"StringEquals": {"Fn::Sub": "x"}},
        {"StringEquals": {"Fn::Transform": "x"}},
        {"StringEquals": {"Condition": "InItsAccount"}},
    ],
)
def test_what_cloudformation_would_read_as_its_own_is_refused(condition: object) -> None:
    wanted = grant(policies=(("own", own(Condition=condition)),))
    with pytest.raises(InputError, match="CloudFormation"):
        render_cloudformation.files(wanted, Side.ROLE)
    render_cloudformation.files(wanted, Side.CALLER)


def test_reference_in_a_description_is_refused() -> None:
    with pytest.raises(InputError, match="CloudFormation"):
        render_cloudformation.files(grant(description="{{resolve:ssm:name}}"), Side.ROLE)


def test_policy_variables_are_plain_text_in_a_template() -> None:
    wanted = grant(policies=(("own", own(Resource="arn:aws:s3:::b/${aws:username}/*")),))
    found = template(wanted, Side.ROLE)["Resources"]["Role"]["Properties"]["Policies"][1]
    assert found["PolicyDocument"]["Statement"][0]["Resource"] == "arn:aws:s3:::b/${aws:username}/*"


def test_longest_policy_is_in_a_template_that_needs_no_bucket() -> None:
    statement = {"Effect": "Allow", "Action": ["*"] * 2500, "Resource": "*"}
    longest = grant(buckets=(), policies=(("own", json.dumps({"Version": "2012-10-17", "Statement": statement})),))
    ((_, text),) = render_cloudformation.files(longest, Side.ROLE).items()
    assert len(text) < 51_200
    assert len(json.dumps(json.loads(text), indent=2)) > 51_200
    document = template(longest, Side.ROLE)["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]
    assert parse(document) == longest.role.inline["own"]
