"""The credentials of any profile for calls of our own, which hand them to no other program."""

from collections.abc import Callable, Mapping

from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.cache.payload import Payload
from credhelper.commands.profile.list import open_sections
from credhelper.errors import CredhelperError
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import decode
from credhelper.provider import process, request
from credhelper.settings import Settings
from credhelper.system import clock


def credentials(
    profile: str,
    settings: Settings,
    environ: Mapping[str, str],
    give_up: Callable[[Payload | CredhelperError], object],
) -> Credentials:
    """Return the credentials of a profile, long-lived keys included; raises CredhelperError.

    `give_up` has to end the process: it is called when they take too long.
    """
    section = open_sections(settings).get(profile)
    if section is not None and is_credhelper(section):
        payload = process.run(profile, settings, environ, give_up, clock.now(), urgency=request.PERSON)
        return decode(payload.document)
    return process.run_other(profile, settings, environ, give_up, clock.now(), terms=None)
