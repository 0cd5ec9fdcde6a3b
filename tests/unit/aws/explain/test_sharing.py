"""What AWS or the configuration said is shared with those who wait; what one process lacked is its own."""

import errno
import subprocess

import botocore.exceptions as theirs
import pytest

from credhelper.aws.explain import network, source, sts
from credhelper.aws.explain.facts import Call
from credhelper.aws.explain.origin import Origin
from credhelper.errors import CredhelperError
from credhelper.model.code_errors import RefusedCodeError
from credhelper.model.role_request import RoleRequest

REQUEST = RoleRequest(
    role_arn="arn:aws:iam::222222222222:role/r", duration_seconds=3600, region="us-east-1", partition="aws"
)
CALL = Call(
    request=REQUEST, access_key_id="AKIAEXAMPLE", is_session=False, has_token_code=False, now_s=0.0, source="acc"
)
ACC = Origin(name="acc")
URL = "https://sts.us-east-1.amazonaws.com/"
WAY = network.Way(url=URL)


def connection(cause: Exception) -> CredhelperError:
    return network.explain(theirs.EndpointConnectionError(endpoint_url=URL, error=cause), WAY)


def refused(code: str, message: str = "") -> CredhelperError:
    return sts.explain({"Error": {"Code": code, "Message": message}}, CALL)


@pytest.mark.parametrize(
    ("failure", "is_shared"),
    [
        (connection(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")), True),
        (connection(OSError(errno.ENETUNREACH, "Network is unreachable")), True),
        (connection(MemoryError()), False),
        (connection(OSError(errno.ENOMEM, "Cannot allocate memory")), False),
        (connection(OSError(errno.EMFILE, "Too many open files")), False),
        (connection(OSError(errno.ENFILE, "Too many open files in system")), False),
        (connection(BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")), False),
        (network.explain(network.OutOfTimeError(), WAY), False),
        (network.explain(theirs.SSLError(endpoint_url=URL, error="untrusted"), WAY), True),
        (refused("AccessDenied"), True),
        (refused("RequestExpired"), True),
        (refused("Throttling"), True),
        (refused("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "), True),
        (
            source.explain(theirs.CredentialRetrievalError(provider="custom-process", error_msg="no"), ACC),
            True,
        ),
        (source.explain(PermissionError(errno.EACCES, "Permission denied", "token"), ACC), False),
        (source.explain(MemoryError(), ACC), False),
        (source.explain(theirs.EndpointConnectionError(endpoint_url=URL, error=MemoryError()), ACC), False),
        (source.explain(theirs.EndpointConnectionError(endpoint_url=URL, error=OSError(111, "no")), ACC), True),
        (source.explain(subprocess.TimeoutExpired("program", 1.0), ACC), True),
    ],
)
def test_failure_is_shared_if_it_would_be_the_next_callers_too(failure: CredhelperError, *, is_shared: bool) -> None:
    assert failure.is_shared == is_shared, failure.message


def test_code_that_a_role_of_awss_own_needs_can_be_refused() -> None:
    told = {"Error": {"Code": "AccessDenied", "Message": "failed with invalid MFA one time pass code"}}
    failure = source.explain(theirs.ClientError(told, "AssumeRole"), ACC)
    assert isinstance(failure, RefusedCodeError)
    assert failure.exit_code == 6
