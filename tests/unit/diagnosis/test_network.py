"""What is made of what was seen on the way: a state, a cause and how certain it is, and never more than that."""

import itertools

import pytest

from credhelper.aws.explain.facts import THROTTLED
from credhelper.aws.explain.signed import KEYS
from credhelper.diagnosis import network
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, State
from credhelper.diagnosis.network import Key, Seen, Stage, Way, cause_of_code

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
KEY = Key(access_key_id="AKIAIOSFODNN7EXAMPLE", source="default", is_session=False)


def way(stage: Stage = Stage.ANSWERED, *, skew_s: int | None = 0, is_aws: bool = True, proxy: str = "") -> Way:
    return Way(host="sts.us-east-1.amazonaws.com", stage=stage, is_aws=is_aws, message="why", hint="what to do",
               skew_s=skew_s, proxy=proxy, authority="botocore's own CA bundle")  # fmt: skip


@pytest.mark.parametrize("stage", list(Stage))
def test_stage_that_was_not_passed_is_never_excluded(stage: Stage) -> None:
    found = network.network(way(stage))
    assert (found.state is State.OK) == (stage is Stage.ANSWERED)
    excluded = [one.cause for one in found.findings if one.certainty is Certainty.EXCLUDED]
    if stage is not Stage.ANSWERED:
        assert found.findings[0].cause == stage.value
        assert stage.value in CAUSES
        assert stage.value not in excluded
    # Behind a proxy the host's name is the proxy's to resolve.
    through = network.network(way(stage, proxy="HTTPS_PROXY: proxy:8080"))
    assert [one for one in through.findings[1:] if one.certainty is Certainty.EXCLUDED] == []


@pytest.mark.parametrize(
    ("skew_s", "is_accepted", "is_aws", "state", "certainty"),
    [
        (0, False, True, State.OK, None),
        (60, False, True, State.OK, None),
        (61, False, True, State.WARNING, Certainty.CERTAIN),
        (900, False, True, State.WARNING, Certainty.CERTAIN),
        (901, False, True, State.FAIL, Certainty.LIKELY),
        (-901, False, True, State.FAIL, Certainty.LIKELY),
        (901, True, True, State.WARNING, Certainty.CERTAIN),
        (901, True, False, State.FAIL, Certainty.LIKELY),
        (None, False, True, State.UNKNOWN, None),
    ],
)
def test_clock_is_certain_only_where_aws_said_so(
    skew_s: int | None, *, is_accepted: bool, is_aws: bool, state: State, certainty: Certainty | None
) -> None:
    seen = way(skew_s=skew_s, is_aws=is_aws)
    found = network.clock(seen, set_clock="set it", is_refused=False, is_accepted=is_accepted)
    assert (found.state, found.first.certainty if found.first else None) == (state, certainty)
    refused = network.clock(seen, set_clock="set it", is_refused=True, is_accepted=False, refusal="AWS said so")
    assert refused.first is not None
    # With a clock that is right, what AWS says is of a request that was held up.
    is_off = skew_s is None or abs(skew_s) > 60
    assert (refused.state, refused.first.certainty) == (State.FAIL, Certainty.CERTAIN if is_off else Certainty.LIKELY)


@pytest.mark.parametrize("stage", [Stage.NOT_AWS, Stage.PROXY, Stage.TLS, Stage.DNS, Stage.CONNECT])
def test_time_of_what_is_not_aws_says_nothing(stage: Stage) -> None:
    assert network.clock(way(stage, skew_s=9999), set_clock="", is_refused=False, is_accepted=False).state is (
        State.UNKNOWN
    )


def test_every_code_of_the_hand_outs_tables_has_the_cause_of_its_row() -> None:
    for row, is_session in itertools.product(KEYS, (True, False)):
        for code in row.codes:
            cause = cause_of_code(code, is_session=is_session)
            assert cause in CAUSES, code
            if "has expired" in row.cause or "have expired" in row.cause:
                assert cause == "session-expired"
    for code in THROTTLED:
        assert cause_of_code(code, is_session=False) == "throttled"
    for code in ("AccessDenied", "ValidationError", "", "MalformedPolicyDocument"):
        assert not cause_of_code(code, is_session=False)


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (None, "key-unknown"),
        (Seen(admin="a", account="1", unseen="may not"), "key-unknown"),
        (Seen(admin="a", account="1", user="David", status="Inactive"), "key-inactive"),
        (Seen(admin="a", account="1", user="David", status="Active"), "key-unknown"),
        (Seen(admin="a", account="1", user="David"), "key-unknown"),
        (Seen(admin="a", account="1"), "key-deleted"),
    ],
)
def test_key_is_what_the_administrator_sees(seen: Seen | None, cause: str) -> None:
    found = network.key_unknown(KEY, "AWS knows no such key", "aws configure", seen, again="again")
    assert found.first is not None
    assert found.first.cause == cause
    # Inactive and deleted are certain only to those who saw it.
    certain = {one.cause for one in found.findings if one.certainty is Certainty.CERTAIN}
    assert certain == ({cause} if cause != "key-deleted" else set())


def test_caller_of_another_partition_is_not_known_there() -> None:
    found = network.caller(KEY, "arn:aws-cn:iam::111111111111:user/David", ROLE)
    assert found.first is not None
    assert (found.first.cause, found.state) == ("role-arn", State.FAIL)
    assert network.caller(KEY, "arn:aws:iam::111111111111:user/David", ROLE).text == (
        "default: arn:aws:iam::111111111111:user/David (key …MPLE)"
    )
