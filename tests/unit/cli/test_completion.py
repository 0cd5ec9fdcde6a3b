"""What TAB offers: only names on which the command works, only words without a special meaning, in every shell."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.configprovider
import pexpect
import pytest
from click.shell_completion import get_completion_class

from credhelper import settings
from credhelper.aws.regions import region_names
from credhelper.cli import completion
from credhelper.cli.app import main as program
from credhelper.commands.profile.list import open_sections
from fakes.fork_server import stubs

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
OURS = f"credhelper_role_arn = {ROLE}\ncredhelper_source_profile = default\n"
HOSTILE = (
    "prod$(touch${IFS}pwned)",
    "prod`touch pwned`",
    "prod;touch pwned",
    "prod|touch pwned",
    "prod>pwned",
    "prod&",
    "prod space",
    "prod*",
    "prod'",
    'prod"',
    "prod\\",
    "prod!x",
    "prod,x",
    "-prod",
    "--prod",
    "~prod",
    "=prod",
    "prod\x1b[31m",
)
CONFIG = f"""\
[default]
region = us-east-1
[profile prod-s3]
{OURS}credhelper_external_id = abcd
credential_process = {sys.executable} -I -S /credhelper/__main__.py get prod-s3
output = json
[profile prod:eu]
{OURS}
[profile tagged]
{OURS}credhelper_tags = a=b
[profile native]
role_arn = {ROLE}
source_profile = default
[profile own-source]
role_arn = {ROLE}
source_profile = own-source
[profile web]
role_arn = {ROLE}
web_identity_token_file = /token
[profile keys]
region = us-east-1
[sso-session corp]
sso_region = us-east-1
[sso-session a$b]
sso_region = us-east-1
"""
for _name in HOSTILE:
    CONFIG += f"[profile {shlex.quote(_name)}]\n{OURS}"
    CONFIG += f"[profile {shlex.quote(_name + '$')}]\nrole_arn = {ROLE}\nsource_profile = default\n"
CREDENTIALS = "[default]\naws_access_key_id = AKIAX\n[in-credentials]\naws_access_key_id = AKIAX\n"
ALL = ["default", "in-credentials", "keys", "native", "own-source", "prod-s3", "prod:eu", "tagged", "web"]
IN_CONFIG = [name for name in ALL if name != "in-credentials"]
SERVED = ["prod-s3", "prod:eu", "tagged"]


@pytest.fixture
def home() -> Path:
    aws = Path(os.environ["HOME"]) / ".aws"
    (aws / "config").write_text(CONFIG)
    (aws / "credentials").write_text(CREDENTIALS)
    return aws.parent


def items(*words: str) -> list[Any]:
    complete = get_completion_class("bash")(program, {}, "credhelper", "_CREDHELPER_COMPLETE")
    return list(complete.get_completions(list(words[:-1]), words[-1]))


def offered(*words: str) -> list[str]:
    return [item.value for item in items(*words)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("get", ""), SERVED),
        (("login", ""), SERVED),
        (("logout", ""), SERVED),
        (("exec", ""), ALL),
        (("env", ""), ALL),
        (("log", "--profile", ""), ALL),
        (("profile", "show", ""), ALL),
        (("profile", "set", ""), IN_CONFIG),
        (("profile", "unset", ""), IN_CONFIG),
        (("profile", "remove", ""), IN_CONFIG),
        (("profile", "rename", ""), IN_CONFIG),
        (("profile", "rename", "prod-s3", ""), []),
        (("profile", "add", ""), []),
        (("profile", "adopt", ""), ["native"]),
        (("profile", "adopt", "native", ""), []),
        (("profile", "release", ""), ["prod-s3", "prod:eu"]),
        (("profile", "release", "prod:eu", ""), ["prod-s3"]),
        (("profile", "add", "new", "--source-profile", ""), ALL),
        (("profile", "set", "prod-s3", "--source-profile", ""), [name for name in ALL if name != "prod-s3"]),
        (("profile", "set", "prod-s3", "--source-profile=in"), ["--source-profile=in-credentials"]),
        (("profile", "add", "new", "--region", "eu-n"), ["eu-north-1"]),
        (("profile", "add", "new", "--credential-source", "E"), ["Ec2InstanceMetadata", "EcsContainer", "Environment"]),
        (("profile", "set", "prod-s3", "out"), ["output="]),
        (("profile", "set", "prod-s3", "output=t"), ["output=table", "output=text"]),
        (("profile", "set", "prod-s3", "region=eu-n"), ["region=eu-north-1"]),
        (("profile", "set", "prod-s3", "credhelper_ext"), ["credhelper_external_id="]),
        (("profile", "set", "keys", "credhelper_ext"), []),
        (("profile", "unset", "prod-s3", "credhelper_"), ["credhelper_external_id", "credhelper_source_profile"]),
        (("profile", "unset", "prod-s3", "ex"), ["external_id"]),
        (("profile", "unset", "prod-s3", "output", "o"), []),
        (("profile", "unset", "native", ""), ["role_arn", "source_profile"]),
        (("profile", "unset", "unknown", ""), []),
        (("discover", "--source-profile", ""), ALL),
        (("discover", "--prod-admin", "in"), ["in-credentials"]),
        (("discover", "--sso", ""), ["corp"]),
        (("console", ""), ALL),
        (("console", "prod-s3", "--service", "s"), ["s3", "secretsmanager", "sns", "sqs"]),
        (("console", "prod-s3", "--region", "eu-n"), ["eu-north-1"]),
        (("key", "move", "f"), ["file"]),
        (("key", "move", "keyring:S"), ["keyring:SecretService"]),
        (("unknown", ""), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_only_names_on_which_the_command_works_are_offered(words: tuple[str, ...], expected: list[str]) -> None:
    assert [name for name in offered(*words) if name not in program.commands] == expected


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", [*HOSTILE, *(f"{name}$" for name in HOSTILE)], ids=repr)
def test_name_that_a_shell_would_have_to_quote_is_never_offered(name: str) -> None:
    assert name in open_sections(settings.load())
    for words in (("login",), ("profile", "show"), ("profile", "adopt"), ("profile", "set"), ("log", "--profile")):
        for incomplete in ("", name[:1], name[:5], name):
            assert name not in offered(*words, incomplete)


def test_key_that_a_shell_would_run_is_never_offered(home: Path) -> None:
    with (home / ".aws" / "config").open("a") as file:
        file.write("[profile odd]\n$(touch) = x\n;a = x\nb;c = x\ngood = x\n")
    assert offered("profile", "unset", "odd", "") == ["good"]


def test_broken_file_offers_nothing_and_says_nothing(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / ".aws" / "config").write_bytes(b"\0")
    assert offered("login", "") == []
    assert capfd.readouterr() == ("", "")


def test_command_is_a_program_on_path_and_then_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("runnable", "run;able", "-runnable"):
        (tmp_path / name).touch(mode=0o755)
    (tmp_path / "run-not").touch(mode=0o644)
    (tmp_path / "run-directory").mkdir()
    assert (tmp_path / "runnable").stat().st_mode & stat.S_IXUSR
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{tmp_path / 'missing'}")
    assert offered("exec", "prod-s3", "--", "run") == ["runnable"]
    assert offered("exec", "prod-s3", "run") == ["runnable"]
    for words in (("--", "./ru"), ("--", "runnable", "ru"), ("--", "runnable", "--flag"), ("runnable", "")):
        assert [item.type for item in items("exec", "prod-s3", *words)] == ["file"]


def test_keys_of_aws_are_those_that_botocore_and_the_aws_cli_read() -> None:
    variables = botocore.configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES.values()
    botocore_keys = {variable[0] for variable in variables if isinstance(variable[0], str)}
    others = {key for key in completion.AWS_KEYS if key not in botocore_keys}
    # tcp_keepalive came after the oldest botocore that is supported.
    assert {key for key in others if not key.startswith("cli_")} - {"tcp_keepalive"} == {
        "endpoint_url",
        "output",
        "services",
    }


def test_completion_does_not_load_botocore(home: Path) -> None:
    code = "import sys; from credhelper.cli import app\ntry: app.run([])\nfinally: print('botocore' in sys.modules)"
    for line in ("credhelper login ", "credhelper profile set prod-s3 --region "):
        environ = {
            **os.environ,
            "COMP_WORDS": line,
            "COMP_CWORD": str(line.count(" ")),
            "_CREDHELPER_COMPLETE": "bash_complete",
        }
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], env=environ, capture_output=True, text=True, check=False
        )
        shown = done.stdout.split()
        assert len(shown) > 2
        assert shown[-1] == "False"


# What is typed, and the line after one TAB, in bash and zsh; fish is asked for its candidates.
LINES = [
    ("credhelper prof", "credhelper profile "),
    ("credhelper login prod-", "credhelper login prod-s3 "),
    ("credhelper login prod:", "credhelper login prod:eu "),
    ("credhelper login -", None),
    ("credhelper profile adopt n", "credhelper profile adopt native "),
    ("credhelper log --profile t", "credhelper log --profile tagged "),
    ("credhelper profile set prod-s3 outp", "credhelper profile set prod-s3 output="),
    ("credhelper profile set prod-s3 output=j", "credhelper profile set prod-s3 output=json "),
    ("credhelper profile set prod-s3 --region eu-n", "credhelper profile set prod-s3 --region eu-north-1 "),
    ("credhelper profile set prod-s3 --region=eu-n", "credhelper profile set prod-s3 --region=eu-north-1 "),
    ("credhelper profile unset prod-s3 ext", "credhelper profile unset prod-s3 external_id "),
    ("credhelper key move keyring:kw", "credhelper key move keyring:kwallet "),
    ("credhelper exec prod-s3 -- runna", "credhelper exec prod-s3 -- runnable "),
    ("credhelper exec prod-s3 -- runnable notes.t", "credhelper exec prod-s3 -- runnable notes.txt "),
]  # fmt: skip


def require(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


@pytest.fixture
def shell_environment(home: Path) -> dict[str, str]:
    programs = home / "bin"
    programs.mkdir()
    (programs / "runnable").touch(mode=0o755)
    (programs / "run;nable").touch(mode=0o755)
    stubs(programs, "credhelper")
    (home / "notes.txt").touch()
    return {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
    }


BASH_SETUP = r"""
bind 'set enable-bracketed-paste off'
eval "$(_CREDHELPER_COMPLETE=bash_source credhelper)"
dump_line() { printf '%s\n' "$READLINE_LINE" >> "$LINE_FILE"; READLINE_LINE=; }
bind -x '"\C-xd": dump_line'
"""
ZSH_SETUP = r"""
unsetopt beep
autoload -Uz compinit && compinit -u -D
eval "$(_CREDHELPER_COMPLETE=zsh_source credhelper)"
dump-line() { print -r -- "$BUFFER" >> "$LINE_FILE"; BUFFER= }
zle -N dump-line
bindkey -e
bindkey '^Xd' dump-line
"""


class Terminal:
    """An interactive shell, and the line that it has after some keys."""

    def __init__(self, command: list[str], setup: str, environ: dict[str, str]) -> None:
        self.file = Path(environ["HOME"], "lines")
        self.file.touch()
        script = self.file.with_name("setup.sh")
        script.write_text(f"LINE_FILE={self.file}\n{setup}echo dumped > {self.file}\n")
        self.child = pexpect.spawn(command[0], command[1:], env=environ, cwd=environ["HOME"], timeout=30)
        self.child.sendline(f". {script}")
        self.next_line(0)

    def next_line(self, known: int) -> str:
        """Return the line that is dumped after so many."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            lines = self.file.read_text().splitlines()
            if len(lines) > known:
                return lines[known]
            time.sleep(0.02)
        pytest.fail(f"the shell did not answer: {self.child.buffer!r}")

    def after_tab(self, typed: str) -> str:
        known = len(self.file.read_text().splitlines())
        self.child.send(f"{typed}\t\x18d")
        return self.next_line(known)


