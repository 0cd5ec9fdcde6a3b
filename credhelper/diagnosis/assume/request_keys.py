"""The condition keys of an AssumeRole request, as far as they are known from here. Pure.

By AWS's pages "AWS global condition context keys" and "IAM and AWS STS condition context keys". A key that no line here
is about is unknown, and never taken for absent.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from credhelper.diagnosis.assume.evidence import Ask, Evidence
from credhelper.policy import match
from credhelper.policy.document import Document
from credhelper.policy.request import Context, Missing, Value

# Of a request that a user or a session makes by itself, with no service of AWS between.
_OF_A_SERVICE: Mapping[str, Value] = {
    "aws:CalledVia": Missing.ABSENT,
    "aws:CalledViaFirst": Missing.ABSENT,
    "aws:CalledViaLast": Missing.ABSENT,
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalServiceName": Missing.ABSENT,
    "aws:PrincipalServiceNamesList": Missing.ABSENT,
    "aws:SourceAccount": Missing.ABSENT,
    "aws:SourceArn": Missing.ABSENT,
    "aws:SourceOrgID": Missing.ABSENT,
    "aws:SourceOrgPaths": Missing.ABSENT,
    "aws:ViaAWSService": "false",
}
# Of a request with long-lived keys.
_OF_A_SESSION = ("aws:FederatedProvider", "aws:SourceIdentity", "aws:TokenIssueTime")
PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def context(known: Evidence, documents: Iterable[Document]) -> Context:
    """Return the keys of the request for these documents."""
    ask = known.ask
    values: dict[str, Value] = {
        **_OF_A_SERVICE,
        **_mfa(ask),
        "aws:CurrentTime": datetime.fromtimestamp(ask.now_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(ask.now_s)),
        "aws:ResourceAccount": ask.role.account,
        "aws:SecureTransport": "false" if ask.endpoint_url.startswith("http:") else "true",
        "aws:TagKeys": tuple(ask.tags),
        "sts:ExternalId": ask.external_id or Missing.ABSENT,
        "sts:RoleSessionName": ask.session_name or Missing.UNKNOWN,
        "sts:TransitiveTagKeys": ask.transitive_tag_keys,
    }
    if ask.region and not ask.endpoint_url:
        values["aws:RequestedRegion"] = ask.region
    if not ask.is_temporary:
        values |= dict.fromkeys(_OF_A_SESSION, Missing.ABSENT)
        values["sts:SourceIdentity"] = Missing.ABSENT
    if ask.source_identity:
        values["sts:SourceIdentity"] = ask.source_identity
    return Context({**values, **dict(_tags(known, documents))})


def _mfa(ask: Ask) -> Mapping[str, Value]:
    """Return the keys of MFA: long-lived keys have none without a code, and a session may have been made with one."""
    if ask.has_code:
        return {PRESENT: "true"}
    return {} if ask.is_temporary else {PRESENT: Missing.ABSENT, AGE: Missing.ABSENT}


def _tags(known: Evidence, documents: Iterable[Document]) -> Iterator[tuple[str, Value]]:
    """Yield the keys for tags that the documents name; a session may have tags of its own beside those of its role."""
    caller, role = known.caller_side, known.role_side
    is_user = known.ask.caller is not None and known.ask.caller.kind == "user"
    of: dict[str, Mapping[str, str] | None] = {
        "aws:principaltag/": caller.tags if caller and is_user else None,
        "aws:requesttag/": known.ask.tags,
        "aws:resourcetag/": role.tags if role and role.trust else None,
        "iam:resourcetag/": role.tags if role and role.trust else None,
    }
    for key in _keys(documents):
        start, slash, name = key.lower().partition("/")
        tags = of.get(start + slash)
        if tags is not None:
            found = {one.lower(): value for one, value in tags.items()}
            yield key, found.get(name, Missing.ABSENT)


def _keys(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the keys that documents name, in conditions and as variables."""
    for statement in (one for document in documents for one in document.statements):
        texts = [*(statement.resources or ())]
        for condition in statement.conditions:
            yield condition.key
            texts += condition.values
        for text in texts:
            yield from match.variables_in(text)
