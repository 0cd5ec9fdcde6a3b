"""One edit of ~/.aws/config, from the lock to the read-back: a reader sees the old bytes or the new ones.

    resolve → lock → read → change → keep the old bytes → replace → release → read back a moment later

The lock keeps credhelper's processes apart. Other programs take none (aws-cli truncates and writes in place), so the
file is compared with what was read just before the rename, and with what was written a moment after it. Where another
program wrote, the edit is made again on top of its bytes.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from credhelper.awsconfig.document.diff import unified_diff
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.atomic_replace import MovedError, overwrite, replace
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.file.edit_checks import naming, require_harmless, was_undone
from credhelper.awsconfig.file.history import History, Snapshot
from credhelper.errors import InputError, MachineError
from credhelper.model.shell import word
from credhelper.system import lock
from credhelper.system.lock import LockTimeoutError, hold

Change = Callable[[Document], Document | None]
Parse = Callable[[bytes], Document]

LIMIT = config_file.LIMIT
LARGE_LIMIT = config_file.LARGE_LIMIT
_TIMEOUT_S = 30.0
ATTEMPTS = 20
PAUSE_S = 0.02
_LINGER_S = 0.05
# Commands of `Snapshot.instead` that revert nothing: there is none that does.
_LOOKS = ("list", "show")


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit did to which file, or would do (`is_dry_run`); `remarks` are warnings for the user.

    `names` are the profiles that the edit is about, where a command chose them; `others` what it did to another file.
    """

    path: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    remarks: tuple[str, ...] = ()
    is_dry_run: bool = False
    names: tuple[str, ...] = ()
    others: tuple["EditResult", ...] = ()

    @property
    def changed(self) -> bool:
        """Tell whether there was anything to change."""
        return self.before != self.after or any(other.changed for other in self.others)

    @property
    def changed_paths(self) -> list[str]:
        """The files that the edit changed."""
        own = [self.path] if self.before != self.after else []
        return own + [path for other in self.others for path in other.changed_paths]

    def diff(self) -> str:
        """Return the edit as a unified diff, "" where nothing changes."""
        diffs = [unified_diff(self.before, self.after, self.path), *(other.diff() for other in self.others)]
        return "\n".join(filter(None, diffs))


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOptions:
    """How to make an edit. `in_place` allows what cannot be atomic; `is_dry_run` makes no edit at all.

    `limit` is the largest file in bytes; `timeout_s` how long to wait for the lock; `linger_s` how long to wait before
    the file is read back.
    """

    limit: int = LIMIT
    in_place: bool = False
    is_dry_run: bool = False
    timeout_s: float = _TIMEOUT_S
    linger_s: float = _LINGER_S
    sleep: Callable[[float], None] = field(default=time.sleep)
    rename: Callable[[str, str], None] = field(default=os.replace)


_DEFAULT = EditOptions()


def edit(path: str, change: Change, state_dir: str, options: EditOptions = _DEFAULT) -> EditResult:
    """Change the file at `path` and return what was done; raises InputError or MachineError, and then nothing was.

    `change` gets the document and returns the one to write, or None to leave the file alone. It is called again if
    another program wrote to the file meanwhile. `state_dir` holds the lock and the history.
    """
    if options.is_dry_run:
        return _preview(path, change, options.limit)
    file = EditedFile(config_file.resolve(path), state_dir, options)
    result = file.edit(change)
    for _ in range(ATTEMPTS):
        if not result.changed or file.has_settled(result):
            return result
        with contextlib.suppress(InputError):  # it says that the change is there after all
            result = file.edit(change)
    return result


def _preview(path: str, change: Change, limit: int) -> EditResult:
    target = config_file.resolve(path)
    content = config_file.read(target, limit)
    with naming(target):
        before = Document.parse(content.data)
    changed = change(before)
    after = content.data if changed is None else changed.to_bytes()
    return EditResult(target, content.data, after, is_dry_run=True)


def undo(path: str, state_dir: str, options: EditOptions = _DEFAULT, *, is_forced: bool = False) -> EditResult:
    """Restore the bytes before our last edit of the file at `path`.

    Raises InputError if there is no edit to undo, or the file has changed since and `is_forced` is not set.
    """
    return EditedFile(config_file.resolve(path), state_dir, options).undo(is_forced=is_forced)


