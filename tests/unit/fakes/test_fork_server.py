"""A forked program does what a whole one does; where its beginning could matter, it is a whole one."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper.commands.profile import trial
from fakes import fork_server
from fakes.fork_server import ForkServer, can_run, has_forks, stubs
from fakes.home import AWS, PROGRAM, ROLE_ARN, Home
from fakes.sts import FakeSts

pytestmark = pytest.mark.skipif(not has_forks(), reason="nothing is forked here")
ADD = ("profile", "add", "p", "--role-arn", ROLE_ARN, "--source-profile", "default")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("nonsense",),
        ("profile", "list"),
        ("profile", "list", "--json"),
        ("profile", "show", "none"),
        (*ADD, "--dry-run"),
        ("get", "prod-s3"),
        ("get", "none"),
        ("exec", "prod-s3", "--", "sh", "-c", "pwd; echo $HOME; exit 7"),
        ("exec", "prod-s3", "--", "sh", "-c", "kill -9 $$"),
        ("exec", "prod-s3", "--", "sh", "-c", "ls /proc/self/fd | wc -l; ulimit -c; umask"),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_forked_command_does_what_a_whole_one_does(home: Home, arguments: tuple[str, ...]) -> None:
    home.get()  # afterwards there is an entry
    whole, forked = (run(home, arguments, is_forked=is_forked) for is_forked in (False, True))
    assert (forked.returncode, forked.stdout, forked.stderr) == (whole.returncode, whole.stdout, whole.stderr)


def run(home: Home, arguments: tuple[str, ...], *, is_forked: bool) -> "subprocess.CompletedProcess[bytes]":
    home.is_forked = is_forked
    return home.run(*arguments)


def test_it_is_the_server_that_forks(home: Home) -> None:
    done = home.run("exec", "prod-s3", "--", "sh", "-c", "echo $PPID")
    assert int(done.stdout) == fork_server.server("credhelper").process.pid
    home.is_forked = False
    assert int(home.run("exec", "prod-s3", "--", "sh", "-c", "echo $PPID").stdout) == os.getpid()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, True),
        ({"AWS_PROFILE": "p", "CREDHELPER_TIMEOUT": "3", "HTTPS_PROXY": "http://x", "COLUMNS": "80"}, True),
        ({"LANG": "C"}, False),
        ({"LC_ALL": "C"}, False),
        ({"TZ": "Asia/Tokyo"}, False),
        ({"PYTHONPATH": "/x"}, False),
        ({"OPENSSL_CONF": "/x"}, False),
        ({"LD_PRELOAD": "/x"}, False),
        ({"AWS_DATA_PATH": "/x"}, False),
        ({"HOME": ""}, False),
        ({"HOME": "relative"}, False),
    ],
)
def test_what_could_matter_at_the_beginning_is_left_to_a_whole_process(
    environ: dict[str, str], *, expected: bool
) -> None:
    assert can_run({"HOME": "/home/david", "PATH": os.defpath, "LANG": "C.UTF-8", **environ}) is expected


@pytest.mark.parametrize("language", ["C.UTF-8", "C"])
def test_stub_in_a_shell_is_the_program(home: Home, tmp_path: Path, language: str) -> None:
    path = f"{stubs(tmp_path / 'stubs', 'credhelper')}{os.pathsep}{os.defpath}"
    typed = 'cd /; credhelper exec prod-s3 -- pwd | cat; credhelper get "it\'s" 2>&1; echo $?'
    done = home.start(["/bin/sh", "-c", typed], {"PATH": path, "LANG": language})
    first, error, hint, code = done.stdout.decode().splitlines()
    assert (first, code, done.stderr) == ("/", "2", b"")
    assert error.startswith("credhelper: error: there is no profile it's")
    assert hint.startswith("hint: ")


def test_home_is_the_callers_though_libraries_were_loaded_before(home: Home) -> None:
    pytest.importorskip("awscli")
    (home.aws / "cli").mkdir()
    (home.aws / "cli" / "alias").write_text("[toplevel]\nhello = !echo hello $HOME\n")
    for command in (AWS, AWS[1:]):
        assert home.start([*command, "hello"], {}).stdout.decode() == f"hello {home.path}\n"


def test_what_a_program_starts_and_adds_for_it_is_told(
    home: Home, sts: FakeSts, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "audit", lambda *event: told.append(event))
    done = home.run("exec", "prod-s3", "--", "true", "secret")
    assert ("leak_check.words", "argv", b"true\0secret") in told, done
    # Perhaps behind that of the server.
    started = [event[2] for event in told if event[0] == "subprocess.Popen"]
    assert started[-1] == [*PROGRAM, "exec", "prod-s3", "--", "true", "secret"]
    home.config.write_text("[profile x]\ncredential_process = /bin/echo word\n")
    home.config.chmod(0o600)
    done = home.run("exec", "x", "--", "true")
    assert ("leak_check.words", "argv", b"/bin/echo\0word") in told, done


@pytest.fixture
def server() -> Iterator[ForkServer]:
    made = ForkServer("credhelper")
    yield made
    made.close()
    assert not Path(made.path).parent.exists()


def test_who_is_gone_meanwhile_costs_no_one_else_an_answer(server: ForkServer, tmp_path: Path) -> None:
    gone = subprocess.Popen(
        [sys.executable, "-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])", server.path]
    )
    assert gone.wait(30) == 0
    environ = {"HOME": str(tmp_path), "PATH": os.defpath, "LANG": "C.UTF-8"}
    assert server.run(PROGRAM, ["--version"], environ, "/").returncode == 0


@pytest.mark.parametrize("way", ["whole", "forked", "here"])
def test_line_that_profile_add_tries_is_one_of_this_installation_or_a_whole_process(home: Home, way: str) -> None:
    if way == "here":
        assert trial.start_remarks(" ".join(home.line("prod-s3")), "prod-s3") == []
    home.is_forked = way != "whole"
    done = home.run(*ADD)
    assert (done.returncode, done.stderr.decode()) == (0, f"added profile p in {home.config}\n")
    (remark,) = trial.start_remarks("/bin/false get prod-s3", "prod-s3")
    assert remark.endswith("its command fails: exit code 1 from /bin/false")


def test_end_of_a_stub_is_the_end_of_the_program(home: Home, tmp_path: Path) -> None:
    path = f"{stubs(tmp_path / 'stubs', 'credhelper')}{os.pathsep}{os.defpath}"
    command = ["sh", "-c", "exec credhelper exec prod-s3 -- sh -c 'echo $$; exec sleep 1000'"]
    environ = {**home.environ, "PATH": path}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as stub:
        assert stub.stdout is not None
        pid = int(stub.stdout.readline())
        assert pid != stub.pid
        stub.kill()
        until = time.monotonic() + 30
        try:
            while Path(f"/proc/{pid}").exists():
                assert time.monotonic() < until, "the program goes on"
                time.sleep(0.01)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
