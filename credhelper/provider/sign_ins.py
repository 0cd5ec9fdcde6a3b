"""Which tokens of SSO are of one sign-in: those that a refresh by credhelper has made of each other.

A refresh token names no person. Where the portal gives another one with each refresh, only the process that has asked
with the old one knows that the new one is the same person's; it leaves a note for the other profiles of the session. In
the note are digests of tokens, the first one of the sign-in first: to write one takes the tokens. A note that is not
there, or cannot be read, costs a call.
"""

import contextlib
import os
import re
from collections.abc import Callable

from credhelper.awsconfig.profiles import token
from credhelper.system import files, ownership

_DIGEST = re.compile(r"[0-9a-f]{64}")
# As AWS's tools call it. No other file that decides who a source is has a note: what is in it may be known to others.
_FILE = re.compile(r"(?:.*/\.aws/sso/cache/)?([0-9a-f]{40})\.json", re.DOTALL)
# An entry lives for at most twelve hours, and a token is refreshed every hour; the first one names the sign-in.
_MOST = 64
_LIMIT = 65 * (_MOST + 1)


class SignIns:
    """The notes in `directory`, one for each file of a token."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def first_of(self, path: str, digest: str) -> str:
        """Return the digest of the first token of the sign-in that the token at `path`, with this digest, is of."""
        known = self._known(path)
        return known[0] if digest in known else digest

    def refreshed(self, path: str, before: bytes, after: bytes) -> None:
        """Note that the token `after`, which is about to be written to `path`, was made of `before`."""
        note = self._note_of(path)
        old, new = token.digest(before), token.digest(after)
        if not note or old == new:
            return
        known = self._known(path)
        first, *others = known if old in known else [old]
        lines = [first, *others[-(_MOST - 2) :], new]
        with contextlib.suppress(OSError):
            ownership.make_private_directory(self._directory)
            files.replace_private(note, "\n".join(lines).encode(), f"{note}.new", durable=False)

    def noting(
        self, used: Callable[[str, bytes], None] = lambda _path, _content: None
    ) -> Callable[[str, bytes, bytes | None], None]:
        """Return what is called with a token's file, its content, and where that is new, the one it was made of."""

        def note(path: str, content: bytes, before: bytes | None) -> None:
            if before is not None:
                self.refreshed(path, before, content)
            used(path, content)

        return note

    def _known(self, path: str) -> list[str]:
        note = self._note_of(path)
        try:
            lines = files.read_private(note, _LIMIT).decode("ascii").split("\n") if note else []
        except (OSError, ValueError):
            return []
        return lines if all(map(_DIGEST.fullmatch, lines)) else []

    def _note_of(self, path: str) -> str:
        found = _FILE.fullmatch(path)
        return os.path.join(self._directory, f"{found[1]}.sign-in") if found else ""
