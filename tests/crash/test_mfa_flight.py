"""One prompt for a crowd: a code is asked for once, and a prompt that was cancelled is not put up again at once.

MFA_CROWD is how many callers come at the same time.
"""

import os
import subprocess
import time
from pathlib import Path

import pytest

from fakes.home import Home, error, has_begun, key_id
from fakes.sts import FakeSts

MFA_CROWD = int(os.environ.get("MFA_CROWD", "20"))
# For how long a failure is shared, as the documents say.
REMEMBERED_S = 3.0
pytestmark = pytest.mark.usefixtures("device")
SERIAL = "arn:aws:iam::111111111111:mfa/David"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    return tmp_path / "prompts"


def make_home(tmp_path: Path, sts: FakeSts, prompts: Path, ending: str) -> Home:
    """Make a home whose prompt is answered when there is a file beside it called `answered`."""
    program = tmp_path / "prompt"
    program.write_text(
        f"#!/bin/sh\necho asked >> {prompts}\nwhile [ ! -e {tmp_path}/answered ]; do sleep 0.05; done\n{ending}\n"
    )
    program.chmod(0o700)
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, CREDHELPER_TIMEOUT="45")
    home.add_user()
    home.add_role(mfa_serial=SERIAL, mfa_process=str(program))
    return home


def gather(home: Home, answered: Path) -> list["subprocess.CompletedProcess[bytes]"]:
    """Start the crowd, and answer the prompt once all of them have begun: a failure is shared with those."""
    callers = [home.popen() for _ in range(MFA_CROWD)]
    end_s = time.monotonic() + 30
    while not all(has_begun(caller.pid) for caller in callers):
        assert time.monotonic() < end_s, "not all of the crowd have begun"
        time.sleep(0.05)
    answered.touch()
    return [
        subprocess.CompletedProcess(caller.args, caller.returncode, *output)
        for caller in callers
        for output in [caller.communicate(timeout=60)]
    ]


def test_crowd_that_needs_a_code_is_asked_once(tmp_path: Path, sts: FakeSts, prompts: Path) -> None:
    home = make_home(tmp_path, sts, prompts, "echo 123456")
    answers = gather(home, tmp_path / "answered")
    assert len({key_id(done) for done in answers}) == 1
    assert prompts.read_text().splitlines() == ["asked"]
    assert sts.count() == 1


def test_cancelled_prompt_fails_the_whole_crowd_and_is_not_repeated(
    tmp_path: Path, sts: FakeSts, prompts: Path
) -> None:
    home = make_home(tmp_path, sts, prompts, "exit 1")
    answers = gather(home, tmp_path / "answered")
    cancelled_s = (tmp_path / "answered").stat().st_mtime
    assert len({error(done, done.returncode) for done in answers}) == 1
    assert prompts.read_text().splitlines() == ["asked"]
    error(home.get(), answers[0].returncode)
    # On a loaded machine this one may come after the moment for which a failure is remembered.
    is_remembered = time.time() - cancelled_s < REMEMBERED_S
    assert prompts.read_text().splitlines() == ["asked"] or not is_remembered
    assert sts.count() == 0


def make_homes_with_one_device(tmp_path: Path, sts: FakeSts, body: str) -> Home:
    program = tmp_path / "code"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o700)
    # The longest time there is: the next code may be half a minute away.
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, CREDHELPER_TIMEOUT="45")
    home.add_user()
    for name in ("a", "b"):
        home.add_role(name, mfa_serial=SERIAL, mfa_process=str(program))
    return home


def test_profiles_of_one_device_that_ask_at_once_send_each_code_once(tmp_path: Path) -> None:
    with FakeSts() as sts:
        sts.behaviour.takes_codes_once = True
        # A code for each half minute, as RFC 6238 has it.
        home = make_homes_with_one_device(tmp_path, sts, "printf '%06d\\n' $(($(date +%s) / 30 % 1000000))")
        callers = [home.popen(name) for name in ("a", "b")]
        for caller in callers:
            output, errors = caller.communicate(timeout=60)
            key_id(subprocess.CompletedProcess(caller.args, caller.returncode, output, errors))
        codes = [request["TokenCode"] for request in sts.requests]
        assert len(codes) == len(set(codes)) == 2


def test_refused_code_of_a_program_is_one_call_and_then_a_pause_for_all_profiles_of_the_device(
    tmp_path: Path, sts: FakeSts
) -> None:
    home = make_homes_with_one_device(tmp_path, sts, "echo 654321")
    assert "AWS refused the one-time code" in error(home.get("a"), 6)
    for _ in range(3):
        said = error(home.get("b"), 6)
        assert "no other is sent for" in said
        assert "credhelper login b" in said
    assert sts.count() == 1
    sts.behaviour.token_code = "654321"
    assert home.run("login", "b").returncode == 0
    key_id(home.get("a", CREDHELPER_TIMEOUT="45"))
