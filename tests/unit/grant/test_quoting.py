"""What a shell and Terraform read in a quoted value is the value."""

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.errors import InputError
from credhelper.grant.quoting import posix, powershell, powershell_argument, terraform
from fakes import template_reader
from fakes.story_grant import DESCRIPTION

SHOWN = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["C", "Z"]) | st.sampled_from(" \t\n")
)


@given(st.lists(SHOWN, min_size=1, max_size=20))
def test_sh_reads_what_was_meant(texts: list[str]) -> None:
    words = " ".join(posix(text) for text in texts)
    done = subprocess.run(["/bin/sh", "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True, timeout=30)
    assert done.stdout.decode().split("\0")[:-1] == texts


# What about_Quoting_Rules says of single quotes: all between is literal, but for two quotes, which are one.
POWERSHELL = {
    "": "''",
    "a": "'a'",
    "$HOME $(id) `id` %PATH% ${x}": "'$HOME $(id) `id` %PATH% ${x}'",
    "it's": "'it''s'",
    "‘a’ ‚b‛": "'‘‘a’’ ‚‚b‛‛'",
    "a;b|c&d<e>f,g@h": "'a;b|c&d<e>f,g@h'",
    "two\nlines": "'two\nlines'",
}


@pytest.mark.parametrize(("text", "quoted"), POWERSHELL.items())
def test_powershell_has_the_value_in_single_quotes(text: str, quoted: str) -> None:
    assert powershell(text) == quoted
    assert powershell_argument(text) == quoted


@pytest.mark.parametrize("text", ['a"b', '"', "C:\\"])
def test_what_powershell_cannot_give_to_a_program_is_refused(text: str) -> None:
    assert powershell(text) == f"'{text}'"
    with pytest.raises(InputError):
        powershell_argument(text)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\u202eb", "\x00", "a\rb", "\u200b", "\x9b"])
def test_what_is_not_shown_is_in_no_command(text: str) -> None:
    for quote in (posix, powershell, powershell_argument):
        with pytest.raises(InputError):
            quote(text)


@given(st.text(st.sampled_from("$%{}~a\"\\n'")) | st.text())
def test_terraform_reads_what_was_meant(text: str) -> None:
    assert template_reader.read(json.loads(json.dumps(terraform(text)))) == text


def test_policy_variables_are_no_templates() -> None:
    assert terraform("${aws:username} ${$}{x} %{a} $$%") == "$${aws:username} $${$}{x} %%{a} $$%"
    with pytest.raises(template_reader.TemplateError):
        template_reader.read("${aws:username}")
    assert template_reader.read(terraform(DESCRIPTION)) == DESCRIPTION
