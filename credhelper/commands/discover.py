"""The roles that a user may have: by its own policies, or as the portal of an SSO session lists them.

Reads, and changes nothing; `write` adds profiles for what was found.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from credhelper.aws import identity, own_policies, sso_portal
from credhelper.aws.own_policies import OwnPolicies
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import kinds, role_arn, source_chain
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import key_of
from credhelper.commands.profile import add_many
from credhelper.commands.profile.add_many import New
from credhelper.commands.profile.list import open_sections
from credhelper.errors import AwsError, InputError
from credhelper.grant import assumable, requirements
from credhelper.grant.assumable import Assumable, Denied
from credhelper.grant.assume_rules import Source
from credhelper.grant.names import SELF_READ_POLICY
from credhelper.model import profile_names
from credhelper.model.credentials import Credentials
from credhelper.model.profile_names import Wanted
from credhelper.model.shell import word
from credhelper.policy import build, render
from credhelper.policy.arn import Arn
from credhelper.policy.document import Document
from credhelper.policy.request import Caller
from credhelper.provider.sign_ins import SignIns
from credhelper.settings import Settings
from credhelper.system import ownership

FIELDS = ("role", "account")
SSO_FIELDS = ("account_name", "role", "account")
NAME, SSO_NAME = "{role}", "{account_name}-{role}"
_PERMISSION_SET = "AWSReservedSSO_"


class NoRightError(AwsError):
    """The caller may not read its own policies; `policy` is what would allow it."""

    def __init__(self, message: str, *, hint: str, policy: Document) -> None:
        super().__init__(message, hint=hint)
        self.policy = policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that was found. `profile` is the one that has it, or would get it where `is_new`; "" for a pattern.

    `tried` is one of the words of assume_once, with the reason in `said`; "" where it was not asked. `lacks_device`: it
    asks for MFA, and no device is known for its source.
    """

    arn: str = ""
    account: str = ""
    account_name: str = ""
    name: str = ""
    is_pattern: bool = False
    sources: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    profile: str = ""
    is_new: bool = False
    lacks_device: bool = False
    tried: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found; `new` are the profiles that could be added, in the order of the roles that are new.

    `caller` is the ARN of who was asked about, "" for an SSO session. `unread` says what could not be read, in words.
    """

    roles: tuple[Role, ...]
    new: tuple[New, ...] = ()
    denied: tuple[Denied, ...] = ()
    unread: tuple[str, ...] = ()
    caller: str = ""


def check_template(template: str, fields: Sequence[str]) -> None:
    """Raise InputError for a template of names with a field that there is not."""
    unknown = [one for one in profile_names.fields_of(template) if one not in fields]
    if unknown or not profile_names.fields_of(template):
        what = f"{{{unknown[0][:40]}}}" if unknown else "no field at all"
        shown = ", ".join(f"{{{one}}}" for one in fields)
        names = "-".join(f"{{{one}}}" for one in fields[:2])
        raise InputError(f"--name has {what}; the fields are {shown}", hint=f"--name {word(names)}")


def check_roles(arns: Iterable[str]) -> None:
    """Raise InputError for what is not the ARN of a role."""
    for arn in arns:
        try:
            role_arn.parse(arn)
        except ValueError as error:
            raise InputError(f"--role is {error}", hint="credhelper discover --role ARN") from None


def of_user(
    settings: Settings,
    keys: Credentials,
    source: str,
    *,
    template: str = NAME,
    known: Iterable[str] = (),
) -> Discovery:
    """Return the roles that the policies of who signs with these keys allow, `source` being the profile that has them.

    Raises NoRightError where none of them can be read, InputError for a caller without policies, other
    CredhelperErrors where AWS does not answer.
    """
    check_template(template, FIELDS)
    shared = SharedConfig(settings.config_file, settings.credentials_file)
    catalogue = open_sections(settings)
    sts = Service("sts", source, keys, shared)
    who = identity.ask(sts)
    iam = Service("iam", source, keys, shared, partition=who.arn.partition, account=who.account)
    own = own_policies.read(iam, who.arn)
    if not own.has_lists:
        raise _no_right(who.arn, own)
    caller = Caller(name=str(who.arn), role_arn=own.role_arn, unique_id=own.unique_id)
    roles_there = [kinds.role_arn_of(catalogue[name]) for name in catalogue]
    found = assumable.find(
        [Source(f"{one.holder}/{one.name}", one.document) for one in own.policies],
        caller,
        own.boundary,
        known=[*known, *(arn for arn in roles_there if arn)],
    )
    device = _device_of(source, catalogue)
    candidates = [(_role(one, device), _keys_of(one, source, device)) for one in found.roles]
    roles, new = _named(candidates, catalogue, template)
    return Discovery(roles=tuple(roles), new=tuple(new), denied=found.denied, unread=_unread(own), caller=str(who.arn))


def _role(one: Assumable, device: str) -> Role:
    is_arn = not one.is_pattern
    return Role(
        arn=one.role,
        account=role_arn.account_of(one.role) if is_arn else "",
        name=role_arn.name_of(one.role) if is_arn else "",
        is_pattern=one.is_pattern,
        sources=one.sources,
        conditions=one.conditions,
        exceptions=one.exceptions,
        lacks_device=not device and requirements.has_mfa(one.conditions),
    )


def _keys_of(one: Assumable, source: str, device: str) -> Mapping[str, str]:
    if one.is_pattern:
        return {}
    keys = {key_of("role_arn"): one.role, key_of("source_profile"): source}
    is_asked = device and requirements.has_mfa(one.conditions)
    return {**keys, key_of("mfa_serial"): device} if is_asked else keys


def _device_of(source: str, catalogue: Catalogue) -> str:
    """Return the MFA device that the source has, or all profiles with this source that have one; "" without it."""
    keys = (key_of("mfa_serial"), "mfa_serial")
    users = [source, *(one for one in catalogue if kinds.source_of(catalogue[one]) == source)]
    found = {catalogue[one][key] for one in users if one in catalogue for key in keys if catalogue[one].get(key)}
    return found.pop() if len(found) == 1 else ""


def of_session(settings: Settings, session: str, *, template: str = SSO_NAME) -> Discovery:
    """Return the accounts and roles of an SSO session; raises CredhelperError."""
    check_template(template, SSO_FIELDS)
    tokens = source_chain.files_of({"sso_session": session}, home=settings.home)
    for path in (settings.config_file, settings.credentials_file, *tokens):
        ownership.require_trusted(path)
    shared = SharedConfig(settings.config_file, settings.credentials_file)
    catalogue = open_sections(settings)
    locks_dir = os.path.join(settings.state_dir, "locks")
    portal = sso_portal.read(
        shared,
        session,
        locks_dir=locks_dir,
        note_token=SignIns(settings.cache_dir).noting(),
        timeout_s=settings.timeout_s,
    )
    region = catalogue["default"].get("region", "") if "default" in catalogue else ""
    candidates = []
    for one in portal.roles:
        keys = {"sso_session": session, "sso_account_id": one.account, "sso_role_name": one.role}
        role = Role(account=one.account, account_name=one.account_name, name=one.role)
        candidates.append((role, {**keys, "region": region} if region else keys))
    roles, new = _named(candidates, catalogue, template)
    unread = tuple(f"the roles of account {account}: the portal refuses them" for account in portal.refused)
    return Discovery(roles=tuple(roles), new=tuple(new), unread=unread)


def _named(
    candidates: Sequence[tuple[Role, Mapping[str, str]]], catalogue: Catalogue, template: str
) -> tuple[list[Role], list[New]]:
    """Return the roles with the profile that each has or would get, and the profiles to add."""
    exists = [add_many.there(keys, catalogue) if keys else "" for _, keys in candidates]
    new = [
        New(Wanted(profile_names.filled(template, _fields(role)), role.account), keys)
        for (role, keys), profile in zip(candidates, exists, strict=True)
        if keys and not profile
    ]
    names = iter(add_many.names_of(new, catalogue))
    roles = [
        replace(role, profile=profile or (next(names) if keys else ""), is_new=bool(keys) and not profile)
        for (role, keys), profile in zip(candidates, exists, strict=True)
    ]
    return roles, new


def _fields(role: Role) -> Mapping[str, str]:
    return {"role": role.name, "account": role.account, "account_name": role.account_name or role.account}


def write(settings: Settings, found: Discovery, options: EditOptions) -> EditResult:
    """Add a profile for each role that has none, in one edit; raises InputError or MachineError."""
    return add_many.add_many(settings, found.new, options)


def _unread(own: OwnPolicies) -> tuple[str, ...]:
    refused: dict[str, list[str]] = {}
    for one in own.unread:
        refused.setdefault(one.action, []).append(one.about)
    return tuple(
        f"{', '.join(abouts[:3])}{f' and {len(abouts) - 3} more' if len(abouts) > 3 else ''}"
        + (f" ({action} is refused)" if action else " (no document that can be understood)")
        for action, abouts in refused.items()
    )


def _no_right(caller: Arn, own: OwnPolicies) -> NoRightError:
    """Return the error for a caller that may read nothing, with the policy that changes it and who can give it."""
    action = own.unread[0].action if own.unread else "iam:ListUserPolicies"
    if caller.kind == "user":
        kind, name = "user", caller.name
        policy = build.self_read(caller.account, partition=caller.partition)
        who = f"user {name} may not read their own policies"
    else:
        kind, name = "role", caller.role_name
        policy = build.role_self_read(caller.account, name, partition=caller.partition)
        who = f"role {name} may not read its own policies"
    if name.startswith(_PERMISSION_SET):
        permission_set = name.removeprefix(_PERMISSION_SET).rpartition("_")[0]
        hint = "an administrator adds the policy above to the permission set "
        hint += f"{word(permission_set)} of IAM Identity Center"
    else:
        # A name may begin with a dash, which the AWS CLI would take for an option.
        of = f"--{kind}-name{'=' if name.startswith('-') else ' '}{word(name)}"
        command = f"aws iam put-{kind}-policy {of} --policy-name {SELF_READ_POLICY} --policy-document"
        # cmd and PowerShell each take quotes in an argument differently.
        given = "file://policy.json, with the policy above in policy.json"
        given = given if sys.platform == "win32" else word(render.to_text(policy))
        command = f"{command} {given}"
        hint = f"an administrator of account {word(caller.account)} allows it: {command}"
    return NoRightError(f"{who} ({action})", hint=f"{hint}; or name the role: credhelper profile add", policy=policy)


def try_each(found: Discovery, assume: Callable[[str], tuple[str, str]]) -> Discovery:
    """Return the same with what AWS said of each role that is no pattern, asked one after the other."""

    def tried(one: Role) -> Role:
        word, said = ("", "") if one.is_pattern else assume(one.arn)
        return replace(one, tried=word, said=said)

    return replace(found, roles=tuple(map(tried, found.roles)))


def roles_of_account(settings: Settings, keys: Credentials, profile: str) -> list[str]:
    """Return the ARNs of all roles that an administrator sees in their account; raises CredhelperError."""
    shared = SharedConfig(settings.config_file, settings.credentials_file)
    who = identity.ask(Service("sts", profile, keys, shared))
    iam = Service("iam", profile, keys, shared, partition=who.arn.partition, account=who.account)
    return [str(role.get("Arn", "")) for role in iam.pages("ListRoles", "Roles")]
