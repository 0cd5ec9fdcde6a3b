"""The layers of one role: the caller's own policies and boundary, the role's trust policy; and what each says. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from credhelper.diagnosis.assume import layer
from credhelper.diagnosis.assume.evidence import Evidence, RoleSide
from credhelper.diagnosis.assume.layer import Layer, Seen
from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.policy import arn
from credhelper.policy.denial import Kind
from credhelper.policy.document import Document, Statement
from credhelper.policy.truth import Truth

BOUNDARY = "the permissions boundary"
TRUST = "the trust policy"
# What a request asks for besides the role, with the cause where that is not allowed.
MORE = {"sts:TagSession": "tags", "sts:SetSourceIdentity": "source-identity"}
_DELETED = "Deleted"


def caller_layers(known: Evidence) -> list[Layer]:
    """Return the layers of the caller's account that were read."""
    side = known.caller_side
    if side is None or known.caller is None:
        return []
    layers = [
        Layer(
            kind=Kind.IDENTITY,
            subject=f"no policy of {_who(known)}",
            names=[str(one) for one in side.policies],
            documents=[one.document for one in side.policies],
            whole="identity-policy",
            denying="identity-deny",
            lacking="identity-policy",
            origin=side.origin,
            held=side.policies,
            unread=side.unread,
        )
    ]
    if side.boundary is not None:
        name = f"{BOUNDARY} {side.boundary_name}".strip()
        layers.append(
            Layer(
                kind=Kind.BOUNDARY,
                subject=f"no statement of {name}",
                names=[name],
                documents=[side.boundary],
                whole="boundary",
                denying="boundary",
                lacking="boundary",
                origin=side.origin,
            )
        )
    return layers


def _who(known: Evidence) -> str:
    """Return the caller in words, with its groups."""
    caller, groups = known.ask.caller, known.caller_side.groups if known.caller_side else ()
    if caller is None:
        return "the caller"
    if caller.role_name:
        return f"role {caller.role_name}"
    return f"{caller.kind} {caller.name}" + (f" or of group {', '.join(groups)}" if groups else "")


def trust_layers(known: Evidence) -> list[Layer]:
    """Return the layer of the role's account, if it was read and there is such a role."""
    side = known.role_side
    if side is None or side.trust is None or known.caller is None:
        return []
    return [
        Layer(
            kind=Kind.TRUST,
            subject=f"no statement of {TRUST}",
            names=[TRUST],
            documents=[_without_deleted(side.trust)],
            whole="trust",
            denying="trust-deny",
            lacking="trust-condition",
            origin=side.origin,
            has_request=True,
        )
    ]


def seen(known: Evidence) -> list[Seen]:
    """Return what all layers say that were read, in the order in which AWS asks them."""
    caller = [one for each in caller_layers(known) for one in layer.seen(each, known)]
    caller += list(_of_unread_boundary(known))
    trust = [_of_principal(one) for each in trust_layers(known) for one in layer.seen(each, known)]
    if known.ask.is_same_account:
        caller = [kept for one in caller if (kept := _in_one_account(one, known, trust)) is not None]
    return [*caller, *_of_role(known), *trust, *_of_more(known)]


def _in_one_account(one: Seen, known: Evidence, trust: Sequence[Seen]) -> Seen | None:
    """Return what is left of a missing Allow, None if nothing: a caller whom the trust policy names needs no policy.

    A user who is named is not held by a boundary either.
    """
    if one.is_deny or one.is_excluded or one.is_doubt:
        return one
    names = _trusted(known)
    caller = known.caller
    is_user_named = caller is not None and caller.name in names
    is_named = is_user_named or (caller is not None and caller.role_arn in names)
    if known.role_side is not None and not (is_user_named if one.layer is Kind.BOUNDARY else is_named):
        return one
    if is_named and all(other.is_excluded for other in trust):
        return None
    return replace(one, finding=replace(one.finding, certainty=Certainty.POSSIBLE))


