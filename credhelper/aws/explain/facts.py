"""The words an explanation may use: what AWS said, made harmless, and what we had asked. Pure but for one late call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from credhelper.errors import PROFILE
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.redaction import redacted
from credhelper.model.role_request import RoleRequest
from credhelper.model.shell import of_profile, word
from credhelper.system.machine import WINDOWS, Machine, this_machine

if TYPE_CHECKING:
    from credhelper.policy.denial import Denial

RETRY_AFTER_S = 5
THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"}
    | {"TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "429"}
)
# What a caller may be called, wherever the text comes from.
_CALLER = re.compile(r"arn:aws[a-z-]{0,16}:(?:iam|sts)::[0-9]{12}:[\w+=,.@/-]{1,256}", re.ASCII)
# Facts that are commands or parts of one already, and not single words of one.
_COMMANDS = frozenset(
    {"profile", "as_source", "set_key", "allow", "set_clock", "look_at_proxy", "renew", "not_sent", "otherwise"}
)
# Less than this no service refuses; STS does from five minutes on.
_ON_TIME_S = 240
# The end of a hint at hand-out time, where what AWS said leaves more than one cause.
OTHERWISE = f"; if that is not it: credhelper doctor {PROFILE}"
_ACTIONS = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext")
# The name that IAM Identity Center gives the role of a permission set.
_PERMISSION_SET = re.compile(r"AWSReservedSSO_([\w+=,.@-]{1,32})_[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One AssumeRole call as far as advice needs it; holds no secret.

    `profile` and `source` are profile names for the suggested commands; `source` is empty for a credential source.
    `caller_arn` asks AWS who signs with the source credentials; None if it does not answer quickly. `renewal` is the
    command that renews these, "" where it is not known. `is_hand_out` is False for a call that is made for no role
    profile: `doctor` knows nothing of it.
    """

    request: RoleRequest
    access_key_id: str
    is_session: bool
    has_token_code: bool
    now_s: float
    profile: str = ""
    source: str = ""
    caller_arn: Callable[[], str | None] = lambda: None
    renewal: Callable[[], str] = lambda: ""
    machine: Machine = field(default_factory=this_machine)
    service: str = "STS"
    is_hand_out: bool = True


def error_code(told: object) -> str:
    """Return an error code that a server gave, "" for a text that is none."""
    code = str(told or "")
    return code if re.fullmatch(r"[A-Za-z0-9][\w.:-]{0,63}", code, re.ASCII) and redacted(code) == code else ""


def caller_arn(text: str) -> str:
    """Return `text` if it is the ARN of a user, a role's session or root, "" otherwise; it goes into commands."""
    return text if _CALLER.fullmatch(text) else ""


