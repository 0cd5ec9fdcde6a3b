"""Which roles the policies of a caller allow to assume, by whom, and under which conditions. Pure.

A role is listed by its ARN where a policy names it; a pattern stays a pattern, since guessing names finds those that
are not there. What is left out is denied for certain: by a Deny, by the boundary, or because no policy allows it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from credhelper.grant.assume_rules import EVERYTHING, Rule, Source, covers, either, meets, parts, rules
from credhelper.policy import match, overlap
from credhelper.policy.document import Document
from credhelper.policy.match import Characters, Wild
from credhelper.policy.overlap import Shape
from credhelper.policy.request import Caller
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
class _Layer:
    """The statements of one layer: the policies, or the boundary."""

    name: str
    allowing: Sequence[Rule]
    denying: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A pattern that a statement allows, without what its NotResource leaves out."""

    shown: str
    shape: Shape
    without: tuple[str, ...]
    rule: Rule


def find(
    policies: Sequence[Source], caller: Caller, boundary: Document | None = None, *, known: Iterable[str] = ()
) -> Found:
    """Return what these policies together allow; `known` are ARNs of roles, listed where a pattern takes them.

    Keys that the caller's ARN does not settle are unknown, since a request may bring them: they become conditions.
    """
    layers = [_layer("", policies, caller)]
    layers += [] if boundary is None else [_layer(BOUNDARY, [Source(BOUNDARY, boundary)], caller)]
    allowing = layers[0].allowing
    named = dict.fromkeys(text for rule in allowing for text in _named(rule))
    outcomes = [_exact(arn, layers) for arn in named]
    others = [_exact(arn, layers) for arn in dict.fromkeys(known) if arn not in named]
    outcomes += [one for one in others if isinstance(one, Assumable)]
    offers: dict[tuple[str, tuple[str, ...]], list[_Offer]] = {}
    for rule in allowing:
        for offer in _offers(rule):
            offers.setdefault((offer.shown, offer.without), []).append(offer)
    outcomes += [_pattern(same, layers) for same in offers.values()]
    return Found(
        tuple(one for one in outcomes if isinstance(one, Assumable)),
        tuple(dict.fromkeys(one for one in outcomes if isinstance(one, Denied))),
    )


def _layer(name: str, policies: Sequence[Source], caller: Caller) -> _Layer:
    return _Layer(name, list(rules(policies, caller, "Allow")), list(rules(policies, caller, "Deny")))


def _named(rule: Rule) -> Iterator[str]:
    """Yield the roles that a statement names by their ARN."""
    shapes = () if rule.is_not else rule.shapes
    yield from (one.start for one in shapes if one.is_exact and _ROLE.fullmatch(one.start))


def _offers(rule: Rule) -> Iterator[_Offer]:
    """Yield the patterns that a statement allows and that some role fits."""
    if rule.is_not:
        yield _Offer(EVERYTHING, Shape(match.pattern(EVERYTHING, None)), rule.texts, rule)
        return
    for text, shape in zip(rule.texts, rule.shapes, strict=True):
        is_fitting = shape.pattern.is_open or not shape.pattern.has_hole  # one that lacks a value fits nothing
        if is_fitting and not shape.is_exact and overlap.may_be_role(shape):
            yield _Offer(_shown(text, shape), shape, (), rule)


def _shown(text: str, shape: Shape) -> str:
    """Return a pattern with the variables filled in that are known."""
    if shape.pattern.is_open or any(sign in text for sign in _SIGNS):
        return text
    return "".join(one.value if isinstance(one, Wild) else one for one in shape.characters)


def _exact(arn: str, layers: Sequence[_Layer]) -> Assumable | Denied:
    """Return what the policies say of one role."""
    conditions: list[str] = []
    sources: list[str] = []
    for layer in layers:
        allows, denies = _applying(layer.allowing, arn), _applying(layer.denying, arn)
        if denies[Truth.TRUE]:
            return Denied(arn, denies[Truth.TRUE][0].source)
        if not allows[Truth.TRUE]:
            if not allows[Truth.UNKNOWN]:
                return Denied(arn, layer.name)
            conditions.append(" or ".join(dict.fromkeys(rule.asked_of(arn) for rule in allows[Truth.UNKNOWN])))
        conditions += [rule.avoided_of(arn) for rule in denies[Truth.UNKNOWN]]
        sources = sources or [rule.source for rule in allows[Truth.TRUE] or allows[Truth.UNKNOWN]]
    return Assumable(
        role=arn,
        is_pattern=False,
        sources=tuple(dict.fromkeys(sources)),
        conditions=tuple(dict.fromkeys(conditions)),
        characters=tuple(arn),
    )


def _applying(found: Sequence[Rule], arn: str) -> Mapping[Truth, list[Rule]]:
    """Return statements by whether they apply to a role."""
    by: dict[Truth, list[Rule]] = {truth: [] for truth in Truth}
    for rule in found:
        by[rule.applies(arn)].append(rule)
    return by


def _pattern(offers: Sequence[_Offer], layers: Sequence[_Layer]) -> Assumable | Denied:
    """Return what is left of a pattern that these statements allow; a Deny of all of it leaves nothing."""
    shown, shape = offers[0].shown, offers[0].shape
    certain = [offer for offer in offers if offer.rule.is_certain]
    conditions = [] if certain else [either(offer.rule for offer in offers)]
    exceptions = list(offers[0].without)
    for rule in (one for layer in layers for one in layer.denying if meets(one, shape)):
        if not covers(rule, shape):
            unless = "" if rule.is_certain else f" (unless {rule.avoided})"
            exceptions += [f"{text}{unless}" for text in parts(rule, shape)]
        elif rule.is_certain:
            return Denied(shown, rule.source)
        else:
            conditions.append(rule.avoided)
    for bounds in layers[1:]:
        within = _within(shape, bounds.allowing)
        if within is None:
            return Denied(shown, bounds.name)
        conditions += within
    return Assumable(
        role=shown,
        is_pattern=True,
        sources=tuple(dict.fromkeys(offer.rule.source for offer in certain or offers)),
        conditions=tuple(dict.fromkeys(conditions)),
        exceptions=tuple(dict.fromkeys(exceptions)),
        characters=shape.characters,
    )


def _within(shape: Shape, bounding: Sequence[Rule]) -> list[str] | None:
    """Return what the Allows of a boundary ask for, None where they allow nothing of a pattern."""
    meeting = [rule for rule in bounding if meets(rule, shape)]
    if not meeting:
        return None
    covering = [rule for rule in meeting if covers(rule, shape)]
    if any(rule.is_certain for rule in covering):
        return []
    return [either(covering) if covering else f"within {BOUNDARY}"]
