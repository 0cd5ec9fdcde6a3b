"""A failure sorted by cause: the one that it names itself, else by its kind and its words; hints that go on."""

import pytest

from credhelper.commands.doctor_network import cause_of_source, cause_of_way, without_doctor
from credhelper.diagnosis.causes import CAUSES
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, UnreachableError

WAYS = [
    (UnreachableError("the name sts.nowhere.invalid cannot be resolved"), "dns"),
    (UnreachableError("sts.us-east-1.amazonaws.com did not answer in time"), "connect"),
    (UnreachableError("the connection to 127.0.0.1:9 failed: connection refused"), "connect"),
    (UnreachableError("the proxy cannot be used: connection refused"), "proxy"),
    (UnreachableError("what answered for host is not STS: the answer is no whole XML document"), "not-aws"),
    (UnreachableError("AWS limits the rate of calls for account and Region (Throttling)"), "throttled"),
    (UnreachableError("STS is failing (InternalFailure)"), "aws-failing"),
    (MachineError("the certificate of host is not trusted (self-signed) (through the proxy of X: y)"), "tls"),
    (MachineError("the CA bundle cannot be read (AWS_CA_BUNDLE: /ca.pem)"), "ca"),
    (MachineError("botocore cannot use a SOCKS proxy"), "proxy"),
    (MachineError("this machine's clock is 1200 seconds ahead of AWS's"), "clock"),
    (InputError("AWS_CA_BUNDLE names a CA file that only the environment names"), "ca"),
    (InputError("the region x is not one botocore can make an endpoint of"), "config"),
]
SOURCES = [
    (AwsError("the SSO session of profile dev has expired", hint="aws sso login --profile dev"), "sso-expired"),
    (AwsError("the login session of profile dev has expired", hint="aws login --profile dev"), "sso-expired"),
    (InputError("the source profile dev has no credentials"), "no-keys"),
    (MachineError("the credential_process of profile dev failed"), "source-program"),
    (AwsError("no policy of user allows sts:AssumeRole on the role"), "source-refused"),
    (UnreachableError("the credentials of dev are not available: the name x cannot be resolved"), "dns"),
    (MachineError("the credentials of dev: the certificate of host is not trusted"), "tls"),
]


@pytest.mark.parametrize(("error", "cause"), WAYS)
def test_failure_on_the_way_has_its_cause(error: CredhelperError, cause: str) -> None:
    assert cause_of_way(error) == cause
    assert cause in CAUSES


@pytest.mark.parametrize(("error", "cause"), SOURCES)
def test_failure_of_the_source_has_its_cause(error: CredhelperError, cause: str) -> None:
    assert cause_of_source(error) == cause
    assert cause in CAUSES


def test_cause_that_the_failure_names_goes_first() -> None:
    error = MachineError("in other words")
    vars(error)["cause_id"] = "sso-expired"
    assert cause_of_way(error) == cause_of_source(error) == "sso-expired"
    vars(error)["cause_id"] = "of no table"
    assert cause_of_source(error) == "source-program"


@pytest.mark.parametrize(
    ("hint", "left"),
    [
        ("curl -i https://host/; if that is not it: credhelper doctor prod-s3", "curl -i https://host/"),
        ("credhelper doctor prod-s3", ""),
        ("credhelper doctor other", "credhelper doctor other"),
        ("aws configure", "aws configure"),
    ],
)
def test_hint_does_not_name_the_command_that_shows_it(hint: str, left: str) -> None:
    assert without_doctor(hint, "prod-s3") == left
