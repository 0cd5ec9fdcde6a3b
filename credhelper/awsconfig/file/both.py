"""One edit of ~/.aws/config and ~/.aws/credentials: both are locked, all is worked out, then each step is written.

    resolve → lock both → read both → plan → note what reverts it → write, file by file → release → read back

No file system replaces two files at once. So the plan of an edit is a list of states, each a change of one file, and
the command that makes it sees to it that no profile is someone else in any of them: a crash leaves one of these
states. The plan is made from what is there, also where that is what a crash left: the same edit again ends it. No byte
of the credentials file is written anywhere but beside it, into the file that takes its place.
"""

import contextlib
import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from credhelper.awsconfig.document.credentials_document import CredentialsDocument
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.atomic_replace import MovedError
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.file.edit_checks import naming, require_harmless
from credhelper.awsconfig.file.editor import ATTEMPTS, PAUSE_S, EditedFile, EditOptions, EditResult
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.shell import word

# What a file system says of a file that is a mount point of its own.
_MOUNTED = (errno.EBUSY, errno.EXDEV)


class Pair(NamedTuple):
    """Both files at one moment."""

    config: Document
    credentials: Document


@dataclass(frozen=True, slots=True)
class Plan:
    """The states of both files after each step, the last of them what is wanted; none where nothing is to be done.

    `instead` has the words of the `credhelper profile` command that reverts it, for `profile undo` to name.
    """

    states: tuple[Pair, ...]
    instead: tuple[str, ...]


Change = Callable[[Pair], Plan]


def edit_both(paths: tuple[str, str], change: Change, state_dir: str, options: EditOptions) -> EditResult:
    """Change the config file and the credentials file at these paths, and return what was done to both.

    Raises InputError or MachineError; the files are then as they were, or in one of the states of the plan, and the
    message says which. `change` is called again where another program wrote to one of the files meanwhile.
    """
    config, credentials = map(config_file.resolve, paths)
    if config == credentials:
        raise InputError(
            f"{paths[0]} and {paths[1]} are one file, which cannot be edited as two",
            hint=f"ls -l {word(paths[0])} {word(paths[1])}",
        )
    both = _Both(paths, (config, credentials), state_dir, options)
    if options.is_dry_run:
        return both.preview(change)
    result = both.edit(change)
    for _ in range(ATTEMPTS):
        if both.have_settled(result):
            return result
        with contextlib.suppress(InputError):  # it says that the change is there after all
            result = both.edit(change)
    return result


def noted(path: str, state_dir: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that revert each of the last edits of both files, the last one first."""
    history = EditedFile(config_file.resolve(path), state_dir, EditOptions()).history
    yield from (snapshot.instead for snapshot in history.all() if snapshot.instead)


class _Both:
    """The two real files, each with its lock; the history is the config file's."""

    def __init__(self, paths: tuple[str, str], targets: tuple[str, str], state_dir: str, options: EditOptions) -> None:
        self._paths = paths
        self._options = options
        self._config = EditedFile(targets[0], state_dir, options)
        # Without a copy of what it held it may not be written in place: a crash there would cost the keys.
        how = replace(options, in_place=False)
        self._credentials = EditedFile(targets[1], state_dir, how, CredentialsDocument.parse)

    def preview(self, change: Change) -> EditResult:
        start = tuple(config_file.read(file.target, self._options.limit) for file in self._files)
        states = change(self._parsed(start)).states
        return replace(self._result(start, states[-1] if states else self._parsed(start)), is_dry_run=True)

    @property
    def _files(self) -> tuple[EditedFile, EditedFile]:
        return self._config, self._credentials

    def edit(self, change: Change) -> EditResult:
        for _ in range(ATTEMPTS):
            # Always in this order, so that two edits of both files do not wait for one another.
            with contextlib.suppress(MovedError), self._config.locked(), self._credentials.locked():
                return self._edit_once(change)
            self._options.sleep(PAUSE_S)
        raise MachineError(
            "another program keeps writing to the config file or the credentials file", hint="close it and try again"
        )

    def _edit_once(self, change: Change) -> EditResult:
        newest = self._config.history.newest()
        start = self._config.read(newest), self._credentials.read(None)
        before = self._parsed(start)
        plan = change(before)
        states = [one for one, previous in zip(plan.states, (before, *plan.states), strict=False) if one != previous]
        if not states:
            return self._result(start, before)
        for previous, one in zip((before, *states), states, strict=False):
            for old, new in zip(previous, one, strict=True):
                if old != new:
                    require_harmless(old, new)
        after = states[-1]
        is_about_both = any(one.credentials != before.credentials for one in states)
        for file, is_edited in zip(self._files, (after.config != before.config, is_about_both), strict=True):
            if is_edited:
                config_file.require_editable(file.target)
        instead = plan.instead if is_about_both else ()
        if after.config == before.config:
            remarks = self._write(start, states)
            # There is nothing to keep, but undo has to know that this edit came last.
            with contextlib.suppress(OSError):
                self._config.history.push(start[0], start[0], newest, durable=False, instead=instead)
            return replace(self._result(start, after), remarks=remarks)
        with self._config.kept():
            final = Content(after.config.to_bytes(), exists=True)
            snapshot = self._config.history.push(
                start[0], final, newest, durable=self._options.in_place, instead=instead
            )
        try:
            remarks = self._write(start, states)
        except (CredhelperError, MovedError):
            with contextlib.suppress(OSError):
                if config_file.is_still(self._config.target, start[0]):
                    self._config.history.drop_since(snapshot)
            raise
        return replace(self._result(start, after), remarks=remarks)

    def _write(self, start: tuple[Content, ...], states: list[Pair]) -> tuple[str, ...]:
        remarks: list[str] = []
        contents = list(start)
        for step, state in enumerate(states):
            for place, (file, document) in enumerate(zip(self._files, state, strict=True)):
                data = document.to_bytes()
                if data != contents[place].data:
                    with self._explained(file, is_begun=step > 0):
                        remarks += file.put(contents[place], data)
                    contents[place] = Content(data, exists=True)
        return tuple(dict.fromkeys(remarks))

    @contextlib.contextmanager
    def _explained(self, file: EditedFile, *, is_begun: bool) -> Iterator[None]:
        """Say what went wrong with which file, and whether the other one is changed already."""
        try:
            yield
        except OSError as error:
            found = config_file.explain(error, file.target)
            message, hint = found.message, found.hint
            if is_begun:
                reason = message.removeprefix(f"{file.target} is unchanged: ")
                message = f"{file.target}: {reason}; the edit is made in part, and the same command ends it"
            if file is self._credentials and error.errno in _MOUNTED:
                hint = f"it is never written in place; see what is mounted there: findmnt -T {word(file.target)}"
            raise MachineError(message, hint=hint) from error

    def have_settled(self, result: EditResult) -> bool:
        """Tell whether what was written is still there a moment later."""
        parts = zip(self._files, (result, *result.others), strict=True)
        return all(file.has_settled(part) for file, part in parts if part.before != part.after)

    def _result(self, start: tuple[Content, ...], after: Pair) -> EditResult:
        parts = [
            EditResult(file.target, content.data, document.to_bytes(), is_dry_run=self._options.is_dry_run)
            for file, content, document in zip(self._files, start, after, strict=True)
        ]
        return replace(parts[0], others=(parts[1],))

    def _parsed(self, contents: tuple[Content, ...]) -> Pair:
        config, credentials = (content.data for content in contents)
        with naming(self._paths[0]):
            parsed = Document.parse(config)
        with naming(self._paths[1]):
            return Pair(parsed, CredentialsDocument.parse(credentials))
