"""Variables come through every shell as they are, and a child gets these credentials and no others."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import pytest

from credhelper.commands import variables
from credhelper.errors import CredhelperError
from credhelper.model.credentials import Credentials
from fakes import canary

# Every character the document may carry, so also those that mean something to a shell.
AWKWARD = canary.MARK + "".join(chr(code) for code in range(33, 127) if chr(code) not in "\"\\'")
TOKEN = canary.session_token("tok'en")
CREDENTIALS = Credentials("ASIACANARY", AWKWARD, TOKEN, 1_800_000_000, "222222222222")


def test_variables_are_those_every_sdk_reads() -> None:
    assert variables.variables(CREDENTIALS, "eu-west-1") == {
        "AWS_ACCESS_KEY_ID": "ASIACANARY",
        "AWS_SECRET_ACCESS_KEY": AWKWARD,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_CREDENTIAL_EXPIRATION": "2027-01-15T08:00:00Z",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert "AWS_REGION" not in variables.variables(CREDENTIALS, None)


# The shell's program, and the format that it takes: the help's own way to take it is `_taken`.
SHELLS = [("sh", "bash"), ("dash", "bash"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish"), ("nu", "nushell")]
_OURS = ("AWS_", "CREDHELPER_")


def _children_variables(shell: str, style: str, texts: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a child of the shell has after it has taken these texts, one after the other."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed here")
    steps = [_taken(style, f"TEXT{number}") for number in range(len(texts))]
    # On the command line: nushell reads no script from stdin.
    done = subprocess.run(
        [program, *(["-n"] if shell == "nu" else []), "-c", "\n".join([*steps, "^env" if shell == "nu" else "env"])],
        capture_output=True,
        text=True,
        check=True,
        env={**environ, "PATH": os.environ["PATH"], **{f"TEXT{number}": text for number, text in enumerate(texts)}},
    )
    assert done.stderr == ""
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith(_OURS))


def _taken(style: str, name: str) -> str:
    if style == "nushell":
        return f"$env.{name} | from json | load-env"
    return f'printf %s "${name}" | source' if style == "fish" else f'eval "${name}"'


@pytest.mark.parametrize(("shell", "style"), SHELLS)
def test_shell_reads_back_every_character(shell: str, style: str) -> None:
    added = variables.variables(CREDENTIALS, None)
    assert _children_variables(shell, style, [variables.render(added, style)], {}) == added


OTHERS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
LONG_LIVED = {"AWS_ACCESS_KEY_ID": "AKIACANARY", "AWS_SECRET_ACCESS_KEY": AWKWARD, variables.MARKER: "keys"}


@pytest.mark.parametrize(("shell", "style"), SHELLS)
@pytest.mark.parametrize("is_from_env", [False, True])
def test_shell_keeps_nothing_of_another_identity(shell: str, style: str, *, is_from_env: bool) -> None:
    before = {**dict.fromkeys(OTHERS, "other"), "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    before |= {variables.MARKER: "other"} if is_from_env else {}
    found = _children_variables(shell, style, [variables.render(LONG_LIVED, style, before)], before)
    # A region that was not of `env` is the user's own.
    assert set(found) == set(LONG_LIVED) | (set() if is_from_env else {"AWS_REGION", "AWS_DEFAULT_REGION"})


@pytest.mark.parametrize(("shell", "style"), SHELLS)
@pytest.mark.parametrize("is_set", [False, True])
def test_unset_removes_all_that_env_sets_and_nothing_else(shell: str, style: str, *, is_set: bool) -> None:
    own = {"AWS_PAGER": "less", "AWS_CONFIG_FILE": "/c"}
    added = variables.variables(CREDENTIALS, "eu-west-1", "prod-s3")
    texts = [*([variables.render(added, style)] if is_set else []), variables.render_unset(style)]
    assert _children_variables(shell, style, texts, own) == own
    assert _children_variables(shell, style, texts[-1:], {**own, **dict.fromkeys(variables.NAMES, "x")}) == own


def test_unset_for_powershell_names_each_variable_once() -> None:
    """PowerShell is not run here."""
    lines = variables.render_unset("powershell").splitlines()
    assert lines == [f"Remove-Item -ErrorAction Ignore Env:{name}" for name in variables.NAMES]


@pytest.mark.parametrize("style", variables.FORMATS)
def test_only_a_shell_is_told_to_remove(style: str) -> None:
    is_shell = style in ("bash", "zsh", "fish", "nushell", "powershell")
    text = variables.render(LONG_LIVED, style, {variables.MARKER: "other"})
    assert [name in text for name in (*OTHERS, "AWS_REGION", "AWS_DEFAULT_REGION")] == [is_shell] * 7


def test_fish_and_powershell_escape_their_quotes() -> None:
    assert variables.render({"A": "x'y"}, "fish").splitlines()[-1] == "set -gx A 'x\\'y'"
    assert variables.render({"A": "x'y"}, "powershell").splitlines()[-1] == "$Env:A = 'x''y'"


def test_json_is_an_object_of_strings() -> None:
    added = variables.variables(CREDENTIALS, None)
    assert json.loads(variables.render(added, "json")) == added


def test_dotenv_refuses_what_it_cannot_carry() -> None:
    assert variables.render({"A": "x$y"}, "dotenv") == "A='x$y'"
    with pytest.raises(CredhelperError, match="quote"):
        variables.render({"A": "x'y"}, "dotenv")


def test_child_inherits_no_other_identity() -> None:
    inherited = {
        "PATH": "/bin",
        "AWS_PROFILE": "prod-s3",
        "AWS_SESSION_TOKEN": canary.session_token("old"),
        "CREDHELPER_CHAIN": "a",
    }
    child = variables.for_child(inherited, {"AWS_ACCESS_KEY_ID": "AKIA"})
    assert child == {"PATH": "/bin", "AWS_ACCESS_KEY_ID": "AKIA"}


@pytest.mark.parametrize(
    ("shell", "style"), [("/usr/bin/fish", "fish"), ("/bin/zsh", "zsh"), ("/bin/bash", "bash"), ("", "bash")]
)
def test_format_follows_the_users_shell(shell: str, style: str) -> None:
    assert variables.style_of_shell(shell) == style


def test_env_file_of_docker_has_its_values_as_they_are() -> None:
    assert variables.render({"A": "x'y\"$z"}, "docker") == "A=x'y\"$z"
    with pytest.raises(CredhelperError, match="line break"):
        variables.render({"A": "x\ny"}, "docker")


def test_document_of_sts_has_the_credentials_only() -> None:
    found = json.loads(variables.render(variables.variables(CREDENTIALS, "eu-west-1", "prod-s3"), "sts"))
    assert list(found) == ["Credentials"]
    assert set(found["Credentials"]) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}


def test_every_variable_can_be_unset() -> None:
    assert set(variables.variables(CREDENTIALS, "eu-west-1", "prod-s3")) == set(variables.NAMES)
    assert variables.render_unset("fish").splitlines()[0] == "set -e AWS_ACCESS_KEY_ID"
    with pytest.raises(CredhelperError, match="no shell"):
        variables.render_unset("dotenv")
