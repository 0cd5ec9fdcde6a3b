"""What helps against a cause: a command with the real names, or what to tell whom. Pure.

No command writes a document over another one: a new policy is added, and what has to change is shown.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from credhelper.diagnosis.assume.evidence import Evidence
from credhelper.diagnosis.assume.layer import Seen
from credhelper.diagnosis.assume.sides import MORE
from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.model.shell import of_profile, own_command, word
from credhelper.policy import build, render
from credhelper.policy.denial import Kind
from credhelper.policy.explain import nearest_values

_PERMISSION_SET = "AWSReservedSSO_"
_MOST_IN_A_NAME = 128
# What a trust policy that was not read may want, and no command can tell: the cause before it has the hint.
_GUESSED = ("source-identity", "tags")


def with_hint(known: Evidence, one: Seen) -> Finding:
    """Return a finding with what helps; one that is excluded needs nothing, and one that is a guess asks the same."""
    certainty = one.finding.certainty
    is_guess = certainty is Certainty.POSSIBLE and one.layer is None and one.finding.cause in _GUESSED
    if certainty is Certainty.EXCLUDED or is_guess:
        return one.finding
    return replace(one.finding, hint=_HINTS.get(one.finding.cause, _ask_about)(known, one))


def _set(known: Evidence, option: str, value: str) -> str:
    return own_command("profile set", known.ask.profile, options=f"{option} {word(value)}")


def _as_source(known: Evidence) -> str:
    """Return the option that makes the AWS CLI use the source credentials, "" for a credential source."""
    return _as(known.ask.source)


def _show_them(known: Evidence) -> str:
    return f"show them this line and: aws sts get-caller-identity{_as_source(known)}"


def _ask_about(known: Evidence, one: Seen) -> str:
    """Return who can change it, and how it is looked at."""
    if one.layer is Kind.TRUST:
        return f"{_role_admin(known)} changes it; to see it there: {_show_role(known)}"
    shown = _show_policy(known, one)
    return f"{_caller_admin(known)} changes it; " + (f"to see it there: {shown}" if shown else _show_them(known))


def _role_admin(known: Evidence) -> str:
    return f"an administrator of account {word(known.ask.role.account)}"


def _caller_admin(known: Evidence) -> str:
    account = known.ask.caller.account if known.ask.caller else ""
    return f"an administrator of account {word(account)}" if account else "an administrator of the caller's account"


def _show_role(known: Evidence) -> str:
    return f"aws iam get-role {_option('role-name', known.ask.role.name)}{_as(known.role_admin)}"


def _as(profile: str) -> str:
    return f" {of_profile(profile)}" if profile else ""


def _show_policy(known: Evidence, one: Seen) -> str:
    """Return the command that shows the caller's policy in which something was seen, "" where it is none."""
    if one.policy is None:
        return ""
    if one.policy.arn:
        return f"aws iam get-policy --policy-arn {word(one.policy.arn)}{_as(known.caller_admin)}"
    kind, _, owner = one.policy.holder.partition(" ")
    options = f"{_option(f'{kind}-name', owner)} {_option('policy-name', one.policy.name)}{_as(known.caller_admin)}"
    return f"aws iam get-{kind}-policy {options}"


def _option(name: str, value: str) -> str:
    """Return an option of the AWS CLI; it would take a value that begins with a dash for another option."""
    return f"--{name}{'=' if value.startswith('-') else ' '}{word(value)}"


def _allow(known: Evidence, one: Seen) -> str:
    """Return the command that gives the right, with the document, and where the profile may be wrong how to set it."""
    if one.check is not None and one.check.element == "Condition":
        return _ask_about(known, one)
    near = nearest_values(one.check)[0] if one.check is not None and one.check.element == "Resource" else ""
    is_there = known.role_side is not None and known.role_side.trust is not None
    meant = "" if is_there or not near or any(sign in near for sign in "*?$") else _set(known, "--role-arn", near)
    given = f"{_caller_admin(known)} allows it: {_put(known, one)}" if _put(known, one) else _in_words(known)
    return f"{given}; or, where {word(near)} is meant: {meant}" if meant else given


def _in_words(known: Evidence) -> str:
    caller = known.ask.caller
    role = caller.role_name if caller else ""
    if role.startswith(_PERMISSION_SET):
        named = role.removeprefix(_PERMISSION_SET).rpartition("_")[0]
        return f"allow sts:AssumeRole on {known.ask.role} in the permission set {word(named)} of IAM Identity Center"
    return f"{_caller_admin(known)} allows sts:AssumeRole on the role in a policy of the caller"


def _put(known: Evidence, one: Seen) -> str:
    """Return the command that adds a policy: to the group that has the nearest one, any group, the user or the role."""
    caller, side = known.ask.caller, known.caller_side
    if caller is None or caller.role_name.startswith(_PERMISSION_SET):
        return ""
    kind, owner = ("role", caller.role_name) if caller.role_name else ("user", caller.name)
    if side is not None and side.groups and not caller.role_name:
        near = one.policy.holder if one.policy is not None else f"group {side.groups[0]}"
        kind, _, owner = near.partition(" ")
    elif not caller.role_name and caller.kind != "user":
        return ""
    taken = {held.name for held in side.policies if held.holder == f"{kind} {owner}"} if side else set()
    start = f"assume-{known.ask.role.name}"[: _MOST_IN_A_NAME - 3]
    name = next(text for text in (start, *(f"{start}-{number}" for number in range(2, 100))) if text not in taken)
    actions = ("sts:AssumeRole", *(action for action in MORE if _is_sent(known, action)))
    document = render.to_text(build.assume([str(known.ask.role)], actions=actions))
    command = f"aws iam put-{kind}-policy {_option(f'{kind}-name', owner)} {_option('policy-name', name)}"
    command += _as(known.caller_admin)
    if sys.platform == "win32":  # cmd and PowerShell each take quotes in an argument differently
        return f"{command} --policy-document file://policy.json, with this in policy.json: {document}"
    return f"{command} --policy-document {word(document)}"


