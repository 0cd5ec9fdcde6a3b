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

from credhelper.awsconfig.document.compare import differing_profiles, only_touched
from credhelper.awsconfig.document.diff import unified_diff
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.atomic_replace import MovedError, overwrite, replace
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.file.history import History, Snapshot
from credhelper.errors import InputError, MachineError
from credhelper.system import lock
from credhelper.system.lock import LockTimeoutError, hold

Change = Callable[[Document], Document | None]

LIMIT = config_file.LIMIT
LARGE_LIMIT = config_file.LARGE_LIMIT
_TIMEOUT_S = 30.0
_ATTEMPTS = 20
_PAUSE_S = 0.02
_LINGER_S = 0.05


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit did to which file, or would do (`is_dry_run`); `remarks` are warnings for the user.

    `names` are the profiles that the edit is about, where a command chose them.
    """

    path: str
    before: bytes
    after: bytes
    remarks: tuple[str, ...] = ()
    is_dry_run: bool = False
    names: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Tell whether there was anything to change."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the edit as a unified diff, "" where nothing changes."""
        return unified_diff(self.before, self.after, self.path)


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
    file = _File(config_file.resolve(path), state_dir, options)
    result = file.edit(change)
    for _ in range(_ATTEMPTS):
        if not result.changed or file.has_settled(result):
            return result
        with contextlib.suppress(InputError):  # it says that the change is there after all
            result = file.edit(change)
    return result


def _preview(path: str, change: Change, limit: int) -> EditResult:
    target = config_file.resolve(path)
    content = config_file.read(target, limit)
    changed = change(Document.parse(content.data))
    after = content.data if changed is None else changed.to_bytes()
    return EditResult(target, content.data, after, is_dry_run=True)


def undo(path: str, state_dir: str, options: EditOptions = _DEFAULT, *, is_forced: bool = False) -> EditResult:
    """Restore the bytes before our last edit of the file at `path`.

    Raises InputError if there is no edit to undo, or the file has changed since and `is_forced` is not set.
    """
    return _File(config_file.resolve(path), state_dir, options).undo(is_forced=is_forced)


