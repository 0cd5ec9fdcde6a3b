"""Statements about sts:AssumeRole: which roles they are about, and what has to hold for them to apply. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from credhelper.grant import requirements
from credhelper.policy import match, overlap
from credhelper.policy.document import Document, Statement
from credhelper.policy.explain import Fit, explain
from credhelper.policy.match import Characters, Pattern
from credhelper.policy.request import Caller, Context, Request
from credhelper.policy.truth import Truth

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
    """A statement about sts:AssumeRole, with its resources as patterns; `fit` has its conditions alone."""

    source: str
    statement: Statement
    patterns: tuple[tuple[str, Pattern], ...]
    fit: Fit

    @property
    def has_hole(self) -> bool:
        """Whether a variable in its resources has no value: AWS may then take the whole statement for invalid."""
        return any(one.has_hole for _, one in self.patterns)

    @property
    def is_certain(self) -> bool:
        """Whether it applies for certain to what it covers."""
        return self.fit.applies is Truth.TRUE and not self.has_hole

    @property
    def asked(self) -> str:
        """What has to hold for an Allow to apply."""
        texts = (requirements.of_allow([self.fit]), _VALID if self.has_hole else "")
        return " and ".join(text for text in texts if text)

    @property
    def avoided(self) -> str:
        """What has to hold for a Deny not to apply."""
        return requirements.of_deny(self.fit) or f"not that {_VALID}"


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
            resources = (EVERYTHING,) if statement.resources is None else statement.resources
            patterns = tuple((text, match.pattern(text, variables)) for text in resources)
            fit = _conditions_of(statement, document, caller)
            if fit.applies is not Truth.FALSE:
                yield Rule(source.name, statement, patterns, fit)


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


def parts(rule: Rule, pattern: Characters) -> list[str]:
    """Return what a Deny takes off of a pattern, as text."""
    if rule.statement.is_not_resource:
        return [f"all but {', '.join(text for text, _ in rule.patterns)}"]
    return [text for text, one in rule.patterns if overlap.have_common(one.characters, pattern)]


def meets(rule: Rule, pattern: Characters) -> bool:
    """Tell whether a statement may be about some role of a pattern."""
    if rule.statement.is_not_resource:
        return not any(_is_whole(one) and overlap.covers_roles(one.characters, pattern) for _, one in rule.patterns)
    return any(overlap.have_common(one.characters, pattern) for _, one in rule.patterns)


def covers(rule: Rule, pattern: Characters) -> bool:
    """Tell whether a statement, if it applies, is about every role of a pattern."""
    if rule.statement.is_not_resource:
        return not any(overlap.have_common(one.characters, pattern) for _, one in rule.patterns)
    return any(_is_whole(one) and overlap.covers_roles(one.characters, pattern) for _, one in rule.patterns)


def _is_whole(pattern: Pattern) -> bool:
    return not pattern.is_open and not pattern.has_hole
