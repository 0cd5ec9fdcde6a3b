"""The files that decide who a source is: with whole paths, trusted, and told from others by their content."""

import errno
import os

from credhelper.awsconfig.profiles import source_chain, token
from credhelper.errors import InputError, MachineError
from credhelper.model.shell import own_command, word
from credhelper.provider.inputs import signature_of
from credhelper.provider.record import Record
from credhelper.system.files import read_bounded

# STS takes a token of at most 20,000 characters, and what SSO and `aws login` keep is not longer.
_TOKEN_LIMIT = 1 << 16


def noted(described: source_chain.Description, source: str, record: Record, *, who: str) -> list[str]:
    """Note the files that decide who the source of that name is, and return their paths.

    Raises InputError for a file or program with a relative path, and MachineError for a file that another user may
    change.
    """
    advice = f"write the whole path; see who names it: {own_command('profile show', source)}"
    record.has_program |= bool(described.programs)
    for program in described.programs:
        # A name without a directory is looked for in PATH, and ~ is a name: no shell starts it.
        if os.path.dirname(program):
            _require_absolute(program, who, advice)
    named = dict.fromkeys(described.files, advice)
    for variable in described.file_variables:
        if path := record.environ.get(variable):
            named[path] = f"give {word(variable)} the whole path"
    for path, advice in named.items():
        _require_absolute(path, who, advice)
    return [record.file(path) for path in named]


def _require_absolute(path: str, who: str, advice: str) -> None:
    if not os.path.isabs(path):
        raise InputError(
            f"{path} decides who {who} is, and is a relative path, which means another file in every directory",
            hint=advice,
        )


def digest_to_compare(path: str, who: str) -> str:
    """Return `digest_of` a file; raises MachineError for one that botocore reads, and that is too long to compare."""
    try:
        return _digest(path)
    except OSError as error:
        if error.errno in (errno.EFBIG, errno.EINVAL):
            raise MachineError(
                f"{path} decides who {who} is, and is no file of at most {_TOKEN_LIMIT >> 10} KiB, as AWS's tokens are",
                hint=f"see what it is: ls -lL {word(path)}",
            ) from None
    return digest_of(path)


def digest_of(path: str) -> str:
    """Return a digest of what a file says of who the source is, "" where there is none."""
    try:
        return _digest(path)
    except FileNotFoundError:
        return ""
    except OSError:
        return str(signature_of(path))  # botocore may read what we do not: it is not what another one is


def _digest(path: str) -> str:
    content, _ = read_bounded(path, _TOKEN_LIMIT, follow=True)
    return token.digest(content)
