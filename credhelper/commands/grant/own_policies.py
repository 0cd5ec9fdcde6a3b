"""The documents of --policy: files of the person's own, read where no one else can change them."""

import os

from credhelper.errors import InputError, MachineError
from credhelper.model.shell import word
from credhelper.policy.document import LIMIT
from credhelper.system import files, ownership

_PREFIX = "file://"


def read(given: str) -> tuple[str, str]:
    """Return name and text of the policy in a file, which is given as `file://PATH` or PATH.

    The name is that of the file without its end. Raises InputError or MachineError.
    """
    path = os.path.abspath(given.removeprefix(_PREFIX))
    try:
        ownership.require_trusted(path)
        content, _ = files.read_bounded(path, LIMIT, follow=True)
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the policy {path} is not UTF-8 text", hint=f"file {word(path)}") from None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise MachineError(f"the policy {path} cannot be read: {reason}", hint=f"ls -l {word(path)}") from None
    return os.path.splitext(os.path.basename(path))[0], text
