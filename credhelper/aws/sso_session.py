"""One refresh of an SSO session at a time: its refresh token works once, and the second to send it would lose.

A token that is due is refreshed by botocore when it loads the credentials. Under a lock the second one reads the new
token from the file that the first has written. The AWS CLI knows nothing of the lock: where it was first, the file has
changed, and is read again.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from credhelper.system import files
from credhelper.system.lock import LockTimeoutError, hold

T = TypeVar("T")
# botocore, SSOTokenProvider: what is left of a token when it is refreshed; a little more, for a clock that goes on.
_REFRESH_WINDOW_S = 15 * 60 + 30
_LIMIT = 1 << 16
_MAXIMUM_LINKS = 50


def one_at_a_time(
    profile: str,
    sections: Mapping[str, Mapping[str, str]],
    locks_dir: str | None,
    timeout_s: float,
    load: Callable[[], T],
) -> T:
    """Return what `load` returns, under the lock of the profile's SSO session if its token is due.

    `locks_dir` is a private directory; None: no lock. A lock that cannot be taken costs a refresh, never the answer.
    """
    session = session_of(profile, sections)
    if session is None or locks_dir is None or not _is_due(_content(session)):
        return load()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(LockTimeoutError, OSError):
            stack.enter_context(hold(os.path.join(locks_dir, f"sso-{_digest(session)}.lock"), timeout_s / 2))
        before = _content(session)
        try:
            return load()
        except Exception:
            if _content(session) == before:
                raise
            return load()


def session_of(profile: str, sections: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the name of the SSO session that a profile's credentials come from, through native roles too."""
    for _ in range(_MAXIMUM_LINKS):
        section = sections.get(profile, {})
        if "sso_session" in section:
            return section["sso_session"]
        if section.get("source_profile", profile) == profile:
            return None
        profile = section["source_profile"]
    return None


def _digest(session: str) -> str:
    return hashlib.sha1(session.encode(), usedforsecurity=False).hexdigest()  # the name AWS's tools give the file


def _content(session: str) -> bytes:
    path = os.path.join(os.path.expanduser("~"), ".aws", "sso", "cache", f"{_digest(session)}.json")
    try:
        return files.read_bounded(path, _LIMIT, follow=True)[0]
    except OSError:
        return b""


def _is_due(content: bytes) -> bool:
    try:
        expires = datetime.fromisoformat(json.loads(content)["expiresAt"].replace("UTC", "+00:00"))
        return expires.timestamp() - time.time() < _REFRESH_WINDOW_S
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return bool(content)
