"""AWS's sentences, as its pages and users' reports have them, each with all that is in it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.policy.denial import Cause, Denial, Kind, read

USER = "arn:aws:iam::111111111111:user/David"
SESSION = "arn:aws:sts::111111111111:assumed-role/reader/david"
ROLE = "arn:aws:iam::222222222222:role/reader"
SAID = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
SCP = "arn:aws:organizations::333333333333:policy/o-abcdefghij/service_control_policy/p-abcdefgh"
BOUNDARY = "arn:aws:iam::111111111111:policy/team/limit"


VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "refusals.json").read_text("utf-8"))["denials"]


@pytest.mark.parametrize("said", VECTORS, ids=lambda said: f"{said['layer']}, {said['effect']}, {said['action']}")
def test_sentence_of_a_page_is_read_whole(said: dict[str, Any]) -> None:
    told = read(said["text"])
    assert told is not None
    assert (told.caller, told.action) == (said["user"], said["action"])
    assert told.kind is not None
    assert told.kind.value == said["layer"]
    assert told.is_explicit == (said["effect"] != "implicit")
    assert (told.seen_in is not None) == (said["effect"] == "transitive")


def denied(**changes: Any) -> Denial:
    fields: dict[str, Any] = {"caller": USER, "action": "sts:AssumeRole", "resource": ROLE, **changes}
    return Denial(**fields)


@pytest.mark.parametrize("kind", list(Kind))
def test_missing_allow_of_every_kind(kind: Kind) -> None:
    said = f"{SAID} because no {kind.value} allows the sts:AssumeRole action"
    assert read(said) == denied(kind=kind, is_explicit=False)


@pytest.mark.parametrize("article", ["a ", "an ", "the ", ""])
@pytest.mark.parametrize("kind", list(Kind))
def test_explicit_deny_of_every_kind(kind: Kind, article: str) -> None:
    assert read(f"{SAID} with an explicit deny in {article}{kind.value}") == denied(kind=kind, is_explicit=True)


@pytest.mark.parametrize(
    ("said", "denial"),
    [
        (SAID, denied()),
        (
            f"{SAID} with an explicit deny in a service control policy: {SCP}",
            denied(kind=Kind.SCP, is_explicit=True, policy_arn=SCP),
        ),
        (
            f"{SAID} with an explicit deny in a permissions boundary: {BOUNDARY}.",
            denied(kind=Kind.BOUNDARY, is_explicit=True, policy_arn=BOUNDARY),
        ),
        (
            f"{SAID} because no permissions boundary allows the sts:AssumeRole action: {BOUNDARY}",
            denied(kind=Kind.BOUNDARY, is_explicit=False, policy_arn=BOUNDARY),
        ),
        (
            f"{SAID} with an explicit deny in a resource-based policy transitively through a VPC endpoint policy",
            denied(kind=Kind.VPC_ENDPOINT, is_explicit=True, seen_in=Kind.RESOURCE),
        ),
        (
            (
                f"{SAID} with an explicit deny in an identity-based policy transitively through a VPC endpoint "
                f"policy: {BOUNDARY}"
            ),
            denied(kind=Kind.VPC_ENDPOINT, is_explicit=True, seen_in=Kind.IDENTITY, policy_arn=BOUNDARY),
        ),
        (
            f"{SAID} because no sessions policy allows the sts:AssumeRole action",
            denied(kind=Kind.SESSION, is_explicit=False),
        ),
        (
            f"{SAID} because the role trust policy allows the sts:AssumeRole action",  # a slip of the page
            denied(kind=Kind.TRUST, is_explicit=False),
        ),
        (
            f"{SAID} because no vpc endpoint policy allows the sts:AssumeRole action",
            denied(kind=Kind.VPC_ENDPOINT, is_explicit=False),
        ),
        (f"{SAID} with an explicit deny in something new", denied(is_explicit=True)),
        (f"{SAID} with an explicit deny in a service control policy: hunt3r2", denied(kind=Kind.SCP, is_explicit=True)),
        (
            SAID.replace(" ", "\n   ") + "\n because no\n identity-based policy\tallows the sts:AssumeRole action",
            denied(kind=Kind.IDENTITY, is_explicit=False),
        ),
        (f"An error occurred (AccessDenied) when calling the AssumeRole operation: {SAID}", denied()),
        ("User:  is not authorized to perform: sts:AssumeRole on resource: " + ROLE, denied(caller="")),
        ("Not authorized to perform sts:AssumeRole", Denial(action="sts:AssumeRole")),
        (
            (
                f"User: {USER} is not authorized to perform: sts:AssumeRole because no identity-based policy allows "
                f"the "
                "sts:AssumeRole action"
            ),
            Denial(caller=USER, action="sts:AssumeRole", kind=Kind.IDENTITY, is_explicit=False),
        ),
        (
            "not authorized because no identity-based policy allows the sts:TagSession action",
            Denial(action="sts:TagSession", kind=Kind.IDENTITY, is_explicit=False),
        ),
        (
            (
                f'User: {SESSION} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::bucket" '
                f"because no "
                "identity-based policy allows the s3:ListBucket action"
            ),
            Denial(
                caller=SESSION,
                action="s3:ListBucket",
                resource="arn:aws:s3:::bucket",
                kind=Kind.IDENTITY,
                is_explicit=False,
            ),
        ),
        (
            (
                f'User: {SESSION} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/a b:"*" c" '
                f"with an "
                "explicit deny in a resource-based policy"
            ),
            Denial(
                caller=SESSION,
                action="s3:GetObject",
                resource='arn:aws:s3:::b/a b:"*" c',
                kind=Kind.RESOURCE,
                is_explicit=True,
            ),
        ),
        (
            (
                f'User: {SESSION} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/x" because '
                f"no "
                'service control policy allows the s3:GetObject action" because no identity-based policy allows the '
                "s3:GetObject action"
            ),
            Denial(
                caller=SESSION,
                action="s3:GetObject",
                kind=Kind.IDENTITY,
                is_explicit=False,
                resource='arn:aws:s3:::b/x" because no service control policy allows the s3:GetObject action',
            ),
        ),
        (
            "User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::*:role/*",
            Denial(caller="x", action="sts:AssumeRole", resource="arn:aws:iam::*:role/*"),
        ),
        (
            (
                "You are not authorized to perform this operation. User: x is not authorized to perform: "
                "ec2:RunInstances on "
                "resource: arn:aws:ec2:eu-west-1:111111111111:instance/* because no identity-based policy allows the "
                "ec2:RunInstances action. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcde_-"
            ),
            Denial(
                caller="x",
                action="ec2:RunInstances",
                resource="arn:aws:ec2:eu-west-1:111111111111:instance/*",
                kind=Kind.IDENTITY,
                is_explicit=False,
                encoded="4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcde_-",
            ),
        ),
        (
            (
                f"User: {SESSION} is not authorized to perform: kms:Decrypt on the resource associated with this "
                f"ciphertext "
                "because the resource does not exist in this Region, no resource-based policies allow access, or a "
                "resource-based policy explicitly denies access"
            ),
            Denial(cause=Cause.KMS_KEY, caller=SESSION, action="kms:Decrypt"),
        ),
        (
            (
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
                "or you "
                "are not allowed to access."
            ),
            Denial(cause=Cause.KMS_KEY),
        ),
        (
            (
                f'User: {SESSION} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b" '
                f"because "
                "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
            ),
            Denial(
                cause=Cause.BLOCK_PUBLIC_POLICY, caller=SESSION, action="s3:PutBucketPolicy", resource="arn:aws:s3:::b"
            ),
        ),
        (
            (
                f'User: {SESSION} is not authorized to perform: s3:PutObjectAcl on resource: "arn:aws:s3:::b/k" '
                f"because public "
                "access control lists (ACLs) are prevented by the BlockPublicAcls setting in S3 Block Public Access."
            ),
            Denial(
                cause=Cause.BLOCK_PUBLIC_ACLS, caller=SESSION, action="s3:PutObjectAcl", resource="arn:aws:s3:::b/k"
            ),
        ),
        ("MultiFactorAuthentication failed with invalid MFA one time pass code. ", Denial(cause=Cause.WRONG_CODE)),
        ("MultiFactorAuthentication failed, unable to validate MFA code.", Denial(cause=Cause.NO_DEVICE)),
        ("Roles may not be assumed by root accounts.", Denial(cause=Cause.ROOT_CALLER)),
        (
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            Denial(cause=Cause.MAX_SESSION),
        ),
        (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            Denial(cause=Cause.CHAINING),
        ),
        ("Access Denied", Denial(cause=Cause.BARE)),
        ("AccessDenied.", Denial(cause=Cause.BARE)),
        ("Forbidden", Denial(cause=Cause.BARE)),
    ],
)
def test_sentence(said: str, denial: Denial) -> None:
    assert read(said) == denial


@pytest.mark.parametrize(
    "said", ["", "Rate exceeded", "The security token included in the request is expired", "Access Denied by my proxy"]
)
def test_what_is_no_refusal(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize("word", ["MaxSessionDuration", "BlockPublicPolicy", "MultiFactorAuthentication failed"])
def test_cause_in_the_name_of_a_resource_is_none(word: str) -> None:
    said = f'User: {USER} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/{word}"'
    found = read(said)
    assert found is not None
    assert found.cause is Cause.POLICY


def test_kind_has_its_article() -> None:
    assert [str(kind) for kind in (Kind.IDENTITY, Kind.VPC_ENDPOINT, Kind.BOUNDARY)] == [
        "an identity-based policy", "a VPC endpoint policy", "a permissions boundary",
    ]  # fmt: skip


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for said in (text, f"{SAID} {text}", f"User: {text} is not authorized to perform: {text}"):
        found = read(said)
        assert found is None or isinstance(found.cause, Cause)


@pytest.mark.parametrize(
    "part", ["User: ", 'on resource: "', "with an explicit deny in a ", "a:", "not authorized to perform: s3:a "]
)
def test_long_text_is_read_as_fast_as_a_short_one(part: str) -> None:
    start = time.perf_counter()
    read(part * 100_000)
    assert time.perf_counter() - start < 1
