"""What AWS names in a refusal is what the explanation is about: each kind of policy, explicit or not, with its ARN."""

import json
import shlex
from typing import Any

import pytest

from credhelper.aws.explain import sts
from credhelper.aws.explain.facts import Call
from credhelper.errors import AwsError, CredhelperError
from credhelper.model.role_request import RoleRequest
from credhelper.policy.denial import Kind
from credhelper.system.machine import WINDOWS, Machine

ROLE = "arn:aws:iam::222222222222:role/reader"
USER = "arn:aws:iam::111111111111:user/David"
SESSION = "arn:aws:sts::111111111111:assumed-role/ops/david"
SCP = "arn:aws:organizations::333333333333:policy/o-abcdefghij/service_control_policy/p-abcdefgh"


def refused(said: str, *, user: str = USER, action: str = "sts:AssumeRole", **changes: Any) -> CredhelperError:
    sent = changes.pop("sent", {})
    fields: dict[str, Any] = {
        "request": RoleRequest(role_arn=ROLE, duration_seconds=3600, region="eu-west-1", partition="aws", **sent),
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "is_session": False,
        "has_token_code": False,
        "now_s": 0.0,
        "profile": "prod-s3",
        "source": "acc",
        "machine": Machine(),
        **changes,
    }
    message = f"User: {user} is not authorized to perform: {action} on resource: {ROLE}{said}"
    return sts.explain({"Error": {"Code": "AccessDenied", "Message": message}}, Call(**fields))


def no_allow(kind: Kind, action: str = "sts:AssumeRole") -> str:
    return f" because no {kind.value} allows the {action} action"


@pytest.mark.parametrize(
    ("kind", "cause", "hint"),
    [
        (Kind.IDENTITY, f"no policy of {USER} allows sts:AssumeRole on {ROLE}", "aws iam put-user-policy"),
        (Kind.RESOURCE, f"the trust policy of {ROLE} does not let {USER} in", "aws iam get-role --role-name reader"),
        (Kind.TRUST, f"the trust policy of {ROLE} does not let {USER} in", "aws iam get-role --role-name reader"),
        (Kind.BOUNDARY, f"the permissions boundary of {USER} does not allow sts:AssumeRole", "in the boundary"),
        (Kind.SESSION, f"the session policy of {USER} does not allow", "came with the source credentials"),
        (
            Kind.SCP,
            f"no service control policy of the caller's organization allows {USER} sts:AssumeRole",
            "organization",
        ),
        (Kind.RCP, "no resource control policy of account 222222222222's organization allows", "that organization"),
        (
            Kind.VPC_ENDPOINT,
            "the policy of the VPC endpoint for STS does not allow",
            "describe-vpc-endpoints --region eu-west-1",
        ),
    ],
)
def test_missing_allow_is_looked_for_where_aws_says_that_it_is_missing(kind: Kind, cause: str, hint: str) -> None:
    error = refused(no_allow(kind))
    assert isinstance(error, AwsError)
    assert error.message.startswith(cause)
    assert hint in error.hint
    assert ("trust policy" in error.hint) is (kind in (Kind.RESOURCE, Kind.TRUST))


@pytest.mark.parametrize("kind", list(Kind))
def test_explicit_deny_names_its_policy(kind: Kind) -> None:
    error = refused(f" with an explicit deny in a {kind.value}")
    assert error.message == f"{USER} is denied sts:AssumeRole on {ROLE} by an explicit deny in {kind}"
    assert refused(f" with an explicit deny in a {kind.value}: {SCP}").message.endswith(f"in {kind} {SCP}")


def test_cause_of_a_deny_through_an_endpoint_is_its_policy() -> None:
    error = refused(" with an explicit deny in a resource-based policy transitively through a VPC endpoint policy")
    assert error.message.endswith("by an explicit deny in a VPC endpoint policy")


def test_arn_of_a_policy_at_the_end_of_a_long_sentence_is_there() -> None:
    user = f"arn:aws:iam::111111111111:user/{'path/' * 45}David"
    error = refused(f" with an explicit deny in a service control policy: {SCP}", user=user)
    assert error.message.endswith(SCP)
    assert user in error.message


