"""Why AWS refuses a call that source credentials need: those of a native role below, or of IAM Identity Center."""

from typing import Any

from credhelper.aws.explain.facts import RETRY_AFTER_S, THROTTLED, error_code
from credhelper.aws.explain.origin import Origin, look_hint
from credhelper.errors import PROFILE, AwsError, CredhelperError, UnreachableError
from credhelper.model.code_errors import RefusedCodeError
from credhelper.model.printable import clause

_TOO_MANY, _FAILING = 429, 500


def expired(_error: Exception, origin: Origin) -> CredhelperError:
    """Return the error for a session of IAM Identity Center that is over."""
    return AwsError(
        f"the SSO session of profile {origin} has expired or was never started",
        hint=f"aws sso login {origin.as_profile}",
        cause_id="sso-expired",
    )


def explain(error: Any, origin: Origin) -> CredhelperError:
    """Return the explanation of a botocore ClientError."""
    from credhelper.diagnosis import phrases
    from credhelper.policy import denial  # a call that succeeds does not load these

    told = error.response.get("Error", {})
    code, message = error_code(told.get("Code")), clause(str(told.get("Message", "")))
    if code in THROTTLED or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == _TOO_MANY:
        return UnreachableError(
            f"AWS limits the rate of {error.operation_name} for the credentials of {origin} ({code})",
            hint=f"try again in {RETRY_AFTER_S} seconds",
            cause_id="throttled",
        )
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _FAILING:
        return UnreachableError(
            f"{error.operation_name} for the credentials of {origin} is failing at AWS ({code or 'no code'})",
            hint=f"try again in {RETRY_AFTER_S} seconds",
            cause_id="aws-failing",
        )
    if error.operation_name == "GetRoleCredentials" and code == "UnauthorizedException":
        return expired(error, origin)
    if error.operation_name == "GetRoleCredentials" and code == "ForbiddenException":
        role, account = (origin.section.get(key, "") for key in ("sso_role_name", "sso_account_id"))
        return AwsError(
            f"the SSO user of profile {origin} is not assigned the role {role or 'of sso_role_name'} in account "
            f"{account or 'of sso_account_id'}",
            quoted=message,
            hint=f"check sso_role_name and sso_account_id of [profile {origin}], or have the role assigned; the "
            f"session is valid",
            cause_id="sso-no-role",
        )
    said = denial.read(str(told.get("Message", "")))
    if said and said.cause is denial.Cause.WRONG_CODE:
        return RefusedCodeError(
            f"AWS refused the one-time code for the role of {origin}",
            hint=f"wait for the next code, then: credhelper login {PROFILE}",
            cause_id="mfa-code",
        )
    # Of the source's own role: what AWS says of that is not about the role that was asked for.
    reading = phrases.CODES.get(code, ())
    return AwsError(
        f"AWS refused {error.operation_name} for the credentials of {origin}: {code or 'no code'}",
        hint=look_hint(origin),
        quoted=message,
        cause_id=reading[0][0] if reading else "source-refused",
    )
