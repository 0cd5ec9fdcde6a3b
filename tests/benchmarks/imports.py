"""What each import and each trick of the hit is worth, over a bare interpreter."""

import sys
import tempfile

from benchmarks.timing import Command, clean_environment, medians_ms

_CASES = {
    "`python -I -c pass`": ["-I", "-c", "pass"],
    "without `site` (`-S`)": ["-I", "-S", "-c", "pass"],
    "starting a module with `-m`": ["-I", "-m", "this"],
    "`hashlib`": ["-I", "-c", "import hashlib"],
    "`hmac`": ["-I", "-c", "import hmac"],
    "`json`": ["-I", "-c", "import json"],
    "`typing`": ["-I", "-c", "import typing"],
    "`ctypes`, and the C library through it": ["-I", "-c", "import ctypes; ctypes.CDLL(None).syscall"],
    "the same through its engine, as the hit does": [
        "-I",
        "-c",
        "from credhelper.system import syscall; syscall.load()",
    ],
    "AES-GCM, as the hit takes it": ["-I", "-c", "import credhelper.cache.aes_gcm"],
    "AES-GCM, by its public path": ["-I", "-c", "from cryptography.hazmat.primitives.ciphers.aead import AESGCM"],
    "`platformdirs`": ["-I", "-c", "import platformdirs"],
    "`filelock`": ["-I", "-c", "import filelock"],
    "`click`": ["-I", "-c", "import click"],
    "`botocore.session`": ["-I", "-c", "import botocore.session"],
    "leaving by `os._exit` after a hit's imports": ["-I", "-c", "import credhelper.provider.hit, os; os._exit(0)"],
    "leaving the usual way after the same": ["-I", "-c", "import credhelper.provider.hit, os"],
}


def table(runs: int) -> str:
    """Return the table of what imports cost."""
    with tempfile.TemporaryDirectory() as home:
        environ = clean_environment(home)
        found = medians_ms([Command(name, [sys.executable, *case], environ) for name, case in _CASES.items()], runs)
    bare = next(iter(found.values()))
    rows = [f"| {name} | {time:.1f} ms | {time - bare:+.1f} ms |" for name, time in found.items()]
    return "\n".join(["| start of Python with | time | over a bare start |", "|---|---|---|", *rows, ""])
