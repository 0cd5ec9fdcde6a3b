"""Six digits and nothing else: what counts as a one-time code. Pure."""

import re

from credhelper.errors import PROFILE
from credhelper.model.code_errors import NotACodeError

# In two groups of three, too: that is how authenticator apps show a code.
_CODE = re.compile(r"([0-9]{3})[ \u00a0-]?([0-9]{3})", re.ASCII)


def checked(text: str, what: str) -> str:
    """Return the code in `text`; `what` names it in the message. Raises NotACodeError."""
    code = _CODE.fullmatch(text.strip())
    if code is None:
        raise NotACodeError(
            f"{what} is not a one-time code of six digits", hint=f"try again: credhelper login {PROFILE}"
        )
    return code[1] + code[2]
