"""The file to edit: found behind its symlinks, checked, and read. Changes nothing.

Every reason an edit is refused is here, and what each errno means.
"""

import errno
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.shell import word
from credhelper.system import files, ownership
from credhelper.system.machine import this_machine

LIMIT = 1 << 20
LARGE_LIMIT = 1 << 28
# A program that writes in place (aws-cli, most editors) has the file empty or half written for some milliseconds.
_SETTLE_S = 0.1
_SETTLE_EMPTY_S = 1.0
_LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held when it was read; `exists` tells an empty file from none."""

    data: bytes
    exists: bool

    @property
    def digest(self) -> str:
        """A name for exactly these bytes."""
        return hashlib.sha256(self.data).hexdigest()


def resolve(path: str) -> str:
    """Return the real file behind `path`, which need not exist; raises MachineError for a loop of symlinks.

    The link stays and what it points to is edited, as dotfile managers expect; and two links to one file share one
    lock.
    """
    try:
        return os.path.realpath(path, strict=True)
    except FileNotFoundError:
        return os.path.realpath(path)
    except OSError as error:
        raise explain(error, path) from error


def read(target: str, limit: int) -> Content:
    """Return what the file holds; a missing one is empty. Raises InputError over `limit` bytes, MachineError."""
    try:
        data, _ = files.read_bounded(target, limit)
    except FileNotFoundError:
        return Content(b"", exists=False)
    except OSError as error:
        raise explain(error, target) from error
    return Content(data, exists=True)


def read_behind_links(path: str, limit: int) -> Content:
    """Return what the file behind `path` holds, wherever its symlinks lead; raises as `read` does."""
    return read(resolve(path), limit)


def is_still(target: str, content: Content) -> bool:
    """Tell whether the file is what it was when it was read; raises OSError."""
    if not content.exists:
        return not os.path.lexists(target)
    try:
        return files.holds(target, content.data)
    except FileNotFoundError:
        return False


def read_settled(
    target: str,
    limit: int,
    known: str | None,
    *,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Content:
    """Return what the file holds once no program is writing it.

    `known` is the digest of what we wrote last: those bytes are whole. Anything else must have been left alone for a
    moment, because a reader cannot tell a file that another program has just truncated from an empty one.
    """
    while True:
        content = read(target, limit)
        if content.digest == known or not content.exists:
            return content
        age_s = _age_s(target, now())
        if not 0 <= age_s < (_SETTLE_S if content.data else _SETTLE_EMPTY_S):
            return content
        sleep(_LOOK_EVERY_S)


def _age_s(target: str, now: float) -> float:
    try:
        return now - os.stat(target).st_mtime
    except OSError:
        return 0.0


def require_editable(target: str, *, uid: int | None = None) -> None:
    """Raise MachineError unless only this user may change the file, by its owner, links, mode and directories.

    The rule is the one for reading (system/ownership.py): root or we own it and each of its directories, and no other
    user may write to one of them.
    """
    if sys.platform == "win32":
        return
    me = os.geteuid() if uid is None else uid
    try:
        status = os.stat(target, follow_symlinks=False)
    except FileNotFoundError:
        status = None
    except OSError as error:
        raise explain(error, target) from error
    if status is not None:
        _require_own_file(target, status, me)
    _require_trusted(target, me)


def _require_own_file(target: str, status: os.stat_result, me: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise MachineError(f"{target} is not a regular file", hint=f"ls -l {word(target)}")
    if me not in {0, status.st_uid}:
        raise MachineError(f"{target} belongs to another user", hint=f"sudo chown $(id -u) {word(target)}")
    if status.st_nlink > 1:
        new = f"{target}.new"
        raise MachineError(
            f"{target} has {status.st_nlink} hard links, and replacing it would leave the others behind",
            hint=f"make it a file of its own: cp -p {word(target)} {word(new)} && mv {word(new)} {word(target)}",
        )
    if not status.st_mode & 0o200:
        raise MachineError(f"{target} is read-only", hint=_owner_hint(target) or f"chmod u+w {word(target)}")


def _owner_hint(target: str) -> str:
    return "it is managed by Nix: change it in your home-manager configuration" if "/nix/store/" in target else ""


def _require_trusted(target: str, me: int) -> None:
    fault = ownership.fault_of(target, me)
    if fault is None:
        return
    what = f"the directory {fault.place}" if fault.is_directory else fault.place
    if fault.reason == ownership.OPEN:
        raise MachineError(f"others may write to {what}", hint=ownership.cure(fault))
    raise MachineError(f"{what} belongs to another user", hint=ownership.cure(fault))


def explain(error: OSError, target: str) -> CredhelperError:
    """Return what an errno means for this file and what to do about it."""
    directory = os.path.dirname(target)
    if error.errno == errno.EFBIG:
        return InputError(f"{target} is larger than an edit expects", hint="if it is meant to be: add --large")
    if error.errno == errno.EPERM and (group := _foreign_group(target)):
        return MachineError(
            f"{target} is unchanged: it has rights for the group {group}, which you are not in",
            hint=f'chgrp "$(id -g)" {word(target)}',
        )
    machine = this_machine()
    message, hint = {
        errno.EACCES: ("permission is denied", f"ls -ld {word(directory)} {word(target)}"),
        errno.EPERM: ("it may not be changed, perhaps it is immutable", machine.see_attributes(target)),
        errno.EROFS: ("it is on a read-only file system", _owner_hint(target) or machine.see_mount(target)),
        errno.ENOSPC: ("the disk is full", f"df {word(directory)}"),
        errno.EDQUOT: ("the disk quota is used up", "quota -s"),
        errno.EIO: ("the disk reports an error", "sudo dmesg | tail"),
        errno.ELOOP: ("its symlinks form a loop", f"ls -l {word(target)}"),
        errno.ENOTDIR: ("a part of its path is not a directory", f"ls -ld {word(directory)}"),
        errno.EINVAL: ("it is not a regular file", f"ls -l {word(target)}"),
        errno.EISDIR: ("it is a directory", f"ls -ld {word(target)}"),
        errno.EBUSY: (_MOUNTED, "write into it instead: add --in-place"),
        errno.EXDEV: (_MOUNTED, "write into it instead: add --in-place"),
    }.get(error.errno or 0, ((error.strerror or "an error").lower(), f"ls -ld {word(directory)} {word(target)}"))
    return MachineError(f"{target} is unchanged: {message}", hint=hint)


def _foreign_group(target: str) -> str:
    """Return the group of a file, by its name where it has one, "" if this user may give files to it."""
    if sys.platform == "win32":
        return ""
    try:
        group = os.stat(target).st_gid
    except OSError:
        return ""
    if os.geteuid() == 0 or group in {os.getegid(), *os.getgroups()}:
        return ""
    import grp

    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


_MOUNTED = "it is a mount point of its own, so no other file can take its place"
