"""Attacks that no other test replays; tests/attacks/table.py has all of them by their ids."""

import contextlib
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from credhelper.awsconfig.profiles.process_line import command_line
from credhelper.cache import store
from credhelper.errors import InputError
from credhelper.model.role_request import RoleRequest
from credhelper.system import files, ownership
from fakes import canary
from fakes.home import ROLE_ARN, Home, error, key_id
from fakes.sts import FakeSts


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("$(touch RAN)", id="B1"),
        pytest.param("`touch RAN`", id="B2"),
        pytest.param("a;touch RAN", id="B3"),
        pytest.param("a|touch RAN", id="B3-pipe"),
        pytest.param("a&touch RAN", id="B3-and"),
        pytest.param("a' 'b", id="B5"),
        pytest.param("a\ntouch RAN", id="B8"),
        pytest.param("a\\ touch RAN", id="B10"),
    ],
)
def test_word_is_never_run(word: str, tmp_path: Path) -> None:
    for argv in (["/bin/echo", "get", word], [f"/bin/{word}", "get", "a"]):
        with pytest.raises(InputError):
            command_line(argv, windows=False)
    raw = f"/bin/true {word}"
    subprocess.run(["sh", "-c", raw], cwd=tmp_path, capture_output=True, check=False)  # noqa: S607 - the shell is the oracle
    assert (tmp_path / "RAN").exists() == ("touch" in word and "\\" not in word)  # the attack itself is real


def test_pth_file_of_the_user_base_is_not_run(home: Home, tmp_path: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = tmp_path / "base" / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    witness = tmp_path / "ran"
    (site / "evil.pth").write_text(f"import os; open({str(witness)!r}, 'w')\n")
    key_id(home.get(PYTHONUSERBASE=str(tmp_path / "base")))
    key_id(home.get(PYTHONUSERBASE=str(tmp_path / "base")))
    assert not witness.exists()


def test_home_of_another_python_changes_nothing(home: Home, tmp_path: Path) -> None:
    key_id(home.get(PYTHONHOME=str(tmp_path)))


def test_environment_of_a_megabyte_changes_nothing(home: Home) -> None:
    filler = {f"FILLER_{number}": "x" * 100_000 for number in range(10)}
    assert key_id(home.get(**filler)) == key_id(home.get(**filler))


def dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("nowhere"))


