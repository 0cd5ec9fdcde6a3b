"""What a process that holds secrets does to itself before the first one is in memory."""

import os
import sys

_PR_SET_DUMPABLE = 4
# prctl by machine, from the kernel's system call tables.
_PRCTL = {"x86_64": 157, "aarch64": 167, "riscv64": 167, "ppc64le": 171, "s390x": 172}

_RLIMIT_CORE = 4
# prlimit64 by machine.
_PRLIMIT = {"x86_64": 302, "aarch64": 261, "riscv64": 261, "ppc64le": 325, "s390x": 334}
_core_limits: list[tuple[int, int]] = []


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


def forbid_core_dumps(*, for_children: bool = True) -> None:
    """Have the kernel write no core file: it would hold every secret in memory. Left out where that cannot be done.

    `for_children`: the hard limit too, so that nothing this process starts can raise it. Otherwise `allow_core_dumps`
    gives a child back what the limit was.
    """
    if sys.platform == "linux" and for_children:
        try:
            from credhelper.system import syscall

            # prlimit(2) by number: loading the module `resource` would cost a hit a hundredth of its time.
            call, byte, _ = syscall.load()
            if call(_PRLIMIT[os.uname().machine], 0, _RLIMIT_CORE, (byte * 16)(), None) == 0:
                return
        except (KeyError, ImportError, OSError, AttributeError):
            pass
    if sys.platform == "win32":
        return
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0 if for_children else hard))
    except (ImportError, OSError, ValueError):
        return
    if not for_children:
        _core_limits.append((soft, hard))


def allow_core_dumps() -> None:
    """Give back the limit that was in effect before `forbid_core_dumps(for_children=False)`, if that was called."""
    if sys.platform == "win32" or not _core_limits:
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, _core_limits[0])
    except (OSError, ValueError):
        return


def forbid_memory_access() -> None:
    """Make this process unreadable to others of the same user, and undumpable even for piped core handlers.

    prctl(2), PR_SET_DUMPABLE: /proc/PID/mem and environ are root's from now on. Left out where that cannot be done.
    """
    if sys.platform != "linux":
        return
    try:
        from credhelper.system import syscall

        syscall.load()[0](_PRCTL[os.uname().machine], _PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (KeyError, ImportError, OSError, AttributeError):
        return
