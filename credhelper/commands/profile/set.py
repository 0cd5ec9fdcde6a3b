"""Change keys of a profile that exists."""

from collections.abc import Iterable, Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.secret_keys import is_secret_key
from credhelper.awsconfig.document.splices import check_keys
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue, Shadow
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import (
    NATIVE_ROLE_KEYS,
    PREFIX,
    SETTINGS,
    is_credhelper,
    key_of,
    meant_by,
)
from credhelper.commands.profile import possible
from credhelper.commands.profile.add import command_for_another, require_good_source
from credhelper.commands.profile.consequences import note_new_findings
from credhelper.commands.profile.edit import (
    apply,
    check_name_for_command,
    merged,
    note_changed,
    require,
    require_valid,
    require_valid_options,
)
from credhelper.commands.profile.line import repaired_line
from credhelper.errors import InputError
from credhelper.model.nearest import nearest
from credhelper.model.shell import of_profile, own_command, word
from credhelper.settings import Settings

# Keys with a block of further keys below them.
_BLOCKS = ("s3", "s3api")
# Keys of AWS's own that a key may have been meant to be.
_KNOWN = (
    *CREDENTIAL_KEYS, *NATIVE_ROLE_KEYS, "region", "output", "endpoint_url", "ca_bundle", "services", "cli_pager",
    "retry_mode", "max_attempts", "defaults_mode", "sts_regional_endpoints", "use_fips_endpoint",
    "use_dualstack_endpoint",
)  # fmt: skip


def set_keys(
    settings: Settings, name: str, values: Mapping[str, str], keys: Mapping[str, str], options: EditOptions
) -> EditResult:
    """Set settings of credhelper (`external_id` and so on) and any other keys of a profile.

    A credhelper profile whose command is gone, because Python or credhelper moved, gets the command of this one.
    Raises InputError if the profile could not be used afterwards.
    """
    require_valid_options(values, "profile set", name)
    wanted: dict[str, str | None] = {key_of(setting): text for setting, text in values.items()}
    wanted |= keys
    if PROCESS_KEY in keys:
        raise InputError(
            f"credhelper writes {PROCESS_KEY} where it assumes the role, and no line of another program",
            hint=f"aws configure set credential_process COMMAND {of_profile(name)}, or for credhelper's own: "
            f"{own_command('profile repair', name)}",
        )
    for key, text in keys.items():
        _refuse_key(name, key, text)
    own = {one: keys[key_of(one)] for one in SETTINGS if key_of(one) != one and key_of(one) in keys}
    require_valid_options({**values, **own}, "profile set", name)
    return apply(settings, lambda catalogue, remarks: _changed(settings, catalogue, name, wanted, remarks), options)


def _refuse_key(name: str, key: str, text: str) -> None:
    """Raise InputError for a secret on the command line, and for what is not one line of the profile."""
    if is_secret_key(key):
        raise InputError(
            f"{key} is a secret, which the history of the shell and the list of processes would show",
            hint=f"let it be asked for: aws configure {of_profile(name)}",
        )
    if not key:
        raise InputError("there is no key before =", hint=own_command("profile set", name, "output=json"))
    check_keys(dict.fromkeys(key.split("."), "-"))
    if "." in key:
        raise InputError(
            f"{key} belongs into a block of keys, which credhelper does not write",
            hint=f"aws configure set {word(key)} {word(text)} {of_profile(name)}",
        )
    if key in _BLOCKS:
        raise InputError(
            f"{key} has a block of keys below it and no value of its own",
            hint=f"aws configure set {key}.max_concurrent_requests 20 {of_profile(name)}",
        )
    if key.startswith(PREFIX) and key not in map(key_of, SETTINGS):
        near = meant_by(key)
        meant = f"{near}={text}"
        raise InputError(
            f"credhelper has no setting {key[:64]}",
            hint=own_command("profile set", name, meant) if near else "credhelper profile set --help",
        )
    if not text:
        raise InputError(
            f"the value of {key} is empty",
            hint=f"aws configure set {word(key)} '' {of_profile(name)}, or to remove the key: "
            f"{own_command('profile unset', name, key)}",
        )


def unset_keys(settings: Settings, name: str, keys: Iterable[str], options: EditOptions) -> EditResult:
    """Remove keys of a profile; a setting of credhelper may be named without its prefix."""
    names = list(keys)

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        section = require(catalogue, name)
        removals: dict[str, str | None] = dict.fromkeys(
            _key_in(section, key.lower().replace("-", "_")) for key in names
        )
        remarks += [_not_there(name, key, catalogue) for key in removals if key not in section]
        return _changed(settings, catalogue, name, {key: None for key in removals if key in section}, remarks)

    return apply(settings, change, options)


