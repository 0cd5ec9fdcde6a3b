"""IAM as AWS has it: who may be named in a trust, and what is left of those who are gone."""

import json

from credhelper.demo.emulator import Emulator
from fakes.front.iam import IamRules
from fakes.front.pages import Pages
from fakes.front.sentences import denial, refusal
from fakes.front.sts import StsRules
from fakes.front.two_accounts import Clock, policy, refused, story


def test_trust_names_only_who_exists(aws: Emulator) -> None:
    it = story(aws, IamRules(accounts={f"{90:011d}1", f"{90:011d}2"}), number=90)
    with it.front:
        it.make_david()
        it.make_role()
        iam = it.client("iam", it.prod)
        iam.create_role(RoleName="deep", Path="/ops/", AssumeRolePolicyDocument=it.trust())
        bad = [
            f"arn:aws:iam::{it.acc}:group/DevGroup",
            f"arn:aws:iam::{it.acc}:user/Nil",
            f"arn:aws:iam::{it.acc}:user/*",
            f"arn:aws:iam::{it.acc}:user/david",
            f"arn:aws:iam::{it.prod}:role/deep",
            f"arn:aws:iam::{it.prod}:instance-profile/x",
            f"arn:aws:sts::{it.prod}:assumed-role/nil/session",
            "arn:aws:iam::999999999999:root",
            "999999999999",
            "AIDA1234567890EXAMPLE",
            "David",
        ]
        for number, principal in enumerate(bad):
            why = refusal("invalid-principal", principal=principal)
            trust = it.trust(principal)
            assert refused(iam.create_role, RoleName=f"r{number}", AssumeRolePolicyDocument=trust) == why
            assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=trust) == why
        both = it.trust([it.david, bad[1]])
        assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=both).code == (
            "MalformedPolicyDocument"
        )
        assert {one["RoleName"] for one in iam.list_roles()["Roles"]} == {it.role, "deep"}
        good = [
            it.david,
            it.acc,
            it.root,
            "*",
            f"arn:aws:iam::{it.prod}:role/ops/deep",
            f"arn:aws:sts::{it.prod}:assumed-role/deep/session",
            f"arn:aws:sts::{it.acc}:federated-user/David",
        ]
        for principal in good:
            iam.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust(principal))


def test_trust_is_json_and_no_longer_than_the_quota_and_strangers_are_told_nothing(aws: Emulator) -> None:
    it = story(aws, IamRules())
    with it.front:
        it.make_role()
        iam = it.client("iam", it.prod)
        why = refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument="{nope")
        assert why == refusal("invalid-json")
        fill = 2048 - len("".join(it.trust(StringEquals={"sts:ExternalId": ""}).split()))
        longest = it.trust(StringEquals={"sts:ExternalId": "x" * fill})
        iam.update_assume_role_policy(RoleName=it.role, PolicyDocument=json.dumps(json.loads(longest), indent=8))
        over = it.trust(StringEquals={"sts:ExternalId": "x" * (fill + 1)})
        assert refused(iam.update_assume_role_policy, RoleName=it.role, PolicyDocument=over) == refusal("trust-size")
        acc = it.client("iam", it.acc)
        acc.create_user(UserName="admin", Path="/ops/")
        anything = policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
        acc.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=anything)
        admin = it.client("iam", it.make_key("admin"))
        why = refused(admin.create_role, RoleName="r", AssumeRolePolicyDocument="{nope")
        assert why == refusal("invalid-json")
        david = it.client("iam", it.make_david())
        why = refused(david.create_role, RoleName="r", AssumeRolePolicyDocument="{nope")
        resource = f"arn:aws:iam::{it.acc}:role/r"
        assert why.message == denial(
            "identity-based policy", "implicit", user=it.david, action="iam:CreateRole", resource=resource
        )


def test_group_with_members_is_not_deleted(aws: Emulator) -> None:
    it = story(aws, IamRules())
    with it.front:
        it.make_david()
        iam = it.client("iam", it.acc)
        assert refused(iam.delete_group, GroupName="DevGroup") == refusal("group-has-members")
        assert [one["UserName"] for one in iam.get_group(GroupName="DevGroup")["Users"]] == ["David"]
        iam.remove_user_from_group(UserName="David", GroupName="DevGroup")
        iam.delete_group(GroupName="DevGroup")
        assert refused(iam.delete_group, GroupName="DevGroup").code == "NoSuchEntity"


