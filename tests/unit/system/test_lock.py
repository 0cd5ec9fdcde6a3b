"""Single flight: one leads, the others take its result, and a lock that cannot be had costs nobody the answer."""

import errno
import multiprocessing
import os
import pwd
import signal
import threading
import time
from pathlib import Path

import pytest

from credhelper.provider.single_flight import FlightTimeoutError, single_flight
from credhelper.system import trylock
from credhelper.system.deadline import Deadline, watchdog
from credhelper.system.lock import LockTimeoutError, cure, hold

# What `threading` starts one by: another function from Python 3.13 on.
STARTS_THREADS = "_start_joinable_thread" if hasattr(threading, "_start_joinable_thread") else "_start_new_thread"
FORK = multiprocessing.get_context("fork")


def fly(path: Path, result: Path, calls: Path, seconds: float = 0.3) -> str:
    def lead() -> str:
        if result.exists():
            return result.read_text()
        with calls.open("a") as file:
            file.write("x")
        time.sleep(seconds)
        result.write_text("answer")
        return "answer"

    def look() -> str | None:
        # A file that is there and still empty is being written.
        return (result.read_text() if result.exists() else "") or None

    return single_flight(str(path), lead, look, Deadline(20))


def run_flight(path: Path, result: Path, calls: Path) -> None:
    os._exit(0 if fly(path, result, calls) == "answer" else 1)


