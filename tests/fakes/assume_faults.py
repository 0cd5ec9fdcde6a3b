"""The twenty faults that keep David from the role, and any two of them at once, as the two accounts have them.

A fault is one change to a plan that works; `FaultWorld` makes the accounts what a plan says and asks for the role.
"""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.exceptions

from credhelper.aws.explain.facts import Refusal
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.commands.doctor import assume as doctor_assume
from credhelper.commands.doctor.subject import Admin, Admins, Subject
from credhelper.commands.profile.list import open_sections
from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.assume.evidence import Evidence
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from credhelper.policy.arn import Arn, parse
from credhelper.settings import from_environment
from credhelper.system.deadline import Deadline
from fakes.front.behind import Keys
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.sentences import Refusal as Said
from fakes.front.sentences import denial
from fakes.front.two_accounts import TwoAccounts, policy
from fakes.front.world import World

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
UNLESS_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
NEAR, THIRD = "acc-to-read-prod-s3-buckett", "333333333333"
READ = {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}
NAME = "prod-s3"
SESSION_NAME = "David@laptop"


@dataclass
class Plan:
    """What both accounts have. `denies` are further statements of the group, `trust_denies` of the trust policy."""

    resources: list[str] = field(default_factory=list)
    denies: list[dict[str, Any]] = field(default_factory=list)
    has_boundary: bool = False
    has_role: bool = True
    principals: list[str] = field(default_factory=list)
    conditions: dict[str, dict[str, Any]] = field(default_factory=dict)
    trust_denies: list[dict[str, Any]] = field(default_factory=list)
    asks: dict[str, Any] = field(default_factory=dict)

    def wants(self, operator: str, key: str, value: str) -> None:
        """Add a condition to the trust policy."""
        self.conditions.setdefault(operator, {})[key] = value


@dataclass(frozen=True)
class Fault:
    """A fault with its cause. `says` is what has to be in the text for the cause to count as named.

    `also` are causes that are true of it as well, and may be called certain.
    """

    name: str
    make: Callable[[Plan, TwoAccounts], None]
    cause: str
    says: str = ""
    also: tuple[str, ...] = ()

    @property
    def layer(self) -> str:
        """The cause that stands for the layer that the fault is in."""
        named = ("identity-policy", "identity-deny", "boundary")
        is_of_caller = self.cause in named or self.also
        return "trust" if not is_of_caller else "boundary" if self.cause == "boundary" else "identity-policy"


def _no_allow(plan: Plan, it: TwoAccounts) -> None:
    plan.resources = [one for one in plan.resources if one != it.role_arn]


def _mistyped(plan: Plan, it: TwoAccounts) -> None:
    _no_allow(plan, it)
    plan.resources.append(f"arn:aws:iam::{it.prod}:role/{NEAR}")


def _other_account(plan: Plan, it: TwoAccounts) -> None:
    _no_allow(plan, it)
    plan.resources.append(f"arn:aws:iam::{THIRD}:role/{it.role}")


