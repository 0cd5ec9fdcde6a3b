"""Statements about sts:AssumeRole: which roles they are about, and what has to hold for them to apply. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from credhelper.grant import requirements
from credhelper.policy import match, overlap
from credhelper.policy.document import Document, Statement
from credhelper.policy.explain import Fit, explain
from credhelper.policy.overlap import Shape
from credhelper.policy.request import Caller, Context, Request
from credhelper.policy.truth import Truth, every, negated, some

ACTION = "sts:AssumeRole"
EVERYTHING = "*"
_VALID = "AWS takes a variable without a value"


@dataclass(frozen=True, slots=True)
class Source:
    """A policy of the caller, by the name that a person knows it by."""

    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement about sts:AssumeRole, with its resources as shapes; `fit` has its conditions alone.

    `texts` are the resources as they are written, `exact` those without a wildcard; `is_not`: it is about all others.
    """

    source: str
    is_not: bool
    texts: tuple[str, ...]
    shapes: tuple[Shape, ...]
    exact: frozenset[str]
    fit: Fit

    @property
    def has_hole(self) -> bool:
        """Whether a variable in its resources has no value: AWS may then take the whole statement for invalid."""
        return any(one.pattern.has_hole for one in self.shapes)

    @property
    def is_certain(self) -> bool:
        """Whether it applies for certain to what it covers."""
        return self.fit.applies is Truth.TRUE and not self.has_hole

    @property
    def asked(self) -> str:
        """What has to hold for an Allow to apply to what it covers."""
        return _joined(requirements.of_allow([self.fit]), _VALID if self.has_hole else "")

    @property
    def avoided(self) -> str:
        """What has to hold for a Deny not to apply to what it covers."""
        return requirements.of_deny(self.fit) or f"not that {_VALID}"

    def applies(self, arn: str) -> Truth:
        """Return whether it applies to one role."""
        return every((self.fit.applies, self._fits(arn)))

    def asked_of(self, arn: str) -> str:
        """Return what has to hold for an Allow to apply to a role, of which that is not known."""
        return _joined(requirements.of_allow([self.fit]), self._doubt(arn))

    def avoided_of(self, arn: str) -> str:
        """Return what has to hold for a Deny not to apply to a role, of which that is not known."""
        doubt = self._doubt(arn)
        return " or ".join(text for text in (requirements.of_deny(self.fit), doubt and f"not that {doubt}") if text)

    def _doubt(self, arn: str) -> str:
        if self._fits(arn) is not Truth.UNKNOWN:
            return ""
        return _VALID if self.has_hole else f"{', '.join(self._open_of(arn))} takes it"

    def _fits(self, arn: str) -> Truth:
        """Return whether its resources take a role, as `explain` does."""
        found = Truth.TRUE if arn in self.exact else some(self._fitting(arn))
        found = negated(found) if self.is_not else found
        return Truth.UNKNOWN if found is Truth.TRUE and self.has_hole else found

    def _fitting(self, arn: str) -> Iterator[Truth]:
        for one in self.shapes:
            if not one.is_exact and arn.startswith(one.start):
                yield match.fits_resource(one.pattern, arn)

    def _open_of(self, arn: str) -> Iterator[str]:
        for text, one in zip(self.texts, self.shapes, strict=True):
            if not one.is_exact and match.fits_resource(one.pattern, arn) is Truth.UNKNOWN:
                yield text


def _joined(*texts: str) -> str:
    return " and ".join(text for text in texts if text)


def rules(policies: Sequence[Source], caller: Caller, effect: str) -> Iterator[Rule]:
    """Yield the statements of an effect about sts:AssumeRole, but those whose conditions fail for certain."""
    context = Context().having(caller.keys())
    for source in policies:
        document = source.document
        variables = context if document.has_variables else None
        for statement in document.statements:
            is_named = any(match.fits_action(one, ACTION) for one in statement.actions)
            if statement.effect != effect or is_named is statement.is_not_action:
                continue
            fit = _conditions_of(statement, document, caller)
            if fit.applies is Truth.FALSE:
                continue
            texts = (EVERYTHING,) if statement.resources is None else statement.resources
            shapes = tuple(Shape(match.pattern(text, variables)) for text in texts)
            exact = frozenset(one.start for one in shapes if one.is_exact)
            yield Rule(source.name, statement.is_not_resource, texts, shapes, exact, fit)


def _conditions_of(statement: Statement, document: Document, caller: Caller) -> Fit:
    """Return how the conditions of a statement fit, for any role."""
    alone = Statement(
        effect="Allow",
        actions=(ACTION,),
        principals=statement.principals,
        is_not_principal=statement.is_not_principal,
        conditions=statement.conditions,
    )
    verdict = explain([Document((alone,), document.version)], Request(action=ACTION, caller=caller))
    fit = verdict.deciding or verdict.nearest
    if fit is None:
        raise AssertionError("one statement is either the deciding one or the nearest")
    return fit


def either(rules: Iterable[Rule]) -> str:
    """Return what one of these Allows asks for."""
    return " or ".join(dict.fromkeys(rule.asked for rule in rules))


def parts(rule: Rule, pattern: Shape) -> list[str]:
    """Return what a Deny takes off of a pattern, as text."""
    if rule.is_not:
        return [f"all but {', '.join(rule.texts)}"]
    return [text for text, one in zip(rule.texts, rule.shapes, strict=True) if overlap.have_common(one, pattern)]


def meets(rule: Rule, pattern: Shape) -> bool:
    """Tell whether a statement may be about some role of a pattern."""
    if rule.is_not:
        return not any(_is_whole(one) and overlap.covers_roles(one, pattern) for one in rule.shapes)
    return any(overlap.have_common(one, pattern) for one in rule.shapes)


def covers(rule: Rule, pattern: Shape) -> bool:
    """Tell whether a statement, if it applies, is about every role of a pattern."""
    if rule.is_not:
        return not any(overlap.have_common(one, pattern) for one in rule.shapes)
    return any(_is_whole(one) and overlap.covers_roles(one, pattern) for one in rule.shapes)


def _is_whole(shape: Shape) -> bool:
    return not shape.pattern.is_open and not shape.pattern.has_hole
