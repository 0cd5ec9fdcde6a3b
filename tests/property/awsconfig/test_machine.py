"""Random edits, foreign edits, undos and readers, held against a plain dictionary of profiles."""

import tempfile
from pathlib import Path

import botocore.configloader
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.errors import InputError, MachineError

NAMES = st.sampled_from(["default", "a", "b", "c.d", "e/f"])
KEYS = st.dictionaries(st.sampled_from(["region", "output", "x"]), st.sampled_from(["1", "two", "a = b"]), min_size=1)
COMMENT = "# a line of somebody else"


class Editing(RuleBasedStateMachine):
    """One config file, edited by us and by a program that knows nothing of us."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name).resolve() / "aws" / "config"
        self.state = str(self.path.parent.parent / "state")
        self.options = EditOptions(linger_s=0, sleep=lambda _: None)
        self.model: dict[str, dict[str, str]] = {}
        self.comments = 0
        self.undoable: list[tuple[bytes, dict[str, dict[str, str]], int]] = []

    def teardown(self) -> None:
        self.directory.cleanup()

    def content(self) -> bytes:
        return self.path.read_bytes() if self.path.exists() else b""

    def edit(self, change: editor.Change, expected: dict[str, dict[str, str]]) -> None:
        old = (self.content(), self.model, self.comments)
        result = editor.edit(str(self.path), change, self.state, self.options)
        self.model = expected
        if result.changed:
            self.undoable.append(old)

    @rule(name=NAMES, keys=KEYS)
    def add(self, name: str, keys: dict[str, str]) -> None:
        if name in self.model:
            before = self.content()
            try:
                editor.edit(str(self.path), lambda document: document.add(name, keys), self.state, self.options)
            except InputError:
                assert self.content() == before
                return
            raise AssertionError(name)
        self.edit(lambda document: document.add(name, keys), {**self.model, name: keys})

    @precondition(lambda self: self.model)
    @rule(keys=KEYS, data=st.data())
    def set(self, keys: dict[str, str], data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.edit(lambda document: document.set(name, keys), {**self.model, name: self.model[name] | keys})

    @precondition(lambda self: self.model)
    @rule(key=st.sampled_from(["region", "output", "x"]), data=st.data())
    def unset(self, key: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        left = {one: text for one, text in self.model[name].items() if one != key}
        self.edit(lambda document: document.unset(name, [key]), {**self.model, name: left})

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        left = {one: keys for one, keys in self.model.items() if one != name}
        self.edit(lambda document: document.remove(name), left)

    @precondition(lambda self: self.path.exists())
    @rule()
    def somebody_else_appends(self) -> None:
        end = b"" if self.content()[-1:] in {b"", b"\n"} else b"\n"
        self.path.write_bytes(self.content() + end + COMMENT.encode() + b"\n")
        self.comments += 1
        self.undoable.clear()

    @precondition(lambda self: self.undoable)
    @rule()
    def undo(self) -> None:
        content, self.model, self.comments = self.undoable.pop()
        editor.undo(str(self.path), self.state, self.options)
        assert self.content() == content

    @rule()
    def editor_dies_before_the_rename(self) -> None:
        def die(_old: str, _new: str) -> None:
            raise OSError(5, "as if killed")

        before = self.content()
        options = EditOptions(linger_s=0, rename=die)
        with pytest.raises(MachineError):
            editor.edit(str(self.path), lambda document: document.add("dead", {"x": "1"}), self.state, options)
        assert self.content() == before

    @invariant()
    def botocore_reads_the_model(self) -> None:
        if self.path.exists():
            profiles = botocore.configloader.load_config(str(self.path))["profiles"]
            assert profiles == self.model

    @invariant()
    def nothing_of_others_is_lost(self) -> None:
        assert self.content().decode().count(COMMENT) == self.comments
        Document.parse(self.content()).require_sound()


Editing.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestEditing = Editing.TestCase
