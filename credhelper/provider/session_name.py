"""The name of a session for which the profile fixes none: the user and the host."""

import os
import re
import socket
import sys

from credhelper.provider.record import Record


def user(record: Record) -> str:
    """Return the user's name, by the variables or the account, else the number."""
    if name := record.user_name():
        return name
    if sys.platform == "win32":
        return "unknown"
    import pwd  # where the system has it

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, OSError):
        return str(os.getuid())


def default(user: str) -> str:
    """Return user and host in the characters STS allows, so that CloudTrail shows who it was."""
    legal = re.sub(r"[^\w+=,.@-]", "-", f"{user}@{socket.gethostname()}", flags=re.ASCII)
    return legal[:64]
