"""The two clocks of the system, and the boot that the second one belongs to."""

import time

from credhelper.model.freshness import Moment

_BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def now() -> Moment:
    """Read the clocks."""
    up_s = time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
    return Moment(time.time(), _boot(), up_s)


def _boot() -> bytes:
    try:
        with open(_BOOT_ID_FILE, "rb", buffering=0) as file:
            return file.read(36)
    except OSError:
        return b""
