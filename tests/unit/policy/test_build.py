"""Documents that are made, whole, and every name that becomes none."""

from typing import Any

import pytest

from credhelper.errors import InputError
from credhelper.policy import build
from credhelper.policy.build import Narrowing, Place
from credhelper.policy.difference import same
from credhelper.policy.document import Document, parse
from credhelper.policy.explain import explain
from credhelper.policy.render import to_object
from credhelper.policy.request import Caller, Context, Missing, Request
from credhelper.policy.truth import Truth

BUCKET = "arn:aws:s3:::list-prod-bkt-details-01"
HERE = [Place.of("list-prod-bkt-details-01")]
BELOW = [Place.of("list-prod-bkt-details-01/data/2026")]
KEY = "arn:aws:kms:eu-west-1:222222222222:key/0123-abcd"
ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
DAVID = Caller(name="arn:aws:iam::111111111111:user/David")
READ = ["s3:GetObject", "s3:GetObjectTagging"]
WRITE = [
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
]


def statements(document: Document) -> Any:
    found = to_object(document)
    assert found["Version"] == "2012-10-17"
    assert same(parse(found), document)
    return found["Statement"]


def allow(action: Any, resource: Any, condition: Any = None) -> dict[str, Any]:
    fields = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**fields, "Condition": condition} if condition else fields


def is_allowed(document: Document, action: str, resource: str, **keys: Any) -> bool:
    values = {key.replace("__", ":"): value for key, value in keys.items()}
    context = Context(values, others=Missing.ABSENT)
    found = explain([document], Request(action=action, resource=resource, caller=DAVID, context=context))
    assert found.is_allowed.is_certain
    return found.is_allowed is Truth.TRUE


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ("list", [allow(["s3:ListBucket", "s3:GetBucketLocation"], BUCKET)]),
        ("read", [allow(["s3:ListBucket", "s3:GetBucketLocation"], BUCKET), allow(READ, f"{BUCKET}/*")]),
        (
            "write",
            [
                allow(["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], BUCKET),
                allow(READ + WRITE, f"{BUCKET}/*"),
            ],
        ),
    ],
)
def test_whole_bucket(access: str, expected: list[Any]) -> None:
    assert statements(build.bucket(HERE, access)) == expected


def test_below_a_prefix_only_it_is_listed_and_read() -> None:
    below = {"StringLike": {"s3:prefix": "data/2026/*"}}
    assert statements(build.bucket(BELOW, "write")) == [
        allow("s3:ListBucket", BUCKET, below),
        allow("s3:GetBucketLocation", BUCKET),
        allow(READ + WRITE, f"{BUCKET}/data/2026/*"),
    ]
    found = build.bucket(BELOW, "read")
    assert is_allowed(found, "s3:ListBucket", BUCKET, s3__prefix="data/2026/")
    assert not is_allowed(found, "s3:ListBucket", BUCKET, s3__prefix="data/2026")  # it would list data/2026-secret
    assert not is_allowed(found, "s3:ListBucket", BUCKET)
    assert is_allowed(found, "s3:GetBucketLocation", BUCKET)
    assert is_allowed(found, "s3:GetObject", f"{BUCKET}/data/2026/a")
    assert not is_allowed(found, "s3:GetObject", f"{BUCKET}/data/2026-secret")
    assert not is_allowed(found, "s3:PutObject", f"{BUCKET}/data/2026/a")


def test_several_places_in_another_partition() -> None:
    found = statements(build.bucket([Place("one"), Place("two", "a/")], "list", partition="aws-cn"))
    assert [one["Resource"] for one in found] == ["arn:aws-cn:s3:::one", "arn:aws-cn:s3:::two", "arn:aws-cn:s3:::two"]


@pytest.mark.parametrize(
    ("access", "actions"), [("list", None), ("read", "kms:Decrypt"), ("write", ["kms:Decrypt", "kms:GenerateDataKey"])]
)
def test_key_is_used_through_s3_in_its_region_for_these_buckets_only(access: str, actions: Any) -> None:
    found = [one for one in statements(build.bucket(HERE, access, kms_keys=[KEY])) if one["Resource"] == KEY]
    condition = {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [BUCKET, f"{BUCKET}/*"]},
    }
    assert found == ([allow(actions, KEY, condition)] if actions else [])


def test_key_of_another_partition_has_no_name_of_the_service() -> None:
    key = KEY.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1")
    (found,) = [
        one
        for one in statements(build.bucket(HERE, "read", partition="aws-cn", kms_keys=[key]))
        if one["Resource"] == key
    ]
    assert list(found["Condition"]) == ["StringLike"]


