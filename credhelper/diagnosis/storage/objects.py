"""Whether the session may read an object: that it is there, then its permission, then its key of KMS. Pure."""

from dataclasses import replace

from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.storage import kms_key, layers
from credhelper.diagnosis.storage.bucket import blamed, cause_of, cause_of_kind, refused, with_hint
from credhelper.diagnosis.storage.evidence import Answer, Known, ObjectLook
from credhelper.diagnosis.storage.hints import ARCHIVED, MISSING, hint
from credhelper.diagnosis.storage.kms_key import DECRYPT, KEY, KEY_POLICY
from credhelper.model.printable import clause
from credhelper.policy.denial import Cause, Kind

OBJECT_ROW, KEY_ROW = "s3-object", "kms"
_NO_SUCH = "s3:ListBucket"


def of_object(known: Known) -> list[Check]:
    """Return the checks of the object that was asked for, none where none was."""
    look = known.object
    if look is None:
        return []
    name = f"s3://{clause(known.bucket.bucket)}/{clause(look.key)}"
    got = look.got or look.head
    if got.is_ok:
        found = [Check(id=OBJECT_ROW, state=State.OK, text=f"{name} can be read")]
        return found + ([Check(id=KEY_ROW, state=State.OK, text="it can be decrypted")] if _has_key(look) else [])
    if got.is_missing or look.head.is_missing:
        return [_missing(known, name)]
    if got.code == "InvalidObjectState":
        text = f"{name} is archived, and has to be restored before it can be read"
        return [_failed(OBJECT_ROW, text, [_finding(known, ARCHIVED, Certainty.CERTAIN, text, got)])]
    if _is_about_key(look, got):
        there = Check(id=OBJECT_ROW, state=State.OK, text=f"{name} is there, and its head may be read")
        return [there, _key(known, look, got)] if look.head.is_ok else [_key(known, look, got)]
    if not got.is_denied:
        return [_failed(OBJECT_ROW, f"{name} cannot be read", [refused(known, got)])]
    return [_denied(known, look, got, name)]


def _has_key(look: ObjectLook) -> bool:
    return bool(look.kms_key) or look.encryption.startswith("aws:kms")


def _is_about_key(look: ObjectLook, got: Answer) -> bool:
    """Tell whether it is the key that keeps the session from the object: HEAD asks for no data, and needs no key."""
    told = got.denial
    is_named = told is not None and (told.cause is Cause.KMS_KEY or told.action.lower().startswith("kms:"))
    return got.code.startswith("KMS.") or is_named or (got.is_denied and look.head.is_ok and _has_key(look))


def _missing(known: Known, name: str) -> Check:
    text = f"there is no object {name}"
    return _failed(OBJECT_ROW, text, [_finding(known, MISSING, Certainty.CERTAIN, text)])


def _denied(known: Known, look: ObjectLook, got: Answer, name: str) -> Check:
    """Return the check of an object that is denied, or not there: without a right to list the bucket S3 says the same.

    What the administrator of the bucket saw, or a list of it, settles which.
    """
    bucket, papers = known.bucket, known.papers
    request = layers.reading(known.asker, bucket.bucket, look.key, papers.owner)
    is_there = known.object_seen if known.object_seen is not None else look.is_listed
    found = blamed(known, got, request)
    if is_there is False:
        text = f"there is no object {name}"
        missing = _finding(known, MISSING, Certainty.CERTAIN, text, got)
        return _failed(OBJECT_ROW, text, [missing, *(one for one in found if _is_of_read(one, got, request.action))])
    if is_there is None:
        # S3 looks for a right to list only when it does not find the object; one who hears reasons hears it then.
        says_list = got.denial is not None and (
            got.denial.action == _NO_SUCH or (got.denial.cause is Cause.BARE and bool(cause_of(bucket.listed)))
        )
        text = f"there is no object {name}: without a right to list the bucket S3 says of that only that it is denied"
        missing = _finding(known, MISSING, Certainty.LIKELY if says_list else Certainty.POSSIBLE, text, got)
        if says_list:
            found = [missing, *(replace(one, certainty=Certainty.POSSIBLE) for one in found if _is_sure(one))]
        else:
            found = [*(one for one in found if _is_named(one)), missing, *(one for one in found if not _is_named(one))]
        return _failed(OBJECT_ROW, f"{name} is denied, or not there", found)
    return _failed(OBJECT_ROW, f"{name} is there, and may not be read", found)


def _is_sure(one: Finding) -> bool:
    return one.certainty in (Certainty.CERTAIN, Certainty.LIKELY)


def _is_named(one: Finding) -> bool:
    return one.certainty is not Certainty.EXCLUDED


def _is_of_read(one: Finding, got: Answer, action: str) -> bool:
    """Tell whether a finding is about reading, where the refusal may have been about listing instead."""
    asked = got.denial.action if got.denial else ""
    return one.certainty is Certainty.CERTAIN and (asked in ("", action) or one.cause != cause_of(got))


def _key(known: Known, look: ObjectLook, got: Answer) -> Check:
    named = _named_key(known, got)
    found: list[Finding] = []
    if look.kms_key:
        request = kms_key.decrypting(known.asker, known.bucket.bucket, look, known.bucket.home)
        is_named = named is not None and named.cause == KEY
        told = kms_key.refusals(known.papers, known.asker, request, is_named=is_named)
        found = [with_hint(known, one, DECRYPT) for one in told]
    found.sort(key=lambda one: list(Certainty).index(one.certainty))
    if named is not None:
        same = next((one for one in found if one.cause == named.cause and one.certainty is Certainty.CERTAIN), None)
        first = named if same is None else replace(same, evidence=(*named.evidence, *same.evidence))
        found = [first, *(one for one in found if one.cause != named.cause)]
    elif not found or found[0].certainty is Certainty.POSSIBLE:
        guess = "its head may be read and its data may not: the key of KMS, or what the key's policy says"
        found = [_finding(known, KEY, Certainty.LIKELY, guess, got), *found]
    return _failed(KEY_ROW, f"role {known.asker.role_name} may not decrypt the object", found)


def _named_key(known: Known, got: Answer) -> Finding | None:
    """Return what the refusal says of the key, None where it says nothing."""
    told = got.denial
    if got.code.startswith("KMS."):
        return _finding(known, KEY, Certainty.CERTAIN, f"KMS does not let the key be used: {clause(got.code)}", got)
    if told is None or told.cause is Cause.BARE:
        return None
    if told.kind is None or told.kind is Kind.RESOURCE:
        text = "the key is of another Region or gone, no policy of the key lets the role in, or one denies it"
        return _finding(known, KEY, Certainty.CERTAIN, text, got)
    cause = KEY_POLICY if told.kind is Kind.IDENTITY else cause_of_kind(told.kind)
    deny = "denies" if told.is_explicit else "does not allow"
    return _finding(known, cause, Certainty.CERTAIN, f"{told.kind} {deny} {DECRYPT} on the key", got, action=DECRYPT)


def _finding(
    known: Known, cause: str, certainty: Certainty, text: str, answer: Answer | None = None, *, action: str = ""
) -> Finding:
    evidence = (f"AWS: {answer.said}",) if answer is not None and answer.said else ()
    return Finding(
        cause=cause, certainty=certainty, text=text, hint=hint(cause, known, action=action), evidence=evidence
    )


def _failed(row: str, text: str, findings: list[Finding]) -> Check:
    return Check(id=row, state=State.FAIL, text=text, findings=tuple(findings))
