"""Taking a grant back: the holder's right, then members, then the role; and what stays."""

from dataclasses import replace

import pytest

from credhelper.grant import removal
from credhelper.grant.found import Found
from credhelper.grant.names import TAG, names
from credhelper.grant.plan import Plan
from fakes import grant_story as story
from fakes.grant_story import ACC, DEVGROUP, FULL, PROD, RIGHT, ROLE, STORY, allowing, codes, document, made, trusting


def removed(found: Found, *, members: bool = False, create_group: bool = False) -> Plan:
    return removal.plan(names(replace(STORY, create_group=create_group)), found, members=members)


def test_right_of_the_holder_goes_first_and_the_role_last() -> None:
    found, role, _ = made(replace(STORY, policy_arns=(FULL,)))
    made_of = removed(found, members=True)
    assert story.operations(made_of) == [
        "DeleteGroupPolicy",
        "RemoveUserFromGroup",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "DeleteRole",
    ]
    left = story.written(found, made_of.writes)
    assert (left.role, left.holder) == (None, DEVGROUP)
    assert removed(left, members=True) == Plan()
    assert role.arn == ROLE


def test_members_stay_where_nothing_is_said_of_them() -> None:
    found, _, _ = made()
    left = story.written(found, removed(found).writes)
    assert left.holder is not None
    assert left.holder.members == ("David",)


def test_only_the_named_members_leave() -> None:
    found, _, holder = made()
    found = replace(found, holder=replace(holder, members=("David", "Eve")))
    left = story.written(found, removed(found, members=True).writes)
    assert left.holder is not None
    assert left.holder.members == ("Eve",)


def test_group_goes_only_where_the_grant_makes_it_and_nothing_else_is_in_it() -> None:
    found, _, holder = made()
    assert "DeleteGroup" not in story.operations(removed(found, members=True))
    assert story.operations(removed(found, members=True, create_group=True))[2] == "DeleteGroup"
    stays = removed(found, create_group=True)
    assert "DeleteGroup" not in story.operations(stays)
    assert "member David" in stays.notices[0].text
    for other in (
        replace(holder, members=("David", "Eve")),
        replace(holder, attached=(FULL,)),
        replace(holder, inline={**holder.inline, "other": allowing("sqs:*")}),
    ):
        stays = removed(replace(found, holder=other), members=True, create_group=True)
        assert "DeleteGroup" not in story.operations(stays)
        assert "group-stays" in codes(stays)


def test_other_rights_in_the_same_policy_stay() -> None:
    found, _, holder = made()
    more = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [ROLE, f"{ROLE}-other"]},
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": ROLE},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ROLE},
    )
    there = replace(found, holder=replace(holder, inline={"roles": more}))
    left = story.written(there, removed(there).writes)
    assert left.holder is not None
    assert left.holder.inline["roles"] == document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"{ROLE}-other"},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ROLE},
    )


def test_right_by_a_pattern_stays_and_is_told() -> None:
    found, _, holder = made()
    wide = allowing("sts:AssumeRole", f"arn:aws:iam::{PROD}:role/*")
    there = replace(found, holder=replace(holder, inline={"wide": wide}))
    taken = removed(there)
    assert "DeleteGroupPolicy" not in story.operations(taken)
    assert "wildcard-role" in codes(taken)


def test_self_read_goes_where_the_grant_has_it() -> None:
    options = replace(STORY, self_read=True)
    found, _, _ = made(options)
    left = story.written(found, removal.plan(names(options), found).writes)
    assert left.holder is not None
    assert left.holder.inline == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tags": {}}, "not made by a grant"),
        ({"tags": {TAG: f"{ACC}/group/Other"}}, "another grant"),
        ({"instance_profiles": ("web",)}, "instance profile web"),
        ({"trust": trusting([f"arn:aws:iam::{ACC}:root", "333333333333"])}, "also trusts 333333333333"),
        ({"trust": trusting("*")}, "also trusts *"),
        (
            {"trust": document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "*"})},
            "also trusts ec2.amazonaws.com",
        ),
        ({"arn": f"arn:aws:iam::{PROD}:role/x/acc-to-read-prod-s3-bucket"}, "not the one of this grant"),
    ],
)
def test_role_that_is_not_of_this_grant_alone_is_not_removed(change: dict[str, object], reason: str) -> None:
    found, role, _ = made()
    refused = removed(replace(found, role=replace(role, **change)))  # type: ignore[arg-type]  # any field by its name
    assert any(reason in one for one in refused.refusals)
    assert "DeleteRole" not in story.operations(refused)


def test_users_of_the_caller_account_and_users_that_are_gone_are_no_others() -> None:
    found, role, _ = made()
    trust = trusting([f"arn:aws:iam::{ACC}:user/Eve", ACC, "AIDAJQABLZS4A3QDU576Q"])
    assert removed(replace(found, role=replace(role, trust=trust))).refusals == ()
    third = replace(STORY, trust=("333333333333",), external_id="blue")
    found, _, _ = made(third)
    assert removal.plan(names(third), found).refusals == ()


def test_role_with_several_policies_that_are_not_known_lets_in_nothing_before_they_go() -> None:
    arns = tuple(f"arn:aws:iam::{PROD}:policy/{name}" for name in ("one", "other"))
    found, _, _ = made(replace(STORY, policy_arns=arns))
    assert story.operations(removed(found))[1:5] == [
        "UpdateAssumeRolePolicy",
        *("DeleteRolePolicy", "DetachRolePolicy", "DetachRolePolicy"),
    ]


def test_when_the_role_was_used_is_told() -> None:
    found, role, _ = made()
    used = removed(replace(found, role=replace(role, last_used="2026-11-01T00:00:00Z")))
    assert any("2026-11-01" in one.text for one in used.notices)


def test_leaving_a_group_that_denies_something_is_told() -> None:
    found, _, holder = made()
    deny = {**holder.inline, "mfa": allowing("*", effect="Deny")}
    assert "group-denies" in codes(removed(replace(found, holder=replace(holder, inline=deny)), members=True))


def test_one_side_alone() -> None:
    found, _, _ = made()
    assert story.operations(removed(replace(found, is_caller_side_read=False))) == ["DeleteRolePolicy", "DeleteRole"]
    assert story.operations(removed(replace(found, is_role_side_read=False))) == ["DeleteGroupPolicy"]
    assert RIGHT in made()[2].inline
