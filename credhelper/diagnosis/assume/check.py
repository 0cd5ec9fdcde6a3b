"""Why a role is refused: what AWS says and what both sides' policies say, put together into one check. Pure.

A cause is certain where it was evaluated from documents with every key known, or AWS names it. AWS names the caller's
own layers where they refuse; so a refusal without a reason is of the role's side.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from credhelper.diagnosis.assume import refused, remedies, sides
from credhelper.diagnosis.assume.evidence import Evidence
from credhelper.diagnosis.assume.layer import ASSUME, Seen
from credhelper.diagnosis.assume.refused import Named
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.model import nearest
from credhelper.policy.denial import Kind

ID = "assume-role"
# AWS: "Role chaining limits your role session to a maximum of one hour".
_CHAINED_S = 3600
_AWS = "AWS's sentence"
_ALIKE = 0.9
_ORDER = tuple(Certainty)
_SOMEWHERE = "an explicit deny in a policy that AWS does not name"
_DENYING = (
    ("identity-deny", Kind.IDENTITY),
    ("trust-deny", Kind.TRUST),
    ("scp", Kind.SCP),
    ("rcp", Kind.RCP),
    ("vpc-endpoint", Kind.VPC_ENDPOINT),
)
_LIMITS = {
    "mfa": "AWS wants an MFA device and its one-time code together",
    "mfa-code": "AWS refused the one-time code",
    "mfa-device": "the MFA device of the profile is none of the caller's",
    "root-caller": "the source credentials are those of the root user, who assumes no role",
    "max-session": "more seconds are asked for than the role allows",
    "chaining": "a role that is assumed with another role's session lasts one hour at most",
}


def diagnose(known: Evidence) -> Check:
    """Return why the request of `known.ask` was refused, the cause to look at first before all others."""
    if known.said is None:
        return Check(id=ID, state=State.FAIL, text=f"AWS refused: {known.sentence}")
    named = refused.named(known.said)
    seen, limits = sides.seen(known), list(_of_limits(known))
    found = _of_named(known, named, [*seen, *limits]) if named else [*_of_bare(known, seen), *limits]
    findings = [remedies.with_hint(known, one) for one in _once(found)]
    findings.sort(key=lambda one: _ORDER.index(one.certainty))
    text = _text(known, named)
    if _lacks_only_a_code(known, findings):
        return Check(id=ID, state=State.UNKNOWN, text=f"{text}; no one-time code was sent", findings=tuple(findings))
    return Check(id=ID, state=State.FAIL, text=text, findings=tuple(findings))


def _text(known: Evidence, named: Named | None) -> str:
    if named is None or known.said is None:
        is_explicit = known.said is not None and known.said.is_explicit
        return f"AWS refused: {_SOMEWHERE}" if is_explicit else "AWS refused without a reason"
    return f"AWS refused: {_LIMITS.get(named.cause) or refused.words(known.said, str(known.ask.role))}"


def _lacks_only_a_code(known: Evidence, findings: Iterable[Finding]) -> bool:
    """Tell whether the profile has an MFA device, and what was seen may come from the code alone that was not sent."""
    is_untold = bool(known.ask.mfa_serial) and not known.ask.has_code
    certain = {one.cause for one in findings if one.certainty is Certainty.CERTAIN}
    return is_untold and certain <= {"mfa", "identity-deny", "trust-deny"}


def _of_named(known: Evidence, named: Named, seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield what AWS names, in the words of the documents where they say it, too; then all else that was seen."""
    same = [one for one in seen if _is_of(one, named)]
    settled = [one for one in same if not one.is_doubt]
    for one in settled:
        finding = replace(one.finding, certainty=Certainty.CERTAIN, evidence=(*one.finding.evidence, _AWS))
        yield replace(one, finding=finding)
    if not settled:
        yield from _of_sentence(known, named, seen)
    is_alone = not settled and len({one.finding.cause for one in same}) == 1
    yield from (_as(one, Certainty.LIKELY if is_alone else Certainty.POSSIBLE) for one in same if one.is_doubt)
    yield from (one for one in seen if one not in same and not (one.is_excluded and one.layer is named.layer))


def _is_of(one: Seen, named: Named) -> bool:
    """Tell whether a finding is about what AWS names."""
    if one.is_excluded:
        return False
    if named.layer is None or named.cause in sides.MORE.values():
        return one.finding.cause == named.cause
    return one.layer is named.layer and named.is_deny in (None, one.is_deny)


