"""Why AWS could not be reached, or what answered instead of it, in one cause and one command to type."""

import errno
import os
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import botocore.exceptions as theirs
from botocore.parsers import ResponseParserError

from credhelper.aws import network_rules, regions
from credhelper.aws.endpoint import CA_VARIABLES
from credhelper.aws.explain.facts import OTHERWISE
from credhelper.aws.network_rules import Authority
from credhelper.errors import PROFILE, CredhelperError, InputError, MachineError, UnreachableError, unexpected
from credhelper.model.printable import clause
from credhelper.model.shell import filled, of_profile, own_command, word
from credhelper.system.machine import Machine, this_machine

_UNRESOLVED = re.compile(r"resolve|getaddrinfo|name or service not known|nodename|no address associated", re.IGNORECASE)


LEFT_OPEN = ("connect", "not-aws")  # the causes that are only likely


class OutOfTimeError(Exception):
    """The next attempt was not started because the time is up; `last` is why the one before it failed, if any did."""

    def __init__(self, last: Exception | None = None) -> None:
        super().__init__()
        self.last = last


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way to AWS that was really taken: the URL that was asked, the CA bundle, and on which machine, for whom.

    `region` is the one that was asked for, "" where that is not known, and `set_region` the command that changes it.
    `is_hand_out`: credentials were asked for, of a profile that `doctor` can look at.
    """

    url: str
    profile: str = ""
    region: str = ""
    partition: str = "aws"
    set_region: str = "credhelper profile set {profile} --region {region}"
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    authority: Authority | None = None
    service: str = "STS"
    is_hand_out: bool = False
    machine: Machine = field(default_factory=this_machine)

    @property
    def host(self) -> str:
        """Host and port, without a user's name."""
        return clause(urlsplit(self.url).netloc.rpartition("@")[2])

    @property
    def address(self) -> str:
        """Host and port for a tool that wants both."""
        parts = urlsplit(self.url)
        return word(f"{parts.hostname}:{parts.port or (80 if parts.scheme == 'http' else 443)}")

    @property
    def root(self) -> str:
        """A URL for curl that holds nothing of the request."""
        return word(f"{urlsplit(self.url).scheme}://{self.host}/")

    @property
    def proxy(self) -> str:
        """The proxy that was used, without the password its URL may hold, as the end of a message."""
        found = network_rules.proxy_in_use(self.url, self.environ)
        return f" (through the proxy of {found[0]}: {found[1]})" if found else ""

    @property
    def look_at_proxy(self) -> str:
        """The hint for a proxy."""
        return f"look at the proxy in use: {self.machine.list_proxies}"

    @property
    def has_socks(self) -> bool:
        """Whether the proxy is one that botocore cannot use: it would look up a host called socks5."""
        scheme = urlsplit(self.url).scheme
        return network_rules.proxies_for(self.url, self.environ).get(scheme, "").lower().startswith("socks")

    @property
    def as_profile(self) -> str:
        """The option that makes the AWS CLI use the profile."""
        return of_profile(self.profile) if self.profile else f"--profile {PROFILE}"

    @property
    def trusted(self) -> Authority:
        """The CA bundle that was used; the variable's where the session did not say."""
        if self.authority is not None:
            return self.authority
        variable = next((name for name in CA_VARIABLES if self.environ.get(name)), "")
        return Authority(self.environ[variable], variable) if variable else Authority()

    @property
    def look_up(self) -> str:
        """The command that resolves the host's name."""
        return self.machine.look_up(urlsplit(self.url).hostname or self.host)

    @property
    def another_region(self) -> str:
        """The command that has the profile ask in the region that was probably meant."""
        likely = regions.likely(self.region, self.partition)
        command = self.set_region.replace("{region}", word(likely))
        return filled(command, PROFILE, self.profile) if self.profile else command

    @property
    def otherwise(self) -> str:
        """The end of a hint where more than one cause is left."""
        return OTHERWISE if self.is_hand_out else ""

    @property
    def show(self) -> str:
        """The command that shows the profile."""
        return own_command("profile show", self.profile) if self.profile else f"credhelper profile show {PROFILE}"


