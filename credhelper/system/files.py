"""Private files: bounded reads and atomic replacement. The one place that opens files.

Imports only what a bare interpreter has already loaded, because every hit passes through `read_private`.
Failures are plain `OSError`s with their errno; callers decide whether that is a miss or a message.
"""

import os
import stat
import sys

READ_CHUNK = 1 << 16
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def _error(name: str, text: str, path: str) -> OSError:
    """Return an OSError of that errno, which Python makes a PermissionError for EPERM."""
    import errno  # a hit, which has no such error, is spared this

    return OSError(getattr(errno, name), text, path)


def read_bounded(path: str, limit: int, *, follow: bool = False) -> tuple[bytes, os.stat_result]:
    """Return the content of a regular file of at most `limit` bytes, and the `fstat` taken before reading it.

    O_NONBLOCK keeps a FIFO put in the file's place from hanging us; O_NOFOLLOW (unless `follow`) keeps a symlink
    from leading us elsewhere. Raises OSError: ELOOP, ENOENT, EINVAL (not a regular file), EFBIG (over the limit).
    """
    fd = os.open(path, os.O_RDONLY | _NONBLOCK | _CLOEXEC | _BINARY | (0 if follow else _NOFOLLOW))
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise _error("EINVAL", "not a regular file", path)
        return _read_all(fd, limit, path), status
    finally:
        os.close(fd)


def holds(path: str, data: bytes) -> bool:
    """Tell whether a regular file holds exactly these bytes, without having it in memory once more."""
    fd = os.open(path, os.O_RDONLY | _NONBLOCK | _CLOEXEC | _BINARY | _NOFOLLOW)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size != len(data):
            return False
        view = memoryview(data)
        while chunk := os.read(fd, READ_CHUNK):
            if chunk != view[: len(chunk)]:
                return False
            view = view[len(chunk) :]
        return not view
    finally:
        os.close(fd)


def read_private(path: str, limit: int) -> bytes:
    """Like `read_bounded`, for a file that only this user can have written, by owner, mode and link count.

    Raises PermissionError (EPERM) when another user owns the file, may read or write it, or holds a hard link.
    """
    content, status = read_bounded(path, limit)
    if not is_private(status):
        raise _error("EPERM", "file is not private to this user", path)
    return content


def require_private_directory(path: str) -> None:
    """Raise PermissionError (EPERM) unless `path` is a directory of this user, not a link, closed to all others."""
    if sys.platform == "win32":
        return
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise _error("EPERM", "directory is not private to this user", path)


def _read_all(fd: int, limit: int, path: str) -> bytes:
    chunks: list[bytes] = []
    room = limit + 1
    while room > 0:
        chunk = os.read(fd, min(READ_CHUNK, room))
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        room -= len(chunk)
    raise _error("EFBIG", f"file is larger than {limit} bytes", path)


def create_private(path: str) -> int:
    """Create `path` for writing with mode 0600 and return its descriptor; raises FileExistsError if it is there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC | _BINARY
    fd = os.open(path, flags, 0o600)
    give_back_mode(fd)
    return fd


def give_back_mode(fd: int) -> None:
    """Make a file 0600 that a umask such as 0777 left with less; one that others may touch stays as it is."""
    mode = os.fstat(fd).st_mode & 0o777
    if sys.platform != "win32" and mode != 0o600 and not mode & ~0o600:
        os.fchmod(fd, 0o600)


def open_private_log(path: str) -> int:
    """Open a private log for appending, made 0600 if it is new; raises PermissionError if it is not private."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NOFOLLOW | _NONBLOCK | _CLOEXEC | _BINARY
    fd = os.open(path, flags, 0o600)
    give_back_mode(fd)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or not is_private(status):
        os.close(fd)
        raise _error("EPERM", "file is not private to this user", path)
    return fd


def is_private(status: os.stat_result) -> bool:
    """Tell whether a file is private to this user, by owner, mode and link count."""
    if sys.platform == "win32":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077 and status.st_nlink == 1


def write_all(fd: int, data: bytes) -> None:
    """Write every byte of `data`: a single `write` may be cut short by a signal, a quota or a file-size limit."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_file(fd: int) -> None:
    """Push the file to the medium. After a failure the pages count as clean (Rebello et al., ATC'20): never retry."""
    if sys.platform == "darwin":
        import fcntl  # fsync on macOS stops at the drive's volatile cache

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def sync_directory(path: str) -> None:
    """Make a rename in `path` durable. Windows has no such call; its rename is journalled."""
    if os.name == "nt":
        return
    fd = os.open(path, os.O_RDONLY | _CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def unlink_quietly(path: str) -> None:
    """Remove a file that may already be gone."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def replace_private(path: str, data: bytes, temporary: str, *, durable: bool) -> None:
    """Put `data` at `path` so that a reader sees the old bytes or the new ones, never anything else.

    `temporary` is a name in the same directory that no other process uses at this moment. Without `durable` a power
    cut may leave an empty file: right for a cache, where that is a miss and an fsync would cost milliseconds.
    """
    unlink_quietly(temporary)
    fd = create_private(temporary)
    try:
        try:
            write_all(fd, data)
            if durable:
                sync_file(fd)
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except OSError:
        unlink_quietly(temporary)
        raise
    if durable:
        sync_directory(os.path.dirname(path))


def overwrite(path: str, data: bytes) -> None:
    """Write `data` into an existing file where nothing can be put in its place; a crash in between tears it."""
    fd = os.open(path, os.O_WRONLY | _NOFOLLOW | _CLOEXEC | _BINARY)
    try:
        write_all(fd, data)
        os.ftruncate(fd, len(data))
        sync_file(fd)
    finally:
        os.close(fd)
