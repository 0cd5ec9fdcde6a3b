"""Requests in forked processes: real streams and exit codes, without the start of an interpreter each time.

A process of its own forks them (`serve`), so that the tests' threads do no harm. What the system says (clocks, places
of keys, passwd) comes from a world; of the program nothing else is another one, but that it stops where a miss begins.
"""

import fcntl
import json
import os
import pwd
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn, Self

from credhelper import settings, start
from credhelper.keystores import stores
from credhelper.model.freshness import Moment
from credhelper.provider import process
from credhelper.system import clock
from fakes import second_reader, second_settings
from fakes.reader_world import Built

# The exit code of a request that is left to a miss.
MISS = 97
LIMIT = 10
_BROKEN = 111
_SERVE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fakes.forked_requests import serve; serve()"


@dataclass(frozen=True)
class Outcome:
    """What a request left on its streams, and its exit code."""

    code: int
    stdout: bytes
    stderr: str


class Requests:
    """Starts requests in worlds; a context manager."""

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-I", "-c", _SERVE, str(Path(__file__).parents[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    @property
    def pid(self) -> int:
        """The process that every request was started by."""
        return self._server.pid

    def __exit__(self, *_error: object) -> None:
        self._server.communicate(timeout=30)

    def program(self, world: Built) -> Outcome:
        """Ask the program."""
        return self._ask(world, "program")

    def second(self, world: Built) -> Outcome:
        """Ask the second reader."""
        return self._ask(world, "second")

    def _ask(self, world: Built, reader: str) -> Outcome:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        request = {
            "reader": reader,
            "environ": {os.fsdecode(name): os.fsdecode(value) for name, value in world.environ.items()},
            "profile": world.world.profile,
            "top": os.fsdecode(world.top),
            "clock": [world.world.wall_s, world.world.up_s, world.world.boot],
            "passwd_home": os.fsdecode(world.system.passwd_home),
            "kernel": world.world.kernel,
            "streams": [world.world.stdin, world.world.stdout, world.world.stderr],
        }
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        return Outcome(answer["code"], bytes.fromhex(answer["stdout"]), answer["stderr"])


def serve() -> None:
    """Answer requests on stdin, one JSON line each."""
    for line in sys.stdin:
        print(json.dumps(perform(json.loads(line))), flush=True)


def perform(request: dict[str, Any]) -> dict[str, object]:
    """Fork one request and return what it left."""
    stdin, stdout, stderr = request["streams"]
    out, err = Stream(stdout, request["top"]), Stream(stderr, request["top"])
    child = os.fork()
    if child == 0:
        try:
            if stdout == "limited":
                resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
            null = os.open(os.devnull, os.O_RDONLY)
            for fd, source in ((0, -1 if stdin == "closed" else null), (1, out.fd), (2, err.fd)):
                os.close(fd) if source < 0 else os.dup2(source, fd)
            os.closerange(3, 64)
            _READERS[request["reader"]](request)
        except SystemExit as end:
            os._exit(int(end.code or 0))
        except BaseException:  # noqa: BLE001 - to be seen in the outcome
            os.write(2, traceback.format_exc().encode())
        os._exit(_BROKEN)
    _, status = os.waitpid(child, 0)
    text = {"stdout": out.read().hex(), "stderr": err.read().decode("utf-8", "replace")}
    return {"code": os.waitstatus_to_exitcode(status), **text}


