"""The command line: the same arguments for shlex, for botocore and for a real shell, or none at all."""

import shlex
import subprocess
import sys

import pytest
from botocore.compat import compat_shell_split
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.profiles.process_line import command_line
from credhelper.errors import InputError
from credhelper.model.install_form import start_of
from credhelper.system.installation import look

QUOTABLE = r"[A-Za-z0-9_@%+=:,./-]{1,10}( [A-Za-z0-9_@%+=:,./-]{1,10})?"
WORDS = st.text(st.characters(codec="ascii"), min_size=1, max_size=12)


def arguments_in_a_shell(line: str) -> list[str]:
    shown = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)  # noqa: S607 - the shell is what is tested
    return shown.stdout.decode().split("\0")[:-1]


def test_line_starts_this_interpreter_isolated_with_the_script_that_outlives_a_version_of_python() -> None:
    assert start_of(look()).words == (sys.executable, "-I", "-S", f"{sys.prefix}/share/credhelper/get.py")


def test_plain_words_are_joined_by_blanks() -> None:
    assert (
        command_line(["/opt/x/python", "-I", "get", "a.b_%@:+/c"], windows=False) == "/opt/x/python -I get a.b_%@:+/c"
    )


def test_path_with_a_blank_is_in_single_quotes_and_the_last_word_is_not() -> None:
    assert command_line(["/p s/h", "get", "x"], windows=False) == "'/p s/h' get x"
    assert command_line(["/p s/h", "/q r"], windows=False) == "'/p s/h' '/q r' --"


@given(st.lists(WORDS, max_size=4))
def test_every_accepted_line_means_the_same_to_shlex_botocore_and_a_shell(words: list[str]) -> None:
    argv = ["/usr/bin/env", *words]
    try:
        line = command_line(argv, windows=False)
    except InputError:
        return
    assert line.isprintable()
    assert line[0] != line[-1] or line[0] not in "\"'"
    for arguments in (shlex.split(line), compat_shell_split(line, "linux"), arguments_in_a_shell(line)):
        assert arguments in (argv, [*argv, "--"])


@given(
    st.lists(st.from_regex(r"[A-Za-z0-9_@%+=:,./-]{1,10}( [A-Za-z0-9_@%+=:,./-]{1,10})?", fullmatch=True), max_size=4)
)
def test_words_of_plain_characters_and_blanks_have_a_line(words: list[str]) -> None:
    line = command_line(["/x", *words], windows=False)
    assert compat_shell_split(line, "linux") in (["/x", *words], ["/x", *words, "--"])
    assert arguments_in_a_shell(line) in (["/x", *words], ["/x", *words, "--"])


@pytest.mark.parametrize("character", [*"\"'\\;#[]`$!&|<>()*?~^{}\n\r\t\0\x1b", "\u00e9", "\u2028"])
def test_character_that_breaks_somewhere_is_refused(character: str) -> None:
    for argv in ([f"/x{character}y", "get", "a"], ["/x", "get", f"a{character}b"]):
        with pytest.raises(InputError, match=f"U\\+{ord(character):04X}"):
            command_line(argv, windows=False)


@pytest.mark.parametrize(
    "argv", [[], ["python", "get"], ["./x"], ["~/x"], ["x/y"], [""], ["/x", ""], ["/x", " a"], ["/x", "a "]]
)
def test_program_without_an_absolute_path_and_empty_words_are_refused(argv: list[str]) -> None:
    with pytest.raises(InputError):
        command_line(argv, windows=False)


def test_windows_line_has_no_quotes_and_no_blanks() -> None:
    argv = [r"C:\Tools\python.exe", "-I", "-S", r"C:\Tools\credhelper\__main__.py", "get", "prod-s3"]
    line = command_line(argv, windows=True)
    assert compat_shell_split(line, "win32") == argv
    for word in (
        r"C:\Program Files\p.exe",
        r"C:\a%PATH%",
        r"C:\a^b",
        r"C:\a(1)",
        r"C:\a&b",
        "C:\\a'b",
        r"\\server\x",
        "p.exe",
    ):
        with pytest.raises(InputError):
            command_line([word, "get", "x"], windows=True)
