"""What STS demands and MiniStack does not: MFA, the longest session, session names, source identities, chaining.

Conditions on these keys, and `${aws:username}`, count in a trust. In policies of users, groups and roles they stay what
MiniStack makes of them: MFA is never there.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import replace

from fakes.front import trust
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.mfa import MfaDevices
from fakes.front.sentences import Refusal, denial, refusal
from fakes.front.world import Caller, World

_SESSION_NAME = re.compile(r"[\w+=,.@-]*", re.ASCII)
_CHAINED_S = 3600
_CHANGES = ("CreateRole", "UpdateAssumeRolePolicy")


class StsRules:
    """A rule for AssumeRole and GetSessionToken.

    `devices` are the MFA devices of all users. A trust lets no caller in until `new_after_s` seconds after its last
    change.
    """

    def __init__(self, devices: MfaDevices | None = None, *, new_after_s: float = 0.0) -> None:
        self.devices = MfaDevices() if devices is None else devices
        self.new_after_s = new_after_s
        self._changed_at: dict[tuple[str, str], float] = {}

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Refuse what AWS would refuse, and let in whom it would let in."""
        caller = world.caller(request)
        if request.service == "iam":
            with world.trusts:
                answer = onward(request)
                if answer.status == 200 and caller is not None and request.operation in _CHANGES:
                    self._changed_at[caller.account, request.form["RoleName"]] = world.now()
                return answer
        if request.service != "sts" or caller is None:
            return onward(request)
        if request.operation == "GetSessionToken":
            return self._session_token(world, request, onward, caller)
        if request.operation == "AssumeRole":
            return self._assume_role(world, request, onward, caller)
        return onward(request)

    def _session_token(self, world: World, request: Request, onward: Onward, caller: Caller) -> Answer:
        has_mfa = self._mfa(world, request.form, caller)
        if isinstance(has_mfa, Refusal):
            return refuse(request, has_mfa)
        answer = onward(request)
        if answer.status == 200:
            mfa_at = world.now() if has_mfa else None
            world.learn(answer.text("AccessKeyId"), replace(caller, is_temporary=True, mfa_at=mfa_at))
        return answer

    def _assume_role(self, world: World, request: Request, onward: Onward, caller: Caller) -> Answer:
        form = request.form
        if caller.is_root:
            return refuse(request, refusal("root-caller"))
        if (bad := _bad_session_name(form.get("RoleSessionName", ""))) is not None:
            return refuse(request, bad)
        has_mfa = self._mfa(world, form, caller)
        if isinstance(has_mfa, Refusal):
            return refuse(request, has_mfa)
        source = form.get("SourceIdentity") or caller.source_identity
        mfa_age = 0.0 if has_mfa else None if caller.mfa_at is None else world.now() - caller.mfa_at
        known = _known_keys(caller, mfa_age, source)
        with world.trusts:
            answer = _under(world, caller, known, request, onward)
            if answer.status == 200:
                refused = self._too_new(world, form["RoleArn"], caller)
                refused = refused or _refused_after(world, form, caller, source, known)
                if refused is not None:
                    return refuse(request, refused)
        if answer.error_code == "AccessDenied":
            return _reworded(answer, request, caller)
        if answer.status == 200:
            made = world.caller_of(answer.text("AccessKeyId"))
            assert made is not None  # the front has learned it
            world.learn(answer.text("AccessKeyId"), replace(made, source_identity=source))
        return _with_source_identity(answer, source)

    def _too_new(self, world: World, role_arn: str, caller: Caller) -> Refusal | None:
        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        changed_at = self._changed_at.get((account, name), float("-inf"))
        is_old = world.now() - changed_at >= self.new_after_s
        return None if is_old else refusal("trust-refused", user=caller.arn, role=role_arn)

    def _mfa(self, world: World, form: Mapping[str, str], caller: Caller) -> bool | Refusal:
        serial, code = form.get("SerialNumber", ""), form.get("TokenCode", "")
        if not serial and not code:
            return False
        if not serial or not code:
            return refusal("mfa-half")
        if caller.is_temporary or not self.devices.has(caller.arn, serial):
            return refusal("mfa-wrong-serial")
        return self.devices.take(serial, code, world.now()) or refusal("mfa-wrong-code")


