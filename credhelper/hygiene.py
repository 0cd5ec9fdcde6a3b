"""What a process that holds secrets does to itself before the first one is in memory."""

import os
import sys


def keep_standard_streams() -> None:
    """Open /dev/null in place of closed standard streams, as OpenSSH's sanitise_stdfd does.

    Otherwise the next file we open becomes descriptor 1, and the document would be written into it. A closed stdout
    is opened for reading only: writing the document then fails, as it should.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if fd == 1 else os.O_RDWR)


def forbid_core_dumps() -> None:
    """Have the kernel write no core file: it would hold every secret in memory. Left out where that cannot be done."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return


def forbid_memory_access() -> None:
    """Make this process unreadable to others of the same user, and undumpable even for piped core handlers.

    prctl(2), PR_SET_DUMPABLE. On the miss only: it needs ctypes, and a miss lives long enough to be looked at.
    """
    if sys.platform != "linux":
        return
    try:
        import ctypes

        pr_set_dumpable = 4
        ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def drop_leaking_variables() -> None:
    """Forget variables that would write TLS secrets to a file (SSLKEYLOGFILE is honoured by urllib3 itself)."""
    os.environ.pop("SSLKEYLOGFILE", None)
