"""What the config file held before each of the last edits, so that an edit can be undone. Private and bounded.

One file per edit in the state directory: a line of JSON, then the old bytes. Only ever the config file; of the
credentials file no byte is kept. An edit of both files is noted with the command that reverts it.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

from credhelper.awsconfig.file.config_file import Content
from credhelper.system import files, ownership

_MAXIMUM_EDITS = 20
_MAXIMUM_BYTES = 8 << 20
_MAXIMUM_LINEAGE = 256
_READ_LIMIT = 1 << 28
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One edit: the bytes before it and the digest after it.

    `lineage` has the shortened digests of the states this one grew from without a foreign write in between. `instead`
    has the words of the `credhelper profile` command that reverts an edit of both files, none for any other edit.
    """

    number: int
    before: Content
    after: str
    lineage: tuple[str, ...]
    instead: tuple[str, ...] = ()

    def leads_from(self, one: str, other: str) -> bool:
        """Tell whether the state of the second digest grew from that of the first by credhelper's edits only."""
        states = self.lineage[::-1]
        first, second = one[:_SHORT], other[:_SHORT]
        return first in states and second in states and states.index(second) <= states.index(first)


class History:
    """The snapshots of one config file; used only under that file's lock."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def all(self) -> Iterator[Snapshot]:
        """Yield the edits, the last one first, as far as they can be read."""
        for number in reversed(self._numbers()):
            if snapshot := self._load(number):
                yield snapshot

    def newest(self) -> Snapshot | None:
        """Return the last edit, None if there is none that can be read."""
        return next(self.all(), None)

    def push(
        self,
        before: Content,
        after: Content,
        newest: Snapshot | None,
        *,
        durable: bool,
        instead: tuple[str, ...] = (),
    ) -> Snapshot:
        """Keep the bytes before an edit that is about to be made; raises OSError."""
        ownership.make_private_directory(self.directory)
        number = newest.number + 1 if newest else 1
        snapshot = Snapshot(number, before, after.digest, _lineage(before, after, newest), instead)
        header: dict[str, object] = {"existed": before.exists, "after": after.digest, "lineage": snapshot.lineage}
        header |= {"instead": instead} if instead else {}
        content = json.dumps(header, separators=(",", ":")).encode("ascii") + b"\n" + before.data
        temporary = os.path.join(self.directory, "new.tmp")
        files.replace_private(self._path(number), content, temporary, durable=durable)
        self._forget_old()
        return snapshot

    def drop_since(self, snapshot: Snapshot) -> None:
        """Forget an edit that is undone or was never made, and what came after it."""
        for number in self._numbers():
            if number >= snapshot.number:
                files.unlink_quietly(self._path(number))

    def _path(self, number: int) -> str:
        return os.path.join(self.directory, f"{number:08d}")

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self.directory)
        except OSError:
            return []
        return sorted(int(name) for name in names if name.isdecimal())

    def _load(self, number: int) -> Snapshot | None:
        """Return a snapshot, None if it is damaged: that edit cannot be undone, other edits are not affected."""
        try:
            first, _, data = files.read_private(self._path(number), _READ_LIMIT).partition(b"\n")
            header = json.loads(first)
            before = Content(data, exists=bool(header["existed"]))
            instead = tuple(map(str, header.get("instead", ())))
            return Snapshot(number, before, str(header["after"]), tuple(header["lineage"]), instead)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def _forget_old(self) -> None:
        total = 0
        for place, number in enumerate(reversed(self._numbers())):
            with contextlib.suppress(OSError):
                total += os.stat(self._path(number)).st_size
                if place >= _MAXIMUM_EDITS or (place and total > _MAXIMUM_BYTES):
                    files.unlink_quietly(self._path(number))


def _lineage(before: Content, after: Content, newest: Snapshot | None) -> tuple[str, ...]:
    previous = newest.lineage if newest is not None and newest.after == before.digest else (before.digest[:_SHORT],)
    return (*previous[1 - _MAXIMUM_LINEAGE :], after.digest[:_SHORT])
