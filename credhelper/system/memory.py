"""Room in memory, asked for before it is needed: CPython that runs out half-way may end by a signal and say nothing."""

import sys

_MEBIBYTE = 1 << 20
_M_ARENA_MAX = -8  # glibc's malloc.h


def require(mebibytes: int) -> None:
    """Raise MemoryError unless this process can get so much more now; none of it is kept or touched."""
    bytes(mebibytes * _MEBIBYTE)


def share_among_threads() -> None:
    """Have all threads allocate from one place: glibc sets 64 MiB of address space aside for each of the first ones.

    Where address space is limited, that leaves none for the rest of the request. To be called before there is a second
    thread. mallopt(3), M_ARENA_MAX; left out where the C library has no such thing.
    """
    if sys.platform != "linux":
        return
    try:
        from credhelper.system import syscall

        syscall.function("mallopt")(_M_ARENA_MAX, 1)
    except (ImportError, OSError, AttributeError):
        return
