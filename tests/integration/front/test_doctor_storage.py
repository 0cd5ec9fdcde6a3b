"""`doctor`, the step to the bucket: each fault named first, each pair of faults one of them, and no wrong "certain"."""

import itertools
import os
from pathlib import Path

import pytest

from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Check, State, first_cause
from fakes.front.exchange import Answer, Request, refuse
from fakes.front.sentences import refusal
from fakes.front.two_accounts import policy
from fakes.storage_faults import FAULTS, StorageFault
from fakes.storage_world import Setup, allow, deny, shown, world

# A slice of the pairs, or with DOCTOR_PAIRS=all each of them, with and without administrators.
_ALL = list(itertools.combinations(FAULTS, 2))
PAIRS = _ALL if os.environ.get("DOCTOR_PAIRS") == "all" else _ALL[5::29]


def certain(checks: list[Check]) -> set[str]:
    return {found.cause for one in checks for found in one.findings if found.certainty is Certainty.CERTAIN}


def first(checks: list[Check]) -> str:
    """Return the cause that is named first, a warning's where nothing fails."""
    failed = first_cause(checks)
    if failed is not None:
        return failed[1].cause
    warned = (one.first for one in checks if one.state is State.WARNING)
    return next((found.cause for found in warned if found is not None), "")


def right(*faults: StorageFault) -> set[str]:
    return {cause for one in faults for cause in (one.cause, *one.also)}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named_first_and_nothing_else_is_certain(aws: Emulator, tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    with world(aws, tmp_path, fault.apply) as here, here.it.front.journal.watch() as calls:
        alone = here.check(key=fault.has_key)
        both = here.check(admins=True, key=fault.has_key)
    assert first(alone) == (fault.told or fault.cause), shown(alone)
    assert first(both) == fault.cause, shown(both)
    assert certain(alone) | certain(both) <= right(fault), shown(alone) + shown(both)
    assert [call.operation for call in calls.writes] == []
    for found in (found for one in (*alone, *both) for found in one.findings):
        assert found.cause in CAUSES
        assert found.text
        assert found.hint or found.certainty is Certainty.EXCLUDED or found.cause == "s3-denied"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_faults_one_is_named_first_and_no_third_is_certain(
    aws: Emulator, tmp_path: Path, one: str, other: str
) -> None:
    faults = FAULTS[one], FAULTS[other]
    has_key = any(fault.has_key for fault in faults)
    named = right(*faults) | {fault.told or fault.cause for fault in faults}
    with world(aws, tmp_path, *(fault.apply for fault in faults)) as here:
        for admins in (False, True):
            checks = here.check(admins=admins, key=has_key)
            assert first(checks) in named, shown(checks)
            assert certain(checks) <= right(*faults), shown(checks)


def test_healthy_bucket_has_no_finding_and_no_object_is_read_whole(aws: Emulator, tmp_path: Path) -> None:
    with world(aws, tmp_path) as here:
        sizes: list[int] = []
        here.setup.seen.append(lambda request, answer: sizes.append(len(answer.body)) if request.key else None)
        checks = here.check(admins=True)
    assert [(one.id, one.state) for one in checks] == [
        ("s3-bucket", State.OK),
        ("s3-denied", State.OK),
        ("s3-object", State.OK),
    ]
    assert max(sizes) <= 1
    assert not [found for one in checks for found in one.findings]


@pytest.mark.parametrize("admins", [False, True])
def test_near_name_is_offered_where_policies_or_profiles_or_the_account_have_it(
    aws: Emulator, tmp_path: Path, *, admins: bool
) -> None:
    with world(aws, tmp_path, FAULTS["no bucket"].apply) as here:
        name = here.it.bucket
        here.setup.config = f'[profile prod-other]\npolicy = {{"Resource": "arn:aws:s3:::{name}/*"}}\n'
        (check,) = here.check(admins=admins)
    (found,) = check.findings
    where = f"a bucket of account {here.it.prod}" if admins else "profile prod-other"
    assert found.text == f"there is no bucket {here.setup.asked}; did you mean {name} ({where})?"
    assert found.hint == f"look at that one: credhelper doctor prod-s3 --bucket {name}"
    assert found.evidence == ("AWS: The specified bucket does not exist",)


def test_near_name_is_found_in_the_callers_own_policies(aws: Emulator, tmp_path: Path) -> None:
    with world(aws, tmp_path, FAULTS["no bucket"].apply) as here:
        rights = policy(allow("iam:*", "*"), allow("s3:GetObject", f"{here.setup.arn}/*"))
        iam = here.it.client("iam", here.it.acc)
        iam.put_user_policy(UserName="David", PolicyName="mine", PolicyDocument=rights)
        (check,) = here.check()
    assert f"did you mean {here.it.bucket} (user David/mine)?" in check.text


def test_region_that_the_client_is_not_led_to_fails_with_its_name(aws: Emulator, tmp_path: Path) -> None:
    with world(aws, tmp_path, lambda setup: setup.always.append(_elsewhere)) as here:
        checks = here.check()
    found = first_cause(checks)
    assert found is not None
    assert (found[0].id, found[1].cause, found[1].certainty) == ("s3-bucket", "s3-region", Certainty.CERTAIN)
    assert found[1].hint == "credhelper profile set prod-s3 --region eu-central-1"
    assert "is in eu-central-1, and us-east-1 was asked" in found[1].text


def _elsewhere(request: Request) -> Answer | None:
    if not request.bucket:
        return None
    moved = refuse(request, refusal("s3-other-region"), Endpoint=f"{request.bucket}.s3.amazonaws.com")
    return Answer(moved.status, moved.body, {**moved.headers, "x-amz-bucket-region": "eu-central-1"})


def test_sentence_that_the_documents_contradict_is_not_certain(aws: Emulator, tmp_path: Path) -> None:
    # MiniStack calls what a boundary denies a denial of an identity-based policy.
    def boundary(setup: Setup) -> None:
        setup.boundary = [allow("ec2:*", "*")]

    with world(aws, tmp_path, boundary) as here:
        checks = here.check(admins=True, key=False)
    found = {one.cause: one.certainty for one in checks[-1].findings}
    assert found["s3-boundary"] is Certainty.CERTAIN
    assert found["s3-role-policy"] is Certainty.LIKELY
    assert first(checks) == "s3-boundary"


def test_prefix_that_the_role_may_list_is_told_from_the_rest(aws: Emulator, tmp_path: Path) -> None:
    def below_home(setup: Setup) -> None:
        setup.role = [allow("s3:ListBucket", setup.arn, StringLike={"s3:prefix": "home/*"})]

    with world(aws, tmp_path, below_home) as here:
        whole = here.check(admins=True, key=False)
        below = here.check(key=False, bucket=f"{here.it.bucket}/home/")
    found = whole[-1].first
    assert found is not None
    assert "statement 1, allows it where s3:prefix StringLike home/*" in found.text
    assert below[-1].state is State.OK


def test_policies_that_could_not_all_be_read_make_nothing_certain(aws: Emulator, tmp_path: Path) -> None:
    def bare(setup: Setup) -> None:
        setup.role = []
        setup.always.append(_bare)

    def _bare(request: Request) -> Answer | None:
        is_half = request.operation == "ListAttachedRolePolicies"
        if is_half or request.operation == "ListObjectsV2":
            return refuse(request, refusal("s3-outsider"))
        return None

    with world(aws, tmp_path, bare) as here:
        checks = here.check(admins=True, key=False)
    assert certain(checks) == set(), shown(checks)


def test_session_of_long_lived_keys_without_a_code_has_no_mfa(aws: Emulator, tmp_path: Path) -> None:
    def only_with_mfa(setup: Setup) -> None:
        setup.role.append(deny("s3:*", "*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}))
        setup.always.append(
            lambda one: refuse(one, refusal("s3-outsider")) if one.operation == "ListObjectsV2" else None
        )

    with world(aws, tmp_path, only_with_mfa) as here:
        told = {}
        for has_code in (False, True):
            here.has_token_code = has_code
            told[has_code] = {one.cause: one.certainty for one in here.check(admins=True, key=False)[-1].findings}
    assert told[False]["s3-role-policy"] is Certainty.CERTAIN
    assert told[True]["s3-role-policy"] is Certainty.EXCLUDED


def test_s3_that_does_not_answer_is_a_cause_of_its_own(aws: Emulator, tmp_path: Path) -> None:
    with world(aws, tmp_path) as here:
        here.setup.s3_url = "http://127.0.0.1:9"
        (check,) = here.check(admins=True)
    assert check.findings[0].cause == "s3-unreachable"
    assert "127.0.0.1:9" in check.text


@pytest.mark.parametrize(
    ("bucket", "again"),
    [
        ("arn:aws:s3:::list-prod-bkt-details-01/a", "list-prod-bkt-details-01/a"),
        *((one, "BUCKET") for one in ("Prod_Bucket", "a", "x..y", "a\x1b[31mb", "arn:aws:s3:::a\x1b[31mb")),
        ("logs--use1-az4--x-s3", "BUCKET"),
    ],
)
def test_text_that_is_no_name_of_a_bucket_is_not_asked_for(
    aws: Emulator, tmp_path: Path, bucket: str, again: str
) -> None:
    with world(aws, tmp_path) as here, here.it.front.journal.watch() as calls:
        (check,) = here.check(bucket=bucket)
    assert (check.id, check.findings[0].cause) == ("s3-bucket", "s3-bucket-name")
    assert check.text.isprintable()
    assert check.findings[0].hint.endswith(f"--bucket {again}")
    assert [call for call in calls.calls if call.action.startswith("s3:Get")] == []


def test_key_may_be_given_with_its_bucket_before_it(aws: Emulator, tmp_path: Path) -> None:
    with world(aws, tmp_path) as here:
        here.setup.key = f"s3://{here.it.bucket}/{here.setup.key}"
        states = [one.state for one in here.check()]
    assert set(states) == {State.OK}


def test_foreign_text_is_harmless_in_every_line(aws: Emulator, tmp_path: Path) -> None:
    def hostile(setup: Setup) -> None:
        only = {"StringNotEquals": {"aws:PrincipalTag/\x1b[31mteam": "\u202ered\n"}}
        setup.bucket.append({**deny("s3:*", [setup.arn, f"{setup.arn}/*"], **only), "Sid": "a\x1b]0;x\x07"})
        setup.key = "\x1b[2Jreadme.txt"

    with world(aws, tmp_path, hostile) as here:
        checks = here.check(admins=True)
    lines = [one.text for one in checks]
    lines += [text for one in checks for found in one.findings for text in (found.text, found.hint, *found.evidence)]
    assert [line for line in lines if not line.isprintable()] == []


def test_of_an_object_that_may_be_listed_and_not_read_only_the_reading_is_denied(aws: Emulator, tmp_path: Path) -> None:
    def list_only(setup: Setup) -> None:
        setup.role = [allow("s3:ListBucket", setup.arn)]

    with world(aws, tmp_path, list_only) as here:
        checks = here.check(admins=True)
        here.setup.key = "radme.txt"
        missing = here.check()
    assert [one.state for one in checks] == [State.OK, State.OK, State.FAIL]
    assert first(checks) == "s3-role-policy"
    assert "s3:GetObject" in checks[-1].findings[0].hint
    assert first(missing) == "s3-object-missing"
    assert missing[-1].findings[0].hint.endswith("--object readme.txt")
    assert certain(missing) == {"s3-object-missing", "s3-role-policy"}
