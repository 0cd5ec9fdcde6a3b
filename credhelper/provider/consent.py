"""Long-lived keys in another program's hands: what a person has agreed to, and whether that is enough."""

from dataclasses import dataclass

from credhelper.errors import InputError
from credhelper.mfa import terminal
from credhelper.model.credentials import Credentials
from credhelper.model.shell import word

# The ids of AWS's long-lived keys begin with it (IAM User Guide, unique identifiers).
_LONG_LIVED_ID = "AKIA"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was typed: with --long-lived or without. `again` is that command, `consenting` the one that has it."""

    has_option: bool
    again: str
    consenting: str


def is_long_lived(credentials: Credentials) -> bool:
    """Tell whether these are an IAM user's keys, which never expire; a session token left beside them is no sign."""
    return credentials.session_token is None or credentials.access_key_id.startswith(_LONG_LIVED_ID)


def require(profile: str, terms: Terms) -> None:
    """Raise InputError unless a person at a terminal asked for the profile's long-lived key to be handed out."""
    if not terms.has_option:
        raise InputError(
            f"profile {profile} has a long-lived key, which a program that is given it can keep for good",
            hint=f"if it may have it, in a terminal: {terms.consenting}",
        )
    if not terminal.is_there():
        raise InputError(
            f"profile {profile} has a long-lived key, which is handed out only at a terminal, and there is none",
            hint=f"a program can read the profile by itself: export AWS_PROFILE={word(profile)}",
        )