@pytest.mark.parametrize(
    "key", ["alias/x", "arn:aws:kms:eu-west-1:222222222222:alias/x", f"{KEY}*", "*", KEY.replace("222222222222", "2")]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="key ARN") as raised:
        build.bucket(HERE, "read", kms_keys=[key])
    assert "aws kms describe-key" in raised.value.hint
    with pytest.raises(InputError, match="key ARN"):
        build.encrypted_only(HERE, kms_key=key)


@pytest.mark.parametrize(("partition", "region"), [("aws", "cn-north-1"), ("aws-us-gov", "us-east-1")])
def test_key_is_of_the_partition_of_its_region(partition: str, region: str) -> None:
    with pytest.raises(InputError, match=f"{region} is not one of the partition {partition}"):
        build.bucket(HERE, "read", partition=partition, kms_keys=[f"arn:{partition}:kms:{region}:222222222222:key/0"])


HEADER = "s3:x-amz-server-side-encryption"


@pytest.mark.parametrize(
    ("keys", "with_key", "without"),
    [
        ({}, False, False),
        ({HEADER: "AES256"}, True, True),
        ({HEADER: "aws:kms"}, True, False),  # AWS's own key
        ({HEADER: "aws:kms", f"{HEADER}-aws-kms-key-id": KEY}, False, False),
        ({HEADER: "aws:kms", f"{HEADER}-aws-kms-key-id": f"{KEY}x"}, True, False),
    ],
)
def test_upload_with_another_encryption_is_denied(keys: dict[str, str], with_key: bool, without: bool) -> None:
    for key, is_denied in ((KEY, with_key), ("", without)):
        document = build.encrypted_only(BELOW, kms_key=key)
        assert statements(document)
        for resource, applies in ((f"{BUCKET}/data/2026/a", True), (f"{BUCKET}/x", False)):
            request = Request(
                action="s3:PutObject", resource=resource, context=Context({**keys}, others=Missing.ABSENT)
            )
            assert explain([document], request).is_denied is (Truth.TRUE if is_denied and applies else Truth.FALSE)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("bucket", Place("bucket")), ("s3://bucket", Place("bucket")), ("s3://bucket/", Place("bucket")),
        ("bucket/a/b", Place("bucket", "a/b/")), ("bucket/a/b/", Place("bucket", "a/b/")), ("a.b-c1", Place("a.b-c1")),
        ("bucket/Ä b", Place("bucket", "Ä b/")), ("a" * 63, Place("a" * 63)), ("abc", Place("abc")),
    ],
)  # fmt: skip
def test_place(text: str, place: Place) -> None:
    assert Place.of(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "", "ab", "a" * 64, "-abc", "abc-", "Bucket", "a..b", "1.2.3.4", "list-prod-*", "b_c", "${x}", "s3://", "/abc",
        "arn:aws:s3:::bucket", "bucket/a*", "bucket/a?", "bucket/${aws:username}", "bucket/a\nb", "bucket/a\u202eb",
        "bücket", "abc\n",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Place.of(text)


def test_unknown_access_is_refused() -> None:
    with pytest.raises(InputError, match="'all' is none of list, read, write"):
        build.bucket(HERE, "all")


def test_trust_of_an_account() -> None:
    (found,) = statements(build.trust(["arn:aws:iam::111111111111:root"]))
    assert found == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "sts:AssumeRole",
    }


def test_trust_with_all_that_narrows_it() -> None:
    narrowing = Narrowing(
        external_id="id",
        requires_mfa=True,
        source_identities=("david",),
        source_ips=("203.0.113.0/24", "198.51.100.7"),
        org_id="o-abcdefghij",
        principal_tags=(("team", "data"),),
        principal_arns=(DAVID.name,),
    )
    (found,) = statements(build.trust(["111111111111"], narrowing, has_session_tags=True))
    assert found["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    assert found["Condition"] == {
        "StringEquals": {
            "sts:ExternalId": "id",
            "sts:SourceIdentity": "david",
            "aws:PrincipalOrgID": "o-abcdefghij",
            "aws:PrincipalTag/team": "data",
        },
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7"]},
        "ArnEquals": {"aws:PrincipalArn": DAVID.name},
    }


@pytest.mark.parametrize(
    "name",
    [
        "*", "DevGroup", "11111111111", "arn:aws:iam::111111111111:group/DevGroup", "arn:aws:iam::111111111111:user/*",
        "arn:aws:iam::111111111111:instance-profile/x", "arn:aws:s3:::bucket", "arn:aws:iam::111111111111:policy/x",
        "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        "arn:aws:iam::111111111111:user", "arn:aws:iam::111111111111:role/", "arn:aws:iam::111111111111:root/x",
        "arn:aws:iam::111111111111:user/a b", "arn:aws:iam::111111111111:user/a b/c", "arn:aws:iam::1:user\n/x",
        "arn:aws:iam:us-east-1:111111111111:user/x", f"arn:aws:iam::111111111111:role/{'x' * 65}",
        "arn:aws:sts::111111111111:user/x", "arn:aws:iam::111111111111:assumed-role/x/y",
        "arn:aws:sts::111111111111:assumed-role/x", "arn:aws:sts::111111111111:federated-user/",
    ],
)  # fmt: skip
def test_what_no_role_can_trust_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        build.trust(["111111111111", name])


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:iam::111111111111:user/x", "arn:aws:iam::111111111111:role/a/b!/c@d",
        "arn:aws-cn:iam::111111111111:root", "arn:aws:sts::111111111111:assumed-role/ops/i-0123",
        "arn:aws:sts::111111111111:federated-user/Bob", f"arn:aws:iam::111111111111:user/p/{'x' * 64}",
    ],
)  # fmt: skip
def test_what_a_role_can_trust_is_its_principal(name: str) -> None:
    assert build.trust([name]).statements[0].principals == (("AWS", name),)


