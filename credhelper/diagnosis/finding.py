"""The result of a check: its state, and the causes it found, each with how certain it is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Certainty(Enum):
    """How certain a cause is. A word is never stronger than its evidence."""

    CERTAIN = "certain"  # evaluated from the documents, or AWS named it
    LIKELY = "likely"  # the only layer that is left
    POSSIBLE = "possible"  # cannot be excluded from here
    EXCLUDED = "excluded"  # checked, and fine


class State(Enum):
    """How a check ended."""

    OK = "ok"
    FAIL = "FAIL"
    WARNING = "warning"  # works, and is worth a look
    UNKNOWN = "unknown"  # could not be found out from here
    SKIPPED = "skipped"  # needs a check before it that failed, or an option


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, with how certain it is.

    `cause` is an id of `causes.CAUSES`; `text` says what is wrong in one line, with the real names in it; `hint` is the
    command that helps, "" where another finding has it; `evidence` is where it is known from, a line each. None of them
    holds a secret, nor the external ID that a trust policy wants.
    """

    cause: str
    certainty: Certainty
    text: str
    hint: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of a report: `id` is its name there, `text` what was seen, `findings` the most certain first."""

    id: str
    state: State
    text: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def first(self) -> Finding | None:
        """The cause to look at first; None where everything is excluded, or nothing was found."""
        order = (Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE)
        named = [one for one in self.findings if one.certainty in order]
        return min(named, key=lambda one: order.index(one.certainty), default=None)


def first_cause(checks: Iterable[Check]) -> tuple[Check, Finding] | None:
    """Return the check and the cause that a report names first; None where no check failed.

    Checks come in the order in which a request passes them, so the first one that fails with a certain cause is it; a
    cause that is only likely waits for none behind it, because what comes later could not be seen.
    """
    for check in checks:
        if check.state is State.FAIL and check.first is not None:
            return check, check.first
    return None
