"""Many processes that edit one config file: python -m stress.config_crowd [--processes N] [--edits N] [--aws-cli].

Each process has a profile of its own and adds one key to it per edit. All of them must be there at the end, and
every look at the file in between must find it whole. With --aws-cli, `aws configure set` loops beside them; what it
loses is counted.
"""

import argparse
import collections
import contextlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions

FOREIGN = "foreign"


@dataclass(frozen=True)
class Outcome:
    """What came of a crowd: edits of ours that are missing, looks at the file that found it broken, foreign sets."""

    wanted: int
    lost: list[str]
    broken_looks: int
    looks: int
    foreign_sets: int
    foreign_lost: int
    seconds: float


def gather(root: Path, processes: int, edits: int, *, with_aws_cli: bool) -> Outcome:
    """Let `processes` make `edits` each and return what came of it."""
    path = root / "aws" / "config"
    path.parent.mkdir(mode=0o700)
    path.write_text("# kept\n[default]\nregion = us-east-1\n")
    start = time.monotonic()
    nobody: AbstractContextManager[list[int]] = contextlib.nullcontext([])
    with _aws_cli(path, root / "stop") if with_aws_cli else nobody as sets:
        children = [_forked(partial(_edit_many, path, root / "state", number, edits)) for number in range(processes)]
        looks = _look_until_done(path, children)
    document = Document.parse(path.read_bytes())
    profiles = {name: document.values(index) for name, index in document.profiles()}
    there = {f"{name} {key}" for name, keys in profiles.items() for key in keys}
    wanted = {f"p{number} k{edit}" for number in range(processes) for edit in range(edits)}
    foreign_left = sum(name.startswith(FOREIGN) for name in profiles)
    assert path.read_bytes().startswith(b"# kept\n")
    return Outcome(
        wanted=len(wanted),
        lost=sorted(wanted - there),
        broken_looks=looks["broken"],
        looks=looks.total(),
        foreign_sets=sum(sets),
        foreign_lost=sum(sets) - foreign_left,
        seconds=time.monotonic() - start,
    )


def _edit_many(path: Path, state: Path, number: int, edits: int) -> None:
    options = EditOptions(limit=editor.LARGE_LIMIT, timeout_s=600)
    for edit in range(edits):
        editor.edit(str(path), partial(_one_more, name=f"p{number}", key=f"k{edit}"), str(state), options)


def _one_more(document: Document, name: str, key: str) -> Document:
    edit = document.add if document.profile(name) is None else document.set
    return edit(name, {key: "1"})


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - a forked child must not go on with its parent's work
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def _look_until_done(path: Path, children: list[int]) -> collections.Counter[str]:
    looks: collections.Counter[str] = collections.Counter()
    waiting = set(children)
    while waiting:
        document = Document.parse(path.read_bytes())
        is_whole = document.fault is None and document.to_bytes().startswith(b"# kept\n[default]\n")
        looks["whole" if is_whole else "broken"] += 1
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended in waiting:
            assert status == 0, status
            waiting.discard(ended)
        time.sleep(0.01)
    return looks


_AWS_CLI_LOOP = """
import os, sys
from awscli.clidriver import main
count = 0
parent = os.getppid()
while not os.path.exists(sys.argv[1]) and os.getppid() == parent:
    child = os.fork()
    if child == 0:
        sys.argv = ["aws", "configure", "set", "region", "eu-north-1", "--profile", f"foreign{count}"]
        os._exit(main() or 0)
    if os.waitpid(child, 0)[1] == 0:
        count += 1
print(count)
"""


@contextlib.contextmanager
def _aws_cli(path: Path, stop: Path) -> Iterator[list[int]]:
    """Fork one `aws configure set` after the other beside the block; the list has their number when it has ended."""
    environment = {**os.environ, "AWS_CONFIG_FILE": str(path), "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    sets: list[int] = []
    loop = subprocess.Popen(
        [sys.executable, "-c", _AWS_CLI_LOOP, str(stop)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield sets
    finally:
        # Whatever happened in the block: a loop left behind would write to that path for ever.
        stop.touch()
        sets.append(int(loop.communicate(timeout=60)[0]))


def main() -> None:
    """Run the crowd and print the table's row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=200)
    parser.add_argument("--edits", type=int, default=50)
    parser.add_argument("--aws-cli", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        outcome = gather(Path(directory).resolve(), asked.processes, asked.edits, with_aws_cli=asked.aws_cli)
    print(f"{outcome.wanted} edits of ours, {len(outcome.lost)} lost; {outcome.seconds:.0f} s")
    print(f"{outcome.looks} looks meanwhile, {outcome.broken_looks} found the file broken")
    if asked.aws_cli:
        print(f"{outcome.foreign_sets} sets by aws-cli, {outcome.foreign_lost} of them lost")
    print(*outcome.lost[:10])


if __name__ == "__main__":
    main()
