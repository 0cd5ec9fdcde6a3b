"""credhelper and the AWS CLI in forked processes: real arguments, variables, streams, exit codes; loaded once for all.

For each of the two a process has loaded what it can load, and forks it: a command costs a small part of what it costs
from the start of an interpreter. What differs: nothing is loaded any more, the script in bin is left out, and there is
no terminal but the streams. What is about the start (variables that the interpreter or a library obeys, limits,
signals) is tried with whole processes. Programs in the directory `stubs` do the same for what a shell starts.
"""

import functools
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# What the interpreter has obeyed at its start is the same in each of its forks.
_FIXED = {b"LANG": b"C.UTF-8"}
_KNOWN = frozenset(
    b"HOME PATH PWD OLDPWD SHLVL _ TMPDIR USER LOGNAME SHELL TERM COLUMNS LINES NO_COLOR EDITOR VISUAL AWS_PAGER "
    b"HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy COMP_WORDS COMP_CWORD _CREDHELPER_COMPLETE "
    b"XDG_CACHE_HOME XDG_STATE_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME".split()
)
_PREFIXES = (b"AWS_", b"CREDHELPER_")
# Read by botocore and the AWS CLI while they are loaded.
_READ_WHILE_LOADED = frozenset({b"AWS_NEW_RETRIES_2026", b"AWS_DATA_PATH"})
# In place of a home while libraries are loaded, which keep paths in it; nothing can be made below it.
_HOME = "/dev/null/home"
_PATIENCE_S = 60
NUMBER = struct.Struct("=i")
_SERVE = "import sys; sys.path.append(sys.argv[1]); from fakes import forked_main; forked_main.serve()"
_STUB = """#!{python} -IS
import os, sys, _socket
with_whole = [{program!r}, *sys.argv[1:]]
words = [os.getcwdb(), b"%d" % (len(sys.argv) - 1), *map(os.fsencode, sys.argv[1:])]
body = b"\\0".join(words + [name + b"=" + value for name, value in os.environb.items()])
server = _socket.socket(_socket.AF_UNIX)
server.connect({path!r})
fds = b"".join(fd.to_bytes(4, sys.byteorder) for fd in (0, 1, 2))
server.sendmsg([len(body).to_bytes(4, sys.byteorder)], [(_socket.SOL_SOCKET, 1, fds)])
sent = 0
while sent < len(body):
    sent += server.send(body[sent:])
if int.from_bytes(server.recv(4), sys.byteorder, signed=True) < 0:
    os.execv(with_whole[0], with_whole)
code = int.from_bytes(server.recv(4), sys.byteorder, signed=True)
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


def can_run(environ: Mapping[str, str]) -> bool:
    """Tell whether none of these variables matters before the program's first line, or while libraries are loaded."""
    whole = {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
    return has_forks() and are_harmless(whole)


@functools.cache
def has_forks() -> bool:
    """Tell whether the end of any process can be waited for here: on Linux, where nothing forbids the call."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def are_harmless(environ: Mapping[bytes, bytes]) -> bool:
    """Tell the same of variables in bytes."""
    return (
        environ.get(b"HOME", b"")[:1] == b"/"
        and all(environ.get(name) == value for name, value in _FIXED.items())
        and all(is_known(name) for name in environ.keys() - _FIXED)
    )


def is_known(name: bytes) -> bool:
    """Tell whether it is a variable that nothing obeys before it is looked up."""
    return name in _KNOWN or (name.startswith(_PREFIXES) and name not in _READ_WHILE_LOADED)


class ForkServer:
    """The process that forks one program, `credhelper` or `aws`; it ends with the one that has started it."""

    def __init__(self, name: str) -> None:
        self.path = os.path.join(tempfile.mkdtemp(prefix="forks-"), "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.path)
            listener.listen(64)
            theirs, self._life = os.pipe()
            environ = {os.fsdecode(one): os.fsdecode(value) for one, value in _FIXED.items()}
            tests, fds = str(Path(__file__).parents[1]), [theirs, listener.fileno()]
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _SERVE, tests, sys.prefix, name, *map(str, fds)],
                env={**environ, "HOME": _HOME},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=fds,
            )
            os.close(theirs)

    def run(
        self, command: Sequence[str], arguments: Sequence[str], environ: Mapping[str, str], cwd: str
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run the program with these arguments to its end; `command` is what would have been started otherwise."""
        return _run(self.path, command, arguments, environ, cwd)

    def close(self) -> None:
        """End it; it removes its directory."""
        os.close(self._life)
        self.process.wait(_PATIENCE_S)


_lock = threading.Lock()
_servers: dict[str, ForkServer] = {}


def server(name: str) -> ForkServer:
    """Return the one of this process for a program."""
    with _lock:
        if name not in _servers:
            _servers[name] = ForkServer(name)
        return _servers[name]


def stubs(directory: Path, *names: str) -> Path:
    """Write programs of these names into a directory: what a shell finds there is forked, where that may be."""
    directory.mkdir(exist_ok=True)
    for name in names:
        stub = directory / name
        program = str(Path(sys.executable).with_name(name))
        if has_forks():
            stub.write_text(_STUB.format(python=sys.executable, program=program, path=server(name).path))
            stub.chmod(0o755)
        else:
            stub.symlink_to(program)
    return directory


class Lines:
    """In place of `subprocess` for commands/profile/trial: a line of this installation is forked.

    What the program takes away from its own variables first is not in its way.
    """

    DEVNULL = subprocess.DEVNULL
    TimeoutExpired = subprocess.TimeoutExpired

    def __init__(self, starter: str, path: Callable[[], str]) -> None:
        self._starter = starter
        self._path = path

    def run(self, words: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
        """Start a line."""
        environ = {name: value for name, value in os.environ.items() if is_known(os.fsencode(name))}
        environ |= {os.fsdecode(name): os.fsdecode(value) for name, value in _FIXED.items()}
        if self._starter not in words or not can_run(environ):
            return subprocess.run(words, **options)  # noqa: PLW1510 - the caller says so
        arguments = words[words.index(self._starter) + 1 :]
        return _run(self._path(), words, arguments, environ, os.getcwd())


def close() -> None:
    """End all that this process has started."""
    while _servers:
        _servers.popitem()[1].close()


def _run(
    path: str, command: Sequence[str], arguments: Sequence[str], environ: Mapping[str, str], cwd: str
) -> "subprocess.CompletedProcess[bytes]":
    sys.audit("subprocess.Popen", command[0], list(command), cwd, dict(environ))  # so the leak check sees a start
    variables = [f"{name}={value}" for name, value in environ.items()]
    body = b"\0".join(os.fsencode(word) for word in (cwd, str(len(arguments)), *arguments, *variables))
    readers, writers = zip(*(os.pipe() for _ in range(3)), strict=True)
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(path)
            with open(os.devnull, "rb") as null:
                socket.send_fds(server, [NUMBER.pack(len(body))], [null.fileno(), *writers])
            server.sendall(body)
            pid: int = NUMBER.unpack(receive(server, NUMBER.size))[0]
        finally:
            for fd in writers:
                os.close(fd)
        try:
            stdout, stderr, record, code = _read((*readers, server.fileno()), command)
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            for fd in readers:
                os.close(fd)
    sys.audit("leak_check.output", list(command), stdout, stderr)
    for line in record.splitlines():
        kind, _, words = line.partition(b" ")
        sys.audit("leak_check.words", kind.decode(), bytes.fromhex(words.decode()))
    return subprocess.CompletedProcess(list(command), NUMBER.unpack(code)[0], stdout, stderr)


def _read(fds: Sequence[int], command: Sequence[str]) -> list[bytes]:
    """Return what was written to each, once all are closed."""
    parts: dict[int, list[bytes]] = {fd: [] for fd in fds}
    end_s = time.monotonic() + _PATIENCE_S
    with selectors.DefaultSelector() as selector:
        for fd in fds:
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(max(0.0, end_s - time.monotonic())):
                chunk = os.read(key.fd, 1 << 16)
                if chunk:
                    parts[key.fd].append(chunk)
                else:
                    selector.unregister(key.fd)
            if time.monotonic() > end_s:
                raise subprocess.TimeoutExpired(command, _PATIENCE_S)
    return [b"".join(part) for part in parts.values()]


def receive(stream: socket.socket, size: int) -> bytes:
    """Return so many bytes; raises EOFError if the other side ends before."""
    data = b""
    while len(data) < size:
        chunk = stream.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data
