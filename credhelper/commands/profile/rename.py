"""Give a profile another name, in the config file and, where that is asked for, in the credentials file."""

from collections.abc import Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import is_name
from credhelper.awsconfig.file.both import Pair, Plan
from credhelper.awsconfig.file.edit_checks import naming
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, STATIC_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.principal import SOURCE_KEYS
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.commands.profile import both
from credhelper.commands.profile.edit import apply, require, require_same, unknown, users_of
from credhelper.commands.profile.line import Lines
from credhelper.errors import InputError
from credhelper.model.shell import open_at, own_command, word
from credhelper.settings import Settings

# Changes of keys, by profile.
_Changes = dict[str, dict[str, str | None]]


def rename(
    settings: Settings, name: str, new: str, options: EditOptions, *, with_credentials: bool = False
) -> EditResult:
    """Rename a profile, in its header, in its own command and wherever another profile names it as its source.

    With `with_credentials` the credentials file is edited as well. Without it InputError is raised where a part of the
    profile, or of one that has it as its source, is in the credentials file.
    """
    if with_credentials:
        return both.apply(
            settings, lambda catalogue, remarks: _in_both(settings, catalogue, name, new, remarks), options
        )
    return apply(settings, lambda catalogue, remarks: _in_config(settings, catalogue, name, new, remarks), options)


def _in_config(settings: Settings, catalogue: Catalogue, name: str, new: str, remarks: list[str]) -> Document:
    if catalogue.is_in_credentials(name) and not catalogue.is_in_config(name):
        raise _left_behind(name, new, catalogue, "is")
    section = require(catalogue, name)
    changes: _Changes = {}
    if is_credhelper(section) and is_credhelper_line(section.get(PROCESS_KEY, ""), name):
        changes.setdefault(new, {})[PROCESS_KEY] = Lines(settings).line(new)
    if catalogue.is_in_credentials(name):
        shadow = catalogue.shadow_of(name)
        if shadow is None or not shadow.is_in_credentials:
            raise _left_behind(name, new, catalogue, "has a part of")
        # SDKs took the keys for this name, and go on doing so; credhelper's part gets a name of its own.
        remarks.append(f"{name} stays the name of what is in {shadow.place.file}; {new} is credhelper's")
        if users := sorted({user for user, _ in users_of(catalogue, name)} - {name}):
            remarks.append(f"{', '.join(users[:5])}: the source is still {name}, and so the keys in that file")
        document = catalogue.config.rename(name, new).update(changes)
        require_same(catalogue, catalogue.with_config(document), {})
        return document
    for user, key in users_of(catalogue, name):
        if catalogue.in_credentials(user).get(key) == name:
            raise InputError(
                f"{catalogue.place_of(user, key)} names {name} as the source of {user}",
                hint=f"change that, too: {_with_credentials(name, new)}",
            )
        text = Lines(settings).line(new) if key == PROCESS_KEY else new
        changes.setdefault(new if user == name else user, {})[key] = text
    document = catalogue.config.rename(name, new).update(changes)
    _require_free(name, new, catalogue, catalogue.with_config(document))
    return document


def _with_credentials(name: str, new: str) -> str:
    return own_command("profile rename", name, new, options=both.OPTION)


def _left_behind(name: str, new: str, catalogue: Catalogue, has: str) -> InputError:
    line = catalogue.line_in_credentials(name)
    return InputError(
        f"line {line} of {catalogue.paths[1]} {has} profile {name}, and would stay behind",
        hint=f"take it along: {_with_credentials(name, new)}",
    )


def _require_free(name: str, new: str, catalogue: Catalogue, after: Catalogue) -> None:
    """Raise InputError where the new name is in the credentials file, and either of the two would be someone else."""
    try:
        require_same(catalogue, after, {name: new})
    except InputError:
        if not catalogue.is_in_credentials(new):
            raise
        raise _has_credentials(name, new, catalogue) from None
    # One that could not be used before is no one else by it, but would not be asked for under the new name either.
    is_there = catalogue.is_in_credentials(new) and not catalogue.is_in_config(new)
    if is_there and not catalogue.is_in_credentials(name) and after.shadow_of(new):
        raise _has_credentials(name, new, catalogue)


def _has_credentials(name: str, new: str, catalogue: Catalogue) -> InputError:
    free = free_name(new, catalogue)
    command = own_command("profile rename", name, free)
    if catalogue.is_in_credentials(name):
        command = _with_credentials(name, free)
    return InputError(
        f"{catalogue.place_of(new)} has credentials for {new} already, and one of the two would win over the other",
        hint=f"take another name: {command}",
    )


