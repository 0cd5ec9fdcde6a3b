"""What a person reads cannot steer their terminal, and a program reads plain rows."""

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
