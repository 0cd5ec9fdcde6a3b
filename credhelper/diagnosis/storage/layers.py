"""Which layer of policies refuses a request to S3: evaluated from documents, no finding surer than they are. Pure.

A denial in any layer is enough. To allow it takes the role's own policies, its boundary and the session policy; the
policy of the bucket or key as well where another account owns it, and instead of the role's where its own does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.diagnosis.storage.evidence import Asker, Layer, Papers
from credhelper.diagnosis.storage.words import condition_of, misfit, statement_of, unknown_keys
from credhelper.policy.document import V2012, Document, Statement
from credhelper.policy.explain import Fit, Verdict, explain
from credhelper.policy.request import Caller, Context, Missing, Request, Value
from credhelper.policy.truth import Truth, some

ROLE, BOUNDARY, SESSION, BUCKET = "s3-role-policy", "s3-boundary", "s3-session-policy", "s3-bucket-policy"
PUBLIC, SCP, RCP, ENDPOINT = "s3-block-public-access", "s3-scp", "s3-rcp", "s3-vpc-endpoint"
# Names of the layers, with what a finding calls one of which nothing allows a request.
_NAMES = {
    ROLE: "no policy of role {role}",
    BOUNDARY: "not the permissions boundary of role {role}",
    SESSION: "not the session policy",
    BUCKET: "no policy of the bucket",
}
_ALL = Document((Statement(effect="Allow", actions=("*",), resources=("*",)),), V2012)
# What a request of a session has, that no service of AWS makes for it.
_OF_A_PERSON: Mapping[str, Value] = {
    "aws:CalledVia": Missing.ABSENT,
    "aws:CalledViaFirst": Missing.ABSENT,
    "aws:CalledViaLast": Missing.ABSENT,
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalServiceName": Missing.ABSENT,
    "aws:SourceAccount": Missing.ABSENT,
    "aws:SourceArn": Missing.ABSENT,
    "aws:ViaAWSService": "false",
    "s3:authType": "REST-HEADER",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    "s3:versionid": Missing.ABSENT,
    "s3:delimiter": Missing.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Blame:
    """A finding, and whether it is about a statement that denies, which no Allow elsewhere helps against."""

    finding: Finding
    is_deny: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the documents of a layer say together, and what those of its statements that allow say alone."""

    layer: Layer
    verdict: Verdict
    allowing: Verdict

    @property
    def denied(self) -> Truth:
        """Whether a Deny applies; what was not read may hold one."""
        return self.verdict.is_denied

    @property
    def allowed(self) -> Truth:
        """Whether an Allow applies; what was not read may hold one."""
        return some((self.allowing.is_allowed, Truth.FALSE if self.layer.is_whole else Truth.UNKNOWN))

    def name_of(self, place: int) -> str:
        """Return the name of a document."""
        return self.layer.documents[place][0]


def judge(layer: Layer, request: Request) -> Judged:
    """Return what the documents of a layer say about a request."""
    documents = [document for _, document in layer.documents]
    allowing = [replace(one, statements=tuple(_of("Allow", one.statements))) for one in documents]
    return Judged(layer, explain(documents, request), explain(allowing, request))


def _of(effect: str, statements: Iterable[Statement]) -> Iterator[Statement]:
    return (one for one in statements if one.effect == effect)


def request_of(asker: Asker, action: str, resource: str, owner: str = "", **keys: Value) -> Request:
    """Return a request of the session with the condition keys that are known; `keys` are those of the action."""
    moment = datetime.fromtimestamp(asker.now_s, UTC)
    known: dict[str, Value] = {
        **_OF_A_PERSON,
        "aws:CurrentTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(asker.now_s)),
        "aws:SecureTransport": "true" if asker.is_encrypted else "false",
    }
    if asker.has_mfa is not None:
        known["aws:MultiFactorAuthPresent"] = "true" if asker.has_mfa else "false"
    if owner:
        known |= {"aws:ResourceAccount": owner, "s3:ResourceAccount": owner}
    caller = Caller(name=asker.session_arn, role_arn=asker.role_arn, unique_id=asker.unique_id)
    return Request(action=action, resource=resource, caller=caller, context=Context({**known, **keys}))


