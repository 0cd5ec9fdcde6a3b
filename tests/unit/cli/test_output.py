"""What a person reads cannot steer their terminal, and a program reads plain rows."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.cli import output
from credhelper.errors import InputError


def test_control_characters_are_shown_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("prod\x1b[31m\x07\x85\u2028name\ttab")
    assert capsys.readouterr().out == "prod\\x1b[31m\\x07\\x85\\u2028name\ttab\n"


def test_error_is_a_cause_and_a_hint_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_error(InputError("there is no profile x", hint="credhelper profile list"))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "credhelper: error: there is no profile x\nhint: credhelper profile list\n"


def test_piped_table_is_tab_separated_without_header(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "role"), [("a", "b"), ("c", "d\x1b")])
    assert capsys.readouterr().out == "a\tb\nc\td\\x1b\n"


def test_widest_columns_give_way_until_a_table_fits() -> None:
    assert output.fit([20, 7, 50, 12], 100) == [20, 7, 50, 12]
    assert output.fit([20, 7, 50, 12], 59) == [20, 7, 20, 12]
    assert output.fit([20, 7, 50, 12], 30) == [8, 7, 8, 8]  # no narrower: a terminal of thirty columns wraps by itself


def test_piped_diff_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.diff("-old\n+new\n")
    assert capsys.readouterr().out == "-old\n+new\n"


HOSTILE = "a\nb\tc\x1b[31m\u202ed\u200be\U000e0041"


@pytest.mark.parametrize("is_terminal", [False, True])
@pytest.mark.parametrize(
    "show",
    [
        lambda: output.say(HOSTILE),
        lambda: output.note(HOSTILE),
        lambda: output.table(("name",), [(HOSTILE,)]),
        lambda: output.diff(HOSTILE),
        lambda: output.emit_json(HOSTILE),
        lambda: output.show_error(InputError(HOSTILE, hint=HOSTILE)),
        lambda: output.styled([(HOSTILE, "red")]),
    ],
    ids=["say", "note", "table", "diff", "emit_json", "show_error", "styled"],
)
def test_nothing_that_hides_or_steers_reaches_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, show: Callable[[], None], *, is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    show()
    shown = "".join(capsys.readouterr())
    assert not set(shown) & {"\x1b", "\u202e", "\u200b", "\U000e0041"}


@pytest.mark.parametrize("show", [output.say, output.note], ids=["say", "note"])
def test_name_with_a_line_break_makes_no_second_line(
    capsys: pytest.CaptureFixture[str], show: Callable[[str], None]
) -> None:
    show("removed: a\nhint: rm -rf x\ttab")
    assert "".join(capsys.readouterr()) == "removed: a\\x0ahint: rm -rf x\ttab\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a full device")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["status"], ["status", "--json"], ["key", "show"]])
@pytest.mark.parametrize("place", [">/dev/full", "1</dev/null"], ids=["full", "read-only"])
def test_output_that_is_not_taken_is_one_line_and_an_exit_code(arguments: list[str], place: str) -> None:
    line = [sys.executable, "-I", "-m", "credhelper", *arguments]
    redirected = ["/bin/sh", "-c", f'exec "$@" {place}', "sh", *line]
    done = subprocess.run(redirected, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("credhelper: error: the output cannot be written: ")
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize("arguments", [["--help"], ["status"], ["status", "--json"], ["key", "show"]])
def test_reader_that_has_gone_is_a_quiet_failure(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        line = [sys.executable, "-I", "-m", "credhelper", *arguments]
        done = subprocess.run(line, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_pipe_that_takes_no_more_now_is_output_that_is_not_taken() -> None:
    """A stdout that another program has made non-blocking: EAGAIN is no want of processes."""
    code = "import os, sys; os.set_blocking(1, False); from credhelper.cli import output, app\n"
    code += "try: [output.say('x' * 9000) for _ in range(99)]\nexcept Exception as error: print(error, file=sys.stderr)"
    reader, writer = os.pipe()
    try:
        done = subprocess.run([sys.executable, "-I", "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(reader)
        os.close(writer)
    assert done.stderr.startswith(b"the output cannot be written: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a full device")
def test_error_that_is_not_taken_keeps_its_exit_code() -> None:
    code = "import sys; from credhelper.cli import app; app.run(['profile', 'show', 'x'])"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-I", "-c", code], stderr=full, check=False)
    assert done.returncode == 2


def test_what_has_several_lines_keeps_them(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_lines("a\nb")
    output.note_lines("c\nd")
    assert capsys.readouterr() == ("a\nb\n", "c\nd\n")


def test_cell_of_a_table_is_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "role"), [("a\nb\tc", "d")])
    assert capsys.readouterr().out == "a\\x0ab\\x09c\td\n"


def test_cause_with_a_new_line_cannot_add_a_hint() -> None:
    error = InputError("there is no profile a\nhint: rm -rf x", hint="credhelper profile list\nhint: rm -rf y")
    assert [line[:11] for line in error.shown().splitlines()] == ["credhelper:", "hint: credh"]


# An account id, a time, a kind and a region are in one piece, at every width of a terminal.
HEADERS = ("PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "SOURCE", "FILE")
WHOLE = {"KIND": 12, "ACCOUNT": 12, "REGION": 15}
SPARE = ("FILE", "REGION", "SOURCE")
TEXT = st.text("abcdefghij-/ ", max_size=70)
ROWS = st.lists(
    st.tuples(
        TEXT, st.sampled_from(["credhelper", "web-identity", "static"]), st.from_regex(r"[0-9]{12}", fullmatch=True),
        TEXT, st.sampled_from(["", "us-east-1", "ap-southeast-1", "us-isof-south-1"]), TEXT,
        st.sampled_from(["config", "credentials"]),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def drawn(rows: Sequence[tuple[str, ...]], width: int, term: str) -> list[str]:
    """Return the lines of a terminal of this width."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", screen := Screen())
        patch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((width, 24)))
        patch.setenv("TERM", term)
        patch.setenv("NO_COLOR", "1")
        assert output.table(HEADERS, rows, whole=WHOLE, spare=SPARE) == len(rows)
        return re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()


