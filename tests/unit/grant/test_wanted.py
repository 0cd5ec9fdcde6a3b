"""What a grant should be: the documents, and every input that is refused before AWS is asked, with its reason."""

import json
from dataclasses import fields, replace

import pytest

from credhelper.errors import InputError
from credhelper.grant.names import BUCKETS_POLICY, SELF_READ_POLICY, names
from credhelper.grant.options import Options
from credhelper.grant.wanted import Wanted, wanted
from credhelper.policy.document import Document
from credhelper.policy.render import to_object

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
STORY = Options(
    role=ROLE, acc="111111111111", group="DevGroup", members=("David",), buckets=("list-prod-bkt-details-01",)
)
ROOT = "arn:aws:iam::111111111111:root"
DAVID = "arn:aws:iam::111111111111:user/David"
KEY = "arn:aws:kms:eu-central-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def made(**changes: object) -> Wanted:
    return wanted(replace(STORY, **changes))  # type: ignore[arg-type]  # any field by its name


def statements(document: Document) -> list[dict[str, object]]:
    found = to_object(document)["Statement"]
    assert isinstance(found, list)
    return found


def codes(found: Wanted) -> list[str]:
    return [one.code for one in found.notices]


def test_story_is_one_role_one_policy_of_each_side_and_one_member() -> None:
    found = made()
    assert statements(found.role.trust) == [{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}]
    assert list(found.role.inline) == [BUCKETS_POLICY]
    (right,) = found.holder.inline.values()
    assert statements(right) == [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}]
    assert (found.holder.kind, found.holder.name, found.holder.members) == ("group", "DevGroup", ("David",))
    assert found.name == "111111111111/group/DevGroup"
    assert codes(found) == ["trust-account-wide", "no-mfa"]


def test_user_is_let_in_by_the_account_and_its_own_arn() -> None:
    found = made(group="", members=(), user="team/David")
    (statement,) = statements(found.role.trust)
    user = "arn:aws:iam::111111111111:user/team/David"
    assert statement["Principal"] == {"AWS": ROOT}
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": user}}
    assert (found.holder.kind, found.holder.name, found.holder.pinned) == ("user", "David", (user,))


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"require_mfa": True}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ({"external_id": "blue"}, {"StringEquals": {"sts:ExternalId": "blue"}}),
        ({"source_ips": ("8.8.8.0/24", "2600::/16")}, {"IpAddress": {"aws:SourceIp": ["8.8.8.0/24", "2600::/16"]}}),
        ({"org_id": "o-abcdefghij"}, {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
        ({"principal_tags": ("team=data",)}, {"StringEquals": {"aws:PrincipalTag/team": "data"}}),
        (
            {"principal_tags": ("a=b=c", "d=")},
            {"StringEquals": {"aws:PrincipalTag/a": "b=c", "aws:PrincipalTag/d": ""}},
        ),
        ({"pin_members": True}, {"ArnEquals": {"aws:PrincipalArn": DAVID}}),
        ({"source_identity": "david"}, {"StringEquals": {"sts:SourceIdentity": "david"}}),
    ],
)
def test_narrowing_is_a_condition_of_the_trust(changes: dict[str, object], condition: object) -> None:
    (statement,) = statements(made(**changes).role.trust)
    assert statement["Condition"] == condition


def test_source_identity_is_allowed_on_both_sides() -> None:
    found = made(source_identity="david")
    (trust,), (right,) = statements(found.role.trust), statements(next(iter(found.holder.inline.values())))
    assert trust["Action"] == right["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]


def test_trust_replaces_the_account_and_everybody_is_taken_where_it_is_narrowed() -> None:
    user = made(trust=(DAVID, "333333333333"), external_id="blue").role.trust
    (statement,) = statements(user)
    assert statement["Principal"] == {"AWS": [DAVID, "arn:aws:iam::333333333333:root"]}
    (statement,) = statements(made(trust=("*",), org_id="o-abcdefghij").role.trust)
    assert statement["Principal"] == {"AWS": "*"}


def test_self_read_is_a_policy_of_the_holder() -> None:
    found = made(self_read=True).holder.inline
    assert list(found)[1] == SELF_READ_POLICY
    assert "arn:aws:iam::111111111111:group/DevGroup" in json.dumps(to_object(found[SELF_READ_POLICY]))


def test_names_of_another_partition_are_of_it_throughout() -> None:
    found = made(role=ROLE.replace("arn:aws:", "arn:aws-cn:"), user="David", group="", members=())
    text = json.dumps([to_object(one) for one in (found.role.trust, *found.role.inline.values())])
    assert "arn:aws:" not in text
    assert text.count("arn:aws-cn:") >= 4


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"policy_arns": ("arn:aws:iam::aws:policy/AmazonS3FullAccess",)}, "managed-too-broad"),
        ({"max_session": 43200}, "session-12h"),
        ({"external_id": "blue"}, "external-id-as-secret"),
        ({"trust": ("333333333333",)}, "trust-third-party"),
        ({"buckets": ()}, "no-permission"),
        (
            {"policies": (("own", '{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}'),)},
            "wildcard-role",
        ),
    ],
)
def test_what_is_dangerous_is_told(changes: dict[str, object], code: str) -> None:
    assert code in codes(made(**changes))
    assert code not in codes(made())


