"""Write again the lines that start a credhelper that is gone, or that will be gone with the next upgrade."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.secret_keys import shown_value
from credhelper.awsconfig.document.splices import is_name
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.commands.profile.edit import apply, check_name_for_command, note_changed, require
from credhelper.commands.profile.line import FOREIGN, OTHER, Lines, is_dead
from credhelper.commands.profile.together import unclear
from credhelper.errors import InputError
from credhelper.model.shell import open_at, own_command
from credhelper.settings import Settings


@dataclass(frozen=True, slots=True)
class Repair:
    """One line that was written again; `fault` is what was wrong: dead, temporary, versioned, other or foreign."""

    name: str
    fault: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done, in the order of the file, and the profiles that were left, each with the reason."""

    edit: EditResult
    repairs: tuple[Repair, ...]
    left: tuple[tuple[str, str], ...]


def repair(settings: Settings, names: Iterable[str], options: EditOptions, *, is_all: bool = False) -> Repaired:
    """Repair these profiles, without names every one that needs it, in one edit.

    A line that works, and starts another installation of credhelper, is changed only with `is_all`; one that starts
    another program, or asks for another profile, only where the profile is named. Raises InputError for a named
    profile that has no role of credhelper's.
    """
    wanted = list(names)
    lines = Lines(settings)
    repairs: list[Repair] = []
    left: list[tuple[str, str]] = []

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        document = catalogue.config
        repairs.clear()
        left.clear()
        for name, section in _chosen(catalogue, wanted).items():
            old = section.get(PROCESS_KEY, "")
            fault = lines.fault(old, name) if is_credhelper_line(old, name) else FOREIGN
            if fault == FOREIGN and not wanted:
                what = f"it does not start credhelper for {name}"
                left.append((name, f"{what}; to write its own line: {own_command('profile repair', name)}"))
            elif fault == OTHER and not is_all:
                left.append((name, "it starts another credhelper, which works; with --all it starts this one"))
            elif fault:
                new, reason = _line(lines, name, catalogue, is_asked_for=bool(wanted))
                if reason:
                    left.append((name, reason))
                else:
                    repairs.append(Repair(name, fault, shown_value(PROCESS_KEY, old), new))
        left.extend(_dead_in_credentials(catalogue, wanted))
        reasons = {} if wanted else unclear(document, [one.name for one in repairs])
        repairs[:] = [one for one in repairs if one.name not in reasons]
        left.extend(reasons.items())
        edited = document.update({one.name: {PROCESS_KEY: one.new} for one in repairs})
        for one in repairs:
            if one.fault == FOREIGN:
                note_changed(one.name, catalogue, edited, remarks)
        return edited

    edited = apply(settings, change, options)
    return Repaired(edited, tuple(repairs), tuple(left))


def _line(lines: Lines, name: str, catalogue: Catalogue, *, is_asked_for: bool) -> tuple[str, str]:
    """Return the line to write, or why a profile that is not asked for by its name can have none."""
    try:
        return lines.line(name), ""
    except InputError as error:
        if is_name(name):
            raise
        reason = error
    try:
        check_name_for_command(name, catalogue)
    except InputError as error:
        reason = error
    if is_asked_for:
        raise reason
    return "", f"{reason.message}; {reason.hint}"


def _chosen(catalogue: Catalogue, wanted: list[str]) -> dict[str, dict[str, str]]:
    if wanted:
        return {name: _require_ours(catalogue, name) for name in wanted}
    document = catalogue.config
    sections = {name: document.values(index) for name, index in document.profiles()}
    return {name: section for name, section in sections.items() if is_credhelper(section)}


def _dead_in_credentials(catalogue: Catalogue, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the profiles that a line in the credentials file keeps from working, with how to end that."""
    for name in wanted or catalogue:
        line = catalogue.in_credentials(name).get(PROCESS_KEY, "")
        if is_credhelper_line(line, name) and is_dead(line) and is_credhelper(catalogue[name]):
            place = catalogue.place_of(name, PROCESS_KEY)
            remove = f"remove that line: {open_at(place.file, place.line)}"
            yield name, f"{place} goes first and starts a program that is gone; {remove}"


def _require_ours(catalogue: Catalogue, name: str) -> dict[str, str]:
    section = require(catalogue, name)
    if not is_credhelper(section):
        raise InputError(
            f"profile {name} does not start credhelper and has no role for it, so there is nothing to repair",
            hint=own_command("profile show", name),
        )
    return section