class _Part:
    """What one of the files has to do with the renaming, and its versions on the way.

    Where both names are there with the same keys, an earlier renaming did not come to its end, and this one goes on.
    """

    def __init__(self, document: Document, name: str, new: str, line: str | None) -> None:
        found = document.locate([name, new])
        self.has_old, self.has_new = name in found, new in found
        section = (document.profile(name) or {}) if self.has_old else {}
        self._names = name, new
        self._document = document
        self._own: dict[str, str | None] = {key: new for key in SOURCE_KEYS if section.get(key) == name}
        if line is not None and is_credhelper_line(section.get(PROCESS_KEY, ""), name):
            self._own[PROCESS_KEY] = line
        lines = {one: _lines_of(document, index) for one, index in found.items()}
        self.is_begun = self.has_old and self.has_new and lines[new] == {**lines[name], **self._own}
        self.users: _Changes = {}
        # Whether the file has to do with either name: a renaming may have come as far as that.
        self.is_about_them = self.has_old or self.has_new
        for user, index in document.profiles():
            keys = document.values(index)
            sources = {key: keys[key] for key in SOURCE_KEYS if keys.get(key) in self._names}
            self.is_about_them |= bool(sources)
            own: dict[str, str | None] = {key: new for key, source in sources.items() if source == name}
            command = keys.get(PROCESS_KEY, "")
            if line is not None and is_credhelper_line(command, name):
                own[PROCESS_KEY] = line
            self.is_about_them |= any(is_credhelper_line(command, one) for one in self._names)
            if user != name and own:
                self.users[user] = own

    def beside(self, *, with_users: bool = False) -> Document:
        """Return the file with the profile under both names, and perhaps with its users under the new one."""
        document = self._document
        if self.has_old and not self.has_new:
            document = document.copy(*self._names)
        changes = {self._names[1]: self._own} if self.has_old else {}
        return document.update({**changes, **(self.users if with_users else {})})

    def after(self) -> Document:
        """Return the file with the new name alone."""
        name, new = self._names
        if not self.has_old:
            return self._document.update(self.users)
        if self.has_new:
            return self._document.update({new: self._own, **self.users}).remove(name)
        return self._document.rename(name, new).update({new: self._own, **self.users})


def _lines_of(document: Document, index: int) -> dict[str, str | None]:
    """Return all that a section has, blocks of keys among it."""
    return {key_line.name: key_line.value for key_line in document.block(index).key_lines}


def _in_both(settings: Settings, catalogue: Catalogue, name: str, new: str, remarks: list[str]) -> Plan:
    if name not in catalogue:
        raise unknown(name, catalogue)
    if name == new:
        return Plan((), ())
    line = Lines(settings).line(new) if is_credhelper(catalogue[name]) else None
    config = _Part(catalogue.config, name, new, line)
    with naming(catalogue.paths[1]):
        credentials = _Part(catalogue.credentials, name, new, line)
    _require_new(name, new, catalogue, config, credentials)
    with naming(catalogue.paths[1]):
        beside, beside_with_users, last = (
            credentials.beside(),
            credentials.beside(with_users=True),
            credentials.after(),
        )
    end = Pair(config.after(), last)
    _require_free(name, new, catalogue, catalogue.with_both(*end))
    # The part that stands alone for a moment must not make either name someone else: that of the credentials file is
    # the first way, where a user's keys are; that of the config file the second, where a role is that uses those keys.
    keys_first = (Pair(catalogue.config, beside), Pair(end.config, beside), end)
    both_names = config.beside(with_users=True)
    role_first = (
        Pair(config.beside(), catalogue.credentials),
        Pair(config.beside(), beside_with_users),
        Pair(both_names, beside_with_users),
        Pair(both_names, last),
        end,
    )
    if end.config == catalogue.config or end.credentials == catalogue.credentials:
        states: tuple[Pair, ...] = (end,)
    else:
        # The old name is there until the last step, so that the same command can take it.
        ways = (keys_first, role_first) if credentials.has_old else (role_first,)
        states = next((one for one in ways if both.are_safe(catalogue, one, {name: new})), ())
        if not states:
            raise _inseparable(name, new, catalogue)
    remarks += _told(name, new, catalogue, credentials.users)
    return Plan(states, ("rename", new, name, both.OPTION) if is_name(name) else ("show", new))


def _require_new(name: str, new: str, catalogue: Catalogue, config: _Part, credentials: _Part) -> None:
    """Raise InputError where the new name is that of another profile; one that a crash left is none."""
    if credentials.has_old and credentials.has_new and not credentials.is_begun:
        raise _has_credentials(name, new, catalogue)
    is_begun = (config.is_begun and credentials.is_about_them) if config.has_old else credentials.is_begun
    if config.has_new and not is_begun:
        raise InputError(f"profile {new} exists already", hint=f"see it: {own_command('profile show', new)}")


def _inseparable(name: str, new: str, catalogue: Catalogue) -> InputError:
    place = catalogue.place_of(name)
    return InputError(
        f"both files have credentials for {name}, and between the two steps of renaming one would stand for the other",
        hint=f"rename {word(name)} to {word(new)} in both by hand: {open_at(place.file, place.line)}",
    )


def _told(name: str, new: str, catalogue: Catalogue, users: Mapping[str, object]) -> list[str]:
    """Return what happens in the credentials file, in words."""
    told = []
    if catalogue.is_in_credentials(name):
        keys = ", with its keys" if STATIC_KEY in catalogue.in_credentials(name) else ""
        told.append(f"[{name}] in {catalogue.paths[1]} becomes [{new}]{keys}")
    if users:
        told.append(f"{catalogue.paths[1]}: the source of {', '.join(sorted(users))} becomes {new}")
    return told