class Stream:
    """A stdout or stderr: pipe, closed, read-only, full, broken, blocked, limited or terminal."""

    def __init__(self, kind: str, top: str) -> None:
        self._kind = kind
        self._reading = -1
        self.fd = -1
        if kind == "full":
            self.fd = os.open("/dev/full", os.O_WRONLY)
        elif kind == "read-only":
            self.fd = os.open(os.devnull, os.O_RDONLY)
        elif kind == "terminal":
            self._reading, self.fd = os.openpty()
        elif kind == "limited":
            self._reading = os.memfd_create("stdout")
            self.fd = os.dup(self._reading)
        elif kind != "closed":
            self._reading, self.fd = os.pipe()
        if kind == "broken":
            os.close(self._reading)
            self._reading = -1
        if kind == "blocked":
            os.set_blocking(self.fd, False)
            fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, 4096)
            os.write(self.fd, bytes(4096))

    def read(self) -> bytes:
        """Return what was written to it."""
        if self._kind == "terminal":
            os.set_blocking(self._reading, False)
        elif self._kind == "limited":
            os.lseek(self._reading, 0, os.SEEK_SET)
        if self._kind != "terminal" and self.fd >= 0:
            os.close(self.fd)
        data = b""
        try:
            while self._reading >= 0 and (chunk := os.read(self._reading, 1 << 16)):
                data += chunk
        except BlockingIOError:
            os.close(self.fd)
        if self._reading >= 0:
            os.close(self._reading)
        return b"" if self._kind == "blocked" and data == bytes(4096) else data


def _program(request: dict[str, Any]) -> NoReturn:
    top = request["top"]
    wall_s, up_s, boot = request["clock"]
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.argv = ["credhelper", "get", request["profile"]]
    sys.stderr = _Unbuffered()
    move(_put, top, request["kernel"])
    _put(pwd, "getpwuid", lambda _uid: _account(request["passwd_home"]))
    _put(clock, "now", lambda: Moment(wall_s, boot.encode(), up_s))
    _put(time, "time", lambda: wall_s)
    _put(process, "run", lambda *_arguments, **_options: os._exit(MISS))
    start.main()
    os._exit(_BROKEN)


def move(put: Callable[[ModuleType, str, object], None], top: str, kernel: str) -> None:
    """Put the system's places of a key below `top`, and this key in place of the kernel's."""
    is_runtime = settings._runtime_dir
    put(settings, "_runtime_dir", lambda environ: is_runtime(environ) and f"{top}/run/{os.geteuid()}")
    put(stores, "SHARED_MEMORY", f"{top}/shm")
    put(stores, "_open_kernel", lambda: _Vault(bytes.fromhex(kernel)))
    put(stores, "_open_backend", _refuse)


def _put(module: ModuleType, name: str, value: object) -> None:
    assert hasattr(module, name)
    setattr(module, name, value)


def _refuse(_name: str) -> None:
    raise OSError("no backend of a user is asked by a test")


def _account(home: str) -> SimpleNamespace:
    return SimpleNamespace(pw_dir=home, pw_name="user", pw_uid=os.getuid(), pw_gid=os.getgid())


class _Unbuffered:
    def write(self, text: str) -> None:
        os.write(2, text.encode())

    def flush(self) -> None:
        return


class _Vault:
    """What the kernel's keyring says, with a key of any length in it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def read(self, size: int) -> bytes:
        if len(self._key) != size:
            raise OSError("no key, or one of another length")
        return self._key


def _second(request: dict[str, Any]) -> NoReturn:
    wall_s, up_s, boot = request["clock"]
    top = os.fsencode(request["top"])
    system = second_settings.System(
        wall_s=wall_s,
        up_s=up_s,
        boot=boot.encode(),
        passwd_home=os.fsencode(request["passwd_home"]),
        kernel_key=lambda: bytes.fromhex(request["kernel"]) or None,
        run_user=top + b"/run",
        shared_memory=top + b"/shm",
    )
    environ = {os.fsencode(name): os.fsencode(value) for name, value in request["environ"].items()}
    try:
        code = second_reader.main(os.fsencode(request["profile"]), environ, system)
    except second_settings.RefusedError as refused:
        code = refused.exit_code
    except second_settings.LeftToTheProgramError:
        code = MISS
    os._exit(code)


_READERS: dict[str, Callable[[dict[str, Any]], NoReturn]] = {"program": _program, "second": _second}
