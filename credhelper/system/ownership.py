"""Whose files these are: the rule for what is read, edited or created (OpenSSH, StrictModes), and private directories.

A path is trusted if root or this user owns every directory, link and file on the way to it, behind links too, and no
other user may write to one of them. Root trusts its own only: with HOME kept by sudo, nothing is read from or left in
the home of another user.
"""

import errno
import os
import stat
import sys

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Iterator

BELONGS = "it belongs to another user"
OPEN = "others may write to it"
_MAXIMUM_LINKS = 40
_OVERFLOW_UID = 65534


class Fault:
    """The first thing on the way to a path that another user decides about; `reason` is BELONGS or OPEN."""

    __slots__ = ("is_directory", "place", "reason")

    def __init__(self, place: str, reason: str, *, is_directory: bool) -> None:
        self.place = place
        self.reason = reason
        self.is_directory = is_directory


def make_private_directory(path: str) -> None:
    """Create `path` and its missing parents with mode 0700 under any umask; refuse an unsafe place.

    The mode is part of the mkdir itself: a directory that is created and then chmodded is open in between.
    Raises PermissionError (EPERM) if `path` belongs to another user or others may write to it, or if they may put
    another directory in the place of it or of a parent; its `filename` is the directory to fix. Nothing is created
    then.
    """
    require_safe_way(path)
    real = os.path.realpath(path)
    if not os.path.isdir(real):
        # Upwards in a loop: a path of a thousand missing parents must not end in a recursion error.
        missing = [real]
        while (parent := os.path.dirname(missing[-1])) not in ("", missing[-1]) and not os.path.isdir(parent):
            missing.append(parent)
        for one in reversed(missing):
            _mkdir_private(one)
    status = os.stat(real)
    if sys.platform != "win32" and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        raise PermissionError(errno.EPERM, "directory is not private to this user", real)


def require_safe_way(path: str) -> None:
    """Raise PermissionError (EPERM) if another user decides what is, or would be, at `path`; creates nothing."""
    if sys.platform == "win32":
        return
    for place, status in _way(path):
        reason = _reason(place, status, os.geteuid())
        if reason == BELONGS:
            raise PermissionError(errno.EPERM, "it belongs to another user", place)
        if reason:
            raise PermissionError(errno.EPERM, "others may replace this directory", place)


def fault_of(path: str, uid: int | None = None) -> Fault | None:
    """Return what keeps an AWS file from being trusted, None if nothing does; a missing file is trusted.

    Of a directory that was mounted into root's own home the owner does not matter: in a container it is another
    user of the host. What the user has listed in `trusted_list` is not looked at.
    """
    if sys.platform == "win32":
        return None
    me = os.geteuid() if uid is None else uid
    trusted: tuple[str, ...] | None = None
    for place, status in _way(path):
        reason = _reason(place, status, me)
        if not reason or (reason == BELONGS and me == 0 and _is_in_roots_home(place)):
            # A mount whose owner does not matter has to be closed to all others all the same.
            reason = OPEN if reason and is_open_to_others(status, place) else ""
        if reason:
            trusted = _trusted() if trusted is None else trusted
            if not any(is_below(place, one) for one in trusted):
                return Fault(place, reason, is_directory=stat.S_ISDIR(status.st_mode))
    return None


def _reason(place: str, status: os.stat_result, me: int) -> str:
    kind = stat.S_IFMT(status.st_mode)
    if kind not in (stat.S_IFDIR, stat.S_IFLNK, stat.S_IFREG):
        return ""  # never read as a file
    if belongs_to_another(status, me):
        return BELONGS
    return OPEN if kind != stat.S_IFLNK and is_open_to_others(status, place) else ""


def require_trusted(path: str) -> None:
    """Raise MachineError if another user may change what is at `path`."""
    fault = fault_of(path)
    if fault is not None:
        from credhelper.errors import MachineError

        where = "" if fault.place == path else f"{fault.place}: "
        raise MachineError(f"{path} is not read: {where}{fault.reason}", hint=cure(fault))


def cure(fault: Fault) -> str:
    """Return the command that makes the place the user's own, and the one that accepts it as it is."""
    import shlex

    place, listed = shlex.quote(fault.place), trusted_list()
    accept = f"(umask 077; mkdir -p {shlex.quote(os.path.dirname(listed))}; echo {place} >> {shlex.quote(listed)})"
    if fault.reason == OPEN:
        return f"chmod go-w {place}; where that has no effect, or to trust it as it is: {accept}"
    if sys.platform != "win32" and os.geteuid() == 0:
        return f"run it without sudo, as the user it belongs to; or, to trust it: {accept}"
    return f"sudo chown $(id -u) {place}; or, to trust its owner: {accept}"


def is_left_by_sudo(place: str) -> bool:
    """Tell whether something in this user's home is root's, as what sudo leaves there that kept HOME."""
    home = _own_home()
    try:
        is_roots = os.lstat(place).st_uid == 0
    except OSError:
        return False
    is_me_another = sys.platform != "win32" and os.geteuid() != 0
    return is_roots and is_me_another and home not in ("", os.sep, place) and is_below(os.path.realpath(place), home)


