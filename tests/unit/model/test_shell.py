"""A value in a hint is one word, of which no shell runs anything."""

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.model.printable import cell
from credhelper.model.shell import word

HOSTILE = [
    "$(touch ran)", "`touch ran`", "a;touch ran", "a|touch ran", "a&touch ran", "a\ntouch ran", "'; touch ran; '",
    '"; touch ran; "', "-rf", "--policy-document=x", "a b", "~", "*", "", "a\u202eb", "\x1b[31m", "%PATH%", "!!", "#x",
    "$'touch ran'", "a\\", "\\\ntouch ran", "${IFS}", ">ran",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_shell_gives_back_the_value_and_runs_nothing(tmp_path: Path, value: str, shell: str) -> None:
    done = subprocess.run(
        [shell, "-c", f"printf '<%s>' {word(value, is_windows=False)}"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"<{cell(value)}>"
    assert not (tmp_path / "ran").exists()


@given(st.text())
def test_any_value_is_one_word_in_one_line(value: str) -> None:
    quoted = word(value, is_windows=False)
    assert shlex.split(quoted) == [cell(value)]
    assert len(quoted.splitlines()) <= 1
    assert quoted == cell(quoted)


@given(st.text())
def test_windows_word_holds_nothing_that_cmd_or_powershell_obeys_in_quotes(value: str) -> None:
    quoted = word(value, is_windows=True)
    inside = quoted[1:-1] if quoted.startswith('"') else quoted
    assert not set('"$`%!') & set(inside)
    assert quoted.startswith('"') or not set(" &|<>^;()'{},#") & set(quoted.replace(",", ""))
