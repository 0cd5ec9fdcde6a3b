"""What a person reads cannot steer their terminal, and a program reads plain rows."""

import sys
from collections.abc import Callable

import pytest

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
    ],
    ids=["say", "note", "table", "diff", "emit_json", "show_error"],
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


def test_cell_of_a_table_is_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "role"), [("a\nb\tc", "d")])
    assert capsys.readouterr().out == "a\\x0ab\\x09c\td\n"


def test_cause_with_a_new_line_cannot_add_a_hint() -> None:
    error = InputError("there is no profile a\nhint: rm -rf x", hint="credhelper profile list\nhint: rm -rf y")
    assert [line[:11] for line in error.shown().splitlines()] == ["credhelper:", "hint: credh"]
