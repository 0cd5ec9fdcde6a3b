"""An edit of ~/.aws/config up to its rename, so that what would refuse it is found before a person is asked anything.

    resolve → lock → rights → read → is there room beside the file and for the old bytes → remove what was tried

Nothing of the file or its history changes, and the lock is not kept.
"""

import errno
import os
import re
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import atomic_replace, config_file
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.file.edit_checks import naming
from credhelper.awsconfig.file.editor import EditedFile, EditOptions
from credhelper.system import files, ownership

# Another edit takes milliseconds; a person who could be asked waits no longer for one that hangs.
_TIMEOUT_S = 2.0
# What an edit may add to the file.
_MORE_BYTES = 16 << 10
_MOUNTS = "/proc/self/mountinfo"
_MOUNTS_LIMIT = 16 << 20
# The field of a line there that has the place (proc_pid_mountinfo(5)).
_PLACE = 4
_ROOM = ".credhelper.room"


def rehearse(path: str, state_dir: str, options: EditOptions) -> None:
    """Raise InputError or MachineError where no edit of the file at `path` could be made now; changes nothing.

    Of a dry run only what it needs is looked at: that the file can be read and that botocore accepts it.
    """
    target = config_file.resolve(path)
    if options.is_dry_run:
        _require_sound(target, config_file.read(target, options.limit))
        return
    file = EditedFile(target, state_dir, replace(options, timeout_s=min(options.timeout_s, _TIMEOUT_S)))
    with file.locked():
        config_file.require_editable(target)
        content = file.read(file.history.newest())
        _require_sound(target, content)
        data = content.data + b"\n" * _MORE_BYTES
        with file.explained():
            with file.kept():
                ownership.make_private_directory(file.history.directory)
                _require_room(file.history.directory, data)
            if content.exists:
                _require_writable(target)
            if not (options.in_place and content.exists):
                _require_replaceable(target, content, data)


def _require_sound(target: str, content: Content) -> None:
    with naming(target):
        Document.parse(content.data).require_sound()


def _require_writable(target: str) -> None:
    """Raise OSError for a file that is immutable or on a read-only mount; opened and closed, it keeps its times."""
    os.close(os.open(target, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)))


def _require_replaceable(target: str, content: Content, data: bytes) -> None:
    """Raise OSError where no file can be put in the place of this one."""
    if content.exists and _is_mount_point(target):
        raise OSError(errno.EBUSY, "mount point", target)
    directory = os.path.dirname(target)
    if os.path.isdir(directory):
        atomic_replace.try_out(target, content, data)
        return
    ownership.require_safe_way(directory)
    while not os.path.isdir(directory) and directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
    _require_room(directory, data)


def _require_room(directory: str, data: bytes) -> None:
    """Raise OSError where a directory takes no file of this size; the one that was tried is removed."""
    path = os.path.join(directory, _ROOM)
    files.unlink_quietly(path)
    fd = files.create_private(path)
    try:
        files.write_all(fd, data)
    finally:
        os.close(fd)
        files.unlink_quietly(path)


def _is_mount_point(target: str) -> bool:
    """Tell whether something is mounted on the file itself, as a container's bind mount; False if unknown."""
    if os.path.ismount(target):
        return True
    try:
        mounts, _ = files.read_bounded(_MOUNTS, _MOUNTS_LIMIT)
    except OSError:
        return False
    places = (line.split(b" ")[_PLACE] for line in mounts.splitlines() if line.count(b" ") > _PLACE)
    plain = (re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), place) for place in places)
    return os.fsencode(target) in plain
