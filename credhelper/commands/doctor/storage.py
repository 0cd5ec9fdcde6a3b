"""Whether a role's session reaches a bucket and an object, and if not, which policy or name it is. Changes nothing."""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace

from credhelper.aws import bucket_read, own_policies
from credhelper.aws.bucket_probe import Probe
from credhelper.aws.own_policies import OwnPolicies
from credhelper.commands.doctor.subject import Admin, Admins, Subject
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.storage import bucket as storage
from credhelper.diagnosis.storage import objects as storage_object
from credhelper.diagnosis.storage.evidence import UNKNOWN, Asker, BucketLook, Known, Layer, Papers
from credhelper.errors import CredhelperError, InputError
from credhelper.model.credentials import Credentials
from credhelper.model.nearest import nearest
from credhelper.model.shell import own_command, word
from credhelper.policy import document
from credhelper.policy.arn import Arn, parse
from credhelper.policy.build import Place
from credhelper.policy.document import Document

# How alike the names of two buckets have to be for one to be meant by the other.
_ALIKE = 0.8
_IN_ARN = re.compile(r"arn:aws[a-z-]{0,16}:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?=[/\"\s,*?]|\Z)", re.ASCII)


def check(subject: Subject, session: Credentials, *, bucket: str, key: str, admins: Admins) -> list[Check]:
    """Return the checks of a bucket, `NAME` or `NAME/PREFIX`, and of an object in it; none where none is named."""
    if not bucket:
        return []
    try:
        Place.of(bucket)
    except InputError as error:
        named = parse(bucket)
        again = named.resource if named and named.service == "s3" and named.resource.isprintable() else "BUCKET"
        hint = own_command("doctor", subject.profile, options=f"--bucket {word(again)}")
        return [_failed("s3-bucket-name", InputError(error.message, hint=hint))]
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    key = key.removeprefix(f"s3://{name}/")
    try:
        known = _looked(subject, session, name, prefix, key)
    except CredhelperError as error:
        return [_failed("s3-unreachable", error)]
    if _is_refused(known):
        known = _Reader(subject, session, admins).read(known)
    checks = storage.of_bucket(known)
    is_there = checks[0].state is not State.FAIL
    return [*checks, *(storage_object.of_object(known) if is_there else ())]


def _looked(subject: Subject, session: Credentials, bucket: str, prefix: str, key: str) -> Known:
    """Return what the session itself sees."""
    s3 = subject.service_with("s3", session)
    probe = Probe(s3)
    look = probe.look_at_bucket(bucket, prefix)
    is_there = not (look.listed.is_missing or look.head.is_missing or look.listed.is_elsewhere)
    is_asked = bool(key) and is_there
    found = probe.look_at_object(bucket, key, can_list=look.listed.is_ok) if is_asked else None
    role = subject.request
    name = role.role_arn.rpartition("/")[2]
    asker = Asker(
        profile=subject.profile,
        role_arn=role.role_arn,
        session_arn=f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{name}/{subject.session_name}",
        now_s=subject.now_s,
        region=s3.region,
        is_encrypted=s3.url.startswith("https:"),
        has_mfa=_has_mfa(subject),
    )
    papers = Papers(session=_session_policy(subject))
    return Known(asker=asker, bucket=look, object=found, papers=papers, admins=tuple(subject.possible_admins()))


def _has_mfa(subject: Subject) -> bool | None:
    """Return whether the session has MFA; one that a session asked for may have that of the other."""
    is_long_lived = subject.source is not None and subject.source.session_token is None
    return True if subject.has_token_code else False if is_long_lived else None


def _session_policy(subject: Subject) -> Layer | None:
    """Return the policies that the profile sends; managed ones are not read here."""
    request = subject.request
    if not request.policy and not request.policy_arns:
        return None
    if not request.policy:
        return UNKNOWN
    try:
        told = document.parse(json.loads(request.policy))
    except (InputError, ValueError, RecursionError):
        return UNKNOWN
    return Layer(documents=(("the session policy", told),), is_whole=not request.policy_arns)


def _is_refused(known: Known) -> bool:
    answers = [known.bucket.listed]
    answers += [known.object.got or known.object.head] if known.object else []
    return not all(one.is_ok for one in answers)


def _failed(cause: str, error: CredhelperError) -> Check:
    found = Finding(cause=cause, certainty=Certainty.CERTAIN, text=error.message, hint=error.hint)
    return Check(id=storage.BUCKET_ROW, state=State.FAIL, text=error.message, findings=(found,))


