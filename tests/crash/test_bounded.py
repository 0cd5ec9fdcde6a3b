"""Whatever hangs, the helper ends: within its deadline and a little grace, with one cause and nothing left running."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credhelper.cache import store
from credhelper.provider import heartbeat
from fakes.home import Home, error, key_id
from fakes.key_note import choose_store
from fakes.sts import FakeSts

TIMEOUT_S = int(os.environ.get("HANG_TIMEOUT_S", "4"))
# The start and the end of an interpreter on a loaded machine; the request itself has no time beyond its timeout.
GRACE_S = 4.0


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, CREDHELPER_TIMEOUT=str(TIMEOUT_S))
    made.add_user()
    return made


@pytest.fixture
def pids(tmp_path: Path) -> Path:
    return tmp_path / "pids"


@pytest.fixture
def hanging(tmp_path: Path, pids: Path) -> Iterator[str]:
    """A program that hangs, as does a child it started, and both ignore a polite request."""
    path = tmp_path / "hanging"
    path.write_text(f"#!/bin/sh\ntrap '' TERM HUP\nsleep 90 &\necho $$ $! > {pids}\nwait\n")
    path.chmod(0o700)
    yield str(path)
    for pid in pids.read_text().split() if pids.exists() else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def take_time(home: Home) -> str:
    started = time.monotonic()
    text = error(home.start(home.line_at_load(0), {}), 5)
    assert time.monotonic() - started < TIMEOUT_S + GRACE_S
    return text


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("accepts", [False, True])
def test_network_that_swallows_everything(home: Home, accepts: bool) -> None:
    home.add_role()
    with socket.create_server(("127.0.0.1", 0), backlog=8 if accepts else 0) as hole:
        fillers = [] if accepts else [_start_connecting(hole.getsockname()) for _ in range(8)]
        try:
            home.environ["AWS_ENDPOINT_URL_STS"] = f"http://127.0.0.1:{hole.getsockname()[1]}"
            take_time(home)
        finally:
            for filler in fillers:
                filler.close()


def _start_connecting(address: tuple[str, int]) -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    made.connect_ex(address)
    return made


@pytest.mark.parametrize("answer", ["slow-loris", "late"])
def test_sts_that_answers_byte_by_byte_or_late(home: Home, sts: FakeSts, answer: str) -> None:
    home.add_role()
    sts.behaviour.answer = answer
    sts.behaviour.delay_s = 60.0 if answer == "late" else 0.0
    take_time(home)


def hold_entry(home: Home) -> str:
    return store.lock_path(home.settings(), store.entry_name(str(home.config), "prod-s3"))


def test_lock_that_is_never_let_go_costs_no_credentials(home: Home, sts: FakeSts) -> None:
    home.add_role()
    home.environ["CREDHELPER_TIMEOUT"] = "20"
    old = key_id(home.get())
    for entry in home.entries:
        entry.unlink()
    with open(hold_entry(home), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        assert key_id(home.get()) != old
        assert heartbeat.SILENT_AFTER_S < time.monotonic() - started < 20
        assert sts.count() == 2


def test_stopped_leader_is_replaced_by_one_of_those_who_wait(home: Home, sts: FakeSts) -> None:
    home.add_role()
    home.environ["CREDHELPER_TIMEOUT"] = "20"
    sts.behaviour.delay_s = 1.0
    leader = home.popen()
    wait_until(lambda: sts.count() == 1)
    leader.send_signal(signal.SIGSTOP)
    try:
        waiters = [home.popen() for _ in range(10)]
        answers = {waiter.communicate(timeout=20) for waiter in waiters}
        assert [waiter.returncode for waiter in waiters] == [0] * 10
        assert len(answers) == 1
        assert sts.count() == 2
        key_id(home.get())
    finally:
        leader.kill()
        leader.communicate()


def test_leader_that_is_only_slow_is_waited_for(home: Home, sts: FakeSts) -> None:
    home.add_role()
    home.environ["CREDHELPER_TIMEOUT"] = "20"
    sts.behaviour.delay_s = heartbeat.SILENT_AFTER_S + 1.5
    callers = [home.popen() for _ in range(3)]
    assert len({caller.communicate(timeout=20) for caller in callers}) == 1
    assert sts.count() == 1


def test_locks_that_are_never_let_go_end_at_the_deadline(home: Home) -> None:
    home.add_role()
    key_id(home.get(CREDHELPER_TIMEOUT="20"))
    for entry in home.entries:
        entry.unlink()
    with contextlib.ExitStack() as held:
        for number in range(12):
            path = hold_entry(home) + ".spare" * number
            lock = held.enter_context(open(path, "ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another credhelper has been busy" in take_time(home)


@pytest.mark.parametrize("command", [("get", "prod-s3"), ("login", "prod-s3"), ("exec", "prod-s3", "--", "true")])
def test_file_system_that_never_answers_about_a_lock_is_named(home: Home, command: tuple[str, ...]) -> None:
    """As NFS without its lock manager: the call itself does not return."""
    home.add_role()
    code = "import fcntl, time\nfcntl.flock = lambda *_: time.sleep(90)"
    started = time.monotonic()
    said = error(home.start(home.line_with(code, *command), {}), 3)
    assert time.monotonic() - started < TIMEOUT_S + GRACE_S
    assert "does not answer when it is asked for the lock" in said
    assert "export XDG_CACHE_HOME=" in said


def test_lock_of_the_key_that_is_never_let_go_costs_no_credentials(home: Home) -> None:
    home.add_role()
    home.environ["CREDHELPER_TIMEOUT"] = "20"
    home.cache.mkdir(parents=True, mode=0o700)
    with open(home.cache / "key.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        key_id(home.get())
        assert time.monotonic() - started < 2.0 + GRACE_S


def be_a_silent_bus(bus: socket.socket) -> None:
    """Let everybody in, as a session bus does, and then never say a word (D-Bus specification, authentication)."""
    connections = []
    while True:
        try:
            connection, _ = bus.accept()
            connection.recv(1024)
            connection.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
        except OSError:
            return
        connections.append(connection)


@pytest.mark.skipif(sys.platform != "linux", reason="the session bus is Linux's")
def test_key_store_that_never_answers_costs_no_credentials(home: Home, sts: FakeSts) -> None:
    home.add_role()
    # The name of a socket has 107 bytes at the most.
    with socket.socket(socket.AF_UNIX) as bus, tempfile.TemporaryDirectory(prefix="bus") as directory:
        own = Path(directory, str(os.geteuid()))
        own.mkdir(mode=0o700)
        bus.bind(str(own / "bus"))
        bus.listen(16)
        threading.Thread(target=be_a_silent_bus, args=[bus], daemon=True).start()
        choose_store(home.path, "keyring:SecretService")
        there = f"import credhelper.keystores.keyring_package as found; found._RUNTIME_DIRECTORIES = {directory!r}"
        line = home.line_with(there, "get", "prod-s3")
        for _ in range(2):
            started = time.monotonic()
            key_id(home.start(line, {"CREDHELPER_TIMEOUT": "10"}))
            assert 4 < time.monotonic() - started < 10
    assert sts.count() == 2
    assert home.entries == []


def test_mfa_program_that_hangs_is_ended_with_all_it_started(home: Home, pids: Path, hanging: str) -> None:
    home.add_role(mfa_serial="arn:aws:iam::111111111111:mfa/David", mfa_process=hanging)
    assert ended_in_time(home, pids)
    wait_until(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()))


def test_source_program_that_hangs_is_ended(home: Home, pids: Path, hanging: str) -> None:
    """Not what it started: in a session of its own it could not ask for its passphrase at the terminal."""
    with home.config.open("a") as file:
        file.write(f"[profile vault]\ncredential_process = {hanging}\n\n")
    home.add_role(source="vault")
    program = ended_in_time(home, pids)[0]
    wait_until(lambda: not is_running(program))


def ended_in_time(home: Home, pids: Path) -> list[int]:
    started = time.monotonic()
    done = home.get()
    assert time.monotonic() - started < TIMEOUT_S + GRACE_S
    error(done, done.returncode)
    return [int(pid) for pid in pids.read_text().split()]


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 3
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