def explain(error: Exception, way: Way) -> CredhelperError:
    """Return the explanation of an exception that botocore raised on this way; never quotes what was sent.

    Where botocore says which URL it asked, that counts. Anything not known is an UnreachableError: by then no answer
    of AWS's has been understood.
    """
    asked = getattr(error, "kwargs", {}).get("endpoint_url")
    if isinstance(asked, str) and network_rules.host_of(asked):
        way = replace(way, url=asked)
    cause = _innermost(error)
    if isinstance(cause, ssl.SSLError) and isinstance(lack := unexpected(cause), MachineError):
        return lack
    for explanation in (_configuration(error, way), _authority(error, cause, way)):
        if explanation is not None:
            return explanation
    explanation = _transport(error, cause, way)
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


def _configuration(error: Exception, way: Way) -> CredhelperError | None:
    if isinstance(error, theirs.InvalidRegionError | theirs.NoRegionError | theirs.EndpointProviderError):
        region = f" {clause(way.region)}" if way.region else ""
        is_unset = not region and isinstance(error, theirs.NoRegionError)
        why = "no region is set" if is_unset else f"the region{region} is not one botocore can make an endpoint of"
        return InputError(why, hint=way.another_region, cause_id="config")
    if isinstance(error, theirs.ParamValidationError):
        fields = ", ".join(dict.fromkeys(re.findall(r"parameter (\w+)", str(error)))) or "a setting"
        return InputError(f"{fields} does not fit what {way.service} accepts", hint=way.show, cause_id="request")
    if isinstance(error, theirs.InvalidProxiesConfigError):
        return MachineError("the proxy settings cannot be used", hint=way.look_at_proxy, cause_id="proxy")
    if isinstance(error, theirs.InvalidConfigError) and "CA bundle" in str(error):
        return MachineError(
            "the CA bundle's name is empty, in a variable or in the profile",
            hint=f"remove ca_bundle from the profile, or: {way.machine.unset(*CA_VARIABLES)}",
            cause_id="ca",
        )
    if isinstance(error, theirs.InvalidConfigError):
        return InputError(
            "botocore refuses the configuration",
            hint="credhelper profile check",
            quoted=clause(str(error)),
            cause_id="config",
        )
    return None


def _authority(error: Exception, cause: BaseException, way: Way) -> CredhelperError | None:
    used = way.trusted
    shown = f"{used.origin}: {clause(used.path)}" if used.path else used.origin
    if used.path and "no_certificate_or_crl_found" in str(cause).lower():
        return MachineError(
            f"the CA bundle is no PEM file with certificates ({shown})", hint=f"file {_quoted(used)}", cause_id="ca"
        )
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError | socket.gaierror) and _names_bundle(cause):
        return MachineError(f"the CA bundle cannot be read ({shown})", hint=_hint_for_bundle(used, way), cause_id="ca")
    if isinstance(error, theirs.SSLError) or isinstance(cause, ssl.SSLError):
        untrusted = MachineError(
            f"the certificate of {way.host} is not trusted ({_reason(cause)}; checked against {shown}){way.proxy}",
            hint=f"ask for your network's CA file, then: aws configure set ca_bundle /path/to/ca.pem "
            f"{way.as_profile}; see who answers: openssl s_client -connect {way.address}",
            cause_id="tls",
        )
        untrusted.is_shared = True
        return untrusted
    return None


def _quoted(used: Authority) -> str:
    return word(used.path or "")


def _hint_for_bundle(used: Authority, way: Way) -> str:
    if used.origin in CA_VARIABLES:
        return f"ls -l {_quoted(used)}, or: {way.machine.unset(used.origin)}"
    return f"ls -l {_quoted(used)}, or remove ca_bundle from the profile" if used.path else "credhelper profile check"