def _deny(plan: Plan, it: TwoAccounts) -> None:
    plan.denies.append({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": it.role_arn})


def _deny_unless_mfa(plan: Plan, it: TwoAccounts) -> None:
    plan.denies.append({"Effect": "Deny", "Action": "sts:*", "Resource": "*", "Condition": UNLESS_MFA})


def _boundary(plan: Plan, it: TwoAccounts) -> None:
    plan.has_boundary = True


def _trusts(principal: Callable[[TwoAccounts], str]) -> Callable[[Plan, TwoAccounts], None]:
    def make(plan: Plan, it: TwoAccounts) -> None:
        plan.principals = [*(one for one in plan.principals if one != it.root), principal(it)]

    return make


def _wants(operator: str, key: str, value: str, **asks: Any) -> Callable[[Plan, TwoAccounts], None]:
    def make(plan: Plan, it: TwoAccounts) -> None:
        plan.wants(operator, key, value.format(acc=it.acc))
        plan.asks |= asks

    return make


def _trust_deny(plan: Plan, it: TwoAccounts) -> None:
    plan.trust_denies.append({"Effect": "Deny", "Principal": {"AWS": it.david}, "Action": "sts:AssumeRole"})


def _no_role(plan: Plan, it: TwoAccounts) -> None:
    plan.has_role = False


FAULTS = (
    Fault("no policy allows it", _no_allow, "identity-policy"),
    Fault("a policy allows a mistyped role", _mistyped, "identity-policy", NEAR),
    Fault("a policy allows the role of another account", _other_account, "identity-policy", THIRD),
    Fault("a policy denies it", _deny, "identity-deny"),
    Fault("a policy denies it without MFA", _deny_unless_mfa, "mfa", "MFA", ("identity-deny",)),
    Fault("the caller's boundary", _boundary, "boundary"),
    Fault("trust: another account", _trusts(lambda it: f"arn:aws:iam::{THIRD}:root"), "trust-principal", THIRD),
    Fault("trust: another user", _trusts(lambda it: f"arn:aws:iam::{it.acc}:user/Eve"), "trust-principal", "Eve"),
    Fault("trust: another role", _trusts(lambda it: f"arn:aws:iam::{it.acc}:role/ops"), "trust-principal", "ops"),
    Fault("trust: MFA", _wants("Bool", "aws:MultiFactorAuthPresent", "true"), "mfa"),
    Fault("trust: external ID, none sent", _wants("StringEquals", "sts:ExternalId", "wanted-41"), "external-id"),
    Fault(
        "trust: external ID, a wrong one sent",
        _wants("StringEquals", "sts:ExternalId", "wanted-41", ExternalId="wrong-12"),
        "external-id",
    ),
    Fault("trust: source identity", _wants("StringEquals", "sts:SourceIdentity", "david"), "source-identity"),
    Fault("trust: address", _wants("IpAddress", "aws:SourceIp", "203.0.113.0/24"), "source-ip"),
    Fault("trust: tag of the user", _wants("StringEquals", "aws:PrincipalTag/team", "data"), "trust-condition", "team"),
    Fault(
        "trust: ARN of the caller",
        _wants("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::{acc}:user/Eve"),
        "trust-condition",
        "Eve",
    ),
    Fault("trust: date", _wants("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), "trust-condition", "2020"),
    Fault("trust: session name", _wants("StringEquals", "sts:RoleSessionName", "david"), "session-name"),
    Fault("trust: a Deny", _trust_deny, "trust-deny"),
    Fault("no such role", _no_role, "no-role"),
)


class BoundaryWords:
    """A rule of the front: MiniStack names an identity-based policy where AWS names the permissions boundary."""

    def __init__(self) -> None:
        self.is_to_blame = False

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Pass on, and say it in AWS's words."""
        answer = onward(request)
        caller = world.caller(request)
        said = answer.text("Message") if answer.error_code == "AccessDenied" else ""
        if not self.is_to_blame or caller is None or "no identity-based policy" not in said:
            return answer
        words = denial(
            "permissions boundary",
            "implicit",
            user=caller.arn,
            action=request.action,
            resource=request.form.get("RoleArn", ""),
        )
        return refuse(request, Said(403, "AccessDenied", words))


class FaultWorld:
    """Two accounts whose state is that of one plan at a time; David may read his own policies, and no other account."""

    def __init__(self, it: TwoAccounts, boundary: BoundaryWords, directory: Path) -> None:
        self.it = it
        self._boundary_words = boundary
        self._acc, self._prod = it.client("iam", it.acc), it.client("iam", it.prod)
        self._acc.create_user(UserName="David")
        self._acc.create_user(UserName="Eve")
        self._acc.create_role(RoleName="ops", AssumeRolePolicyDocument=it.trust())
        self._acc.create_group(GroupName="DevGroup")
        self._acc.add_user_to_group(UserName="David", GroupName="DevGroup")
        self._acc.put_user_policy(UserName="David", PolicyName="read-own", PolicyDocument=policy(READ))
        limits = self._acc.create_policy(PolicyName="limits", PolicyDocument=policy(READ))
        self._limits: str = limits["Policy"]["Arn"]
        self.keys = it.make_key("David")
        self._has_boundary = self._has_role = False
        self._kept: dict[str, Service] = {}
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "config"
        config.write_text(f"[default]\nregion = us-east-1\nendpoint_url = {it.front.url}\n")
        self._settings = from_environment(
            {
                "HOME": str(directory),
                "AWS_CONFIG_FILE": str(config),
                "AWS_SHARED_CREDENTIALS_FILE": str(directory / "c"),
            }
        )
        self._shared = SharedConfig(self._settings.config_file, self._settings.credentials_file)

    def plan(self, *faults: Fault) -> Plan:
        """Return the plan that works, with these faults."""
        found = Plan(resources=[self.it.role_arn], principals=[self.it.root])
        for fault in faults:
            fault.make(found, self.it)
        return found

    def make(self, plan: Plan) -> None:
        """Have both accounts be as a plan says."""
        named = {"UserName": "David"}
        allowed = (
            [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": plan.resources}] if plan.resources else []
        )
        group = {"GroupName": "DevGroup", "PolicyName": "allow-assume-S3-role-in-prod"}
        if statements := [*allowed, *plan.denies]:
            self._acc.put_group_policy(**group, PolicyDocument=policy(*statements))
        else:
            _if_there(self._acc.delete_group_policy, **group)
        if plan.has_boundary and not self._has_boundary:
            self._acc.put_user_permissions_boundary(**named, PermissionsBoundary=self._limits)
        elif self._has_boundary and not plan.has_boundary:
            self._acc.delete_user_permissions_boundary(**named)
        self._has_boundary = plan.has_boundary
        # Without a right of David's own AWS names that first.
        self._boundary_words.is_to_blame = plan.has_boundary and self.it.role_arn in plan.resources
        self._make_role(plan)

    def _make_role(self, plan: Plan) -> None:
        named = {"RoleName": self.it.role}
        allow: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": plan.principals}, "Action": "sts:AssumeRole"}
        trust = policy({**allow, "Condition": plan.conditions} if plan.conditions else allow, *plan.trust_denies)
        if not plan.has_role:
            if self._has_role:
                self._prod.delete_role(**named)
        elif self._has_role:
            self._prod.update_assume_role_policy(**named, PolicyDocument=trust)
        else:
            self._prod.create_role(**named, AssumeRolePolicyDocument=trust)
        self._has_role = plan.has_role

    def ask(self, plan: Plan, keys: Keys | None = None) -> Refusal | None:
        """Ask for the role, and return how AWS refuses it, None if it does not."""
        asked = {"RoleArn": self.it.role_arn, "RoleSessionName": SESSION_NAME, **plan.asks}
        try:
            self.it.client("sts", keys or self.keys).assume_role(**asked)
        except botocore.exceptions.ClientError as error:
            return Refusal(error.response)
        return None

    def subject(self, plan: Plan, **more: Any) -> Subject:
        """Return what the checks are about."""
        request = RoleRequest(
            role_arn=self.it.role_arn,
            duration_seconds=plan.asks.get("DurationSeconds", 3600),
            region="us-east-1",
            partition="aws",
            external_id=plan.asks.get("ExternalId"),
            source_identity=plan.asks.get("SourceIdentity"),
            tags={one["Key"]: one["Value"] for one in plan.asks.get("Tags", ())},
            endpoint_url=self.it.front.url,
        )
        given: dict[str, Any] = {
            "settings": self._settings,
            "environ": {},
            "profile": NAME,
            "request": request,
            "session_name": SESSION_NAME,
            "catalogue": open_sections(self._settings),
            "shared": self._shared,
            "source": credentials(self.keys),
            "source_profile": "default",
            "caller": parse(self.it.david),
            "deadline": Deadline(20),
            "now_s": time.time(),
        }
        return _Kept(**{**given, **more}, kept=self._kept)

    def admin(self, account: str, profile: str) -> Admin:
        """Return the root of an account as an administrator, by the profile that is said to have it."""
        arn = Arn("aws", "iam", "", account, "root")
        keys = Credentials(account, Emulator.ROOT_SECRET)
        iam = Service("iam", "default", keys, self._shared, account=account)
        return _KeptAdmin(profile=profile, identity=Identity(arn), signed=iam)

    @functools.cached_property
    def prod_admin(self) -> Admins:
        """A view of the role's account."""
        return Admins(role=self.admin(self.it.prod, "prod-admin"))

    def evidence(self, plan: Plan, *, refusal: Refusal, **more: Any) -> Evidence:
        """Return all that may be known, with a view of the role's account."""
        role = parse(self.it.role_arn)
        assert role is not None
        return doctor_assume.evidence(self.subject(plan, **more), role, refusal, self.prod_admin)


class _Kept(Subject):
    """The same with each service made once: a test asks for hundreds."""

    _services: dict[str, Service]

    def __init__(self, *, kept: dict[str, Service], **given: Any) -> None:
        super().__init__(**given)
        object.__setattr__(self, "_services", kept)

    def service(self, name: str) -> Service:
        """Return the service that was made before for the same key."""
        key = f"{name} {self.source}"
        if key not in self._services:
            self._services[key] = super().service(name)
        return self._services[key]


class _KeptAdmin(Admin):
    """The same for an administrator, who is asked about IAM alone."""

    def service(self, name: str) -> Service:
        """Return the service that was made before."""
        assert name == self.signed.name
        return self.signed


def credentials(keys: Mapping[str, str]) -> Credentials:
    """Return keys as AWS hands them out as the program's own value."""
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))


def _if_there(call: Callable[..., Any], **named: str) -> None:
    try:
        call(**named)
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
