"""Why source credentials are not available, in one cause and one command to type."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from credhelper.aws.explain import network
from credhelper.aws.explain.sts import INVALID_CODE
from credhelper.errors import PROFILE, AwsError, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.model.code_errors import RefusedCodeError
from credhelper.model.printable import clause


@contextmanager
def explained(origin: str) -> Iterator[None]:
    """Explain what botocore raises while loading the credentials of `origin`, a profile or a credential source."""
    try:
        yield
    except CredhelperError:
        raise
    except Exception as error:  # noqa: BLE001  # a provider may raise anything that files, programs and JSON cause
        # Not chained: a JSON error carries the whole document, which is where the secrets are.
        raise explain(error, origin) from None


def explain(error: Exception, origin: str) -> CredhelperError:
    """Return the explanation of one exception; the first class of its line of descent that we know decides."""
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            return _BY_NAME[kind.__name__](error, origin)
    return MachineError(f"the credentials of {origin} cannot be loaded ({type(error).__name__})", hint=_try(origin))


def no_credentials(origin: str, *, in_profile: bool) -> CredhelperError:
    """Return the error for a source that has no credentials at all; it names where we looked."""
    if in_profile:
        return InputError(
            f"the source profile {origin} has no credentials: no keys, role_arn, web_identity_token_file, sso_*, "
            "login_session or credential_process in the config or credentials file",
            hint=f"aws configure --profile {origin}",
        )
    where = {
        "Environment": "AWS_ACCESS_KEY_ID is not set",
        "EcsContainer": "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set",
    }.get(origin, "the instance metadata service gave no role credentials")
    return InputError(
        f"credential_source {origin} has no credentials: {where}",
        hint="see what is set: env | grep ^AWS_ | cut -d= -f1",
    )


def check_key_pair(access_key_id: object, secret: object, token: object, origin: str) -> None:
    """Raise InputError if a key could only be refused later with a signature error that explains nothing."""
    for name, value in (
        ("access key ID", access_key_id),
        ("secret access key", secret),
        ("session token", token or "-"),
    ):
        if not isinstance(value, str) or not value:
            raise InputError(f"the {name} of {origin} is empty", hint=_configure(origin))
        if not all("!" <= character <= "~" for character in value):
            raise InputError(
                f"the {name} of {origin} holds a space, a line break or another character no key has",
                hint=_configure(origin),
            )


def _configure(origin: str) -> str:
    return "set the variables again" if origin == "Environment" else f"aws configure --profile {origin}"


def _try(origin: str) -> str:
    return f"see the details: aws sts get-caller-identity --profile {origin}"


def _sso(_error: Exception, origin: str) -> CredhelperError:
    return AwsError(
        f"the SSO session of profile {origin} has expired or was never started",
        hint=f"aws sso login --profile {origin}",
    )


def _login(_error: Exception, origin: str) -> CredhelperError:
    return AwsError(f"the login session of profile {origin} has expired", hint=f"aws login --profile {origin}")


def _retrieval(error: Any, origin: str) -> CredhelperError:
    provider = error.kwargs.get("provider", "")
    if provider == "sso":
        return _sso(error, origin)
    if provider == "custom-process":
        said = clause(str(error.kwargs.get("error_msg", ""))) or "no output"
        failed = MachineError(f"the credential_process of profile {origin} failed: {said}", hint=_try(origin))
        failed.is_shared = True  # it would fail for the next caller, too, and may ask a person each time
        return failed
    said = clause(str(error.kwargs.get("error_msg", "")))
    return UnreachableError(f"no credentials from {origin}: {said}", hint=_try(origin))


def _partial(error: Any, origin: str) -> CredhelperError:
    missing = clause(str(error.kwargs.get("cred_var", "a key")))
    return InputError(f"the credentials of {origin} are incomplete: {missing} is missing", hint=_configure(origin))


def _invalid(error: Exception, origin: str) -> CredhelperError:
    return InputError(
        f"the configuration of {origin} cannot be used: {clause(str(error))}", hint="credhelper profile check"
    )


def _missing_dependency(_error: Exception, origin: str) -> CredhelperError:
    return MachineError(
        f"profile {origin} needs the AWS CRT, which is not installed beside credhelper",
        hint="pipx inject credhelper 'botocore[crt]'",
    )


def _client(error: Any, origin: str) -> CredhelperError:
    told = error.response.get("Error", {})
    code, message = clause(str(told.get("Code", ""))), clause(str(told.get("Message", "")))
    if code in {"UnauthorizedException", "ForbiddenException"} and error.operation_name == "GetRoleCredentials":
        return _sso(error, origin)
    if INVALID_CODE in message:
        return RefusedCodeError(
            f"AWS refused the one-time code for the role of {origin}",
            hint=f"wait for the next code, then: credhelper login {PROFILE}",
        )
    return AwsError(
        f"AWS refused {error.operation_name} for the credentials of {origin}: {code}: {message}", hint=_try(origin)
    )


def _file(error: Any, origin: str) -> CredhelperError:
    name = clause(str(error.filename)) if error.filename else "a file"
    reason = clause(str(error.strerror or "failed")).lower()
    return MachineError(f"the credentials of {origin} need {name}: {reason}", hint=f"ls -l {name}")


def _timeout(_error: Exception, origin: str) -> CredhelperError:
    return UnreachableError(f"the credential_process of profile {origin} did not end in time", hint=_try(origin))


def _malformed(_error: Exception, origin: str) -> CredhelperError:
    return InputError(
        f"the credentials of {origin} are malformed: a credential_process that prints no valid document, or a "
        "command line with an open quote",
        hint=_try(origin),
    )


def _still_expired(_error: Exception, origin: str) -> CredhelperError:
    return AwsError(f"the source of {origin} issues credentials that have already expired", hint=_try(origin))


def _network(error: Exception, origin: str) -> CredhelperError:
    found = network.explain(error, host="AWS", profile=origin)
    failed = type(found)(f"the credentials of {origin} are not available: {found.message}", hint=_try(origin))
    failed.is_shared = found.is_shared
    return failed


# By name, because which of them exist depends on the version of botocore.
_BY_NAME: dict[str, Callable[[Any, str], CredhelperError]] = {
    "SSOError": _sso,
    "TokenRetrievalError": _sso,
    "LoginError": _login,
    "CredentialRetrievalError": _retrieval,
    "MetadataRetrievalError": _retrieval,
    "PartialCredentialsError": _partial,
    "InvalidConfigError": _invalid,
    "ProfileNotFound": _invalid,
    "UnknownCredentialError": _invalid,
    "MissingDependencyException": _missing_dependency,
    "ClientError": _client,
    "BotoCoreError": _network,
    "TimeoutExpired": _timeout,
    "OSError": _file,
    "ValueError": _malformed,
    "LookupError": _malformed,
    "TypeError": _malformed,
    "AttributeError": _malformed,
    "RuntimeError": _still_expired,
}
