"""The files that AWS's tools keep tokens in, as botocore reads and writes them, with a note of each token it used."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import botocore.utils

# Called with the name of a token's file, without its directory, and the content that was read or written.
Note = Callable[[str, bytes], None]


class TokenCache(botocore.utils.JSONFileCache):  # type: ignore[misc]  # botocore ships no types
    """botocore's cache of tokens. The last note of a file is the token that was used: read, or made by a refresh."""

    def __init__(self, directory: str, note: Note) -> None:
        super().__init__(directory, dumps_func=_dumps)
        self._note = note

    def __getitem__(self, cache_key: str) -> Any:
        token = super().__getitem__(cache_key)
        self._note(f"{cache_key}.json", _dumps(token).encode())
        return token

    def __setitem__(self, cache_key: str, value: Any) -> None:
        self._note(f"{cache_key}.json", _dumps(value).encode())
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