def listing(asker: Asker, bucket: str, prefix: str, owner: str) -> Request:
    """Return the request that ListObjectsV2 made."""
    resource = f"arn:{asker.partition}:s3:::{bucket}"
    keys: dict[str, Value] = {"s3:prefix": prefix, "s3:max-keys": "1"}
    return request_of(asker, "s3:ListBucket", resource, owner, **keys)


def reading(asker: Asker, bucket: str, key: str, owner: str) -> Request:
    """Return the request that GetObject made."""
    return request_of(asker, "s3:GetObject", f"arn:{asker.partition}:s3:::{bucket}/{key}", owner)


def refusals(papers: Papers, asker: Asker, request: Request) -> list[Blame]:
    """Return the layers that refuse a request, or may; those that allow it are excluded. Empty where nothing is known.

    Where every layer that was read allows it, what no administrator of one account sees is likely.
    """
    layers = _judged(papers, request)
    found = [Blame(one, is_deny=True) for one in _denials(layers, request)]
    found += [Blame(one) for one in (*_lacks(papers, asker, layers, request), *_public(papers, asker, layers))]
    if not found and all(one is None or one.is_whole for one in _layers(papers).values()):
        found += map(Blame, _beyond(papers, layers, request))
    return found + [Blame(one) for one in _excluded(layers, {one.finding.cause for one in found}, request)]


def is_cleared(papers: Papers, asker: Asker, cause: str, request: Request) -> bool:
    """Tell whether the documents show that a layer refuses a request in no case."""
    judged = _judged(papers, request).get(cause)
    if judged is None or not judged.layer.is_whole or judged.denied is not Truth.FALSE:
        return False
    return judged.allowed is Truth.TRUE or (cause == BUCKET and papers.owner == asker.account)


def _layers(papers: Papers) -> dict[str, Layer | None]:
    return {ROLE: papers.identity, BOUNDARY: papers.boundary, SESSION: papers.session, BUCKET: papers.bucket}


def _judged(papers: Papers, request: Request) -> dict[str, Judged]:
    known = {cause: one for cause, one in _layers(papers).items() if one and (one.is_whole or one.documents)}
    return {cause: judge(layer, request) for cause, layer in known.items()}


def _denials(layers: Mapping[str, Judged], request: Request) -> Iterator[Finding]:
    what = f"{request.action} on {request.resource}"
    for cause, one in layers.items():
        fit = one.verdict.deciding
        if one.denied is Truth.TRUE and fit is not None:
            text = f"{statement_of(one.name_of(fit.document), fit)} denies {what}{condition_of(fit)}"
            yield Finding(cause=cause, certainty=Certainty.CERTAIN, text=text)
        elif one.denied is Truth.UNKNOWN:
            unsure = _unsure(one, request)
            text = (
                f"{statement_of(one.name_of(unsure[0].document), unsure[0])} may deny {what}{condition_of(unsure[0])}"
            )
            keys = unknown_keys(unsure)
            text += f"; not known from here: {keys}" if keys else ""
            yield Finding(cause=cause, certainty=Certainty.POSSIBLE, text=text)


def _unsure(one: Judged, request: Request) -> list[Fit]:
    """Return the statements with Deny of which it is not known whether they apply."""
    documents = [document for _, document in one.layer.documents]
    undecided = explain([*documents, _ALL], request).undecided
    return [fit for fit in undecided if fit.statement.effect == "Deny"]


def _lacks(papers: Papers, asker: Asker, layers: Mapping[str, Judged], request: Request) -> Iterator[Finding]:
    """Yield the layers in which nothing allows the request, as far as an Allow is needed there."""
    let_in = layers[BUCKET].allowed if BUCKET in layers else Truth.UNKNOWN
    for cause, one in layers.items():
        if one.allowed is Truth.TRUE:
            continue
        certainty = _certainty(papers, asker, cause, let_in)
        if certainty is None:
            continue
        if one.allowed is Truth.UNKNOWN:
            certainty = Certainty.POSSIBLE
        yield Finding(cause=cause, certainty=certainty, text=_lack(one, cause, asker, request))


