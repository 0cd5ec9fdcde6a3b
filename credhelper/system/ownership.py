"""Which directories only this user may change (OpenSSH, safe_path), and making private ones."""

import errno
import os
import stat
import sys

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Iterator


def make_private_directory(path: str) -> None:
    """Create `path` and its missing parents with mode 0700 under any umask; refuse an existing unsafe one.

    The mode is part of the mkdir itself: a directory that is created and then chmodded is open in between.
    Raises PermissionError (EPERM) if `path` belongs to another user or others may write to it, or if they may put
    another directory in the place of it or of a parent; its `filename` is the directory to fix.
    """
    try:
        os.stat(path)
    except FileNotFoundError:
        # Upwards in a loop: a path of a thousand missing parents must not end in a recursion error.
        missing = [path]
        while (parent := os.path.dirname(missing[-1])) not in ("", missing[-1]) and not os.path.isdir(parent):
            missing.append(parent)
        for one in reversed(missing):
            _mkdir_private(one)
    status = os.stat(path)
    if sys.platform != "win32" and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        raise PermissionError(errno.EPERM, "directory is not private to this user", path)
    _require_safe_parents(path)


def _require_safe_parents(path: str) -> None:
    if sys.platform == "win32":
        return
    for parent in parents(os.path.realpath(path)):
        status = os.stat(parent)
        if belongs_to_another(status, os.geteuid()) or is_open_to_others(status):
            raise PermissionError(errno.EPERM, "others may replace this directory", parent)


def parents(path: str) -> "Iterator[str]":
    """Yield the directories above `path`, the nearest first."""
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def belongs_to_another(status: os.stat_result, uid: int) -> bool:
    """Tell whether a directory is neither root's nor this user's (OpenSSH, safe_path); root trusts every owner."""
    return uid != 0 and status.st_uid not in (0, uid)


def is_open_to_others(status: os.stat_result) -> bool:
    """Tell whether another user may replace a file of this user in that directory.

    OpenSSH's rule (safe_path), with two exceptions: a sticky bit keeps others from replacing files that are not
    theirs, and a group whose only member is the directory's owner is as good as the owner (user private groups, 0775).
    """
    if status.st_mode & stat.S_ISVTX:
        return False
    return bool(status.st_mode & 0o002) or (bool(status.st_mode & 0o020) and not _is_private_group(status))


def _is_private_group(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return False
    try:
        import grp
        import pwd

        owner, group = pwd.getpwuid(status.st_uid), grp.getgrgid(status.st_gid)
    except (ImportError, KeyError):
        return False
    is_own = owner.pw_gid == status.st_gid and owner.pw_name == group.gr_name and owner.pw_uid != 0
    return is_own and set(group.gr_mem) <= {owner.pw_name}


def _mkdir_private(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    # A umask such as 0777 takes our own bits away as well; give back exactly 0700, never more.
    if sys.platform != "win32" and os.stat(path).st_mode & 0o777 != 0o700:
        os.chmod(path, 0o700)
