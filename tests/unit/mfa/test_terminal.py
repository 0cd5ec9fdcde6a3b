"""A one-time code from the terminal: never from stdin, never echoed, never later than the deadline."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import pytest

from credhelper.errors import MfaError
from credhelper.mfa.terminal import _signals_raised, ask
from fakes.terminal import Terminal, at_terminal

PROMPT = "MFA code:"
ASKING = textwrap.dedent(
    """
    import sys
    from credhelper.errors import MfaError
    from credhelper.mfa.terminal import ask
    try:
        print(ask(sys.argv[1], timeout_s=float(sys.argv[2])))
    except MfaError as error:
        print(f"{error.message} | {error.hint}")
    """
)


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    with at_terminal(ASKING, PROMPT, str(getattr(request, "param", 20.0))) as running:
        yield running


def test_code_typed_at_the_terminal(terminal: Terminal) -> None:
    assert terminal.shown(f"{PROMPT} ") == f"{PROMPT} "
    terminal.wait_for_silence()
    terminal.type("123456\n")
    assert terminal.result() == "123456"
    assert "123456" not in terminal.shown("\n")
    assert terminal.has_echo()


def test_stdin_is_not_read(terminal: Terminal) -> None:
    assert terminal.process.stdin is not None
    terminal.process.stdin.write("654321\n")
    terminal.process.stdin.flush()
    terminal.shown(PROMPT)
    terminal.type("123456\n")
    assert terminal.result() == "123456"


@pytest.mark.parametrize("typed", ["12345\n", "1234567\n", "12345a\n", "١٢٣٤٥٦\n"])
def test_anything_but_six_digits_is_refused_and_not_shown(terminal: Terminal, typed: str) -> None:
    terminal.shown(PROMPT)
    terminal.type(typed)
    result = terminal.result()
    assert result == "what was typed is not a one-time code of six digits | try again: credhelper login PROFILE"


@pytest.mark.parametrize("key", ["\n", "\x03", "\x04"], ids=["enter", "ctrl-c", "ctrl-d"])
def test_cancelling_is_an_error_and_brings_the_echo_back(terminal: Terminal, key: str) -> None:
    terminal.shown(PROMPT)
    terminal.wait_for_silence()
    terminal.type(key)
    assert terminal.result() == "the one-time code was cancelled | try again: credhelper login PROFILE"
    assert terminal.has_echo()


@pytest.mark.parametrize("terminal", [0.5], indirect=True)
def test_nothing_typed_ends_at_the_deadline(terminal: Terminal) -> None:
    terminal.shown(PROMPT)
    terminal.type("123")  # a line that never ends
    assert terminal.result().startswith("no one-time code was given in time")
    assert terminal.has_echo()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_being_ended_brings_the_echo_back_first(terminal: Terminal, number: signal.Signals) -> None:
    terminal.shown(PROMPT)
    terminal.wait_for_silence()
    terminal.process.send_signal(number)
    terminal.process.wait(10)
    assert terminal.process.returncode == -number
    assert terminal.has_echo()


def test_no_terminal_says_what_to_run() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKING, PROMPT, "5"],
        input="123456\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
        start_new_session=True,
    )
    assert done.stdout.strip() == (
        "a one-time code is needed and there is no terminal to ask at | run in a terminal: credhelper login PROFILE"
    )


@pytest.mark.parametrize("path", ["/dev/null", "/nonexistent"])
def test_what_is_no_terminal_is_not_asked(path: str) -> None:
    with pytest.raises(MfaError, match="no terminal"):
        ask("code: ", timeout_s=1, terminal=path)


def test_control_characters_do_not_reach_the_terminal() -> None:
    with at_terminal(ASKING, "\x1b[2Jevil\u2028 code:", "20") as running:
        assert "\x1b" not in running.shown("code:")


def test_terminal_of_another_session_is_not_asked() -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(MfaError, match="no terminal"):
            ask("code: ", timeout_s=1, terminal=os.ttyname(slave))
    finally:
        os.close(master)
        os.close(slave)


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
