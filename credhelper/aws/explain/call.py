"""What a service other than STS's AssumeRole answers when it refuses a call, in one cause and one command to type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from credhelper.aws.explain.facts import Call, Facts, Refusal, caller_arn
from credhelper.aws.explain.signed import KEYS, WAY
from credhelper.diagnosis import readings
from credhelper.errors import AwsError, CredhelperError, UnreachableError
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.role_request import RoleRequest
from credhelper.model.shell import of_profile

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"})


class RefusedError(AwsError):
    """AWS refused a call; `code` is AWS's name for why, `said` its sentence in one harmless line."""

    def __init__(
        self, message: str, *, code: str, said: str = "", hint: str = "", quoted: str = "", cause_id: str = ""
    ) -> None:
        super().__init__(message, hint=hint, quoted=quoted, cause_id=cause_id)
        self.code = code
        self.said = said

    @property
    def is_denied(self) -> bool:
        """Whether a policy refuses it."""
        return self.code in _DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call as far as advice needs it; holds no secret. `action` is a policy's word for it."""

    service: str
    action: str
    profile: str
    access_key_id: str
    is_session: bool
    now_s: float
    partition: str = "aws"
    region: str = ""
    account: str = ""


def explain(response: Mapping[str, Any], asked: Asked) -> CredhelperError:
    """Return the explanation of a botocore error `response`; a RefusedError where AWS itself says no to the call."""
    refusal = Refusal(response)
    call = _call(asked)
    if refusal.code in _DENIED and (denied := _denied(refusal, asked)) is not None:
        return denied
    row = next((one for one in (*KEYS, *WAY) if one.fits(refusal.code, refusal.message, refusal.denial, call)), None)
    if row is not None:
        facts = Facts(refusal, call)
        cause, hint = row.cause.format_map(facts), row.hint.format_map(facts.in_command())
        if row.kind is not AwsError:
            return row.kind(cause, hint=hint, cause_id=row.id)
        return RefusedError(cause, code=refusal.code, said=refusal.message, hint=hint, cause_id=row.id)
    if refusal.status >= 500:
        wait_s = refusal.retry_after_s
        return UnreachableError(
            f"{asked.service} is failing ({refusal.code})",
            hint=f"try again in {wait_s} seconds",
            cause_id="aws-failing",
        )
    return RefusedError(
        f"AWS refused {asked.action}{_where(asked)}: {refusal.code or 'no code'}",
        code=refusal.code,
        said=refusal.message,
        hint=look_hint(asked),
        quoted=refusal.message,
    )


def _denied(refusal: Refusal, asked: Asked) -> CredhelperError | None:
    """Return what a policy refuses; None for a 403 that is not AWS's."""
    told = refusal.denial
    reading = readings.of_denial(told) if told else ()
    if told is None and refusal.code in ("403", "Forbidden"):
        return None
    action = (told.action if told else "") or asked.action
    caller = caller_arn(told.caller) if told else ""
    resource = f" on {clause(told.resource)}" if told and told.resource else ""
    reason = ""
    if told and told.kind:
        policy = f" {told.policy_arn}" if told.policy_arn else ""
        lacking = f": no {told.kind.value}{policy} allows it"
        reason = lacking if told.is_explicit is False else f": an explicit deny in {told.kind}{policy}"
    return RefusedError(
        f"{caller or f'profile {asked.profile}'} may not {action}{resource}{_where(asked)}{reason}",
        code=refusal.code,
        said=refusal.message,
        hint=f"an administrator of the account has to allow it; {look_hint(asked)}",
        cause_id=reading[0][0] if reading else "",
    )


def _where(asked: Asked) -> str:
    return f" in account {asked.account}" if asked.account else ""


def look_hint(asked: Asked) -> str:
    """Return the command that says whose credentials were used."""
    return f"whose credentials these are: aws sts get-caller-identity {of_profile(asked.profile)}"


def _call(asked: Asked) -> Call:
    """Return the call in the words of the tables, whose rows for keys, clocks and proxies name no role."""
    region = asked.region or partitions.default_region(asked.partition)
    role = f"arn:{asked.partition}:iam::{asked.account}:role/none"
    return Call(
        request=RoleRequest(role_arn=role, duration_seconds=0, region=region, partition=asked.partition),
        access_key_id=asked.access_key_id,
        is_session=asked.is_session,
        has_token_code=False,
        now_s=asked.now_s,
        profile=asked.profile,
        source=asked.profile,
        service=asked.service,
        is_hand_out=False,
    )
