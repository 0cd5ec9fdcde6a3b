"""Carry mode, owner, ACLs and extended attributes of a file over to the one that replaces it."""

import errno
import os
import stat
import sys


def carry_metadata(source: str, fd: int) -> None:
    """Give the open file the owner, the extended attributes (POSIX ACLs among them) and the mode of `source`.

    A file whose ACL were lost would turn the ACL's mask into real group permissions, so failing to carry one is an
    error. Labels that only the kernel may set (security.*, trusted.*) are left to it.
    """
    if sys.platform == "win32":
        return
    status, own = os.stat(source), os.fstat(fd)
    if (status.st_uid, status.st_gid) != (own.st_uid, own.st_gid):
        try:
            os.fchown(fd, status.st_uid, status.st_gid)
        except PermissionError:
            # EPERM for a group that this user is not in. Where the group may do nothing, which one it is says nothing.
            if status.st_uid != own.st_uid or status.st_mode & stat.S_IRWXG:
                raise
    _carry_attributes(source, fd)
    os.fchmod(fd, stat.S_IMODE(status.st_mode))


def _carry_attributes(source: str, fd: int) -> None:
    if sys.platform != "linux":
        return
    try:
        names = os.listxattr(source)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    for name in names:
        try:
            os.setxattr(fd, name, os.getxattr(source, name))
        except OSError as error:
            if not name.startswith(("security.", "trusted.")) or error.errno not in {errno.EPERM, errno.ENOTSUP}:
                raise
