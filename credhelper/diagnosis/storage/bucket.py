"""The last step, after the role: whether the bucket is there, and may be listed; in `storage_object`, its object. Pure.

Each check is what S3 said to the session itself, then the documents, as far as an administrator could read them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.storage import layers
from credhelper.diagnosis.storage.evidence import Answer, Known
from credhelper.diagnosis.storage.hints import DENIED, NO_BUCKET, REGION, hint
from credhelper.diagnosis.storage.layers import Blame
from credhelper.model.printable import clause
from credhelper.policy.denial import Cause, Kind
from credhelper.policy.request import Request

BUCKET_ROW, DENIED_ROW = "s3-bucket", "s3-denied"
REFUSED = "s3-refused"
# By the kind of policy that S3's sentence names.
_BY_KIND = {
    Kind.IDENTITY: layers.ROLE,
    Kind.RESOURCE: layers.BUCKET,
    Kind.TRUST: layers.BUCKET,
    Kind.BOUNDARY: layers.BOUNDARY,
    Kind.SESSION: layers.SESSION,
    Kind.SCP: layers.SCP,
    Kind.RCP: layers.RCP,
    Kind.VPC_ENDPOINT: layers.ENDPOINT,
}
_REST = (layers.SCP, layers.RCP, layers.ENDPOINT)
_PUBLIC = (Cause.BLOCK_PUBLIC_POLICY, Cause.BLOCK_PUBLIC_ACLS)


def of_bucket(known: Known) -> list[Check]:
    """Return the checks of the bucket: that it is there, and, if so, that it may be listed."""
    look = known.bucket
    name, place = clause(look.bucket), f" in {clause(look.home)}" if look.home else ""
    if look.listed.code == "NoSuchBucket" or look.head.is_missing or look.listed.is_missing:
        is_sure = look.listed.code == "NoSuchBucket"
        text = f"there is no bucket {name}{_meant(known)}"
        found = _finding(known, NO_BUCKET, Certainty.CERTAIN if is_sure else Certainty.LIKELY, text, look.listed)
        return [Check(id=BUCKET_ROW, state=State.FAIL, text=text, findings=(found,))]
    if look.listed.is_elsewhere or look.head.is_elsewhere:
        text = f"bucket {name} is{place or ' of another Region'}, and {look.region} was asked"
        answer = look.listed if look.listed.is_elsewhere else look.head
        found = _finding(known, REGION, Certainty.CERTAIN, text, answer)
        return [Check(id=BUCKET_ROW, state=State.FAIL, text=text, findings=(found,))]
    there = _there(known, name, place)
    if there.state is State.FAIL:  # what the policies say of another name helps nothing
        return [there, Check(id=DENIED_ROW, state=State.SKIPPED, text="needs the right bucket")]
    return [there, _listing(known, name)]


def _there(known: Known, name: str, place: str) -> Check:
    look, papers = known.bucket, known.papers
    if papers.is_not_owner and look.listed.is_denied:
        text = f"bucket {name} is not of account {known.asker.account}{_meant(known)}"
        if not papers.owner and known.near:  # another's, and one of that account is called alike
            found = _finding(known, NO_BUCKET, Certainty.LIKELY, text, look.listed)
            return Check(id=BUCKET_ROW, state=State.FAIL, text=text, findings=(found,))
        return Check(id=BUCKET_ROW, state=State.OK, text=f"there is a bucket {name}{place}, of another account")
    if look.home and look.home != look.region:
        text = f"bucket {name} is{place}, and profile {clause(known.asker.profile)} asks {look.region}"
        text += ": the AWS CLI and boto3 are redirected, other tools fail"
        found = _finding(known, REGION, Certainty.CERTAIN, text)
        return Check(id=BUCKET_ROW, state=State.WARNING, text=text, findings=(found,))
    return Check(id=BUCKET_ROW, state=State.OK, text=f"there is a bucket {name}{place}")


def _meant(known: Known) -> str:
    return f"; did you mean {clause(known.near[0][0])} ({clause(known.near[0][1])})?" if known.near else ""


def _listing(known: Known, name: str) -> Check:
    look = known.bucket
    place = f"{name}/{clause(look.prefix)}" if look.prefix else name
    if look.listed.is_ok:
        return Check(id=DENIED_ROW, state=State.OK, text=f"{place} may be listed")
    # An object can be read without a list of the bucket.
    state = State.FAIL if known.object is None else State.WARNING
    if not look.listed.is_denied:
        return Check(id=DENIED_ROW, state=state, text=_code(look.listed), findings=(refused(known, look.listed),))
    request = layers.listing(known.asker, look.bucket, look.prefix, known.papers.owner)
    findings = blamed(known, look.listed, request)
    text = f"{place} may not be listed"
    return Check(id=DENIED_ROW, state=state, text=text, findings=tuple(findings))


def blamed(known: Known, answer: Answer, request: Request) -> list[Finding]:
    """Return the causes of a refusal, first what S3 names: certain, but where documents show that layer to be fine."""
    found = [with_hint(known, one, request.action) for one in layers.refusals(known.papers, known.asker, request)]
    named = cause_of(answer)
    if not named:
        is_explained = any(one.certainty in (Certainty.CERTAIN, Certainty.LIKELY) for one in found)
        return _sorted(found if is_explained else [*found, *_unexplained(known, answer, found)])
    same = next((one for one in found if one.cause == named and one.certainty is not Certainty.EXCLUDED), None)
    # What is left when all documents allow is nothing beside a layer that S3 names.
    others = [one for one in found if one.cause != named and one.cause not in _REST]
    return _sorted([_named(known, answer, request, same), *others])


def _named(known: Known, answer: Answer, request: Request, same: Finding | None) -> Finding:
    """Return the finding for what S3 names; `same` is what the documents say of that layer."""
    named, told = cause_of(answer), answer.denial
    if same is not None and same.certainty is Certainty.CERTAIN:
        return replace(same, evidence=(f"AWS: {answer.said}", *same.evidence))
    text = _sentence(known, answer) + (f"; {same.text}" if same else "")
    evidence = (f"AWS: {answer.said}", *_origin(known))
    certainty = Certainty.CERTAIN
    if layers.is_cleared(known.papers, known.asker, named, request):
        evidence += ("the documents, as they are now, allow it: changed a moment ago, or this is no AWS",)
        certainty = Certainty.LIKELY
    action = (told.action if told else "") or request.action
    is_deny = told is not None and told.is_explicit is True
    advice = hint(named, known, action=action, is_denied=is_deny)
    return Finding(cause=named, certainty=certainty, text=text, hint=advice, evidence=evidence)


def cause_of(answer: Answer) -> str:
    """Return the cause that S3's sentence names, "" where it names none."""
    told = answer.denial
    if told is None:
        return ""
    if told.cause in _PUBLIC:
        return layers.PUBLIC
    return cause_of_kind(told.kind) if told.cause is Cause.POLICY and told.kind else ""


