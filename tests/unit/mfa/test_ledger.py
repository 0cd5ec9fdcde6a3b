"""One code of a device is sent once, and programs pause after one that was refused; the file is never in the way."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.mfa import ledger as ledger_module
from credhelper.mfa.ledger import SPENT_S, Ledger, next_code_s, pause_s
from credhelper.model.freshness import Moment

SERIAL = "arn:aws:iam::111111111111:mfa/David"


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


HASH_N = ledger_module._HASH_N


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "_HASH_N", 2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def ledger(directory: Path, clock: Clock, serial: str = SERIAL, partition: str = "aws") -> Ledger:
    return Ledger(str(directory), serial, partition, clock.now)


def page(directory: Path) -> Path:
    (found,) = directory.glob("*.device")
    return found


def test_code_is_claimed_once_across_processes_as_long_as_aws_accepts_it(directory: Path, clock: Clock) -> None:
    assert ledger(directory, clock).claim("123456")
    assert not ledger(directory, clock).claim("123456")
    assert ledger(directory, clock).claim("654321")
    clock.pass_time(SPENT_S - 1)
    assert not ledger(directory, clock).claim("123456")
    assert not ledger(directory, clock).claim("654321")
    clock.pass_time(1)
    assert ledger(directory, clock).claim("123456")


@pytest.mark.parametrize("other", [{"serial": "GAHT12345678"}, {"partition": "aws-cn"}])
def test_another_device_has_codes_of_its_own(directory: Path, clock: Clock, other: dict[str, str]) -> None:
    assert ledger(directory, clock).claim("123456")
    assert ledger(directory, clock, **other).claim("123456")


CHANGES: dict[str, tuple[float, float, bytes]] = {
    "at the end of a step": (29.0, 29.0, b"boot-1"),
    "set back": (-86_400.0, 5.0, b"boot-1"),
    "set ahead": (86_400.0, 5.0, b"boot-1"),
    "rebooted": (40.0, -495.0, b"boot-2"),
    "rebooted, and the boot has no name": (40.0, -495.0, b""),
    "on another machine with this home": (10.0, 9_000.0, b"boot-2"),
    "on another machine that is behind": (-10.0, 9_000.0, b"boot-2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_code_stays_spent_whatever_the_clocks_do(directory: Path, clock: Clock, change: str) -> None:
    wall_s, up_s, boot = CHANGES[change]
    if not boot:
        clock.boot = b""
    assert ledger(directory, clock).claim("123456")
    clock.wall_s += wall_s
    clock.up_s += up_s
    clock.boot = boot
    assert not ledger(directory, clock).claim("123456")
    clock.pass_time(SPENT_S + 10)
    assert ledger(directory, clock).claim("123456")


@dataclass
class Device:
    """What a model of the ledger knows: when each code was sent, in seconds that no clock shows."""

    serial: str
    sent: dict[str, float] = field(default_factory=dict)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.integers(0, 1), st.sampled_from(["000001", "000002", "000003", "000004"])),
        st.tuples(st.just("pass"), st.sampled_from([0.5, 15.0, 29.5, 30.0, 61.0, 90.0])),
        st.tuples(st.just("set"), st.sampled_from([-86_400.0, -31.0, 31.0, 86_400.0])),
        st.tuples(st.just("refused"), st.integers(0, 1)),
        st.tuples(st.just("accepted"), st.integers(0, 1)),
    ),
    max_size=30,
)


@settings(max_examples=40)
@given(steps)
def test_no_code_of_a_device_is_claimed_twice_in_any_sequence(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        clock = Clock()
        devices = [Device(SERIAL), Device("GAHT12345678")]
        begun_s = clock.up_s
        for kind, *rest in steps:
            match kind:
                case "pass":
                    clock.pass_time(rest[0])
                case "set":
                    clock.wall_s += rest[0]
                case "claim":
                    device, code = devices[rest[0]], rest[1]
                    sent_s = device.sent.get(code, begun_s - SPENT_S)
                    is_new = clock.up_s - sent_s >= SPENT_S
                    assert ledger(Path(directory), clock, device.serial).claim(code) == is_new
                    if is_new:
                        device.sent[code] = clock.up_s
                case _:
                    getattr(ledger(Path(directory), clock, devices[rest[0]].serial), kind)()


def test_crowd_of_processes_with_one_code_has_one_that_sends_it(directory: Path) -> None:
    script = (
        "import sys\nfrom credhelper.mfa.ledger import Ledger\nfrom credhelper.system import clock\n"
        f"print(Ledger(sys.argv[1], {SERIAL!r}, 'aws', clock.now).claim('123456'))"
    )
    crowd = [
        subprocess.Popen([sys.executable, "-c", script, str(directory)], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    assert sorted(process.communicate(timeout=60)[0].strip() for process in crowd) == ["False"] * 7 + ["True"]


def test_file_is_private_and_says_neither_code_nor_device(directory: Path, clock: Clock) -> None:
    ledger(directory, clock).claim("123456")
    assert page(directory).stat().st_mode & 0o777 == 0o600
    first = page(directory).read_bytes()
    assert b"123456" not in first
    assert b"David" not in first + os.fsencode(page(directory).name)


def test_hash_of_a_code_has_a_salt_and_takes_long_to_try(
    directory: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_HASH_N", HASH_N)
    hashes = set()
    for _ in range(3):
        clock.pass_time(SPENT_S)
        assert ledger(directory, clock).claim("123456")
        hashes.add(json.loads(page(directory).read_bytes())[1][0][0])
    assert len(hashes) == 3, "a table made beforehand would find the code"
    started = time.process_time()
    assert not ledger(directory, clock).claim("123456")
    # All codes, one after the other, on a hundred processors.
    assert (time.process_time() - started) * 1e6 / 100 > SPENT_S


def test_row_of_codes_has_an_end(directory: Path, clock: Clock) -> None:
    for number in range(40):
        assert ledger(directory, clock).claim(f"{number:06d}")
    assert page(directory).stat().st_size < 8192
    assert not ledger(directory, clock).claim("000039")


@pytest.mark.parametrize("failure", [AttributeError(), ValueError("memory limit exceeded"), MemoryError()])
def test_system_that_makes_no_such_hash_is_as_if_nothing_was_sent(
    directory: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_arguments: object, **_named: object) -> bytes:
        raise failure

    monkeypatch.setattr("hashlib.scrypt", fail)
    assert ledger(directory, clock).claim("123456")
    assert ledger(directory, clock).claim("123456")
    ledger(directory, clock).refused()
    assert ledger(directory, clock).pause_left_s() == 30


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
        b'["zz", [], "", 0, 0]',
        b'["", [], "", 1e999, 0]',
        b"x" * 9999,
        b'["", [], "", 0, NaN]',
        *(b'["", %s, "", 0, 0]' % sent for sent in (b"0", b'"a"', b"{}", b"[0]", b"[[]]", b'[["","","",""]]')),
        *(b'["", [["zz", 0, "", 0]], "", 0, 0]', b'["", [["", 1e999, "", NaN]], "", 0, 0]'),
        *(b'["", [["", NaN, "", 1e999]], "", 0, 0]', b'["", [[0, 0, 0, 0]], "", 0, 0]'),
        b'["00", 1800000000.0, "", 0, 0]',  # as it was before there was a row of codes
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
