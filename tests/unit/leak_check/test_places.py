"""What is planted in a file, a log record, a pipe or a command line is found, and only there.

Nothing here lies below the test's own directory or is really started: that would be a finding of the sweep itself.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import credhelper
from fakes import canary
from leak_check import files
from leak_check.findings import Findings
from leak_check.logs import LogSweep
from leak_check.processes import Processes
from leak_check.record_processes import Recorder

SECRET = canary.secret_key("planted")
PACKAGE = Path(credhelper.__file__).parent
TEST = "tests/unit/test_x.py::test_y"


@pytest.fixture
def top() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture
def findings() -> Iterator[Findings]:
    made = Findings()
    yield made
    made.close()
    canary.forget()


def sweep(top: Path, findings: Findings, test: str = TEST) -> list[str]:
    files.sweep(str(top), test, findings)
    found = findings.take()
    assert not canary.find("\n".join(found).encode())
    return found


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_clean_tree_passes(top: Path, findings: Findings) -> None:
    write(top / "home" / ".aws" / "credentials", SECRET.encode())
    write(top / "home" / ".local" / "state" / "credhelper" / "key", bytes(range(32)))
    write(top / "home" / ".cache" / "credhelper" / "x.entry", os.urandom(400))
    assert sweep(top, findings) == []
    assert findings.looks == {"file": 1, "file name": 3}


@pytest.mark.parametrize("name", ["home/.cache/credhelper/x.entry", "home/.aws/config", "tmp", "home/credentials"])
def test_secret_in_a_file_is_found(top: Path, findings: Findings, name: str) -> None:
    write(top / name, b"\xff\xfe" + SECRET.encode("utf-16-le"))
    assert sweep(top, findings) == [f"a secret in file: {name} (UTF-16)"]


def test_secret_in_a_name_is_found_and_not_repeated(top: Path, findings: Findings) -> None:
    write(top / f"x{SECRET}".encode().hex(), b"")
    (found,) = sweep(top, findings)
    assert found.startswith("a secret in file name: ")


def test_master_key_is_allowed_in_its_own_place_alone(top: Path, findings: Findings) -> None:
    key = os.urandom(32)
    write(top / "state" / "credhelper" / "key", key)
    write(top / "cache" / "key.new", b"x" + key)
    write(top / "config.toml", key[16:].hex().encode())
    assert sorted(sweep(top, findings)) == [
        "a secret in file: cache/key.new (raw)",
        "a secret in file: config.toml (hex)",
    ]


def test_secret_after_a_gap_of_a_terabyte_is_found(top: Path, findings: Findings) -> None:
    with (top / "giant").open("wb") as file:
        file.seek(1 << 40)
        file.write(SECRET.encode())
    started = time.monotonic()
    assert sweep(top, findings) == ["a secret in file: giant (raw)"]
    assert time.monotonic() - started < 5


def test_what_is_no_file_is_passed_over(top: Path, findings: Findings) -> None:
    os.mkfifo(top / "pipe")
    (top / "loop").symlink_to(top)
    with tempfile.NamedTemporaryFile() as outside:
        outside.write(SECRET.encode())
        outside.flush()
        (top / "link").symlink_to(outside.name)
        assert sweep(top, findings) == []


@pytest.mark.parametrize("allowed", files.INPUTS, ids=lambda allowed: f"{allowed.test}-{allowed.path}")
def test_input_is_allowed_to_its_tests_and_under_its_name_alone(allowed: files.Input) -> None:
    test, path = f"tests{allowed.test[1:]}".replace("*", "x"), allowed.path.replace("*", "x")
    assert files.is_input(test, path)
    assert not files.is_input(test, f"{path}.tmp" if not allowed.path.endswith("*") else f"x{path}")
    assert allowed.test == "*" or not files.is_input(TEST, path)
    assert allowed.reason


def called_by(directory: Path, work: Callable[[], None]) -> None:
    """Call it from a function whose code says that it comes from that directory."""
    scope: dict[str, Callable[[Callable[[], None]], None]] = {}
    exec(compile("def call(work): work()", str(directory / "planted.py"), "exec"), scope)  # noqa: S102 - a frame of the package
    scope["call"](work)


@pytest.fixture
def logger(findings: Findings) -> Iterator[logging.Logger]:
    made, handler = logging.getLogger("planted"), LogSweep(findings)
    made.propagate = False
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


@pytest.mark.parametrize(
    "log",
    [
        lambda logger: logger.debug("%s", SECRET),
        lambda logger: logger.critical({"key": SECRET}),
        lambda logger: logger.debug("it failed", exc_info=ValueError(SECRET)),
    ],
)
def test_secret_that_credhelper_logs_is_found_at_every_level(
    findings: Findings, logger: logging.Logger, log: Callable[[logging.Logger], None]
) -> None:
    called_by(PACKAGE / "aws", lambda: log(logger))
    assert findings.take() == ["a secret in log record: planted (raw)"]


def test_what_a_client_of_the_tests_logs_is_its_own_affair(findings: Findings, logger: logging.Logger) -> None:
    logger.debug(SECRET)
    called_by(PACKAGE / "demo", lambda: logger.debug(SECRET))
    assert findings.take() == []


def test_record_that_cannot_be_formatted_is_looked_at_as_it_is(findings: Findings, logger: logging.Logger) -> None:
    called_by(PACKAGE, lambda: logger.debug("%d and %s", SECRET, 1))
    assert findings.take() == ["a secret in log record: planted (raw)"]


def test_master_key_is_found_in_what_was_said_before_it_was_known(top: Path, findings: Findings) -> None:
    key = os.urandom(32)
    findings.look("stderr", "python", repr(key).encode())
    write(top / "credhelper" / "key", key)
    (found,) = sweep(top, findings)
    assert found.startswith("a secret in stderr: python (")


def test_forked_child_reports_too(findings: Findings) -> None:
    child = os.fork()
    if child == 0:
        findings.look("stderr", "child", SECRET.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert findings.take() == ["a secret in stderr: child (raw)"]
    assert findings.take() == []


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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_recorder_sees_grandchildren_and_what_credhelper_gives_them(tmp_path: Path) -> None:
    sleep, given = b"sleep\0" + b"20\0", b"GIVEN=word"
    script = write(
        tmp_path / "credhelper" / "__main__.py",
        b"import os, subprocess; subprocess.run(['sleep', '20'], env={**os.environ, 'GIVEN': 'word'})",
    )
    lines: list[str] = []
    recorder = Recorder(os.getpid(), lines.append)
    with subprocess.Popen([sys.executable, script], start_new_session=True) as process:
        end = time.monotonic() + 20
        while not any(line.startswith("environ") for line in lines) and time.monotonic() < end:
            recorder.look()
            time.sleep(0.02)
        os.killpg(process.pid, 9)
    assert {f"argv {sleep.hex()}\n", f"environ {given.hex()}\n"} <= set(lines)
    assert len(lines) == len(set(lines))
