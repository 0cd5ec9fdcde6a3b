"""Which kind of file system a path is on, as Linux's mount table says (proc(5), /proc/PID/mountinfo)."""

import os

_TABLE = "/proc/self/mountinfo"
# Where modes are made up by the mount, so that chmod changes nothing: Windows' drives in WSL, FAT, SMB shares.
_WITHOUT_MODES = ("9p", "drvfs", "v9fs", "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3", "smbfs")


def kind_of(path: str, table: str = _TABLE) -> str:
    """Return the name of the file system that `path` is on, "" where the system does not tell."""
    path = os.path.realpath(path)
    best, kind = "", ""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                mount, _, rest = line.partition(" - ")
                place = mount.split(" ")[4].replace("\\040", " ")
                is_above = path == place or path.startswith(place.rstrip("/") + "/")
                if is_above and len(place) >= len(best):  # of two on one place, the later one is on top
                    best, kind = place, rest.split(" ")[0]
    except (OSError, IndexError):
        return ""
    return kind


def has_modes(path: str) -> bool:
    """Tell whether chmod has an effect there, as far as is known."""
    return kind_of(path) not in _WITHOUT_MODES


def is_in_memory(path: str) -> bool:
    """Tell whether what is written there stays in memory; False where the system does not tell."""
    return kind_of(path) in ("tmpfs", "ramfs")
