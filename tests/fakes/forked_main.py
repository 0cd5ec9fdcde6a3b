"""The process of `fork_server`: it has loaded a program, and forks it for each connection."""

import contextlib
import functools
import gc
import importlib
import os
import pkgutil
import selectors
import shutil
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, NoReturn

from fakes.fork_server import NUMBER, Lines, are_harmless, receive

_BROKEN = 111
# Above those that a program opens.
_RECORD = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: what runs the program, and what loading it has kept of this process."""

    main: Callable[[], object]
    variables: Mapping[bytes, bytes]
    home: str
    paths: Sequence[tuple[Any, str, Any]]

    def settle(self, environ: Mapping[bytes, bytes]) -> None:
        """Have this process be one that has loaded it with these variables."""
        os.environb.clear()
        os.environb.update({**self.variables, **environ})
        home = os.environ["HOME"].rstrip("/")
        for owner, name, value in self.paths:
            setattr(owner, name, _moved(value, self.home, home))


def serve() -> None:
    """Fork the program for each connection: its number is the answer, and the code that it has ended with."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as a shell leaves it to a program
    tests, prefix, name, life, listening = sys.argv[1:]
    sys.path.append(f"{prefix}/lib/python3.{sys.version_info[1]}/site-packages")
    before, home = dict(os.environb), os.environ["HOME"]
    listener = socket.socket(fileno=int(listening))
    path = listener.getsockname()
    main = _LOADERS[name](prefix)
    if name == "credhelper":
        from credhelper.commands.profile import trial

        vars(trial)["subprocess"] = Lines(f"{prefix}/share/credhelper/get.py", lambda: path)
    sys.path.remove(tests)
    # The AWS CLI sets one for itself.
    added = {key: value for key, value in os.environb.items() if before.get(key) != value}
    program = Loaded(main, added, home, _paths_below(home))
    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(int(life), selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        callers: dict[int, socket.socket] = {}
        while True:
            for key, _ in selector.select():
                if key.fd == int(life):
                    shutil.rmtree(os.path.dirname(path))
                    return
                if key.fileobj is listener:
                    if accepted := _accept(listener, program):
                        pid, callers[pid] = accepted
                        selector.register(callers[pid], selectors.EVENT_READ, pid)
                        selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                elif key.data in callers and key.fileobj is callers[key.data]:
                    # A stub was ended: that was meant for the program.
                    selector.unregister(key.fileobj)
                    os.kill(key.data, signal.SIGTERM)
                elif isinstance(key.fileobj, int):
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    _end(selector, callers.pop(key.data), key.data)


def _accept(listener: socket.socket, program: Loaded) -> tuple[int, socket.socket] | None:
    """Fork the program and return its number and who has asked for it; None where it is to be started as a whole."""
    connection, _ = listener.accept()
    try:
        header, fds, _, _ = socket.recv_fds(connection, NUMBER.size, 4)
        cwd, count, *words = receive(connection, NUMBER.unpack(header)[0]).split(b"\0")
    except (EOFError, OSError, struct.error):  # who asked has been ended
        connection.close()
        return None
    arguments, variables = words[: int(count)], words[int(count) :]
    environ = {name: value for name, _, value in (one.partition(b"=") for one in variables)}
    pid = os.fork() if are_harmless(environ) else -1
    if pid == 0:
        _be_the_program(program, cwd, arguments, environ, fds)
    for fd in fds:
        os.close(fd)
    _tell(connection, pid)
    if pid > 0:
        return pid, connection
    connection.close()
    return None


def _end(selector: selectors.BaseSelector, caller: socket.socket, pid: int) -> None:
    with contextlib.suppress(KeyError):  # who asked has been ended
        selector.unregister(caller)
    _tell(caller, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    caller.close()


def _tell(connection: socket.socket, number: int) -> None:
    try:
        connection.sendall(NUMBER.pack(number))
    except OSError:
        return  # who asked has been ended


def _load_credhelper(prefix: str) -> Callable[[], object]:
    """Load what a command can need; return what runs the program's own script."""
    import credhelper
    from credhelper.system import sites

    sites.see()
    for module in pkgutil.walk_packages(credhelper.__path__, "credhelper."):
        if not module.name.startswith("credhelper.demo") and not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ImportError:
                continue  # of another platform
    from credhelper.aws.session import without_profile

    _load_models(without_profile)
    starter = f"{prefix}/share/credhelper/get.py"
    with open(starter, "rb") as file:
        code = compile(file.read(), starter, "exec")

    def run() -> None:
        sys.argv[0] = starter
        exec(code, {"__name__": "__main__", "__file__": starter})  # noqa: S102 - what the line in the config starts

    return run


def _load_aws(prefix: str) -> Callable[[], object]:
    """Load the AWS CLI; return what its script in bin runs."""
    import site

    site.addsitedir(sys.path[-1])
    clidriver = importlib.import_module("awscli.clidriver")
    importlib.import_module("awscli.handlers")
    import botocore.session

    _load_models(botocore.session.Session)

    def run() -> None:
        sys.argv[0] = f"{prefix}/bin/aws"
        sys.exit(clidriver.main())

    return run


_LOADERS = {"credhelper": _load_credhelper, "aws": _load_aws}


def _load_models(session: Callable[[], Any]) -> None:
    """Have botocore's data in memory; a client of each service has asked for what it needs."""
    from fakes import botocore_data

    botocore_data.keep()
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "none"}
    for service in ("iam", "s3", "sts", "sso", "sso-oidc", "accessanalyzer"):
        session().create_client(service, region_name="us-east-1", **keys)


def _be_the_program(
    program: Loaded, cwd: bytes, arguments: list[bytes], environ: Mapping[bytes, bytes], fds: Sequence[int]
) -> NoReturn:
    try:
        # Without a fourth of them it is a stub that has asked, and the leak check sees what is started in /proc.
        record = os.dup2(fds[3], _RECORD, inheritable=False) if fds[3:] else -1
        high = [os.dup2(fd, _RECORD + 1 + number, inheritable=False) for number, fd in enumerate(fds[:3])]
        for number, fd in enumerate(high):
            os.dup2(fd, number)
            os.close(fd)
        os.closerange(3, _RECORD)
        os.chdir(cwd)
        program.settle(environ)
        sys.argv[1:] = map(os.fsdecode, arguments)
        if record >= 0:
            sys.addaudithook(functools.partial(_note, record, environ))
        program.main()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))
    except BaseException:  # noqa: BLE001 - to be seen on stderr, as any traceback
        os.write(2, traceback.format_exc().encode())
    os._exit(_BROKEN)


