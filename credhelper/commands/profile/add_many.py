"""Add many profiles in one edit, each under a name of its own; what is there stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import check_keys
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, source_of
from credhelper.awsconfig.profiles.role_profile import RoleProfile, is_credhelper
from credhelper.commands.profile.add import with_region
from credhelper.commands.profile.edit import apply, listed, require_unshadowed
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.trial import start_remarks
from credhelper.errors import InputError, about
from credhelper.model import profile_names
from credhelper.model.profile_names import Wanted
from credhelper.settings import Settings

_SSO_KEYS = ("sso_session", "sso_account_id", "sso_role_name")
_ROLE_KEY = "credhelper_role_arn"


@dataclass(frozen=True, slots=True)
class New:
    """A profile to add: its keys without the command, and the name that it should have."""

    wanted: Wanted
    keys: Mapping[str, str]


def there(keys: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the profile that has the role of these keys already, "" where none has; of several the likest."""
    role = keys.get(_ROLE_KEY)
    if role is None:
        wanted = [keys.get(key) for key in _SSO_KEYS]
        return next((one for one in catalogue if [catalogue[one].get(key) for key in _SSO_KEYS] == wanted), "")
    found = [one for one in catalogue if role in (catalogue[one].get(key) for key in (_ROLE_KEY, "role_arn"))]
    return min(found, key=lambda one: source_of(catalogue[one]) != source_of(keys), default="")


def names_of(wanted: Sequence[New], catalogue: Catalogue) -> list[str]:
    """Return the names that new profiles get beside those that are there."""
    # A profile of a name that another one has for its missing source would be that source from then on.
    missing = {source_of(catalogue[one]) for one in catalogue}
    return profile_names.unique([one.wanted for one in wanted], lambda name: name in catalogue or name in missing)


def add_many(
    settings: Settings,
    wanted: Sequence[New],
    options: EditOptions,
    *,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Add those whose role no profile has yet, in one edit; `EditResult.names` are their names.

    A remark says which cannot be, and why. Raises InputError where the edit would make another profile someone else.
    """
    lines = Lines(settings)
    line_of = line_of or lines.line
    added: dict[str, str] = {}

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        new = [one for one in wanted if not there(one.keys, catalogue)]
        sections: dict[str, Mapping[str, str]] = {}
        for name, one in zip(names_of(new, catalogue), new, strict=True):
            command = {PROCESS_KEY: line_of(name)} if is_credhelper(one.keys) else {}
            try:
                keys = {**command, **with_region(catalogue, name, one.keys, [] if sections else remarks)}
                _check(name, keys)
            except InputError as error:
                remarks.append(f"{name} is not added: {error.message}")
            else:
                sections[name] = keys
        added.clear()
        added.update({name: section.get(PROCESS_KEY, "") for name, section in sections.items()})
        edited = catalogue.config.add_all(sections)
        after = catalogue.with_config(edited)
        for name in sections:
            require_unshadowed(name, after)
        if changed := [one for one in principal.changed(catalogue, after, {}) if one not in sections]:
            raise InputError(
                f"these profiles would change who {listed(changed)} is for SDKs",
                hint="see the sources: credhelper profile list",
            )
        return edited

    result = apply(settings, change, options)
    result = replace(result, names=tuple(added), remarks=(*result.remarks, *lines.remarks))
    first = next((name for name, line in added.items() if line), "")
    if options.is_dry_run or not result.changed or not first:
        return result
    return replace(result, remarks=(*result.remarks, *start_remarks(added[first], first)))


def _check(name: str, keys: Mapping[str, str]) -> None:
    """Raise InputError for keys that no file can have, or no role profile."""
    with about(profile=name, edit="add"):
        check_keys(keys)
        if is_credhelper(keys):
            RoleProfile.from_section(name, keys)
