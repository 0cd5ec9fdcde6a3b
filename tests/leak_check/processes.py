"""What processes show: the command lines of all of them, the variables we set, and what they write to their pipes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from leak_check import record_processes
from leak_check.findings import Findings
from leak_check.logs import is_ours_on_the_stack

# Where the words of a start are among the arguments of its audit event, and where its variables are.
_STARTS = {"subprocess.Popen": (1, 3), "os.exec": (1, 2), "os.posix_spawn": (1, 2), "os.system": (0, None)}
# What the fake that forks the program tells of its own accord: the pipes, and what the program has started.
_OUTPUT, _WORDS = "leak_check.output", "leak_check.words"
_HANDING_OUT = ({"get"}, {"exec"}, {"env"}, {"console", "--print"}, {"console", "--json"})

Word = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Words = Word | Iterable[Word]


class Processes:
    """Everything that the test process starts, from `start` to `close`."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._is_running = False
        self._recording = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the session
        self._recorder: subprocess.Popen[bytes] | None = None
        self._communicate = subprocess.Popen.communicate

    def start(self) -> None:
        """Look at every process from here on; not to be called twice in a process, as audit hooks are for ever."""
        self._is_running = True
        if sys.platform == "linux":
            self._recorder = self._record()
        # No test can forget to have its pipes looked at.
        subprocess.Popen.communicate = _communicate(self._communicate, self.look_at_pipes)  # type: ignore[method-assign]  # taken back by `close`
        sys.addaudithook(self._on_audit_event)

    def read_recording(self) -> None:
        """Look at what the recorder has written since the last call."""
        for line in self._recording.read().splitlines():
            kind, _, words = line.partition(b" ")
            self.look_at_words(kind.decode(), bytes.fromhex(words.decode()))

    def look_at_words(self, kind: str, words: bytes) -> None:
        """Look at words with a NUL between them, of a command line or an environment."""
        first = words.partition(b"\0")[0].partition(b"=")[0]
        self._findings.look(kind, os.path.basename(first).decode("utf-8", "replace"), words)

    def look_at_pipes(self, args: Words, stdout: bytes, stderr: bytes) -> None:
        """Look at what a process has written; not at the stdout of a command that hands credentials out.

        Nor at what credhelper itself reads from a program: that is an input, and what it makes of it is looked at.
        """
        if is_ours_on_the_stack():
            return
        words = _encoded(args)
        name = os.path.basename(words.partition(b"\0")[0]).decode("utf-8", "replace")
        self._findings.look("stderr", name, stderr)
        given = set(words.replace(b"\0", b" ").decode("latin-1").split())
        if b"credhelper" in words and not any(needed <= given for needed in _HANDING_OUT):
            self._findings.look("stdout", name, stdout)

    def look_at_start(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at the words of a process that is being started, and at the variables that credhelper adds to ours."""
        words, variables = _STARTS[event]
        self.look_at_words("argv", _encoded(arguments[words]))
        environ = arguments[variables] if variables is not None else None
        if environ and is_ours_on_the_stack():
            self.look_at_words("environ", _added(environ))

    def close(self) -> None:
        """Stop looking; the audit hook does nothing from here on."""
        self._is_running = False
        subprocess.Popen.communicate = self._communicate  # type: ignore[method-assign]  # as it was
        if self._recorder is not None:
            self._recorder.terminate()
            self._recorder.wait()
        self._recording.close()

    def _on_audit_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_running:
            return
        if event in _STARTS:
            self.look_at_start(event, arguments)
        elif event == _OUTPUT:
            self.look_at_pipes(*arguments)
        elif event == _WORDS:
            self.look_at_words(*arguments)

    def _record(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-I", "-S", str(Path(record_processes.__file__)), str(os.getpid())]
        # A description of its own, so that writing does not move where we read.
        with open(f"/proc/self/fd/{self._recording.fileno()}", "wb") as writing:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writing, env={})


def _communicate(original: Callable[..., Any], look: Callable[[Words, bytes, bytes], None]) -> Callable[..., Any]:
    def communicate(process: "subprocess.Popen[Any]", *arguments: Any, **named: Any) -> Any:
        output = original(process, *arguments, **named)
        stdout, stderr = (text.encode() if isinstance(text, str) else text or b"" for text in output)
        look(process.args, stdout, stderr)
        return output

    return communicate


def _encoded(words: Words) -> bytes:
    if isinstance(words, (str, bytes, os.PathLike)):
        return os.fsencode(words)
    return b"\0".join(os.fsencode(word) for word in words)


def _added(environ: Mapping[Any, Any]) -> bytes:
    """Return the variables that this process has not inherited itself."""
    own = {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
    return b"\0".join(name + b"=" + value for name, value in own.items() if os.environb.get(name) != value)