def cause_of_kind(kind: Kind) -> str:
    """Return the cause for a kind of policy."""
    return _BY_KIND[kind]


def refused(known: Known, answer: Answer) -> Finding:
    """Return the finding for an answer that no policy is behind."""
    return _finding(known, REFUSED, Certainty.CERTAIN, f"S3 answers {_code(answer)}", answer)


def _sentence(known: Known, answer: Answer) -> str:
    told = answer.denial
    if told is None or told.kind is None:
        return f"AWS: {answer.said}"
    action = told.action or "this"
    policy = f" {told.policy_arn}" if told.policy_arn else ""
    who = f"role {known.asker.role_name}"
    if told.is_explicit is False:
        return f"no {told.kind.value}{policy} allows {who} {action}"
    return f"an explicit deny in {told.kind}{policy} keeps {who} from {action}"


def _unexplained(known: Known, answer: Answer, found: Sequence[Finding]) -> Iterable[Finding]:
    """Yield what is left where S3 names nothing, as it does to those outside of the account and organization."""
    hears_reasons = bool(cause_of(known.bucket.listed))
    if known.papers.owner == known.asker.account or hears_reasons:
        if all(one.certainty is Certainty.EXCLUDED for one in found):
            text = "S3 names no reason, and nothing that could be read denies it"
            yield _finding(known, DENIED, Certainty.LIKELY, text, answer)
        return
    text = "S3 names no reason, as it does outside of the bucket's account and organization: the bucket is another's, "
    text += "and its policy does not let the role in, or denies it"
    yield _finding(known, DENIED, Certainty.LIKELY, text, answer)
    if known.near and not known.papers.owner:
        yield _finding(known, NO_BUCKET, Certainty.POSSIBLE, f"another bucket is meant{_meant(known)}")
    text = "a policy of a VPC endpoint on the way, of which S3 tells nothing to other accounts"
    yield _finding(known, layers.ENDPOINT, Certainty.POSSIBLE, text)
    if not known.papers.owner:
        text = "the bucket's policy is public, and Block Public Access keeps out other accounts"
        yield _finding(known, layers.PUBLIC, Certainty.POSSIBLE, text)


def _finding(known: Known, cause: str, certainty: Certainty, text: str, answer: Answer | None = None) -> Finding:
    evidence = (f"AWS: {answer.said}",) if answer is not None and answer.said else ()
    return Finding(cause=cause, certainty=certainty, text=text, hint=hint(cause, known), evidence=evidence)


def with_hint(known: Known, blame: Blame, action: str) -> Finding:
    """Return what the documents say, with its hint, and where it is known from."""
    one = replace(blame.finding, evidence=_origin(known))
    if one.certainty is Certainty.EXCLUDED:
        return one
    return replace(one, hint=hint(one.cause, known, action=action, is_denied=blame.is_deny))


def _origin(known: Known) -> tuple[str, ...]:
    return (f"read with profile {clause(known.papers.origin)}",) if known.papers.origin else ()


def _sorted(found: Sequence[Finding]) -> list[Finding]:
    order = list(Certainty)
    return sorted(found, key=lambda one: order.index(one.certainty))


def _code(answer: Answer) -> str:
    said = f" ({answer.said})" if answer.said and answer.said != answer.code else ""
    return f"{answer.code}{said}"
