"""Halves of a grant for an administrator who is not here: as text, or as private files that replace none of others."""

import errno
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from credhelper.errors import InputError, MachineError
from credhelper.grant import render_cli, render_cloudformation, render_json, render_terraform
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.model.shell import word
from credhelper.system import files, ownership

# No file of an export is longer; one that is there and is longer is another's.
_LIMIT = 1 << 20


class Form(Enum):
    """What an administrator may want to have."""

    CLI = "cli"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Written:
    """Paths of the files that were written, and of those that were as they should be already."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def text(wanted: Wanted, side: Side, form: Form, *, adopt: bool = False) -> str:
    """Return a half as one text: commands for sh, a template, a configuration, or an object of documents by name."""
    if form is Form.CLI:
        return render_cli.text(wanted, side, adopt=adopt)
    found = _files(wanted, side, form, adopt=adopt)
    if form is not Form.JSON:
        return "".join(found.values())
    members = (f'"{name.removesuffix(".json")}": {one.rstrip()}' for name, one in found.items())
    return "{" + ",\n".join(members) + "}\n"


def write(
    wanted: Wanted, sides: Iterable[Side], form: Form, directory: str, *, adopt: bool = False, replace: bool = False
) -> Written:
    """Write halves as files into a directory, which is made if it is missing.

    A file of that name with another content is replaced with `replace` only; without it nothing at all is written,
    and InputError names it. Raises MachineError where the directory cannot be used.
    """
    wanted_files = {name: one for side in sides for name, one in _files(wanted, side, form, adopt=adopt).items()}
    directory = os.path.abspath(directory)
    try:
        return _write(directory, wanted_files, replace=replace)
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else directory
        raise MachineError(f"{where} cannot be written: {error.strerror}") from None


def _write(directory: str, wanted: Mapping[str, str], *, replace: bool) -> Written:
    if not os.path.isdir(directory):
        ownership.make_private_directory(directory)
    elif (fault := ownership.fault_of(directory)) is not None:
        raise MachineError(
            f"nothing is written to {directory}: {fault.place}: {fault.reason}", hint=ownership.cure(fault)
        )
    contents = {os.path.join(directory, name): one.encode("ascii") for name, one in wanted.items()}
    unchanged = {path for path, data in contents.items() if _found(path) == data}
    others = [path for path in contents if path not in unchanged and os.path.lexists(path)]
    if others and not replace:
        more = f", and {len(others) - 1} more" if len(others) > 1 else ""
        raise InputError(
            f"{others[0]} is there already with another content{more}",
            hint=f"another directory, or --replace after a look at it: ls -l {word(directory)}",
        )
    # In their order: commands come last, so that none names a document that is not there yet.
    for path, data in contents.items():
        if path not in unchanged:
            files.replace_private(path, data, f"{path}.{os.getpid()}.tmp", durable=True)
    return Written(tuple(path for path in contents if path not in unchanged), tuple(sorted(unchanged)))


def _found(path: str) -> bytes | None:
    """Return what is in a file, None for none or for one that is too long; raises OSError for a link or a directory."""
    try:
        return files.read_bounded(path, _LIMIT)[0]
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.EFBIG:
            return None
        raise


def _files(wanted: Wanted, side: Side, form: Form, *, adopt: bool) -> Mapping[str, str]:
    if form is Form.CLI:
        return render_cli.files(wanted, side, adopt=adopt)
    renderers = {
        Form.CLOUDFORMATION: render_cloudformation.files,
        Form.TERRAFORM: render_terraform.files,
        Form.JSON: render_json.files,
    }
    return renderers[form](wanted, side)
