"""Why AWS could not be reached: each cause of the network's has its own words and its own command."""

import socket
import ssl
from typing import Any
from urllib.parse import quote

import botocore.exceptions as theirs
import pytest
from botocore.parsers import ResponseParserError

from credhelper.aws.explain import network
from credhelper.aws.network_rules import Authority
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.errors import CredhelperError, InputError, MachineError, UnreachableError
from credhelper.system.machine import Machine
from fakes import canary

HOST = "sts.eu-west-1.amazonaws.com"
URL = f"https://{HOST}/"
MACHINE = Machine(programs=frozenset({"getent"}))
OWN = "credhelper profile set {profile} --region {region}"
PASSWORD = quote(canary.secret_key("proxy"), safe="")


def explain(error: Exception, **environ: str) -> CredhelperError:
    return network.explain(error, network.Way(url=URL, profile="prod-s3", environ=environ, machine=MACHINE))


def resolved(region: str, partition: str = "aws", set_region: str = OWN) -> CredhelperError:
    """Explain that the host of a region has no address."""
    host = f"https://sts.{region}.amazonaws.com/"
    error = theirs.EndpointConnectionError(endpoint_url=host, error=socket.gaierror(-2, "Name or service not known"))
    taken = network.Way(
        url=host,
        profile="prod-s3",
        region=region,
        partition=partition,
        environ={},
        machine=MACHINE,
        set_region=set_region,
    )
    return network.explain(error, taken)


def test_region_that_nothing_knows_has_the_one_that_was_meant_in_its_hint() -> None:
    assert "credhelper profile set prod-s3 --region eu-west-1; or see: getent hosts" in resolved("eu-wst-1").hint
    assert "--region us-gov-west-1" in resolved("us-gov-wst-1", "aws-us-gov").hint
    source = resolved("eu-wst-1", set_region="aws configure set region {region} --profile {profile}")
    assert "aws configure set region eu-west-1 --profile prod-s3" in source.hint


def test_region_that_exists_is_not_doubted() -> None:
    assert resolved("eu-west-1").hint == "getent hosts sts.eu-west-1.amazonaws.com"