def _bad_session_name(name: str) -> Refusal | None:
    if len(name) > 64:
        return refusal("session-name-length", value=name)
    return None if _SESSION_NAME.fullmatch(name) else refusal("session-name-pattern", value=name)


def _known_keys(caller: Caller, mfa_age: float | None, source: str) -> dict[str, str]:
    """Return the condition keys that MiniStack does not set; those that are absent on AWS are absent here."""
    known = {}
    if mfa_age is not None:
        known["aws:multifactorauthpresent"] = "true"
        known["aws:multifactorauthage"] = str(int(mfa_age))
    if source:
        known["sts:sourceidentity"] = source
    if caller.source_identity:
        known["aws:sourceidentity"] = caller.source_identity
    return known


def _under(world: World, caller: Caller, known: Mapping[str, str], request: Request, onward: Onward) -> Answer:
    """Pass the request on while the role's trust is what these keys leave of it."""
    role_arn = request.form.get("RoleArn", "")
    role = world.behind.entity(role_arn) if role_arn.count(":") == 5 else None
    if role is None:
        return onward(request)
    account, name, before = role_arn.split(":")[4], role["RoleName"], role["AssumeRolePolicyDocument"]
    if not isinstance(before, dict):  # the emulator takes what is no document, too
        return onward(request)
    variables = {} if caller.is_role else {"aws:username": caller.arn.rpartition("/")[2]}
    during = trust.resolved(trust.substituted(before, variables), known)
    if during == before:
        return onward(request)
    world.behind.set_trust(account, name, during)
    try:
        return onward(request)
    finally:
        world.behind.set_trust(account, name, before)


def _refused_after(
    world: World, form: Mapping[str, str], caller: Caller, source: str, known: Mapping[str, str]
) -> Refusal | None:
    """Return why a caller whom both policies let in gets no session after all."""
    role_arn, duration = form["RoleArn"], int(form.get("DurationSeconds") or _CHAINED_S)
    role = world.behind.entity(role_arn)
    if role is None:
        return None
    if source:
        request_keys = {"sts:externalid": form.get("ExternalId"), "sts:rolesessionname": form["RoleSessionName"]}
        keys = {**known, **{name: value for name, value in request_keys.items() if value is not None}}
        is_same = caller.source_identity in ("", source)
        is_trusted = trust.allows(role["AssumeRolePolicyDocument"], caller.arn, "sts:SetSourceIdentity", keys)
        is_permitted = world.behind.allows(caller.principal_arn, "sts:SetSourceIdentity", role_arn)
        if not (is_same and is_trusted and is_permitted):
            return refusal("set-source-identity", user=caller.arn, role=role_arn)
    if caller.is_temporary and duration > _CHAINED_S:
        return refusal("role-chaining")
    return refusal("max-session") if duration > role["MaxSessionDuration"] else None


def _reworded(answer: Answer, request: Request, caller: Caller) -> Answer:
    """Return the emulator's refusal in AWS's words, which name the role and hide whether it exists."""
    said, role = answer.text("Message"), request.form["RoleArn"]
    if said.startswith("User: is not"):
        return refuse(request, refusal("trust-refused", user=caller.arn, role=role))
    words = functools.partial(denial, "identity-based policy", user=caller.arn, action="sts:AssumeRole")
    for effect in ("implicit", "explicit"):
        if said == words(effect):
            return refuse(request, Refusal(answer.status, "AccessDenied", words(effect, resource=role)))
    return answer


def _with_source_identity(answer: Answer, source: str) -> Answer:
    if answer.status != 200 or not source:
        return answer
    # Its characters are those of a session name: nothing to escape.
    end = b"</AssumeRoleResult>"
    return replace(answer, body=answer.body.replace(end, f"<SourceIdentity>{source}</SourceIdentity>".encode() + end))
