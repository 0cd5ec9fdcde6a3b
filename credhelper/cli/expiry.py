"""How a command ends whose time is over."""

import os
from typing import NoReturn

from credhelper.cache.payload import Payload
from credhelper.cli import output
from credhelper.errors import CredhelperError, MachineError


def end(outcome: Payload | CredhelperError) -> NoReturn:
    """Show the error and end the process, from whichever thread; credentials alone are no end of a person's command."""
    error = outcome if isinstance(outcome, CredhelperError) else MachineError("interrupted by the deadline")
    output.show_error(error)
    os._exit(error.exit_code)
