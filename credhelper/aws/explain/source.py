"""Why source credentials are not available, in one cause and one command to type."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import botocore.exceptions as theirs

from credhelper.aws.explain import network, source_refused
from credhelper.aws.explain.facts import OTHERWISE
from credhelper.aws.explain.origin import Origin, keys_hint, look_hint, no_credentials
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.shell import own_command, word
from credhelper.system import installation

# What a credential source raises below a native role, and the role itself does not.
_OF_SOURCES = (
    theirs.CredentialRetrievalError,
    theirs.MetadataRetrievalError,
    theirs.PartialCredentialsError,
    ValueError,
    LookupError,
    TypeError,
    RuntimeError,
)
# By name, as some versions of botocore have not got them all.
_OF_PROFILES_BELOW = {"SSOError", "TokenRetrievalError", "LoginError", "TimeoutExpired", "TooMuchOutputError"}
# botocore's words, and those of source_credentials.
_UNSUPPORTED = re.compile(r"Unsupported host '(?P<host>[^']*)'")
# In an ARN.
_COLONS = 5
_SET_REGION = "aws configure set region {region} --profile {profile}"
# Its region is the one of the session, which has a section of its own.
_SET_SSO = "aws configure sso --profile {profile}"


@contextmanager
def explained(origin: Origin) -> Iterator[None]:
    """Explain what botocore raises while loading the credentials of `origin`, a profile or a credential source."""
    try:
        yield
    except CredhelperError:
        raise
    except Exception as error:  # noqa: BLE001  # a provider may raise anything that files, programs and JSON cause
        # Not chained: a JSON error carries the whole document, which is where the secrets are.
        raise explain(error, origin) from None


def explain(error: Exception, origin: Origin) -> CredhelperError:
    """Return the explanation of one exception; the first class of its line of descent that we know decides."""
    if origin.ends_with and isinstance(error, _OF_SOURCES) and not isinstance(error, RecursionError):
        origin = replace(origin, name=origin.ends_with, is_profile=False)
        if getattr(error, "kwargs", {}).get("provider") == origin.name:
            return no_credentials(origin)  # botocore's words for a credential source without any
    elif origin.below is not None and _is_from_below(error):
        origin = origin.below
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            found = _BY_NAME[kind.__name__](error, origin)
            found.cause_id = found.cause_id or _CAUSES.get(kind.__name__, "")
            return found
    return MachineError(
        f"the credentials of {origin} cannot be loaded ({type(error).__name__})",
        hint=look_hint(origin),
        cause_id="no-keys",
    )


def _is_from_below(error: Exception) -> bool:
    """Tell whether a failure under a native role is that of the profile which the role ends with."""
    if isinstance(error, _OF_SOURCES):
        return not isinstance(error, RuntimeError)
    is_sso = getattr(error, "operation_name", "") == "GetRoleCredentials"
    return is_sso or not _OF_PROFILES_BELOW.isdisjoint(kind.__name__ for kind in type(error).__mro__)


def _login(_error: Exception, origin: Origin) -> CredhelperError:
    return AwsError(
        f"the login session of profile {origin} has expired",
        hint=f"aws login {origin.as_profile}",
        cause_id="sso-expired",
    )


def _retrieval(error: Any, origin: Origin) -> CredhelperError:
    provider = error.kwargs.get("provider", "")
    if provider == "sso":
        return source_refused.expired(error, origin)
    if provider == "custom-process":
        said = clause(str(error.kwargs.get("error_msg", ""))) or "no output"
        failed = MachineError(f"the credential_process of profile {origin} failed", hint=look_hint(origin), quoted=said)
        failed.cause_id = "source-program"
        failed.is_shared = True  # it would fail for the next caller, too, and may ask a person each time
        return failed
    said = clause(str(error.kwargs.get("error_msg", "")))
    return UnreachableError(f"no credentials from {origin}", hint=look_hint(origin), quoted=said)


def _partial(error: Any, origin: Origin) -> CredhelperError:
    missing = clause(str(error.kwargs.get("cred_var", "a key")))
    return InputError(f"the credentials of {origin} are incomplete: {missing} is missing", hint=keys_hint(origin))


def _invalid(error: Exception, origin: Origin) -> CredhelperError:
    return InputError(
        f"the configuration of {origin} cannot be used", hint="credhelper profile check", quoted=clause(str(error))
    )


def _missing_dependency(_error: Exception, origin: Origin) -> CredhelperError:
    return MachineError(
        f"profile {origin} needs the AWS CRT, which is not installed beside credhelper",
        hint=installation.adding("botocore[crt]"),
    )


def _file(error: Any, origin: Origin) -> CredhelperError:
    name = clause(str(error.filename)) if error.filename else "a file"
    reason = clause(str(error.strerror or "failed")).lower()
    return MachineError(
        f"the credentials of {origin} need {name}: {reason}",
        hint=f"ls -l {word(str(error.filename)) if error.filename else name}",
    )


def _timeout(_error: Exception, origin: Origin) -> CredhelperError:
    return UnreachableError(
        f"the credential_process of profile {origin} did not end in time",
        hint=f"if it needs a browser or an answer, run it there first: aws sts get-caller-identity "
        f"{origin.as_profile}; CREDHELPER_TIMEOUT allows up to 45 seconds",
    )


def _endless(_error: Exception, origin: Origin) -> CredhelperError:
    return MachineError(f"the credential_process of profile {origin} writes without end", hint=look_hint(origin))


def _malformed(error: Exception, origin: Origin) -> CredhelperError:
    if origin.name == "EcsContainer":
        return _container(error, origin)
    if not origin.is_profile:
        return UnreachableError(f"{origin} answered with no valid document", hint=look_hint(origin))
    if origin.has_sso and "credential_process" not in origin.section:
        return AwsError(
            f"the token of the SSO session of profile {origin} cannot be read: its file is not whole",
            hint=f"aws sso login {origin.as_profile}",
            cause_id="sso-expired",
        )
    return InputError(
        f"the credentials of {origin} are malformed: a credential_process that prints no valid document, or a "
        "command line with an open quote",
        hint=look_hint(origin),
        cause_id="source-program",
    )


def _too_deep(error: Exception, origin: Origin) -> CredhelperError:
    if origin.is_profile and "source_profile" in origin.section:
        return InputError(
            f"the chain of source profiles of {origin} is longer than botocore can follow",
            hint=own_command("profile show", origin.name),
        )
    return _malformed(error, origin)


def _answer(error: Exception, origin: Origin) -> CredhelperError:
    if not origin.is_profile:
        return _malformed(error, origin)
    return UnreachableError(
        f"what answered for the credentials of {origin} is not AWS: the answer is no whole document (a login page of "
        "the network, a proxy, or a connection cut off)",
        hint=look_hint(origin),
    )


def _container(error: Exception, origin: Origin) -> CredhelperError:
    if refused := _UNSUPPORTED.match(str(error)):
        # botocore's order.
        names = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
        variable = next((name for name in names if name in origin.environ), names[1])
        return InputError(
            f"{variable} would send the container's token to the host {clause(refused['host']) or 'of no plain URL'}: "
            "loopback, 169.254.170.2, 169.254.170.23 and [fd00:ec2::23] are allowed",
            hint=f"use one of these, or: {origin.machine.unset(variable)}",
            cause_id="config",
        )
    return UnreachableError(
        "the container's credential endpoint answered with no valid document", hint=look_hint(origin)
    )


def _still_expired(_error: Exception, origin: Origin) -> CredhelperError:
    return AwsError(
        f"the source of {origin} issues credentials that have already expired",
        hint=look_hint(origin),
        cause_id="session-expired",
    )


def _network(error: Exception, origin: Origin) -> CredhelperError:
    role_arn, region = origin.section.get("role_arn", ""), origin.section.get("region", "")
    way = network.Way(
        url="https://AWS/",
        profile=origin.name if origin.is_profile else "",
        region="" if origin.has_sso else region,
        partition=partitions.partition_of_role(role_arn) if role_arn.count(":") >= _COLONS else "aws",
        set_region=_SET_SSO if origin.has_sso else _SET_REGION,
        environ=origin.environ,
        authority=origin.authority(),
        machine=origin.machine,
    )
    found = network.explain(error, way)
    message = f"the credentials of {origin} are not available: {found.unquoted}"
    otherwise = OTHERWISE if origin.is_source and found.cause_id in network.LEFT_OPEN else ""
    failed = type(found)(message, hint=found.hint + otherwise, quoted=found.quoted, cause_id=found.cause_id)
    failed.is_shared = found.is_shared
    return failed


# By name, because which of them exist depends on the version of botocore.
_BY_NAME: dict[str, Callable[[Any, Origin], CredhelperError]] = {
    "SSOError": source_refused.expired,
    "TokenRetrievalError": source_refused.expired,
    "LoginError": _login,
    "CredentialRetrievalError": _retrieval,
    "MetadataRetrievalError": _retrieval,
    "PartialCredentialsError": _partial,
    "InvalidConfigError": _invalid,
    "ProfileNotFound": _invalid,
    "UnknownCredentialError": _invalid,
    "MissingDependencyException": _missing_dependency,
    "ClientError": source_refused.explain,
    "BotoCoreError": _network,
    "TimeoutExpired": _timeout,
    "TooMuchOutputError": _endless,
    "OSError": _file,
    "EndlessAnswerError": _answer,
    "ResponseParserError": _answer,
    "ValueError": _malformed,
    "LookupError": _malformed,
    "TypeError": _malformed,
    "AttributeError": _malformed,
    "RecursionError": _too_deep,
    "RuntimeError": _still_expired,
}
# The rows of docs/troubleshooting.md for the others: none of these says more than that there are no credentials.
_CAUSES = {
    **dict.fromkeys(set(_BY_NAME) - {"ClientError"}, "no-keys"),
    **dict.fromkeys(("TimeoutExpired", "TooMuchOutputError"), "source-program"),
    **dict.fromkeys(("InvalidConfigError", "ProfileNotFound", "UnknownCredentialError", "RecursionError"), "config"),
    **dict.fromkeys(("EndlessAnswerError", "ResponseParserError"), "not-aws"),
}