def _of_unread_boundary(known: Evidence) -> Iterator[Seen]:
    """Yield that a boundary may not allow it, where there may be one that was not read."""
    side = known.caller_side
    if side is not None and side.unread_boundary:
        text = f"not read, and it may not allow it: {side.unread_boundary}"
        finding = Finding(cause="boundary", certainty=Certainty.POSSIBLE, text=text, evidence=(side.origin,))
        yield Seen(layer=Kind.BOUNDARY, finding=finding, is_doubt=True)


def _trusted(known: Evidence) -> set[str]:
    """Return whom the Allows of the trust policy name."""
    trust = known.role_side.trust if known.role_side else None
    statements = [one for one in trust.statements if one.effect == "Allow"] if trust else []
    return {name for one in statements for _, name in one.principals or ()} - {""}


def _without_deleted(trust: Document) -> Document:
    """Return a trust policy in which ids of principals name no caller: IAM shows one only where it was deleted."""

    def renamed(statement: Statement) -> Statement:
        principals = tuple(
            (_DELETED if arn.UNIQUE_ID.fullmatch(name) else kind, name) for kind, name in statement.principals or ()
        )
        return replace(statement, principals=principals) if statement.principals else statement

    return Document(tuple(map(renamed, trust.statements)), trust.version)


def _of_principal(one: Seen) -> Seen:
    """Return the same with the cause of what it is about, where that is the principal or the action."""
    if one.check is None or one.is_doubt or one.check.element not in ("Principal", "Action"):
        return one
    if one.check.element == "Action":
        return replace(one, finding=replace(one.finding, cause="trust-action"))
    deleted = [name for name in one.check.wanted if arn.UNIQUE_ID.fullmatch(name)]
    if not deleted:
        return replace(one, finding=replace(one.finding, cause="trust-principal"))
    text = f"{one.finding.text.partition(' lets in ')[0]} names {deleted[0]}, a user or role that was deleted"
    return replace(one, finding=replace(one.finding, cause="deleted-principal", text=text))


def _of_role(known: Evidence) -> Iterator[Seen]:
    """Yield what is wrong with the role itself, as far as an administrator saw it: none, or another ARN."""
    side, asked = known.role_side, known.ask.role
    if side is None or (side.trust is not None and side.arn == str(asked)):
        return
    certainty = Certainty.CERTAIN
    if side.trust is not None:
        text = f"the role of account {asked.account} is {side.arn}, and the profile has {asked}"
        is_spelling = side.arn.lower() == str(asked).lower()
        certainty = Certainty.LIKELY if is_spelling else certainty
    else:
        text = f"account {asked.account} has no role {asked.name}{_meant(side)}"
    finding = Finding(cause="no-role", certainty=certainty, text=text, evidence=(side.origin,))
    yield Seen(layer=Kind.TRUST, finding=finding)


def _meant(side: RoleSide) -> str:
    return f"; did you mean {' or '.join(side.nearest)}?" if side.nearest else ""


def _of_more(known: Evidence) -> Iterator[Seen]:
    """Yield what the layers do not allow of session tags and a source identity, where they are sent or AWS names it."""
    sent = {"sts:TagSession": bool(known.ask.tags), "sts:SetSourceIdentity": bool(known.ask.source_identity)}
    for action, cause in MORE.items():
        if not sent[action] and (known.said is None or known.said.action != action):
            continue
        for each in (*caller_layers(known), *trust_layers(known)):
            verdict = layer.verdict_of(each, known, action)
            if verdict.is_allowed is not Truth.FALSE or each.unread:
                continue
            what = "session tags are" if action == "sts:TagSession" else "a source identity is"
            denies = verdict.is_denied is Truth.TRUE
            who = each.named(verdict.deciding) if verdict.deciding else each.subject
            text = f"{who} {'denies' if denies else 'allows'} {action} on this ARN, and {what} sent"
            of_layer = each.denying if denies else cause if each.kind is Kind.TRUST else each.lacking
            finding = Finding(cause=of_layer, certainty=Certainty.CERTAIN, text=text, evidence=(each.origin,))
            yield Seen(layer=each.kind, finding=finding, is_deny=denies)
