"""Validates the AssumeRole response."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from credhelper.errors import AwsError, CredhelperError, MachineError
from credhelper.model.credentials import Credentials
from credhelper.model.partitions import is_aws_host
from credhelper.model.role_request import RoleRequest
from credhelper.system.machine import Machine, this_machine

# STS: "we recommend that you make no assumptions about the maximum size" of a token; a caller's pipe has limits.
_TOKEN_LIMIT = 7000
# AWS accepts a signature whose time is up to 15 minutes off, and a clock that AWS accepts is accepted here. What lives
# longer than was asked for, by more than this, is not a response to our request.
_LATE_S = 15 * 60
_ACCESS_KEY_ID = re.compile(r"[A-Z0-9_]{16,128}")
_SECRET = re.compile(r"[!-~]{16,128}")
_TOKEN = re.compile(rf"[!-~]{{1,{_TOKEN_LIMIT}}}")
# Go on Windows replaces \" in our document before it parses it: neither character may ever occur in a value.
_UNSAFE = re.compile(r'["\\]')


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
    arn = _mapping(response.get("AssumedRoleUser")).get("Arn")
    if arn or not may_leave_out_role(request):
        _check_role(arn, request, session_name)
    return Credentials(
        access_key_id=_field(given, "AccessKeyId", _ACCESS_KEY_ID),
        secret_access_key=_field(given, "SecretAccessKey", _SECRET),
        session_token=_field(given, "SessionToken", _TOKEN),
        expiration=_expiration(given.get("Expiration"), request.duration_seconds, now_s, machine),
        account_id=request.account_id,
    )


def may_leave_out_role(request: RoleRequest) -> bool:
    """Tell whether an endpoint need not say which role it gave: one of the config file's that is not AWS's (MinIO)."""
    host = urlsplit(request.endpoint_url or "").hostname or ""
    return request.is_endpoint_configured and bool(host) and not is_aws_host(host, "sts")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _field(given: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value) or _UNSAFE.search(value):
        raise _refused(f"its {name} is missing or malformed")
    return value


def _check_role(arn: object, request: RoleRequest, session_name: str) -> None:
    """Compare `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION` with what was asked; STS leaves the path out."""
    role_name = request.role_arn.rsplit("/", 1)[-1]
    expected = f"arn:{request.partition}:sts::{request.account_id}:assumed-role/{role_name}/{session_name}"
    if arn != expected:
        raise _refused("it is for another role, account or session than asked for")


def _expiration(value: object, duration_s: int, now_s: float, machine: Machine | None) -> int:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _refused("its Expiration is missing or malformed")
    try:
        expiration = int(value.timestamp())
    except (OverflowError, ValueError):
        raise _refused("its Expiration is out of range") from None
    if expiration <= now_s:
        raise MachineError(
            "AWS's credentials have already expired by this machine's clock, which must be ahead",
            hint=(machine or this_machine()).set_clock,
        )
    if expiration > now_s + duration_s + _LATE_S:
        raise MachineError(
            "AWS's credentials would outlive what was asked for: this machine's clock must be behind",
            hint=(machine or this_machine()).set_clock,
        )
    return expiration


def _refused(why: str) -> CredhelperError:
    return AwsError(
        f"the response to AssumeRole is not valid: {why}",
        hint="look at the endpoint in use: env | grep AWS_ENDPOINT_URL; credhelper profile check",
    )
