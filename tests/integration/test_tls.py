"""The way to AWS in production: its own names, TLS, a proxy, and an authority of the network's own."""

import sys
from pathlib import Path

import pytest

from credhelper.errors import MachineError
from fakes.aws_names import AwsNames
from fakes.home import HELPER, PROGRAM, Home, error, key_id
from fakes.sts import FakeSts

HOST = "sts.us-east-1.amazonaws.com"
# What any Python program does where nothing forbids it: ssl.create_default_context reads SSLKEYLOGFILE.
PLAIN_CLIENT = f"""
import os, urllib.request, ssl
tls = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
urllib.request.urlopen("https://{HOST}/", b"Action=GetCallerIdentity", context=tls).read()
"""


@pytest.fixture
def home(behind_proxy: Home) -> Home:
    behind_proxy.add_role()
    return behind_proxy


def test_role_is_assumed_at_the_regions_own_address_through_the_proxy(home: Home, aws: AwsNames, sts: FakeSts) -> None:
    key_id(home.get())
    assert aws.hosts == [HOST]
    assert sts.count() == 1


def test_authority_may_be_named_in_the_profile(home: Home, aws: AwsNames) -> None:
    del home.environ["AWS_CA_BUNDLE"]
    home.config.write_text(home.config.read_text().replace("region =", f"ca_bundle = {aws.ca_bundle}\nregion ="))
    key_id(home.get())


def test_authority_that_is_not_trusted_gets_nothing(home: Home, sts: FakeSts) -> None:
    del home.environ["AWS_CA_BUNDLE"]
    text = error(home.get(PYTHONHTTPSVERIFY="0"), MachineError.exit_code)
    assert f"the certificate of {HOST} is not trusted" in text
    assert "aws configure set ca_bundle" in text
    assert sts.requests == []


def test_authority_without_a_name_is_said_to_be_that(home: Home) -> None:
    assert "unset AWS_CA_BUNDLE" in error(home.get(AWS_CA_BUNDLE=""), MachineError.exit_code)


def test_certificate_for_another_name_gets_nothing(home: Home, sts: FakeSts) -> None:
    home.config.write_text(home.config.read_text().replace("us-east-1", "eu-west-1"))
    assert "the certificate of sts.eu-west-1.amazonaws.com is not trusted" in error(home.get(), MachineError.exit_code)
    assert sts.requests == []


LOGIN = ("login", "prod-s3")
# Without `-I`, with which Python's own ssl passes the variable over: only our forgetting of it is in the way.
NOT_ISOLATED = (sys.executable, "-P", "-m", "credhelper", *LOGIN)
# The same without that: what the log would be.
FORGETTING_NOTHING = """
from credhelper.start import main
from credhelper.system import hardening
hardening.keep_known_variables = lambda: None
main()
"""
NOT_FORGETTING = (sys.executable, "-P", "-c", FORGETTING_NOTHING, *LOGIN)


@pytest.mark.parametrize(
    "command",
    [(*HELPER, "get", "prod-s3"), (*PROGRAM, *LOGIN), NOT_ISOLATED],
    ids=["as an SDK starts it", "as a person starts it", "not isolated"],
)
def test_tls_secrets_are_not_logged(home: Home, sts: FakeSts, tmp_path: Path, command: tuple[str, ...]) -> None:
    log = tmp_path / "keys.log"
    home.start([*command], {"SSLKEYLOGFILE": str(log)}).check_returncode()
    assert sts.count() == 1
    assert not log.exists()


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", PLAIN_CLIENT), NOT_FORGETTING], ids=["a plain client", "not forgetting"]
)
def test_tls_secrets_would_be_logged(home: Home, tmp_path: Path, command: tuple[str, ...]) -> None:
    log = tmp_path / "keys.log"
    home.start([*command], {"SSLKEYLOGFILE": str(log)}).check_returncode()
    assert "SECRET" in log.read_text()
