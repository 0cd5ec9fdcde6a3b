"""What was sent for one MFA device: no code twice, and a pause for programs after one that AWS refused.

One small private file for each device, shared by every profile that uses it. It never holds a code, only a salted hash
that is slow to make: trying all codes takes longer than AWS accepts the one. No key is in it, because a sandbox, a
container and a terminal of one home have different key stores, or none, and still one device. A file that cannot be
read, locked or written is as if there were none.
"""

import contextlib
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from credhelper.model.freshness import Moment
from credhelper.system import files, ownership, trylock
from credhelper.system.sha2 import sha256

# A code of RFC 6238 is shown for thirty seconds, counted from the epoch.
STEP_S = 30
# AWS accepts the neighbours of the present code as well, so that a code that was sent may come again for so long.
SPENT_S = 3 * STEP_S
# After the first refused code one step, twice that after each further one, and never longer than this.
_LONGEST_PAUSE_S = 900
# Refusals of so long ago are forgotten.
_MEMORY_S = 3600
# scrypt (RFC 7914) with 16 MiB: a twentieth of a second for one code, and most of a day for all of them.
_HASH_N, _HASH_R, _HASH_P, _HASH_MEMORY = 1 << 14, 8, 1, 1 << 25
_SALT_SIZE = _DIGEST_SIZE = 16
# Of three steps: a device shows three codes in them, a person mistypes some more.
_MOST_CODES = 32
_LIMIT = 8192
_TRIES = 3
_LOCK_TIMEOUT_S = 2.0
_LOCK_LOOK_S = 0.01


class Sent(NamedTuple):
    """A code that was sent: its hash, and when, by both clocks (see `Moment`)."""

    digest: str
    wall_s: float
    boot: str
    up_s: float


class Page(NamedTuple):
    """What the file says: the codes that were sent, with the salt of their hashes, and how many were refused in a row.

    `refused_s` is by the clock of the boot that `boot` names, which cannot be set.
    """

    salt: str = ""
    sent: tuple[Sent, ...] = ()
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
    """The ledger of one device, in `directory`."""

    def __init__(self, directory: str, serial: str, partition: str, now: Callable[[], Moment]) -> None:
        # Not its serial number: that has the account in it.
        self._device = sha256(f"{partition}\0{serial}".encode()).digest()
        self._path = os.path.join(directory, f"{self._device.hex()}.device")
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
        """Note that the code is being sent; False if it was sent before, as long as AWS could accept it.

        Of two processes with one code the first has it, even if its request fails.
        """
        with contextlib.suppress(OSError):
            for _ in range(_TRIES):
                page = self._read()
                # Each row of codes has a new one.
                salt = page.salt if _spent_at(page, self._now()) else os.urandom(_SALT_SIZE).hex()
                # Before the lock: others wait for that no longer than it takes to look at the file.
                digest = self._digest(code, salt)
                with self._locked():
                    page, now = self._read(), self._now()
                    sent = _spent_at(page, now)
                    if sent and page.salt != salt:
                        continue  # another process has begun a row meanwhile
                    if any(hmac.compare_digest(one.digest, digest) for one in sent):
                        return False
                    sent = (*sent, Sent(digest, now.wall_s, now.boot.hex(), now.up_s))
                    self._write(page._replace(salt=salt, sent=sent[-_MOST_CODES:]))
                    break
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

    def _digest(self, code: str, salt: str) -> str:
        """Return the hash of a code; raises OSError where the system makes none, for want of memory or by a rule."""
        try:
            return hashlib.scrypt(
                code.encode(),
                salt=self._device + bytes.fromhex(salt),
                n=_HASH_N,
                r=_HASH_R,
                p=_HASH_P,
                maxmem=_HASH_MEMORY,
                dklen=_DIGEST_SIZE,
            ).hex()
        except (AttributeError, ValueError, MemoryError) as error:
            raise OSError from error

    def _read(self) -> Page:
        try:
            salt, sent, boot, refusals, refused_s = json.loads(files.read_private(self._path, _LIMIT))
            # Through bytes: hmac.compare_digest takes no text beyond ASCII.
            codes = tuple(
                Sent(bytes.fromhex(digest).hex(), float(wall_s), str(boot), float(up_s))
                for digest, wall_s, boot, up_s in sent
            )
            return Page(bytes.fromhex(salt).hex(), codes, str(boot), int(refusals), float(refused_s))
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


def _spent_at(page: Page, now: Moment) -> tuple[Sent, ...]:
    """Return the codes that were sent, as long as AWS could accept them."""
    return tuple(one for one in page.sent if _age_s(one, now) < SPENT_S)


def _age_s(sent: Sent, now: Moment) -> float:
    """Return how long ago a code was sent, by the clock that cannot be set if it is of this boot."""
    by_boot_s = now.up_s - sent.up_s
    if sent.boot == now.boot.hex() and by_boot_s >= 0:
        return by_boot_s
    # Another boot, or another machine that shares this home; before or after, a clock is wrong by so much.
    return abs(now.wall_s - sent.wall_s)
