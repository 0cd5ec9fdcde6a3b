"""How long single flight makes callers wait: a Markdown table of crowds behind one leader, and of leaders killed.

python -m stress.single_flight        from tests/; CROWD, ROUNDS and LEADER_KILLS are the sizes
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from credhelper.cache import failures, store
from credhelper.settings import Settings, from_environment
from fakes.home import ROLE_ARN
from fakes.key_note import choose_store
from stress.crowd import Answer, Crowd, percentile

CROWD = int(os.environ.get("CROWD", "500"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
LEADER_KILLS = int(os.environ.get("LEADER_KILLS", "1000"))
PROFILE = "prod-s3"
CALL_S = 0.3
WAITERS_GOAL_S = 0.25
TAKEOVER_GOAL_S = 0.2


@dataclass(slots=True)
class Round:
    """One crowd: who waited how long beyond the leader, and how often AWS was called."""

    answers: list[Answer]
    calls: int
    late_s: list[float] = field(init=False)

    def __post_init__(self) -> None:
        leader_s = min(answer.ended_s for answer in self.answers)
        self.late_s = [answer.ended_s - leader_s for answer in self.answers]


@contextmanager
def settings() -> Iterator[Settings]:
    """A home of its own, with one profile in it."""
    with tempfile.TemporaryDirectory() as home:
        choose_store(Path(home))
        own = from_environment({"HOME": home})
        config = Path(own.config_file)
        config.parent.mkdir(mode=0o700)
        config.write_text(
            f"[profile {PROFILE}]\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
        )
        os.utime(config, (1, 1))
        time.sleep(0.15)
        yield own


def crowds(own: Settings, directory: Path, *, is_refused: bool) -> list[Round]:
    """Send CROWD cold callers at once, ROUNDS times."""
    rounds = []
    for number in range(ROUNDS):
        store.forget(own, store.entry_name(own.config_file, PROFILE))
        crowd = Crowd(own, directory / f"calls-{is_refused}-{number}", call_s=CALL_S, is_refused=is_refused)
        rounds.append(Round(crowd.gather(CROWD), crowd.count()))
        if is_refused:
            time.sleep(failures.MEMORY_S + 1)  # whoever comes next is to ask again
    return rounds


@dataclass(slots=True)
class Kills:
    """Leaders killed: how soon another one called AWS, and how many calls there were in all."""

    takeovers_s: list[float] = field(default_factory=list)
    calls: int = 0
    unanswered: int = 0


def kill_leaders(own: Settings, directory: Path) -> Kills:
    """Kill LEADER_KILLS leaders at any moment of their work, three callers waiting behind each."""
    rng = random.Random(20261123)
    kills = Kills()
    for number in range(LEADER_KILLS):
        store.forget(own, store.entry_name(own.config_file, PROFILE))
        crowd = Crowd(own, directory / f"kills-{number}", call_s=0.05)
        leader = crowd.fork()
        time.sleep(rng.uniform(0, 0.09))
        waiters = [crowd.fork() for _ in range(3)]
        time.sleep(rng.uniform(0, 0.03))
        killed_s = time.monotonic()
        leader.kill()
        leader.wait()
        answers = [waiter.wait() for waiter in waiters]
        kills.unanswered += sum(answer is None or not answer.text.startswith("ASIA") for answer in answers)
        calls = crowd.calls_s()
        kills.calls += len(calls)
        if len(calls) == 2 and calls[0] < killed_s < calls[1]:
            kills.takeovers_s.append(calls[1] - killed_s)
    return kills


def main() -> int:
    """Print the table; return 1 if a crowd made more than one call, or a caller got no answer."""
    with settings() as own, tempfile.TemporaryDirectory() as directory:
        cold = crowds(own, Path(directory), is_refused=False)
        refused = crowds(own, Path(directory), is_refused=True)
        kills = kill_leaders(own, Path(directory))
    print("| what | measured | goal |\n|---|---|---|")
    for what, rounds in (("cold callers", cold), ("callers of a denied role", refused)):
        late = [late_s for one in rounds for late_s in one.late_s]
        figures = f"median {_ms(percentile(late, 0.5))}, p99 {_ms(percentile(late, 0.99))}, last {_ms(max(late))}"
        print(
            f"| {CROWD} {what} at once, {ROUNDS} times: after the leader | {figures} | p99 <= {_ms(WAITERS_GOAL_S)} |"
        )
        print(f"| the same: calls to AWS | {_most(rounds)} each | 1 |")
    takeovers = kills.takeovers_s or [0.0]
    figures = f"median {_ms(percentile(takeovers, 0.5))}, longest {_ms(max(takeovers))}, of {len(kills.takeovers_s)}"
    print(f"| {LEADER_KILLS} leaders killed: from a call cut off to the next | {figures} | < {_ms(TAKEOVER_GOAL_S)} |")
    print(f"| the same: calls to AWS | {kills.calls} | <= {2 * LEADER_KILLS} (one, and one more a kill) |")
    is_whole = all(len(one.answers) == CROWD and one.calls == 1 for one in cold + refused)
    return int(not is_whole or kills.unanswered > 0 or kills.calls > 2 * LEADER_KILLS)


def _most(rounds: list[Round]) -> int:
    return max(one.calls for one in rounds)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
