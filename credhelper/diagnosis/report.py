"""The whole report about a profile: its checks, what to look at first, and how the command ends. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Check, Finding, State, first_cause
from credhelper.errors import AwsError

PAGE = "docs/troubleshooting.md"
HEALTHY, FAULTY, INCOMPLETE = "healthy", "faulty", "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The checks in the order in which a request passes them."""

    profile: str
    checks: tuple[Check, ...]

    @property
    def first(self) -> tuple[Check, Finding] | None:
        """The check and the cause to look at first."""
        return first_cause(self.checks)

    @property
    def verdict(self) -> str:
        """One word: `incomplete` where nothing failed, and something could not be looked at."""
        if any(one.state is State.FAIL for one in self.checks):
            return FAULTY
        is_open = any(one.state in (State.UNKNOWN, State.SKIPPED) for one in self.checks)
        return INCOMPLETE if is_open else HEALTHY

    @property
    def exit_code(self) -> int:
        """0 where nothing failed, else the code of the first cause."""
        first = self.first
        if first is None:
            return 1 if self.verdict == FAULTY else 0
        return CAUSES[first[1].cause].exit_code if first[1].cause in CAUSES else AwsError.exit_code

    @property
    def may_hold_more(self) -> bool:
        """Whether a check behind the first failure failed, or could not be made: what comes later is not seen yet."""
        return self.verdict == FAULTY

    def as_json(self) -> Mapping[str, object]:
        """Return it for programs, as docs/how-to/doctor.md describes it."""
        first = self.first
        return {
            "profile": self.profile,
            "verdict": self.verdict,
            "first": first[1].cause if first else None,
            "checks": [_check(one) for one in self.checks],
        }


def page_of(cause: str) -> str:
    """Return where a cause is described."""
    return f"{PAGE}#{cause}"


def _check(check: Check) -> Mapping[str, object]:
    first = check.first
    return {
        "id": check.id,
        "state": check.state.value.lower(),
        "text": check.text,
        "certainty": first.certainty.value if first else None,
        "cause": first.cause if first else None,
        "hint": (first.hint or None) if first else None,
        "evidence": list(first.evidence) if first else [],
        "findings": [
            {
                "cause": one.cause,
                "certainty": one.certainty.value,
                "text": one.text,
                "hint": one.hint or None,
                "evidence": list(one.evidence),
            }
            for one in check.findings
        ],
    }
