"""Whose socket is at the other end of a connection over loopback, where the system says it: on Linux.

Who is told a port may connect to it, whichever user they are. The kernel's table of connections has the user of each.
"""

import os
import socket
import sys
from collections.abc import Iterable

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
# Of a line: `sl local remote state queues timer retransmits uid timeout inode …`.
_LOCAL, _REMOTE, _UID, _INODE = 1, 2, 7, 9
# What IPv6 has before an address of IPv4, in words of the machine's own order.
_MAPPED = "0000000000000000" + ("FFFF0000" if sys.byteorder == "little" else "0000FFFF")
# What has no process any more is root's in the table, and has this inode.
_NO_INODE = "0"
_LOOKS = 2
NO_ONE = -1


def uid_of(connection: socket.socket, tables: Iterable[str] = _TABLES) -> int | None:
    """Return the user whose socket is connected to this one of IPv4, NO_ONE if it was closed; None if not known.

    None is also what is not in the table: it comes from elsewhere, such as Windows outside WSL.
    """
    try:
        here, there = connection.getsockname(), connection.getpeername()
    except OSError:  # it has hung up
        return NO_ONE
    wanted = (_written(*there), _written(*here))
    # The table is read in pieces while it changes, so that a line may be missed.
    for _ in range(_LOOKS):
        for path in tables:
            found = _in_table(path, wanted)
            if found is not None:
                return found
    return None


def is_another_users(uid: int | None) -> bool:
    """Tell whether a user is certainly neither the caller nor root."""
    if sys.platform == "win32":
        return False
    return uid is not None and uid not in (0, os.geteuid())


def _written(address: str, port: int) -> str:
    """Return an address as the table has it: a word of the machine's own order, and the port."""
    word = int.from_bytes(socket.inet_aton(address), sys.byteorder)
    return f"{word:08X}:{port:04X}"


def _in_table(path: str, wanted: tuple[str, str]) -> int | None:
    try:
        with open(path, encoding="ascii") as table:
            for line in table:
                fields = line.split()
                if len(fields) > _INODE and tuple(_ipv4(fields[one]) for one in (_LOCAL, _REMOTE)) == wanted:
                    return NO_ONE if fields[_INODE] == _NO_INODE else int(fields[_UID])
    except (OSError, ValueError):  # there is no such table here
        return None
    return None


def _ipv4(written: str) -> str:
    """Return an address of IPv6 that stands for one of IPv4 as that one."""
    return written.removeprefix(_MAPPED)
