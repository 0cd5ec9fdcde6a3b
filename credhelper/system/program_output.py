"""What a program writes, read up to a limit: one that never ends its output must not take all memory."""

import os
import selectors
import subprocess
import sys
import time

LIMIT = 1 << 20
_CHUNK = 1 << 16


class TooMuchOutputError(ValueError):
    """The program wrote more than LIMIT."""


def communicate(process: "subprocess.Popen[bytes]", end_s: float, limit: int = LIMIT) -> tuple[bytes, bytes]:
    """Return stdout and stderr of a program, once it has ended; its stdin is not touched.

    Raises TimeoutExpired if it has not ended at `end_s` (of time.monotonic), and TooMuchOutputError; the caller then
    ends it.
    """
    if sys.platform == "win32":  # no selector takes a pipe there
        return process.communicate(timeout=max(0.0, end_s - time.monotonic()))
    read: dict[int, list[bytes]] = {}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ)
                read[stream.fileno()] = []
        while selector.get_map():
            ready = selector.select(_left_s(process, end_s))
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if chunk:
                    read[key.fd].append(chunk)
                    if sum(map(len, read[key.fd])) > limit:
                        raise TooMuchOutputError("the program writes without end")
                else:
                    selector.unregister(key.fileobj)
    process.wait(_left_s(process, end_s))
    output, errors = (b"".join(read[stream.fileno()]) if stream else b"" for stream in (process.stdout, process.stderr))
    return output, errors


def _left_s(process: "subprocess.Popen[bytes]", end_s: float) -> float:
    left_s = end_s - time.monotonic()
    if left_s <= 0:
        raise subprocess.TimeoutExpired(process.args, 0)
    return left_s
