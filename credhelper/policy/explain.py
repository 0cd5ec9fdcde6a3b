"""What a document says about a request, which statement says it, and where the nearest one does not fit. Pure.

One document, or all of one layer, such as every policy of a user. To put layers together is left to the caller.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credhelper.policy import condition, match, principal
from credhelper.policy.document import Condition, Document, Statement
from credhelper.policy.request import Context, Missing, Request
from credhelper.policy.truth import Truth, every, negated, some, truth

# Of two texts no more is compared than this: it takes the square of the length.
_COMPARED = 512
# A statement that does not fit in the first of these is farther off than one that does not fit in a later one.
_FARTHEST_FIRST = ("Action", "Principal", "Resource", "Condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One element of a statement held against the request.

    `wanted` is what the policy has, `found` what the request has: None where that is not known or not there. Both may
    hold a value that is not to be shown, such as an external ID. `keys` are the keys that are not known and that count.
    """

    element: str
    fits: Truth
    wanted: tuple[str, ...]
    found: str | None
    is_negated: bool
    operator: str = ""
    key: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A statement held against a request: it applies if every element fits."""

    statement: Statement
    document: int
    number: int
    checks: tuple[Check, ...]

    @property
    def applies(self) -> Truth:
        """Whether the statement applies."""
        return every(check.fits for check in self.checks)

    @property
    def misses(self) -> tuple[Check, ...]:
        """The elements that do not fit."""
        return tuple(check for check in self.checks if check.fits is Truth.FALSE)

    @property
    def doubts(self) -> tuple[Check, ...]:
        """The elements of which it is not known whether they fit."""
        return tuple(check for check in self.checks if check.fits is Truth.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What documents say. Where `is_allowed` is true or false, it stays so for every value of what is not known.

    `is_denied` tells whether a Deny applies: without one and without an Allow the denial is implicit. `deciding` is the
    statement that settles it, None for an implicit denial; `nearest` is the Allow that comes next to fitting, where
    none applies for certain. `undecided` are the statements that would change the verdict if they applied.
    """

    is_allowed: Truth
    is_denied: Truth
    deciding: Fit | None
    nearest: Fit | None
    undecided: tuple[Fit, ...]

    @property
    def unknown_keys(self) -> tuple[str, ...]:
        """The keys that would settle an unknown verdict, as far as keys would."""
        return tuple(dict.fromkeys(key for fit in self.undecided for check in fit.doubts for key in check.keys))


def explain(documents: Iterable[Document], request: Request) -> Verdict:
    """Return what these documents together say about a request."""
    context = request.context if request.caller is None else _with_caller(request)
    fits = [
        Fit(statement, place, number, tuple(_checks(statement, request, context, document)))
        for place, document in enumerate(documents)
        for number, statement in enumerate(document.statements, 1)
    ]
    allows = [fit for fit in fits if fit.statement.effect == "Allow"]
    denies = [fit for fit in fits if fit.statement.effect == "Deny"]
    allowing, denying = some(fit.applies for fit in allows), some(fit.applies for fit in denies)
    is_allowed = every((allowing, negated(denying)))
    deciding = _first(denies, Truth.TRUE) or (_first(allows, Truth.TRUE) if is_allowed is Truth.TRUE else None)
    return Verdict(
        is_allowed,
        denying,
        deciding,
        None if allowing is Truth.TRUE else _nearest(allows),
        tuple(fit for fit in fits if fit.applies is Truth.UNKNOWN) if is_allowed is Truth.UNKNOWN else (),
    )


def _with_caller(request: Request) -> Context:
    """Return the keys of the request, with those that the caller's ARN settles where the request says nothing."""
    settled = request.caller.keys() if request.caller else {}
    values = {key: value for key, value in settled.items() if request.context.value(key) is Missing.UNKNOWN}
    return request.context.having(values)


def _first(fits: Sequence[Fit], wanted: Truth) -> Fit | None:
    return next((fit for fit in fits if fit.applies is wanted), None)


def _checks(statement: Statement, request: Request, context: Context, document: Document) -> Iterable[Check]:
    variables = context if document.has_variables else None
    if statement.principals is not None:
        yield Check(
            element="Principal",
            fits=principal.fits_principal(statement, request.caller),
            wanted=tuple(name for _, name in statement.principals),
            found=request.caller.name if request.caller else None,
            is_negated=statement.is_not_principal,
        )
    is_named = truth(any(match.fits_action(one, request.action) for one in statement.actions))
    yield Check(
        element="Action",
        fits=negated(is_named) if statement.is_not_action else is_named,
        wanted=statement.actions,
        found=request.action,
        is_negated=statement.is_not_action,
    )
    if statement.resources is not None:
        yield Check(
            element="Resource",
            fits=_fits_resource(statement.resources, request.resource, variables, is_not=statement.is_not_resource),
            wanted=statement.resources,
            found=request.resource,
            is_negated=statement.is_not_resource,
            keys=_unknown_variables(statement.resources, variables),
        )
    for one in statement.conditions:
        yield _checked(one, context, variables)


def _fits_resource(wanted: tuple[str, ...], resource: str | None, variables: Context | None, *, is_not: bool) -> Truth:
    patterns = [match.pattern(text, variables) for text in wanted]
    if resource is None:
        found = Truth.TRUE if "*" in wanted else Truth.UNKNOWN
    else:
        found = some(match.fits_resource(one, resource) for one in patterns)
    found = negated(found) if is_not else found
    # A statement with a variable without a value may be invalid as a whole.
    return Truth.UNKNOWN if found is Truth.TRUE and any(one.has_hole for one in patterns) else found


def _checked(one: Condition, context: Context, variables: Context | None) -> Check:
    value = context.value(one.key)
    keys = (one.key,) if value is Missing.UNKNOWN else ()
    operator = condition.operator_of(one.operator)
    return Check(
        element="Condition",
        fits=condition.holds(one, context, has_variables=variables is not None),
        wanted=one.values,
        found=value if isinstance(value, str) else ", ".join(value) if isinstance(value, tuple) else None,
        operator=one.operator,
        key=one.key,
        is_negated=operator is not None and operator.is_negated,
        keys=keys + _unknown_variables(one.values, variables),
    )


def _unknown_variables(texts: tuple[str, ...], variables: Context | None) -> tuple[str, ...]:
    if variables is None:
        return ()
    return tuple(key for text in texts for key in match.variables_in(text) if variables.value(key) is Missing.UNKNOWN)


def _nearest(allows: Sequence[Fit]) -> Fit | None:
    """Return the Allow with the least that does not fit; of several the one whose text is the most alike."""
    return min(allows, key=lambda fit: (_distance(fit), -_likeness(fit)), default=None)


def _distance(fit: Fit) -> tuple[int, ...]:
    return tuple(sum(check.element == name for check in fit.misses) for name in _FARTHEST_FIRST)


def _likeness(fit: Fit) -> float:
    """Return how much the nearest pattern of an element that does not fit resembles what was asked for."""
    return sum(max(_ratio(check.found, one) for one in check.wanted) for check in fit.misses if check.found)


def nearest_values(check: Check) -> list[str]:
    """Return the values of a check, the most alike to what was found first."""
    found = check.found
    return sorted(check.wanted, key=lambda text: _ratio(found, text), reverse=True) if found else list(check.wanted)


def _ratio(found: str, text: str) -> float:
    return difflib.SequenceMatcher(None, text[:_COMPARED], found[:_COMPARED]).ratio()
