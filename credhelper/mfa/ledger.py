"""What was sent for one MFA device: no code twice, and a pause for programs after one that AWS refused.

One small private file for each device, shared by every profile that uses it. It never holds a code: only a hash under
a key of the master key's, so that the file without that key says nothing. Without a master key no hash is kept. A file
that cannot be read, locked or written is as if there were none.
"""

import contextlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from credhelper.model.freshness import Moment
from credhelper.system import files, ownership, trylock
from credhelper.system.sha2 import hmac_sha512, sha256

# A code of RFC 6238 is shown for thirty seconds, counted from the epoch.
STEP_S = 30
# After the first refused code one step, twice that after each further one, and never longer than this.
_LONGEST_PAUSE_S = 900
# Refusals of so long ago are forgotten.
_MEMORY_S = 3600
_PURPOSE = b"credhelper/v1/code"
_DIGEST_SIZE = 32
_LIMIT = 4096
_LOCK_TIMEOUT_S = 1.0
_LOCK_LOOK_S = 0.01


class Page(NamedTuple):
    """What the file says: the hash of the last code and when it was sent, and how many were refused since one was not.

    `sent_s` is by the wall clock, which the codes follow; `refused_s` by the clock of this boot, which cannot be set.
    """

    digest: str = ""
    sent_s: float = 0.0
    boot: str = ""
    refusals: int = 0
    refused_s: float = 0.0


def next_code_s(now: Moment) -> float:
    """Return how many seconds from `now` the devices show their next code."""
    return STEP_S - now.wall_s % STEP_S


def pause_s(refusals: int) -> int:
    """Return for how long programs send no code after so many that were refused in a row."""
    return min(STEP_S << min(refusals - 1, 16), _LONGEST_PAUSE_S) if refusals > 0 else 0


class Ledger:
    """The ledger of one device, in `directory`; `key` is the master key, None where there is none."""

    def __init__(
        self, directory: str, serial: str, partition: str, key: bytes | None, now: Callable[[], Moment]
    ) -> None:
        # Not its serial number: that has the account in it.
        self._device = sha256(f"{partition}\0{serial}".encode()).digest()
        self._path = os.path.join(directory, f"{self._device.hex()}.device")
        self._key = key
        self._now = now

    def pause_left_s(self) -> float:
        """Return for how many seconds more programs are to send no code, 0 for none."""
        with contextlib.suppress(OSError):
            page = self._read()
            now = self._now()
            if _is_remembered(page, now):
                return max(0.0, page.refused_s + pause_s(page.refusals) - now.up_s)
        return 0.0

    def claim(self, code: str) -> bool:
        """Note that the code is being sent; False if it was sent before, as long as the devices show it.

        Of two processes with one code the first has it, even if its request fails.
        """
        if self._key is None:
            return True
        digest = hmac_sha512(self._key, _PURPOSE + self._device + code.encode())[:_DIGEST_SIZE].hex()
        with contextlib.suppress(OSError), self._locked():
            page, now = self._read(), self._now()
            is_shown_still = page.sent_s // STEP_S == now.wall_s // STEP_S
            if is_shown_still and hmac.compare_digest(page.digest, digest):
                return False
            self._write(page._replace(digest=digest, sent_s=now.wall_s))
        return True

    def refused(self) -> None:
        """Note that AWS refused the code that was sent."""
        with contextlib.suppress(OSError), self._locked():
            page, now = self._read(), self._now()
            refusals = page.refusals + 1 if _is_remembered(page, now) else 1
            self._write(page._replace(boot=now.boot.hex(), refusals=refusals, refused_s=now.up_s))

    def accepted(self) -> None:
        """Note that AWS accepted the code that was sent."""
        with contextlib.suppress(OSError), self._locked():
            page = self._read()
            if page.refusals:
                self._write(page._replace(refusals=0))

    def _read(self) -> Page:
        try:
            digest, sent_s, boot, refusals, refused_s = json.loads(files.read_private(self._path, _LIMIT))
            # Through bytes: hmac.compare_digest takes no text beyond ASCII.
            return Page(bytes.fromhex(digest).hex(), float(sent_s), str(boot), int(refusals), float(refused_s))
        except FileNotFoundError:
            return Page()
        except (ValueError, TypeError, OverflowError, RecursionError):
            return Page()

    def _write(self, page: Page) -> None:
        files.replace_private(self._path, json.dumps(page).encode(), f"{self._path}.new", durable=False)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the device's lock, for no longer than a look at the file takes; raises OSError."""
        ownership.make_private_directory(os.path.dirname(self._path))
        fd = self._take(time.monotonic() + _LOCK_TIMEOUT_S)
        try:
            yield
        finally:
            trylock.release(fd)

    def _take(self, end_s: float) -> int:
        while True:
            try:
                return trylock.take(f"{self._path}.lock")
            except BlockingIOError:
                if time.monotonic() >= end_s:
                    raise
            time.sleep(_LOCK_LOOK_S)


def _is_remembered(page: Page, now: Moment) -> bool:
    """Tell whether the refusals are of this boot and not long ago."""
    return page.boot == now.boot.hex() and 0 <= now.up_s - page.refused_s < _MEMORY_S
