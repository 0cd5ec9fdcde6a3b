"""Links to AWS's console: its hosts by partition, where a sign-in may lead, and the links that are made of both. Pure.

A sign-in link works for each of its readers until its token expires. So it leads to the console's own hosts only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from credhelper.errors import PROFILE, InputError
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.shell import word

# By partition: the host of the sign-in, and the domain below which the console is. AWS's IAM User Guide has the first
# (enable custom identity broker access to the console), endpoints references the others; ISO has none outside its nets.
_HOSTS: dict[str, tuple[str, str]] = {
    "aws": ("signin.aws.amazon.com", "console.aws.amazon.com"),
    "aws-cn": ("signin.amazonaws.cn", "console.amazonaws.cn"),
    "aws-us-gov": ("signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
    "aws-eusc": ("{region}.signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
}
SCHEMES = {"container": "ext+container", "granted": "ext+granted-containers"}
# How long AWS takes the token of a link, and what it takes for the session behind it.
LINK_LASTS_S = 900
DURATIONS_S = (900, 43200)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONGEST_DESTINATION = 2048
_LONGEST_CONTAINER = 128
_LONGEST_SHOWN_NAME = 64
_ISSUER = "credhelper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where a sign-in is to lead and how long it is to last, by the options of the command; None is the usual."""

    service: str | None = None
    destination: str | None = None
    region: str | None = None
    duration_s: int | None = None
    is_after_sign_out: bool = False

    @property
    def given(self) -> dict[str, str | int | bool]:
        """The options that were given, with their values."""
        every = {
            "--service": self.service,
            "--destination": self.destination,
            "--region": self.region,
            "--duration": self.duration_s,
            "--logout-first": self.is_after_sign_out or None,
        }
        return {name: value for name, value in every.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Console:
    """The console of a partition, opened in a region of it."""

    partition: str
    region: str

    @property
    def signin_url(self) -> str:
        """Where its sign-in is, without a final slash."""
        return f"https://{_HOSTS[self.partition][0].format(region=self.region)}"

    @property
    def domain(self) -> str:
        """What its hosts are, or are below."""
        return _HOSTS[self.partition][1]

    def destination(self, service: str | None, account: str) -> str:
        """Return the page to begin with: that of a service, or the first one.

        AWS resolves the name of a service itself (`/go/view`). The account has a browser with several sessions take
        the right one; "" where it is not known.
        """
        page = "console/home" if service is None else f"go/view?service={service}"
        fields = {"region": self.region, **({"account": account} if account else {})}
        return f"https://{self.region}.{self.domain}/{page}{'?' if service is None else '&'}{urlencode(fields)}"

    def switch_role(self, account: str, role: str, shown: str) -> str:
        """Return the link with which a person who is signed in switches to a role; there is no secret in it.

        `role` is the name with its path, without the slash before it.
        """
        fields = {"account": account, "roleName": role, "displayName": shown[:_LONGEST_SHOWN_NAME]}
        return f"{self.signin_url}/switchrole?{urlencode(fields, quote_via=quote)}"


def console_of(partition: str, region: str | None, *, usual: Sequence[str] = ()) -> Console:
    """Return the console of a partition; raises InputError for one without, and for a region of another partition.

    `region` was asked for; without it the first of `usual` that is of the partition counts, then the partition's first.
    """
    if partition not in _HOSTS:
        raise InputError(
            f"there is no console sign-in for the partition {clause(partition)}, but for {', '.join(_HOSTS)}",
            hint=f"use the AWS CLI instead: credhelper exec {PROFILE} -- aws sts get-caller-identity",
        )
    if region is not None and partitions.partition_of_region(region) != partition:
        default = partitions.default_region(partition)
        raise InputError(
            f"--region {clause(region)} is no region of the partition {partition}, which the role is of",
            hint=f"one of its regions: credhelper console {PROFILE} --region {word(default)}",
        )
    fitting = [one for one in usual if partitions.partition_of_region(one) == partition]
    return Console(partition, region or next(iter(fitting), partitions.default_region(partition)))


def require_service(name: str) -> None:
    """Raise InputError for what cannot be the name of a service in a link."""
    if not _SERVICE.fullmatch(name):
        raise InputError(
            "--service is not the name of a service: small letters, digits and hyphens",
            hint=f"credhelper console {PROFILE} --service s3",
        )


def require_destination(url: str, console: Console) -> None:
    """Raise InputError for a destination that is not https at a host of the partition's console.

    Anything else would be an open redirect behind a sign-in. Two readers of one URL must not see two hosts in it.
    """
    if why := _fault_of(url, console.domain):
        raise InputError(
            f"--destination {why}",
            hint=f"a page of the console, such as {word(console.destination('s3', ''))}",
        )


def _fault_of(url: str, domain: str) -> str:
    if len(url) > _LONGEST_DESTINATION:
        return f"is longer than {_LONGEST_DESTINATION} characters"
    # urlsplit drops tabs and newlines, and browsers take a backslash for a slash.
    if any(not "!" <= character <= "~" or character in '\\"<>^`{|}' for character in url):
        return "has a character that a URL cannot have: it is to be escaped with %"
    if not url.startswith("https://"):
        return "does not begin with https://"
    try:
        host = urlsplit(url).netloc
    except ValueError:
        return "is not a URL"
    # No user and no port either: neither has a place in the name of a host.
    if not _HOST.fullmatch(host) or not (host == domain or host.endswith(f".{domain}")):
        return f"is not at the console of the role's partition, {domain}"
    return ""


def sign_in(signin_url: str, destination: str, token: str) -> str:
    """Return the link that signs in: a secret for as long as AWS takes its token."""
    fields = {"Action": "login", "Issuer": _ISSUER, "Destination": destination, "SigninToken": token}
    return f"{signin_url}/federation?{urlencode(fields, quote_via=quote, safe='')}"


def after_sign_out(signin_url: str, link: str) -> str:
    """Return the link that ends the browser's session first, and then goes on to another link of the same host."""
    fields = {"Action": "logout", "redirect_uri": link}
    return f"{signin_url}/oauth?{urlencode(fields, quote_via=quote, safe='')}"


def require_container(name: str) -> None:
    """Raise InputError for a name that no container of Firefox has."""
    if len(name) > _LONGEST_CONTAINER or not name.isprintable() or not name.strip():
        raise InputError(
            f"--container is not a name of 1 to {_LONGEST_CONTAINER} characters that are shown",
            hint=f"credhelper console {PROFILE} --container {PROFILE}",
        )


def in_container(link: str, name: str, extension: str) -> str:
    """Return the link that has an extension of Firefox open another one in a container."""
    return f"{SCHEMES[extension]}:name={quote(name, safe='')}&url={quote(link, safe='')}"
