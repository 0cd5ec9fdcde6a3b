"""When credentials are fresh, due or expired. Pure arithmetic over a `Moment`; `system.clock` reads one."""

# botocore asks again for credentials with less than 15 minutes left (botocore.credentials, advisory refresh).
ADVISORY_S = 15 * 60
# Up to this much earlier, so that a fleet that started together does not refresh together.
JITTER_S = 60
# Credentials with less than this left could expire before they reach AWS.
MINIMUM_LEFT_S = 60

FRESH = "fresh"
DUE = "due"
DEAD = "dead"


class Moment:
    """A reading of two clocks: wall seconds since the epoch, and seconds of this boot (suspend counts).

    `boot` names the boot the second clock belongs to (empty where the system has no name for it). The wall clock can
    be set; the other cannot.
    """

    __slots__ = ("boot", "up_s", "wall_s")

    def __init__(self, wall_s: float, boot: bytes, up_s: float) -> None:
        self.wall_s = wall_s
        self.boot = boot
        self.up_s = up_s


def refresh_before_s(lifetime_s: int, jitter_s: int) -> int:
    """Return how long before their end credentials of this lifetime are due for a refresh.

    A quarter of the lifetime for short sessions: a 900-second one would otherwise be due from its first second.
    """
    return min(ADVISORY_S + jitter_s, lifetime_s // 4)


def remaining_s(issued: Moment, expiration: int, at: Moment) -> float:
    """Return the seconds until these credentials expire, negative once they have, by the stricter of two clocks.

    Setting the wall clock back cannot extend a session. After a reboot the boot clock says nothing about the time
    before it, so the credentials count as expired: one call to STS, once per boot.
    """
    if issued.boot != at.boot or at.up_s < issued.up_s:
        return -1.0
    by_boot_clock = (expiration - issued.wall_s) - (at.up_s - issued.up_s)
    if not by_boot_clock > 0:  # none is left, or an entry's time is not a number
        return -1.0
    return min(expiration - at.wall_s, by_boot_clock)


def state_at(issued: Moment, expiration: int, refresh_s: int, at: Moment) -> str:
    """Return FRESH, DUE (valid, but to be refreshed) or DEAD (expired) for credentials issued and expiring then."""
    left_s = remaining_s(issued, expiration, at)
    if left_s <= MINIMUM_LEFT_S:
        return DEAD
    return FRESH if left_s > refresh_s else DUE
