"""Take a profile out of the config file."""

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.profile.consequences import note_new_findings
from credhelper.commands.profile.edit import apply, listed, require, users_of
from credhelper.errors import InputError
from credhelper.model.shell import open_at, own_command
from credhelper.settings import Settings


def remove(settings: Settings, name: str, options: EditOptions, *, is_forced: bool = False) -> EditResult:
    """Remove a profile; raises InputError if others take their credentials from it and `is_forced` is not set."""

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        _refuse_credentials_only(catalogue, name)
        require(catalogue, name)
        users = sorted({user for user, _ in users_of(catalogue, name)} - {name})
        if users and not is_forced:
            raise InputError(
                f"profile {name} is the source of {', '.join(users[:5])}{' and others' if len(users) > 5 else ''}",
                hint=f"remove it all the same: {own_command('profile remove', name, options='--force')}",
            )
        if catalogue.is_in_credentials(name):
            remarks.append(
                f"what {catalogue.paths[1]} has for {name} stays, so that {name} is still a profile; "
                f"it starts in line {catalogue.line_in_credentials(name)}"
            )
        document = catalogue.config.remove(name)
        note_new_findings(catalogue, catalogue.with_config(document), remarks)
        return document

    return apply(settings, change, options)


def _refuse_credentials_only(catalogue: Catalogue, name: str) -> None:
    """Raise InputError for a profile that has nothing in the config file: no undo could restore its keys."""
    if catalogue.is_in_config(name) or not catalogue.is_in_credentials(name):
        return
    place = catalogue.place_of(name)
    users = sorted({user for user, _ in users_of(catalogue, name)} - {name})
    raise InputError(
        f"profile {name} is in the credentials file only, which this command does not edit: {place}"
        + (f"; it is the source of {listed(users)}" if users else ""),
        hint=f"remove its section there: {open_at(place.file, place.line)}",
    )
