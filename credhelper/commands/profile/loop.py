"""Refuse to take over a role whose sources form a loop: no SDK could assume it, and credhelper could not either."""

from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.errors import InputError
from credhelper.model.shell import of_profile, open_at, own_command, word


def refuse_loop(name: str, catalogue: Catalogue) -> None:
    """Raise InputError where the sources of a profile run into a loop; the hint is a command that opens it."""
    if loop := principal.loop_of(name, catalogue):
        raise InputError(
            f"the source profiles form a loop: {' -> '.join(loop)}",
            hint=_way_out(name if name in loop else loop[0], loop, catalogue),
        )


def _way_out(name: str, loop: list[str], catalogue: Catalogue) -> str:
    other = principal.way_out_of(loop, catalogue)
    if not other:
        free = "default" if "default" not in catalogue else free_name(name, catalogue)
        return f"create a source that has keys: aws configure {of_profile(free)}"
    if not catalogue.is_in_config(name):
        key = next((one for one in principal.SOURCE_KEYS if one in catalogue[name]), None)
        place = catalogue.place_of(name, key)
        return f"give {name} another source: {open_at(place.file, place.line)}"
    if is_credhelper(catalogue[name]):
        change = own_command("profile set", name, options=f"--source-profile {word(other)}")
    else:
        change = own_command("profile set", name, f"source_profile={other}")
    return f"give {name} another source: {change}"
