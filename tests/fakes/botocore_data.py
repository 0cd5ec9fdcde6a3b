"""What botocore ships as data, read once in a process: it reads and parses megabytes anew for every session.

Only its own files; models that a user or a hostile variable names are read each time, as ever.
"""

import functools
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

_load_file = JSONFileLoader.load_file


def keep() -> None:
    """Have this process keep it from here on."""
    JSONFileLoader.load_file = _load


def _load(loader: JSONFileLoader, path: str) -> Any:
    return _kept(path) if path.startswith(Loader.BUILTIN_DATA_PATH) else _load_file(loader, path)


@functools.cache
def _kept(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)
