"""One-time codes from a terminal or a program: never from stdin, never echoed, never later than the deadline."""

import os
import signal
import subprocess
import sys
import termios
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from credhelper.errors import InputError, MfaError
from credhelper.mfa.code import token_code
from credhelper.mfa.program import run_mfa_process
from credhelper.mfa.terminal import _signals_raised, ask

SERIAL = "arn:aws:iam::111111111111:mfa/David"
# Runs in a session of its own, whose terminal is our pseudo-terminal; stdin is not that terminal.
ASKING = textwrap.dedent(
    """
    import os, sys
    from credhelper.mfa import code
    from credhelper.errors import MfaError
    if len(sys.argv) > 3:  # the first terminal a session leader opens becomes the session's own
        os.close(os.open(sys.argv[3], os.O_RDWR))
    try:
        print(code.prompt_token(sys.argv[1], "prod-s3", timeout_s=float(sys.argv[2])))
    except MfaError as error:
        print(f"{error.message} | {error.hint}")
    """
)


@dataclass
class Terminal:
    """A pseudo-terminal with a process that asks at it."""

    master: int
    slave: int
    process: subprocess.Popen[str]

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def shown(self, until: str) -> str:
        """Return what stands on the terminal, once `until` does."""
        text = ""
        while until not in text:
            text += os.read(self.master, 1024).decode()
        return text

    def has_echo(self) -> bool:
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def wait_for_silence(self) -> None:
        while self.has_echo():
            time.sleep(0.01)

    def result(self) -> str:
        output, errors = self.process.communicate(timeout=10)
        assert errors == ""
        return output.strip()


def start(timeout_s: float, serial: str = SERIAL, typed_before: str = "") -> Terminal:
    master, slave = os.openpty()
    os.write(master, typed_before.encode())
    process = subprocess.Popen(
        [sys.executable, "-c", ASKING, serial, str(timeout_s), os.ttyname(slave)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return Terminal(master, slave, process)


def stop(running: Terminal) -> None:
    running.process.kill()
    running.process.communicate()
    os.close(running.master)
    os.close(running.slave)


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    running = start(getattr(request, "param", 20.0))
    yield running
    stop(running)


def test_code_typed_at_the_terminal(terminal: Terminal) -> None:
    assert terminal.shown("prod-s3): ").endswith(f"MFA code for {SERIAL} (profile prod-s3): ")
    terminal.wait_for_silence()
    terminal.type("123456\n")
    assert terminal.result() == "123456"
    assert "123456" not in terminal.shown("\n")
    assert terminal.has_echo()


def test_stdin_is_not_read(terminal: Terminal) -> None:
    assert terminal.process.stdin is not None
    terminal.process.stdin.write("654321\n")
    terminal.process.stdin.flush()
    terminal.shown("prod-s3): ")
    terminal.type("123456\n")
    assert terminal.result() == "123456"


@pytest.mark.parametrize("typed", ["123 456", "123-456", "123\u00a0456", " 123456 "])
def test_code_in_two_groups_is_a_code(terminal: Terminal, typed: str) -> None:
    terminal.shown("prod-s3): ")
    terminal.type(f"{typed}\n")
    assert terminal.result() == "123456"


def test_what_was_typed_before_the_question_is_no_answer_to_it() -> None:
    running = start(20.0, typed_before="654321\n")
    try:
        running.shown("prod-s3): ")
        running.wait_for_silence()
        running.type("123456\n")
        assert running.result() == "123456"
    finally:
        stop(running)


@pytest.mark.parametrize(
    "typed", ["12 3456\n", "123  456\n", "123\t456\n", "12345\n", "1234567\n", "12345a\n", "١٢٣٤٥٦\n"]
)
def test_anything_but_six_digits_is_refused_and_not_shown(terminal: Terminal, typed: str) -> None:
    terminal.shown("prod-s3): ")
    terminal.type(typed)
    result = terminal.result()
    assert result == "what was typed is not a one-time code of six digits | try again: credhelper login prod-s3"


@pytest.mark.parametrize("key", ["\n", "\x03", "\x04"], ids=["enter", "ctrl-c", "ctrl-d"])
def test_cancelling_is_an_error_and_brings_the_echo_back(terminal: Terminal, key: str) -> None:
    terminal.shown("prod-s3): ")
    terminal.wait_for_silence()
    terminal.type(key)
    assert terminal.result() == "the one-time code was cancelled | try again: credhelper login prod-s3"
    assert terminal.has_echo()


@pytest.mark.parametrize("terminal", [0.5], indirect=True)
def test_nothing_typed_ends_at_the_deadline(terminal: Terminal) -> None:
    terminal.shown("prod-s3): ")
    terminal.type("123")  # a line that never ends
    assert terminal.result().startswith("no one-time code was given in time")
    assert terminal.has_echo()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_being_ended_brings_the_echo_back_first(terminal: Terminal, number: signal.Signals) -> None:
    terminal.shown("prod-s3): ")
    terminal.wait_for_silence()
    terminal.process.send_signal(number)
    terminal.process.wait(10)
    assert terminal.process.returncode == -number
    assert terminal.has_echo()


def test_no_terminal_says_what_to_run() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKING, SERIAL, "5"],
        input="123456\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
        start_new_session=True,
    )
    assert done.stdout.strip() == (
        "a one-time code is needed and there is no terminal to ask at | run in a terminal: credhelper login prod-s3"
    )


@pytest.mark.parametrize("path", ["/dev/null", "/nonexistent"])
def test_what_is_no_terminal_is_not_asked(path: str) -> None:
    with pytest.raises(MfaError, match="no terminal"):
        ask("code: ", timeout_s=1, terminal=path)


def test_steering_codes_do_not_reach_the_terminal() -> None:
    running = start(20.0, serial="\x1b[2Jevil\u2028")
    try:
        assert "\x1b" not in running.shown("prod-s3): ")
    finally:
        stop(running)


def test_terminal_that_is_not_ours_is_not_asked() -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(MfaError, match="no terminal"):
            ask("code: ", timeout_s=1, terminal=os.ttyname(slave))
    finally:
        os.close(master)
        os.close(slave)


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
    """Tell whether the process has ended; where nobody reaps orphans it stays a zombie."""
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


def test_profile_with_a_program_asks_nobody() -> None:
    assert token_code(SERIAL, "echo 123456", "prod-s3", timeout_s=5, environ={}) == "123456"


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def ask() -> None:
        with _signals_raised():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [before]
