"""The files that AWS's tools keep tokens in, as botocore reads and writes them, with a note of each token it used."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import botocore.utils

from credhelper.system import files

_LIMIT = 1 << 16

# Called with the name of a token's file, without its directory, the content that was read or is about to be written,
# and where a refresh has made that, the content that it was made of.
Note = Callable[[str, bytes, bytes | None], None]


class TokenCache(botocore.utils.JSONFileCache):  # type: ignore[misc]  # botocore ships no types
    """botocore's cache of tokens. The last note of a file is the token that was used: read, or made by a refresh."""

    def __init__(self, directory: str, note: Note) -> None:
        super().__init__(directory, dumps_func=_dumps)
        self._directory = directory
        self._note = note
        self._read: dict[str, bytes] = {}

    def __getitem__(self, cache_key: str) -> Any:
        # botocore would read it in the locale's encoding, without a limit, and wait for a FIFO.
        name = f"{cache_key}.json"
        try:
            content, _ = files.read_bounded(os.path.join(self._directory, name), _LIMIT, follow=True)
            token = json.loads(content)
        except (OSError, ValueError, RecursionError):
            raise KeyError(cache_key) from None
        self._read[name] = content
        self._note(name, content, None)
        return token

    def __setitem__(self, cache_key: str, value: Any) -> None:
        name = f"{cache_key}.json"
        self._note(name, _dumps(value).encode(), self._read.get(name))
        super().__setitem__(cache_key, value)


def of_sso(note: Note) -> TokenCache:
    """Return the cache of SSO's tokens."""
    return TokenCache(os.path.join(os.path.expanduser("~"), ".aws", "sso", "cache"), note)


def of_login(note: Note) -> TokenCache | None:
    """Return the cache of `aws login`, None where this botocore knows none."""
    directory = getattr(botocore.utils, "get_login_token_cache_directory", None)
    return None if directory is None else TokenCache(directory(), note)


def _dumps(value: Any) -> str:
    # As botocore writes its tokens (tokens._sso_json_dumps); a time of `aws login` is text already.
    return json.dumps(value, default=_text_of_time)


def _text_of_time(value: object) -> object:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
