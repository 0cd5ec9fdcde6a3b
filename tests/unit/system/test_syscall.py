"""syscall(2) is the same function, whichever way it was found."""

import errno
import os
import sys

import pytest

from credhelper.system import syscall


@pytest.mark.skipif(sys.platform != "linux", reason="the system calls are Linux's")
@pytest.mark.parametrize("way", ["_by_the_engine", "_by_ctypes"])
def test_both_ways_to_a_system_call_agree(way: str) -> None:
    call, byte, last_errno = getattr(syscall, way)("syscall")
    getcwd = {"x86_64": 79, "aarch64": 17}.get(os.uname().machine)
    if getcwd is None:
        pytest.skip("no system call number for this machine here")
    buffer = (byte * 4096)()
    size = call(getcwd, buffer, 4096)
    assert bytes(buffer)[: size - 1] == os.getcwdb()
    assert call(getcwd, buffer, 1) == -1
    assert last_errno() == errno.ERANGE
