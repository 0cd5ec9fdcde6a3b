"""What the commands that edit share: both files as one catalogue, the edit, and who each profile is afterwards."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from credhelper.awsconfig.document.credentials_document import CredentialsDocument
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file import config_file, editor
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue, Shadow
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, asked_in
from credhelper.awsconfig.profiles.new_name import free_name, plain_name
from credhelper.awsconfig.profiles.role_profile import RoleProfile, own_keys, require_valid_setting
from credhelper.awsconfig.profiles.role_settings import flag_of
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.nearest import unknown_profile
from credhelper.model.shell import open_at, own_command, word
from credhelper.settings import Settings

# Returns the document to write, and may add remarks for the user.
Change = Callable[[Catalogue, list[str]], Document]


def open_catalogue(settings: Settings, config: Document) -> Catalogue:
    """Return the profiles of the config file and of the credentials file.

    A credentials file that is not text, or that cannot be read, is taken for an empty one, and `faults` says so.
    """
    credentials, unread = CredentialsDocument.parse(b""), ""
    try:
        credentials = CredentialsDocument.parse(
            config_file.read_behind_links(settings.credentials_file, config_file.LARGE_LIMIT).data
        )
    except InputError as error:
        unread = f"{settings.credentials_file}: {error.message}"
    except MachineError as error:
        unread = error.message
    return Catalogue(config, credentials, paths=(settings.config_file, settings.credentials_file), unread=unread)


def apply(settings: Settings, change: Change, options: EditOptions) -> EditResult:
    """Make a change to the config file, or work out what it would be; raises InputError or MachineError."""
    remarks: list[str] = []

    def on_document(document: Document) -> Document:
        remarks.clear()
        catalogue = open_catalogue(settings, document)
        after = change(catalogue, remarks)
        remarks.extend(f"{fault}; see: credhelper profile check" for fault in catalogue.faults)
        return after

    result = editor.edit(settings.config_file, on_document, settings.state_dir, options)
    return replace(result, remarks=(*remarks, *result.remarks))


def require(catalogue: Catalogue, name: str) -> dict[str, str]:
    """Return the keys that the config file has for a profile that must be there; raises InputError.

    The hint has the nearest names, or says that the profile is in the other file.
    """
    catalogue.config.locate([name])
    if catalogue.is_in_config(name):
        return catalogue.in_config(name)
    if catalogue.is_in_credentials(name):
        place = catalogue.place_of(name)
        header = "[default]" if name == "default" else f"[profile {name}]"
        raise InputError(
            f"profile {name} is in the credentials file only, which this command does not edit: {place}",
            hint=f"move all but its keys to {header} in {word(catalogue.paths[0])}: {open_at(place.file, place.line)}",
        )
    raise unknown(name, catalogue)


def unknown(name: str, catalogue: Catalogue) -> CredhelperError:
    """Return the error for a name that no profile has: that of the header that was meant to be one, where there is."""
    document = catalogue.config
    for index in range(len(document)):
        header = document.header(index)
        words = header.split()
        if header == name or (len(words) > 1 and words[0].lower() == "profile" and words[1:] == [name]):
            line = document.line_at(document.span(index)[0])
            return InputError(
                f"line {line} of {catalogue.paths[0]}: no SDK finds a profile in [{header}]",
                hint=f"write it as [profile {name}]: {open_at(catalogue.paths[0], line)}",
            )
    return unknown_profile(name, catalogue)


def merged(section: Mapping[str, str], keys: Mapping[str, str | None]) -> dict[str, str]:
    """Return a section as it will be after a change."""
    return {key: value for key, value in (dict(section) | dict(keys)).items() if value is not None}


def require_valid(name: str, section: Mapping[str, str]) -> None:
    """Raise InputError if a section has settings of credhelper and cannot be used."""
    if own_keys(section):
        RoleProfile.from_section(name, section)


def require_unshadowed(name: str, after: Catalogue) -> None:
    """Raise InputError if something else would be taken instead of credhelper for this profile of its own."""
    if (shadow := after.shadow_of(name)) is not None:
        raise shadowed(name, shadow)


def shadowed(name: str, shadow: Shadow) -> InputError:
    """Return the error for a profile for which credhelper would not be asked."""
    return InputError(
        f"credhelper would not be asked for profile {name}: {shadow}",
        hint=f"move the keys of {name} there to a section of another name: "
        f"{open_at(shadow.place.file, shadow.place.line)}"
        if shadow.is_in_credentials
        else fix_of(name, shadow.key),
    )


def fix_of(name: str, key: str) -> str:
    """Return the command for a credhelper profile whose own section has this key, which goes before credhelper."""
    if key == PROCESS_KEY:
        return own_command("profile repair", name)
    return own_command("profile unset", name, key)


def require_same(before: Catalogue, after: Catalogue, renamed: Mapping[str, str]) -> None:
    """Raise InputError if any profile would be another principal after this edit."""
    if changed := principal.changed(before, after, renamed):
        raise InputError(
            f"this edit would change who {listed(changed)} is for SDKs",
            hint="see the sources: credhelper profile list",
        )


def note_changed(name: str, before: Catalogue, after: Document, remarks: list[str]) -> list[str]:
    """Return the profiles that are someone else after a change of their source, `name`, and add a remark on them."""
    changed = [one for one in principal.changed(before, before.with_config(after), {}) if one != name]
    if changed:
        remarks.append(f"{listed(changed)}: the credentials come from {name}, so that this changes them, too")
    return changed


def users_of(catalogue: Catalogue, name: str) -> Iterator[tuple[str, str]]:
    """Yield the profiles that name this one as their source, or in their line, with the key that does."""
    for user in catalogue:
        section = catalogue[user]
        if user != name and asked_in(section.get(PROCESS_KEY, "")) == name:
            yield user, PROCESS_KEY
        yield from ((user, key) for key in principal.SOURCE_KEYS if section.get(key) == name)


def listed(names: list[str]) -> str:
    """Return the first of these names, and how many others there are."""
    return f"{', '.join(names[:5])}{f' and {len(names) - 5} others' if len(names) > 5 else ''}"


def check_name_for_command(name: str, catalogue: Catalogue) -> None:
    """Raise InputError, with a name that would do, for a profile whose name cannot be in a command line."""
    try:
        check_name(name)
    except InputError:
        other = plain_name(name)
        raise InputError(
            f"the name of profile {name} cannot be part of a command that every SDK reads alike",
            hint=own_command("profile rename", name, other if other not in catalogue else free_name(other, catalogue)),
        ) from None


# What a hint shows for a setting that the user has to fill in.
_EXAMPLES = {
    "role_arn": "ARN",
    "mfa_serial": "ARN",
    "source_profile": "default",
    "credential_source": "Environment",
    "duration_seconds": "3600",
    "region": "us-east-1",
}


def require_valid_options(values: Mapping[str, str], command: str, *arguments: str) -> None:
    """Raise InputError for an option with a value that its setting may not have; the hint has the other options, too.

    `command` and `arguments` are what was typed beside its options.
    """
    for setting, text in values.items():
        try:
            require_valid_setting(setting, text)
        except ValueError as error:
            shown = {**values, setting: _EXAMPLES.get(setting, "VALUE")}
            options = " ".join(f"{flag_of(one)} {word(value)}" for one, value in shown.items())
            raise InputError(
                f"{flag_of(setting)} is {error}", hint=own_command(command, *arguments, options=options)
            ) from None
