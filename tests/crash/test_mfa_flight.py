"""One prompt for a crowd: a code is asked for once, and a prompt that was cancelled is not put up again at once.

MFA_CROWD is how many callers come at the same time.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.home import Home, error, key_id
from fakes.sts import FakeSts

MFA_CROWD = int(os.environ.get("MFA_CROWD", "20"))
SERIAL = "arn:aws:iam::111111111111:mfa/David"


@pytest.fixture
def sts() -> Iterator[FakeSts]:
    with FakeSts() as server:
        server.behaviour.token_code = "123456"
        yield server


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    return tmp_path / "prompts"


def make_home(tmp_path: Path, sts: FakeSts, prompts: Path, ending: str) -> Home:
    program = tmp_path / "prompt"
    program.write_text(f"#!/bin/sh\necho asked >> {prompts}\nsleep 1\n{ending}\n")
    program.chmod(0o700)
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    home.add_user()
    home.add_role(mfa_serial=SERIAL, mfa_process=str(program))
    return home


def gather(home: Home) -> list["subprocess.CompletedProcess[bytes]"]:
    callers = [home.popen() for _ in range(MFA_CROWD)]
    return [
        subprocess.CompletedProcess(caller.args, caller.returncode, *output)
        for caller in callers
        for output in [caller.communicate(timeout=60)]
    ]


def test_crowd_that_needs_a_code_is_asked_once(tmp_path: Path, sts: FakeSts, prompts: Path) -> None:
    home = make_home(tmp_path, sts, prompts, "echo 123456")
    answers = gather(home)
    assert len({key_id(done) for done in answers}) == 1
    assert prompts.read_text().splitlines() == ["asked"]
    assert sts.count() == 1


def test_cancelled_prompt_fails_the_whole_crowd_and_is_not_repeated(
    tmp_path: Path, sts: FakeSts, prompts: Path
) -> None:
    home = make_home(tmp_path, sts, prompts, "exit 1")
    answers = gather(home)
    assert len({error(done, done.returncode) for done in answers}) == 1
    error(home.get(), answers[0].returncode)
    assert prompts.read_text().splitlines() == ["asked"]
    assert sts.count() == 0