class _File:
    """One real file with its lock and its history."""

    def __init__(self, target: str, state_dir: str, options: EditOptions) -> None:
        key = hashlib.sha256(os.fsencode(target)).hexdigest()[:32]
        self._target = target
        self._options = options
        self._lock = os.path.join(state_dir, "locks", f"config-{key}.lock")
        self._history = History(os.path.join(state_dir, "undo", key))

    def edit(self, change: Change) -> EditResult:
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(MovedError), self._locked():
                return self._edit_once(change)
            self._options.sleep(_PAUSE_S)
        raise MachineError("another program keeps writing to the config file", hint="close it and try again")

    def _edit_once(self, change: Change) -> EditResult:
        config_file.require_editable(self._target)
        newest = self._history.newest()
        known = newest.after if newest else None
        content = config_file.read_settled(self._target, self._options.limit, known, sleep=self._options.sleep)
        before = Document.parse(content.data)
        after = change(before)
        if after is None or after == before:
            return EditResult(self._target, content.data, content.data)
        _require_harmless(before, after)
        return self._write(content, Content(after.to_bytes(), exists=True), newest)

    def _write(self, before: Content, after: Content, newest: Snapshot | None) -> EditResult:
        with self._explained():
            with self._kept():
                snapshot = self._history.push(before, after, newest, durable=self._options.in_place)
            with self._dropped_on_failure(snapshot):
                remarks = self._put(before, after.data)
        return EditResult(self._target, before.data, after.data, remarks)

    def _put(self, before: Content, data: bytes) -> tuple[str, ...]:
        if self._options.in_place and before.exists:
            return overwrite(self._target, before, data)
        return replace(self._target, before, data, rename=self._options.rename, sleep=self._options.sleep)

    def has_settled(self, result: EditResult) -> bool:
        """Read back, a moment later, and tell whether the edit is there or was followed by credhelper's edits only.

        A program that read the file before our edit and writes it afterwards overwrites the edit without knowing.
        """
        self._options.sleep(self._options.linger_s)
        written = Content(result.after, exists=True)
        with self._explained():
            if config_file.is_still(self._target, written):
                return True
        current = config_file.read(self._target, LARGE_LIMIT)
        newest = self._history.newest()
        if newest is not None and newest.leads_from(written.digest, current.digest):
            return True
        return not _was_undone(result.before, result.after, current.data)

    def undo(self, *, is_forced: bool) -> EditResult:
        is_dry_run = self._options.is_dry_run
        with self._locked():
            current = config_file.read(self._target, LARGE_LIMIT)
            snapshot = self._last_made(current, is_forced=is_forced)
            remarks = () if is_dry_run else self._restore(current, snapshot)
            return EditResult(self._target, current.data, snapshot.before.data, remarks, is_dry_run)

    def _last_made(self, current: Content, *, is_forced: bool) -> Snapshot:
        for snapshot in self._history.all():
            # Where the old bytes are in place, a crash came before the new ones were: that edit was never made.
            if snapshot.before == current and snapshot.after != current.digest:
                continue
            if snapshot.after == current.digest or is_forced:
                return snapshot
            raise InputError(
                "the config file has changed since credhelper's last edit",
                hint="see what would be undone: credhelper profile undo --force --dry-run",
            )
        raise InputError("there is no edit to undo", hint="credhelper profile list")

    def _restore(self, current: Content, snapshot: Snapshot) -> tuple[str, ...]:
        config_file.require_editable(self._target)
        try:
            with self._explained():
                if snapshot.after != current.digest:
                    newest = self._history.newest()
                    with self._kept():
                        self._history.push(current, snapshot.before, newest, durable=True)
                remarks = self._put(current, snapshot.before.data) if snapshot.before.exists else ()
                if not snapshot.before.exists:
                    os.unlink(self._target)
                if snapshot.after == current.digest:
                    self._history.drop_since(snapshot)
        except MovedError:
            raise MachineError("another program is writing to the config file", hint="try again") from None
        return remarks

    @contextlib.contextmanager
    def _dropped_on_failure(self, snapshot: Snapshot) -> Iterator[None]:
        try:
            yield
        except (OSError, MovedError):
            with contextlib.suppress(OSError):
                self._history.drop_since(snapshot)
            raise

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        """Explain what keeps the old bytes from being kept: another place than the file's, perhaps another disk."""
        try:
            yield
        except OSError as error:
            directory = self._history.directory
            reason = (error.strerror or "an error").lower()
            raise MachineError(
                f"{self._target} is unchanged: what it held cannot be kept in {directory}: {reason}",
                hint=config_file.explain(error, os.path.join(directory, "undo")).hint,
            ) from error

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise config_file.explain(error, self._target) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(hold(self._lock, self._options.timeout_s))
            except LockTimeoutError:
                raise MachineError(
                    f"another credhelper has been editing {self._target} for {self._options.timeout_s:.0f} s",
                    hint="wait for it to end",
                ) from None
            except OSError as error:
                raise _no_lock(error, self._lock) from error
            yield


def _require_harmless(before: Document, after: Document) -> None:
    """Refuse a change of any profile that `change` did not say it would touch."""
    after.require_sound()
    if not only_touched(before, after):
        raise InputError("this edit would change profiles it is not about", hint="credhelper profile check")


def _was_undone(before: bytes, after: bytes, current: bytes) -> bool:
    """Tell whether a profile that was changed from `before` to `after` is now again as it was before.

    A current file that is not whole, because it is being written, counts as undone: the next read decides.
    """
    old, new = Document.parse(before), Document.parse(after)
    try:
        now = Document.parse(current)
        now.require_sound()
    except InputError:
        return True
    names = differing_profiles(old, new)
    reverted = any(now.profile(name) == old.profile(name) for name in names)
    # An edit that changes only bytes (a comment in a removed section) leaves no profile to look at.
    return reverted if names else current == before


def _no_lock(error: OSError, path: str) -> MachineError:
    reason = (error.strerror or "an error").lower()
    return MachineError(
        f"the config file is unchanged: cannot lock it in {os.path.dirname(path)}: {reason}",
        hint=lock.cure(error, path, "XDG_STATE_HOME"),
    )
