"""The audit trail, read back: both files, oldest first, and then whatever is added."""

import json
import os
from collections.abc import Callable, Iterator, Mapping

from credhelper import audit, fsio
from credhelper.settings import Settings

Line = Mapping[str, object]
_LIMIT = 4 * audit.MAXIMUM_SIZE


def read(own: Settings, profile: str | None = None) -> Iterator[Line]:
    """Yield the recorded hand-outs, oldest first; lines that are no record of ours are left out."""
    path = audit.log_path(own)
    for one in (f"{path}.1", path):
        try:
            content = fsio.read_private(one, _LIMIT)
        except OSError:
            continue
        yield from _wanted(content, profile)


def follow(own: Settings, sleep: Callable[[float], None], profile: str | None = None) -> Iterator[Line]:
    """Yield hand-outs as they are recorded, from now on and for ever; follows the file when it is replaced."""
    path = audit.log_path(own)
    position = _size(path)
    while True:
        sleep(0.2)
        size = _size(path)
        if size < position:
            position = 0
        if size == position:
            continue
        try:
            content = fsio.read_private(path, _LIMIT)
        except OSError:
            continue
        complete = content.rfind(b"\n") + 1
        yield from _wanted(content[position:complete], profile)
        position = max(position, complete)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _wanted(content: bytes, profile: str | None) -> Iterator[Line]:
    for text in content.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and profile in (None, line.get("profile")):
            yield line
