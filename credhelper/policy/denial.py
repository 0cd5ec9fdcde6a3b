"""The sentence in which AWS refuses: who, what, on which resource, and which policy is named as the reason. Pure.

Grammar: IAM, "Troubleshoot access denied error messages"; S3, "Troubleshoot 403 errors"; STS and KMS, their errors.

    User: ARN is not authorized to perform: ACTION [on resource: ARN] [because no KIND allows the ACTION action]
    ... with an explicit deny in a KIND [transitively through a KIND] [: POLICY ARN]

Only one layer is named where several deny, and none to a caller of another organization. What is read may come from any
server: every part but `caller` and `resource` is of a known shape.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from itertools import zip_longest

LIMIT = 8 * 1024


class Kind(Enum):
    """A kind of policy, by its name in the sentence."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    RCP = "resource control policy"
    VPC_ENDPOINT = "VPC endpoint policy"

    def __str__(self) -> str:
        return f"{'an' if self is Kind.IDENTITY else 'a'} {self.value}"


class Cause(Enum):
    """What a refusal is about: a policy, or one of the causes that have a sentence of their own."""

    POLICY = "a policy"
    KMS_KEY = "a key of KMS: another Region, no policy that allows, or one that denies"
    WRONG_CODE = "a one-time code that is wrong or was used"
    NO_CODE = "an MFA device without its code, or a code without it"
    NO_DEVICE = "an MFA device that is not the caller's"
    ROOT_CALLER = "the root user, who assumes no role"
    MAX_SESSION = "the role's longest session"
    CHAINING = "one hour for a role assumed from a role"
    BLOCK_PUBLIC_POLICY = "S3 Block Public Access: the policy is public"
    BLOCK_PUBLIC_ACLS = "S3 Block Public Access: the access list is public"
    BARE = "nothing is said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A refusal as far as its sentence goes; "" and None are for what it leaves out.

    `is_explicit` tells whether a statement denies or none allows; AWS has also called a missing Allow of an SCP
    explicit. `kind` is the policy that decides; `seen_in` the one that it decides through. `encoded` is the message
    that sts:DecodeAuthorizationMessage opens.
    """

    cause: Cause = Cause.POLICY
    caller: str = ""
    action: str = ""
    resource: str = ""
    kind: Kind | None = None
    is_explicit: bool | None = None
    policy_arn: str = ""
    seen_in: Kind | None = None
    encoded: str = ""


# AWS's page has the prefix of a service in capitals, too.
_ACTION = r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9*]{1,128}"
# IAM writes "role NAME" in place of an ARN.
_TYPE = r"(?:(?:role|user|group|policy|instance profile) (?!because |with ))?"
_SENTENCE = re.compile(
    rf"(?:User:(?: (?P<caller>\S+))? is )?[Nn]ot authorized to perform:? (?P<action>{_ACTION})"
    rf"(?: on resource: (?:\"(?P<quoted>.*)\"|(?P<resource>{_TYPE}[^\s\"]\S*)))?"
)
# "sessions policy" is one of AWS's own spellings.
_KINDS = {kind.value.lower(): kind for kind in Kind} | {"sessions policy": Kind.SESSION}
_KIND = "|".join(map(re.escape, _KINDS))
_POLICY_ARN = r"arn:aws[a-z-]{0,16}:(?:iam|organizations)::(?:[0-9]{12}|aws)?:policy/[\w+=,.@/-]{1,512}"
_WITH_ARN = rf"(?:: ?(?P<arn>{_POLICY_ARN}))?"
_EXPLICIT = re.compile(
    rf"with an explicit deny in (?:an? |the )?(?P<kind>{_KIND})"
    rf"(?: transitively through (?:an? |the )?(?P<through>{_KIND}))?{_WITH_ARN}",
    re.IGNORECASE | re.ASCII,
)
# "because the role trust policy allows" is a slip of AWS's page for "no".
_IMPLICIT = re.compile(
    rf"(?:no (?P<kind>{_KIND})|the role trust policy) allows(?: the (?P<action>{_ACTION}) action)?{_WITH_ARN}",
    re.IGNORECASE | re.ASCII,
)
# Where other text is around a sentence, only what follows it at once is its reason.
_START = re.compile(
    rf"(?:User:(?: (?P<caller>[^\s\"]+))? is )?\bnot authorized to perform:? (?P<action>{_ACTION})"
    rf"|\bnot authorized(?= because no (?:{_KIND}) allows)",
    re.IGNORECASE | re.ASCII,
)
_REASON = re.compile(
    " (?:because " + re.sub(r"\?P<\w+>", "?:", f"(?:{_IMPLICIT.pattern})|{_EXPLICIT.pattern}") + ")",
    re.IGNORECASE | re.ASCII,
)
_CUT = re.compile(r" (?:because no\b|(?P<deny>with an explicit deny))", re.IGNORECASE)
_QUOTED = re.compile(r" on resource: ?\"")
_UNQUOTED = re.compile(rf" on resource: ?(?P<resource>{_TYPE}[^\s\"]\S*)")
# What ends a resource where JSON, a bracket or a sentence goes on behind it.
_BEHIND = re.compile(r"[\"'`].*|[)\]}>,;.]+\Z")
_CIPHERTEXT = " on the resource associated with this ciphertext"
_THREE = f"{_CIPHERTEXT} because the resource does not exist in this Region"
ENCODED = re.compile(r"Encoded authorization failure message: ([A-Za-z0-9_=+/-]{1,8192})", re.ASCII)
_CAUSES = (
    (Cause.WRONG_CODE, re.compile(r"invalid MFA one time pass ?code")),
    (Cause.NO_CODE, re.compile(r"MultiFactorAuthentication failed, must provide both")),
    (Cause.NO_DEVICE, re.compile(r"MultiFactorAuthentication failed")),
    (Cause.ROOT_CALLER, re.compile(r"may not be assumed by root")),
    (Cause.CHAINING, re.compile(r"role chaining")),
    (Cause.MAX_SESSION, re.compile(r"MaxSessionDuration")),
    (
        Cause.KMS_KEY,
        re.compile(r"on the resource associated with this ciphertext|The ciphertext refers to a customer master"),
    ),
    (Cause.BLOCK_PUBLIC_POLICY, re.compile(r"\bBlockPublicPolicy\b")),
    (Cause.BLOCK_PUBLIC_ACLS, re.compile(r"\bBlockPublicAcls\b")),
    (Cause.BARE, re.compile(r"\A(?:Access ?Denied|Forbidden)\.?\Z", re.IGNORECASE)),
)


_SILENT = Denial()


def read(message: str) -> Denial | None:
    """Return what a message of AWS says, None where it is no refusal that is known. Line breaks do not count."""
    text = " ".join(message[:LIMIT].split())
    sentence = _SENTENCE.search(text)
    # A resource that is in the sentence may itself hold any text, also that of a reason.
    reason = text[sentence.end() :] if sentence else text
    cause = next((cause for cause, said in _CAUSES if said.search(reason)), None)
    explicit, implicit = _EXPLICIT.search(reason), _IMPLICIT.search(reason)
    is_explicit = True if explicit or "explicit deny" in reason else False if implicit else None
    if cause is None and sentence is None and is_explicit is None:
        return None
    named = _named(explicit or implicit)
    encoded = ENCODED.search(reason)
    return Denial(
        cause=cause or Cause.POLICY,
        caller=(sentence["caller"] or "") if sentence else "",
        action=sentence["action"] if sentence else (implicit["action"] or "") if implicit else "",
        resource=(sentence["quoted"] or sentence["resource"] or "") if sentence else "",
        kind=named[-1] if named else None,
        is_explicit=is_explicit,
        policy_arn=((explicit or implicit or {"arn": ""})["arn"] or "").rstrip("."),
        seen_in=named[0] if len(named) > 1 else None,
        encoded=encoded[1] if encoded else "",
    )


def found_in(text: str) -> tuple[tuple[int, Denial], ...]:
    """Return the denials, with their places, in a text with other things around them, made one line of single blanks.

    A reason that does not follow its sentence at once belongs to none. Where a sentence can be read in two ways, since
    the name of a resource may hold the words of a reason, it has none.
    """
    starts = list(_START.finditer(text))
    return tuple(
        (start.start(), _found(start, text[start.end() : after.start() if after else None]))
        for start, after in zip_longest(starts, starts[1:])
    )


def _found(start: re.Match[str], tail: str) -> Denial:
    told = Denial(caller=start["caller"] or "", action=start["action"] or "")
    if tail.startswith(_THREE):
        return replace(told, cause=Cause.KMS_KEY)
    resource, reason = _quoted(tail) if _QUOTED.match(tail) else _unquoted(tail.removeprefix(_CIPHERTEXT))
    return replace(
        told,
        action=told.action or reason.action,
        resource=resource,
        kind=reason.kind,
        is_explicit=reason.is_explicit,
        policy_arn=reason.policy_arn,
        seen_in=reason.seen_in,
    )


def _quoted(tail: str) -> tuple[str, Denial]:
    """Return a resource in quotation marks, which it may hold itself, and the reason behind it."""
    after = _QUOTED.sub("", tail, count=1)
    marks = [place for place, character in enumerate(after) if character == '"']
    readings = [(after[:mark], _reason(after[mark + 1 :])) for mark in marks]
    told = [reading for reading in readings if reading[1] != _SILENT]
    if told and all(reason == told[0][1] for _, reason in told):
        return told[0]
    return after[: marks[0]] if marks else after, _SILENT


def _unquoted(tail: str) -> tuple[str, Denial]:
    named = _UNQUOTED.match(tail)
    if named is None:
        return "", _reason(tail)
    resource = _BEHIND.sub("", named["resource"])
    is_over = resource != named["resource"]
    return resource, _SILENT if is_over else _reason(tail[named.end() :])


def _reason(text: str) -> Denial:
    """Return what stands at the beginning of `text`: a kind of policy, or none where it is cut off in the middle."""
    told = _REASON.match(text)
    if told is None:
        cut = _CUT.match(text)
        return Denial(is_explicit=cut["deny"] is not None) if cut else _SILENT
    explicit = _EXPLICIT.search(told[0])
    reason = explicit or _IMPLICIT.search(told[0])
    named = _named(reason)
    return Denial(
        action="" if reason is None or explicit else reason["action"] or "",
        kind=named[-1],
        is_explicit=explicit is not None,
        policy_arn=(reason["arn"] or "").rstrip(".") if reason else "",
        seen_in=named[0] if len(named) > 1 else None,
    )


def _named(reason: re.Match[str] | None) -> list[Kind]:
    """Return the kinds of policy that a reason names; the last one decides."""
    if reason is None:
        return []
    names = [reason["kind"] or Kind.TRUST.value, reason.groupdict().get("through")]
    return [_KINDS[name.lower()] for name in names if name]