def symlink(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def hard_link(path: Path, victim: Path) -> None:
    os.link(victim, path)


def pipe(path: Path, victim: Path) -> None:
    os.mkfifo(path, 0o600)


def listener(path: Path, victim: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has 107 bytes at the most
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def directory(path: Path, victim: Path) -> None:
    path.mkdir(0o700)


def device(path: Path, victim: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero: reading it never ends


def giant(path: Path, victim: Path) -> None:
    path.touch(0o600)
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize("place", ["entry", "temporary", "lock", "failure", "key", "key.lock", "log"])
@pytest.mark.parametrize(
    "trap",
    [
        pytest.param(symlink, id="E1"),
        pytest.param(dangling, id="E2"),
        pytest.param(hard_link, id="E3"),
        pytest.param(pipe, id="E4"),
        pytest.param(listener, id="E4-socket"),
        pytest.param(directory, id="E4-directory"),
        pytest.param(device, id="E4-device"),
        pytest.param(giant, id="E8"),
    ],
)
def test_trap_costs_neither_credentials_nor_the_victim(
    home: Home, tmp_path: Path, place: str, trap: Callable[[Path, Path], None]
) -> None:
    own = home.settings()
    name = store.entry_name(own.config_file, "prod-s3")
    places = {
        "entry": store.entry_path(own, name),
        "temporary": store.entry_path(own, name) + ".new",
        "lock": store.lock_path(own, name),
        "failure": store.failure_path(own, name),
        "key": os.path.join(own.state_dir, "key"),
        "key.lock": os.path.join(own.cache_dir, "key.lock"),
        "log": os.path.join(own.state_dir, "handouts.jsonl"),
    }
    for made in (own.cache_dir, own.state_dir):
        ownership.make_private_directory(made)
    victim = tmp_path / "victim"
    victim.write_text("precious\n")
    victim.chmod(0o600)
    trap(Path(places[place]), victim)
    key_id(home.get())
    assert victim.read_text() == "precious\n"
    assert not victim.with_name("nowhere").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_entry_of_another_owner_is_a_miss(home: Home, sts: FakeSts) -> None:
    key_id(home.get())
    os.chown(home.entries[0], 12345, 12345)
    key_id(home.get())
    assert sts.count() == 2
    assert home.entries[0].stat().st_uid == 0


def test_nothing_is_made_in_a_shared_directory(home: Home, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    key_id(home.get(TMPDIR=str(shared)))
    assert os.listdir(shared) == []


def test_names_on_disk_differ_in_more_than_case() -> None:
    names = [store.entry_name("/c", profile).hex() for profile in ("prod", "PROD", "Prod")]
    assert len({name.casefold() for name in names}) == 3


def test_path_that_is_too_long_costs_no_credentials(home: Home) -> None:
    deep = str(home.path) + "/deep" * 1000
    key_id(home.get(XDG_CACHE_HOME=deep, XDG_STATE_HOME=deep))


def test_short_reads_and_writes_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.read, os.write
    monkeypatch.setattr(os, "read", lambda fd, size: read(fd, min(size, 7)))
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    path = str(tmp_path / "file")
    files.replace_private(path, bytes(range(256)), f"{path}.new", durable=False)
    assert files.read_private(path, 256) == bytes(range(256))


def test_file_of_zeroes_is_a_miss(home: Home, sts: FakeSts) -> None:
    key_id(home.get())
    home.entries[0].write_bytes(b"\0" * home.entries[0].stat().st_size)
    key_id(home.get())
    assert sts.count() == 2


def test_older_entry_put_back_is_served_no_longer_than_it_lives(home: Home, sts: FakeSts) -> None:
    sts.behaviour.lifetime_s = 64
    old = key_id(home.get())
    kept = home.entries[0].read_bytes()
    sts.behaviour.lifetime_s = 3600
    home.entries[0].unlink()
    assert key_id(home.get()) != old
    home.entries[0].write_bytes(kept)
    time.sleep(5)  # less than a minute is left: what was put back is as dead as it was
    assert key_id(home.get()) != old


def test_first_runs_at_once_make_one_key(home: Home, sts: FakeSts) -> None:
    for number in range(6):
        home.add_role(f"role-{number}")
    runs = [home.popen(f"role-{number}") for number in range(6)]
    assert [run.communicate(timeout=60)[1] for run in runs] == [b""] * 6
    assert sts.count() == 6
    for number in range(6):
        key_id(home.get(f"role-{number}"))
    assert sts.count() == 6


def test_requests_that_look_alike_have_other_identities() -> None:
    base = RoleRequest(role_arn=ROLE_ARN, duration_seconds=3600, region="us-east-1", partition="aws")
    requests = [
        base,
        replace(base, tags={"a": "b,c"}),
        replace(base, tags={"a": "b", "c": ""}),
        replace(base, tags={"a,b": "c"}),
        replace(base, external_id="x"),
        replace(base, role_session_name="x"),
        replace(base, source_identity="x"),
        replace(base, policy_arns=("x", "y")),
        replace(base, policy_arns=("x,y",)),
    ]
    assert len({request.identity("AKIAACC") for request in requests}) == len(requests)
    assert base.identity("AKIAACC") != base.identity("AKIAACD")


_NOISE = """
import os, sys
from credhelper.errors import InputError
from credhelper.provider.streams import ProtocolStreams
streams = ProtocolStreams()
print("noise"); os.write(1, b"noise"); os.write(2, b"noise"); os.system("echo noise; echo noise >&2")
sys.stderr.write("noise")
streams.finish(InputError("the cause", hint="the command"))
"""


def test_library_that_prints_does_not_reach_stdout() -> None:
    done = subprocess.run([sys.executable, "-c", _NOISE], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"credhelper: error: the cause\nhint: the command\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGKILL])
def test_signal_frees_the_lock_and_leaves_no_debris(home: Home, sts: FakeSts, number: signal.Signals) -> None:
    sts.behaviour.delay_s = 30
    process = home.popen()
    wait_for_call(sts)
    process.send_signal(number)
    if number is signal.SIGPIPE:  # Python ignores it, and so do we: a reader that has gone is met when writing
        process.terminate()
    output, text = process.communicate(timeout=20)
    assert output == b""
    assert b"Traceback" not in text
    sts.behaviour.delay_s = 0
    started = time.monotonic()
    key_id(home.get())
    assert time.monotonic() - started < 5
    assert not list(home.path.rglob("*.new"))


def wait_for_call(sts: FakeSts) -> None:
    end = time.monotonic() + 20
    while sts.count() == 0:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_orphan_ends_and_keeps_the_answer(home: Home, sts: FakeSts) -> None:
    sts.behaviour.delay_s = 0.5
    script = f"{shlex.join(home.line())} >/dev/null 2>&1 & exit 0"
    subprocess.run(["sh", "-c", script], env=home.environ, check=True)  # noqa: S607 - any shell
    wait_for_call(sts)
    key_id(home.get())
    assert sts.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("Expiration", None, id="I3"),
        pytest.param("AccessKeyId", 'ASIA"FAKE000000000', id="I5"),
        pytest.param("AccessKeyId", "ASIAFAKE\n00000000", id="I5-line"),
        pytest.param("Arn", "arn:aws:sts::222222222222:assumed-role/admin/x", id="I6"),
    ],
)
def test_answer_that_cannot_be_right_is_refused(home: Home, sts: FakeSts, name: str, value: str | None) -> None:
    sts.behaviour.fields = {name: value}
    error(home.get(), 4)
    assert home.entries == []


def test_entities_that_grow_are_refused(home: Home, tmp_path: Path) -> None:
    body = b"<!DOCTYPE x [<!ENTITY a0 'aaaaaaaaaa'>" + b"".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 10)
    )
    body += b"]><x>&a9;</x>"
    with socket.create_server(("127.0.0.1", 0)) as server:
        home.environ["AWS_ENDPOINT_URL_STS"] = f"http://127.0.0.1:{server.getsockname()[1]}"
        process = home.popen()
        server.settimeout(20)
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)
    output, text = process.communicate(timeout=40)
    assert (process.returncode != 0, output) == (True, b"")
    assert len(text) < 4096


def test_redirection_is_not_followed(home: Home, sts: FakeSts) -> None:
    with FakeSts() as stranger:
        sts.behaviour.answer = "redirect"
        sts.behaviour.headers = {"Location": stranger.url}
        done = home.get(CREDHELPER_TIMEOUT="5")
        error(done, done.returncode)
        assert stranger.requests == []


def test_session_token_of_five_kibibytes_comes_out_whole(home: Home, sts: FakeSts) -> None:
    token = canary.session_token(size=5120)
    sts.behaviour.fields = {"SessionToken": token}
    for _ in range(2):
        done = home.get()
        key_id(done)
        assert token.encode() in done.stdout


def what_is_open(pid: int) -> Iterator[str]:
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed: the helper goes on working
            yield os.readlink(f"/proc/{pid}/fd/{fd}")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_nothing_listens(home: Home, sts: FakeSts) -> None:
    sts.behaviour.delay_s = 1
    process = home.popen()
    wait_for_call(sts)
    inodes = set(what_is_open(process.pid))
    listening = {
        f"socket:[{line.split()[9]}]"
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    assert any(inode.startswith("socket:") for inode in inodes)
    assert not inodes & listening
    process.communicate(timeout=30)
