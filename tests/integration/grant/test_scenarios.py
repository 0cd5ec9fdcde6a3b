"""Grants between two accounts as an administrator makes, checks, repairs and takes them back."""

import json
import os
import subprocess
from typing import Any

import pytest

from fakes import canary
from fakes.fork_server import stubs
from fakes.front.two_accounts import policy
from fakes.grant_home import GrantHome
from fakes.home import AWS

MOST_CALLS = 12
BROAD = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
HAND_MADE = "allow-assume-S3-role-in-prod"


def text(done: "subprocess.CompletedProcess[bytes]", code: int = 0) -> str:
    """Return what a command printed, which ended with this code; no secret is in it."""
    both = done.stdout + done.stderr
    assert done.returncode == code, both.decode()
    assert not canary.find(both)
    return both.decode()


def aws(admin: GrantHome, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the real AWS CLI."""
    return admin.start([*AWS, *arguments], {})


def trust_of(admin: GrantHome) -> Any:
    role = admin.it.client("iam", admin.it.prod).get_role(RoleName=admin.it.role)["Role"]
    return role["AssumeRolePolicyDocument"]


def test_plan_names_every_change_of_both_sides_and_makes_none(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.plan())
    assert [
        line.split("(")[0].strip() for line in shown.splitlines() if line.startswith(("role acc", "caller acc"))
    ] == [
        f"role account {admin.it.prod}",
        f"caller account {admin.it.acc}",
    ]
    signs = [line[2:] for line in shown.splitlines() if line.startswith("  + ")]
    assert len(signs) == 4
    assert signs[0].startswith(f"+ role {admin.it.role}")
    assert signs[-1] == "+ member David of DevGroup"
    assert "4 to add, 0 to change, 0 to remove. Apply: credhelper grant apply --role " in shown
    assert seen.writes == []
    assert len(seen.calls) <= MOST_CALLS


def test_applied_grant_lets_the_member_read_and_not_write(admin: GrantHome) -> None:
    shown = text(admin.apply("--profile", "prod-s3"))
    assert "tested: David assumes the role, lists " in shown
    assert "added profile prod-s3" in shown
    listed = aws(admin, "s3", "ls", "--profile", "prod-s3", f"s3://{admin.it.bucket}/")
    assert "readme.txt" in text(listed)
    (admin.path / "new.txt").write_text("new")
    refused = aws(admin, "s3", "cp", "--profile", "prod-s3", "new.txt", f"s3://{admin.it.bucket}/new.txt")
    assert "AccessDenied" in text(refused, 1)


def test_second_apply_writes_nothing(admin: GrantHome) -> None:
    text(admin.apply())
    with admin.it.front.journal.watch() as seen:
        assert "no changes" in text(admin.apply())
        assert "no changes" in text(admin.plan("--check"))
    assert seen.writes == []
    assert len(seen.calls) <= 2 * MOST_CALLS


def test_what_was_attached_by_hand_is_shown_and_stays_without_prune(admin: GrantHome) -> None:
    text(admin.apply())
    iam = admin.it.client("iam", admin.it.prod)
    iam.attach_role_policy(RoleName=admin.it.role, PolicyArn=BROAD)
    assert "AmazonS3FullAccess" in text(admin.plan("--check"), 1)
    assert "--prune removes it" in text(admin.apply())
    assert iam.list_attached_role_policies(RoleName=admin.it.role)["AttachedPolicies"]
    text(admin.apply("--prune"))
    assert iam.list_attached_role_policies(RoleName=admin.it.role)["AttachedPolicies"] == []
    text(admin.plan("--check"))


def test_trust_for_all_is_named_and_narrowed_before_anything_is_widened(admin: GrantHome) -> None:
    text(admin.apply())
    iam, it = admin.it.client("iam", admin.it.prod), admin.it
    iam.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust("*"))
    iam.delete_role_policy(RoleName=it.role, PolicyName="credhelper-buckets")
    shown = text(admin.plan())
    assert "(trust-anyone)" in shown
    with it.front.journal.watch() as seen:
        text(admin.apply())
    assert [call.operation for call in seen.writes] == ["UpdateAssumeRolePolicy", "PutRolePolicy"]
    assert trust_of(admin)["Statement"][0]["Principal"] != {"AWS": "*"}


@pytest.mark.parametrize("here", ["prod", "acc"])
def test_half_of_the_other_side_runs_as_it_is_printed(admin: GrantHome, here: str) -> None:
    there = {"prod": "acc", "acc": "prod"}[here]
    options = [*admin.grant, f"--{here}-admin", f"{here}-admin"]
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.run("grant", "apply", *options, "--yes"))
    assert {call.account for call in seen.writes} == {getattr(admin.it, here)}
    start, end = shown.index("Its administrator runs:\n"), shown.index("(as files")
    commands = "\n".join(line.removeprefix("  ") for line in shown[start:end].splitlines()[1:])
    path = stubs(admin.path / "stubs", "aws")
    ran = admin.start(
        ["sh", "-c", commands], {"AWS_PROFILE": f"{there}-admin", "PATH": f"{path}{os.pathsep}{admin.environ['PATH']}"}
    )
    text(ran)
    assert "no changes" in text(admin.plan("--check"))


def test_without_an_administrator_both_halves_are_shown_and_none_is_applied(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.run("grant", "plan", *admin.grant))
        assert "--prod-admin" in text(admin.run("grant", "apply", *admin.grant, "--yes"), 2)
    assert shown.count("Its administrator runs:") == 2
    assert seen.calls == []


def test_swapped_administrators_are_refused_before_a_write(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        options = ["--prod-admin", "acc-admin", "--acc-admin", "prod-admin", "--yes"]
        shown = text(admin.run("grant", "apply", *admin.grant, *options), 2)
    assert "swapped" in shown
    assert f"arn:aws:iam::{admin.it.prod}:user/admin" in shown
    assert "--prod-admin prod-admin --acc-admin acc-admin" in shown
    assert seen.writes == []


@pytest.mark.parametrize(
    "options",
    [
        ("--prod-admin", "acc-admin"),
        ("--prod-admin", "prod-admin", "--acc-admin", "prod-admin"),
        ("--prod-admin", "acc-admin", "--acc-admin", "acc-admin"),
    ],
)
def test_administrator_of_another_account_is_refused(admin: GrantHome, options: tuple[str, ...]) -> None:
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.run("grant", "apply", *admin.grant, *options, "--yes"), 2)
    assert "credhelper: error:" in shown
    assert {call.action for call in seen.calls} == {"sts:GetCallerIdentity"}


def test_account_of_the_callers_is_that_of_their_administrator(admin: GrantHome) -> None:
    it = admin.it
    options = ["--role", it.role_arn, "--group", "DevGroup", "--bucket", it.bucket, *admin.both]
    assert admin.json("plan", *options)["accounts"]["acc"] == it.acc
    swapped = ["--prod-admin", "acc-admin", "--acc-admin", "prod-admin"]
    text(admin.run("grant", "plan", *options[:-4], *swapped), 2)
    one = ["--prod-admin", "prod-admin", "--acc-admin", "prod-admin"]
    assert "role's own account" in text(admin.run("grant", "plan", *options[:-4], *one), 2)


def test_administrator_of_another_partition_is_refused_before_iam_is_asked(admin: GrantHome) -> None:
    role = admin.it.role_arn.replace("arn:aws:", "arn:aws-cn:")
    options = ["--role", role, "--group", "DevGroup", "--acc", admin.it.acc, "--bucket", admin.it.bucket]
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.run("grant", "plan", *options, *admin.both), 2)
    assert "the role is of the partition aws-cn" in shown
    assert {call.operation for call in seen.calls} == {"GetCallerIdentity"}


def test_group_as_a_principal_is_explained(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        shown = text(admin.plan("--trust", f"arn:aws:iam::{admin.it.acc}:group/DevGroup"), 2)
    assert "--pin-members" in shown
    assert seen.calls == []


@pytest.mark.parametrize(
    "option",
    [
        ("--bucket", "list-prod-*"),
        ("--bucket", "s3://list-prod/y*"),
        ("--acc", "11111111111"),
        ("--max-session", "60"),
        ("--max-session", "0"),
        *((f"--{one}", "") for one in ("external-id", "boundary", "org-id", "source-identity", "acc", "policy-name")),
        *((f"--{one}", "") for one in ("prod-admin", "file", "description", "group", "source-ip", "principal-tag")),
        ("--trust", "*"),
        ("--source-ip", "10.0.0.0/8"),
        ("--source-ip", "0.0.0.0/0"),
        ("--external-id", "no blanks"),
        ("--role", "arn:aws:iam::222222222222:user/x"),
        ("--policy-arn", "AmazonS3FullAccess"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_without_a_call(admin: GrantHome, option: tuple[str, ...]) -> None:
    with admin.it.front.journal.watch() as seen:
        assert "credhelper: error: " in text(admin.plan(*option), 2)
    assert seen.calls == []


def test_missing_right_is_named_before_anything_is_written(admin: GrantHome) -> None:
    it = admin.it
    may = {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "iam:Simulate*", "iam:CreateRole"], "Resource": "*"}
    admin.add_admin("poor-admin", it.prod, may, user="poor")
    with it.front.journal.watch() as seen:
        options = ["--prod-admin", "poor-admin", "--acc-admin", "acc-admin", "--yes"]
        shown = text(admin.run("grant", "apply", *admin.grant, *options), 4)
    assert "iam:PutRolePolicy" in shown
    assert "iam:CreateRole" not in shown
    assert seen.writes == []


def test_where_nothing_can_be_asked_before_it_goes_on_and_says_what_is_made(admin: GrantHome) -> None:
    it = admin.it
    may = {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "iam:CreateRole", "iam:TagRole"], "Resource": "*"}
    admin.add_admin("poor-admin", it.prod, may, user="poor")
    options = ["--prod-admin", "poor-admin", "--acc-admin", "acc-admin", "--yes"]
    shown = text(admin.run("grant", "apply", *admin.grant, *options), 4)
    assert "iam:SimulatePrincipalPolicy" in shown
    assert "1 of 4 changes are made" in shown
    assert shown.count("left: ") == 3
    text(admin.apply())
    text(admin.plan("--check"))


def test_removed_grant_leaves_group_user_and_bucket(admin: GrantHome) -> None:
    text(admin.apply("--profile", "prod-s3"))
    it = admin.it
    assert "4 changes made" in text(admin.remove("--members"))
    acc = it.client("iam", it.acc)
    assert acc.get_group(GroupName="DevGroup")["Users"] == []
    assert acc.list_group_policies(GroupName="DevGroup")["PolicyNames"] == []
    assert acc.get_user(UserName="David")
    assert it.client("s3", it.prod).head_bucket(Bucket=it.bucket)
    assert it.client("iam", it.prod).list_roles()["Roles"] == []
    with it.front.journal.watch() as seen:
        assert "nothing to remove" in text(admin.remove("--members"))
    assert seen.writes == []
    refused = aws(admin, "sts", "assume-role", "--role-arn", it.role_arn, "--role-session-name", "again")
    assert refused.returncode != 0


def test_role_made_by_hand_is_not_touched_without_adopt(admin: GrantHome) -> None:
    it = admin.it
    it.make_role()
    with it.front.journal.watch() as seen:
        shown = text(admin.plan())
        assert "--adopt" in shown
        assert "--adopt" in text(admin.apply(), 2)
        text(admin.remove(), 2)
    assert seen.writes == []
    text(admin.apply("--adopt", "--prune"))
    text(admin.plan("--check"))


@pytest.mark.parametrize("option", [("--group", "Nothing"), ("--member", "Unknown"), ("--policy-name", "other")])
def test_what_is_refused_is_not_offered_and_its_way_out_is_its_own(admin: GrantHome, option: tuple[str, str]) -> None:
    other = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    admin.it.client("iam", admin.it.acc).put_group_policy(
        GroupName="DevGroup", PolicyName="other", PolicyDocument=other
    )
    planned = text(admin.plan(*option))
    assert "refused: " in planned
    assert "credhelper grant apply" not in planned
    refused = text(admin.apply(*option), 2)
    assert "hint: then look at it again: credhelper grant plan " in refused
    assert "--prune" not in refused


def test_piped_apply_asks_nothing_and_writes_nothing_without_yes(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        for command in ("apply", "remove"):
            if command == "remove":
                admin.apply()
            options = admin.grant if command == "apply" else admin.about
            done = admin.run("grant", command, *options, *admin.both)
            shown = text(done, 2)
            assert b"\x1b" not in done.stdout + done.stderr
            assert "--yes" in shown
    assert len(seen.writes) == 4


def test_json_has_changes_notices_and_refusals(admin: GrantHome) -> None:
    found = admin.json("plan", *admin.grant, *admin.both)
    assert [(one["side"], one["verb"], one["operation"]) for one in found["changes"]] == [
        ("prod", "add", "CreateRole"),
        ("prod", "add", "PutRolePolicy"),
        ("acc", "add", "PutGroupPolicy"),
        ("acc", "add", "AddUserToGroup"),
    ]
    assert {"trust-account-wide", "no-mfa"} == {one["code"] for one in found["notices"]}
    assert json.loads(found["changes"][0]["parameters"]["AssumeRolePolicyDocument"])
    made = admin.json("apply", *admin.grant, *admin.both, "--yes", "--profile", "prod-s3")
    assert (made["made"], made["proof"]["is_proven"]) == (4, True)
    assert admin.json("remove", *admin.about, *admin.both, "--yes")["made"] == 3


def test_root_as_an_administrator_is_warned_of(admin: GrantHome) -> None:
    admin.add_user(admin.it.prod, "test", "root")
    options = ["--prod-admin", "root", "--acc-admin", "acc-admin", "--yes"]
    assert "(root-admin)" in text(admin.run("grant", "apply", *admin.grant, *options))


def test_new_external_id_is_made_once_and_kept(admin: GrantHome) -> None:
    shown = admin.json("apply", *admin.grant, *admin.both, "--external-id", "new", "--yes", "--profile", "prod-s3")
    assert shown["proof"]["is_proven"]
    wanted = trust_of(admin)["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"]
    assert len(wanted) == 22
    assert f"credhelper_external_id = {wanted}" in admin.config.read_text()
    text(admin.plan("--external-id", "new", "--check"))


def test_profile_of_a_stranger_proves_nothing(admin: GrantHome) -> None:
    found = admin.json("apply", *admin.grant, *admin.both, "--yes", "--profile", "p", "--source-profile", "acc-admin")
    assert "nothing was proven" in found["proof"]["text"]
    missing = admin.json("apply", *admin.grant, *admin.both, "--yes", "--profile", "q", "--source-profile", "elsewhere")
    assert missing["proof"] == {
        "is_proven": False,
        "text": "nothing was proven: the member's own profile elsewhere is not on this machine",
    }


@pytest.mark.parametrize("name", ["default", "prod-admin"])
def test_profile_that_has_keys_is_refused_for_that_also_without_a_source(admin: GrantHome, name: str) -> None:
    shown = text(admin.apply("--profile", name), 2)
    assert f"profile {name} exists already" in shown


def test_profile_without_a_name_is_refused(admin: GrantHome) -> None:
    for option in ("--profile", "--source-profile"):
        assert f"{option} is given without a value" in text(admin.apply("--profile", "p", option, ""), 2)


def test_user_takes_the_place_of_the_group_of_a_file_with_all_that_is_about_it(admin: GrantHome) -> None:
    file = admin.path / "group.toml"
    file.write_text('group = "DevGroup"\nmember = "David"\ncreate_group = true\npin_members = true\n')
    role = ("--role", admin.it.role_arn, "--acc", admin.it.acc, "--bucket", admin.it.bucket)
    found = admin.json("plan", "--file", str(file), *role, "--user", "David", *admin.both)
    assert [one["operation"] for one in found["changes"]] == ["CreateRole", "PutRolePolicy", "PutUserPolicy"]


def test_profile_that_cannot_be_written_stops_all_before_a_write(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        text(admin.apply("--profile", "acc-admin", "--source-profile", "default"), 2)
        text(admin.apply("--source-profile", "default"), 2)
    assert seen.writes == []


def test_names_read_back_are_shown_escaped(admin: GrantHome) -> None:
    text(admin.apply())
    it = admin.it
    deny = policy({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::\u202ex\u001b[31m/*"})
    it.client("iam", it.prod).put_role_policy(RoleName=it.role, PolicyName="hand", PolicyDocument=deny)
    done = admin.plan()
    assert "hand" in text(done)
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()


def make_five_steps(admin: GrantHome) -> None:
    """Make what the usual how-to makes by hand."""
    it = admin.it
    prod, acc = it.client("iam", it.prod), it.client("iam", it.acc)
    prod.create_role(RoleName=it.role, AssumeRolePolicyDocument=it.trust())
    prod.attach_role_policy(RoleName=it.role, PolicyArn=BROAD)
    acc.add_user_to_group(GroupName="DevGroup", UserName="David")
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": it.role_arn}
    acc.put_group_policy(GroupName="DevGroup", PolicyName=HAND_MADE, PolicyDocument=policy(allowed))


def test_five_steps_made_by_hand_become_a_file_that_plans_to_no_changes(admin: GrantHome) -> None:
    make_five_steps(admin)
    with admin.it.front.journal.watch() as seen:
        done = admin.run("grant", "show", "--role", admin.it.role_arn, "--group", "DevGroup", *admin.both)
        shown = text(done)
    (admin.path / "grant.toml").write_bytes(done.stdout)
    assert HAND_MADE in shown
    assert "David" in shown
    planned = text(admin.run("grant", "plan", "--file", "grant.toml", *admin.both))
    assert "no changes" in planned
    assert "(managed-too-broad)" in planned
    assert seen.writes == []


def test_file_with_less_access_narrows_what_was_made_by_hand(admin: GrantHome) -> None:
    make_five_steps(admin)
    done = admin.run("grant", "show", "--role", admin.it.role_arn, "--group", "DevGroup", *admin.both)
    lines = [line for line in done.stdout.decode().splitlines() if "policy_arn" not in line and "AmazonS3" not in line]
    (admin.path / "grant.toml").write_text("\n".join([*lines, f'bucket = "{admin.it.bucket}"', 'access = "read"', ""]))
    options = ["--file", "grant.toml", *admin.both]
    assert "--adopt" in text(admin.run("grant", "apply", *options, "--yes"), 2)
    shown = text(admin.run("grant", "apply", *options, "--adopt", "--prune", "--yes", "--profile", "prod-s3"))
    assert "tested: David assumes the role" in shown
    prod = admin.it.client("iam", admin.it.prod)
    assert prod.list_attached_role_policies(RoleName=admin.it.role)["AttachedPolicies"] == []
    assert "no changes" in text(admin.run("grant", "plan", *options, "--check"))
