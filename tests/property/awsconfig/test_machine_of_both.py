"""Random edits of both files, foreign edits of each, kills between the steps, held against a plain model."""

import contextlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import botocore.configloader
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import adopt, rename, undo
from credhelper.errors import InputError
from credhelper.settings import from_environment

NAMES = st.sampled_from(["default", "a", "b", "c.d", "e/f"])
ROLE = "arn:aws:iam::222222222222:role/r"
COMMENT = "# a line of another program"


class Killed(BaseException):
    """The end of the process, before a file takes the place of another."""


class EditingBoth(RuleBasedStateMachine):
    """Users with a key each, and roles that use them, in two files that another program edits, too."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        home = Path(self.directory.name).resolve()
        self.own = from_environment({"HOME": str(home), "PATH": os.defpath})
        self.config, self.credentials = Path(self.own.config_file), Path(self.own.credentials_file)
        self.config.parent.mkdir(mode=0o700)
        for path in (self.config, self.credentials):
            path.touch(mode=0o600)
            self.write(path, "")
        self.how = EditOptions(linger_s=0, sleep=lambda _: None)
        # The key of each user, the source of each role, and whether the role is credhelper's already.
        self.users: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.adopted: set[str] = set()
        self.comments = 0
        self.made = 0
        # What was killed before its end, with the users and roles as they will be.
        self.broken: tuple[str, str] | None = None

    def teardown(self) -> None:
        self.directory.cleanup()

    def append(self, path: Path, text: str) -> None:
        old = path.read_text()
        self.write(path, old + ("\n" if old and not old.endswith("\n") else "") + text)

    def write(self, path: Path, text: str) -> None:
        path.write_text(text)
        # Old enough that no program can be in the middle of writing it.
        os.utime(path, (1, 1))

    def new_key(self) -> str:
        self.made += 1
        return f"AKIASECRET{self.made}"

    @precondition(lambda self: self.broken is None)
    @rule(name=NAMES)
    def aws_configure(self, name: str) -> None:
        if name in {*self.users, *self.roles}:
            return
        self.users[name] = self.new_key()
        self.append(
            self.credentials, f"[{name}]\naws_access_key_id = {self.users[name]}\naws_secret_access_key = secret\n"
        )
        header = "[default]" if name == "default" else f"[profile {name}]"
        self.append(self.config, f"{header}\nregion = us-east-1\n")

    @precondition(lambda self: self.broken is None and self.users)
    @rule(name=NAMES, data=st.data())
    def role_in_the_credentials_file(self, name: str, data: st.DataObject) -> None:
        if name in {*self.users, *self.roles}:
            return
        self.roles[name] = data.draw(st.sampled_from(sorted(self.users)))
        self.append(self.credentials, f"[{name}]\nrole_arn = {ROLE}\nsource_profile = {self.roles[name]}\n")

    @precondition(lambda self: self.users)
    @rule(data=st.data())
    def key_is_rotated(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.users)))
        key = self.new_key()
        self.write(self.credentials, self.credentials.read_text().replace(self.users[name] + "\n", key + "\n"))
        self.users[name] = key

    @rule(is_config=st.booleans())
    def other_program_appends(self, is_config: bool) -> None:
        self.append(self.config if is_config else self.credentials, f"{COMMENT}\n")
        self.comments += 1

    def settle(self) -> None:
        for path in (self.config, self.credentials):
            os.utime(path, (1, 1))

    def rename(self, name: str, new: str, how: EditOptions) -> None:
        rename.rename(self.own, name, new, how, with_credentials=True)

    def rename_in_model(self, name: str, new: str) -> None:
        for model in (self.users, self.roles):
            if name in model:
                model[new] = model.pop(name)
        self.roles = {role: new if source == name else source for role, source in self.roles.items()}
        self.adopted = {new if one == name else one for one in self.adopted}

    @precondition(lambda self: self.broken is None and (self.users or self.roles))
    @rule(new=NAMES, data=st.data(), steps=st.sampled_from([None, None, 0, 1, 2, 3]))
    def rename_with_credentials(self, new: str, data: st.DataObject, steps: int | None) -> None:
        name = data.draw(st.sampled_from(sorted({*self.users, *self.roles})))
        self.settle()
        if new in {*self.users, *self.roles} and new != name:
            before = self.config.read_text(), self.credentials.read_text()
            try:
                self.rename(name, new, self.how)
            except InputError:
                assert (self.config.read_text(), self.credentials.read_text()) == before
            else:
                # A section and a copy of it are what a rename that was broken off leaves: the same again ends it.
                assert name in self.roles
                assert self.roles[name] == self.roles.get(new)
                assert not {name, new} & self.adopted
                self.rename_in_model(name, new)
            return
        try:
            self.rename(name, new, self.killed_after(steps))
        except Killed:
            self.broken = name, new
            return
        self.rename_in_model(name, new)

    @precondition(lambda self: self.broken is not None)
    @rule()
    def the_same_again(self) -> None:
        assert self.broken is not None
        self.settle()
        self.rename(*self.broken, self.how)
        self.rename_in_model(*self.broken)
        self.broken = None

    @precondition(lambda self: self.broken is None)
    @rule(steps=st.sampled_from([None, None, 0, 1]))
    def adopt_all(self, steps: int | None) -> None:
        self.settle()
        try:
            self.adopt(self.killed_after(steps))
        except Killed:
            self.settle()
            self.adopt(self.how)
        self.adopted |= self.roles.keys()

    def adopt(self, how: EditOptions) -> None:
        line_of = "/opt/credhelper/python get {}".format
        adopt.adopt(self.own, [], how, is_all=True, with_credentials=True, line_of=line_of)

    @precondition(lambda self: self.broken is None)
    @rule()
    def undo_is_tried(self) -> None:
        before = self.config.read_text(), self.credentials.read_text()
        with contextlib.suppress(InputError):
            undo.undo(self.own, replace(self.how, is_dry_run=True))
        assert (self.config.read_text(), self.credentials.read_text()) == before

    def killed_after(self, steps: int | None) -> EditOptions:
        left = steps

        def rename_or_die(source: str, target: str) -> None:
            nonlocal left
            if left is not None:
                if left == 0:
                    raise Killed
                left -= 1
            os.replace(source, target)

        return replace(self.how, rename=rename_or_die)

    @invariant()
    def botocore_reads_the_model(self) -> None:
        keys = botocore.configloader.raw_config_parse(str(self.credentials))
        for name, key in self.users.items():
            names = (name, self.broken[1]) if self.broken and self.broken[0] == name else (name,)
            assert any(keys.get(one, {}).get("aws_access_key_id") == key for one in names)
        if self.broken:
            return
        config = botocore.configloader.load_config(str(self.config))["profiles"]
        assert {name for name, section in keys.items() if "aws_access_key_id" in section} == self.users.keys()
        for name, source in self.roles.items():
            found, prefix = (config, "credhelper_") if name in self.adopted else (keys, "")
            assert (found[name][prefix + "role_arn"], found[name][prefix + "source_profile"]) == (ROLE, source)
            assert name not in (keys if name in self.adopted else config)

    @invariant()
    def nothing_of_others_is_lost_and_nothing_is_kept(self) -> None:
        assert (self.config.read_text() + self.credentials.read_text()).count(COMMENT) == self.comments
        for path in Path(self.own.state_dir).rglob("*"):
            assert not path.is_file() or b"AKIASECRET" not in path.read_bytes()


EditingBoth.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestEditingBoth = EditingBoth.TestCase
