"""Replaces the content of a file: temporary file, fsync, still the same?, rename, fsync of the directory.

Knows nothing of what the bytes mean. Everything before the rename may fail and leaves the old bytes in place;
everything after it may fail and leaves the new ones.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from credhelper.awsconfig.file import config_file, metadata
from credhelper.awsconfig.file.config_file import Content
from credhelper.errors import MachineError
from credhelper.system import files, ownership

_SHARING_RETRIES = 10
_UNSYNCED = "the new file is in place, but the disk did not confirm that it would survive a power cut"
_IN_PLACE = "the file was written in place, not replaced: a crash at that moment would have left it half written"

Rename = Callable[[str, str], None]
Sleep = Callable[[float], None]


class MovedError(Exception):
    """Another program wrote to the file between our read and the rename; nothing was changed."""


def replace(
    target: str, before: Content, data: bytes, *, rename: Rename = os.replace, sleep: Sleep = time.sleep
) -> tuple[str, ...]:
    """Replace `before` by `data` and return warnings for the user.

    Mode, owner, ACL and extended attributes stay. Raises OSError or MovedError, and then the old file is untouched.
    """
    if not before.exists:
        ownership.make_private_directory(os.path.dirname(target))
    temporary = _temporary(target)
    with _removed_on_failure(temporary):
        _fill(temporary, target if before.exists else None, data)
        _require_same(target, before)
        _rename(temporary, target, rename, sleep)
    try:
        files.sync_directory(os.path.dirname(target))
    except OSError:
        return (_UNSYNCED,)
    return ()


def try_out(target: str, before: Content, data: bytes) -> None:
    """Do what `replace` does before it compares and renames, and leave nothing of it; raises OSError."""
    temporary = _temporary(target)
    with _removed_on_failure(temporary):
        _fill(temporary, target if before.exists else None, data)
        files.unlink_quietly(temporary)


def _temporary(target: str) -> str:
    # The name is fixed: under the lock no other process uses it, and crashes leave one file behind, not many.
    return os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.credhelper.tmp")


@contextlib.contextmanager
def _removed_on_failure(temporary: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            files.unlink_quietly(temporary)
        raise


def _fill(temporary: str, model: str | None, data: bytes) -> None:
    files.unlink_quietly(temporary)
    fd = files.create_private(temporary)
    try:
        files.write_all(fd, data)
        if model is not None:
            metadata.carry_metadata(model, fd)
        files.sync_file(fd)
    finally:
        os.close(fd)


def _require_same(target: str, before: Content) -> None:
    if not config_file.is_still(target, before):
        raise MovedError


def _rename(temporary: str, target: str, rename: Rename, sleep: Sleep) -> None:
    """Rename, and on Windows wait while another program (an antivirus) has the file open: 10 ms, doubled 9 times."""
    for retry in range(_SHARING_RETRIES):
        try:
            rename(temporary, target)
        except PermissionError as error:
            if getattr(error, "winerror", None) is None:
                raise
            sleep(0.01 * 2**retry)
        else:
            return
    rename(temporary, target)


def overwrite(target: str, before: Content, data: bytes) -> tuple[str, ...]:
    """Write `data` into the file itself, for one that is a mount point; the old bytes are kept elsewhere already.

    Raises OSError if the old bytes are back in place, MachineError if not even that was possible.
    """
    _require_same(target, before)
    try:
        files.overwrite(target, data)
    except OSError:
        try:
            files.overwrite(target, before.data)
        except OSError:
            raise MachineError(
                f"writing into {target} failed half way", hint="restore it: credhelper profile undo --force --in-place"
            ) from None
        raise
    return (_IN_PLACE,)