class _Reader:
    """Reads what the administrators may; what is refused, or does not answer in time, stays unknown."""

    def __init__(self, subject: Subject, session: Credentials, admins: Admins) -> None:
        self._subject = subject
        self._session = session
        is_of_role = admins.role is not None and admins.role.identity.account == subject.request.account_id
        self._role_admin = admins.role if is_of_role else None
        self._admins = [one for one in (self._role_admin, admins.caller) if one is not None]
        # Names of buckets, and where each is from.
        self._names: dict[str, str] = {}

    def read(self, known: Known) -> Known:
        """Return the same with all that the administrators see."""
        known = self._with_role(known)
        known = self._with_bucket(known)
        known = self._with_key(known)
        if _has_no_reason(known.bucket):
            self._look_for_names(known)
        alike = nearest(known.bucket.bucket, self._names, cutoff=_ALIKE)
        near = [one for one in alike if one != known.bucket.bucket]
        return replace(known, near=tuple((one, self._names[one]) for one in near))

    def _with_role(self, known: Known) -> Known:
        admin, asker = self._role_admin, known.asker
        if admin is None or self._is_late():
            return known
        session = Arn(asker.partition, "sts", "", asker.account, f"assumed-role/{asker.role_name}/doctor")
        try:
            told = own_policies.read(admin.service("iam"), session)
        except CredhelperError:
            return known
        asker = replace(asker, admin=admin.profile, role_arn=told.role_arn or asker.role_arn, unique_id=told.unique_id)
        boundary = Layer(documents=(("the permissions boundary", told.boundary),)) if told.boundary else None
        papers = replace(
            known.papers,
            origin=admin.profile,
            identity=Layer(documents=_documents(told), is_whole=told.has_lists and not told.unread),
            boundary=UNKNOWN if boundary is None and told.unread else boundary,
        )
        return replace(known, asker=asker, papers=papers)

    def _with_bucket(self, known: Known) -> Known:
        bucket, papers = known.bucket.bucket, known.papers
        for admin in self._admins:
            if self._is_late():
                break
            try:
                probe = Probe(admin.service("s3"))
                names = probe.names()
                if names is None:
                    continue
                account = admin.identity.account
                self._names |= dict.fromkeys(names, f"a bucket of account {account}")
                is_of_role = account == known.asker.account
                if bucket in names:
                    return self._with_owner(known, probe, admin, is_other=not is_of_role)
                papers = replace(papers, is_not_owner=papers.is_not_owner or is_of_role)
            except CredhelperError:
                continue
        return replace(known, papers=papers)

    def _with_owner(self, known: Known, probe: Probe, admin: Admin, *, is_other: bool) -> Known:
        """Return the same with what the administrator of the bucket's account reads of it."""
        bucket = known.bucket.bucket
        told = bucket_read.of_bucket(probe, bucket)
        papers = replace(
            known.papers,
            origin=known.papers.origin or admin.profile,
            bucket=told.policy,
            owner=admin.identity.account,
            is_not_owner=is_other,
            is_public=told.is_public,
            is_restricted=told.is_restricted,
            has_acls=told.has_acls,
        )
        seen = probe.has_object(bucket, known.object.key) if known.object else None
        return replace(known, papers=papers, object_seen=seen, asker=replace(known.asker, bucket_admin=admin.profile))

    def _with_key(self, known: Known) -> Known:
        key = parse(known.object.kms_key) if known.object else None
        if key is None or self._is_late():
            return known
        admin = next((one for one in self._admins if one.identity.account == key.account), None)
        if admin is None:
            return known
        try:
            kms = admin.signed.sibling("kms", account=admin.identity.account, region=key.region)
            layer, state = bucket_read.of_key(kms, str(key))
        except CredhelperError:
            return known
        asker = replace(known.asker, key_admin=admin.profile)
        return replace(known, asker=asker, papers=replace(known.papers, key=layer, key_state=state))

    def _look_for_names(self, known: Known) -> None:
        """Note the buckets that policies, other profiles and the session itself name."""
        for holder, told in (*known.papers.identity.documents, *self._of_caller()):
            for name in _named_in(told):
                self._names.setdefault(name, holder)
        for profile, values in self._subject.shared.profiles.items():
            for name in _IN_ARN.findall(" ".join(values.values())):
                self._names.setdefault(name, f"profile {profile}")
        if self._is_late():
            return
        with contextlib.suppress(CredhelperError):
            names = Probe(self._subject.service_with("s3", self._session)).names()
            self._names |= dict.fromkeys(names or (), "a bucket that the role lists")

    def _of_caller(self) -> tuple[tuple[str, Document], ...]:
        if self._subject.caller is None or self._subject.source is None or self._is_late():
            return ()
        try:
            return _documents(own_policies.read(self._subject.service("iam"), self._subject.caller))
        except CredhelperError:
            return ()

    def _is_late(self) -> bool:
        return self._subject.deadline.has_passed()


def _has_no_reason(look: BucketLook) -> bool:
    """Tell whether the bucket is not there, or S3 does not say why it is denied: another may be meant."""
    return (
        look.listed.is_missing or look.head.is_missing or (look.listed.is_denied and not storage.cause_of(look.listed))
    )


def _documents(told: OwnPolicies) -> tuple[tuple[str, Document], ...]:
    return tuple((f"{one.holder}/{one.name}", one.document) for one in told.policies)


def _named_in(told: Document) -> Iterator[str]:
    for statement in told.statements:
        yield from _IN_ARN.findall(" ".join(statement.resources or ()))
