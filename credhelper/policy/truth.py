"""Three values: true, false, and not known from here. Pure.

What cannot be known is never taken for false: a verdict that is called certain has to stay right.
"""

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """Kleene's three values."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    @property
    def is_certain(self) -> bool:
        """Whether this is true or false."""
        return self is not Truth.UNKNOWN


def truth(fact: bool) -> Truth:  # noqa: FBT001 - it is what it is called with
    """Return a fact as one of the three."""
    return Truth.TRUE if fact else Truth.FALSE


def negated(value: Truth) -> Truth:
    """Return the opposite; that of unknown is unknown."""
    return Truth(2 - value.value)


def every(values: Iterable[Truth]) -> Truth:
    """Return whether all are true: one that is false settles it, and of none it is true."""
    return min(values, key=lambda one: one.value, default=Truth.TRUE)


def some(values: Iterable[Truth]) -> Truth:
    """Return whether one is true: one that is true settles it, and of none it is false."""
    return max(values, key=lambda one: one.value, default=Truth.FALSE)
