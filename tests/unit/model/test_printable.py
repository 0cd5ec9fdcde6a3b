"""What others say becomes one harmless line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.model.printable import clause, one_line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("a\r\n b\t\tc", "a b c"),
        (b"caf\xe9", "caf\ufffd"),
        ("\x1b[31mred\x9b0m", "[31mred 0m"),
        ("\ud800", "?"),
        ("token " + "A1/+=" * 30, "token ***"),
        ("SecretAccessKey: abcdEFGH1234/+=", "SecretAccessKey: ***"),
        ('{"SessionToken": "abcdEFGH"}', '{"SessionToken": "***"}'),
        ("arn:aws:iam::111111111111:role/reader", "arn:aws:iam::111111111111:role/reader"),
        ("x " * 300, ("x " * 300)[:239].rstrip() + "…"),
    ],
)
def test_line_is_printable_and_keeps_what_is_harmless(said: str | bytes, line: str) -> None:
    assert one_line(said) == line


def test_clause_has_no_final_stop() -> None:
    assert clause("It failed. ") == "It failed"


@given(st.one_of(st.text(), st.binary()))
def test_anything_becomes_one_short_line_of_utf_8(said: str | bytes) -> None:
    line = one_line(said, 80)
    assert len(line) <= 80
    assert len(line.splitlines()) <= 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
    line.encode("utf-8")