def test_fifty_processes_make_one_call(tmp_path: Path) -> None:
    paths = (tmp_path / "a.lock", tmp_path / "result", tmp_path / "calls")
    processes = [FORK.Process(target=run_flight, args=paths) for _ in range(50)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 50
    assert paths[2].read_text() == "x"


def hold_until_killed(path: Path, ready: Path) -> None:
    with hold(str(path), 1):
        ready.write_text("held")
        time.sleep(60)


def test_killed_leader_is_replaced_within_a_look(tmp_path: Path) -> None:
    path, ready = tmp_path / "a.lock", tmp_path / "ready"
    leader = FORK.Process(target=hold_until_killed, args=(path, ready))
    leader.start()
    while not ready.exists():
        time.sleep(0.005)
    assert leader.pid is not None
    os.kill(leader.pid, signal.SIGKILL)
    leader.join()
    assert single_flight(str(path), lambda: "mine", lambda: None, Deadline(5)) == "mine"


def test_waiter_gives_up_at_its_deadline(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    ready = tmp_path / "ready"
    leader = FORK.Process(target=hold_until_killed, args=(path, ready))
    leader.start()
    try:
        while not ready.exists():
            time.sleep(0.005)
        with pytest.raises(FlightTimeoutError):
            single_flight(str(path), lambda: "mine", lambda: None, Deadline(0.1))
        with pytest.raises(LockTimeoutError), hold(str(path), 0):
            pass
    finally:
        leader.kill()
        leader.join()


@pytest.mark.parametrize(("late_s", "load", "is_outside", "is_busy"), [
    (0.0, 0.0, False, False),
    (0.2, 0.0, False, True),
    (0.0, 1e6, False, True),
    (0.2, 1e6, True, False),
])  # fmt: skip
def test_waiter_blames_the_machine_where_it_was_late_or_overloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late_s: float, load: float, *, is_outside: bool, is_busy: bool
) -> None:
    """The lock is another's until the end; its file has one byte while that one waits for AWS."""
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    path = tmp_path / "a.lock"
    path.write_bytes(b"x" * is_outside)
    fd = trylock.take(str(path))
    try:
        with pytest.raises(FlightTimeoutError) as caught:
            single_flight(
                str(path),
                lambda: "mine",
                lambda: None,
                Deadline(0.5),
                sleep=lambda seconds: time.sleep(seconds + late_s),
                jitter=lambda: 0.5,
            )
    finally:
        trylock.release(fd)
    assert caught.value.is_busy is is_busy


def test_lock_that_cannot_be_made_does_not_cost_the_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert single_flight(str(tmp_path / "file" / "a.lock"), lambda: "answer", lambda: None, Deadline(1)) == "answer"


@pytest.mark.parametrize("trap", ["symlink", "directory"])
def test_trap_in_the_locks_place_does_not_cost_the_answer(tmp_path: Path, trap: str) -> None:
    path = tmp_path / "a.lock"
    victim = tmp_path / "victim"
    victim.write_text("precious")
    if trap == "symlink":
        path.symlink_to(victim)
    else:
        path.mkdir()
    assert single_flight(str(path), lambda: "answer", lambda: None, Deadline(1)) == "answer"
    assert victim.read_text() == "precious"


def test_error_of_the_leader_is_its_own_and_frees_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")

    def fail() -> str:
        raise OSError("the leader's own trouble")

    with pytest.raises(OSError, match="own trouble"):
        single_flight(path, fail, lambda: None, Deadline(1))
    with hold(path, 0):
        pass


def test_lock_and_its_directory_are_private(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        with hold(str(tmp_path / "locks" / "a.lock"), 1):
            pass
    finally:
        os.umask(previous)
    assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "locks" / "a.lock").stat().st_mode & 0o777 == 0o600


def test_watchdog_bites_only_when_the_block_takes_too_long() -> None:
    bitten = threading.Event()
    with watchdog(0.05, bitten.set):
        assert bitten.wait(5)
    bitten.clear()
    with watchdog(0.2, bitten.set):
        pass
    assert not bitten.wait(0.4)


def test_lock_that_never_answers_ends_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on NFS without a lock manager, where flock hangs although it was told not to wait."""
    never = threading.Event()
    monkeypatch.setattr("filelock.FileLock.acquire", lambda *_arguments, **_options: never.wait(60))
    monkeypatch.setattr("credhelper.system.lock._GRACE_S", 0.2)
    started = time.monotonic()
    with pytest.raises(OSError, match="does not answer"), hold(str(tmp_path / "a.lock"), 0.1):
        pass
    assert time.monotonic() - started < 5
    never.set()


def test_no_thread_costs_no_lock_no_watchdog_and_no_beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", fail)
    monkeypatch.setattr(f"threading.{STARTS_THREADS}", fail)
    with watchdog(0.05, fail), hold(str(tmp_path / "a.lock"), 1):
        pass
    assert single_flight(str(tmp_path / "b.lock"), lambda: "mine", lambda: None, Deadline(5)) == "mine"


@pytest.mark.parametrize(
    ("platform", "code", "hint"),
    [
        ("linux", errno.ENOLCK, "keep the lock on a local disk: export XDG_STATE_HOME=/path/on/a/local/disk"),
        ("linux", errno.ENOTSUP, "keep the lock on a local disk: export XDG_STATE_HOME=/path/on/a/local/disk"),
        ("darwin", errno.ENOLCK, "ls -ld {0}/there"),  # no such variable moves it there
        ("win32", errno.ENOLCK, "ls -ld {0}/there"),
        ("linux", errno.EROFS, "ls -ld {0}/there"),
        ("linux", errno.EACCES, "ls -ld {0}/there"),
    ],
)
def test_cure_of_a_lock_is_a_command_for_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, code: int, hint: str
) -> None:
    (tmp_path / "there").mkdir()
    monkeypatch.setattr("sys.platform", platform)
    error = OSError(code, os.strerror(code))
    assert cure(error, str(tmp_path / "there" / "missing" / "a.lock"), "XDG_STATE_HOME") == hint.format(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can leave what root leaves")
def test_what_sudo_left_on_the_way_to_a_lock_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    (home / ".local").mkdir(mode=0o700, parents=True)
    os.chown(home, 1001, 1001)
    path = str(home / ".local" / "state" / "credhelper" / "locks" / "a.lock")
    error = PermissionError(errno.EACCES, "Permission denied")
    assert cure(error, path, "XDG_STATE_HOME") == f"ls -ld {home}/.local"  # root's own
    monkeypatch.setattr("os.geteuid", lambda: 1001)
    assert cure(error, path, "XDG_STATE_HOME") == f"sudo chown -R $(id -u) {home}/.local"
    os.chown(home, 0, 0)
    os.chown(home / ".local", 1001, 1001)
    assert cure(error, path, "XDG_STATE_HOME") == f"ls -ld {home}/.local"
    (home / ".local").rmdir()
    assert cure(error, path, "XDG_STATE_HOME") == f"ls -ld {home}"  # the home itself was made by root on purpose


def test_directory_that_is_open_to_others_is_closed(tmp_path: Path) -> None:
    place = tmp_path / "open"
    (place / "state").mkdir(parents=True)
    place.chmod(0o777)
    error = PermissionError(errno.EPERM, "others may replace this directory", str(place))
    assert cure(error, str(place / "state" / "a.lock"), "XDG_STATE_HOME") == f"chmod go-w {place}"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, as under sudo")
def test_under_sudo_the_owner_of_the_files_is_named(tmp_path: Path) -> None:
    place = tmp_path / "david"
    place.mkdir()
    os.chown(place, 65534, 65534)
    error = PermissionError(errno.EPERM, "it belongs to another user", str(place))
    name = pwd.getpwuid(65534).pw_name
    said = f"these files belong to {name}: run it without sudo, as {name}"
    assert cure(error, str(place / "a.lock"), "XDG_STATE_HOME") == said
    os.chown(place, 4242424, 4242424)
    assert "user 4242424" in cure(error, str(place / "a.lock"), "XDG_STATE_HOME")


def test_error_of_the_release_costs_nothing_that_was_done_under_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    done = []
    with monkeypatch.context() as broken, hold(str(tmp_path / "a.lock"), 1):
        broken.setattr("fcntl.flock", fail)
        done.append("work")
    assert done == ["work"]


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EIO])
def test_lock_that_the_system_has_not_is_none_by_existence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A file that is the lock by being there would outlive a SIGKILL, and need a person to remove it."""

    def fail(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr("fcntl.flock", fail)
        with pytest.raises(OSError, match=os.strerror(code)), hold(str(tmp_path / "a.lock"), 0.2):
            pass
    with hold(str(tmp_path / "a.lock"), 0):
        pass


def test_file_of_a_lock_stays_what_it_is(tmp_path: Path) -> None:
    """Removed while another waits for it, it would let two of them in."""
    path = tmp_path / "a.lock"
    with hold(str(path), 1):
        before = path.stat().st_ino
    assert path.stat().st_ino == before
