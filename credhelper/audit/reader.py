"""The audit trail, read back: both files, oldest first, and then new lines as they are added."""

import json
import os
from collections.abc import Callable, Iterator, Mapping

from credhelper.audit import trail
from credhelper.settings import Settings
from credhelper.system import files

Line = Mapping[str, object]
_LIMIT = 4 * trail.MAXIMUM_SIZE
_LOOK_EVERY_S = 0.2


def read(settings: Settings, profile: str | None = None) -> Iterator[Line]:
    """Yield the recorded lines, oldest first; text that is not a record is left out."""
    path = trail.log_path(settings)
    for one in (f"{path}.1", path):
        yield from _wanted(_content(one), profile)


def follow(settings: Settings, sleep: Callable[[float], None], profile: str | None = None) -> Iterator[Line]:
    """Yield lines as they are recorded, from now on and without end; nothing is lost when the file is full."""
    path = trail.log_path(settings)
    file, position = _state(path)
    while True:
        sleep(_LOOK_EVERY_S)
        now, size = _state(path)
        if now != file:
            # The file has become the previous one: first the rest of it, unless it has gone altogether.
            if _state(f"{path}.1")[0] == file:
                yield from _wanted(_content(f"{path}.1")[position:], profile)
            file, position = now, 0
        if size > position:
            content = _content(path)
            complete = content.rfind(b"\n") + 1
            yield from _wanted(content[position:complete], profile)
            position = max(position, complete)


def _state(path: str) -> tuple[int, int]:
    """Return inode and size of the file, zeros without one."""
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:
        return 0, 0
    return status.st_ino, status.st_size


def _content(path: str) -> bytes:
    """Return what the file holds, nothing if it is not private or cannot be read."""
    try:
        return files.read_private(path, _LIMIT)
    except OSError:
        return b""


def _wanted(content: bytes, profile: str | None) -> Iterator[Line]:
    for text in content.splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and profile in (None, line.get("profile")):
            yield line