class Refusal:
    """The parts of an error response that matter, with any types a hostile server may have used."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        error = response.get("Error") or {}
        metadata = response.get("ResponseMetadata") or {}
        self.headers: Mapping[str, str] = metadata.get("HTTPHeaders") or {}
        self.status = int(metadata.get("HTTPStatusCode") or 0)
        self.code = error_code(error.get("Code") or self.status)
        self.said = str(error.get("Message") or "")
        self.message = clause(self.said, 400)
        request_id = str(metadata.get("RequestId") or self.headers.get("x-amzn-requestid", ""))
        is_id = re.fullmatch(r"[\w-]{8,64}", request_id, re.ASCII) and redacted(request_id) == request_id
        self.request_id = request_id if is_id else ""

    @cached_property
    def denial(self) -> "Denial | None":
        """What the sentence says, read from all of it; None if it is no refusal."""
        from credhelper.policy import denial  # a call that succeeds does not load it

        return denial.read(self.said)

    @property
    def retry_after_s(self) -> int:
        """What the server asks for, within reason."""
        text = self.headers.get("retry-after", "")
        return min(int(text), 60) if re.fullmatch(r"[0-9]{1,4}", text) else RETRY_AFTER_S


class Facts(dict[str, str]):
    """What the templates may name, each worked out only when a template names it."""

    def __init__(self, refusal: Refusal, call: Call) -> None:
        super().__init__()
        self._refusal = refusal
        self._call = call

    def __missing__(self, name: str) -> str:
        value: str = getattr(self, f"_{name}")()
        self[name] = value
        return value

    def in_command(self) -> "_Words":
        """Return the same facts, each as one word of a command."""
        return _Words(self)

    def _profile(self) -> str:
        return PROFILE  # `sts.explain` knows which

    def _source(self) -> str:
        return f"the source profile {self._call.source}" if self._call.source else "the credential source"

    def _as_source(self) -> str:
        """Return the option that makes the AWS CLI use the source credentials, "" for a credential source."""
        return f" {of_profile(self._call.source)}" if self._call.source else ""

    def _set_key(self) -> str:
        is_profile = bool(self._call.source)
        return f"aws configure{self['as_source']}" if is_profile else "replace the key where credential_source finds it"

    def _renew(self) -> str:
        check = f"renew them where they come from, then check: aws sts get-caller-identity{self['as_source']}"
        return self._call.renewal() or check

    def _service(self) -> str:
        return self._call.service

    def _code(self) -> str:
        return self._refusal.code or "no code"

    def _message(self) -> str:
        return self._refusal.message or "no reason given"

    def _role(self) -> str:
        return self._call.request.role_arn

    def _role_name(self) -> str:
        return self._call.request.role_arn.rsplit("/", 1)[-1]

    def _account(self) -> str:
        return self._call.request.account_id

    def _partition(self) -> str:
        return self._call.request.partition

    def _region(self) -> str:
        return self._call.request.region

    def _duration(self) -> str:
        return str(self._call.request.duration_seconds)

    def _mfa_serial(self) -> str:
        return self._call.request.mfa_serial or "the MFA device"

    def _key(self) -> str:
        return f"…{self._call.access_key_id[-4:]}"

    def _caller(self) -> str:
        told = self._refusal.denial
        arn = caller_arn(told.caller) if told else ""
        return arn or caller_arn(self._call.caller_arn() or "") or f"access key {self['key']}"

    def _allow(self) -> str:
        """Return the command that gives the caller the policy, or a sentence where no command does."""
        caller, role, actions = self["caller"], self["role"], sorted({"sts:AssumeRole", self["action"]})
        if ":user/" in caller:
            name, kind = caller.rsplit("/", 1)[-1], "user"
        elif ":assumed-role/" in caller:
            name, kind = caller.split("/")[1], "role"
        else:
            return "add sts:AssumeRole on the role to a policy of the caller"
        if told := _PERMISSION_SET.fullmatch(name):
            return f"allow {' and '.join(actions)} on {role} in the permission set {told[1]} of IAM Identity Center"
        from credhelper.policy import build, render

        command = f"aws iam put-{kind}-policy --{kind}-name {word(name)}"
        command += f" --policy-name {word('assume-' + self['role_name'])} --policy-document"
        document = render.to_text(build.assume([role], actions=actions))
        if self._call.machine.platform == WINDOWS:  # cmd and PowerShell each take quotes in an argument differently
            return f"allow it: {command} file://policy.json, with this in policy.json: {document}"
        return f"allow it: {command} {word(document)}"

    def _action(self) -> str:
        told = self._refusal.denial
        return told.action if told and told.action in _ACTIONS else "sts:AssumeRole"

    def _deny(self) -> str:
        told = self._refusal.denial
        return f"{told.kind}{self['policy']}" if told and told.kind else "a policy"

    def _policy(self) -> str:
        """Return the ARN of the policy that AWS named, with a blank before it."""
        told = self._refusal.denial
        return f" {told.policy_arn}" if told and told.policy_arn else ""

    def _not_sent(self) -> str:
        """Return what a trust policy may ask for and was not sent."""
        request = self._call.request
        asked = {
            "MFA": self._call.has_token_code,
            "an external ID": bool(request.external_id),
            "a source identity": bool(request.source_identity),
        }
        missing = [name for name, is_sent in asked.items() if not is_sent]
        return f" (which may ask for {' or '.join(missing)}: not sent)" if missing else ""

    def _sent(self) -> str:
        request = self._call.request
        mfa = "a one-time code was sent" if self._call.has_token_code else "no MFA"
        return f"{mfa}, {'an external ID was sent' if request.external_id else 'no external ID'}"

    def _percent(self) -> str:
        told = re.search(r"\d{1,6} ?%", self._refusal.message)
        return f"{told.group()} of the limit" if told else "more than 100 % of the limit"

    def _retry_after(self) -> str:
        return str(self._refusal.retry_after_s)

    def _default_region(self) -> str:
        return partitions.default_region(self._call.request.partition)

    def _set_clock(self) -> str:
        if self._is_on_time():
            return f"try again{self['otherwise']}"
        return self._call.machine.set_clock

    def _look_at_proxy(self) -> str:
        return f"look at the proxy in use: {self._call.machine.list_proxies}"

    def _otherwise(self) -> str:
        return OTHERWISE if self._call.is_hand_out else ""

    def _skew_s(self) -> int | None:
        return clock_skew_s(self._refusal.headers.get("date", ""), self._call.now_s)

    def _is_on_time(self) -> bool:
        seconds = self._skew_s()
        return seconds is not None and abs(seconds) < _ON_TIME_S

    def _clock(self) -> str:
        seconds = self._skew_s()
        if seconds is None:
            return "this machine's clock is too far from AWS's"
        if self._is_on_time():
            return (
                "AWS finds the time of the request wrong, and the clock is right now: it was set since, or the request "
                "was held up"
            )
        return f"this machine's clock is {abs(seconds)} seconds {'behind' if seconds < 0 else 'ahead of'} AWS's"


class _Words(dict[str, str]):
    """Facts for the template of a hint: of any text, a shell takes each as a word."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, name: str) -> str:
        return self._facts[name] if name in _COMMANDS else word(self._facts[name])


def clock_skew_s(date_header: str, now_s: float) -> int | None:
    """Return how many seconds this machine's clock is ahead of the server's (negative: behind), None if unknown."""
    try:
        server = parsedate_to_datetime(date_header)
        if server.tzinfo is None:
            server = server.replace(tzinfo=UTC)
        return round((datetime.fromtimestamp(now_s, UTC) - server).total_seconds())
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None  # a header may hold anything, such as a year or a zone that no datetime can
