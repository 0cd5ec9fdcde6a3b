"""What it costs to come second: a process that waits loads next to nothing, and of a crowd one renews."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.provider import hit
from credhelper.system import clock
from fakes.home import Home, key_id
from fakes.sts import FakeSts

CROWD = int(os.environ.get("DUE_CROWD", "100"))
# A crowd's CPU in starts of a bare interpreter per caller. A miss takes nineteen: one more of a hundred is a fifth.
# How many there are is counted by the test below.
CROWD_LIMIT = float(os.environ.get("DUE_CROWD_LIMIT", "2.5"))
BUSY_ROUNDS = int(os.environ.get("BUSY_ROUNDS", "1"))
BUSY_CROWD, SPINNERS = 50, 8
# Of the last of them; the figure in docs/reliability.md is for a machine that does nothing else.
BUSY_LIMIT_S = float(os.environ.get("BUSY_LIMIT_S", "15"))
# What a process that waits must never load; each of these costs it a twentieth of its time or more.
TOO_MUCH = (
    "botocore", "urllib3", "http", "email", "ssl", "socket", "select", "json", "re", "typing", "dataclasses", "random",
    "threading", "logging", "contextlib", "collections", "functools", "shlex", "subprocess", "hashlib", "ipaddress",
    "urllib", "configparser", "datetime", "getpass", "tempfile", "site", "filelock", "click",
    "credhelper.aws", "credhelper.awsconfig", "credhelper.grant", "credhelper.mfa", "credhelper.policy",
    "credhelper.provider.miss", "credhelper.provider.resolve", "credhelper.cache.failures",
)  # fmt: skip

# What a miss that succeeds must not load either.
UNNEEDED = ("credhelper.policy", "credhelper.grant", "credhelper.aws.explain.sts")


def wait_for_calls(sts: FakeSts, number: int) -> None:
    end = time.monotonic() + 10
    while sts.count() < number:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_who_waits_loads_nothing_that_only_a_leader_needs(home: Home, sts: FakeSts) -> None:
    sts.behaviour.delay_s = 1.0
    leader = home.popen()
    wait_for_calls(sts, 1)
    python, *arguments = home.line()
    waiter = home.start([python, "-X", "importtime", *arguments], {})
    answer, _ = leader.communicate()
    assert (waiter.returncode, waiter.stdout) == (0, answer)
    loaded = {line.rpartition("|")[2].strip() for line in waiter.stderr.decode().splitlines() if "|" in line}
    assert "credhelper.provider.request" in loaded
    extra = {name for name in loaded for much in TOO_MUCH if name == much or name.startswith(f"{much}.")}
    assert extra == set()
    assert sts.count() == 1


def test_miss_that_succeeds_and_a_hit_load_nothing_about_policies(home: Home, sts: FakeSts, tmp_path: Path) -> None:
    """Written down by the imports themselves: what a miss prints goes nowhere."""
    met = tmp_path / "met"
    watch = (
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        file = os.open({str(met)!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)\n"
        "        os.write(file, name.encode() + b'\\n')\n"
        "        os.close(file)\n"
        "sys.meta_path.insert(0, Watch())"
    )
    for module in ("credhelper.provider.miss", "credhelper.provider.hit"):  # a miss, then a hit
        met.unlink(missing_ok=True)
        caller = home.popen_line(home.line_with(watch))
        caller.communicate()
        loaded = met.read_text().split()
        assert caller.returncode == 0
        assert module in loaded
        assert [name for name in loaded if name.startswith(UNNEEDED)] == []
    assert sts.count() == 1


def start_many(home: Home, number: int) -> tuple[list[tuple[int, bytes]], float]:
    """Start so many callers at once; return how each ended with its output, and the CPU seconds of all."""
    before = os.times()
    callers = [home.popen() for _ in range(number)]
    ended = [(caller.communicate()[0], caller.returncode) for caller in callers]
    after = os.times()
    used_s = after.children_user + after.children_system - before.children_user - before.children_system
    return [(code, out) for out, code in ended], used_s


def bare_s(home: Home) -> float:
    before = os.times()
    for _ in range(10):
        subprocess.run([sys.executable, "-I", "-c", "pass"], env=home.environ, check=True)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) / 10


def test_crowd_that_finds_a_due_entry_pays_for_one_renewal(home: Home, sts: FakeSts) -> None:
    old = key_id(home.get())
    home.make_due()
    base_s = bare_s(home)
    answers, used_s = start_many(home, CROWD)
    assert {code for code, _ in answers} == {0}
    end = time.monotonic() + 10
    while sts.count() < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert sts.count() == 2
    new = key_id(home.get())
    assert new != old
    assert {json.loads(out)["AccessKeyId"] for _, out in answers} <= {old, new}
    assert used_s / CROWD / base_s < CROWD_LIMIT


def test_one_of_a_crowd_that_finds_a_due_entry_goes_on_to_the_miss(home: Home, tmp_path: Path) -> None:
    """Counted by the imports of what comes after a hit: a request, and the miss itself."""
    home.get()
    home.make_due()
    met = {"process": tmp_path / "process", "miss": tmp_path / "miss"}
    watch = (
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('credhelper.provider.process', 'credhelper.provider.miss'):\n"
        f"            path = {str(tmp_path)!r} + '/' + name.rpartition('.')[2]\n"
        "            os.write(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), b'x')\n"
        "sys.meta_path.insert(0, Watch())"
    )
    started = time.monotonic()
    callers = [home.popen_line(home.line_with(watch)) for _ in range(CROWD)]
    for caller in callers:
        caller.communicate()
    took_s = time.monotonic() - started
    assert {caller.returncode for caller in callers} == {0}
    assert met["miss"].read_bytes() == b"x"
    # A claim ends: on a busy machine it may be over before its process has got as far as the lock.
    assert len(met["process"].read_bytes()) <= 1 + took_s / hit.CLAIM_S


@pytest.mark.parametrize("turn", range(BUSY_ROUNDS))
def test_cold_crowd_on_a_busy_machine_is_answered_with_one_call(home: Home, sts: FakeSts, turn: int) -> None:
    spinners = [subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass"]) for _ in range(SPINNERS)]
    try:
        started = time.monotonic()
        callers = [home.popen() for _ in range(BUSY_CROWD)]
        answers = {caller.communicate()[0] for caller in callers}
        took_s = time.monotonic() - started
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
    assert [caller.returncode for caller in callers] == [0] * BUSY_CROWD
    assert len(answers) == 1
    assert sts.count() == 1
    print(f"{BUSY_CROWD} callers beside {SPINNERS} busy processes: {took_s:.1f} s")
    assert took_s < BUSY_LIMIT_S


def wait_until_stopped(process: "subprocess.Popen[bytes]") -> None:
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.01)


def test_time_that_went_by_on_this_machine_is_told_as_that(home: Home, sts: FakeSts) -> None:
    """A process that is stopped before it asks: to itself it looks as on a machine that gives it no turn."""
    home.environ["CREDHELPER_TIMEOUT"] = "1"
    process = home.popen_line(home.line_that_stops())
    wait_until_stopped(process)
    time.sleep(1.2)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate()
    assert (process.returncode, out) == (7, b"")
    assert "the machine is too busy" in err.decode()
    assert sts.count() <= 1


def claim(home: Home, age_s: float) -> Path:
    own = home.settings()
    lock = Path(store.lock_path(own, store.entry_name(own.config_file, "prod-s3")))
    os.utime(lock, (time.time() - age_s,) * 2)
    return lock


@pytest.mark.parametrize(
    ("age_s", "is_renewed"),
    [(0.0, False), (1.5, False), (3.5, True), (86_400.0, True), (-1.0, False), (-5.0, True), (-86_400.0, True)],
)
def test_claim_of_another_holds_for_seconds_whatever_the_clock_does(
    home: Home, sts: FakeSts, age_s: float, is_renewed: bool
) -> None:
    key_id(home.get())
    home.make_due()
    claim(home, age_s)
    key_id(home.get())
    assert (sts.count() == 2) == is_renewed


@pytest.mark.parametrize("fault", ["absent", "symlink", "directory", "readonly"])
def test_claim_that_cannot_be_left_costs_no_renewal(home: Home, sts: FakeSts, fault: str) -> None:
    key_id(home.get())
    home.make_due()
    lock = claim(home, 60)
    if fault == "readonly":
        if os.geteuid() == 0:
            pytest.skip("root may write to it all the same")
        lock.chmod(0o400)
    else:
        lock.unlink()
    if fault == "symlink":
        lock.symlink_to(tempfile.gettempdir())
    if fault == "directory":
        lock.mkdir()
    key_id(home.get())
    assert sts.count() == 2


@pytest.mark.parametrize("is_cold", [False, True])
def test_process_that_began_before_the_entry_was_made_is_a_hit_all_the_same(home: Home, is_cold: bool) -> None:
    """As on a busy machine, where it had no turn in between: by its first look at the clock the entry is not made."""
    own, at = home.settings(), clock.now()
    if not is_cold:
        key_id(home.get())
        home.make_due()
        at = clock.now()
        home.run("login", "prod-s3")
    key_id(home.get())
    assert isinstance(hit.answer(own, "prod-s3", home.environ, at, clock.now), Payload)
    assert isinstance(hit.answer(own, "prod-s3", home.environ, at), hit.Unanswered)


@pytest.mark.parametrize(
    ("function", "is_before", "too_much"),
    [
        ("serve", True, "credhelper.provider.process"),  # its clock was read, and it has not looked
        ("find", False, "credhelper.provider.miss"),  # it has looked, and gets the lock when the leader is done
    ],
    ids=["before the look", "after it"],
)
def test_process_that_had_no_turn_while_another_led_loads_nothing_for_it(
    home: Home, sts: FakeSts, function: str, is_before: bool, too_much: str
) -> None:
    stop = "    os.kill(os.getpid(), 19)\n"
    late = home.popen_line(
        home.line_with(
            "from credhelper.provider import hit\n"
            f"real = hit.{function}\n"
            "def stopped(*arguments, **options):\n"
            f"    hit.{function} = real\n"
            f"{stop * is_before}"
            "    found = real(*arguments, **options)\n"
            f"{stop * (not is_before)}"
            "    return found\n"
            f"hit.{function} = stopped\n"
            "class Watch:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name in ('botocore', '{too_much}'): os._exit(99)\n"
            "sys.meta_path.insert(0, Watch())"
        )
    )
    wait_until_stopped(late)
    first = home.get()
    late.send_signal(signal.SIGCONT)
    out, err = late.communicate()
    assert (late.returncode, out, err) == (0, first.stdout, b"")
    assert sts.count() == 1


def test_first_that_finds_a_due_entry_leaves_a_claim_for_the_second(home: Home) -> None:
    key_id(home.get())
    home.make_due()
    own = home.settings()
    answers = [hit.answer(own, "prod-s3", home.environ, clock.now()) for _ in range(3)]
    assert [isinstance(answer, hit.Unanswered) for answer in answers] == [True, False, False]


@pytest.mark.parametrize(
    ("is_outside", "load", "exit_code"), [(True, 99, 5), (False, 99, 7), (True, 0, 5), (False, 0, 5)]
)
def test_one_that_waited_in_vain_says_whether_aws_was_slow_or_the_machine(
    home: Home, sts: FakeSts, is_outside: bool, load: float, exit_code: int
) -> None:
    """The leader waits for STS, or is stopped before it asks, as it is on a machine that gives it no turn."""
    sts.behaviour.delay_s = 30.0
    leader = home.popen() if is_outside else home.popen_line(home.line_that_stops())
    if is_outside:
        wait_for_calls(sts, 1)
    else:
        wait_until_stopped(leader)
    waiter = home.popen_line(home.line_at_load(load), CREDHELPER_TIMEOUT="2")
    try:
        _, err = waiter.communicate(timeout=30)
    finally:
        leader.kill()
        leader.communicate()
    assert waiter.returncode == exit_code, err
    assert ("busy with prod-s3" if exit_code == 5 else "the machine is too busy") in err.decode()
    assert sts.count() == is_outside


@pytest.mark.parametrize("size", [0, 1, 2, 4096])
def test_lock_file_that_holds_data_keeps_it(home: Home, sts: FakeSts, size: int) -> None:
    lock = Path(store.lock_path(home.settings(), store.entry_name(home.settings().config_file, "prod-s3")))
    lock.parent.mkdir(parents=True, mode=0o700)
    lock.write_bytes(b"x" * size)
    lock.chmod(0o600)
    key_id(home.get())
    assert len(lock.read_bytes()) == (size if size > 1 else 0)
