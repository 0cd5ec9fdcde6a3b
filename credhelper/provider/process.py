"""One request of an SDK, `get PROFILE`, after the cache had no answer: from the settings to the exit code."""

import os
import sys
from typing import NoReturn

from credhelper import settings
from credhelper.cache.payload import Payload
from credhelper.errors import CredhelperError, InputError, unexpected
from credhelper.model.freshness import Moment
from credhelper.provider.get import fetch
from credhelper.provider.streams import ProtocolStreams


def serve(profile: str, started: Moment) -> NoReturn:
    """Write the document to stdout or the error to stderr, and exit with its code; the process began at `started`."""
    if os.isatty(1):
        error = InputError(
            "stdout is a terminal, and these are secrets",
            hint=f"credhelper exec {profile} -- COMMAND, or only fetch them: credhelper login {profile}",
        )
        sys.stderr.write(error.shown())
        sys.exit(InputError.exit_code)
    streams = ProtocolStreams()
    try:
        outcome: Payload | CredhelperError = fetch(profile, settings.load(), os.environ, streams.finish, started)
    except CredhelperError as error:
        outcome = error
    except Exception as error:  # noqa: BLE001 - SDKs show our stderr to people and logs: no traceback, whatever happens
        outcome = unexpected(error)
    streams.finish(outcome)
