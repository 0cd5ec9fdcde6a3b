"""Why source credentials are not there: each kind of source has its own words, and commands that fit it."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import botocore.exceptions as theirs
import pytest

from credhelper.aws.explain.origin import Origin, no_credentials
from credhelper.aws.explain.source import explain
from credhelper.errors import AwsError, CredhelperError, InputError, UnreachableError
from credhelper.system.machine import Machine

SSO = {"sso_session": "corp", "sso_role_name": "Developer", "sso_account_id": "111111111111"}
SOURCES = ["EcsContainer", "Ec2InstanceMetadata", "Environment"]
POD = {"AWS_ROLE_ARN": "arn:aws:iam::1:role/pod", "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token"}


def origin(name: str, section: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> Origin:
    return Origin(
        name=name,
        section=section or {},
        is_profile=name in ("dev", "x y"),
        environ=environ or {},
        machine=Machine(programs=frozenset({"getent"})),
    )


def refusal(code: str, operation: str = "GetRoleCredentials", status: int = 403) -> Any:
    metadata = {"HTTPStatusCode": status}
    return theirs.ClientError(
        {"Error": {"Code": code, "Message": "No access"}, "ResponseMetadata": metadata}, operation
    )


@pytest.mark.parametrize(
    ("error", "kind", "words", "hint"),
    [
        (
            refusal("UnauthorizedException", status=401),
            AwsError,
            "has expired or was never",
            "aws sso login --profile dev",
        ),
        (
            refusal("ForbiddenException"),
            AwsError,
            "not assigned the role Developer in account 111111111111",
            "sso_role_name",
        ),
        (refusal("TooManyRequestsException", status=429), UnreachableError, "limits the rate", "try again in"),
        (refusal("Odd", status=429), UnreachableError, "limits the rate", "try again in"),
        (refusal("InternalServerException", status=500), UnreachableError, "is failing at AWS", "try again in"),
        (refusal("UnauthorizedException", status=503), UnreachableError, "is failing at AWS", "try again in"),
        (ValueError("Expecting value"), AwsError, "its file is not whole", "aws sso login --profile dev"),
        (KeyError("accessToken"), AwsError, "its file is not whole", "aws sso login --profile dev"),
    ],
)
def test_sso(error: Exception, kind: type[CredhelperError], words: str, hint: str) -> None:
    found = explain(error, origin("dev", SSO))
    assert isinstance(found, kind)
    assert words in found.message
    assert hint in found.hint


class LoginError(Exception):
    """As newer versions of botocore have it."""


@pytest.mark.parametrize(
    ("error", "section", "name"),
    [
        (theirs.PartialCredentialsError(provider="p", cred_var="aws_secret_access_key"), {}, "half"),
        (theirs.CredentialRetrievalError(provider="custom-process", error_msg="x"), {}, "half"),
        (theirs.CredentialRetrievalError(provider="sso", error_msg="x"), SSO, "half"),
        (theirs.UnauthorizedSSOTokenError(), SSO, "half"),
        (refusal("UnauthorizedException", status=401), SSO, "half"),
        (ValueError("Expecting value"), SSO, "half"),
        (LoginError("x"), {}, "half"),
        (subprocess.TimeoutExpired("x", 1), {}, "half"),
        (theirs.InvalidConfigError(error_msg="x"), {}, "dev"),
        (refusal("AccessDenied", "AssumeRole"), {}, "dev"),
        (RuntimeError("expired"), {}, "dev"),
    ],
)
def test_failure_of_a_source_names_the_source(error: Exception, section: dict[str, str], name: str) -> None:
    below = Origin(name="half", section=section, machine=Machine())
    found = explain(error, replace(origin("dev", {"role_arn": "x", "source_profile": "half"}), below=below))
    assert f" {name} " in f"{found.message} ".replace(":", " ")
    assert {"half": "dev", "dev": "half"}[name] not in found.message
    assert "--profile" not in found.hint or f"--profile {name}" in found.hint


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        theirs.CredentialRetrievalError(provider="container-role", error_msg="404"),
        theirs.MetadataRetrievalError(error_msg="404"),
        RuntimeError("expired"),
        theirs.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        KeyError("Token"),
    ],
)
def test_credential_source_is_never_taken_for_a_profile(kind: str, error: Exception) -> None:
    assert "--profile" not in explain(error, origin(kind)).hint
    assert "credential_process" not in explain(error, origin(kind)).message
    assert "--profile" not in no_credentials(origin(kind)).hint


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("name", ["dev", "x y"])
@pytest.mark.parametrize(
    "error",
    [
        lambda kind: theirs.CredentialRetrievalError(provider=kind, error_msg="No credentials found in x"),
        lambda _kind: theirs.MetadataRetrievalError(error_msg="404"),
        lambda _kind: theirs.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        lambda _kind: ValueError("Unsupported host '10.0.0.5'."),
        lambda _kind: KeyError("Token"),
    ],
)
def test_credential_source_below_a_native_role_is_explained_as_that(
    kind: str, name: str, error: Callable[[str], Exception]
) -> None:
    below = replace(origin(name, {"role_arn": "r", "credential_source": kind}, POD), ends_with=kind)
    found, own = explain(error(kind), below), explain(error(kind), origin(kind, environ=POD))
    if isinstance(error(kind), theirs.CredentialRetrievalError):
        own = no_credentials(origin(kind, environ=POD))
    assert (type(found), found.message, found.hint) == (type(own), own.message, own.hint)
    assert name not in found.message


def test_chain_that_botocore_cannot_follow_is_said_to_be_long() -> None:
    found = explain(RecursionError(), origin("dev", {"role_arn": "r", "source_profile": "next"}))
    assert isinstance(found, InputError)
    assert "longer than botocore can follow" in found.message
    assert found.hint == "credhelper profile show dev"


@pytest.mark.parametrize(
    ("found", "kind", "words", "hint"),
    [
        (no_credentials(origin("Ec2InstanceMetadata")), UnreachableError, "hop limit", "metadata_service_timeout"),
        (
            no_credentials(origin("Ec2InstanceMetadata", environ={"AWS_EC2_METADATA_DISABLED": "true"})),
            InputError,
            "AWS_EC2_METADATA_DISABLED",
            "unset AWS_EC2_METADATA_DISABLED",
        ),
        (
            explain(ValueError("Unsupported host '10.0.0.5'."), origin("EcsContainer")),
            InputError,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI would send the container's token to the host 10.0.0.5:",
            "unset AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            no_credentials(origin("Environment", environ=POD)),
            InputError,
            "is not set",
            "aws configure set web_identity_token_file /var/run/token --profile pod",
        ),
        (
            no_credentials(origin("dev", environ=POD)),
            InputError,
            "has no credentials",
            "aws configure set role_arn arn:aws:iam::1:role/pod --profile pod",
        ),
        (no_credentials(origin("x y")), InputError, "has no credentials", "aws configure --profile 'x y'"),
    ],
)
def test_cure_is_the_sources_own(found: CredhelperError, kind: type[CredhelperError], words: str, hint: str) -> None:
    assert isinstance(found, kind)
    assert words in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({}, "no keys, role_arn"),
        ({"aws_secret_access_key": "x"}, "incomplete: aws_access_key_id is missing"),
        ({"aws_secret_access_key": "x", "role_arn": "y"}, "incomplete: aws_access_key_id is missing"),
    ],
)
def test_half_a_pair_is_not_called_nothing(section: dict[str, str], words: str) -> None:
    found = no_credentials(origin("dev", section))
    assert words in found.message
    assert found.hint == "aws configure --profile dev"