class EditedFile:
    """One real file with its lock and its history."""

    def __init__(self, target: str, state_dir: str, options: EditOptions, parse: Parse = Document.parse) -> None:
        key = hashlib.sha256(os.fsencode(target)).hexdigest()[:32]
        self.target = target
        self._options = options
        self._parse = parse
        self._lock = os.path.join(state_dir, "locks", f"config-{key}.lock")
        self.history = History(os.path.join(state_dir, "undo", key))

    def edit(self, change: Change) -> EditResult:
        """Make an edit of this file, again where another program writes meanwhile."""
        for _ in range(ATTEMPTS):
            with contextlib.suppress(MovedError), self.locked():
                return self._edit_once(change)
            self._options.sleep(PAUSE_S)
        raise MachineError("another program keeps writing to the config file", hint="close it and try again")

    def _edit_once(self, change: Change) -> EditResult:
        config_file.require_editable(self.target)
        newest = self.history.newest()
        content = self.read(newest)
        with naming(self.target):
            before = self._parse(content.data)
        after = change(before)
        if after is None or after == before:
            return EditResult(self.target, content.data, content.data)
        require_harmless(before, after)
        return self._write(content, Content(after.to_bytes(), exists=True), newest)

    def read(self, newest: Snapshot | None) -> Content:
        """Return what the file holds once no program is writing it."""
        known = newest.after if newest else None
        return config_file.read_settled(self.target, self._options.limit, known, sleep=self._options.sleep)

    def _write(self, before: Content, after: Content, newest: Snapshot | None) -> EditResult:
        with self.explained():
            with self.kept():
                snapshot = self.history.push(before, after, newest, durable=self._options.in_place)
            with self.dropped_on_failure(snapshot):
                remarks = self.put(before, after.data)
        return EditResult(self.target, before.data, after.data, remarks)

    def put(self, before: Content, data: bytes) -> tuple[str, ...]:
        """Write the new bytes and return warnings; raises OSError or MovedError, and then the old ones are there."""
        if self._options.in_place and before.exists:
            return overwrite(self.target, before, data)
        return replace(self.target, before, data, rename=self._options.rename, sleep=self._options.sleep)

    def has_settled(self, result: EditResult) -> bool:
        """Read back, a moment later, and tell whether the edit is there or was followed by credhelper's edits only.

        A program that read the file before our edit and writes it afterwards overwrites the edit without knowing.
        """
        self._options.sleep(self._options.linger_s)
        written = Content(result.after, exists=True)
        with self.explained():
            if config_file.is_still(self.target, written):
                return True
        current = config_file.read(self.target, LARGE_LIMIT)
        newest = self.history.newest()
        if newest is not None and newest.leads_from(written.digest, current.digest):
            return True
        old, new = self._parse(result.before), self._parse(result.after)
        return not was_undone(old, new, current.data, self._parse)

    def undo(self, *, is_forced: bool) -> EditResult:
        """Restore the bytes before the last edit of this file."""
        is_dry_run = self._options.is_dry_run
        with self.locked():
            current = config_file.read(self.target, LARGE_LIMIT)
            snapshot = self._last_made(current, is_forced=is_forced)
            remarks = () if is_dry_run else self._restore(current, snapshot)
            return EditResult(self.target, current.data, snapshot.before.data, remarks, is_dry_run)

    def _last_made(self, current: Content, *, is_forced: bool) -> Snapshot:
        for snapshot in self.history.all():
            # Where the old bytes are in place, a crash came before the new ones were: that edit was never made.
            if snapshot.before == current and snapshot.after != current.digest:
                continue
            if snapshot.after == current.digest or is_forced:
                _require_undoable(snapshot)
                return snapshot
            raise InputError(
                "the config file has changed since credhelper's last edit",
                hint="see what would be undone: credhelper profile undo --force --dry-run",
            )
        raise InputError("there is no edit to undo", hint="credhelper profile list")

    def _restore(self, current: Content, snapshot: Snapshot) -> tuple[str, ...]:
        config_file.require_editable(self.target)
        try:
            with self.explained():
                if snapshot.after != current.digest:
                    newest = self.history.newest()
                    with self.kept():
                        self.history.push(current, snapshot.before, newest, durable=True)
                remarks = self.put(current, snapshot.before.data) if snapshot.before.exists else ()
                if not snapshot.before.exists:
                    os.unlink(self.target)
                if snapshot.after == current.digest:
                    self.history.drop_since(snapshot)
        except MovedError:
            raise MachineError("another program is writing to the config file", hint="try again") from None
        return remarks

    @contextlib.contextmanager
    def dropped_on_failure(self, snapshot: Snapshot) -> Iterator[None]:
        """Forget an edit that was not made."""
        try:
            yield
        except (OSError, MovedError):
            with contextlib.suppress(OSError):
                self.history.drop_since(snapshot)
            raise

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Explain what keeps the old bytes from being kept: another place than the file's, perhaps another disk."""
        try:
            yield
        except OSError as error:
            directory = self.history.directory
            reason = (error.strerror or "an error").lower()
            raise MachineError(
                f"{self.target} is unchanged: what it held cannot be kept in {directory}: {reason}",
                hint=config_file.explain(error, os.path.join(directory, "undo")).hint,
            ) from error

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Say what an errno means for this file."""
        try:
            yield
        except OSError as error:
            raise config_file.explain(error, self.target) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other credhelpers from editing this file."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(hold(self._lock, self._options.timeout_s))
            except LockTimeoutError:
                raise MachineError(
                    f"another credhelper has been editing {self.target} for {self._options.timeout_s:.0f} s",
                    hint="wait for it to end",
                ) from None
            except OSError as error:
                raise _no_lock(error, self._lock) from error
            yield


def _require_undoable(snapshot: Snapshot) -> None:
    if not snapshot.instead:
        return
    command = f"credhelper profile {' '.join(map(word, snapshot.instead))}"
    raise InputError(
        "the last edit changed the credentials file as well, of which no copy is kept, so that it cannot be undone",
        hint=f"see it: {command}" if snapshot.instead[0] in _LOOKS else f"revert it: {command}",
    )


def _no_lock(error: OSError, path: str) -> MachineError:
    reason, directory = (error.strerror or "an error").lower(), os.path.dirname(path)
    place = f"{error.filename}: " if error.filename and error.filename not in (directory, path) else ""
    return MachineError(
        f"the config file is unchanged: cannot lock it in {directory}: {place}{reason}",
        hint=lock.cure(error, path, "XDG_STATE_HOME"),
    )
