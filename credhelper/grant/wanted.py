"""What a grant should be, from options or a grant file: names and documents that IAM would take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from credhelper.errors import InputError
from credhelper.grant import checks
from credhelper.grant.names import BUCKETS_POLICY, SELF_READ_POLICY, Names, names
from credhelper.grant.options import Options
from credhelper.policy import build, lint
from credhelper.policy.arn import Arn
from credhelper.policy.document import Document, load
from credhelper.policy.lint import Notice, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRole:
    """The role account's half."""

    arn: Arn
    name: str
    path: str
    trust: Document
    max_session_s: int
    boundary: str = ""
    description: str = ""
    inline: Mapping[str, Document] = field(default_factory=dict)
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHolder:
    """The caller account's half: who may assume the role; `kind` is "group" or "user".

    `pinned` are the ARNs of users that the trust names one by one: they have to be right to the path.
    """

    account: str
    partition: str
    kind: str
    name: str
    may_create: bool
    inline: Mapping[str, Document]
    members: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Both halves; `name` is the value of the tag `credhelper:grant` that says which role is of this grant."""

    name: str
    names: Names
    role: WantedRole
    holder: WantedHolder
    notices: tuple[Notice, ...] = ()


def wanted(options: Options) -> Wanted:
    """Return both halves of a grant; raises InputError for what IAM or this program would not take."""
    about = names(options)
    trust, pinned = _trust(options, about)
    role = WantedRole(
        arn=about.role,
        name=about.role_name,
        path=about.role_path,
        trust=trust,
        max_session_s=checks.session_s(options.max_session),
        boundary=_managed(options.boundary, "--boundary", about) if options.boundary else "",
        description=checks.description(options.description),
        inline=_permissions(options, about),
        attached=tuple(_managed(one, "--policy-arn", about) for one in dict.fromkeys(options.policy_arns)),
    )
    holder = WantedHolder(
        account=about.account,
        partition=about.role.partition,
        kind=about.kind,
        name=about.holder,
        may_create=options.create_group,
        inline=_rights(options, about),
        members=about.members,
        pinned=pinned,
    )
    found = Wanted(name=about.tag, names=about, role=role, holder=holder)
    return replace(found, notices=_notices(found, options))


def _trust(options: Options, about: Names) -> tuple[Document, tuple[str, ...]]:
    """Return the trust, and the users in it.

    A user is let in by the account's root and a condition on the ARN, which survives that the user is made again: a
    user as the principal would be kept by its id.
    """
    is_pinned = options.pin_members or (about.kind == "user" and not options.trust)
    narrowing = build.Narrowing(
        external_id=checks.external_id(options.external_id) if options.external_id else "",
        requires_mfa=options.require_mfa,
        source_identities=(checks.source_identity(options.source_identity),) if options.source_identity else (),
        source_ips=checks.networks(options.source_ips),
        org_id=checks.organization(options.org_id) if options.org_id else "",
        principal_tags=_tags(options.principal_tags),
        principal_arns=about.user_arns if is_pinned else (),
    )
    root = f"arn:{about.role.partition}:iam::"
    principals = [f"{root}{one}:root" if one.isdecimal() else one for one in about.trusted]
    return build.trust(principals, narrowing), narrowing.principal_arns


def _tags(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = [checks.tag(one) for one in dict.fromkeys(texts)]
    keys = [key.lower() for key, _ in found]
    if len(set(keys)) != len(keys):
        raise InputError("--principal-tag is given twice for one key", hint="a user has one value of a tag")
    return tuple(found)


def _managed(text: str, option: str, about: Names) -> str:
    return checks.managed_policy(text, option, about.role.partition, about.role.account)


def _permissions(options: Options, about: Names) -> dict[str, Document]:
    """Return the role's inline policies by name."""
    found: dict[str, Document] = {}
    if options.buckets:
        places = list(dict.fromkeys(build.Place.of(one) for one in options.buckets))
        found[BUCKETS_POLICY] = build.bucket(
            places, options.access, partition=about.role.partition, kms_keys=_keys(options, about)
        )
    elif options.kms_keys:
        raise InputError("--kms-key is for what is in a bucket", hint="give the bucket with --bucket")
    elif options.access not in build.ACCESS:
        raise InputError(f"{options.access!r} is none of {', '.join(build.ACCESS)}")
    for name, text in options.policies:
        if checks.name(name, "policy") in found:
            raise InputError(f"two policies have the name {name!r}", hint="give one file another name")
        found[name] = _own(name, text)
    return found


def _keys(options: Options, about: Names) -> tuple[str, ...]:
    if options.kms_keys and options.access == "list":
        raise InputError("--kms-key is for reading and writing: a list needs no key", hint="--access read")
    for one in options.kms_keys:
        checks.key(one, about.role.partition)
    return tuple(dict.fromkeys(options.kms_keys))


def _own(name: str, text: str) -> Document:
    """Return an own document, which is one of an identity."""
    document = load(text)
    for one in document.statements:
        if one.principals is not None:
            raise InputError(f"the policy {name!r} has a Principal, which only a trust or a bucket's policy has")
        if one.resources is None:
            raise InputError(f"the policy {name!r} has a statement without a Resource")
    return document


def _rights(options: Options, about: Names) -> dict[str, Document]:
    """Return the holder's inline policies by name."""
    actions = ["sts:AssumeRole"] + (["sts:SetSourceIdentity"] if options.source_identity else [])
    found = {about.policy_name: build.assume([str(about.role)], actions=actions)}
    if options.self_read:
        if about.policy_name == SELF_READ_POLICY:
            raise InputError(f"--policy-name {SELF_READ_POLICY} is the name of another policy of this grant")
        groups = (about.holder,) if about.kind == "group" else ()
        found[SELF_READ_POLICY] = build.self_read(about.account, partition=about.role.partition, groups=groups)
    return found


def _notices(found: Wanted, options: Options) -> tuple[Notice, ...]:
    role, holder = found.role, found.holder
    notices = lint.trust(role.trust, known_accounts={role.arn.account, holder.account})
    notices += [notice for one in role.inline.values() for notice in lint.identity(one)]
    notices += lint.managed(role.attached) + lint.max_session(role.max_session_s)
    notices += [lint.external_id()] if options.external_id else []
    if not role.inline and not role.attached:
        text = "the role may do nothing but what policies of buckets and keys allow it"
        notices.append(Notice("no-permission", Severity.WARNING, f"{text}: --bucket names one"))
    notices += lint.length("trust", [role.trust]) + lint.length("role", role.inline.values())
    notices += lint.length(holder.kind, holder.inline.values())
    for one in notices:
        if one.severity is Severity.REFUSED:
            raise InputError(f"{one.code}: {one.text}", hint=_HINTS.get(one.code, ""))
    return tuple(dict.fromkeys(notices))


_HINTS = {
    "trust-anyone": "narrow it: --org-id ID, or --pin-members; or name whom to trust: --trust ARN",
    "too-long": "split it into several grants, or use a managed policy: --policy-arn ARN",
}
