"""Why AWS could not be reached: each cause of the network's has its own words and its own command."""

import socket
import ssl
from typing import Any
from urllib.parse import quote

import botocore.exceptions as theirs
import pytest
from botocore.parsers import ResponseParserError

from credhelper.aws.explain import network
from credhelper.errors import CredhelperError, InputError, MachineError, UnreachableError
from fakes import canary

HOST = "sts.eu-west-1.amazonaws.com"
URL = f"https://{HOST}/"
PASSWORD = quote(canary.secret_key("proxy"), safe="")


def explain(error: Exception, **environ: str) -> CredhelperError:
    return network.explain(error, host=HOST, profile="prod-s3", environ=environ)


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
            "export AWS_CA_BUNDLE=",
        ),
        (
            theirs.HTTPClientError(error=FileNotFoundError(2, "No such file or directory")),
            MachineError,
            "the CA bundle cannot be read",
            "remove ca_bundle from the profile",
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
        (RuntimeError(canary.secret_key()), UnreachableError, "failed: RuntimeError", "curl"),
    ],
)
def test_cause_has_its_words_and_its_command(
    error: Exception, kind: type[CredhelperError], cause: str, hint: str
) -> None:
    found = explain(error)
    assert isinstance(found, kind)
    assert cause in found.message
    assert hint in found.hint
    assert "CANARY" not in found.message + found.hint


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
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
    assert f"{variable}=/etc/corp.pem" in explain(error, **{variable: "/etc/corp.pem"}).message
