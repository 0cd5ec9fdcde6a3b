"""This version beside an older commit, in one run: the ratio of each pair, so that the machine's speed cancels out.

python -m benchmarks.run --base COMMIT against        from tests/; the commit is built in a directory of its own
"""

import io
import os
import shlex
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.config import big_file, big_pair
from benchmarks.request import ROLE_ARN
from benchmarks.timing import clean_environment
from fakes.sts import FakeSts

ROOT = Path(__file__).parents[2]
PROFILES = 10_000


class World:
    """A HOME with one profile, made by the version whose programs are in `bin`."""

    def __init__(self, directory: Path, programs: Path, sts: FakeSts) -> None:
        self.home = directory / "home"
        aws = self.home / ".aws"
        aws.mkdir(parents=True, mode=0o700)
        (directory / "run").mkdir(mode=0o700)
        (aws / "config").write_text("[default]\nregion = us-east-1\n")
        (aws / "credentials").write_text("[default]\naws_access_key_id = AKIABENCH\naws_secret_access_key = secret\n")
        (aws / "credentials").chmod(0o600)
        self.program = str(programs / "credhelper")
        self.environ = clean_environment(
            str(self.home), AWS_ENDPOINT_URL_STS=sts.url, XDG_RUNTIME_DIR=str(directory / "run")
        )
        self.run("profile", "add", "prod-s3", "--role-arn", ROLE_ARN, "--source-profile", "default")
        line = self.run("profile", "show", "prod-s3")
        self.line = shlex.split(next(row for row in line.splitlines() if "credential_process" in row).split("\t")[1])

    def run(self, *arguments: str) -> str:
        """Run the program as a person does."""
        done = subprocess.run([self.program, *arguments], env=self.environ, check=True, capture_output=True, text=True)
        return done.stdout

    def forget(self) -> None:
        """Empty the cache: the next request is a miss."""
        for entry in (self.home / ".cache" / "credhelper").glob("*.entry"):
            entry.unlink()

    def crowd(self) -> None:
        """Give the home many more profiles."""
        with (self.home / ".aws" / "config").open("ab") as file:
            file.write(b"\n" + big_file(PROFILES))

    def take_two_files(self) -> None:
        """Give the home as many roles of AWS's own in one file, and the keys that they need in the other."""
        for name, data in zip(("config", "credentials"), big_pair(PROFILES), strict=True):
            (self.home / ".aws" / name).write_bytes(data)


def _cost(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float]:
    """Return the wall and CPU time of a command in milliseconds; `profile check` exits 1 where it finds something."""
    started = time.perf_counter()
    process = subprocess.Popen(
        list(command), env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{shlex.join(command)} failed: {process.stderr.read().decode() if process.stderr else ''}")
    if process.stderr is not None:
        process.stderr.close()
    return wall_s * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def _row(
    what: str,
    worlds: tuple[World, World],
    command: Callable[[World], Sequence[str]],
    runs: int,
    *,
    prepare: bool = False,
) -> str:
    """Run both versions in turns and return a row with the medians and the median of the pairs' ratios."""
    costs: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for turn in range(runs + 2):
        for index in (0, 1) if turn % 2 else (1, 0):
            if prepare:
                worlds[index].forget()
            cost = _cost(command(worlds[index]), worlds[index].environ)
            if turn >= 2:  # the first two fill the page cache
                costs[index].append(cost)
    walls = [[cost[0] for cost in found] for found in costs]
    cpus = [[cost[1] for cost in found] for found in costs]
    ratio = statistics.median(new / old for old, new in zip(*walls, strict=True))
    cpu_ratio = statistics.median(new / old for old, new in zip(*cpus, strict=True))
    old, new = (statistics.median(found) for found in walls)
    return f"| {what} | {old:.1f} ms | {new:.1f} ms | **{ratio:.3f} x** | {cpu_ratio:.3f} x |"


def table(base: str, runs: int) -> str:
    """Return the table of this version beside the commit `base`."""
    with tempfile.TemporaryDirectory() as directory, FakeSts() as sts:
        # Both in environments of the same packages: a hit reads the directory in which they are.
        old = World(Path(directory, "old"), _built(_source(base, Path(directory, "source")), Path(directory, "1")), sts)
        new = World(Path(directory, "new"), _built(ROOT, Path(directory, "2")), sts)
        worlds = (old, new)
        for world in worlds:
            for _ in range(3):
                _cost(world.line, world.environ)
                time.sleep(0.2)
        rows = [
            _row("hit", worlds, lambda world: world.line, runs),
            _row("miss", worlds, lambda world: world.line, max(10, runs // 2), prepare=True),
        ]
        for world in worlds:
            world.crowd()
        large = max(5, runs // 8)
        many = f"{PROFILES:,} profiles"
        rows += [
            _row(f"`profile list`, {many}", worlds, _listing, large),
            _row(f"`profile check`, {many}", worlds, lambda world: [world.program, "profile", "check"], large),
            _row(f"an edit, {many}", worlds, _edit, large),
        ]
        for world in worlds:
            world.take_two_files()
        # As many pairs as it takes to tell 2 %.
        rows.append(_row(f"`profile list`, {many} in two files", worlds, _listing, max(20, runs)))
    head = f"| what | {base} | now | ratio | CPU |\n|---|---|---|---|---|"
    return "\n".join([head, *rows, ""])


def _listing(world: World) -> list[str]:
    return [world.program, "profile", "list"]


def _edit(world: World) -> list[str]:
    value = f"output=text{time.monotonic_ns() % 1000}"
    return [world.program, "profile", "set", "prod-s3", value, "--large"]


def _source(base: str, directory: Path) -> Path:
    """Write the commit's files into a directory."""
    directory.mkdir()
    archive = subprocess.run(["git", "archive", base], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S607 - git is on PATH wherever this is run
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(directory, filter="data")
    return directory


def _built(source: Path, directory: Path) -> Path:
    """Install a version into a virtual environment of its own and return where its programs are."""
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    programs = directory / "bin"
    # The same releases of everything else, so that the ratio is that of the two versions.
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude", "credhelper"], check=True, capture_output=True, text=True
    ).stdout
    (directory / "constraints.txt").write_text(frozen)
    pip = [str(programs / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "-c", str(directory / "constraints.txt"), str(source)], check=True)
    return programs
