"""Six digits and nothing else: what counts as a one-time code. Pure."""

import re

from credhelper.errors import PROFILE, MfaError

_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def checked(text: str, what: str) -> str:
    """Return the code in `text`; `what` names it in the message. Raises MfaError."""
    code = text.strip()
    if not _CODE.fullmatch(code):
        raise MfaError(f"{what} is not a one-time code of six digits", hint=f"try again: credhelper login {PROFILE}")
    return code