def trusted_list() -> str:
    """Return the file with the directories that the user trusts as they are, one a line; "" without a home."""
    from credhelper import settings

    home = _own_home()
    return os.path.join(settings.choices_dir(home), "trusted-directories") if home else ""


def _trusted() -> tuple[str, ...]:
    from credhelper.system import files, mounts

    path = trusted_list()
    if sys.platform == "win32":
        return ()
    try:
        content, status = files.read_bounded(path, 1 << 16)
        if status.st_uid != os.geteuid() or status.st_nlink != 1:
            return ()
        if status.st_mode & 0o022 and mounts.has_modes(path):
            return ()
        lines = [os.fsdecode(line).strip() for line in content.splitlines()]
    except OSError:
        return ()
    return tuple([os.path.realpath(line) for line in lines if os.path.isabs(line)])


def is_below(path: str, directory: str) -> bool:
    """Tell whether `path` is that directory or below it; both are absolute."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def _own_home() -> str:
    home = os.path.expanduser("~")
    return os.path.realpath(home) if os.path.isabs(home) else ""


def _is_in_roots_home(place: str) -> bool:
    """Tell whether a place is below the home directory, which itself has to be root's: sudo keeps another's HOME."""
    home = _own_home()
    return home not in ("", os.sep, place) and is_below(place, home)


def _way(path: str) -> "Iterator[tuple[str, os.stat_result]]":
    """Yield each directory and link that the system looks at on the way to `path`, and what is there, from the top.

    It ends where something is missing or may not be looked at.
    """
    rest = _parts(path if os.path.isabs(path) else os.path.abspath(path))
    place, links = os.sep, 0
    yield place, os.stat(place)
    while rest:
        name = rest.pop()
        if name == os.pardir:
            place = os.path.dirname(place)
            continue
        one = os.path.join(place, name)
        try:
            status = os.lstat(one)
        except OSError:
            return
        yield one, status
        if not stat.S_ISLNK(status.st_mode):
            place = one
            continue
        links += 1
        try:
            target = os.readlink(one)
        except OSError:
            return
        if links > _MAXIMUM_LINKS:
            return  # opening it fails with ELOOP
        if os.path.isabs(target):
            place = os.sep
        rest += _parts(target)


def _parts(path: str) -> list[str]:
    return [name for name in reversed(path.split(os.sep)) if name not in ("", os.curdir)]


def parents(path: str) -> "Iterator[str]":
    """Yield the directories above `path`, the nearest first."""
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def belongs_to_another(status: os.stat_result, uid: int) -> bool:
    """Tell whether something is neither root's nor this user's (OpenSSH, safe_path)."""
    return status.st_uid not in (0, uid) and not (status.st_uid == _OVERFLOW_UID and _is_root_unmapped())


def _is_root_unmapped() -> bool:
    """Tell whether this is a sandbox (user_namespaces(7)) in which root's files show as another user's."""
    try:
        with open("/proc/self/uid_map", encoding="ascii") as table:
            rows = [line.split() for line in table]
    except (OSError, ValueError):
        return False
    return all(row[1] != "0" for row in rows)


def is_open_to_others(status: os.stat_result, path: str = "") -> bool:
    """Tell whether another user may write to that file, or replace a file of this user in that directory.

    OpenSSH's rule (safe_path), with two exceptions: a directory's sticky bit keeps others from replacing files that
    are not theirs, and a group that no other account is in is as good as the owner (user private groups, 0775).
    """
    if status.st_mode & stat.S_ISVTX and stat.S_ISDIR(status.st_mode):
        return False
    if status.st_mode & 0o002:
        return True
    # An access list lets others in through what is shown as the group's bits.
    return bool(status.st_mode & 0o020) and not (_is_private_group(status) and not _has_access_list(path))


def _is_private_group(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return False
    try:
        import grp
        import pwd

        owner, group = pwd.getpwuid(status.st_uid), grp.getgrgid(status.st_gid)
        is_own = owner.pw_gid == status.st_gid and owner.pw_name == group.gr_name and owner.pw_uid != 0
        if not is_own or not set(group.gr_mem) <= {owner.pw_name}:
            return False
        # `useradd -g GROUP` makes a member that the group does not list.
        return all(user.pw_uid == owner.pw_uid for user in pwd.getpwall() if user.pw_gid == status.st_gid)
    except (ImportError, KeyError):
        return False


def _has_access_list(path: str) -> bool:
    if sys.platform != "linux" or not path:
        return False
    try:
        return "system.posix_acl_access" in os.listxattr(path)
    except OSError:
        return False


def _mkdir_private(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    # A umask such as 0777 takes our own bits away as well; give back exactly 0700, never more.
    if sys.platform != "win32" and os.stat(path).st_mode & 0o777 != 0o700:
        os.chmod(path, 0o700)
