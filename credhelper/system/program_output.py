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
    streams = (process.stdout, process.stderr)
    read: list[list[bytes]] = [[], []]
    sizes = [0, 0]
    with selectors.DefaultSelector() as selector:
        for number, stream in enumerate(streams):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, number)
        while selector.get_map():
            for key, _ in selector.select(_left_s(process, end_s)):
                chunk = os.read(key.fd, _CHUNK)
                read[key.data].append(chunk)
                sizes[key.data] += len(chunk)
                if sizes[key.data] > limit:
                    raise TooMuchOutputError("the program writes without end")
                if not chunk:
                    selector.unregister(key.fileobj)
    process.wait(_left_s(process, end_s))
    for stream in streams:
        if stream is not None:
            stream.close()
    return b"".join(read[0]), b"".join(read[1])


def _left_s(process: "subprocess.Popen[bytes]", end_s: float) -> float:
    left_s = end_s - time.monotonic()
    if left_s <= 0:
        raise subprocess.TimeoutExpired(process.args, 0)
    return left_s
