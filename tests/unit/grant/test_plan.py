"""What has to be written, and in which order: both sides, one side, drift, what is foreign, what is refused."""

import json
from dataclasses import replace

import pytest

from credhelper.grant.change import Side, Verb
from credhelper.grant.found import Found, FoundHolder
from credhelper.grant.names import BUCKETS_POLICY, SELF_READ_POLICY, TAG
from credhelper.grant.plan import Plan
from credhelper.grant.wanted import wanted
from credhelper.policy.document import Document, load
from credhelper.policy.render import to_text
from fakes.grant_story import (
    ACC,
    DAVID,
    DEVGROUP,
    FULL,
    NOTHING,
    PROD,
    RIGHT,
    ROLE,
    STORY,
    allowing,
    codes,
    document,
    foreign,
    made,
    operations,
    planned,
    trusting,
    written,
)


def test_nothing_there_is_made_from_the_role_to_the_member() -> None:
    found = planned(STORY, NOTHING)
    assert operations(found) == ["CreateRole", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup"]
    assert found.refusals == ()
    assert {one.verb for one in found.changes} == {Verb.ADD}


def test_role_is_made_with_its_tag_and_without_permission() -> None:
    options = replace(STORY, description="for 'it'", boundary=FULL, max_session=7200, require_mfa=True)
    parameters = planned(options, NOTHING).writes[0].parameters
    assert parameters == {
        "RoleName": "acc-to-read-prod-s3-bucket",
        "Path": "/",
        "AssumeRolePolicyDocument": parameters["AssumeRolePolicyDocument"],
        "MaxSessionDuration": 7200,
        "Tags": [{"Key": TAG, "Value": "111111111111/group/DevGroup"}],
        "Description": "for 'it'",
        "PermissionsBoundary": FULL,
    }


def test_what_was_made_needs_no_change() -> None:
    found, _, _ = made()
    assert planned(STORY, found) == Plan(notices=wanted(STORY).notices)
    assert planned(STORY, found, adopt=True, prune=True).changes == ()


def test_side_that_was_not_read_gets_no_changes() -> None:
    prod = planned(STORY, Found(is_role_side_read=True))
    assert {one.side for one in prod.changes} == {Side.ROLE}
    acc = planned(STORY, replace(NOTHING, is_role_side_read=False))
    assert {one.side for one in acc.changes} == {Side.CALLER}
    assert planned(STORY, Found()).changes == ()


def test_group_is_made_where_that_is_asked_for() -> None:
    there = replace(NOTHING, holder=None)
    found = planned(replace(STORY, create_group=True), there)
    assert operations(found) == ["CreateRole", "CreateGroup", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup"]
    refused = planned(STORY, there)
    assert "--create-group" in refused.refusals[0]


def test_users_are_never_made() -> None:
    found = planned(STORY, replace(NOTHING, users=()))
    assert found.refusals == (f"there is no user David in {ACC}: make it first",)
    user = replace(STORY, group="", members=(), user="David")
    assert planned(user, replace(NOTHING, holder=None)).refusals == (f"there is no user David in {ACC}: make it first",)


def test_pinned_user_has_to_be_right_to_its_path() -> None:
    there = replace(NOTHING, users=(f"arn:aws:iam::{ACC}:user/team/David",))
    (refusal,) = planned(replace(STORY, pin_members=True), there).refusals
    assert refusal.endswith("--member team/David")
    assert planned(replace(STORY, pin_members=True, members=("team/David",)), there).refusals == ()
    assert planned(STORY, there).refusals == ()
    user = FoundHolder(kind="user", name="David", arn=f"arn:aws:iam::{ACC}:user/team/David")
    (refusal,) = planned(replace(STORY, group="", members=(), user="David"), replace(there, holder=user)).refusals
    assert refusal.endswith("--user team/David")


def test_drift_by_hand_is_named_one_by_one_and_narrowed_first() -> None:
    """The trust opened to everybody, sessions of 12 hours, full access attached, the member gone."""
    found, role, holder = made()
    role = replace(role, trust=trusting("*"), max_session_s=43200, attached=(FULL,))
    drifted = replace(found, role=role, holder=replace(holder, members=()))
    again = planned(STORY, drifted)
    assert [(one.verb.value, one.operation) for one in again.changes] == [
        ("~", "UpdateAssumeRolePolicy"),
        ("~", "UpdateRole"),
        ("+", "AddUserToGroup"),
        ("?", ""),
    ]
    assert [one.widens for one in again.writes] == [False, False, True]
    assert foreign(again) == ["managed policy AmazonS3FullAccess"]
    assert "trust-anyone" in codes(again)
    assert "managed-too-broad" in codes(again)
    assert written(drifted, again.writes).role == replace(made()[1], attached=(FULL,))


def test_trust_is_narrowed_before_anything_is_widened_and_widened_before_permissions() -> None:
    found, role, _ = made()
    opened = replace(found, role=replace(role, trust=trusting("*"), inline={}), holder=DEVGROUP)
    assert operations(planned(STORY, opened)) == [
        "UpdateAssumeRolePolicy",
        "PutRolePolicy",
        "PutGroupPolicy",
        "AddUserToGroup",
    ]
    closed = replace(found, role=replace(role, trust=trusting(DAVID), inline={}), holder=DEVGROUP)
    wide = planned(replace(STORY, trust=(DAVID, ACC)), closed)
    assert operations(wide) == ["UpdateAssumeRolePolicy", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup"]


def test_two_documents_that_become_others_are_narrowed_to_what_stays_first() -> None:
    """Else one write would let the new caller do what the old one might, or the old one what the new one may."""
    found, _, _ = made()
    other = replace(STORY, buckets=("another-bucket",), trust=(f"arn:aws:iam::{ACC}:user/Eve",))
    again = planned(other, found)
    assert [(one.operation, one.verb.value) for one in again.writes] == [
        ("DeleteRolePolicy", "-"),
        ("UpdateAssumeRolePolicy", "~"),
        ("PutRolePolicy", "~"),
    ]
    assert again.writes[0].title.endswith("narrowed first")


def test_with_a_change_of_unknown_documents_all_others_are_narrowed_to_what_they_have_in_common_first() -> None:
    eve, mallory = f"arn:aws:iam::{ACC}:user/Eve", "arn:aws:iam::333333333333:user/Mallory"
    found, role, _ = made(replace(STORY, trust=(DAVID, eve)))
    there = replace(found, role=replace(role, boundary=FULL))
    other = f"arn:aws:iam::{PROD}:policy/limit"
    again = planned(replace(STORY, trust=(eve, mallory), boundary=other), there)
    assert operations(again) == ["UpdateAssumeRolePolicy", "PutRolePermissionsBoundary", "UpdateAssumeRolePolicy"]
    first = load(str(again.writes[0].parameters["PolicyDocument"]))
    assert first == trusting(eve)
    nobody = planned(replace(STORY, trust=(mallory,), boundary=other), there)
    closed = load(str(nobody.writes[0].parameters["PolicyDocument"]))
    assert [one.effect for one in closed.statements] == ["Deny"]


def test_role_lets_in_nothing_while_several_policies_change_that_are_not_known() -> None:
    """Each of them may deny what another one allows, so no order of theirs is safe."""
    one, other, third = (f"arn:aws:iam::{PROD}:policy/{name}" for name in ("one", "other", "third"))
    new = planned(replace(STORY, policy_arns=(one, other)), NOTHING)
    assert operations(new)[:4] == ["CreateRole", "AttachRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy"]
    assert '"Deny"' in str(new.writes[0].parameters["AssumeRolePolicyDocument"])
    found, role, _ = made(replace(STORY, policy_arns=(one, other)))
    assert role.trust == wanted(STORY).role.trust
    again = planned(replace(STORY, policy_arns=(third,)), found, prune=True)
    assert operations(again) == [
        "UpdateAssumeRolePolicy",
        *("AttachRolePolicy", "DetachRolePolicy", "DetachRolePolicy"),
        "UpdateAssumeRolePolicy",
    ]
    assert again.writes[0].widens is False
    stopped = written(found, again.writes[:2])
    assert (
        operations(planned(replace(STORY, policy_arns=(third,)), stopped, prune=True))[-1] == "UpdateAssumeRolePolicy"
    )
    alone = planned(replace(STORY, policy_arns=(one,)), found, prune=True)
    assert operations(alone) == ["DetachRolePolicy"]


def test_what_is_written_in_between_is_no_longer_than_both_ends_but_for_what_is_denied() -> None:
    """IAM might not take it, and the grant would stop there each time."""

    def both(name: str) -> dict[str, object]:
        return {
            "Version": "2012-10-17",
            "Statement": [json.loads(to_text(allowing("sqs:*")))["Statement"][0], deny(name)],
        }

    def deny(name: str) -> dict[str, object]:
        return {"Effect": "Deny", "Action": "sqs:*", "Resource": f"arn:aws:sqs:eu-central-1:{PROD}:{name * 80}"}

    one, other = (
        replace(STORY, trust=(trust,), buckets=(), policies=(("own", json.dumps(both(name))),))
        for trust, name in ((DAVID, "a"), (f"arn:aws:iam::{ACC}:user/Eve", "b"))
    )
    found, _, _ = made(one)
    again = planned(other, found)
    assert operations(again) == ["PutRolePolicy", "UpdateAssumeRolePolicy", "PutRolePolicy"]
    first = load(str(again.writes[0].parameters["PolicyDocument"]))
    assert first == document(deny("a"), deny("b"))


def test_role_by_hand_is_not_touched_without_adopt() -> None:
    found, role, _ = made()
    untagged = replace(found, role=replace(role, tags={}, max_session_s=7200))
    refused = planned(STORY, untagged)
    assert "--adopt" in refused.refusals[0]
    adopted = planned(STORY, untagged, adopt=True)
    assert operations(adopted) == ["TagRole", "UpdateRole"]
    assert adopted.refusals == ()


def test_role_by_hand_that_needs_no_change_is_told_only() -> None:
    found, role, _ = made()
    untagged = replace(found, role=replace(role, tags={}))
    same = planned(STORY, untagged)
    assert (same.changes, same.refusals) == ((), ())
    assert "not-adopted" in codes(same)
    assert operations(planned(STORY, untagged, adopt=True)) == ["TagRole"]


def test_role_of_another_grant_is_not_touched_without_adopt() -> None:
    found, role, _ = made()
    other = replace(found, role=replace(role, tags={TAG: f"{ACC}/group/Other"}, max_session_s=7200))
    assert "of another grant, 111111111111/group/Other" in planned(STORY, other).refusals[0]
    adopted = planned(STORY, other, adopt=True)
    assert adopted.writes[0].lines == (f"{ACC}/group/Other -> {ACC}/group/DevGroup",)


def test_role_at_another_path_is_refused() -> None:
    found, role, _ = made()
    moved = replace(found, role=replace(role, arn=f"arn:aws:iam::{PROD}:role/team/acc-to-read-prod-s3-bucket"))
    for adopt in (False, True):
        (refusal,) = planned(STORY, moved, adopt=adopt).refusals[:1]
        assert "path" in refusal


def test_foreign_parts_are_shown_and_go_with_prune_only() -> None:
    found, role, _ = made()
    more = {**role.inline, "by-hand": allowing("sqs:*")}
    other = replace(found, role=replace(role, inline=more, attached=(FULL,), boundary=FULL))
    kept = planned(STORY, other)
    assert foreign(kept) == [
        "inline policy by-hand",
        "managed policy AmazonS3FullAccess",
        "permissions boundary AmazonS3FullAccess",
    ]
    assert kept.writes == ()
    pruned = planned(STORY, other, prune=True)
    assert operations(pruned) == ["DeleteRolePolicy", "DetachRolePolicy", "DeleteRolePermissionsBoundary"]
    assert [one.widens for one in pruned.writes] == [False, False, True]
    assert foreign(pruned) == []
    assert written(other, pruned.writes).role == role


def test_policy_of_a_grant_that_is_wanted_no_longer_goes_by_itself() -> None:
    found, _, _ = made()
    again = planned(replace(STORY, buckets=(), policy_arns=(FULL,)), found)
    assert operations(again) == ["DeleteRolePolicy", "AttachRolePolicy"]


def test_policy_that_means_the_same_under_another_name_is_enough() -> None:
    found, role, holder = made()
    role = replace(role, inline={"read-it": role.inline[BUCKETS_POLICY]})
    holder = replace(holder, inline={"by-hand": holder.inline[RIGHT]})
    assert planned(STORY, replace(found, role=role, holder=holder)).changes == ()


@pytest.mark.parametrize(
    "other",
    [
        allowing("iam:GetRole", ROLE),
        allowing("sts:AssumeRole", ROLE, effect="Deny"),
        allowing("sts:AssumeRole", f"arn:aws:iam::{PROD}:role/*"),
    ],
)
def test_policy_that_does_not_give_this_role_by_its_name_is_not_enough(other: Document) -> None:
    found, _, holder = made()
    again = planned(STORY, replace(found, holder=replace(holder, inline={"other": other})))
    assert [one.parameters["PolicyName"] for one in again.writes] == [RIGHT]


def test_change_of_access_is_a_change_of_the_one_policy() -> None:
    found, _, _ = made()
    (change,) = planned(replace(STORY, access="write"), found).writes
    assert (change.operation, change.verb, change.widens) == ("PutRolePolicy", Verb.CHANGE, True)
    assert change.parameters["PolicyName"] == BUCKETS_POLICY
    assert all(line.startswith("+ ") for line in change.lines)
    found, _, _ = made(replace(STORY, access="write"))
    (change,) = planned(STORY, found).writes
    assert not change.widens
    assert all(line.startswith("- ") for line in change.lines)


def test_description_that_is_not_given_stays() -> None:
    found, role, _ = made()
    there = replace(found, role=replace(role, description="by hand"))
    assert planned(STORY, there).changes == ()
    (change,) = planned(replace(STORY, max_session=7200), there).writes
    assert change.parameters["Description"] == "by hand"
    (change,) = planned(replace(STORY, description="new"), there).writes
    assert change.parameters["MaxSessionDuration"] == 3600


def test_policy_of_the_wanted_name_that_says_more_is_not_overwritten() -> None:
    options = replace(STORY, policy_name="by-hand")
    found, _, holder = made(options)
    more = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"{ROLE}-other"},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
    )
    there = replace(found, holder=replace(holder, inline={"by-hand": more}))
    (refusal,) = planned(options, there).refusals
    assert "--policy-name" in refusal
    assert planned(options, there, adopt=True).refusals == ()
    default = replace(found, holder=replace(holder, inline={RIGHT: more}))
    assert planned(STORY, default).refusals == ()


def test_long_policies_that_are_there_count_to_what_iam_takes() -> None:
    found, role, holder = made()
    long = allowing("sqs:SendMessage", [f"arn:aws:sqs:eu-central-1:{PROD}:queue-{number}" for number in range(200)])
    group = replace(found, role=None, holder=replace(holder, inline={"long": long}))
    assert any("5120" in one for one in planned(STORY, group).refusals)
    full = {f"long{number}": long for number in range(2)}
    there = replace(found, role=replace(role, inline={**full}))
    assert any("10240" in one for one in planned(STORY, there).refusals)
    assert planned(STORY, there, prune=True).refusals == ()


def test_self_read_is_added_and_not_taken_off() -> None:
    found, _, _ = made()
    again = planned(replace(STORY, self_read=True), found)
    assert [one.parameters["PolicyName"] for one in again.writes] == [SELF_READ_POLICY]
    found, _, _ = made(replace(STORY, self_read=True))
    assert planned(STORY, found).changes == ()


def test_others_of_the_group_and_its_other_rights_are_told() -> None:
    holder = replace(DEVGROUP, members=("Eve",), attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",))
    there = replace(NOTHING, holder=holder)
    texts = {one.code: one.text for one in planned(STORY, there).notices}
    assert "Eve of DevGroup may assume the role, too" in texts["other-members"]
    assert "ReadOnlyAccess" in texts["group-has-more"]
    texts = {one.code: one.text for one in planned(replace(STORY, pin_members=True), there).notices}
    assert "may not assume" in texts["other-members"]


def test_principal_that_no_longer_exists_is_drift_of_its_own() -> None:
    found, role, _ = made()
    again = planned(STORY, replace(found, role=replace(role, trust=trusting("AIDAJQABLZS4A3QDU576Q"))))
    assert operations(again) == ["UpdateAssumeRolePolicy"]
    assert "principal-id" in codes(again)


@pytest.mark.parametrize("name", ["AWSDenyAll", "AWSCompromisedKeyQuarantineV2"])
def test_policy_that_denies_is_attached_before_and_detached_after_what_allows(name: str) -> None:
    deny = f"arn:aws:iam::aws:policy/{name}"
    options = replace(STORY, policy_arns=(FULL, deny))
    assert [one.parameters.get("PolicyArn") for one in planned(options, NOTHING).writes][:4] == [
        None,
        deny,
        FULL,
        None,
    ]
    found, _, _ = made(options)
    pruned = planned(STORY, found, prune=True)
    assert [(one.parameters["PolicyArn"], one.widens) for one in pruned.writes] == [(FULL, False), (deny, True)]
