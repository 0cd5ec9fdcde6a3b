"""What the policies of one layer say of the request, as findings: the caller's, its boundary, or the trust. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from credhelper.diagnosis.assume import misses, request_keys
from credhelper.diagnosis.assume.evidence import Evidence, Held
from credhelper.diagnosis.assume.misses import Told
from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.policy.denial import Kind
from credhelper.policy.document import Document
from credhelper.policy.explain import Check, Fit, Verdict, explain
from credhelper.policy.request import Request
from credhelper.policy.truth import Truth

ASSUME = "sts:AssumeRole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The documents of a layer with their names, and the causes of a Deny that applies and of an Allow that is missing.

    `whole` is the cause that stands for the layer, and `subject` what does not allow, in words.
    `held` are the policies that the documents are of, for those of the caller. `unread` could not be read.
    `has_request`: conditions on what a request brings are causes of their own.
    """

    kind: Kind
    subject: str
    names: Sequence[str]
    documents: Sequence[Document]
    whole: str
    denying: str
    lacking: str
    origin: str
    held: Sequence[Held] = ()
    unread: tuple[str, ...] = ()
    has_request: bool = False

    def named(self, fit: Fit) -> str:
        """Return a statement with the policy that has it."""
        return f"{self.names[fit.document]}, {misses.statement_of(fit)}"

    def policy_of(self, fit: Fit | None) -> Held | None:
        """Return the policy of the caller that has a statement."""
        return self.held[fit.document] if fit is not None and self.held else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A finding with what it was seen in; `check` is the element that does not fit.

    `layer` is None for what is no policy. `is_deny`: a Deny applies, or may. `is_doubt`: it depends on what is not
    known from here.
    """

    layer: Kind | None
    finding: Finding
    fit: Fit | None = None
    policy: Held | None = None
    check: Check | None = None
    is_deny: bool = False
    is_doubt: bool = False

    @property
    def is_excluded(self) -> bool:
        """Whether the layer was found to allow."""
        return self.finding.certainty is Certainty.EXCLUDED


def verdict_of(layer: Layer, known: Evidence, action: str) -> Verdict:
    """Return what the documents of a layer say of an action on the role."""
    context = request_keys.context(known, layer.documents)
    request = Request(action=action, resource=str(known.ask.role), caller=known.caller, context=context)
    return explain(layer.documents, request)


def seen(layer: Layer, known: Evidence) -> list[Seen]:
    """Return what a layer says of the request, the first cause first."""
    verdict = verdict_of(layer, known, ASSUME)
    if verdict.is_allowed is Truth.TRUE:
        return [_allowed(layer, verdict)]
    if verdict.is_allowed is Truth.UNKNOWN:
        return [one for fit in verdict.undecided for one in _doubts(layer, fit, known)]
    found = [_denied(layer, fit, known) for fit in _denying(layer, known)]
    nearest = verdict.nearest
    if nearest is not None and nearest.applies is Truth.UNKNOWN:
        return found + list(_doubts(layer, nearest, known))
    # Without a nearest Allow one applies, or there is none at all: which is seen once the Deny is lifted.
    return found if found and nearest is None else found + _lacking(layer, nearest, known)


def _denying(layer: Layer, known: Evidence) -> Iterator[Fit]:
    """Yield the Denies that apply."""
    for place, document in enumerate(layer.documents):
        for number, statement in enumerate(document.statements, 1):
            if statement.effect == "Deny":
                alone = replace(layer, documents=[Document((statement,), document.version)])
                fit = verdict_of(alone, known, ASSUME).deciding
                if fit is not None:
                    yield replace(fit, document=place, number=number)


def _allowed(layer: Layer, verdict: Verdict) -> Seen:
    """Return that a layer allows; what could not be read may still deny."""
    where = layer.named(verdict.deciding) if verdict.deciding else layer.subject
    if layer.unread:
        text = f"{where} allows {ASSUME} on this ARN; not read, and it may deny: {_listed(layer.unread)}"
        finding = _finding(layer, layer.denying, Certainty.POSSIBLE, text)
        return Seen(layer=layer.kind, finding=finding, is_deny=True, is_doubt=True)
    finding = _finding(layer, layer.whole, Certainty.EXCLUDED, f"{where} allows {ASSUME} on this ARN")
    return Seen(layer=layer.kind, finding=finding, fit=verdict.deciding, policy=layer.policy_of(verdict.deciding))


def _denied(layer: Layer, fit: Fit, known: Evidence) -> Seen:
    told = misses.of_deny(fit, other=layer.denying, shows_values=known.shows_values)
    finding = _finding(layer, told.cause, Certainty.CERTAIN, f"{layer.named(fit)} {told.text}")
    return Seen(layer=layer.kind, finding=finding, fit=fit, policy=layer.policy_of(fit), is_deny=True)


def _lacking(layer: Layer, nearest: Fit | None, known: Evidence) -> list[Seen]:
    """Return why no Allow applies: each element of the nearest one that does not fit."""
    certainty = Certainty.LIKELY if layer.unread else Certainty.CERTAIN
    unread = f"; not read, and it may allow: {_listed(layer.unread)}" if layer.unread else ""
    is_other = nearest is None or any(check.element == "Action" for check in nearest.misses)
    if nearest is None or (is_other and not layer.has_request):
        text = f"{layer.subject} allows {ASSUME} on {known.ask.role}{unread}"
        return [Seen(layer=layer.kind, finding=_finding(layer, layer.lacking, certainty, text))]
    found = []
    for check in nearest.misses:
        told = misses.of_allow(
            check, other=layer.lacking, has_request=layer.has_request, shows_values=known.shows_values
        )
        finding = _finding(layer, told.cause, certainty, f"{layer.named(nearest)} {told.text}{unread}")
        policy = layer.policy_of(nearest)
        found.append(Seen(layer=layer.kind, finding=finding, fit=nearest, policy=policy, check=check))
    return found + list(_doubts(layer, nearest, known))


def _doubts(layer: Layer, fit: Fit, known: Evidence) -> Iterator[Seen]:
    """Yield what it depends on whether a statement applies, as far as that is not known, one finding for each cause."""
    is_deny = fit.statement.effect == "Deny"
    other = layer.denying if is_deny else layer.lacking
    told: dict[Told, Check] = {}
    for check in fit.doubts:
        one = misses.of_doubt(check, other=other, has_request=layer.has_request, shows_values=known.shows_values)
        told.setdefault(one, check)
    for one, check in told.items():
        text = f"{layer.named(fit)} {'may deny it' if is_deny else 'allows it under a condition'}: {one.text}"
        yield Seen(
            layer=layer.kind,
            finding=_finding(layer, one.cause, Certainty.POSSIBLE, text),
            fit=fit,
            policy=layer.policy_of(fit),
            check=check,
            is_deny=is_deny,
            is_doubt=True,
        )


def _finding(layer: Layer, cause: str, certainty: Certainty, text: str) -> Finding:
    return Finding(cause=cause, certainty=certainty, text=text, evidence=(layer.origin,))


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
