"""`provider.get` as a function: called again, from threads, for other profiles, it leaves its process as it was."""

import json
import sys
from pathlib import Path

import pytest

from fakes import canary
from fakes.home import Home
from fakes.sts import FakeSts

# Everything that a request of its own process changes; looked at before and after.
_PROGRAM = """
import json, logging, os, resource, sys, threading
from credhelper.provider.get import get
from credhelper.settings import from_environment
from credhelper.system import syscall
from credhelper.system.deadline import Deadline

records = []

class Keep(logging.Handler):
    def emit(self, record):
        records.append(record.name + record.getMessage())

logging.getLogger().addHandler(Keep(level=logging.DEBUG))
logging.getLogger("botocore").setLevel(logging.DEBUG)
logging.getLogger("botocore.parsers").setLevel(logging.DEBUG)

def state():
    loggers = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate,
                      list(map(repr, logging.getLogger(name).handlers)), logging.getLogger(name).disabled)
               for name in ("botocore", "botocore.parsers", "urllib3")}
    return {
        "environ": dict(os.environ),
        "dumpable": syscall.load()[0](157 if os.uname().machine == "x86_64" else 167, 3, 0, 0, 0, 0),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "loggers": loggers,
        "streams": [os.fstat(fd).st_ino for fd in (1, 2)],
        "sigint": repr(__import__("signal").getsignal(2)),
    }

import botocore, urllib3  # each gives its own logger a handler when it is loaded, whoever loads it
before = state()
environ = dict(os.environ)
settings = from_environment(environ)
answers = {}

def ask(key, profile):
    answers[key] = json.loads(get(profile, settings, environ, (), Deadline(20)).document)["AccessKeyId"]

ask("first", "prod-s3")
ask("again", "prod-s3")
threads = [threading.Thread(target=ask, args=(f"{profile}{number}", profile))
           for number in (1, 2) for profile in ("prod-s3", "other")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
after = state()
print(json.dumps({"answers": answers, "changed": [name for name in before if before[name] != after[name]],
                  "records": records}))
"""


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, SSLKEYLOGFILE=str(tmp_path / "keylog"))
    made.add_user()
    made.add_role()
    made.add_role("other", role_arn="arn:aws:iam::222222222222:role/other")
    return made.settle()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_calls_in_one_process_are_a_miss_and_hits_and_change_nothing_of_it(home: Home, sts: FakeSts) -> None:
    done = home.start([sys.executable, "-I", "-c", _PROGRAM], {})
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    answers = shown["answers"]
    assert answers["first"] == answers["again"] == answers["prod-s31"] == answers["prod-s32"]
    assert answers["other1"] == answers["other2"] != answers["first"]
    assert len([request for request in sts.requests if request["Action"] == "AssumeRole"]) == 2
    assert shown["changed"] == []
    assert [record for record in shown["records"] if canary.find(record.encode())] == []


def test_loop_is_found_when_called_as_a_function_too(home: Home) -> None:
    home.add_role("a", source="b")
    home.add_role("b", source="a")
    program = _PROGRAM.split("before = state()", maxsplit=1)[0] + (
        "from credhelper.errors import InputError\n"
        "environ = dict(os.environ)\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        get('a', from_environment(environ), environ, (), Deadline(20))\n"
        "    except InputError as error:\n"
        "        print(error.message)\n"
    )
    done = home.start([sys.executable, "-I", "-c", program], {})
    assert done.stdout.decode().splitlines() == ["the source profiles form a loop: a -> b -> a"] * 2
