"""Keys of boto 2 and of EC2's first tools, which the AWS CLI and boto3 still take where no profile has credentials.

By botocore's own providers, in its order: the file that AWS_CREDENTIAL_FILE names, then boto 2's.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import botocore.credentials
import botocore.exceptions

from credhelper.aws.quiet import quiet
from credhelper.errors import InputError
from credhelper.model.credentials import Credentials
from credhelper.model.shell import word

_EC2 = botocore.credentials.OriginalEC2Provider
_BOTO = botocore.credentials.BotoProvider


@dataclass(frozen=True, slots=True)
class OldKeys:
    """A key in such a file. `kind` is botocore's name, `variable` what names the file, "" for the usual places."""

    kind: str
    path: str
    variable: str
    credentials: Credentials = field(repr=False)


def find(environ: Mapping[str, str], note: Callable[[str], object]) -> OldKeys | None:
    """Return what is taken, None if there is no such file or no key in it; raises InputError where botocore stops.

    `environ` is the caller's whole environment. `note` is called with each file before it is read, and may refuse it.
    """
    for kind, path, variable in _places(environ):
        if os.path.exists(path):
            note(path)
        with quiet():
            found = _load(kind, path, variable)
        if found is not None:
            return OldKeys(kind, path, variable, Credentials(found.access_key, found.secret_key))
    return None


def _places(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the file and the variable that names it, in the order in which botocore looks."""
    if (named := environ.get(_EC2.CRED_FILE_ENV)) is not None:
        yield _EC2.CANONICAL_NAME, _whole(named), _EC2.CRED_FILE_ENV
    if (named := environ.get(_BOTO.BOTO_CONFIG_ENV)) is not None:
        yield _BOTO.CANONICAL_NAME, _whole(named), _BOTO.BOTO_CONFIG_ENV
        return
    for path in _BOTO.DEFAULT_CONFIG_FILENAMES:
        yield _BOTO.CANONICAL_NAME, _whole(path), ""


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _load(kind: str, path: str, variable: str) -> "botocore.credentials.Credentials | None":
    try:
        if kind == _EC2.CANONICAL_NAME:
            return _EC2({_EC2.CRED_FILE_ENV: path}).load()
        return _BOTO({_BOTO.BOTO_CONFIG_ENV: path}).load()
    except Exception:  # noqa: BLE001  # what it says may quote the file, which has a secret in it
        what = f"{path}, which {variable} names," if variable else path
        raise InputError(
            f"{what} is not to be read, or has half a key: the AWS CLI and boto3 stop there",
            hint=f"see whether it is still needed: ls -l {word(path)}",
        ) from None
