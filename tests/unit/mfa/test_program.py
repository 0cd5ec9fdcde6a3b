"""A one-time code from a program: without a shell, with an empty stdin, killed with all it started at the deadline."""

import sys
import time
from pathlib import Path

import pytest

from credhelper.errors import InputError, MfaError
from credhelper.mfa.program import run_mfa_process

SERIAL = "arn:aws:iam::111111111111:mfa/David"


def program(tmp_path: Path, body: str) -> str:
    path = tmp_path / "program.py"
    path.write_text(f"import os, sys, time\n{body}\n")
    return f"{sys.executable} -I '{path}'"


def run(command: str, timeout_s: float = 10.0) -> str:
    return run_mfa_process(command, SERIAL, "prod-s3", timeout_s=timeout_s)


def test_program_prints_the_code(tmp_path: Path) -> None:
    assert run(program(tmp_path, "print(' 123456 ')")) == "123456"


def test_program_knows_the_device_and_gets_an_empty_stdin(tmp_path: Path) -> None:
    body = (
        f"assert os.environ['CREDHELPER_MFA_SERIAL'] == {SERIAL!r}\n"
        "assert os.environ['CREDHELPER_PROFILE'] == 'prod-s3'\n"
        "assert sys.stdin.read() == ''\nprint('123456')"
    )
    assert run(program(tmp_path, body)) == "123456"


def test_no_shell_is_involved(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    body = "assert sys.argv[1:] == ['$(touch', 'x);', '&&', '$HOME'], sys.argv\nprint('123456')"
    assert run(program(tmp_path, body) + " $(touch x); && $HOME") == "123456"
    assert not marker.exists()


@pytest.mark.parametrize("output", ["", "12345", "1234567", "code: 123456", "123456\\n654321", "\\u0661" * 6])
def test_output_that_is_no_code_is_refused_and_not_shown(tmp_path: Path, output: str) -> None:
    with pytest.raises(MfaError, match="not a one-time code of six digits") as caught:
        run(program(tmp_path, f"sys.stdout.buffer.write('{output}'.encode())"))
    assert "123456" not in str(caught.value) + caught.value.hint


def test_program_that_fails_is_quoted_in_one_harmless_line(tmp_path: Path) -> None:
    with pytest.raises(MfaError) as caught:
        run(program(tmp_path, "print('123456'); sys.stderr.write('\\x1b[31mno\\r\\n key.'); sys.exit(3)"))
    assert caught.value.message == "the mfa_process ended with status 3: [31mno key"
    assert caught.value.hint == "see its command line: credhelper profile show prod-s3"


def test_program_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    body = (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write(str(child.pid))\ntime.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(MfaError, match="did not end in time"):
        run(program(tmp_path, body), timeout_s=1.0)
    assert time.monotonic() - started < 5
    assert is_gone(int(pids.read_text()))


def is_gone(pid: int) -> bool:
    """Tell whether the process has ended; a container without an init leaves it a zombie."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "does not begin"),
        ("./code", "does not begin"),
        ("bin/code", "does not begin"),
        ("'open", "not closed"),
        ("no-such-program-anywhere", "is not in /usr/local/bin"),
    ],
)
def test_line_that_names_no_program_is_an_input_error(command: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        run(command)
    assert "credhelper profile set prod-s3 --mfa-process" in caught.value.hint


def test_bare_name_is_not_looked_for_in_the_callers_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = tmp_path / "evil-code"
    evil.write_text("#!/bin/sh\necho 666666\n")
    evil.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        run("evil-code")
    assert run("echo 123456") == "123456"


def test_program_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    (tmp_path / "code").write_text("")
    with pytest.raises(MfaError, match="cannot be started: permission denied"):
        run(str(tmp_path / "code"))
