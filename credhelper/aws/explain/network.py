"""Why AWS could not be reached, or what answered instead of it, in one cause and one command to type."""

import errno
import os
import re
import shlex
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import botocore.exceptions as theirs
from botocore.parsers import ResponseParserError

from credhelper.aws.endpoint import CA_VARIABLES, PROXY_VARIABLES
from credhelper.errors import PROFILE, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.model.printable import clause

_UNRESOLVED = re.compile(r"resolve|getaddrinfo|name or service not known|nodename|no address associated", re.IGNORECASE)
_LOOK_AT_PROXY = "look at the proxy in use: env | grep -i _proxy"


class OutOfTimeError(Exception):
    """The next attempt was not started because the time is up; `last` is why the one before it failed, if any did."""

    def __init__(self, last: Exception | None = None) -> None:
        super().__init__()
        self.last = last


def explain(
    error: Exception, *, host: str, profile: str = "", environ: Mapping[str, str] = os.environ
) -> CredhelperError:
    """Return the explanation of an exception that botocore raised while calling `host`; never quotes what was sent.

    Anything not known is an UnreachableError: by then no answer of AWS's has been understood.
    """
    cause = _innermost(error)
    for explanation in (_configuration(error, profile), _authority(error, cause, host, environ)):
        if explanation is not None:
            return explanation
    explanation = _transport(error, cause, host, environ, profile)
    explanation.is_shared = not _is_lack(cause)
    return explanation


def _is_lack(cause: BaseException) -> bool:
    """Tell whether this process ran out of something that others may have: memory, descriptors, threads, time."""
    lacks = (errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOBUFS)
    return isinstance(cause, MemoryError | OutOfTimeError) or (isinstance(cause, OSError) and cause.errno in lacks)


def _innermost(error: BaseException) -> BaseException:
    """Return the exception at the bottom: botocore and urllib3 each wrap what they got."""
    for _ in range(10):
        inner = getattr(error, "kwargs", {}).get("error") or getattr(error, "reason", None) or error.__cause__
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _configuration(error: Exception, profile: str) -> CredhelperError | None:
    name = _named(profile)
    if isinstance(error, theirs.InvalidRegionError | theirs.NoRegionError | theirs.EndpointProviderError):
        return InputError(
            "the region is not one botocore can make an endpoint of",
            hint=f"credhelper profile set {name} --region us-east-1",
        )
    if isinstance(error, theirs.ParamValidationError):
        fields = ", ".join(dict.fromkeys(re.findall(r"parameter (\w+)", str(error)))) or "a setting"
        return InputError(f"{fields} does not fit what STS accepts", hint=f"credhelper profile show {name}")
    if isinstance(error, theirs.InvalidProxiesConfigError):
        return MachineError("the proxy settings cannot be used", hint=_LOOK_AT_PROXY)
    if isinstance(error, theirs.InvalidConfigError) and "CA bundle" in str(error):
        return MachineError(
            "the CA bundle's name is empty, in a variable or in the profile",
            hint=f"remove ca_bundle from the profile, or: unset {' '.join(CA_VARIABLES)}",
        )
    if isinstance(error, theirs.InvalidConfigError):
        return InputError(f"botocore refuses the configuration: {clause(str(error))}", hint="credhelper profile check")
    return None


def _named(profile: str) -> str:
    return shlex.quote(profile) if profile else PROFILE


def _authority(error: Exception, cause: BaseException, host: str, environ: Mapping[str, str]) -> CredhelperError | None:
    variable = next((name for name in CA_VARIABLES if environ.get(name)), "")
    used = clause(f"{variable}={environ[variable]}") if variable else "botocore's own CA bundle"
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError | socket.gaierror) and _names_bundle(cause):
        hint = f'ls -l "${variable}", or: unset {variable}' if variable else "remove ca_bundle from the profile"
        return MachineError(f"the CA bundle cannot be read ({used})", hint=hint)
    if isinstance(error, theirs.SSLError) or isinstance(cause, ssl.SSLError):
        untrusted = MachineError(
            f"the certificate of {host} is not trusted ({_reason(cause)}; checked against {used})",
            hint=f"ask for your network's CA file, then: export AWS_CA_BUNDLE=/path/to/ca.pem; "
            f"see who answers: openssl s_client -connect {host}:443",
        )
        untrusted.is_shared = True
        return untrusted
    return None


def _names_bundle(cause: OSError) -> bool:
    return isinstance(cause, FileNotFoundError | PermissionError | IsADirectoryError) or "CA" in str(cause)


def _transport(
    error: Exception, cause: BaseException, host: str, environ: Mapping[str, str], profile: str
) -> CredhelperError:
    proxy = _proxy(environ)
    match error:
        case theirs.ProxyConnectionError():
            return _through_proxy(cause, proxy)
        case ResponseParserError() | ValueError() | LookupError() | TypeError():
            return UnreachableError(
                f"what answered for {host} is not STS: the answer is no whole XML document (a login page of the "
                "network, a proxy, or a connection cut off)",
                hint=f"see what answers: curl -i {_url(host)}",
            )
        case theirs.EndpointConnectionError() if isinstance(cause, socket.gaierror) or _UNRESOLVED.search(str(cause)):
            return UnreachableError(
                f"the name {host} cannot be resolved{proxy}",
                hint=f"getent hosts {host}; if the region is wrong: credhelper profile set {_named(profile)} "
                "--region us-east-1",
            )
        case theirs.ConnectTimeoutError() | theirs.ReadTimeoutError() | OutOfTimeError():
            return UnreachableError(f"{host} did not answer in time{proxy}", hint=f"curl -sS -m 10 {_url(host)}")
        case _:
            return UnreachableError(
                f"the connection to {host} failed: {_reason(cause)}{proxy}", hint=f"curl -sS -m 10 {_url(host)}"
            )


def _url(host: str) -> str:
    """Return a URL for curl; only this machine may be spoken to without TLS."""
    is_local = host.startswith(("127.", "localhost", "[::1]"))
    return f"{'http' if is_local else 'https'}://{host}/"


def _through_proxy(cause: BaseException, proxy: str) -> CredhelperError:
    if "407" in str(cause):
        return UnreachableError(f"the proxy wants a user name and password (407){proxy}", hint=_LOOK_AT_PROXY)
    return UnreachableError(f"the proxy cannot be used: {_reason(cause)}{proxy}", hint=_LOOK_AT_PROXY)


def _reason(cause: BaseException) -> str:
    """Return the operating system's or OpenSSL's words; other texts may quote a URL or a body."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return clause(cause.verify_message)
    if isinstance(cause, OSError) and cause.strerror:
        return clause(cause.strerror).lower()
    told = re.search(
        r"\[Errno -?\d+\] ([A-Za-z ]+)|(Remote end closed connection|Tunnel connection failed: \d+)", str(cause)
    )
    return (told.group(1) or told.group(2)).lower() if told else type(cause).__name__


def _proxy(environ: Mapping[str, str]) -> str:
    """Name the proxy in effect, without the password its URL may hold."""
    for name in PROXY_VARIABLES:
        if environ.get(name):
            return f" (through the proxy of {name}: {_host(environ[name])})"
    return ""


def _host(url: str) -> str:
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        return clause(f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname))
    except ValueError:
        return "not a URL"
