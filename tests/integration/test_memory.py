"""Before the first secret is in memory, no core file can be written and no other process of the user may look."""

import json
import os
import sys
from pathlib import Path

import pytest

import credhelper
from credhelper.system import syscall
from fakes.home import Home
from fakes.sts import FakeSts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")

# The helper as the line in the config starts it, with an ear where it reads a file of any kind.
_SPY = """
import os, sys
sys.path.append(sys.argv.pop(1))
from credhelper.system import files, hardening, syscall

read, stderr = files.read_bounded, os.dup(2)

def listen(*arguments, **named):
    import resource
    dumpable = syscall.load()[0](hardening._PRCTL[os.uname().machine], 3, 0, 0, 0, 0)  # PR_GET_DUMPABLE
    os.write(stderr, b"%d %d\\n" % (dumpable, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    return read(*arguments, **named)

files.read_bounded = listen
from credhelper.start import main
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "david")
    made.add_user()
    made.add_role()
    return made


def test_hit_and_miss_cannot_be_looked_into_when_the_first_secret_comes(home: Home) -> None:
    root = str(Path(credhelper.__file__).parents[1])
    with FakeSts() as sts:
        for _ in range(2):
            command = [sys.executable, "-I", "-S", "-c", _SPY, root, "get", "prod-s3"]
            done = home.start(command, {"AWS_ENDPOINT_URL_STS": sts.url})
            assert json.loads(done.stdout)["Version"] == 1
            assert set(done.stderr.splitlines()) == {b"0 0"}
        assert sts.count() == 1


def test_process_is_dumpable_before(home: Home) -> None:
    """The other test would pass for ever where the kernel never allows a dump."""
    number = {"x86_64": 157}.get(os.uname().machine)
    if number is None:
        pytest.skip("no system call number for this machine here")
    assert syscall.load()[0](number, 3, 0, 0, 0, 0) == 1
