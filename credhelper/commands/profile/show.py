"""One profile in full: its keys, what they mean, and whether they can be used."""

from dataclasses import dataclass

from credhelper.awsconfig.document.secret_keys import shown_value
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.commands.profile.edit import shadowed, unknown
from credhelper.commands.profile.line import Watch
from credhelper.commands.profile.list import Row, open_sections, row_of
from credhelper.errors import CredhelperError, InputError
from credhelper.model.shell import own_command
from credhelper.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A profile with the keys of its section, secrets masked.

    `problem` is what keeps it from working, None if nothing does; `notices` say that its program is gone, "" if not.
    """

    row: Row
    keys: dict[str, str]
    problem: CredhelperError | None
    notices: tuple[str, str]


def show(settings: Settings, name: str) -> Shown:
    """Return a profile; raises InputError if there is none of this name."""
    sections = open_sections(settings)
    if name not in sections:
        raise unknown(name, sections)
    section = sections[name]
    row = row_of(name, sections)
    keys = {key: shown_value(key, value) for key, value in section.items()}
    problem = _problem(name, sections) if row.kind == "credhelper" else None
    if problem is None and sections.faults:
        problem = InputError(sections.faults[0], hint="credhelper profile check")
    watch = Watch().see_all([(name, section)])
    return Shown(row, keys, problem, (watch.notice, watch.notice_of_others))


def _problem(name: str, catalogue: Catalogue) -> CredhelperError | None:
    section = catalogue[name]
    if (shadow := catalogue.shadow_of(name)) is not None:
        return shadowed(name, shadow)
    try:
        RoleProfile.from_section(name, section)
    except InputError as error:
        return error
    if "credential_process" not in section:
        return InputError(
            f"profile {name} has no credential_process, so no tool asks credhelper",
            hint=own_command("profile set", name),
        )
    return None
