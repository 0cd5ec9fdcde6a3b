"""What exists as a file: the five steps made by hand, and what a grant made itself."""

import json
from dataclasses import replace

import pytest

from credhelper.grant import understood
from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.grant_file import parse, render
from credhelper.grant.names import TAG
from credhelper.grant.options import Options
from credhelper.grant.plan import Plan, plan
from credhelper.grant.wanted import wanted
from credhelper.policy.document import Document, load
from fakes.grant_story import written

ACC, PROD = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{PROD}:role/acc-to-read-prod-s3-bucket"
DAVID = f"arn:aws:iam::{ACC}:user/David"
FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
BY_NAME = "allow-assume-S3-role-in-prod"


def document(*statements: object) -> Document:
    return load(json.dumps({"Version": "2012-10-17", "Statement": statements}))


def trust(principal: object = f"arn:aws:iam::{ACC}:root", **condition: object) -> Document:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return document({**statement, "Condition": condition} if condition else statement)


def right(resource: object = ROLE) -> Document:
    return document({"Sid": "VisualEditor0", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource})


BY_HAND = FoundRole(arn=ROLE, trust=trust(), max_session_s=3600, attached=(FULL,))
GROUP = FoundHolder(
    kind="group",
    name="DevGroup",
    arn=f"arn:aws:iam::{ACC}:group/DevGroup",
    inline={BY_NAME: right()},
    members=("David",),
)


def found(role: FoundRole = BY_HAND, holder: FoundHolder = GROUP) -> Found:
    return Found(is_role_side_read=True, is_caller_side_read=True, role=role, holder=holder, users=(DAVID,))


def planned(options: Options, there: Found, *, adopt: bool = False, prune: bool = False) -> Plan:
    return plan(wanted(options), there, adopt=adopt, prune=prune)


def test_five_steps_made_by_hand_become_a_file_that_plans_to_no_changes() -> None:
    made = understood.options(BY_HAND, GROUP)
    assert made.notices == ()
    assert render(made.options) == (
        f'role = "{ROLE}"\nacc = "{ACC}"\ngroup = "DevGroup"\nmember = ["David"]\n'
        f'policy_arn = ["{FULL}"]\npolicy_name = "{BY_NAME}"\n'
    )
    again = planned(parse(render(made.options)), found())
    assert (again.changes, again.refusals) == ((), ())
    warnings = [one.code for one in again.notices if one.severity.value == "warning"]
    assert warnings == ["managed-too-broad"]


def test_file_with_access_read_plans_the_narrowing_with_adopt_and_prune_only() -> None:
    read = replace(understood.options(BY_HAND, GROUP).options, policy_arns=(), buckets=("list-prod-bkt-details-01",))
    made = planned(read, found(), adopt=True, prune=True)
    assert [one.operation for one in made.writes] == ["TagRole", "DetachRolePolicy", "PutRolePolicy"]
    assert made.refusals == ()
    without = planned(read, found())
    assert "--adopt" in without.refusals[0]
    assert [one.title for one in without.changes if not one.operation] == ["managed policy AmazonS3FullAccess"]
    adopted = planned(read, found(), adopt=True)
    assert [one.operation for one in adopted.writes] == ["TagRole", "PutRolePolicy"]
    assert [one.title for one in adopted.changes if not one.operation] == ["managed policy AmazonS3FullAccess"]
    assert "managed-too-broad" in [one.code for one in adopted.notices]


