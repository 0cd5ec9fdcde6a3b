"""Which roles the policies of a caller allow to assume, by whom, and under which conditions. Pure.

A role is listed by its ARN where a policy names it; a pattern stays a pattern, since guessing names finds those that
are not there. What is left out is denied for certain: by a Deny, by the boundary, or because no policy allows it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from credhelper.grant import requirements
from credhelper.policy import match, overlap
from credhelper.policy.document import Document, Statement
from credhelper.policy.explain import Fit, explain
from credhelper.policy.match import Characters, Pattern, Wild
from credhelper.policy.request import Caller, Context, Request
from credhelper.policy.truth import Truth

ACTION = "sts:AssumeRole"
BOUNDARY = "the permissions boundary"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)
_EVERYTHING = "*"
_VALID = "AWS takes a variable without a value"
# Variables that stand for a sign: shown as they are written, or the sign would look like a wildcard.
_SIGNS = ("${*}", "${?}", "${$}")


@dataclass(frozen=True, slots=True)
class Source:
    """A policy of the caller, by the name that a person knows it by."""

    name: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumable:
    """A role, or a pattern of them, that the policies in `sources` allow to assume.

    All of `conditions` have to hold. `exceptions` are what a pattern takes and a policy does not allow. `characters`
    are the pattern, with a star for what is not known.
    """

    role: str
    is_pattern: bool
    sources: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    characters: Characters = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """What one policy allows and another takes off."""

    role: str
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, exact roles before patterns."""

    roles: tuple[Assumable, ...]
    denied: tuple[Denied, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
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


@dataclass(frozen=True, slots=True)
class _Offer:
    """A pattern that a statement allows, without what its NotResource leaves out."""

    shown: str
    pattern: Pattern
    without: tuple[str, ...]
    rule: _Rule


def find(
    policies: Sequence[Source], caller: Caller, boundary: Document | None = None, *, known: Iterable[str] = ()
) -> Found:
    """Return what these policies together allow; `known` are ARNs of roles, listed where a pattern takes them.

    Keys that the caller's ARN does not settle are unknown, since a request may bring them: they become conditions.
    """
    bounds = [] if boundary is None else [Source(BOUNDARY, boundary)]
    allowing = list(_rules(policies, caller, "Allow"))
    denying = [*_rules(policies, caller, "Deny"), *_rules(bounds, caller, "Deny")]
    bounding = None if boundary is None else list(_rules(bounds, caller, "Allow"))
    named = dict.fromkeys(text for rule in allowing for text in _named(rule))
    outcomes = [_exact(arn, policies, caller, bounds) for arn in named]
    others = [_exact(arn, policies, caller, bounds) for arn in dict.fromkeys(known) if arn not in named and allowing]
    outcomes += [one for one in others if isinstance(one, Assumable)]
    offers: dict[tuple[str, tuple[str, ...]], list[_Offer]] = {}
    for rule in allowing:
        for offer in _offers(rule):
            offers.setdefault((offer.shown, offer.without), []).append(offer)
    outcomes += [_pattern(same, denying, bounding) for same in offers.values()]
    return Found(
        tuple(one for one in outcomes if isinstance(one, Assumable)),
        tuple(dict.fromkeys(one for one in outcomes if isinstance(one, Denied))),
    )


def _rules(policies: Sequence[Source], caller: Caller, effect: str) -> Iterator[_Rule]:
    """Yield the statements of an effect about sts:AssumeRole, but those whose conditions fail for certain."""
    context = Context().having(caller.keys())
    for source in policies:
        document = source.document
        variables = context if document.has_variables else None
        for statement in document.statements:
            is_named = any(match.fits_action(one, ACTION) for one in statement.actions)
            if statement.effect != effect or is_named is statement.is_not_action:
                continue
            resources = (_EVERYTHING,) if statement.resources is None else statement.resources
            patterns = tuple((text, match.pattern(text, variables)) for text in resources)
            fit = _conditions_of(statement, document, caller)
            if fit.applies is not Truth.FALSE:
                yield _Rule(source.name, statement, patterns, fit)


def _conditions_of(statement: Statement, document: Document, caller: Caller) -> Fit:
    """Return how the conditions of a statement fit, whatever the role is."""
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


def _is_exact(pattern: Pattern) -> bool:
    return not any(isinstance(one, Wild) for one in pattern.characters)


def _named(rule: _Rule) -> Iterator[str]:
    """Yield the roles that a statement names by their ARN."""
    if rule.statement.is_not_resource:
        return
    for _, pattern in rule.patterns:
        text = "".join(map(str, pattern.characters)) if _is_exact(pattern) else ""
        if _ROLE.fullmatch(text):
            yield text


def _offers(rule: _Rule) -> Iterator[_Offer]:
    """Yield the patterns that a statement allows and that some role fits."""
    if rule.statement.is_not_resource:
        yield _Offer(_EVERYTHING, match.pattern(_EVERYTHING, None), tuple(text for text, _ in rule.patterns), rule)
        return
    for text, pattern in rule.patterns:
        if not _is_exact(pattern) and (pattern.is_open or not pattern.has_hole):
            if overlap.may_be_role(pattern.characters):
                yield _Offer(_shown(text, pattern), pattern, (), rule)


def _shown(text: str, pattern: Pattern) -> str:
    """Return a pattern with the variables filled in that are known."""
    if pattern.is_open or any(sign in text for sign in _SIGNS):
        return text
    return "".join(one.value if isinstance(one, Wild) else one for one in pattern.characters)


def _exact(arn: str, policies: Sequence[Source], caller: Caller, bounds: Sequence[Source]) -> Assumable | Denied:
    """Return what the policies say of one role."""
    request = Request(action=ACTION, resource=arn, caller=caller)
    conditions: list[str] = []
    for layer in (policies, bounds) if bounds else (policies,):
        verdict = explain([one.document for one in layer], request)
        if verdict.is_allowed is Truth.FALSE:
            return Denied(arn, layer[verdict.deciding.document if verdict.deciding else 0].name)
        allows = [fit for fit in verdict.undecided if fit.statement.effect == "Allow"]
        is_asked = verdict.nearest is not None  # no Allow applies without its conditions
        conditions += [requirements.of_allow(allows)] if is_asked else []
        conditions += [requirements.of_deny(fit) for fit in verdict.undecided if fit.statement.effect == "Deny"]
    return Assumable(
        role=arn,
        is_pattern=False,
        sources=_allowing(arn, policies, request),
        conditions=tuple(dict.fromkeys(conditions)),
        characters=tuple(arn),
    )


def _allowing(arn: str, policies: Sequence[Source], request: Request) -> tuple[str, ...]:
    """Return the policies that allow a role without a condition, or else those that may."""
    found: dict[Truth, list[str]] = {}
    for source in policies:
        allows = tuple(one for one in source.document.statements if one.effect == "Allow")
        verdict = explain([Document(allows, source.document.version)], request)
        found.setdefault(verdict.is_allowed, []).append(source.name)
    return tuple(found.get(Truth.TRUE) or found.get(Truth.UNKNOWN, []))


def _pattern(
    offers: Sequence[_Offer], denying: Sequence[_Rule], bounding: Sequence[_Rule] | None
) -> Assumable | Denied:
    """Return what is left of a pattern that these statements allow; a Deny of all of it leaves nothing."""
    shown, pattern = offers[0].shown, offers[0].pattern.characters
    certain = [offer for offer in offers if offer.rule.is_certain]
    conditions = [] if certain else [_either(offer.rule for offer in offers)]
    exceptions = list(offers[0].without)
    for rule in denying:
        if not _meets(rule, pattern):
            continue
        if not _covers(rule, pattern):
            exceptions += [
                text if rule.is_certain else f"{text} (unless {rule.avoided})" for text in _parts(rule, pattern)
            ]
        elif rule.is_certain:
            return Denied(shown, rule.source)
        else:
            conditions.append(rule.avoided)
    if bounding is not None:
        within = _within(pattern, bounding)
        if within is None:
            return Denied(shown, BOUNDARY)
        conditions += within
    return Assumable(
        role=shown,
        is_pattern=True,
        sources=tuple(dict.fromkeys(offer.rule.source for offer in certain or offers)),
        conditions=tuple(dict.fromkeys(conditions)),
        exceptions=tuple(dict.fromkeys(exceptions)),
        characters=pattern,
    )


def _either(rules: Iterable[_Rule]) -> str:
    return " or ".join(dict.fromkeys(rule.asked for rule in rules))


def _parts(rule: _Rule, pattern: Characters) -> list[str]:
    """Return what a Deny takes off of a pattern, as text."""
    if rule.statement.is_not_resource:
        return [f"all but {', '.join(text for text, _ in rule.patterns)}"]
    return [text for text, one in rule.patterns if overlap.have_common(one.characters, pattern)]


def _within(pattern: Characters, bounding: Sequence[_Rule]) -> list[str] | None:
    """Return what the Allows of a boundary ask for, None where they allow nothing of a pattern."""
    meeting = [rule for rule in bounding if _meets(rule, pattern)]
    if not meeting:
        return None
    covering = [rule for rule in meeting if _covers(rule, pattern)]
    if any(rule.is_certain for rule in covering):
        return []
    if covering:
        return [_either(covering)]
    return [f"within {BOUNDARY}"]


def _meets(rule: _Rule, pattern: Characters) -> bool:
    """Tell whether a statement may be about some role of a pattern."""
    if rule.statement.is_not_resource:
        return not any(_is_whole(one) and overlap.covers_roles(one.characters, pattern) for _, one in rule.patterns)
    return any(overlap.have_common(one.characters, pattern) for _, one in rule.patterns)


def _covers(rule: _Rule, pattern: Characters) -> bool:
    """Tell whether a statement, if it applies, is about every role of a pattern."""
    if rule.statement.is_not_resource:
        return not any(overlap.have_common(one.characters, pattern) for _, one in rule.patterns)
    return any(_is_whole(one) and overlap.covers_roles(one.characters, pattern) for _, one in rule.patterns)


def _is_whole(pattern: Pattern) -> bool:
    return not pattern.is_open and not pattern.has_hole