def test_everybody_is_refused_as_such_where_nothing_narrows_it() -> None:
    with pytest.raises(InputError, match="trust-anyone") as raised:
        build.trust(["*"], Narrowing(external_id="abc", source_ips=("203.0.113.0/24",), requires_mfa=True))
    assert "--org-id" in raised.value.hint


def test_group_as_a_principal_is_told_what_to_do() -> None:
    with pytest.raises(InputError, match="no group as a principal") as raised:
        build.trust(["arn:aws:iam::111111111111:group/DevGroup"])
    assert "group's policy" in raised.value.hint


@pytest.mark.parametrize(
    "narrowing",
    [
        Narrowing(external_id="${aws:username}"),
        Narrowing(principal_arns=("arn:aws:iam::1:user/*",)),
        Narrowing(principal_tags=(("a", "${"),)),
    ],
)
def test_value_that_would_be_a_pattern_or_a_variable_is_refused(narrowing: Narrowing) -> None:
    with pytest.raises(InputError, match="plain text"):
        build.trust(["111111111111"], narrowing)


def test_permission_to_assume() -> None:
    assert statements(build.assume([ROLE])) == [allow("sts:AssumeRole", ROLE)]
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    other = ROLE.replace("role/", "role/team/")
    found = build.assume([ROLE, other], actions=["sts:AssumeRole", "sts:TagSession"], requires_mfa=True)
    assert statements(found) == [allow(["sts:AssumeRole", "sts:TagSession"], [ROLE, other], mfa)]


@pytest.mark.parametrize(
    "roles", [[], ["*"], [f"{ROLE}*"], [ROLE, "x"], [ROLE.replace("222222222222", "*")], [f"{ROLE}\n"]]
)
def test_what_is_no_role_is_not_allowed(roles: list[str]) -> None:
    with pytest.raises(InputError, match="by its ARN"):
        build.assume(roles)


def test_self_read_is_for_the_users_own_policies() -> None:
    found = build.self_read("111111111111", groups=["DevGroup"])
    start = "arn:aws:iam::111111111111:"
    assert [one["Resource"] for one in statements(found)] == [
        [f"{start}user/${{aws:username}}", f"{start}user/*/${{aws:username}}"],
        f"{start}group/DevGroup",
        [f"{start}policy/*", "arn:aws:iam::aws:policy/*"],
    ]
    for action, resource, does in [
        ("iam:GetUserPolicy", f"{start}user/David", True),
        ("iam:ListGroupsForUser", f"{start}user/team/x/David", True),
        ("iam:GetUserPolicy", f"{start}user/Eve", False),
        ("iam:PutUserPolicy", f"{start}user/David", False),
        ("iam:GetGroupPolicy", f"{start}group/DevGroup", True),
        ("iam:GetGroupPolicy", f"{start}group/Other", False),
        ("iam:GetPolicyVersion", "arn:aws:iam::aws:policy/AmazonS3FullAccess", True),
        ("iam:GetPolicyVersion", "arn:aws:iam::222222222222:policy/x", False),
    ]:
        assert is_allowed(found, action, resource, aws__username="David") is does
    assert (
        statements(build.self_read("111111111111", partition="aws-cn"))[1]["Resource"]
        == "arn:aws-cn:iam::111111111111:group/*"
    )


def test_role_self_read_is_for_the_roles_own_policies() -> None:
    document = build.role_self_read("111111111111", "ops")
    for path in ("", "team/a/"):
        assert is_allowed(document, "iam:GetRolePolicy", f"arn:aws:iam::111111111111:role/{path}ops")
    for other in ("role/ops2", "role/ops/x", "user/ops", "role/*"):
        assert not is_allowed(document, "iam:GetRolePolicy", f"arn:aws:iam::111111111111:{other}")
    assert is_allowed(document, "iam:GetPolicyVersion", "arn:aws:iam::aws:policy/AdministratorAccess")
    assert not is_allowed(document, "iam:PutRolePolicy", "arn:aws:iam::111111111111:role/ops")