TRUSTS = [
    trust(),
    trust(ACC),
    trust(DAVID),
    trust([DAVID, f"arn:aws:iam::{ACC}:root"]),
    trust("333333333333"),
    trust(Bool={"aws:MultiFactorAuthPresent": "true"}),
    trust(StringEquals={"sts:ExternalId": "blue", "aws:PrincipalOrgID": "o-abcdefghij", "aws:PrincipalTag/Team": "d"}),
    trust(IpAddress={"aws:SourceIp": ["8.8.8.0/24", "9.9.9.9/32"]}),
    trust(ArnLike={"aws:PrincipalArn": DAVID}),
    trust("*", StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
]
OF_A_SERVICE = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
BUCKET = "arn:aws:s3:::list-prod-bkt-details-01"
READ = document(
    {"Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": [BUCKET]},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"},
    {"Effect": "Allow", "Action": "s3:getobjecttagging", "Resource": f"{BUCKET}/*"},
)


@pytest.mark.parametrize("number", range(len(TRUSTS)))
def test_trust_made_by_hand_is_read_as_options(number: int) -> None:
    role = replace(BY_HAND, trust=TRUSTS[number], max_session_s=7200, description="by 'hand'")
    made = understood.options(role, GROUP, given=Options(acc=ACC))
    assert made.notices == ()
    assert planned(parse(render(made.options)), found(role)).changes == ()


@pytest.mark.parametrize("number", range(len(TRUSTS)))
def test_trust_of_a_users_grant_is_read_as_options(number: int) -> None:
    role = replace(BY_HAND, trust=TRUSTS[number])
    user = FoundHolder(kind="user", name="David", arn=DAVID, inline={"x": right()})
    made = understood.options(role, user)
    assert made.notices == ()
    assert planned(parse(render(made.options)), found(role, user)).changes == ()


def test_bucket_policy_under_another_name_is_read_as_a_bucket_and_others_as_they_are() -> None:
    other = document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    role = replace(BY_HAND, attached=(), inline={"more": other, "by-hand": READ})
    made = understood.options(role, GROUP)
    assert (made.options.buckets, made.options.access) == (("list-prod-bkt-details-01",), "read")
    assert [name for name, _ in made.options.policies] == ["more"]
    assert planned(parse(render(made.options)), found(role)).changes == ()


def test_right_among_others_is_enough_and_stays() -> None:
    group = replace(GROUP, inline={"roles": right([ROLE, f"arn:aws:iam::{PROD}:role/other"])})
    made = understood.options(BY_HAND, group)
    assert planned(made.options, found(holder=group)).changes == ()


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (replace(BY_HAND, trust=trust("*")), "not-a-grant"),
        (replace(BY_HAND, trust=trust(IpAddress={"aws:SourceIp": "10.0.0.0/8"})), "not-a-grant"),
        (replace(BY_HAND, trust=trust(DateLessThan={"aws:CurrentTime": "2030-01-01"})), "trust-not-understood"),
        (
            replace(BY_HAND, trust=OF_A_SERVICE),
            "trust-not-understood",
        ),
    ],
)
def test_what_no_option_says_is_told(role: FoundRole, code: str) -> None:
    assert [one.code for one in understood.options(role, GROUP).notices] == [code]


def test_holder_without_the_right_is_told() -> None:
    made = understood.options(BY_HAND, replace(GROUP, inline={}))
    assert [one.code for one in made.notices] == ["no-right"]


GRANTS = [
    Options(group="DevGroup", members=("David",), buckets=("bucket-one", "bucket-two/team/x"), access="write"),
    Options(group="DevGroup", members=("David",), buckets=("bucket-one/a", "bucket-one/b"), access="list"),
    Options(user="David", buckets=("bucket-one",), require_mfa=True, external_id="blue", self_read=True),
    Options(group="DevGroup", members=("David",), pin_members=True, source_identity="david", max_session=7200),
    Options(
        group="DevGroup",
        self_read=True,
        policy_name="by-name",
        trust=(DAVID,),
        principal_tags=("team=data", "Cost Center=a=b"),
        description="for \"the\" $HOME `team`",
        buckets=("bucket-one",),
        kms_keys=("arn:aws:kms:eu-central-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",),
        policies=(("own", json.dumps({"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}})),),
        boundary=FULL,
        source_ips=("8.8.8.0/24",),
        org_id="o-abcdefghij",
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(GRANTS)))
def test_what_a_grant_made_is_shown_as_the_same_grant(number: int) -> None:
    options = replace(GRANTS[number], role=ROLE, acc=ACC)
    kind, name = ("user", options.user) if options.user else ("group", options.group)
    there = replace(found(holder=FoundHolder(kind=kind, name=name, arn=f"arn:aws:iam::{ACC}:{kind}/{name}")), role=None)
    there = written(there, planned(options, there).writes)
    assert there.role is not None
    assert there.role.tags == {TAG: f"{ACC}/{kind}/{name}"}
    made = understood.options(there.role, there.holder)
    assert made.notices == ()
    again = planned(parse(render(made.options)), there)
    assert (again.changes, again.refusals) == ((), ())
    assert wanted(made.options).role.trust == wanted(options).role.trust