def policy(statement: object) -> tuple[tuple[str, str], ...]:
    return (("own", json.dumps({"Version": "2012-10-17", "Statement": statement})),)


LONG_POLICY = [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{number}/*"}
    for number in range(200)
]
SERVICE_ROLE = "arn:aws:iam::222222222222:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
REFUSED: tuple[tuple[dict[str, object], str], ...] = (
    # principals
    ({"trust": ("arn:aws:iam::111111111111:group/DevGroup",)}, "no group"),
    ({"trust": ("arn:aws:iam::111111111111:instance-profile/x",)}, "instance profile"),
    ({"trust": (SERVICE_ROLE.replace("2" * 12, "1" * 12),)}, "service-linked"),
    ({"trust": ("*",)}, "trust-anyone"),
    ({"trust": ("*",), "require_mfa": True}, "trust-anyone"),
    ({"trust": ("*",), "source_ips": ("8.8.8.0/24",)}, "trust-anyone"),
    ({"trust": ("arn:aws:iam::111111111111:user/*",)}, "no account, user or role"),
    ({"trust": ("arn:aws:iam::11111111111:root",)}, "12 digits"),
    ({"trust": ("David",)}, "no ARN"),
    ({"trust": ("ec2.amazonaws.com",)}, "no ARN"),
    ({"trust": ("arn:aws-cn:iam::111111111111:root",)}, "partition"),
    ({"trust": ("arn:aws:iam::111111111111:policy/x",)}, "no account, user or role"),
    # names
    ({"role": ""}, "no role"),
    ({"role": "acc-to-read-prod-s3-bucket"}, "no ARN of a role"),
    ({"role": "arn:aws:iam::222222222222:user/x"}, "no ARN of a role"),
    ({"role": "arn:aws:sts::222222222222:assumed-role/x/y"}, "no ARN of a role"),
    ({"role": "arn:aws:iam::22222222222:role/x"}, "12 digits"),
    ({"role": "arn:aws:iam::222222222222:role/"}, "no name of a role"),
    ({"role": "arn:aws:iam::222222222222:role"}, "no ARN of a role"),
    ({"role": "arn:aws:iam::222222222222:role/a b"}, "no name of a role"),
    ({"role": "arn:aws:iam::222222222222:role/x*"}, "no name of a role"),
    ({"role": f"arn:aws:iam::222222222222:role/{'x' * 65}"}, "64 characters"),
    ({"role": f"arn:aws:iam::222222222222:role/{'p' * 520}/x"}, "512 characters"),
    ({"role": "arn:aws:iam::222222222222:role//x"}, "no path"),
    ({"role": "arn:aws:iam::222222222222:role/a b/x"}, "no path"),
    ({"role": "arn:aws:iam::222222222222:role/café/x"}, "no path"),
    ({"role": "arn:aws:iam::222222222222:role/x\n"}, "no name of a role"),
    ({"role": "arn:aws:iam::222222222222:role/x\x1b[31m"}, "no name of a role"),
    ({"role": SERVICE_ROLE}, "only AWS"),
    ({"role": "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"}, "only AWS"),
    ({"role": "arn:aws-x-y-z:iam::222222222222:role/x"}, "partition"),
    ({"role": "arn:AWS:iam::222222222222:role/x"}, "partition"),
    ({"group": "Dev Group"}, "no name of a group"),
    ({"group": "Dev/Group"}, "no name of a group"),
    ({"group": "ÄGroup"}, "no name of a group"),
    ({"group": "x" * 129}, "128 characters"),
    ({"group": ""}, "for a group or for a user"),
    ({"user": "David"}, "for a group or for a user"),
    ({"members": ("Da vid",)}, "no name of a user"),
    ({"members": ("x" * 65,)}, "64 characters"),
    ({"members": ("",)}, "no name of a user"),
    ({"members": ("team/",)}, "no name of a user"),
    ({"members": (), "pin_members": True}, "no member"),
    ({"group": "", "user": "David"}, "--member is for a group"),
    ({"group": "", "members": (), "user": "David", "create_group": True}, "--create-group is for a group"),
    ({"group": "", "members": (), "user": "David", "pin_members": True}, "--pin-members is for a group"),
    ({"policy_name": "allow it"}, "no name of a policy"),
    ({"policy_name": "x" * 129}, "128 characters"),
    ({"policy_name": SELF_READ_POLICY, "self_read": True}, "another policy of this grant"),
    ({"description": "x" * 1001}, "1000 characters"),
    ({"description": "grün\x07"}, "control characters"),
    ({"description": "日本"}, "Latin-1"),
    # accounts
    ({"acc": ""}, "no caller account"),
    ({"acc": "11111111111"}, "12 digits"),
    ({"acc": "1111-1111-1111"}, "12 digits"),
    ({"acc": "١" * 12}, "12 digits"),
    ({"acc": "222222222222"}, "account of the role and of the callers"),
    # buckets and keys
    ({"buckets": ("list-prod-*",)}, "no name of a bucket"),
    ({"buckets": ("s3://x/y*",)}, "no name of a bucket"),
    ({"buckets": ("s3://bucket/y*",)}, "without *"),
    ({"buckets": ("bucket/y?",)}, "without *"),
    ({"buckets": ("bucket/${aws:username}",)}, "without *"),
    ({"buckets": ("bucket/a\nb",)}, "plain text"),
    ({"buckets": ("arn:aws:s3:::bucket",)}, "by its name"),
    ({"buckets": ("Bucket",)}, "no name of a bucket"),
    ({"buckets": ("ab",)}, "no name of a bucket"),
    ({"buckets": ("b" * 64,)}, "no name of a bucket"),
    ({"buckets": ("-bucket",)}, "no name of a bucket"),
    ({"buckets": ("bucket-",)}, "no name of a bucket"),
    ({"buckets": ("a..b",)}, "no name of a bucket"),
    ({"buckets": ("192.168.5.4",)}, "no name of a bucket"),
    ({"buckets": ("xn--bucket",)}, "no name of a bucket"),
    ({"buckets": ("sthree-bucket",)}, "no name of a bucket"),
    ({"buckets": ("bucket-s3alias",)}, "no name of a bucket"),
    ({"buckets": ("bucket--ol-s3",)}, "no name of a bucket"),
    ({"buckets": ("bucket.mrap",)}, "no name of a bucket"),
    ({"buckets": ("bucket--use1-az5--x-s3",)}, "directory bucket"),
    ({"buckets": ("bücket",)}, "no name of a bucket"),
    ({"buckets": ("",)}, "no name of a bucket"),
    ({"access": "admin"}, "none of list, read, write"),
    ({"access": "admin", "buckets": ()}, "none of list, read, write"),
    ({"kms_keys": ("alias/bucket",)}, "an alias"),
    ({"kms_keys": ("arn:aws:kms:eu-central-1:222222222222:alias/bucket",)}, "an alias"),
    ({"kms_keys": ("1234abcd-12ab-34cd-56ef-1234567890ab",)}, "no ARN of a key"),
    ({"kms_keys": (KEY.replace("arn:aws:", "arn:aws-cn:"),)}, "partition"),
    ({"kms_keys": (f"{KEY}*",)}, "key ARN"),
    ({"kms_keys": (KEY,), "buckets": ()}, "in a bucket"),
    ({"kms_keys": (KEY,), "access": "list"}, "needs no key"),
    # conditions
    ({"external_id": "x"}, "2 to 1224"),
    ({"external_id": "x" * 1225}, "2 to 1224"),
    ({"external_id": "a b"}, "2 to 1224"),
    ({"external_id": "schlüssel"}, "2 to 1224"),
    ({"external_id": "new"}, "another external ID"),
    ({"max_session": 60}, "3600 and 43200"),
    ({"max_session": 3599}, "3600 and 43200"),
    ({"max_session": 43201}, "3600 and 43200"),
    ({"source_ips": ("10.0.0.0/8",)}, "never fits"),
    ({"source_ips": ("172.20.0.0/16",)}, "never fits"),
    ({"source_ips": ("192.168.1.1",)}, "never fits"),
    ({"source_ips": ("100.64.0.0/10",)}, "never fits"),
    ({"source_ips": ("127.0.0.1/32",)}, "never fits"),
    ({"source_ips": ("169.254.0.0/16",)}, "never fits"),
    ({"source_ips": ("fd00::/8",)}, "never fits"),
    ({"source_ips": ("fe80::1",)}, "never fits"),
    ({"source_ips": ("::ffff:10.0.0.1",)}, "never fits"),
    ({"source_ips": ("0.0.0.0/0",)}, "every address"),
    ({"source_ips": ("::/0",)}, "every address"),
    ({"source_ips": ("0.0.0.0/1", "128.0.0.0/1")}, "every address"),
    ({"source_ips": ("8.8.8.8/24",)}, "beyond its length"),
    ({"source_ips": ("2600::1/16",)}, "beyond its length"),
    ({"source_ips": ("8.8.8.0/33",)}, "no network"),
    ({"source_ips": ("office",)}, "no network"),
    ({"source_ips": ("8.8.8.0/24%eth0",)}, "no network"),
    ({"org_id": "abcdefghij"}, "no organization"),
    ({"org_id": "o-*"}, "no organization"),
    ({"source_identity": "d"}, "2 to 64"),
    ({"source_identity": "aws:david"}, "2 to 64"),
    ({"source_identity": "da vid"}, "2 to 64"),
    ({"principal_tags": ("team",)}, "no tag"),
    ({"principal_tags": ("=data",)}, "no tag"),
    ({"principal_tags": ("aws:team=data",)}, "no tag"),
    ({"principal_tags": ("team=${aws:username}",)}, "no tag"),
    ({"principal_tags": ("team=*",)}, "no tag"),
    ({"principal_tags": ("team=a", "TEAM=b")}, "twice"),
    # managed policies
    ({"policy_arns": ("AmazonS3FullAccess",)}, "no ARN of a policy"),
    ({"policy_arns": ("arn:aws:iam::333333333333:policy/x",)}, "another account"),
    ({"policy_arns": ("arn:aws:iam::111111111111:policy/x",)}, "another account"),
    ({"policy_arns": ("arn:aws-cn:iam::aws:policy/AmazonS3FullAccess",)}, "partition"),
    ({"policy_arns": ("arn:aws:iam::aws:policy/",)}, "no ARN of a policy"),
    ({"policy_arns": ("arn:aws:iam::aws:policy/a b",)}, "no name of a policy"),
    ({"boundary": "arn:aws:iam::333333333333:policy/x"}, "another account"),
    ({"boundary": "arn:aws-us-gov:iam::aws:policy/x"}, "partition"),
    # own documents
    ({"policies": (("own", "{nope"),)}, "not JSON"),
    ({"policies": (("own", '\ufeff{"Statement":[]}'),)}, "byte order mark"),
    ({"policies": (("own", '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}'),)}, "twice"),
    ({"policies": (("own", '{"Version":"2012-10-17","Statment":[]}'),)}, "does not know"),
    ({"policies": (("own", " " * (64 * 1024 + 1)),)}, "longer than"),
    (
        {"policies": policy({"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "*", "Resource": "*"})},
        "NotPrincipal",
    ),
    ({"policies": policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})}, "a Principal"),
    ({"policies": policy({"Effect": "Allow", "Action": "s3:*"})}, "without a Resource"),
    (
        {"policies": policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Equals": {"a": "b"}}})},
        "no operator",
    ),
    ({"policies": (("own policy", "{}"),)}, "no name of a policy"),
    ({"policies": ((BUCKETS_POLICY, "{}"),)}, "two policies"),
    ({"policies": policy(LONG_POLICY)}, "10240"),
    ({"trust": tuple(f"arn:aws:iam::111111111111:user/{'x' * 50}{number}" for number in range(30))}, "2048"),
    ({"pin_members": True, "members": tuple(f"{'x' * 50}{number}" for number in range(30))}, "2048"),
)


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=[f"{sorted(one)}-{why}" for one, why in REFUSED])
def test_input_is_refused_with_its_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        made(**changes)
    assert reason in caught.value.message
    assert caught.value.exit_code == 2
    assert caught.value.shown().isprintable() or caught.value.shown().count("\n") <= 2


def test_every_option_but_free_ones_is_refused_somewhere() -> None:
    free = {"same_account", "require_mfa", "self_read", "create_group", "pin_members", "prod_admin", "acc_admin"}
    refused = {name for changes, _ in REFUSED for name in changes}
    assert {one.name for one in fields(Options)} - refused - free == set()


def test_group_as_principal_is_explained_by_what_to_do_instead() -> None:
    with pytest.raises(InputError) as caught:
        made(trust=("arn:aws:iam::111111111111:group/DevGroup",))
    assert "--group DevGroup" in caught.value.hint
    assert "--pin-members" in caught.value.hint


def test_same_account_is_taken_where_it_is_meant() -> None:
    assert made(acc="222222222222", same_account=True).holder.account == "222222222222"


def test_two_accounts_are_not_taken_for_one() -> None:
    with pytest.raises(InputError, match="the role is of 222222222222 and the callers are of 111111111111"):
        made(acc="111111111111", same_account=True)


def test_names_need_neither_bucket_nor_member() -> None:
    found = names(Options(role=ROLE, acc="111111111111", group="Dev,Group"))
    assert found.tag == "111111111111/group/Dev.Group"
    assert found.policy_name == "credhelper-assume-222222222222-acc-to-read-prod-s3-bucket"


def test_longest_names_fit_together() -> None:
    role = f"arn:aws:iam::222222222222:role/{'p' * 500}/{'r' * 64}"
    found = made(role=role, group="g" * 128, members=("m" * 64,))
    assert all(len(name) <= 128 for name in found.holder.inline)
    assert len(found.name) <= 256
