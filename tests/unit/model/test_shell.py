"""A value in a hint is one word, of which no shell runs anything."""

import argparse
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.model.printable import cell
from credhelper.model.shell import filled, of_profile, own_command, word

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


# Names of a shell's word, and names that a program could take for options.
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(st.lists(NAMES | NAMES.map("-".__add__), min_size=1, max_size=3), st.booleans())
def test_names_reach_a_command_as_its_arguments(names: list[str], has_options: bool) -> None:
    words = shlex.split(own_command("profile set", *names, options="--flag x" if has_options else ""))
    assert words[:3] == ["credhelper", "profile", "set"]
    arguments = words[3:]
    if any(name.startswith("-") for name in names):
        options, arguments = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
        assert options == ["--flag", "x"] * has_options
        assert arguments == names
    else:
        assert arguments == [*names, *(["--flag", "x"] if has_options else [])]


# argparse, which the AWS CLI has, drops -- wherever it stands: no command line reaches a profile of that name.
@given((NAMES | NAMES.map("-".__add__)).filter(lambda name: name != "--"))
def test_name_reaches_the_aws_cli_as_the_value_of_its_option(name: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile")
    assert parser.parse_args(shlex.split(of_profile(name))).profile == name
    assert filled("aws configure --profile {p}", "{p}", name) == f"aws configure {of_profile(name)}"
    assert filled("credhelper profile show {p}", "{p}", name) == own_command("profile show", name)
    wanted = own_command("profile set", name, options="--tags a=b")
    assert filled("credhelper profile set {p} --tags a=b", "{p}", name) == wanted
