"""A person at a terminal: a command in a session of its own, whose terminal is a pseudo-terminal, and what is typed."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from fakes.home import PROGRAM, Home

# The first terminal that the leader of a session opens becomes the session's own.
_ADOPT = "import os, sys; os.close(os.open(sys.argv[1], os.O_RDWR)); os.execv(sys.argv[2], sys.argv[2:])"
_PATIENCE_S = 30.0
# One that `fork_server` does not know: what it would fork has no terminal.
AT_TERMINAL = {"AT_TERMINAL": "yes"}


class Typist:
    """`with Typist(home, ["login", "prod-s3"]) as person: person.wait_for("): "); person.type("123456")`."""

    def __init__(
        self,
        home: Home,
        arguments: Sequence[str] = (),
        command: Sequence[str] = (),
        *,
        is_standard: bool = False,
        **environ: str,
    ) -> None:
        """Start the command; with `is_standard` the terminal is its stdin, stdout and stderr as well."""
        self._master, slave = os.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _ADOPT, os.ttyname(slave), *(command or (*PROGRAM, *arguments))],
            env={**home.environ, **AT_TERMINAL, **environ},
            cwd=home.path,
            stdin=slave if is_standard else subprocess.DEVNULL,
            stdout=slave if is_standard else subprocess.PIPE,
            stderr=slave if is_standard else subprocess.PIPE,
            start_new_session=True,
        )
        self._slave = slave

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()
        os.close(self._master)
        os.close(self._slave)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until the terminal has shown the text so many times."""
        end_s = time.monotonic() + _PATIENCE_S
        while self.seen.count(text) < times:
            assert time.monotonic() < end_s, self.seen
            assert self.look() or self.process.poll() is None, (self.seen, self.process.communicate())

    def type(self, text: str) -> None:
        """Type a line, once the terminal is silent."""
        os.write(self._master, f"{text}\n".encode())

    def press(self, keys: str) -> None:
        """Press keys, without Enter after them."""
        os.write(self._master, os.fsencode(keys))

    def result(self) -> tuple[int, str, str]:
        """Return the exit code, stdout and stderr."""
        output, errors = self.process.communicate(timeout=_PATIENCE_S)
        while self.look():
            pass
        return self.process.returncode, (output or b"").decode(), (errors or b"").decode()

    def look(self) -> bool:
        """Note what the terminal shows now; False if nothing new comes in a moment."""
        if not select.select([self._master], [], [], 0.05)[0]:
            return False
        self.seen += os.read(self._master, 4096).decode(errors="replace")
        return True
