"""What is taken instead of credhelper, although it answers for a profile: by the two files, and by the environment."""

from collections.abc import Iterable, Mapping

from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.commands.profile.list import open_sections
from credhelper.errors import CredhelperError
from credhelper.model.shell import own_command
from credhelper.settings import Settings

_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


# So many are named where it is about every profile.
_MAXIMUM = 5


def remarks(settings: Settings, names: Iterable[str] | None, environ: Mapping[str, str]) -> list[str]:
    """Return one remark for each of the profiles that SDKs do not ask credhelper for, and one for the environment.

    Without `names` it is about every profile, and names the first few.
    """
    found = []
    try:
        catalogue = open_sections(settings)
    except CredhelperError:
        return in_environment(environ)
    for name in catalogue if names is None else names:
        shadow = catalogue.shadow_of(name) if name in catalogue else None
        if shadow is None and name in catalogue and is_credhelper(catalogue[name]):
            if PROCESS_KEY not in catalogue[name]:
                what = f"no tool asks credhelper for profile {name}: it has no {PROCESS_KEY}"
                found.append(f"{what}; to write it: {own_command('profile repair', name)}")
        elif shadow is not None:
            who = "SDKs do not ask" if shadow.is_for_all else "some SDKs do not ask"
            found.append(f"{who} credhelper for profile {name}: {shadow}; see: {own_command('profile show', name)}")
    if names is None and len(found) > _MAXIMUM:
        found[_MAXIMUM:] = [f"so it is for {len(found) - _MAXIMUM} more; see: credhelper profile check"]
    return [*found, *in_environment(environ)]


def in_environment(environ: Mapping[str, str]) -> list[str]:
    """Return a remark where variables hold keys, which go before AWS_PROFILE in every SDK; botocore looks at two."""
    if not (environ.get(_VARIABLES[0]) and environ.get(_VARIABLES[1])):
        return []
    there = [name for name in _VARIABLES if name in environ]
    return [
        f"AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE for tools without --profile: unset {' '.join(there)}"
    ]
