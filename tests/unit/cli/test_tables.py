"""An account id, a time and a kind stand on a terminal in one piece, at every width."""

import io
import os
import re
import shutil
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.cli import output

HEADERS = ("PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "SOURCE", "FILE")
WHOLE = {"KIND": 12, "ACCOUNT": 12}
SPARE = ("FILE", "REGION", "SOURCE")
TEXT = st.text("abcdefghij-/ ", max_size=70)
ROWS = st.lists(
    st.tuples(
        TEXT, st.sampled_from(["credhelper", "web-identity", "static"]), st.from_regex(r"[0-9]{12}", fullmatch=True),
        TEXT, st.sampled_from(["", "us-gov-west-1"]), TEXT, st.sampled_from(["config", "credentials"]),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def drawn(rows: list[tuple[str, ...]], width: int, term: str) -> list[str]:
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
    for _, kind, account, *_ in rows:
        assert kind in text
        assert account in text


@given(st.lists(st.from_regex(r"[a-z0-9/]{1,50}", fullmatch=True), min_size=1, max_size=8), st.integers(60, 200))
def test_line_of_fields_breaks_between_fields_only(texts: list[str], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", shown := io.StringIO())
        patch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((width, 24)))
        output.fields(texts)
    assert shown.getvalue().split() == texts
    assert max(map(len, shown.getvalue().splitlines())) <= width