def _certainty(papers: Papers, asker: Asker, cause: str, let_in: Truth) -> Certainty | None:
    """Return how certain it is that an Allow is needed in a layer, None where it is not."""
    if cause == BUCKET:
        if not papers.is_not_owner:
            return None
        return Certainty.LIKELY if papers.has_acls else Certainty.CERTAIN
    if papers.is_not_owner:
        return Certainty.CERTAIN
    if papers.owner != asker.account:
        return Certainty.LIKELY
    if let_in is Truth.TRUE:
        # Of a session that a bucket's policy names itself, neither boundary nor session policy has to allow.
        return None if cause == ROLE else Certainty.POSSIBLE
    return Certainty.CERTAIN if let_in is Truth.FALSE else Certainty.LIKELY


def _lack(one: Judged, cause: str, asker: Asker, request: Request) -> str:
    what = f"{request.action} on {request.resource}"
    nearest = one.allowing.nearest
    near = misfit(one.name_of(nearest.document), nearest) if nearest else ""
    if one.allowing.is_allowed is Truth.UNKNOWN:
        keys = unknown_keys(one.allowing.undecided)
        text = f"whether {_NAMES[cause].format(role=asker.role_name).removeprefix('no ').removeprefix('not ')} allows "
        text += f"{what} is not known from here" + (f": it depends on {keys}" if keys else "")
    else:
        text = f"{_NAMES[cause].format(role=asker.role_name)} allows {what}"
        text += "" if one.layer.is_whole else ", of those that could be read"
    return f"{text}; {near}" if near else text


def _public(papers: Papers, asker: Asker, layers: Mapping[str, Judged]) -> Iterator[Finding]:
    """Yield Block Public Access, which lets a public policy let in nothing of another account."""
    bucket = layers.get(BUCKET)
    if not papers.is_not_owner or bucket is None or bucket.allowed is not Truth.TRUE or not papers.is_restricted:
        return
    if _is_public(papers, bucket):
        text = "the bucket's policy is public, and RestrictPublicBuckets of S3 Block Public Access then keeps out all "
        yield Finding(cause=PUBLIC, certainty=Certainty.CERTAIN, text=f"{text}other accounts, such as {asker.account}")


def _is_public(papers: Papers, bucket: Judged) -> bool:
    """Tell whether S3 calls the bucket's policy public, or it lets in everyone without a condition."""
    fit = bucket.verdict.deciding
    is_for_all = fit is not None and ("AWS", "*") in (fit.statement.principals or ()) and not fit.statement.conditions
    return bool(papers.is_public) or is_for_all


def _beyond(papers: Papers, layers: Mapping[str, Judged], request: Request) -> list[Finding]:
    """Return what is left where every document allows the request."""
    told = f"all documents that were read allow {request.action}: "
    account = []
    if papers.is_not_owner and _is_public(papers, layers[BUCKET]):
        text = f"{told}the bucket's policy is public, and Block Public Access of the whole account was not read"
        account = [Finding(cause=PUBLIC, certainty=Certainty.LIKELY, text=text)]
    return [
        *account,
        Finding(cause=SCP, certainty=Certainty.LIKELY, text=f"{told}a service control policy of the organization"),
        Finding(cause=RCP, certainty=Certainty.POSSIBLE, text=f"{told}a resource control policy of the organization"),
        Finding(cause=ENDPOINT, certainty=Certainty.POSSIBLE, text=f"{told}the policy of a VPC endpoint on the way"),
    ]


def _excluded(layers: Mapping[str, Judged], found: set[str], request: Request) -> Iterator[Finding]:
    for cause, one in layers.items():
        if cause in found or not one.layer.is_whole or one.denied is not Truth.FALSE:
            continue
        fit = one.verdict.deciding
        if fit is not None:
            text = f"{statement_of(one.name_of(fit.document), fit)} allows {request.action} there"
        elif cause == BUCKET:
            text = "the bucket's policy denies nothing of it" if one.layer.documents else "the bucket has no policy"
        else:
            continue
        yield Finding(cause=cause, certainty=Certainty.EXCLUDED, text=text)
