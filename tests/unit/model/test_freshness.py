"""Nothing dead is ever called fresh, whatever is done to the clock."""

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.model import freshness
from credhelper.model.freshness import DEAD, DUE, FRESH, Moment
from credhelper.system import clock

BOOT = b"boot-1"
ISSUED = Moment(1_000_000.0, BOOT, 500.0)
EXPIRATION = 1_003_600


def after(seconds: float, *, clock_moved_by: float = 0.0, boot: bytes = BOOT) -> Moment:
    return Moment(ISSUED.wall_s + seconds + clock_moved_by, boot, ISSUED.up_s + seconds)


def state(at: Moment, refresh_s: int = 900) -> str:
    return freshness.state_at(ISSUED, EXPIRATION, refresh_s, at)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0, FRESH), (2699, FRESH), (2700, DUE), (3539, DUE), (3540, DEAD), (3600, DEAD), (90_000, DEAD)],
)
def test_credentials_age_from_fresh_to_due_to_dead(elapsed: float, expected: str) -> None:
    assert state(after(elapsed)) == expected


def test_clock_set_back_does_not_revive_the_dead() -> None:
    assert state(after(3700, clock_moved_by=-3600)) == DEAD


def test_machine_that_stood_still_does_not_prolong_a_life() -> None:
    """A virtual machine put back from a snapshot: its boot clock has stopped meanwhile, the wall clock is right."""
    assert state(after(10, clock_moved_by=3000)) == DUE
    assert state(after(10, clock_moved_by=3600)) == DEAD


def test_reboot_ends_trust_in_the_clock() -> None:
    assert state(after(10, boot=b"boot-2")) == DEAD


@pytest.mark.parametrize("issued", [Moment(float("nan"), BOOT, 500.0), Moment(1_000_000.0, BOOT, float("nan"))])
def test_time_of_issue_that_is_no_number_is_dead(issued: Moment) -> None:
    assert freshness.state_at(issued, EXPIRATION, 900, after(10)) == DEAD
    assert freshness.remaining_s(issued, EXPIRATION, after(10)) < 0


def test_boot_clock_that_runs_backwards_is_another_boot() -> None:
    assert state(Moment(ISSUED.wall_s + 10, BOOT, ISSUED.up_s - 1)) == DEAD


@given(elapsed=st.floats(0, 90_000), moved=st.floats(-86_400, 86_400), reboot=st.booleans())
def test_no_clock_jump_or_reboot_serves_the_expired(elapsed: float, moved: float, reboot: bool) -> None:
    at = after(elapsed, clock_moved_by=moved, boot=b"boot-2" if reboot else BOOT)
    if elapsed > 3600 - freshness.MINIMUM_LEFT_S:
        assert state(at) == DEAD


@pytest.mark.parametrize(
    ("lifetime_s", "jitter_s", "expected"),
    [(3600, 0, 900), (3600, 60, 900), (43_200, 0, 900), (43_200, 60, 960), (900, 30, 225)],
)
def test_refresh_starts_before_botocore_would_ask_again(lifetime_s: int, jitter_s: int, expected: int) -> None:
    assert freshness.refresh_before_s(lifetime_s, jitter_s) == expected


def test_now_reads_both_clocks() -> None:
    first, second = clock.now(), clock.now()
    assert second.up_s >= first.up_s > 0
    assert first.boot == second.boot
    assert abs(first.wall_s - time.time()) < 60


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its boots, and counts suspended time apart")
def test_now_knows_the_boot_and_counts_suspended_time() -> None:
    at = clock.now()
    assert at.boot.decode() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert 0 <= time.clock_gettime(time.CLOCK_BOOTTIME) - at.up_s < 60
