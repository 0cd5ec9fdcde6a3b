"""A time that credentials expire at is read as botocore reads it, and each text that is none has a name of its own."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.aws import expiration
from fakes import canary

NOON = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
TIMES = {
    "2026-11-28T12:00:00Z": NOON,
    "2026-11-28T12:00:00.000000Z": NOON,
    "2026-11-28T12:00:00+00:00": NOON,
    "2026-11-28T13:00:00+01:00": NOON,
    "2026-11-28 12:00:00Z": NOON,
    "20261128T120000Z": NOON,
    " 2026-11-28T12:00:00Z\n": NOON,
    "Sat, 28 Nov 2026 12:00:00 GMT": NOON,
    "1795867200": NOON,
    "1795867200.5": NOON + timedelta(seconds=0.5),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    "0": datetime(1970, 1, 1, tzinfo=UTC),
    "-86400": datetime(1969, 12, 31, tzinfo=UTC),
}
EMPTY, RANGE, ZONE = "its Expiration is empty", "its Expiration is out of range", "its Expiration names no time zone"
YEAR, NONE = "the year of its Expiration has two digits", "its Expiration is not a time"
FAULTS = {
    **dict.fromkeys(["", " ", "\n"], EMPTY),
    **dict.fromkeys(["99999999999999999", "-99999999999999999", "1764331200000000", "12026-11-28T12:00:00Z"], RANGE),
    **dict.fromkeys(["-2026-11-28T12:00:00Z", "+12026-11-28T12:00:00Z"], RANGE),
    **dict.fromkeys(["2026-11-28T12:00:00", "2026-11-28 12:00", "20261128T120000", "2026-11-28"], ZONE),
    **dict.fromkeys(["26-11-28T12:00:00Z", "28 Nov 26 12:00:00 GMT", "28/11/26 12:00", "11-28-26"], YEAR),
    **dict.fromkeys(["Saturday, 28-Nov-26 12:00:00 GMT", "Sat, 28 Nov 26 12:00:00 GMT"], YEAR),
    **dict.fromkeys(["tomorrow", "in an hour", "Nov", "12:00:00Z", "null", "None", "true", "{}", "PT1H"], NONE),
    **dict.fromkeys(["nan", "inf", "-Infinity", "1e400", "0x7fffffff", "2026-13-45T99:00:00Z", "2026-W48"], NONE),
    **dict.fromkeys(["0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-28T12:00:00Z" * 9, "٢٠٢٦-١١-٢٨"], NONE),
}


@pytest.mark.parametrize("text", TIMES)
def test_time_is_read_as_botocore_reads_it(text: str) -> None:
    assert expiration.parsed(text) == TIMES[text]
    assert expiration.fault(expiration.parsed(text)) == ""


@pytest.mark.parametrize("text", FAULTS)
def test_text_that_is_no_time_is_named_by_its_kind(text: str) -> None:
    assert expiration.fault(expiration.parsed(text)) == FAULTS[text]


@pytest.mark.parametrize(
    ("value", "fault"), [(None, "it has no Expiration"), ({}, EMPTY), ([], EMPTY), (5, EMPTY), (b"x", EMPTY)]
)
def test_what_is_no_text_is_named_too(value: object, fault: str) -> None:
    assert expiration.fault(value) == fault
    assert expiration.fault(expiration.parsed(value)) == EMPTY


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001  # bounds
def test_every_time_of_iso_8601_is_read(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert expiration.parsed(aware.isoformat()) == aware


@given(st.one_of(st.text(max_size=80), st.from_regex(r"\A[0-9+.:/TZ-]{1,40}\Z")))
def test_any_text_is_a_time_or_has_a_fault_that_does_not_quote_it(text: str) -> None:
    found = expiration.parsed(text)
    said = expiration.fault(found)
    assert bool(said) == (not isinstance(found, datetime) or found.tzinfo is None)
    assert said in {"", EMPTY, RANGE, ZONE, YEAR, NONE}
    secret = canary.secret_key(text[:4])
    assert secret not in expiration.fault(expiration.parsed(secret))
