"""Single flight of real processes: one call for any crowd, and a killed leader costs one call more at the most.

Sizes are knobs: CROWD (callers), LEADER_KILLS (leaders killed), OUTPUT_KILLS (helpers killed while they answer).
"""

import os
import random
import time
from pathlib import Path

import pytest

from credhelper.cache import store
from credhelper.settings import Settings
from fakes.home import ROLE_ARN, Home
from fakes.sdk_documents import who_cannot_read
from fakes.sts import FakeSts
from stress.crowd import Crowd

# Python 3.12 warns of any fork in a process with threads, and the test runner has one; ours touch nothing of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
    pytest.mark.timeout(600),  # hundreds of processes: minutes on a loaded machine
]

CROWD = int(os.environ.get("CROWD", "100"))
LEADER_KILLS = int(os.environ.get("LEADER_KILLS", "25"))
OUTPUT_KILLS = int(os.environ.get("OUTPUT_KILLS", "60"))


@pytest.fixture
def config(own: Settings) -> Path:
    path = Path(own.config_file)
    path.write_text(f"[profile prod-s3]\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n")
    os.utime(path, (1, 1))
    time.sleep(0.15)
    return path


def test_crowd_of_cold_callers_makes_one_call(own: Settings, config: Path, tmp_path: Path) -> None:
    crowd = Crowd(own, tmp_path / "calls")
    answers = crowd.gather(CROWD)
    assert {answer.text for answer in answers} == {"ASIA0001"}
    assert len(answers) == CROWD
    assert crowd.count() == 1


def test_refused_crowd_makes_one_call_and_everyone_is_told(own: Settings, config: Path, tmp_path: Path) -> None:
    crowd = Crowd(own, tmp_path / "calls", is_refused=True)
    answers = crowd.gather(CROWD)
    assert {answer.text for answer in answers} == {"the role does not trust you"}
    assert len(answers) == CROWD
    assert crowd.count() == 1


def test_leader_killed_at_any_moment_costs_one_call_more_at_the_most(
    own: Settings, config: Path, tmp_path: Path
) -> None:
    rng = random.Random(20261123)
    for turn in range(LEADER_KILLS):
        crowd = Crowd(own, tmp_path / f"calls-{turn}", call_s=0.05)
        store.forget(own, store.entry_name(own.config_file, "prod-s3"))
        leader = crowd.fork()
        time.sleep(rng.uniform(0, 0.09))
        waiters = [crowd.fork() for _ in range(3)]
        time.sleep(rng.uniform(0, 0.03))
        leader.kill()
        leader.wait()
        answers = [waiter.wait() for waiter in waiters]
        texts = {answer.text for answer in answers if answer is not None}
        assert len(texts) == 1
        assert texts <= {"ASIA0001", "ASIA0002"}
        assert crowd.count() <= 2


def test_helper_killed_at_any_moment_has_printed_all_or_nothing(tmp_path: Path) -> None:
    rng = random.Random(4711)
    with FakeSts() as sts:
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
        home.add_user()
        home.add_role()
        outcomes = set()
        # How long after its start a helper is killed, cold and warm; it follows what the machine can do at the moment,
        # so that the kills fall before, into and after the moment of writing.
        delays_s = {True: 0.2, False: 0.02}
        for turn in range(OUTPUT_KILLS):
            is_cold = turn % 10 == 0
            if is_cold:
                for entry in home.entries:
                    entry.unlink()
            process = home.popen()
            time.sleep(delays_s[is_cold] * rng.uniform(0.7, 1.3))
            process.kill()
            out, _ = process.communicate()
            outcomes.add(bool(out))
            delays_s[is_cold] *= 0.9 if out else 1.1
            assert out == b"" or who_cannot_read(out) == []
        assert outcomes == {True, False}
        assert who_cannot_read(home.get().stdout) == []
