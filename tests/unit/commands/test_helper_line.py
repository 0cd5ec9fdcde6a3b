"""A credential_process started as the AWS CLI starts it: what the program does, and what is said where it fails."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper import errors
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands import helper_line
from credhelper.errors import CredhelperError
from fakes import canary

SECRET = canary.session_token("document")


class World:
    """A config file with one profile, and the program that its line starts."""

    def __init__(self, directory: Path) -> None:
        self.program = directory / "vault-p.sh"
        self.line = f"{self.program} export"
        self.config = directory / "config"

    def write(self, script: str) -> None:
        self.program.write_text(f"#!/bin/sh\n{script}\n")
        self.program.chmod(0o700)

    def start(self, script: str = "", *, patience_s: float = 20.0, **environ: str) -> helper_line.Printed:
        if script:
            self.write(script)
        text = f"[profile p]\nregion = us-east-1\ncredential_process = {self.line}\n"
        catalogue = Catalogue(Document.parse(text.encode()), paths=(str(self.config), "credentials"))
        here = {"PATH": os.environ["PATH"], **environ}
        return helper_line.start("p", catalogue, here, patience_s=patience_s)

    def failure(self, script: str = "", *, patience_s: float = 20.0) -> CredhelperError:
        with pytest.raises(CredhelperError) as caught:
            self.start(script, patience_s=patience_s)
        assert not canary.find(caught.value.shown().encode())
        return caught.value


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def typed() -> Iterator[None]:
    """Have something on this process's stdin, for a program that reads it."""
    kept = os.dup(0)
    reading, writing = os.pipe()
    os.write(writing, b"typed\n")
    os.close(writing)
    os.dup2(reading, 0)
    yield
    os.dup2(kept, 0)
    for descriptor in (kept, reading):
        os.close(descriptor)


@pytest.mark.usefixtures("typed")
def test_program_has_the_callers_environment_and_no_input(world: World) -> None:
    found = world.start('cat; echo "$MINE $1"; echo note >&2', MINE="yes")
    assert (found.document, found.has_stderr) == (b"yes export\n", True)
    assert found.spent_s < 20


def test_what_is_printed_is_not_shown(world: World) -> None:
    found = world.start(f"echo '{SECRET}'")
    assert SECRET.encode() in found.document
    assert not canary.find(repr(found).encode())


def test_line_is_split_as_botocore_does_without_a_shell(world: World) -> None:
    world.line = f"{world.program} 'a b' $HOME | cat"
    assert world.start('for one in "$@"; do echo "$one"; done', HOME="/h").document == b"a b\n$HOME\n|\ncat\n"


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ("echo 'no session' >&2; exit 3", errors.MachineError, "vault-p.sh fails with exit code 3: no session"),
        (f"echo 'token {SECRET}' >&2; exit 1", errors.MachineError, "vault-p.sh fails with exit code 1: "),
        ("exit 1", errors.MachineError, "vault-p.sh fails with exit code 1"),
        (f"kill -{signal.SIGTERM:d} $$", errors.MachineError, "vault-p.sh fails with signal 15"),
        # The words are ours, and the line is not.
        ("echo 'credhelper: error: x' >&2; exit 4", errors.MachineError, "exit code 4: credhelper: error: x"),
        ("yes", errors.MachineError, "the program writes without end"),
    ],
)
def test_failure_of_another_program_is_one_line(
    world: World, script: str, kind: type[CredhelperError], message: str
) -> None:
    error = world.failure(script)
    assert type(error) is kind
    assert message in error.message
    assert error.hint == f"see the line: ${{EDITOR:-vi}} +3 {world.config}"


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("{} 'export", errors.InputError, "a quote is open in credential_process"),
        ("''", errors.InputError, "credential_process is empty"),
        ("{}-gone export", errors.MachineError, "cannot be started: no such file or directory"),
        ("/ export", errors.MachineError, "cannot be started: permission denied"),
    ],
)
def test_line_that_starts_nothing_is_named(world: World, line: str, kind: type[CredhelperError], message: str) -> None:
    world.line = line.format(world.program)
    error = world.failure()
    assert type(error) is kind
    assert message in error.message
    assert f"+3 {world.config}" in error.hint


def test_program_that_does_not_end_is_ended(world: World, tmp_path: Path) -> None:
    started_s = time.monotonic()
    error = world.failure(f"echo $$ > {tmp_path}/pid; exec sleep 60", patience_s=0.5)
    assert time.monotonic() - started_s < 30
    assert "does not end within" in error.message
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


OWN = 'credhelper: error: no policy of arn:aws:iam::111111111111:user/David allows it\\nhint: aws iam put "x y"\\n'


@pytest.mark.parametrize("code", range(1, 9))
def test_own_words_keep_their_code_and_hint(tmp_path: Path, code: int) -> None:
    world = World(tmp_path)
    world.program = tmp_path / "credhelper"
    world.line = f"{world.program} get p"
    error = world.failure(f"printf '{OWN}' >&2; exit {code}")
    if 2 <= code <= 7:
        assert (error.exit_code, error.hint) == (code, 'aws iam put "x y"')
        assert error.message == "no policy of arn:aws:iam::111111111111:user/David allows it"
    else:
        assert (error.exit_code, error.quoted[:17]) == (3, "credhelper: error")


def test_own_program_that_is_gone_is_repaired(world: World, tmp_path: Path) -> None:
    world.line = f"{tmp_path}/gone/credhelper get p"
    error = world.failure()
    assert "cannot be started: no such file or directory" in error.message
    assert error.hint == "credhelper profile repair p"
