"""The line that starts credhelper for a profile: the one to write, and what is wrong with one that is there."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.profiles.kinds import GO_FIRST, PROCESS_KEY, is_credhelper_line, is_plain_credhelper_line
from credhelper.awsconfig.profiles.process_line import arguments_of, command_line
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.errors import CredhelperError, InputError
from credhelper.model.install_form import start_of
from credhelper.settings import Settings
from credhelper.system import installation

# What is wrong with a line: a file of it is gone; its program is in a cache; an upgrade will take its path away;
# nothing, but it starts another installation; it is no line of credhelper's for this profile, or there is none.
DEAD = "dead"
TEMPORARY = "temporary"
VERSIONED = "versioned"
OTHER = "other"
FOREIGN = "foreign"
REPAIR = "credhelper profile repair"
CHECK = "credhelper profile check"


class Lines:
    """The lines that this installation writes into one config file; looks once at what there is of it.

    A temporary credhelper writes into a temporary file only. Raises InputError where Python does not know its own path.
    """

    def __init__(self, settings: Settings) -> None:
        found = installation.look()
        self._start = start_of(found)
        self._files = {os.path.realpath(path) for path in found.files}
        self._is_temporary_file = bool(installation.temporary(settings.config_file))
        self.remarks: tuple[str, ...] = (self._start.remark,) if self._start.remark else ()

    def line(self, name: str) -> str:
        """Return the line to write for a profile; raises InputError where none is safe, or none would last."""
        if name.startswith("-"):
            check_name(name)  # `get` would take it for an option
        place = "" if self._is_temporary_file else installation.temporary(*self._start.words)
        if place:
            raise InputError(
                f"this credhelper is a temporary one, in {place}: its profiles would stop working with it",
                hint="uv tool install credhelper",
            )
        return self._line(name)

    def _line(self, name: str) -> str:
        return command_line([*self._start.words, "get", name])

    def _is_as_written(self, line: str, name: str) -> bool:
        try:
            return line == self._line(name)
        except InputError:
            return False  # a name that no line can have was written by hand

    def fault(self, line: str, name: str) -> str:
        """Return what is wrong with a line, "" where nothing is or the line starts another program."""
        if not is_credhelper_line(line, name) or self._is_as_written(line, name):
            return ""
        files = program_files(line)
        if is_dead(line):
            return DEAD
        if not is_plain_credhelper_line(line, name):
            return ""  # made by hand: around a program that is there
        if not self._is_temporary_file and installation.temporary(*files):
            return TEMPORARY
        return VERSIONED if any(os.path.realpath(path) in self._files for path in files) else OTHER

    def repaired(self, name: str, section: Mapping[str, str]) -> str | None:
        """Return the line a credhelper profile should have, None if it has it or starts another program."""
        line = section.get(PROCESS_KEY)
        if line is not None and self.fault(line, name) in ("", OTHER):
            return None
        return self.line(name)


def repaired_line(settings: Settings, name: str, section: Mapping[str, str]) -> str | None:
    """Return the line a credhelper profile should have, None if it has it or starts another program."""
    line = section.get(PROCESS_KEY)
    if line is not None and not is_credhelper_line(line, name):
        return None
    return Lines(settings).repaired(name, section)


def program_files(line: str) -> list[str]:
    """Return the files that a line names; one in a home is that of a shell, which some SDKs start."""
    words = [os.path.expanduser(word) if word.startswith("~/") else word for word in arguments_of(line)]
    return [word for word in words if os.path.isabs(word)]


def is_dead(line: str, exists: Callable[[str], bool] = os.path.exists) -> bool:
    """Tell whether a file that a line names is gone."""
    return not all(map(exists, program_files(line)))


def is_gone(line: str, exists: Callable[[str], bool] = os.path.exists) -> bool:
    """Tell whether the program that a line of another tool starts is gone; one without a whole path is not looked for.

    Only the first word counts: the others may be files that the program makes.
    """
    try:
        program = next(iter(arguments_of(line)), "")
    except ValueError:
        return False  # a quote is open
    return os.path.isabs(program) and not exists(program)


class Watch:
    """Counts the lines that start a credhelper that is gone, while profiles are looked at for another reason.

    And the profiles with a role of credhelper's that do not ask it for that: `foreign`; and the lines that start
    another program that is gone: `gone`.

    Each program is looked for once, however many profiles start it.
    """

    def __init__(self, exists: Callable[[str], bool] = os.path.exists) -> None:
        self.dead = 0
        self.foreign = 0
        self.gone = 0
        self._exists = cache(exists)
        self._known: dict[str, bool] = {}

    def see(self, name: str, section: Mapping[str, str]) -> None:
        """Look at one profile."""
        line = section.get(PROCESS_KEY, "")
        if not is_credhelper(section):
            if line and not section.keys() & GO_FIRST:  # beside other credentials it may not be started at all
                self._see_program(line)
            return
        start, get, asked = line.rpartition(" get ")
        if "credhelper" not in line or (asked != name and not is_credhelper_line(line, name)):
            self.foreign += 1
            self._see_program(line)
            return
        if not get:
            return
        if start not in self._known:
            self._known[start] = is_dead(line, self._exists)
        self.dead += self._known[start] and is_credhelper_line(line, name)

    def _see_program(self, line: str) -> None:
        """Look at the line of another tool."""
        if line not in self._known:
            self._known[line] = is_gone(line, self._exists)
        self.gone += self._known[line]

    def see_all(self, sections: Iterable[tuple[str, Mapping[str, str]]]) -> "Watch":
        """Look at every profile."""
        for name, section in sections:
            self.see(name, section)
        return self

    @property
    def notice(self) -> str:
        """What to say about it, with the hint; "" if all is well."""
        return f"note: {_start(self.dead)} a program that is gone\nhint: {REPAIR}" if self.dead else ""

    @property
    def notice_of_others(self) -> str:
        """The same about programs of other tools, which `profile repair` cannot bring back."""
        return f"note: {_start(self.gone)} another tool's program that is gone\nhint: {CHECK}" if self.gone else ""


def _start(count: int) -> str:
    return "1 profile starts" if count == 1 else f"{count} profiles start"


def watch_file(settings: Settings) -> Watch:
    """Look at every profile of the config file; one that cannot be read has none to look at."""
    from credhelper.awsconfig.file import config_file
    from credhelper.awsconfig.profiles.catalogue import profile_sections

    try:
        data = config_file.read_behind_links(settings.config_file, config_file.LARGE_LIMIT).data
        return Watch().see_all(profile_sections(data))
    except CredhelperError:
        return Watch()
