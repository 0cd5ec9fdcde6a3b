"""One code of a device is sent once, and programs pause after one that was refused; the file is never in the way."""

import os
from pathlib import Path

import pytest

from credhelper.mfa.ledger import Ledger, next_code_s, pause_s
from credhelper.model.freshness import Moment

SERIAL = "arn:aws:iam::111111111111:mfa/David"
KEY = bytes(range(32))


class Clock:
    def __init__(self) -> None:
        self.wall_s = 1_800_000_000.0
        self.up_s = 500.0
        self.boot = b"boot-1"

    def now(self) -> Moment:
        return Moment(self.wall_s, self.boot, self.up_s)

    def pass_time(self, seconds: float) -> None:
        self.wall_s += seconds
        self.up_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def ledger(
    directory: Path, clock: Clock, serial: str = SERIAL, key: bytes | None = KEY, partition: str = "aws"
) -> Ledger:
    return Ledger(str(directory), serial, partition, key, clock.now)


def page(directory: Path) -> Path:
    (found,) = directory.glob("*.device")
    return found


def test_code_is_claimed_once_across_processes_as_long_as_it_is_shown(directory: Path, clock: Clock) -> None:
    assert ledger(directory, clock).claim("123456")
    assert not ledger(directory, clock).claim("123456")
    assert ledger(directory, clock).claim("654321")
    clock.pass_time(29)
    assert not ledger(directory, clock).claim("654321")
    clock.pass_time(1)
    assert ledger(directory, clock).claim("654321")


@pytest.mark.parametrize("other", [{"serial": "GAHT12345678"}, {"partition": "aws-cn"}, {"key": None}])
def test_another_device_has_codes_of_its_own(directory: Path, clock: Clock, other: dict[str, str]) -> None:
    assert ledger(directory, clock).claim("123456")
    assert ledger(directory, clock, **other).claim("123456")  # type: ignore[arg-type]  # one of three arguments


def test_file_is_private_and_says_neither_code_nor_device(directory: Path, clock: Clock) -> None:
    ledger(directory, clock).claim("123456")
    assert page(directory).stat().st_mode & 0o777 == 0o600
    first = page(directory).read_bytes()
    assert b"123456" not in first
    assert b"David" not in first + os.fsencode(page(directory).name)
    page(directory).unlink()
    ledger(directory, clock, key=bytes(32)).claim("123456")
    assert page(directory).read_bytes() != first, "the hash does not depend on the master key"


@pytest.mark.parametrize(
    ("refusals", "seconds"), [(0, 0), (1, 30), (2, 60), (3, 120), (5, 480), (6, 900), (1_000_000, 900)]
)
def test_pause_doubles_and_has_an_end(refusals: int, seconds: int) -> None:
    assert pause_s(refusals) == seconds


def test_pause_runs_out_grows_and_ends_with_an_accepted_code(directory: Path, clock: Clock) -> None:
    for expected_s in (30, 60, 120):
        ledger(directory, clock).refused()
        assert ledger(directory, clock).pause_left_s() == expected_s
        clock.pass_time(expected_s)
        assert ledger(directory, clock).pause_left_s() == 0
    ledger(directory, clock).refused()
    ledger(directory, clock).accepted()
    assert ledger(directory, clock).pause_left_s() == 0
    ledger(directory, clock).refused()
    assert ledger(directory, clock).pause_left_s() == 30


@pytest.mark.parametrize("change", ["reboot", "an hour", "a clock that was set"])
def test_pause_is_of_this_boot_and_no_clock_makes_it_longer(directory: Path, clock: Clock, change: str) -> None:
    ledger(directory, clock).refused()
    if change == "reboot":
        clock.boot, clock.up_s = b"boot-2", 510.0
    elif change == "an hour":
        clock.pass_time(3600)
    else:
        clock.wall_s -= 86_400
        assert ledger(directory, clock).pause_left_s() == 30
        return
    assert ledger(directory, clock).pause_left_s() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b"[" * 4000,
        b'["zz", 0, "", 0, 0]',
        b'["", 0, "", 1e999, 0]',
        b"x" * 9999,
        *(b'["", "a", "", 0, 0]', b'["", 1e999, "", 0, 0]', b'["", NaN, "", 0, NaN]'),
    ],
)
def test_damaged_file_is_as_if_there_were_none(directory: Path, clock: Clock, content: bytes) -> None:
    ledger(directory, clock).claim("123456")
    page(directory).write_bytes(content)
    check_open(directory, clock)


@pytest.mark.parametrize("trap", ["symlink", "fifo", "open to others", "no directory", "locked"])
def test_file_that_cannot_be_used_is_as_if_there_were_none(directory: Path, clock: Clock, trap: str) -> None:
    ledger(directory, clock).claim("123456")
    path = page(directory)
    match trap:
        case "open to others":
            path.chmod(0o666)
        case "no directory":
            directory.rename(f"{directory}.old")
            directory.write_text("")
        case "locked":
            path.with_name(f"{path.name}.lock").unlink()
            path.with_name(f"{path.name}.lock").mkdir()
        case _:
            path.unlink()
            os.mkfifo(path) if trap == "fifo" else path.symlink_to("/etc/passwd")
    check_open(directory, clock)


def check_open(directory: Path, clock: Clock) -> None:
    found = ledger(directory, clock)
    assert found.pause_left_s() == 0
    assert found.claim("123456")
    found.refused()
    found.accepted()


@pytest.mark.parametrize(("wall_s", "expected_s"), [(0.0, 30.0), (29.5, 0.5), (1_800_000_010.0, 20.0)])
def test_next_code_comes_at_the_next_half_minute(wall_s: float, expected_s: float) -> None:
    assert next_code_s(Moment(wall_s, b"", 0.0)) == expected_s
