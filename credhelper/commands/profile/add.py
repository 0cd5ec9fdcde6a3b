"""Add a role profile to the config file, and make sure that the line in it starts."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import sections_of
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, STATIC_KEY, kind_of
from credhelper.awsconfig.profiles.role_profile import PREFIX, RoleProfile, is_credhelper, key_of
from credhelper.commands.profile.edit import apply, merged
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.trial import start_remarks
from credhelper.errors import CredhelperError, InputError, about
from credhelper.model.shell import word
from credhelper.settings import Settings


def add(
    settings: Settings,
    name: str,
    values: Mapping[str, str],
    options: EditOptions,
    *,
    is_forced: bool = False,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Write a new profile with these settings (`role_arn` and so on) and return what was done.

    With `is_forced` a profile of the same name is taken over: its own credential keys are removed, its other keys stay.
    Raises InputError for a setting that AWS would refuse, a name that is taken, or a line that cannot be safe.
    """
    check_name(name)
    wanted = {key_of(setting): text for setting, text in values.items()}
    with about(edit="add"):
        keys = RoleProfile.from_section(name, wanted).to_section()
    lines = Lines(settings)
    line = (line_of or lines.line)(name)
    result = apply(settings, lambda document: _added(document, name, line, keys, is_forced=is_forced), options)
    remarks = [*result.remarks, *_credentials_remarks(settings, name), *lines.remarks]
    if not options.is_dry_run:
        remarks += start_remarks(line)
    return replace(result, remarks=tuple(remarks))


def _added(document: Document, name: str, line: str, keys: Mapping[str, str], *, is_forced: bool) -> Document:
    there = document.profile(name) if name in document.locate([name]) else None
    if there is None:
        keys = _with_region(document, keys)
        with about(edit="add"):
            RoleProfile.from_section(name, keys)
        return document.add(name, {PROCESS_KEY: line, **keys})
    if not is_forced:
        raise _taken(name, there)
    changes: dict[str, str | None] = dict.fromkeys(key for key in there if _gives_way(key))
    changes |= {PROCESS_KEY: line, **keys}
    RoleProfile.from_section(name, merged(there, changes))
    return document.update({name: changes})


def _with_region(document: Document, keys: Mapping[str, str]) -> Mapping[str, str]:
    """Return the keys with the source profile's region where none was given: most commands fail without one."""
    source = document.profile(keys.get(key_of("source_profile"), "")) or {}
    return keys if "region" in keys or "region" not in source else {**keys, "region": source["region"]}


def _gives_way(key: str) -> bool:
    return key.startswith(PREFIX) or key in {*CREDENTIAL_KEYS, PROCESS_KEY, "role_session_name", "external_id"} | {
        "duration_seconds",
        "mfa_serial",
    }


def _taken(name: str, there: Mapping[str, str]) -> InputError:
    if is_credhelper(there):
        return InputError(
            f"profile {name} exists already",
            hint=f"see it: credhelper profile show {word(name)}; to replace it, add --force",
        )
    return InputError(
        f"profile {name} exists already, as a profile of the kind {kind_of(there)}",
        hint="take another name, or add --force to replace its credentials"
        if kind_of(there) != "role"
        else f"make it credhelper's: credhelper profile adopt {word(name)}",
    )


def _credentials_remarks(settings: Settings, name: str) -> list[str]:
    try:
        content = config_file.read_behind_links(settings.credentials_file, config_file.LIMIT)
    except CredhelperError:
        return []
    section = sections_of(content.data).get(name, {})
    if STATIC_KEY not in section and PROCESS_KEY not in section:
        return []
    return [f"{settings.credentials_file} has credentials for {name} too, and most tools will use those instead"]
