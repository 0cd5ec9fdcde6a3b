"""The files of one test: a secret may be only in those that the test itself wrote as inputs."""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from credhelper.keystores.stores import KEY_SIZE
from fakes import canary
from leak_check.findings import Findings

_LIMIT = 32 << 20
# Where keystores/stores.py puts a key, and the one place where it may be.
_MASTER_KEY = "/credhelper/key"


@dataclass(frozen=True, slots=True)
class Input:
    """Files in which the tests themselves put a secret: which tests, which paths below their directory, and why."""

    test: str
    path: str
    reason: str


_SOURCES = "*/unit/aws/test_source_credentials.py::*"
_NAMED = "*/attacks/test_named_files.py::*"
_SIGNED_ON = "*/integration/test_sso.py::*"
_ANY = "*/integration/test_any_profile.py::*"
_DISCOVER = "*/integration/front/test_discover.py::*"
_CONSOLE = "*/unit/commands/test_console.py::*"
_EVERYDAY = "*/integration/test_everyday.py::*"
_SHARED = "*/unit/aws/test_shared_config.py::*"
_PROFILES = "*/unit/commands/profile/test_*.py::*"
_LINE = "*/unit/commands/test_helper_line.py::*"
INPUTS = (
    Input("*", "*/.aws/credentials", "the user's own keys, which AWS keeps there"),
    Input(_SOURCES, "credentials", "the same, beside the test's config"),
    Input(_SOURCES, "config", "static keys in the config file are a source, too"),
    Input(_SOURCES, "*.json", "the token of a login comes in a file"),
    Input(_SOURCES, "program.py", "a credential_process that is not ours has its keys somewhere"),
    Input(_SOURCES, "token", "the token of a web identity comes in a file"),
    Input(_SIGNED_ON, "*/.aws/sso/cache/*.json", "the tokens of an SSO session, where AWS's tools keep them"),
    Input(_NAMED, "*/.aws/sso/cache/*.json", "the same"),
    Input(_NAMED, "*/token", "the token of a web identity comes in a file"),
    Input(_ANY, "*/.aws/sso/cache/*.json", "the tokens of an SSO session, where AWS's tools keep them"),
    Input(_ANY, "*/token", "the token of a web identity comes in a file"),
    Input(_ANY, "*/vault-*.sh", "a credential_process that is not ours has its keys somewhere"),
    Input(_LINE, "vault-*.sh", "the same"),
    Input(_DISCOVER, "*/.aws/sso/cache/*.json", "the same"),
    Input(_CONSOLE, "*/.aws/sso/cache/*.json", "the same"),
    Input(_CONSOLE, "*/vault-*.sh", "a credential_process that is not ours has its keys somewhere"),
    Input(_EVERYDAY, "*/.aws/sso/cache/*.json", "the same"),
    Input(_EVERYDAY, "*/programs/aws-vault", "the programs of other tools have their keys somewhere"),
    Input(_EVERYDAY, "*/programs/granted", "the same"),
    Input(_SHARED, "credentials", "a broken line with a secret in it, which no message may quote"),
    Input(_SHARED, "config", "the same in the other file"),
    Input(_PROFILES, "home/.aws/config", "a config with static keys is edited, and they are left where they are"),
    Input(_PROFILES, "config", "the same, behind a symlink"),
    # A copy that credhelper makes. It is the file's own bytes for `profile undo`; docs/threat-model.md says so.
    Input(_PROFILES, "home/.local/state/credhelper/undo/*", "what that config held before the edit"),
)


def check(top: str, test: str, findings: Findings) -> None:
    """Look at every file below `top`, and at its name; the master keys that lie there are registered first."""
    paths = list(_regular_files(top))
    keys = {path: key for path in paths if path.endswith(_MASTER_KEY) and len(key := _read(path)) == KEY_SIZE}
    for key in keys.values():
        canary.register(key)
    for path in paths:
        shown = os.path.relpath(path, top)
        findings.look_now("file name", shown, os.fsencode(shown))
        if path not in keys and not is_input(test, shown):
            findings.look_now("file", shown, _read(path))


def is_input(test: str, path: str) -> bool:
    """Tell whether the test put a secret there itself."""
    return any(fnmatch(test, allowed.test) and fnmatch(path, allowed.path) for allowed in INPUTS)


def _regular_files(top: str) -> Iterator[str]:
    for directory, _, names in os.walk(top):
        for name in names:
            path = os.path.join(directory, name)
            # A process that outlives its test may still remove its files.
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    yield path


def _read(path: str) -> bytes:
    """Return the file without its gaps; of one that is larger all the same, the beginning."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # gone meanwhile, or its mode keeps everybody out
        return b""
    try:
        return b"\n".join(_extents(fd))
    finally:
        os.close(fd)


def _extents(fd: int) -> Iterator[bytes]:
    size, start = os.fstat(fd).st_size, 0
    left = _LIMIT
    while start < size and left > 0:
        try:
            start = os.lseek(fd, start, os.SEEK_DATA)
        except OSError:  # ENXIO: only a gap is left
            return
        end = os.lseek(fd, start, os.SEEK_HOLE)
        data = os.pread(fd, min(end - start, left), start)
        left -= len(data)
        start = end
        yield data