@pytest.mark.parametrize("kind", [Kind.BOUNDARY, Kind.SESSION, Kind.SCP, Kind.RCP, Kind.VPC_ENDPOINT])
def test_arn_of_a_policy_is_shown_for_a_missing_allow(kind: Kind) -> None:
    assert f" {SCP} " in refused(f"{no_allow(kind)}: {SCP}").message


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity"])
def test_other_actions_are_sought_in_the_trust_policy_unless_aws_names_another(action: str) -> None:
    for said in ("", no_allow(Kind.TRUST, action), no_allow(Kind.RESOURCE, action)):
        assert "trust policy" in refused(said, action=action).hint
    assert refused(no_allow(Kind.SCP, action), action=action).message.startswith("no service control policy")
    error = refused(no_allow(Kind.IDENTITY, action), action=action)
    assert error.message.startswith(f"no policy of {USER} allows {action}")
    assert action in error.hint


@pytest.mark.parametrize(
    ("user", "command"),
    [
        (USER, "aws iam put-user-policy --user-name David"),
        (SESSION, "aws iam put-role-policy --role-name ops"),
        ("arn:aws:iam::111111111111:user/team/a,b@c", "aws iam put-user-policy --user-name a,b@c"),
    ],
)
def test_command_that_allows_it_is_whole(user: str, command: str) -> None:
    hint = refused(no_allow(Kind.IDENTITY), user=user).hint
    assert hint.startswith(f"allow it: {command} --policy-name assume-reader --policy-document ")
    words = shlex.split(hint.partition(": ")[2].partition("; ")[0])
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}
    assert json.loads(words[-1]) == {"Version": "2012-10-17", "Statement": [statement]}
    assert len(words) == 9


def test_permission_set_is_changed_in_identity_center() -> None:
    user = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Read-Only_0123456789abcdef/david"
    hint = refused(no_allow(Kind.IDENTITY), user=user).hint
    allow = f"allow sts:AssumeRole on {ROLE} in the permission set Read-Only of IAM Identity Center"
    assert hint == f"{allow}; what is allowed now: credhelper doctor prod-s3"


@pytest.mark.parametrize(("user", "who"), [(USER, "user David"), (SESSION, "role ops")])
def test_windows_gets_the_document_for_a_file(user: str, who: str) -> None:
    hint = refused(no_allow(Kind.IDENTITY), user=user, machine=Machine(platform=WINDOWS)).hint
    kind, _, name = who.partition(" ")
    assert hint.startswith(f"allow it: aws iam put-{kind}-policy --{kind}-name {name} ")
    assert hint.partition(" --policy-document ")[2].startswith(
        'file://policy.json, with this in policy.json: {"Version"'
    )


@pytest.mark.parametrize(
    ("sent", "has_code", "named"),
    [
        ({}, False, " (which may ask for MFA or an external ID or a source identity: not sent)"),
        ({"external_id": "id"}, True, " (which may ask for a source identity: not sent)"),
        ({"external_id": "id", "source_identity": "x"}, True, " and a policy"),
    ],
)
def test_without_a_reason_the_trust_policy_comes_first_with_what_was_not_sent(
    sent: dict[str, str], has_code: bool, named: str
) -> None:
    error = refused("", sent=sent, has_token_code=has_code)
    assert error.message.startswith(f"{USER} may not assume {ROLE} (")
    assert f"then check its trust policy{named}" in error.hint


@pytest.mark.parametrize("arn", ["arn:aws:iam::111111111111:policy/$(id)", "hunt3r2", "arn:aws:s3:::b"])
def test_what_is_no_arn_of_a_policy_is_not_shown(arn: str) -> None:
    error = refused(f" with an explicit deny in a service control policy: {arn}")
    assert error.message.endswith("in a service control policy") or error.message.endswith("policy/")
    assert "id)" not in error.message


@pytest.mark.parametrize("kind", Kind)
def test_deny_is_lifted_by_whom_the_page_names_for_its_cause(kind: Kind) -> None:
    error = refused(f" with an explicit deny in {kind}")
    whose = {
        Kind.SESSION: "the session policy came with the source credentials",
        Kind.SCP: "an administrator of the organization",
        Kind.RCP: "an administrator of account 222222222222's organization",
        Kind.VPC_ENDPOINT: "an administrator of this network",
    }
    assert error.hint.startswith(whose.get(kind, "an administrator has to lift it"))
    # Only what `doctor` can find out more about.
    assert error.hint.endswith("which statement it is: credhelper doctor prod-s3") is (kind not in whose)
