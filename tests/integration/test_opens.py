"""What a request opens, counted by the interpreter itself: nothing twice that need not be."""

import collections
import sys
from pathlib import Path

import credhelper
from fakes.home import Home
from fakes.sts import FakeSts

# The helper as the line in the config starts it; what it opens goes to a file that it does not read.
_COUNTING = """
import os, sys
trace = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
sys.path.append(sys.argv.pop(1))

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        os.write(trace, arguments[0].encode() + b"\\n")

sys.addaudithook(note)
from credhelper.start import main
main()
"""
NAMES = {".entry": "entry", ".aws/config": "config", ".aws/credentials": "credentials", "credhelper/key": "key"}


def opened(home: Home, exit_code: int = 0) -> dict[str, int]:
    """Start the helper and return how often it has opened the entry, the AWS files and the key."""
    trace = home.path / "trace"
    trace.unlink(missing_ok=True)
    root = str(Path(credhelper.__file__).parents[1])
    done = home.start([sys.executable, "-I", "-S", "-c", _COUNTING, str(trace), root, "get", "prod-s3"], {})
    assert done.returncode == exit_code, done.stderr
    counts: collections.Counter[str] = collections.Counter()
    for path in trace.read_text().splitlines():
        counts.update(name for end, name in NAMES.items() if path.endswith(end))
    return dict(counts)


def test_cold_request_opens_nothing_more_than_twice(home: Home) -> None:
    counts = opened(home)
    assert {name: count for name, count in counts.items() if count > 2} == {}
    assert counts["config"] > 0


def test_hit_opens_one_entry_and_no_config(home: Home) -> None:
    home.get()
    assert opened(home) == {"entry": 1, "key": 1}


def test_due_request_opens_the_key_once(home: Home) -> None:
    home.get()
    home.make_due()
    counts = opened(home)
    assert counts["key"] == 1
    assert counts["entry"] == 2
    assert counts["config"] <= 2


def test_refused_request_opens_no_more_than_a_cold_one(home: Home, sts: FakeSts) -> None:
    sts.behaviour.error = (403, "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: y")
    counts = opened(home, exit_code=4)
    assert {name: count for name, count in counts.items() if count > 2} == {}