def test_deleted_user_or_role_leaves_its_id_and_a_new_one_of_that_name_is_not_let_in(aws: Emulator) -> None:
    it = story(aws, StsRules(), IamRules())
    with it.front:
        david = it.make_david()
        it.make_role(it.trust(it.david))
        it.assume(david)
        acc, prod = it.client("iam", it.acc), it.client("iam", it.prod)
        acc.create_role(RoleName="ci", Path="/x/", AssumeRolePolicyDocument=it.trust())
        trust = it.trust(f"arn:aws:iam::{it.acc}:role/x/ci")
        prod.create_role(RoleName="other", AssumeRolePolicyDocument=trust)
        ids = {
            it.role: acc.get_user(UserName="David")["User"]["UserId"],
            "other": acc.get_role(RoleName="ci")["Role"]["RoleId"],
        }
        acc.delete_role(RoleName="ci")
        acc.delete_access_key(UserName="David", AccessKeyId=david["AccessKeyId"])
        acc.remove_user_from_group(UserName="David", GroupName="DevGroup")
        acc.delete_user(UserName="David")
        shown = {name: prod.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] for name in ids}
        assert {name: one["Statement"][0]["Principal"]["AWS"] for name, one in shown.items()} == ids
        assert [ids[it.role][:4], ids["other"][:4]] == ["AIDA", "AROA"]
        acc.create_user(UserName="David")
        acc.add_user_to_group(UserName="David", GroupName="DevGroup")
        again = it.make_key("David")
        assert refused(it.client("sts", again).assume_role, RoleArn=it.role_arn, RoleSessionName="session") == refusal(
            "trust-refused", user=it.david, role=it.role_arn
        )
        # What was read cannot be written back.
        why = refused(prod.update_assume_role_policy, RoleName=it.role, PolicyDocument=json.dumps(shown[it.role]))
        assert why == refusal("invalid-principal", principal=ids[it.role])
        prod.update_assume_role_policy(RoleName=it.role, PolicyDocument=it.trust(it.david))
        it.assume(again)


def test_new_user_can_be_named_only_after_a_while(aws: Emulator, clock: Clock) -> None:
    it = story(aws, IamRules(new_after_s=10), clock=clock)
    with it.front:
        it.make_david()
        iam = it.client("iam", it.prod)
        call = {"RoleName": it.role, "AssumeRolePolicyDocument": it.trust(it.david)}
        clock.now += 9.9
        assert refused(iam.create_role, **call) == refusal("invalid-principal", principal=it.david)
        clock.now += 0.2
        iam.create_role(**call)


def test_lists_come_in_pages(aws: Emulator) -> None:
    it = story(aws, Pages(2))
    with it.front as front:
        it.make_david()
        iam = it.client("iam", it.acc)
        nothing = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
        for name in "abcde":
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=it.trust(), Tags=[{"Key": "k", "Value": name}])
            iam.put_role_policy(RoleName="a", PolicyName=name, PolicyDocument=nothing)
            iam.create_user(UserName=name)
            iam.add_user_to_group(GroupName="DevGroup", UserName=name)
        with front.journal.watch() as seen:
            pages = list(iam.get_paginator("list_roles").paginate())
        assert [[one["RoleName"] for one in page["Roles"]] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
        assert len(seen.calls) == 3
        names = iam.get_paginator("list_role_policies").paginate(RoleName="a").search("PolicyNames[]")
        assert list(names) == list("abcde")
        members = list(iam.get_paginator("get_group").paginate(GroupName="DevGroup").search("Users[].UserName"))
        assert members == ["David", *"abcde"]
        assert len(list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))) == 6
        assert iam.list_groups_for_user(UserName="David")["IsTruncated"] is False
        assert iam.list_role_tags(RoleName="a")["Tags"] == [{"Key": "k", "Value": "a"}]
