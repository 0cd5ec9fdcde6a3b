"""A pseudo-terminal, and a Python program whose terminal it is."""

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

# The first terminal that a session leader opens becomes the terminal of its session.
_ADOPT = "import os, sys; os.close(os.open(sys.argv.pop(1), os.O_RDWR))\n"


@dataclass
class Terminal:
    """A terminal and the process that runs at it; its stdin is a pipe, not the terminal."""

    master: int
    slave: int
    process: subprocess.Popen[str]

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def shown(self, until: str) -> str:
        """Return what is on the screen as soon as `until` is there."""
        text = ""
        while until not in text:
            text += os.read(self.master, 1024).decode()
        return text

    def has_echo(self) -> bool:
        """Tell whether keys are shown as they are typed."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def wait_for_silence(self) -> None:
        """Wait until keys are no longer shown."""
        while self.has_echo():
            time.sleep(0.01)

    def result(self) -> str:
        """Return the stdout of the process, which must not have written to stderr."""
        output, errors = self.process.communicate(timeout=60)
        assert errors == ""
        return output.strip()


@contextmanager
def at_terminal(code: str, *arguments: str, typed_before: str = "") -> Iterator[Terminal]:
    """Run Python code in a session of its own, at a terminal of its own, where something was typed already."""
    master, slave = os.openpty()
    os.write(master, typed_before.encode())
    process = subprocess.Popen(
        [sys.executable, "-c", _ADOPT + code, os.ttyname(slave), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Terminal(master, slave, process)
    finally:
        process.kill()
        process.communicate()
        os.close(master)
        os.close(slave)


def shown_at_80_columns(command: Sequence[str], environ: Mapping[str, str]) -> bytes:
    """Return what a command shows on a terminal of 80 columns, on its stdout alone."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        command,
        env={**environ, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.DEVNULL,
    ):
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says EIO at the end
            while part := os.read(master, 4096):
                shown += part
    os.close(master)
    return shown


def lines_of(shown: bytes) -> list[str]:
    """Return the lines of what was shown, without the codes for colour and the like."""
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.decode().splitlines()]
