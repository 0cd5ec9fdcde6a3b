"""The two clocks of the system, and the boot that the second one belongs to."""

import sys
import time

from credhelper.model.freshness import Moment

_BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"


def now() -> Moment:
    """Read the clocks."""
    if sys.platform == "linux":
        up_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    else:
        up_s = time.monotonic()
    return Moment(time.time(), _boot(), up_s)


def _boot() -> bytes:
    try:
        with open(_BOOT_ID_FILE, "rb", buffering=0) as file:
            return file.read(36)
    except OSError:
        return b""