@given(ROWS, st.integers(60, 200), st.sampled_from(["dumb", "xterm-256color"]))
def test_what_is_useless_when_cut_is_never_cut(rows: list[tuple[str, ...]], width: int, term: str) -> None:
    lines = drawn(rows, width, term)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    for _, kind, account, _, region, *_ in rows:
        assert kind in text
        assert account in text
        assert region in text or "REGION" not in lines[0]


USUAL = [("prod-s3", "credhelper", "222222222222", "acc-to-read-prod-s3-bucket", "us-east-1", "default", "config")]
LONG = [(USUAL[0][3] + "-222222222222", *USUAL[0][1:5], "prod-s3 < default", "credentials")]


@pytest.mark.parametrize(
    ("rows", "width", "left_out"),
    [
        (USUAL, 80, {"FILE"}),
        (USUAL, 100, set()),
        (LONG, 60, {"FILE", "REGION", "SOURCE"}),
        (LONG, 80, {"FILE", "REGION"}),
        (LONG, 100, {"FILE"}),
        (LONG, 200, set()),
    ],
)
def test_columns_are_left_out_before_the_others_are_cut_to_pieces(
    rows: list[tuple[str, ...]], width: int, left_out: set[str]
) -> None:
    lines = drawn(rows, width, "xterm")
    assert set(HEADERS) - set(lines[0].split()) == left_out
    assert len(lines) <= 2 + 3


def test_time_of_today_takes_no_more_room_than_it_needs_unless_rows_follow() -> None:
    short = output.choose({"A": 60, "T": 8}, 78, ["T"], [])
    assert short == (["A", "T"], [60, 8])
    rows = [("x" * 12, "static", "1" * 12, "", "us-east-1", "", "config")]
    assert "REGION" in drawn(rows, 80, "xterm")[0]
    following = rows * 100 + [(*rows[0][:4], "us-isof-south-1", *rows[0][5:])]
    assert any("us-isof-south-1" in line for line in drawn(following, 80, "xterm"))


@given(st.lists(st.from_regex(r"[a-z0-9/]{1,50}", fullmatch=True), min_size=1, max_size=8), st.integers(60, 200))
def test_line_of_fields_breaks_between_fields_only(texts: list[str], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", shown := io.StringIO())
        patch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((width, 24)))
        output.fields(texts)
    assert shown.getvalue().split() == texts
    assert max(map(len, shown.getvalue().splitlines())) <= width


@given(st.lists(st.from_regex(r"[ -~]{0,30}", fullmatch=True), max_size=20))
def test_wrapped_line_fits_unless_one_word_does_not_and_loses_no_word(words: list[str]) -> None:
    text = f"  + {' '.join(words)}"
    parts = output._wrapped(text, 40)
    assert " ".join(parts).split() == text.split()
    assert all(len(part) <= 40 or len(part.split()) == 1 for part in parts)
    assert all(part.startswith("      ") for part in parts[1:])


def test_piped_lines_with_a_style_are_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output.styled([("  + role \x1b[31mx\ny", "red"), ("a" * 200, "")])
    assert capsys.readouterr().out == f"  + role \\x1b[31mx\\x0ay\n{'a' * 200}\n"


def test_line_to_type_is_left_whole_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", shown := io.StringIO())
    monkeypatch.setattr(shown, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    command = f"hint: aws iam put-group-policy --policy-document '{'x' * 50} {'y' * 50}'"
    output.styled([(command, output.TYPED), (command, "")])
    first, *others = shown.getvalue().splitlines()
    assert first == command
    assert len(others) > 1
