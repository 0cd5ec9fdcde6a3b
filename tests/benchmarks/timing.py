"""Wall times of whole processes, taken in turns so that whatever else the machine does meets all of them alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to time; `prepare` runs before every start, outside the clock."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    prepare: Callable[[], None] = lambda: None


def medians_ms(commands: Sequence[Command], runs: int) -> dict[str, float]:
    """Return the median wall time of each command over `runs` alternating runs; a command that fails ends the run."""
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for turn in range(runs + 2):
        for command in commands[turn % len(commands) :] + commands[: turn % len(commands)]:  # type: ignore[operator]  # both are sequences of one kind
            command.prepare()
            started = time.perf_counter()
            done = subprocess.run(command.argv, env=dict(command.environ), capture_output=True, check=False)
            elapsed = time.perf_counter() - started
            if done.returncode:
                raise SystemExit(f"{command.name} failed: {done.stderr.decode()}")
            if turn >= 2:  # the first two fill the page cache
                times[command.name].append(elapsed * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def clean_environment(home: str, **more: str) -> dict[str, str]:
    """Return an environment with a HOME and nothing of the caller's that changes what is measured."""
    return {"HOME": home, "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **more}