class WrappedError(Exception):
    """urllib3's way of wrapping: the cause in `reason`."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__(f"pool(host={HOST}): {reason}")
        self.reason = reason


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate in certificate chain"
    return error


@pytest.mark.parametrize(
    ("error", "kind", "cause", "hint"),
    [
        (
            theirs.EndpointConnectionError(endpoint_url=URL, error=socket.gaierror(-2, "Name or service not known")),
            UnreachableError,
            f"the name {HOST} cannot be resolved",
            f"getent hosts {HOST}",
        ),
        (
            theirs.EndpointConnectionError(
                endpoint_url=URL, error=WrappedError(ConnectionRefusedError(111, "Connection refused"))
            ),
            UnreachableError,
            f"the connection to {HOST} failed: connection refused",
            f"curl -sS -m 10 {URL}",
        ),
        (theirs.ConnectTimeoutError(endpoint_url=URL), UnreachableError, "did not answer in time", "curl"),
        (theirs.ReadTimeoutError(endpoint_url=URL), UnreachableError, "did not answer in time", "curl"),
        (network.OutOfTimeError(), UnreachableError, "did not answer in time", "curl"),
        (
            theirs.SSLError(endpoint_url=URL, error=WrappedError(certificate_error())),
            MachineError,
            f"the certificate of {HOST} is not trusted (self-signed certificate in certificate chain",
            "aws configure set ca_bundle /path/to/ca.pem --profile prod-s3",
        ),
        (
            theirs.HTTPClientError(error=FileNotFoundError(2, "No such file or directory")),
            MachineError,
            "the CA bundle cannot be read",
            "credhelper profile check",
        ),
        (
            theirs.InvalidConfigError(error_msg="Invalid CA bundle: resolved to an empty string"),
            MachineError,
            "the CA bundle's name is empty",
            "unset AWS_CA_BUNDLE REQUESTS_CA_BUNDLE",
        ),
        (
            theirs.ProxyConnectionError(proxy_url="http://x", error=OSError("Tunnel connection failed: 407 Auth")),
            UnreachableError,
            "the proxy wants a user name and password (407)",
            "_proxy",
        ),
        (
            theirs.ProxyConnectionError(proxy_url="http://x", error=ConnectionRefusedError(111, "Connection refused")),
            UnreachableError,
            "the proxy cannot be used: connection refused",
            "_proxy",
        ),
        (theirs.InvalidProxiesConfigError(error="x"), MachineError, "proxy settings", "_proxy"),
        (
            ResponseParserError(f"b'<Secret>{canary.secret_key()}</Secret>'"),
            UnreachableError,
            "is not STS",
            f"curl -i {URL}",
        ),
        (
            theirs.ConnectionClosedError(endpoint_url=URL, error=Exception("Remote end closed connection")),
            UnreachableError,
            "remote end closed connection",
            "curl",
        ),
        (
            theirs.InvalidRegionError(region_name="eu west"),
            InputError,
            "the region is not one",
            "credhelper profile set prod-s3 --region",
        ),
        (
            theirs.ParamValidationError(report=f"Invalid length for parameter TokenCode, value: {canary.secret_key()}"),
            InputError,
            "TokenCode does not fit",
            "credhelper profile show prod-s3",
        ),
        (theirs.InvalidConfigError(error_msg="Invalid setting"), InputError, "Invalid setting", "profile check"),
        (RuntimeError(canary.secret_key()), UnreachableError, "is not STS", "curl -i"),
        (OverflowError(canary.secret_key()), UnreachableError, "is not STS", "curl -i"),
        (AttributeError(canary.secret_key()), UnreachableError, "failed: AttributeError", "curl"),
    ],
)
def test_cause_has_its_words_and_its_command(
    error: Exception, kind: type[CredhelperError], cause: str, hint: str
) -> None:
    found = explain(error)
    assert isinstance(found, kind)
    assert cause in found.message
    assert hint in found.hint
    assert found.cause_id in CAUSES
    assert "CANARY" not in found.message + found.hint


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_proxy_in_effect_is_named_without_its_password(variable: str) -> None:
    message = explain(
        theirs.ConnectTimeoutError(endpoint_url=URL),
        **{variable: f"http://user:{PASSWORD}@proxy.example:3128"},
    ).message
    assert message.endswith(f"(through the proxy of {variable}: proxy.example:3128)")
    assert not canary.find(message.encode())


def test_proxy_that_is_no_url_is_said_so() -> None:
    message = explain(theirs.ConnectTimeoutError(endpoint_url=URL), HTTPS_PROXY="http://[::1").message
    assert "not a URL" in message


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_ca_bundle_in_effect_is_named(variable: str) -> None:
    error: Any = theirs.SSLError(endpoint_url=URL, error=certificate_error())
    assert f"{variable}: /etc/corp.pem" in explain(error, **{variable: "/etc/corp.pem"}).message


@pytest.mark.parametrize(
    "environ",
    [
        {"ALL_PROXY": "socks5://proxy.example:1080"},
        {"HTTP_PROXY": "http://proxy.example:1"},
        {"HTTPS_PROXY": "http://proxy.example:1", "NO_PROXY": "amazonaws.com"},
    ],
)
def test_proxy_that_is_not_in_use_is_not_blamed(environ: dict[str, str]) -> None:
    assert "proxy" not in explain(theirs.ConnectTimeoutError(endpoint_url=URL), **environ).message


def test_socks_is_named_as_what_botocore_cannot_do() -> None:
    error = theirs.ProxyConnectionError(proxy_url="x", error=socket.gaierror(-2, "Name or service not known"))
    found = explain(error, HTTPS_PROXY="socks5://proxy.example:1080")
    assert isinstance(found, MachineError)
    assert "SOCKS proxy (through the proxy of HTTPS_PROXY: socks5://proxy.example:1080)" in found.message


@pytest.mark.parametrize(
    ("url", "host", "setting"),
    [
        ("https://sts-fips.eu-west-1.amazonaws.com/", "sts-fips.eu-west-1.amazonaws.com", "use_fips_endpoint"),
        ("https://sts.eu-west-1.api.aws/", "sts.eu-west-1.api.aws", "use_dualstack_endpoint"),
        ("https://sts.example:8443/", "sts.example", ""),
        ("https://portal.sso.eu-west-1.amazonaws.com/x?role_name=y", "portal.sso.eu-west-1.amazonaws.com", ""),
    ],
)
def test_host_that_was_really_asked_is_named(url: str, host: str, setting: str) -> None:
    error = theirs.EndpointConnectionError(endpoint_url=url, error=socket.gaierror(-2, "Name or service not known"))
    found = explain(error)
    assert f"the name {host}" in found.message
    assert setting in found.message
    assert found.hint == f"getent hosts {host}"


def test_port_is_not_doubled_for_openssl() -> None:
    error: Any = theirs.SSLError(endpoint_url="https://127.0.0.1:3447/", error=certificate_error())
    assert explain(error).hint.endswith("openssl s_client -connect 127.0.0.1:3447")


def test_reason_of_openssl_survives_every_wrapping() -> None:
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)"
    error: Any = theirs.SSLError(endpoint_url=URL, error=WrappedError(OSError(text)))
    assert "(self-signed certificate;" in explain(error).message


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (FileNotFoundError(2, "No such file"), "the CA bundle cannot be read (ca_bundle of the profile: /nope.pem)"),
        (ssl.SSLError(1, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate"), "is no PEM file with certificates"),
    ],
)
def test_bundle_of_the_profile_is_named_as_the_profiles(cause: Exception, words: str) -> None:
    authority = Authority("/nope.pem", "ca_bundle of the profile")
    way = network.Way(url=URL, environ={}, authority=authority, machine=MACHINE)
    found = network.explain(theirs.HTTPClientError(error=cause), way)
    assert words in found.message
    assert "/nope.pem" in found.hint
    assert "AWS_CA_BUNDLE" not in found.hint


@pytest.mark.parametrize("cause", [ssl.SSLError(786688, "unknown error"), ssl.SSLError(1, "[X509] malloc failure")])
def test_tls_without_memory_is_no_certificate_that_is_not_trusted(cause: ssl.SSLError) -> None:
    found = explain(theirs.SSLError(endpoint_url=URL, error=cause))
    assert (type(found), "enough memory" in found.message, found.is_shared) == (MachineError, True, False)
