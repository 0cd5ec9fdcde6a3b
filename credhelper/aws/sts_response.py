"""Validates the AssumeRole response."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from credhelper.aws import endpoint
from credhelper.aws import expiration as times
from credhelper.errors import PROFILE, AwsError, MachineError
from credhelper.model.credentials import Credentials
from credhelper.model.partitions import is_aws_host
from credhelper.model.role_request import RoleRequest
from credhelper.model.shell import word
from credhelper.system.machine import Machine, this_machine

# STS: "we recommend that you make no assumptions about the maximum size" of a token; a caller's pipe has limits.
_TOKEN_LIMIT = 7000
# AWS accepts a signature whose time is up to 15 minutes off, and a clock that AWS accepts is accepted here. What lives
# longer than was asked for, by more than this, is not a response to our request.
_LATE_S = 15 * 60
# AWS refuses a signature of a clock that is so far off: another server made the response, or a clock was set meanwhile.
_DAY_S = 24 * 60 * 60
_FAR_S = 2 * _DAY_S
_CLOCKS = "this machine's clock: it is wrong, or the server's"
# STS API reference, accessKeyIdType. AWS's have no small letters; those of Ceph and SeaweedFS do.
_ACCESS_KEY_ID = re.compile(r"\w{16,128}", re.ASCII)
_SECRET = re.compile(r"[!-~]{16,128}")
_TOKEN = re.compile(rf"[!-~]{{1,{_TOKEN_LIMIT}}}")
# Go on Windows replaces \" in our document before it parses it: neither character may ever occur in a value.
_UNSAFE = re.compile(r'["\\]')


class _InvalidError(Exception):
    """What is wrong with a response; `hint` where it is another than that of every such response."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


def credentials(
    response: Mapping[str, Any],
    request: RoleRequest,
    session_name: str,
    now_s: float,
    machine: Machine | None = None,
) -> Credentials:
    """Return the credentials in an AssumeRole `response` of botocore's.

    Raises AwsError if a field is missing or malformed, or the session is another role's, account's or name's than
    asked for (a confused or hostile endpoint); MachineError if the credentials have expired by our clock. `machine` is
    whose commands a hint may name, by default this one.
    """
    given = _mapping(response.get("Credentials"))
    try:
        _check_role(_mapping(response.get("AssumedRoleUser")).get("Arn"), request, session_name)
        return Credentials(
            access_key_id=_field(given, "AccessKeyId", _ACCESS_KEY_ID),
            secret_access_key=_field(given, "SecretAccessKey", _SECRET),
            session_token=_field(given, "SessionToken", _TOKEN),
            expiration=_expiration(given.get("Expiration"), request.duration_seconds, now_s, machine),
            account_id=request.account_id,
        )
    except _InvalidError as error:
        hint = error.hint or _hint(request, machine or this_machine())
        raise AwsError(f"the response to AssumeRole is not valid: {error}", hint=hint, cause_id="not-aws") from None


def may_leave_out_role(request: RoleRequest) -> bool:
    """Tell whether an endpoint need not say which role it gave: one of the config file's that is not AWS's (MinIO)."""
    return request.is_endpoint_configured and is_of_another_server(request)


def is_of_another_server(request: RoleRequest) -> bool:
    """Tell whether a server answers that a variable or the config file names, and that is not AWS's own."""
    host = urlsplit(request.endpoint_url or "").hostname or ""
    return bool(host) and not is_aws_host(host, "sts")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _field(given: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value) or _UNSAFE.search(value):
        raise _refused(f"its {name} is missing or malformed")
    return value


def _check_role(arn: object, request: RoleRequest, session_name: str) -> None:
    """Compare `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION` with what was asked.

    STS leaves the role's path out; of another server that the config file names, Ceph keeps it and MinIO names nothing.
    """
    may_differ = may_leave_out_role(request)
    if arn in (None, ""):
        if not may_differ:
            raise _nameless(request)
        return
    role = request.role_arn.partition(":role/")[2]
    names = [role.rpartition("/")[2], *([role] if may_differ else [])]
    head = f"arn:{request.partition}:sts::{request.account_id}:assumed-role"
    if arn not in [f"{head}/{name}/{session_name}" for name in names]:
        raise _refused("it is for another role, account or session than asked for")


def _nameless(request: RoleRequest) -> _InvalidError:
    hint = ""
    if is_of_another_server(request):
        command = f"credhelper profile set {PROFILE} --endpoint-url {word(request.endpoint_url or '')}"
        hint = f"if that server is yours, the config file has to name it, not a variable: {command}"
    return _refused("it does not say which role it is for", hint)


def _expiration(value: object, duration_s: int, now_s: float, machine: Machine | None) -> int:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _refused(times.fault(value))
    try:
        expiration = int(value.timestamp())
    except (OverflowError, ValueError):
        raise _refused("its Expiration is out of range") from None
    early_s, late_s = now_s - expiration, expiration - (now_s + duration_s + _LATE_S)
    if early_s < 0 and late_s <= 0:
        return expiration
    if early_s >= _FAR_S:
        why = f"AWS's credentials expired {early_s / _DAY_S:.0f} days ago by {_CLOCKS}"
    elif late_s >= _FAR_S:
        why = f"AWS's credentials would expire in {(expiration - now_s) / _DAY_S:.0f} days by {_CLOCKS}"
    elif early_s >= 0:
        why = "AWS's credentials have already expired by this machine's clock, which must be ahead"
    else:
        why = "AWS's credentials would outlive what was asked for: this machine's clock must be behind"
    raise MachineError(why, hint=(machine or this_machine()).set_clock, cause_id="clock")


def _refused(why: str, hint: str = "") -> _InvalidError:
    return _InvalidError(why, hint)


def _hint(request: RoleRequest, machine: Machine) -> str:
    """Return what to type about who answered: the one that a variable or the config file names, or one in the way."""
    named = next((name for name in endpoint.VARIABLES[:2] if os.environ.get(name) == request.endpoint_url), "")
    if request.endpoint_url and named and not request.is_endpoint_configured:
        return f"another endpoint than AWS's answered; for AWS's own: {machine.unset(named)}"
    if request.endpoint_url:
        return f"the configuration names who answered: credhelper profile show {PROFILE}"
    return "see what is between here and AWS, a proxy for example: credhelper status"
