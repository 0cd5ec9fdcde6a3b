"""Which layer keeps a role from a bucket: by S3's sentence, by the documents, and never surer than these are."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from credhelper.diagnosis.causes import storage as storage_causes
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Finding, State
from credhelper.diagnosis.storage import bucket as storage
from credhelper.diagnosis.storage import kms_key as storage_key
from credhelper.diagnosis.storage import layers as storage_layers
from credhelper.diagnosis.storage import objects as storage_object
from credhelper.diagnosis.storage.evidence import OK, Answer, Asker, BucketLook, Known, Layer, ObjectLook, Papers
from credhelper.policy import denial
from credhelper.policy.denial import Kind
from fakes.front.sentences import denial as sentence
from fakes.front.sentences import refusal
from fakes.grant_story import document

PROD, ACC = "222222222222", "111111111111"
ROLE = f"arn:aws:iam::{PROD}:role/acc-to-read-prod-s3-bucket"
SESSION = f"arn:aws:sts::{PROD}:assumed-role/acc-to-read-prod-s3-bucket/david"
BUCKET = "list-prod-bkt-details-01"
ARN = f"arn:aws:s3:::{BUCKET}"
KEY = f"arn:aws:kms:eu-west-1:{PROD}:key/11112222-3333-4444-5555-666677778888"
ASKER = Asker(
    profile="prod-s3", role_arn=ROLE, session_arn=SESSION, now_s=1_790_000_000, region="us-east-1", admin="prod-admin"
)
FORBIDDEN = Answer(code="403", said="Forbidden", denial=denial.read("Forbidden"))
UNREAD = Papers()
CERTAIN, LIKELY, POSSIBLE = Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE


def statement(effect: str, action: str = "s3:ListBucket", resource: str = ARN, **more: Any) -> Mapping[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def layer(*statements: Mapping[str, Any], name: str = "policy", is_whole: bool = True) -> Layer:
    return Layer(documents=((name, document(*statements)),) if statements else (), is_whole=is_whole)


ALLOW = layer(statement("Allow"))
NOTHING = layer()
OWN = Papers(identity=ALLOW, boundary=None, session=None, bucket=NOTHING, owner=PROD, has_acls=False)
OTHERS = replace(OWN, bucket=layer(statement("Allow", Principal={"AWS": ROLE})), owner=ACC, is_not_owner=True)


def said(text: str, code: str = "AccessDenied") -> Answer:
    return Answer(code=code, said=text, denial=denial.read(text))


BARE = said("Access Denied")


def look(listed: Answer, **more: Any) -> BucketLook:
    return BucketLook(bucket=BUCKET, head=OK if listed.is_ok else FORBIDDEN, listed=listed, region="us-east-1", **more)


def listed(answer: Answer, papers: Papers = UNREAD, **more: Any) -> list[Finding]:
    """Return what the check of a list has found."""
    _, check = storage.of_bucket(Known(asker=ASKER, bucket=look(answer), papers=papers, **more))
    assert check.state is State.FAIL
    return list(check.findings)


def sure(found: list[Finding]) -> dict[str, Certainty]:
    return {one.cause: one.certainty for one in found if one.certainty is not Certainty.EXCLUDED}


@pytest.mark.parametrize(
    ("kind", "effect", "cause"),
    [
        (Kind.IDENTITY, "implicit", "s3-role-policy"),
        (Kind.IDENTITY, "explicit", "s3-role-policy"),
        (Kind.RESOURCE, "explicit", "s3-bucket-policy"),
        (Kind.BOUNDARY, "implicit", "s3-boundary"),
        (Kind.BOUNDARY, "explicit", "s3-boundary"),
        (Kind.SESSION, "implicit", "s3-session-policy"),
        (Kind.SESSION, "explicit", "s3-session-policy"),
        (Kind.SCP, "implicit", "s3-scp"),
        (Kind.SCP, "explicit", "s3-scp"),
        (Kind.RCP, "explicit", "s3-rcp"),
        (Kind.VPC_ENDPOINT, "implicit", "s3-vpc-endpoint"),
        (Kind.VPC_ENDPOINT, "explicit", "s3-vpc-endpoint"),
        (Kind.RESOURCE, "implicit", "s3-bucket-policy"),
        (Kind.SCP, "transitive", "s3-scp"),
    ],
)
def test_layer_that_s3_names_is_certain(kind: Kind, effect: str, cause: str) -> None:
    text = sentence(kind.value, effect, user=SESSION, action="s3:ListBucket", resource=ARN, quotes=True)
    (found,) = listed(said(text))
    assert (found.cause, found.certainty) == (cause, CERTAIN)
    assert found.evidence == (f"AWS: {text}",)


def test_documents_that_contradict_the_sentence_make_it_likely() -> None:
    text = sentence("identity-based policy", "implicit", user=SESSION, action="s3:ListBucket")
    assert sure(listed(said(text), OWN))["s3-role-policy"] is LIKELY
    assert sure(listed(said(text), replace(OWN, identity=NOTHING)))["s3-role-policy"] is CERTAIN


@pytest.mark.parametrize("papers", [UNREAD, OWN, OTHERS], ids=["nothing read", "own", "another's"])
def test_two_words_of_s3_alone_make_nothing_certain(papers: Papers) -> None:
    assert CERTAIN not in sure(listed(BARE, papers)).values()


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"identity": NOTHING}, {"s3-role-policy": CERTAIN}),
        ({"identity": layer(statement("Allow", resource=f"{ARN}/*"))}, {"s3-role-policy": CERTAIN}),
        ({"identity": layer(statement("Allow"), statement("Deny", "s3:*", "*"))}, {"s3-role-policy": CERTAIN}),
        ({"boundary": NOTHING}, {"s3-boundary": CERTAIN}),
        ({"session": layer(statement("Allow", "s3:GetObject", "*"))}, {"s3-session-policy": CERTAIN}),
        ({"bucket": layer(statement("Deny", Principal="*"))}, {"s3-bucket-policy": CERTAIN}),
        (
            {"bucket": layer(statement("Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))},
            {"s3-scp": LIKELY, "s3-rcp": POSSIBLE, "s3-vpc-endpoint": POSSIBLE},
        ),
        # Within one account the bucket's policy alone lets in, and then the role's need not.
        (
            {"identity": NOTHING, "bucket": layer(statement("Allow", Principal={"AWS": ROLE}))},
            {"s3-scp": LIKELY, "s3-rcp": POSSIBLE, "s3-vpc-endpoint": POSSIBLE},
        ),
        (
            {"boundary": NOTHING, "bucket": layer(statement("Allow", Principal={"AWS": ROLE}))},
            {"s3-boundary": POSSIBLE},
        ),
        # The policy of the bucket was not read: it may let in.
        ({"identity": NOTHING, "bucket": Layer(is_whole=False)}, {"s3-role-policy": LIKELY}),
        ({"identity": NOTHING, "bucket": Layer(is_whole=False), "owner": ""}, {"s3-role-policy": LIKELY}),
        # Some policies of the role were not read: one may allow.
        ({"identity": layer(statement("Allow", resource="*"), is_whole=False)}, {"s3-denied": LIKELY}),
        ({"identity": layer(statement("Allow", "s3:GetObject", "*"), is_whole=False)}, {"s3-role-policy": POSSIBLE}),
        # Block Public Access is for other accounts.
        (
            {"bucket": layer(statement("Allow", Principal="*")), "is_restricted": True, "is_public": True},
            {"s3-scp": LIKELY, "s3-rcp": POSSIBLE, "s3-vpc-endpoint": POSSIBLE},
        ),
    ],
)
def test_layer_that_refuses_is_named_as_sure_as_the_documents_are(
    change: dict[str, Any], wanted: Mapping[str, Certainty]
) -> None:
    assert sure(listed(BARE, replace(OWN, **change))) == wanted


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"bucket": NOTHING}, {"s3-bucket-policy": CERTAIN}),
        ({"bucket": NOTHING, "has_acls": True}, {"s3-bucket-policy": LIKELY}),
        ({"identity": NOTHING}, {"s3-role-policy": CERTAIN}),
        ({"boundary": NOTHING}, {"s3-boundary": CERTAIN}),
        (
            {"bucket": layer(statement("Allow", Principal="*")), "is_restricted": True, "is_public": True},
            {"s3-block-public-access": CERTAIN},
        ),
        (
            {"bucket": layer(statement("Allow", Principal="*")), "is_restricted": True},
            {"s3-block-public-access": CERTAIN},
        ),
        (
            {"bucket": layer(statement("Allow", Principal="*")), "is_restricted": False},
            {"s3-block-public-access": LIKELY, "s3-scp": LIKELY, "s3-rcp": POSSIBLE, "s3-vpc-endpoint": POSSIBLE},
        ),
    ],
)
def test_bucket_of_another_account_has_to_let_the_role_in_as_well(
    change: dict[str, Any], wanted: Mapping[str, Certainty]
) -> None:
    assert sure(listed(BARE, replace(OTHERS, **change))) == wanted


UNKNOWN_KEYS = [
    {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
    {"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-111bbb22"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:TokenIssueTime": "false"}},
    {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
    {"StringEquals": {"a:key-of-tomorrow": "x"}},
]


@pytest.mark.parametrize("condition", UNKNOWN_KEYS, ids=lambda one: next(iter(next(iter(one.values())))))
@pytest.mark.parametrize("name", ["identity", "boundary", "session", "bucket"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_key_that_is_not_known_makes_nothing_certain(effect: str, name: str, condition: object) -> None:
    who = {"Principal": "*"} if name == "bucket" else {}
    unsure = statement(effect, Condition=condition, **who)
    statements = [unsure] if effect == "Allow" else [unsure, *([statement("Allow")] if name != "bucket" else [])]
    base = replace(OTHERS, bucket=layer(statement("Allow", Principal="*"))) if name == "bucket" else OWN
    changed: dict[str, Any] = {name: layer(*statements)}
    found = sure(listed(BARE, replace(base, **changed)))
    assert CERTAIN not in found.values()
    cause = {"identity": "s3-role-policy", "bucket": "s3-bucket-policy"}.get(name, f"s3-{name}")
    assert found.get(f"{cause}-policy" if name == "session" else cause) is POSSIBLE


def test_mfa_of_the_session_counts_where_it_is_known() -> None:
    denies = layer(statement("Allow"), statement("Deny", Condition=UNKNOWN_KEYS[5]))
    for has_mfa, wanted in ((None, POSSIBLE), (False, CERTAIN), (True, None)):
        known = Known(asker=replace(ASKER, has_mfa=has_mfa), bucket=look(BARE), papers=replace(OWN, identity=denies))
        assert sure(list(storage.of_bucket(known)[1].findings)).get("s3-role-policy") is wanted


ROOT = layer(statement("Allow", "kms:*", "*", Principal={"AWS": f"arn:aws:iam::{PROD}:root"}))
NAMED = layer(statement("Allow", "kms:Decrypt", "*", Principal={"AWS": ROLE}))
DECRYPTS = layer(statement("Allow", "kms:Decrypt", KEY))


@pytest.mark.parametrize(
    ("key", "identity", "wanted"),
    [
        (ROOT, DECRYPTS, {}),
        (ROOT, NOTHING, {"s3-kms-policy": CERTAIN}),
        (NAMED, NOTHING, {}),
        (NOTHING, DECRYPTS, {"s3-kms-key": CERTAIN}),
        (NOTHING, NOTHING, {"s3-kms-key": CERTAIN, "s3-kms-policy": POSSIBLE}),
        (layer(statement("Deny", "kms:*", "*", Principal="*")), DECRYPTS, {"s3-kms-key": CERTAIN}),
        (Layer(is_whole=False), NOTHING, {"s3-kms-policy": POSSIBLE}),
        (Layer(is_whole=False), DECRYPTS, {}),
        (
            layer(
                statement(
                    "Allow",
                    "kms:*",
                    "*",
                    Principal="*",
                    Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
                )
            ),
            NOTHING,
            {},
        ),
        (
            layer(
                statement("Allow", "kms:*", "*", Principal="*", Condition={"StringEquals": {"kms:CallerAccount": ACC}})
            ),
            DECRYPTS,
            {"s3-kms-key": CERTAIN},
        ),
    ],
)
def test_key_and_role_are_held_against_each_other(key: Layer, identity: Layer, wanted: Mapping[str, Certainty]) -> None:
    it = ObjectLook(key="readme.txt", head=OK, encryption="aws:kms", kms_key=KEY)
    request = storage_key.decrypting(ASKER, BUCKET, it, "eu-west-1")
    told = storage_key.refusals(replace(OWN, key=key, identity=identity), ASKER, request, is_named=True)
    assert {one.finding.cause: one.finding.certainty for one in told} == wanted


def test_missing_policy_of_a_key_is_likely_where_kms_does_not_name_it() -> None:
    it = ObjectLook(key="readme.txt", head=OK, got=BARE, encryption="aws:kms", kms_key=KEY)
    papers = replace(OWN, key=NOTHING, identity=layer(statement("Allow"), statement("Allow", "kms:Decrypt", KEY)))
    checks = storage_object.of_object(Known(asker=ASKER, bucket=look(OK), object=it, papers=papers))
    assert sure(list(checks[-1].findings)) == {"s3-kms-key": LIKELY}


@pytest.mark.parametrize(
    ("got", "head", "seen", "listed_answer", "wanted"),
    [
        (BARE, FORBIDDEN, None, said("Access Denied"), {"s3-denied": LIKELY, "s3-object-missing": POSSIBLE}),
        (BARE, FORBIDDEN, False, said("Access Denied"), {"s3-object-missing": CERTAIN}),
        (
            said(sentence("identity-based policy", "implicit", user=SESSION, action="s3:ListBucket")),
            FORBIDDEN,
            None,
            said("Access Denied"),
            {"s3-object-missing": LIKELY, "s3-role-policy": POSSIBLE},
        ),
        (
            said(sentence("identity-based policy", "implicit", user=SESSION, action="s3:GetObject")),
            FORBIDDEN,
            None,
            said("Access Denied"),
            {"s3-role-policy": CERTAIN, "s3-object-missing": POSSIBLE},
        ),
        (
            said(sentence("identity-based policy", "implicit", user=SESSION, action="s3:GetObject")),
            FORBIDDEN,
            True,
            said("Access Denied"),
            {"s3-role-policy": CERTAIN},
        ),
        (Answer(code="NoSuchKey"), Answer(code="404"), None, OK, {"s3-object-missing": CERTAIN}),
        (said("", "InvalidObjectState"), OK, None, OK, {"s3-archived": CERTAIN}),
        (said("", "KMS.DisabledException"), OK, None, OK, {"s3-kms-key": CERTAIN}),
        (said(refusal("kms-identity", user=SESSION).message), OK, None, OK, {"s3-kms-policy": CERTAIN}),
        (said(refusal("kms-three-causes", user=SESSION).message), OK, None, OK, {"s3-kms-key": CERTAIN}),
        (said("", "SlowDown"), OK, None, OK, {"s3-refused": CERTAIN}),
    ],
)
def test_object_that_cannot_be_read_is_denied_missing_archived_or_locked(
    got: Answer, head: Answer, seen: bool | None, listed_answer: Answer, wanted: Mapping[str, Certainty]
) -> None:
    it = ObjectLook(key="readme.txt", head=head, got=got)
    known = Known(asker=ASKER, bucket=look(listed_answer), object=it, object_seen=seen)
    check = storage_object.of_object(known)[-1]
    causes = {cause: one for cause, one in sure(list(check.findings)).items() if cause in wanted}
    assert check.state is State.FAIL
    assert causes == wanted
    assert check.first is not None
    assert check.first.cause == next(iter(wanted))


def test_one_who_hears_reasons_is_not_told_that_the_bucket_is_anothers() -> None:
    inside = said(sentence("identity-based policy", "implicit", user=SESSION, action="s3:ListBucket"))
    it = ObjectLook(key="readme.txt", head=FORBIDDEN, got=BARE)
    (check,) = storage_object.of_object(Known(asker=ASKER, bucket=look(inside), object=it))
    assert not [found for found in check.findings if "another's" in found.text]
    assert sure(list(check.findings))["s3-object-missing"] is LIKELY


def test_hint_is_one_line_for_a_shell_and_runs_nothing_of_the_key() -> None:
    key = "a'b $(touch x) `id` \x1b[2J; rm -rf .txt"
    it = ObjectLook(key=key, head=FORBIDDEN, got=BARE, near=(f"{key}2",), is_listed=False, kms_key=KEY)
    known = Known(asker=ASKER, bucket=look(OK), object=it, papers=replace(OWN, identity=NOTHING))
    hints = [found.hint for one in storage_object.of_object(known) for found in one.findings]
    assert hints
    for hint in hints:
        assert hint.isprintable()
        words = shlex.split(hint.partition(": ")[2])
        assert not {"$(touch", "x)", "rm", "`id`"} & set(words)


def test_policy_of_the_hint_takes_no_name_that_is_in_use() -> None:
    taken = layer(statement("Allow", "s3:GetObject", "*"), name=f"role x/s3-ListBucket-{BUCKET}")
    (found,) = (one for one in listed(BARE, replace(OWN, identity=taken)) if one.cause == "s3-role-policy")
    assert f"--policy-name s3-ListBucket-{BUCKET}-2 " in found.hint


def test_each_cause_is_in_the_table_with_its_words() -> None:
    constants = {value for value in vars(storage_layers).values() if isinstance(value, str) and value[:3] == "s3-"}
    named = constants | {"s3-kms-key", "s3-kms-policy", "s3-no-bucket", "s3-region", "s3-object-missing", "s3-archived"}
    named |= {"s3-denied", "s3-refused", "s3-unreachable", "s3-bucket-name"}
    assert named == {one.id for one in storage_causes.CAUSES}
    for one in storage_causes.CAUSES:
        assert CAUSES[one.id] is one
        assert one.title
        assert one.meaning.endswith(".")
        assert one.way_out.endswith(".")
