"""What others say becomes one harmless line."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.model.printable import cell, clause, one_line, plain


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


HIDING = [
    *map(chr, (0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))),
    *map(chr, (0xE0001, 0xE0020, 0xE007F, 0xFE0F, 0xE0100, 0xAD, 0x34F, 0x3164, 0xD800, 0x1B, 0x9B, 0x2028)),
]


@pytest.mark.parametrize("character", HIDING, ids=lambda character: f"{ord(character):04x}")
def test_character_that_hides_or_steers_is_shown_as_its_escape(character: str) -> None:
    for shown in (plain(f"a{character}b"), cell(f"a{character}b"), one_line(f"a{character}b")):
        assert character not in shown
        assert shown.isascii()


def test_nothing_that_unicode_calls_a_format_or_a_control_is_left() -> None:
    # Arabic, Syriac, Kaithi and Egyptian signs that are drawn around digits or signs: they are seen.
    seen = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    left = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and cell(chr(code)) == chr(code)
    ]
    assert set(left) <= seen


@given(st.text())
def test_cell_is_one_line_and_plain_text_keeps_its_lines(text: str) -> None:
    assert len(cell(text).splitlines()) <= 1
    assert "\t" not in cell(text)
    assert plain(text).count("\n") == text.count("\n")
    assert cell(cell(text)) == cell(text)