def _is_sent(known: Evidence, action: str) -> bool:
    return bool(known.ask.tags if action == "sts:TagSession" else known.ask.source_identity)


def _trust(known: Evidence, _one: Seen) -> str:
    account = word(known.ask.role.account)
    if known.admins:
        return own_command("doctor", known.ask.profile, options=f"--prod-admin {word(known.admins[0])}")
    return (
        f"who may read roles in account {account} finds out for certain, with a profile of theirs: "
        f"{own_command('doctor', known.ask.profile, options='--prod-admin PROFILE')}"
    )


def _no_role(known: Evidence, one: Seen) -> str:
    side = known.role_side
    if side is not None and side.trust is not None:
        return _set(known, "--role-arn", side.arn)
    near = side.nearest if side is not None else [arn for arn in known.neighbours if arn in one.finding.text]
    if near:
        return _set(known, "--role-arn", near[0])
    return f"ask for the ARN of the role; {_role_admin(known)} sees them all: aws iam list-roles --query 'Roles[].Arn'"


def _mfa(known: Evidence, _one: Seen) -> str:
    if known.ask.mfa_serial and not known.ask.has_code:
        return own_command("doctor", known.ask.profile, options="--mfa")
    return _device(known, _one)


def _device(known: Evidence, _one: Seen) -> str:
    if known.device and known.device != known.ask.mfa_serial:
        return _set(known, "--mfa-serial", known.device)
    shown = f"aws iam list-mfa-devices{_as_source(known)}"
    return f"{shown}; then, with its SerialNumber: {_set(known, '--mfa-serial', 'ARN')}"


def _external_id(known: Evidence, one: Seen) -> str:
    value = _wanted(one)
    if value and known.shows_values:
        return _set(known, "--external-id", value)
    return f"ask the owner of the role for it: {_set(known, '--external-id', 'VALUE')}"


def _wanted(one: Seen) -> str:
    """Return the one value that a condition wants, "" where there are several, or it is a pattern."""
    values = one.check.wanted if one.check is not None else ()
    return values[0] if len(values) == 1 and not any(sign in values[0] for sign in "*?$") else ""


def _source_identity(known: Evidence, one: Seen) -> str:
    if one.check is not None:
        return _set(known, "--source-identity", _wanted(one) or "VALUE")
    if known.ask.source_identity and known.said is not None and known.said.action in MORE:
        unset = own_command("profile unset", known.ask.profile, "source_identity")
        return f"allow sts:SetSourceIdentity in the trust policy and in a policy of the caller, or: {unset}"
    return _trust(known, one)


def _session_name(known: Evidence, one: Seen) -> str:
    return _set(known, "--role-session-name", _wanted(one) or "VALUE")


def _tags(known: Evidence, one: Seen) -> str:
    if one.check is not None and one.check.key.lower().startswith("aws:requesttag/"):
        return _set(known, "--tags", f"{one.check.key.partition('/')[2]}={_wanted(one) or 'VALUE'}")
    if one.check is None and known.ask.tags:
        unset = own_command("profile unset", known.ask.profile, "tags")
        return f"allow sts:TagSession in the trust policy and in a policy of the caller, or: {unset}"
    return _trust(known, one)


def _max_session(known: Evidence, _one: Seen) -> str:
    most = known.role_side.max_session_s if known.role_side else 0
    return _set(known, "--duration-seconds", str(most or 3600))


def _principal(known: Evidence, _one: Seen) -> str:
    who = known.caller.name if known.caller else "the caller"
    return f"{_role_admin(known)} lets {who} in, in the trust policy; to see it there: {_show_role(known)}"


def _session_policy(known: Evidence, _one: Seen) -> str:
    return (
        "the session policy came with the source credentials: get them without it, or with one that allows this; then: "
        + own_command("login", known.ask.profile)
    )


def _organization(known: Evidence, one: Seen) -> str:
    whose = "that organization" if one.finding.cause == "rcp" else "the organization"
    return f"an administrator of {whose} allows it; {_show_them(known)}"


def _endpoint(known: Evidence, _one: Seen) -> str:
    region = f" --region {word(known.ask.region)}" if known.ask.region else ""
    return f"who runs this network allows it; to see it there: aws ec2 describe-vpc-endpoints{region}"


def _address(known: Evidence, one: Seen) -> str:
    who = _role_admin(known) if one.layer is Kind.TRUST else _caller_admin(known)
    return f"ask from a network that it names (a VPN), or {who} adds this one; {_show_them(known)}"


def _root(known: Evidence, _one: Seen) -> str:
    source = of_profile(known.ask.source) if known.ask.source else ""
    return f"create an access key for an IAM user, then: aws configure {source}".rstrip()


_HINTS: Mapping[str, Callable[[Evidence, Seen], str]] = {
    "identity-policy": _allow,
    "session-policy": _session_policy,
    "scp": _organization,
    "rcp": _organization,
    "vpc-endpoint": _endpoint,
    "root-caller": _root,
    "trust": _trust,
    "no-role": _no_role,
    "trust-principal": _principal,
    "deleted-principal": _principal,
    "mfa": _mfa,
    "mfa-code": lambda known, _one: f"wait for the next code, then: {own_command('login', known.ask.profile)}",
    "mfa-device": _device,
    "external-id": _external_id,
    "source-identity": _source_identity,
    "session-name": _session_name,
    "source-ip": _address,
    "tags": _tags,
    "max-session": _max_session,
    "chaining": lambda known, _one: _set(known, "--duration-seconds", "3600"),
}
