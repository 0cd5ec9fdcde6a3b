"""Reading and editing a config file of 10,000 profiles, beside what botocore needs to read it. Also for standing alone.

python -m benchmarks.config [--runs N] [--profiles N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import botocore.configloader

from benchmarks.timing import Command, clean_environment, medians_ms
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions

PROFILES = 10_000
_LINE = "/home/david/.local/bin/python -I -S /home/david/.local/lib/python3.12/site-packages/credhelper/__main__.py"
_KEYS = {"credential_process": f"{_LINE} get new", "region": "us-east-1"}
_LOAD = "import sys, botocore.configloader as c; c.load_config(sys.argv[1])"
_LOAD_BOTH = f"{_LOAD}; c.raw_config_parse(sys.argv[2])"
_IMPORT = "import botocore.configloader"


def big_file(profiles: int) -> bytes:
    """Return a config file with this many profiles of ours."""
    return "\n".join(
        f"[profile team-{number}]\n"
        f"credential_process = {_LINE} get team-{number}\n"
        f"credhelper_role_arn = arn:aws:iam::{number:012d}:role/acc-to-read-prod\n"
        f"credhelper_source_profile = default\nregion = us-east-1\n"
        for number in range(profiles)
    ).encode()


def big_pair(profiles: int) -> tuple[bytes, bytes]:
    """Return a config file of AWS's own roles, and a credentials file with a key for each two of them."""
    roles = (
        f"[profile team-{number}]\nrole_arn = arn:aws:iam::{number:012d}:role/acc-to-read-prod\n"
        f"source_profile = user-{number // 2}\nregion = us-east-1\n"
        for number in range(profiles)
    )
    keys = (
        f"[user-{number}]\naws_access_key_id = AKIA{number:016d}\naws_secret_access_key = made-up\n"
        for number in range((profiles + 1) // 2)
    )
    return "\n".join(roles).encode(), "\n".join(keys).encode()


def in_turns_ms(works: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median time of each piece of work, done in turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def peak_memory(work: Callable[[], object]) -> int:
    """Return the most bytes that Python held at once for a piece of work."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def first_row_ms(argv: list[str], environ: dict[str, str]) -> float:
    """Return when a command's first line can be read."""
    start = time.perf_counter()
    with subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        elapsed_ms = (time.perf_counter() - start) * 1000
        process.stdout.read()
    return elapsed_ms


def table(runs: int, profiles: int = PROFILES) -> str:
    """Return the figures as a Markdown table."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory).resolve()
        (home / ".aws").mkdir(mode=0o700)
        config = home / ".aws" / "config"
        data = big_file(profiles)
        config.write_bytes(data)
        rows = [*_edit_rows(config, data, home, runs), *_list_rows(config, home, runs)]
        rows += _pair_rows(config, home, runs, profiles)
    title = f"A config file of {profiles} profiles, {len(data) / 1e6:.1f} MB"
    lines = [f"| {name} | {figure} | {ratio} | {goal} |" for name, figure, ratio, goal in rows]
    return "\n".join([title, "", "| | figure | ratio | goal |", "|---|---|---|---|", *lines, ""])


def _edit_rows(config: Path, data: bytes, home: Path, runs: int) -> list[tuple[str, str, str, str]]:
    state = str(home / "state")
    options = EditOptions(limit=editor.LARGE_LIMIT)
    at_once = EditOptions(limit=editor.LARGE_LIMIT, linger_s=0)

    def add(options: EditOptions) -> None:
        editor.edit(str(config), lambda document: document.add("new", _KEYS), state, options)

    def undo() -> None:
        editor.undo(str(config), state, at_once)

    works: dict[str, Callable[[], object]] = {
        "load": lambda: botocore.configloader.load_config(str(config)),
        "add": lambda: add(options),
        "undo": undo,
        # An edit waits for a file that was changed a moment ago: somebody may still be writing it.
        "rest": lambda: time.sleep(1),
        "add at once": lambda: add(at_once),
        "undo again": undo,
        "parse": lambda: Document.parse(data),
        "rest again": lambda: time.sleep(1),
    }
    found = in_turns_ms(works, max(3, runs // 4))
    load = found["load"]
    memory = peak_memory(lambda: add(at_once)) / len(data)
    undo()
    return [
        ("botocore's loader reads it", f"{load:.0f} ms", "1", ""),
        ("an edit adds a profile, whole and durable", f"{found['add']:.0f} ms", f"{found['add'] / load:.2f}", "<= 1.0"),
        ("the same without the 50 ms before it is read back", f"{found['add at once']:.0f} ms",
         f"{found['add at once'] / load:.2f}", ""),
        ("our reader reads it", f"{found['parse']:.0f} ms", f"{found['parse'] / load:.2f}", ""),
        ("memory of the edit, by the file's size", f"{memory * len(data) / 1e6:.1f} MB", f"{memory:.2f}", "<= 4"),
    ]  # fmt: skip


def _list_rows(config: Path, home: Path, runs: int) -> list[tuple[str, str, str, str]]:
    environ = clean_environment(str(home))
    listing = [sys.executable, "-m", "credhelper", "profile", "list"]
    found = medians_ms(
        [
            Command("list", listing, environ),
            Command("load", [sys.executable, "-c", _LOAD, str(config)], environ),
            Command("import", [sys.executable, "-c", _IMPORT], environ),
            Command("start", [sys.executable, "-c", "pass"], environ),
        ],
        max(3, runs // 4),
    )
    first = statistics.median(first_row_ms(listing, environ) for _ in range(3))
    base = found["load"] - found["import"]
    allowed = 1.5 * base + found["start"]
    return [
        ("`profile list`, whole command", f"{found['list']:.0f} ms", f"{(found['list'] - found['start']) / base:.2f}",
         f"<= 1.5 (and the start of Python: {allowed:.0f} ms)"),
        ("`profile list`, first row", f"{first:.0f} ms", "", ""),
    ]  # fmt: skip


def _pair_rows(config: Path, home: Path, runs: int, profiles: int) -> list[tuple[str, str, str, str]]:
    environ = clean_environment(str(home))
    roles, keys = big_pair(profiles)
    credentials = config.with_name("credentials")
    credentials.write_bytes(keys)
    credentials.chmod(0o600)

    def restore() -> None:
        config.write_bytes(roles)
        os.utime(config, (1, 1))  # nobody is writing it any more

    restore()
    program = [sys.executable, "-m", "credhelper", "profile"]
    found = medians_ms(
        [
            Command("load", [sys.executable, "-c", _LOAD_BOTH, str(config), str(credentials)], environ, restore),
            Command("list", [*program, "list"], environ, restore),
            Command("check", [*program, "check"], environ, restore),
            Command("adopt", [*program, "adopt", "--all", "--large"], environ, restore),
        ],
        max(3, runs // 4),
    )
    goals = {"load": "", "list": "", "check": "<= 2", "adopt": "<= 3"}
    names = {"load": "botocore reads two files", "list": "`profile list` of both", "check": "`profile check` of both",
             "adopt": "`profile adopt --all` of all of them"}  # fmt: skip
    return [(names[one], f"{found[one]:.0f} ms", f"{found[one] / found['load']:.2f}", goals[one]) for one in goals]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--profiles", type=int, default=PROFILES)
    asked = parser.parse_args()
    print(table(asked.runs, asked.profiles))


if __name__ == "__main__":
    main()
