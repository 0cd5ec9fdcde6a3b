"""Whether a session may decrypt an object: the key's policy first, which may leave it to the role's policies. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.diagnosis.storage.evidence import Asker, Layer, ObjectLook, Papers
from credhelper.diagnosis.storage.layers import BOUNDARY, ROLE, SESSION, Blame, Judged, judge
from credhelper.diagnosis.storage.words import condition_of, misfit, statement_of, unknown_keys
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.policy import arn
from credhelper.policy.document import Document
from credhelper.policy.request import Caller, Context, Request, Value
from credhelper.policy.truth import Truth

KEY, KEY_POLICY = "s3-kms-key", "s3-kms-policy"
DECRYPT = "kms:Decrypt"
# KMS, "Key states": those of a key that can be used, and of one that S3 sees for a moment only.
_USABLE = ("", "Enabled", "Creating", "Updating")


def decrypting(asker: Asker, bucket: str, look: ObjectLook, region: str) -> Request:
    """Return the call that S3 makes to KMS for the session; what else S3 sends is not known."""
    place = f"arn:{asker.partition}:s3:::{bucket}"
    keys: dict[str, Value] = {
        "kms:CallerAccount": asker.account,
        "kms:EncryptionContext:aws:s3:arn": place if look.has_bucket_key else f"{place}/{look.key}",
        "kms:EncryptionContextKeys": ("aws:s3:arn",),
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    if region:
        keys["kms:ViaService"] = f"s3.{region}.{partitions.host_suffix(asker.partition)}"
    caller = Caller(name=asker.session_arn, role_arn=asker.role_arn, unique_id=asker.unique_id)
    return Request(action=DECRYPT, resource=look.kms_key, caller=caller, context=Context(keys))


def refusals(papers: Papers, asker: Asker, request: Request, *, is_named: bool) -> Iterator[Blame]:
    """Yield what keeps the session from the key; `is_named`: KMS says that it is the key.

    That no policy allows is certain only then: a grant of the key's may allow without one.
    """
    if papers.key_state not in _USABLE:
        text = f"the key {clause(request.resource or '')} is in the state {clause(papers.key_state)}"
        yield Blame(Finding(cause=KEY, certainty=Certainty.CERTAIN, text=text))
    layers = {KEY: papers.key, ROLE: papers.identity, BOUNDARY: papers.boundary, SESSION: papers.session}
    known = {cause: judge(one, request) for cause, one in layers.items() if one and (one.is_whole or one.documents)}
    for cause, one in known.items():
        yield from (Blame(found, is_deny=True) for found in _denied(_named(cause), one, request))
    sure = Certainty.CERTAIN if is_named else Certainty.LIKELY
    key = known.get(KEY)
    if key is not None and key.allowed is not Truth.TRUE:
        is_open = key.allowed is Truth.UNKNOWN
        text = _lack("the policy of the key", key, request, is_open=is_open)
        yield Blame(Finding(cause=KEY, certainty=Certainty.POSSIBLE if is_open else sure, text=text))
    needed = _certainty(papers.key, asker, request)
    for cause, one in known.items():
        if cause == KEY or one.allowed is Truth.TRUE or needed is None:
            continue
        is_open = one.allowed is Truth.UNKNOWN
        whose = {ROLE: f"no policy of role {asker.role_name}", BOUNDARY: "the permissions boundary"}
        text = _lack(whose.get(cause, "the session policy"), one, request, is_open=is_open)
        certainty = Certainty.POSSIBLE if is_open else needed
        yield Blame(Finding(cause=_named(cause), certainty=certainty, text=text))


def _named(cause: str) -> str:
    return KEY_POLICY if cause == ROLE else cause


def _denied(cause: str, one: Judged, request: Request) -> Iterator[Finding]:
    fit = one.verdict.deciding
    if one.denied is Truth.TRUE and fit is not None:
        text = f"{statement_of(one.name_of(fit.document), fit)} denies {DECRYPT}{condition_of(fit)}"
        yield Finding(cause=cause, certainty=Certainty.CERTAIN, text=text)
    elif one.denied is Truth.UNKNOWN:
        text = f"a statement of {one.name_of(0)} may deny {DECRYPT} on {request.resource}"
        yield Finding(cause=cause, certainty=Certainty.POSSIBLE, text=text)


def _certainty(key: Layer, asker: Asker, request: Request) -> Certainty | None:
    """Return how certain it is that the role's own policies have to allow it, None where the key's lets it in itself.

    They have to where another account owns the key, or its policy leaves it to the account.
    """
    told = arn.parse(request.resource or "")
    if told is None or told.account != asker.account:
        return Certainty.CERTAIN
    direct = tuple((name, _without_accounts(document)) for name, document in key.documents)
    if judge(Layer(documents=direct), request).allowed is Truth.TRUE:
        return None
    return Certainty.CERTAIN if judge(key, request).allowed is Truth.TRUE else Certainty.POSSIBLE


def _without_accounts(document: Document) -> Document:
    """Return what a policy allows by itself: an account that it names decides by its own policies."""
    left = [
        replace(one, principals=tuple(of for of in one.principals if not arn.account_named(of[1])))
        for one in document.statements
        if one.principals is not None
    ]
    return replace(document, statements=tuple(one for one in left if one.principals))


def _lack(whose: str, one: Judged, request: Request, *, is_open: bool) -> str:
    what = f"{DECRYPT} on {request.resource}"
    if is_open:
        keys = unknown_keys(one.allowing.undecided)
        told = whose.removeprefix("no policy of ")
        return f"whether {told} allows {what} is not known from here" + (f": it depends on {keys}" if keys else "")
    nearest = one.allowing.nearest
    near = misfit(one.name_of(nearest.document), nearest) if nearest else ""
    text = f"{whose} allows {what}" if whose.startswith("no ") else f"{whose} does not allow {what}"
    return f"{text}; {near}" if near else text
