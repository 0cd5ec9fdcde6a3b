"""Before the first secret is in memory, no core file can be written and no other process of the user may look."""

import json
import os
import resource
import subprocess
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
    os.write(stderr, b"%d %d %d\\n" % (dumpable, *resource.getrlimit(resource.RLIMIT_CORE)))
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
            assert set(done.stderr.splitlines()) == {b"0 0 0"}
        assert sts.count() == 1


_SOME_LIMIT = 4096


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (_SOME_LIMIT, 2 * _SOME_LIMIT))


COMMANDS = {
    "login": ["login", "prod-s3"],
    "env": ["env", "prod-s3"],
    "exec": ["exec", "prod-s3", "--", "sh", "-c", "ulimit -S -c; ulimit -H -c"],
    "status": ["status"],
    "log": ["log"],
    "key show": ["key", "show"],
    "key rotate": ["key", "rotate"],
    "profile show": ["profile", "show", "prod-s3"],
    "get of a person": ["get", "--", "prod-s3"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_can_be_looked_into_when_it_reads_its_first_file(home: Home, command: str) -> None:
    root = str(Path(credhelper.__file__).parents[1])
    with FakeSts() as sts:
        environ = {**home.environ, "AWS_ENDPOINT_URL_STS": sts.url}
        if command not in ("login", "env", "exec"):
            home.get(AWS_ENDPOINT_URL_STS=sts.url)
        line = [sys.executable, "-I", "-c", _SPY, root, *COMMANDS[command]]
        done = subprocess.run(line, env=environ, capture_output=True, check=False, preexec_fn=_limited)
    seen = set(done.stderr.splitlines())
    assert done.returncode == 0
    if command == "exec":
        assert seen == {b"0 0 %d" % (2 * _SOME_LIMIT)}
        # In blocks of 512 bytes in sh; of 1024 in bash.
        assert done.stdout.split() in ([b"8", b"16"], [b"4", b"8"])
    else:
        assert seen == {b"0 0 0"}


def test_what_starts_below_a_request_can_write_no_core_file(home: Home, tmp_path: Path) -> None:
    """Programs of the configuration hold secrets, too."""
    program = tmp_path / "code"
    program.write_text(f"#!/bin/sh\nulimit -H -c > {tmp_path}/limit\necho 123456\n")
    program.chmod(0o700)
    home.add_role("with-code", mfa_serial="arn:aws:iam::111111111111:mfa/david", mfa_process=str(program))
    home.get("with-code")
    assert (tmp_path / "limit").read_text() == "0\n"


def test_process_is_dumpable_before(home: Home) -> None:
    """The other test would pass for ever where the kernel never allows a dump."""
    number = {"x86_64": 157}.get(os.uname().machine)
    if number is None:
        pytest.skip("no system call number for this machine here")
    assert syscall.load()[0](number, 3, 0, 0, 0, 0) == 1