def _names_bundle(cause: OSError) -> bool:
    return isinstance(cause, FileNotFoundError | PermissionError | IsADirectoryError) or bool(
        re.search(r"\bCA\b", str(cause))
    )


def _transport(error: Exception, cause: BaseException, way: Way) -> CredhelperError:
    host, proxy = way.host, way.proxy
    if way.has_socks:
        return MachineError(
            f"botocore cannot use a SOCKS proxy{proxy}",
            hint=f"name an http proxy, or none; {way.look_at_proxy}",
            cause_id="proxy",
        )
    match error:
        case theirs.ProxyConnectionError():
            return _through_proxy(cause, way)
        # What botocore's parsers raise of an answer that is not what they expect.
        case ResponseParserError() | ValueError() | LookupError() | TypeError() | RuntimeError() | ArithmeticError():
            return UnreachableError(
                f"what answered for {host} is not {way.service}: the answer is no whole XML document (a login page of "
                f"the network, a proxy, or a connection cut off){proxy}",
                hint=f"see what answers: curl -i {way.root}{way.otherwise}",
                cause_id="not-aws",
            )
        case theirs.EndpointConnectionError() if isinstance(cause, socket.gaierror) or _UNRESOLVED.search(str(cause)):
            is_strange = bool(way.region) and way.region in host and not regions.is_known(way.region)
            return UnreachableError(
                f"the name {host} cannot be resolved{proxy}{_chosen_by(host)}",
                hint=f"botocore knows no region {word(way.region)}: {way.another_region}; or see: {way.look_up}"
                if is_strange
                else way.look_up,
                cause_id="dns",
            )
        case theirs.ConnectTimeoutError() | theirs.ReadTimeoutError() | OutOfTimeError():
            return UnreachableError(
                f"{host} did not answer in time{proxy}",
                hint=f"curl -sS -m 10 {way.root}{way.otherwise}",
                cause_id="connect",
            )
        case _:
            return UnreachableError(
                f"the connection to {host} failed: {_reason(cause)}{proxy}",
                hint=f"curl -sS -m 10 {way.root}{way.otherwise}",
                cause_id="connect",
            )


def _chosen_by(host: str) -> str:
    """Say which setting made this host's name, where it is not the usual one."""
    if re.match(r"[a-z.-]+-fips\.", host):
        return "; use_fips_endpoint or AWS_USE_FIPS_ENDPOINT asks for it, and not every region has one"
    if re.search(r"\.(api\.aws|api\.amazonwebservices\.com\.cn)(:|$)", host):
        return "; use_dualstack_endpoint or AWS_USE_DUALSTACK_ENDPOINT asks for it"
    return ""


def _through_proxy(cause: BaseException, way: Way) -> CredhelperError:
    proxy = way.proxy
    if "407" in str(cause):
        return UnreachableError(
            f"the proxy wants a user name and password (407){proxy}", hint=way.look_at_proxy, cause_id="proxy"
        )
    return UnreachableError(
        f"the proxy cannot be used: {_reason(cause)}{proxy}", hint=way.look_at_proxy, cause_id="proxy"
    )


def _reason(cause: BaseException) -> str:
    """Return the operating system's or OpenSSL's words; other texts may quote a URL or a body."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return clause(cause.verify_message)
    if isinstance(cause, OSError) and cause.strerror:
        return clause(cause.strerror).lower()
    verified = re.search(r"certificate verify failed: ([A-Za-z0-9 ,'-]+)", str(cause))
    if verified:
        return clause(verified.group(1))
    told = re.search(
        r"\[Errno -?\d+\] ([A-Za-z ]+)|(Remote end closed connection|Tunnel connection failed: \d+)", str(cause)
    )
    return (told.group(1) or told.group(2)).lower() if told else type(cause).__name__