def _of_sentence(known: Evidence, named: Named, seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield the cause that only AWS's sentence names."""
    if known.said is None:
        return
    text = _LIMITS.get(named.cause) or refused.words(known.said, str(known.ask.role))
    allowing = [one for one in seen if one.is_excluded and one.layer is named.layer]
    if allowing and not named.is_deny and known.said.action in (ASSUME, ""):
        text += f"; {allowing[0].finding.text} by now: what was changed seconds ago is not in force everywhere"
    yield _seen(named.cause, Certainty.CERTAIN, text, named.layer, evidence=_AWS)
    if named.cause in ("identity-deny", "trust-deny") and not known.ask.has_code:
        yield _seen("mfa", Certainty.POSSIBLE, "it may deny without MFA only: no one-time code is sent", named.layer)


def _of_bare(known: Evidence, seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield what a refusal without a reason leaves: AWS would have named the layers of the caller's side."""
    settled = [one for one in seen if not one.is_doubt and not one.is_excluded]
    yield from settled
    has_cause = any(one.finding.certainty is Certainty.CERTAIN for one in settled)
    likely = Certainty.POSSIBLE if has_cause else Certainty.LIKELY
    doubts = [one for one in seen if one.is_doubt and one.layer is Kind.TRUST]
    if len({one.finding.cause for one in doubts}) > 1 and not has_cause:
        text = f"the trust policy depends on what is not known from here: {_keys(doubts)}"
        yield _seen("trust-condition", likely, text, Kind.TRUST)
        likely = Certainty.POSSIBLE
    yield from (_as(one, likely) for one in doubts)
    yield from (one for one in seen if one.is_doubt and one.layer is not Kind.TRUST)
    if known.said is not None and known.said.is_explicit:
        fine = {one.layer for one in seen if one.is_excluded}
        yield from (_seen(cause, Certainty.POSSIBLE, _SOMEWHERE, kind) for cause, kind in _DENYING if kind not in fine)
    elif known.role_side is None or (known.role_side.trust is not None and known.caller is None):
        yield from _unseen_role(known, likely)
    elif not has_cause and any(one.is_excluded and one.layer is Kind.TRUST for one in seen):
        yield from _organizations(
            known, is_own_read=any(one.is_excluded and one.layer is Kind.IDENTITY for one in seen)
        )
    yield from (one for one in seen if one.is_excluded)


def _organizations(known: Evidence, *, is_own_read: bool) -> Iterator[Seen]:
    """Yield what is left where the trust policy lets the caller in, and its own policies allow it or are not named."""
    why = "both sides allow it" if is_own_read else "the trust policy lets the caller in, and AWS names no policy of it"
    text = f"{why}: a policy of the organization of account {{}}, or a change of seconds ago"
    caller = known.ask.caller.account if known.ask.caller else "of the caller"
    yield _seen("scp", Certainty.LIKELY, text.format(caller), Kind.SCP)
    yield _seen("rcp", Certainty.LIKELY, text.format(known.ask.role.account), Kind.RCP)


def _unseen_role(known: Evidence, likely: Certainty) -> Iterator[Seen]:
    """Yield what is left of the role's side that was not read: the trust policy, and what it may want."""
    ask, possible = known.ask, Certainty.POSSIBLE
    lacks_code = not ask.has_code and not ask.is_temporary
    if lacks_code and ask.mfa_serial:
        yield _seen("mfa", likely, f"it wants MFA: the profile has {ask.mfa_serial}, and no code was sent", None)
        likely = possible
    yield _seen("trust", likely, f"the trust policy of {ask.role}, or no such role", Kind.TRUST)
    if lacks_code and not ask.mfa_serial:
        yield _seen("mfa", possible, "it wants MFA: no one-time code is sent", None)
    wants = "another external ID than is sent" if ask.external_id else "an external ID: none is sent"
    yield _seen("external-id", possible, f"it wants {wants}", None)
    wants = f"another source identity than {ask.source_identity}" if ask.source_identity else ""
    yield _seen("source-identity", possible, f"it wants {wants or 'a source identity: none is sent'}", None)
    wants = "other session tags than are sent" if ask.tags else "session tags: none are sent"
    yield _seen("tags", possible, f"it wants {wants}", None)
    for arn in nearest.nearest(str(ask.role), known.neighbours, limit=1, cutoff=_ALIKE):
        if arn != str(ask.role):
            yield _seen("no-role", possible, f"did you mean {arn}, which {known.neighbours[arn]} has?", None)
    yield _seen("rcp", possible, f"a policy of the organization of account {ask.role.account}", Kind.RCP)


def _of_limits(known: Evidence) -> Iterator[Seen]:
    """Yield the limits of a session that the request exceeds, with their numbers."""
    ask, role = known.ask, known.role_side
    if role is not None and 0 < role.max_session_s < ask.duration_s:
        text = f"{ask.duration_s} seconds are asked for, and the role allows {role.max_session_s}"
        yield _seen("max-session", Certainty.CERTAIN, text, None, evidence=role.origin)
    if ask.is_chained and ask.duration_s > _CHAINED_S:
        text = f"{ask.duration_s} seconds are asked for, and {_LIMITS['chaining']}"
        yield _seen("chaining", Certainty.CERTAIN, text, None)


def _once(found: Iterable[Seen]) -> list[Seen]:
    """Return the findings without those that say less of a cause than another one."""
    listed = list(found)
    best: dict[str, int] = {}
    for one in listed:
        rank = _ORDER.index(one.finding.certainty)
        best[one.finding.cause] = min(rank, best.get(one.finding.cause, rank))
    kept = [one for one in listed if _ORDER.index(one.finding.certainty) == best[one.finding.cause]]
    return list({(one.finding.cause, one.finding.text): one for one in kept}.values())


def _as(one: Seen, certainty: Certainty) -> Seen:
    return replace(one, finding=replace(one.finding, certainty=certainty))


def _keys(doubts: Iterable[Seen]) -> str:
    return ", ".join(dict.fromkeys(one.check.key or one.check.element for one in doubts if one.check))


def _seen(cause: str, certainty: Certainty, text: str, layer: Kind | None, *, evidence: str = "") -> Seen:
    finding = Finding(cause=cause, certainty=certainty, text=text, evidence=(evidence,) if evidence else ())
    return Seen(layer=layer, finding=finding)