@pytest.fixture(params=["bash", "zsh"])
def terminal(request: pytest.FixtureRequest, shell_environment: dict[str, str]) -> Iterator[Terminal]:
    path = require(request.param)
    options, setup = (["--norc", "--noprofile"], BASH_SETUP) if request.param == "bash" else (["-f"], ZSH_SETUP)
    opened = Terminal([path, *options, "-i"], setup, shell_environment)
    yield opened
    opened.child.close(force=True)


def test_shell_completes_the_line(terminal: Terminal) -> None:
    for typed, expected in LINES:
        if expected is not None:
            assert terminal.after_tab(typed) == expected


def test_words_are_completed_inside_quotes_and_after_other_commands(terminal: Terminal) -> None:
    assert terminal.after_tab('credhelper login "prod-') == 'credhelper login "prod-s3" '
    assert terminal.after_tab("credhelper login 'prod:e") == "credhelper login 'prod:eu' "
    assert terminal.after_tab("true; X=1  credhelper  login  prod-") == "true; X=1  credhelper  login  prod-s3 "


def test_hostile_name_reaches_no_line_in_a_shell(terminal: Terminal, home: Path) -> None:
    # With one of those names offered, too, the word would not be completed to its end.
    assert terminal.after_tab("credhelper login prod-") == "credhelper login prod-s3 "
    assert terminal.after_tab("credhelper profile adopt ") == "credhelper profile adopt native "
    for name in HOSTILE:
        stem = re.split(r"[^a-z]", name.lstrip("-~="))[0]
        assert name not in terminal.after_tab(f"credhelper login {stem}")
    assert not list(home.rglob("pwned"))


def test_fish_is_offered_the_same_words(shell_environment: dict[str, str], home: Path) -> None:
    path = require("fish")
    script = (
        "_CREDHELPER_COMPLETE=fish_source credhelper | source; for line in $argv; complete -C $line; echo ====; end"
    )
    typed = [line for line, _ in LINES]
    done = subprocess.run(
        [path, "--no-config", "-c", script, *typed, "credhelper login ", "credhelper profile adopt "],
        env=shell_environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [answer.split("\n")[:-1] for answer in done.stdout.split("====\n")[:-1]]
    words = [[line.partition("\t")[0] for line in answer] for answer in answers]
    for (line, expected), found in zip(LINES, words, strict=False):
        if expected is not None:
            assert found == [expected.strip().rpartition(" ")[2]], line
    assert sorted(words[-2]) == SERVED
    assert words[-1] == ["native"]
    assert not list(home.rglob("pwned"))


def test_every_region_can_be_offered() -> None:
    assert offered("profile", "add", "x", "--region", "") == sorted(region_names())