def _not_there(name: str, key: str, catalogue: Catalogue) -> str:
    if key in catalogue.in_credentials(name):
        return f"{catalogue.place_of(name, key)} has {key} for {name}, and this command does not edit that file"
    near = nearest(key, catalogue.in_config(name), limit=1)
    return f"profile {name} has no {key}" + (f"; did you mean {near[0]}?" if near else "")


def _key_in(section: Mapping[str, str], key: str) -> str:
    return PREFIX + key if key not in section and key in SETTINGS and PREFIX + key in section else key


def _changed(
    settings: Settings, catalogue: Catalogue, name: str, changes: Mapping[str, str | None], remarks: list[str]
) -> Document:
    section = require(catalogue, name)
    remarks += _near_misses(changes, section)
    changes = _one_source(changes, section, remarks)
    after = merged(section, changes)
    possible.require(name, changes, catalogue)
    require_valid(name, after)
    if is_credhelper(after) and not is_credhelper(section):
        _refuse_other_program(name, section, after, catalogue)
    if is_credhelper(after) and (line := _line(settings, name, after, catalogue)):
        changes = {**changes, PROCESS_KEY: line}
    document = catalogue.config.update({name: changes})
    edited = catalogue.with_config(document)
    shadow = edited.shadow_of(name)
    if shadow is not None:
        # A profile that was shadowed before may be changed in other ways, and is, on the way out of that.
        is_about_credentials = any(value is not None and _decides(key) for key, value in changes.items())
        if catalogue.shadow_of(name) is None and is_about_credentials:
            raise _refused(name, section, after, edited, shadow)
        remarks.append(f"credhelper is not asked for profile {name}: {shadow}")
    if any(map(_decides, changes)):
        require_good_source(name, edited, remarks)
        note_changed(name, catalogue, document, remarks)
    note_new_findings(catalogue, edited, remarks, but_not=name)
    return document


def _line(settings: Settings, name: str, after: Mapping[str, str], catalogue: Catalogue) -> str | None:
    """Return the line to write, if one is; where the name does not allow any, say so."""
    try:
        return repaired_line(settings, name, after)
    except InputError:
        check_name_for_command(name, catalogue)
        raise


def _one_source(
    changes: Mapping[str, str | None], section: Mapping[str, str], remarks: list[str]
) -> Mapping[str, str | None]:
    """Return the changes with the source that was there removed, where one of the other kind takes its place."""
    found = dict(changes)
    for prefix in ("", PREFIX):
        kinds_of_source = prefix + "source_profile", prefix + "credential_source"
        for new, old in (kinds_of_source, kinds_of_source[::-1]):
            if prefix + "role_arn" in section and changes.get(new) and old in section and old not in changes:
                found[old] = None
                remarks.append(f"{new} takes the place of {old}, which is removed")
    return found


def _refuse_other_program(
    name: str, section: Mapping[str, str], after: Mapping[str, str], catalogue: Catalogue
) -> None:
    """Raise InputError where the profile that is to become credhelper's starts another program, and goes on to."""
    if PROCESS_KEY in section and not is_credhelper_line(section[PROCESS_KEY], name):
        raise InputError(
            f"profile {name} starts another program ({catalogue.place_of(name, PROCESS_KEY)}), which would not ask "
            "credhelper",
            hint=f"give the role a name of its own: {command_for_another(name, after, catalogue)}",
        )


def _near_misses(changes: Mapping[str, str | None], section: Mapping[str, str]) -> list[str]:
    """Return a remark for each new key that is nearly one of AWS's."""
    new = [key for key, value in changes.items() if value is not None and key not in {*section, *_KNOWN}]
    near = {key: nearest(key, _KNOWN, limit=1, cutoff=0.8) for key in new if not key.startswith(PREFIX)}
    return [f"{key} is set as it was typed; did you mean {found[0]}?" for key, found in near.items() if found]


def _decides(key: str) -> bool:
    """Tell whether a key may decide whose credentials a profile has."""
    return key.startswith(PREFIX) or key in CREDENTIAL_KEYS


def _refused(
    name: str, before: Mapping[str, str], after: Mapping[str, str], edited: Catalogue, shadow: Shadow
) -> InputError:
    """Return the error for a change that would end in a profile for which credhelper is not asked."""
    if is_credhelper(before):
        return InputError(
            f"credhelper would not be asked for profile {name} any more: {shadow.key} goes before it",
            hint=f"see the profile: {own_command('profile show', name)}",
        )
    return InputError(
        f"credhelper would not be asked for profile {name}: {shadow}",
        hint=f"give the role a name of its own: {command_for_another(name, after, edited)}",
    )
