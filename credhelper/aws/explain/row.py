"""One line of the tables of refusals: what it explains, and how."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from credhelper.aws.explain.facts import Call
from credhelper.errors import CredhelperError
from credhelper.policy.denial import Cause, Denial, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: which refusals it explains, and how. The first row that fits is used.

    `codes` empty means any code; `says` is searched in AWS's message; `cause` and `hint` are templates over Facts.
    `about` is what the sentence has to be about, a cause of its own or kinds of policy with None for one that names
    none; `is_explicit` is what it has to say of that. `is_quoted`: AWS's message is shown as well. `id` is the row of
    docs/troubleshooting.md, the first that diagnosis/readings.py names for such a refusal; "" where there is none.
    """

    id: str
    codes: frozenset[str]
    says: str
    kind: type[CredhelperError]
    cause: str
    hint: str
    when: Callable[[Call], bool] = lambda _call: True
    is_quoted: bool = False
    about: Cause | frozenset[Kind | None] | None = None
    is_explicit: bool | None = None
    actions: frozenset[str] = frozenset()

    def fits(self, code: str, message: str, denial: Denial | None, call: Call) -> bool:
        """Tell whether this row explains the refusal."""
        if (self.codes and code not in self.codes) or not re.search(self.says, message) or not self.when(call):
            return False
        return self.about is None or (denial is not None and self._is_about(denial))

    def _is_about(self, denial: Denial) -> bool:
        if isinstance(self.about, Cause):
            return denial.cause is self.about
        is_kind = denial.cause is Cause.POLICY and denial.kind in (self.about or ())
        is_action = not self.actions or denial.action in self.actions
        return is_kind and is_action and (self.is_explicit is None or denial.is_explicit is self.is_explicit)
