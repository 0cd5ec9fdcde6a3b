"""Whether a condition of a statement holds in a request: true, false or unknown. Pure.

By AWS's pages on operators: of several values of a positive operator one has to fit, of a negated one none may; a key
that is not in the request fails a positive operator and fulfils a negated one; IfExists and ForAllValues hold without
the key, ForAnyValue does not.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from credhelper.policy import match
from credhelper.policy.comparison import COMPARISONS, NEGATED, WITH_VARIABLES
from credhelper.policy.document import Condition
from credhelper.policy.request import Context, Missing
from credhelper.policy.truth import Truth, every, negated, some, truth

_IF_EXISTS = "ifexists"


class Set(Enum):
    """How the values of a key that may have several are taken."""

    ONE = ""
    ALL = "forallvalues:"
    ANY = "foranyvalue:"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator in its parts; `name` is in lower case and without them."""

    name: str
    set: Set = Set.ONE
    has_if_exists: bool = False

    @property
    def is_negated(self) -> bool:
        """Whether it holds where no value fits."""
        return self.name in NEGATED


@functools.lru_cache(maxsize=256)
def operator_of(text: str) -> Operator | None:
    """Return an operator by its name in a policy, None for one that IAM does not know."""
    name = text.lower()
    found = next((one for one in (Set.ALL, Set.ANY) if name.startswith(one.value)), Set.ONE)
    name = name.removeprefix(found.value)
    has_if_exists = name.endswith(_IF_EXISTS)
    name = name.removesuffix(_IF_EXISTS)
    is_plain_null = name == "null" and found is Set.ONE and not has_if_exists
    return Operator(name, found, has_if_exists) if name in COMPARISONS or name in NEGATED or is_plain_null else None


def holds(condition: Condition, context: Context, *, has_variables: bool) -> Truth:
    """Return whether a condition holds; unknown also where the operator is none."""
    operator = operator_of(condition.operator)
    value = context.value(condition.key)
    if operator is None:
        return Truth.UNKNOWN
    if operator.name == "null":
        return _is_null(condition.values, value)
    variables = context if has_variables and operator.name in WITH_VARIABLES else None
    if value is Missing.UNKNOWN:
        return Truth.UNKNOWN  # it may be absent or have any value: each operator can then hold, and fail
    if value is Missing.ABSENT:
        found = truth(_holds_without_key(operator))
        return found if operator.has_if_exists else _with_holes(found, condition.values, variables)
    values = (value,) if isinstance(value, str) else value
    return _with_holes(_compared(operator, condition.values, values, variables), condition.values, variables)


def _is_null(wanted: tuple[str, ...], value: object) -> Truth:
    """Return whether one of the wanted values, true for a key that is absent, is so."""
    if not {text.lower() for text in wanted} <= {"true", "false"}:
        return Truth.UNKNOWN
    is_absent = Truth.UNKNOWN if value is Missing.UNKNOWN else truth(value is Missing.ABSENT)
    both = len({text.lower() for text in wanted}) > 1
    return Truth.TRUE if both else is_absent if wanted[0].lower() == "true" else negated(is_absent)


def _holds_without_key(operator: Operator) -> bool:
    if operator.has_if_exists or operator.set is Set.ALL:
        return True
    return operator.is_negated and operator.set is Set.ONE


def _with_holes(found: Truth, values: tuple[str, ...], variables: Context | None) -> Truth:
    """Return the same, but that a statement with a variable without a value may be invalid, and then does not fit."""
    is_whole = not any(match.pattern(text, variables).has_hole for text in values)
    return found if is_whole or found is Truth.FALSE else Truth.UNKNOWN


def _compared(operator: Operator, wanted: tuple[str, ...], values: tuple[str, ...], variables: Context | None) -> Truth:
    compare = COMPARISONS[NEGATED.get(operator.name, operator.name)]

    def fits(one: str) -> Truth:
        found = some(compare(text, one, variables) for text in wanted)
        return negated(found) if operator.is_negated else found

    if operator.set is Set.ANY:
        return some(map(fits, values))
    if operator.set is Set.ALL:
        return _of_all(values, fits)
    return fits(values[0]) if len(values) == 1 else Truth.UNKNOWN  # AWS: do not use it with a key of several values


def _of_all(values: tuple[str, ...], fits: Callable[[str], Truth]) -> Truth:
    """Return whether all values fit; where all are empty AWS may take them for none, and of none it is true."""
    found = every(map(fits, values))
    return Truth.UNKNOWN if found is Truth.FALSE and not any(values) else found
