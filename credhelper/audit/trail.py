"""The audit trail: one line each time credentials are issued, never a secret. Errors in it are ignored.

One JSON object per line in a private file that is bounded in size: at MAXIMUM_SIZE it becomes the previous file, of
which one is kept. Every hit passes here, so the line is put together without the json module.
"""

import os
import sys
import time

from credhelper.system import files

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

    from credhelper.settings import Settings

MAXIMUM_SIZE = 1 << 20
HIT, MISS, REFRESH, DENIED, FAILED = "hit", "miss", "refresh", "denied", "failed"


def log_path(settings: "Settings") -> str:
    """Return the current file; the previous one has `.1` behind it."""
    return os.path.join(settings.state_dir, "handouts.jsonl")


def record(settings: "Settings", fields: "Mapping[str, str | int]") -> None:
    """Append one line, with the time and the process that asked; never raises OSError."""
    if not settings.is_logging:
        return
    parent = os.getppid()
    complete = {
        "time": format_time(time.time()),
        **fields,
        "caller_pid": parent,
        "caller": _program(parent),
    }
    line = "{" + ",".join([f'"{name}":{_value(value)}' for name, value in complete.items()]) + "}\n"
    try:
        _append(log_path(settings), line.encode("ascii"))
    except OSError:
        return


def format_time(seconds: float) -> str:
    """Return seconds since the epoch as in the protocol's documents; `datetime` would cost a hit 1 ms."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _append(path: str, line: bytes) -> None:
    try:
        fd = files.open_private_log(path)
    except FileNotFoundError:
        from credhelper.system import ownership  # a hit does without it

        ownership.make_private_directory(os.path.dirname(path))
        fd = files.open_private_log(path)
    try:
        # One write in append mode: lines of two processes never mix.
        os.write(fd, line)
        if os.fstat(fd).st_size >= MAXIMUM_SIZE:
            _keep_as_previous(path, fd)
    finally:
        os.close(fd)


def _keep_as_previous(path: str, fd: int) -> None:
    """Make the full file the previous one, once: of two that find it full, the second must not move its successor."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX)  # held for microseconds, by the process that moves this very file
    if os.stat(path, follow_symlinks=False).st_ino == os.fstat(fd).st_ino:
        os.replace(path, f"{path}.1")


def _program(pid: int) -> str:
    """Return the name of the calling program, "" where the system does not tell; never its arguments."""
    try:
        with open(f"/proc/{pid}/comm", "rb", buffering=0) as file:
            return file.read(64).decode("utf-8", "replace").rstrip("\n")
    except OSError:
        return ""


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    is_plain = value.isascii() and value.isprintable() and '"' not in value and "\\" not in value
    return f'"{value}"' if is_plain else f'"{"".join([_character(one) for one in value])}"'


def _character(one: str) -> str:
    code = ord(one)
    if " " <= one <= "~" and one not in '"\\':
        return one
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
