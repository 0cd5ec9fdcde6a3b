"""The kernel keyring: asked for the key by every hit, in every session of the user, it loads no more than it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from credhelper.keystores import stores
from credhelper.keystores.kernel import KernelKeyring
from fakes.vaults import kernel_vault


def test_kernel_keyring_does_not_load_the_whole_of_ctypes() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "from credhelper.keystores.kernel import KernelKeyring; KernelKeyring(b'credhelper:test:imports')\n"
        "print('ctypes' in sys.modules)"
    )
    root = Path(stores.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(root)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.skipif(not os.path.exists("/proc/keys"), reason="Linux lists the keys that one may see")
def test_key_is_readable_from_every_session_of_its_user(tmp_path: Path) -> None:
    """With the kernel's own choice another login session sees the key and may not read it."""
    kernel_vault(tmp_path)  # skips where there is no kernel keyring
    name = b"credhelper:test:sessions:%d" % os.getpid()
    keyring = KernelKeyring(name)
    keyring.write(bytes(32))
    try:
        shown = next(line for line in Path("/proc/keys").read_text().splitlines() if name.decode() in line)
    finally:
        keyring.delete()
    permissions = int(shown.split()[4], 16)
    user = permissions >> 16 & 0x3F
    assert user & 0b001011 == 0b001011, "view, read and search"
    assert permissions & 0xFFFF == 0, "nothing for the group and others"
