"""A secret in what a process is started with, or prints, is found."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import credhelper
from fakes import canary
from fakes.calls import called_by
from leak_check.findings import Findings
from leak_check.processes import Processes

SECRET = canary.secret_key("planted")
PACKAGE = Path(credhelper.__file__).parent


@pytest.fixture
def processes(findings: Findings) -> Iterator[Processes]:
    made = Processes(findings)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["/usr/bin/aws", "s3", "ls"], ["stderr: aws"]),
        ([sys.executable, "-I", "-m", "credhelper", "get", "x"], [f"stderr: {Path(sys.executable).name}"]),
        (["/x/credhelper", "exec", "x", "--", "y"], ["stderr: credhelper"]),
        (["/x/credhelper", "status"], ["stderr: credhelper", "stdout: credhelper"]),
        (["/x/credhelper", "console", "x"], ["stderr: credhelper", "stdout: credhelper"]),
        (["/x/credhelper", "console", "x", "--print"], ["stderr: credhelper"]),
        ("sh -c 'credhelper env x'", ["stderr: sh -c 'credhelper env x'"]),
    ],
)
def test_stderr_is_always_looked_at_and_stdout_unless_it_hands_out(
    findings: Findings, processes: Processes, args: list[str] | str, found: list[str]
) -> None:
    processes.look_at_pipes(args, SECRET.encode(), SECRET.encode())
    assert findings.take() == [f"a secret in {place} (raw)" for place in found]


def test_what_credhelper_reads_from_a_program_is_an_input(findings: Findings, processes: Processes) -> None:
    called_by(PACKAGE, lambda: processes.look_at_pipes(["x"], SECRET.encode(), SECRET.encode()))
    assert findings.take() == []


def test_start_is_looked_at_whatever_makes_it(findings: Findings, processes: Processes) -> None:
    environ = {b"HOME": b"/", b"X": SECRET.encode()}
    for event, arguments in {
        "subprocess.Popen": ("x", ["/bin/a", SECRET], None, environ),
        "os.exec": ("x", [b"/bin/b", SECRET.encode()], environ),
        "os.posix_spawn": ("x", [Path("/bin/c"), SECRET], environ),
        "os.system": (f"d {SECRET}",),
    }.items():
        processes.look_at_start(event, arguments)
    *starts, system = findings.take()
    assert starts == [f"a secret in argv: {name} (raw)" for name in "abc"]
    assert system.startswith("a secret in argv: ")


def test_variable_that_credhelper_sets_is_found(findings: Findings, processes: Processes) -> None:
    start = ("x", ["/bin/a"], None, {"PATH": os.environ["PATH"], "X": SECRET})
    processes.look_at_start("subprocess.Popen", start)
    assert findings.take() == []
    called_by(PACKAGE, lambda: processes.look_at_start("subprocess.Popen", start))
    assert findings.take() == ["a secret in environ: X (raw)"]


def test_what_a_forked_program_printed_and_started_is_looked_at(findings: Findings, processes: Processes) -> None:
    secret = SECRET.encode()
    processes._is_running = True
    processes._on_audit_event("leak_check.output", (["/x/credhelper", "status"], secret, secret))
    processes._on_audit_event("leak_check.words", ("environ", b"X=" + secret))
    processes._on_audit_event("leak_check.else", (secret,))
    assert findings.take() == [
        f"a secret in {place} (raw)" for place in ("stderr: credhelper", "stdout: credhelper", "environ: X")
    ]
