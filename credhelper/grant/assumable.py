"""Which roles the policies of a caller allow to assume, by whom, and under which conditions. Pure.

A role is listed by its ARN where a policy names it; a pattern stays a pattern, since guessing names finds those that
are not there. What is left out is denied for certain: by a Deny, by the boundary, or because no policy allows it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from credhelper.grant import requirements
from credhelper.grant.assume_rules import ACTION, EVERYTHING, Rule, Source, covers, meets, parts, rules
from credhelper.policy import match, overlap
from credhelper.policy.document import Document
from credhelper.policy.explain import explain
from credhelper.policy.match import Characters, Pattern, Wild
from credhelper.policy.request import Caller, Request
from credhelper.policy.truth import Truth

BOUNDARY = "the permissions boundary"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)
# Variables that stand for a sign: shown as they are written, or the sign would look like a wildcard.
_SIGNS = ("${*}", "${?}", "${$}")


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
class _Offer:
    """A pattern that a statement allows, without what its NotResource leaves out."""

    shown: str
    pattern: Pattern
    without: tuple[str, ...]
    rule: Rule


def find(
    policies: Sequence[Source], caller: Caller, boundary: Document | None = None, *, known: Iterable[str] = ()
) -> Found:
    """Return what these policies together allow; `known` are ARNs of roles, listed where a pattern takes them.

    Keys that the caller's ARN does not settle are unknown, since a request may bring them: they become conditions.
    """
    bounds = [] if boundary is None else [Source(BOUNDARY, boundary)]
    allowing = list(rules(policies, caller, "Allow"))
    denying = [*rules(policies, caller, "Deny"), *rules(bounds, caller, "Deny")]
    bounding = None if boundary is None else list(rules(bounds, caller, "Allow"))
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


def _is_exact(pattern: Pattern) -> bool:
    return not any(isinstance(one, Wild) for one in pattern.characters)


def _named(rule: Rule) -> Iterator[str]:
    """Yield the roles that a statement names by their ARN."""
    if rule.statement.is_not_resource:
        return
    for _, pattern in rule.patterns:
        text = "".join(map(str, pattern.characters)) if _is_exact(pattern) else ""
        if _ROLE.fullmatch(text):
            yield text


def _offers(rule: Rule) -> Iterator[_Offer]:
    """Yield the patterns that a statement allows and that some role fits."""
    if rule.statement.is_not_resource:
        yield _Offer(EVERYTHING, match.pattern(EVERYTHING, None), tuple(text for text, _ in rule.patterns), rule)
        return
    for text, pattern in rule.patterns:
        is_fitting = pattern.is_open or not pattern.has_hole  # one that lacks a value fits nothing
        if is_fitting and not _is_exact(pattern) and overlap.may_be_role(pattern.characters):
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
        sources=_allowing(policies, request),
        conditions=tuple(dict.fromkeys(conditions)),
        characters=tuple(arn),
    )


def _allowing(policies: Sequence[Source], request: Request) -> tuple[str, ...]:
    """Return the policies that allow a role without a condition, or else those that may."""
    found: dict[Truth, list[str]] = {}
    for source in policies:
        allows = tuple(one for one in source.document.statements if one.effect == "Allow")
        verdict = explain([Document(allows, source.document.version)], request)
        found.setdefault(verdict.is_allowed, []).append(source.name)
    return tuple(found.get(Truth.TRUE) or found.get(Truth.UNKNOWN, []))


def _pattern(offers: Sequence[_Offer], denying: Sequence[Rule], bounding: Sequence[Rule] | None) -> Assumable | Denied:
    """Return what is left of a pattern that these statements allow; a Deny of all of it leaves nothing."""
    shown, pattern = offers[0].shown, offers[0].pattern.characters
    certain = [offer for offer in offers if offer.rule.is_certain]
    conditions = [] if certain else [_either(offer.rule for offer in offers)]
    exceptions = list(offers[0].without)
    for rule in denying:
        if not meets(rule, pattern):
            continue
        if not covers(rule, pattern):
            exceptions += [
                text if rule.is_certain else f"{text} (unless {rule.avoided})" for text in parts(rule, pattern)
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


def _either(rules: Iterable[Rule]) -> str:
    return " or ".join(dict.fromkeys(rule.asked for rule in rules))


def _within(pattern: Characters, bounding: Sequence[Rule]) -> list[str] | None:
    """Return what the Allows of a boundary ask for, None where they allow nothing of a pattern."""
    meeting = [rule for rule in bounding if meets(rule, pattern)]
    if not meeting:
        return None
    covering = [rule for rule in meeting if covers(rule, pattern)]
    if any(rule.is_certain for rule in covering):
        return []
    if covering:
        return [_either(covering)]
    return [f"within {BOUNDARY}"]