def _paths_below(home: str) -> list[tuple[Any, str, Any]]:
    """Return what loaded modules keep of the place of the home: in themselves, their classes, and as defaults."""
    found: list[tuple[Any, str, Any]] = []
    for module in list(sys.modules.values()):
        for owner in (module, *(one for one in vars(module).values() if isinstance(one, type))):
            for name, value in vars(owner).items():
                if isinstance(value, FunctionType) and home in repr(value.__defaults__):
                    found.append((value, "__defaults__", value.__defaults__))
                elif isinstance(value, str | list | tuple) and home in repr(value):
                    found.append((owner, name, value))
    return found


def _moved(value: Any, before: str, home: str) -> Any:
    """Return a path, or several, below another home."""
    if isinstance(value, str):
        return value.replace(before, home)
    return type(value)(_moved(one, before, home) for one in value) if isinstance(value, list | tuple) else value


def _note(record: int, own: Mapping[bytes, bytes], event: str, arguments: tuple[Any, ...]) -> None:
    """Note the words of each program that this one starts, and the variables that it adds to its own for it."""
    if event not in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        return
    words, environ = (arguments[1], arguments[3]) if event == "subprocess.Popen" else arguments[1:3]
    found = {"argv": [os.fsencode(word) for word in ([words] if isinstance(words, str | bytes) else words)]}
    if environ and event != "os.exec":  # which hands out credentials
        added = {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
        found["environ"] = [name + b"=" + value for name, value in added.items() if own.get(name) != value]
    for kind, parts in found.items():
        joined = b"\0".join(parts)
        os.write(record, f"{kind} {joined.hex()}\n".encode())
