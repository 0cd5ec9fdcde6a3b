"""The kernel keyring loads no more than it needs: every hit asks it for the key."""

import subprocess
import sys
from pathlib import Path

from credhelper.keystores import stores


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
