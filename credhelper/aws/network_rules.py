"""What the environment may decide about the way to AWS: proxies, certificate authorities, host names.

A variable may come from a project's .env file. It may name a proxy, because what passes there is sealed by TLS. It may
not say whose certificates count, nor where a token goes that works for each reader of it.
"""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from credhelper.aws import endpoint
from credhelper.errors import InputError
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.shell import word

# Clients whose requests hold a token, a refresh token or a client's secret: botocore's name, the key of a [services]
# section, the host's name at AWS.
_BEARERS = {
    "sso": ("sso", "portal.sso"),
    "sso-oidc": ("sso_oidc", "oidc"),
    "signin": ("signin", "signin"),
    # Only where it is not signed: a web identity's token.
    "sts": ("sts", "sts"),
}
# Where the machine's administrator installs certificates. Below /usr/src lie sources, in a container the project's.
_SYSTEM_DIRECTORIES = ("/etc", "/private/etc", "/usr", "/opt")
_NOT_SYSTEM_DIRECTORIES = ("/usr/src",)
_METADATA_HOSTS = ("fd00:ec2::254", "fd00:ec2::23")
# Where ECS and EKS give a container its credentials.
_CONTAINER_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")


@dataclass(frozen=True, slots=True)
class Authority:
    """The CA bundle to check certificates against; `path` None is botocore's own. `origin` is who names it."""

    path: str | None = None
    origin: str = "botocore's own CA bundle"


def is_local(url: str) -> bool:
    """Tell whether a URL stays on this machine, or between it and its own metadata service."""
    host = host_of(url)
    if host == "localhost" or host in _METADATA_HOSTS:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local


def is_container_host(url: str) -> bool:
    """Tell whether a container's token may go to a URL, which a variable names: to this machine, or to ECS or EKS."""
    # One reader of a backslash or an @ takes what is before it for the host, another what comes after.
    if any(not "!" <= character <= "~" or character in "\\@" for character in url):
        return False
    host = host_of(url)
    try:
        return host == "localhost" or ip_address(host).is_loopback or str(ip_address(host)) in _CONTAINER_HOSTS
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host of a URL, "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def proxies_for(url: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the proxies by scheme for a request to `url`, as botocore finds them; none for what stays here.

    Over plain http a proxy would read the request, and answer it.
    """
    if is_local(url):
        return {}
    named = _proxies_of(environ)
    if not named and sys.platform in ("darwin", "win32"):
        # botocore (urllib) then looks at the system's settings.
        import urllib.request  # needed by those who connect, and slow to load

        return {} if urllib.request.proxy_bypass(urlsplit(url).netloc) else urllib.request.getproxies()
    # urllib asks with the port, too.
    import urllib.request

    bypass = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed leaves it out
    return {} if bypass(urlsplit(url).netloc, named) else named


def _proxies_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what urllib.request.getproxies_environment would: lower case wins, an empty one in lower case is none."""
    upper = {name[:-6].lower(): value for name, value in environ.items() if name[-6:].lower() == "_proxy" and value}
    for name, value in environ.items():
        if name.endswith("_proxy"):
            upper.pop(name[:-6].lower(), None)
            if value:
                upper[name[:-6].lower()] = value
    if "REQUEST_METHOD" in environ:
        upper.pop("http", None)
    return upper


def proxy_in_use(url: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what names the proxy of a request to `url`, and the proxy without its password; None if there is none."""
    scheme = url.partition(":")[0].lower()
    proxy = proxies_for(url, environ).get(scheme)
    if not proxy:
        return None
    # In urllib's order: lower case wins.
    variables = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    name = next((name for name in variables if environ.get(name) == proxy), "the system's settings")
    return name, without_password(proxy)


def without_password(url: str) -> str:
    """Return scheme, host and port of a proxy's URL."""
    scheme, found, rest = url.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        place = clause(f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname))
    except ValueError:
        return "not a URL"
    return f"{clause(scheme)}://{place}" if found and scheme.lower() != "http" else place


def authority_for(environ: Mapping[str, str], sections: tuple[Mapping[str, str], ...]) -> Authority:
    """Return the CA bundle for a profile, in botocore's order: AWS_CA_BUNDLE, the profile, REQUESTS_CA_BUNDLE.

    `sections` are the profile's section and then others of the config file that may allow what a variable names,
    [default] for example. A variable counts if one of them names the same file, or if the file is the system's
    own. Raises InputError for any other, and for a relative path.
    """
    profile = sections[0] if sections else {}
    if path := environ.get("AWS_CA_BUNDLE"):
        return _allowed("AWS_CA_BUNDLE", path, sections)
    if path := profile.get("ca_bundle"):
        _require_absolute("ca_bundle of the profile", path)
        return Authority(path, "ca_bundle of the profile")
    if path := environ.get("REQUESTS_CA_BUNDLE"):
        return _allowed("REQUESTS_CA_BUNDLE", path, sections)
    return Authority()


def _allowed(variable: str, path: str, sections: tuple[Mapping[str, str], ...]) -> Authority:
    _require_absolute(variable, path)
    if any(_is_same_file(path, section.get("ca_bundle")) for section in sections):
        return Authority(path, variable)
    real = os.path.realpath(path)
    if is_systems(real):
        return Authority(real, variable)  # the resolved path: a link on the way may belong to another account
    raise InputError(
        f"{variable} names a CA file that only the environment names, so that any project could set it: {clause(path)}",
        hint=f"if it is your network's: aws configure set ca_bundle {word(path)} --profile default",
        cause_id="ca",
    )


def _require_absolute(origin: str, path: str) -> None:
    if not os.path.isabs(path):
        raise InputError(
            f"{origin} is a relative path, which means another file in every directory: {clause(path)}",
            hint=f"unset {origin}, or write the whole path"
            if origin.isupper()
            else "write the whole path: aws configure set ca_bundle /the/path --profile default",
            cause_id="ca",
        )


def _is_same_file(path: str, other: str | None) -> bool:
    return other is not None and os.path.isabs(other) and os.path.normpath(path) == os.path.normpath(other)


def is_systems(path: str) -> bool:
    """Tell whether a resolved path is root's, below a system directory, and no other account may replace it."""
    if sys.platform == "win32" or not _is_below(path, _SYSTEM_DIRECTORIES) or _is_below(path, _NOT_SYSTEM_DIRECTORIES):
        return False
    while True:
        try:
            status = os.lstat(path)
        except OSError:
            return False
        if status.st_uid != 0 or stat.S_ISLNK(status.st_mode) or status.st_mode & 0o022:
            return False
        if path == os.path.dirname(path):
            return True
        path = os.path.dirname(path)


def _is_below(path: str, directories: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{directory}/") for directory in directories)


def is_bearer(service: str, *, is_signed: bool) -> bool:
    """Tell whether a client sends tokens that every reader of them can use, instead of a signature."""
    return service in _BEARERS and (service != "sts" or not is_signed)


def bearer_endpoint(
    service: str, environ: Mapping[str, str], section: Mapping[str, str], services: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """Return where a token may go: to what the config file names, or to a name of AWS's own (None: botocore's choice).

    A variable may choose among AWS's own names. Raises InputError for an endpoint that is neither https nor loopback.
    """
    key, host = _BEARERS[service]
    if endpoint.is_ignored(environ, section):
        return None
    for variable in (f"{endpoint.GLOBAL_VARIABLE}_{key.upper()}", endpoint.GLOBAL_VARIABLE):
        url = environ.get(variable, "")
        if url.startswith("https://") and partitions.is_aws_host(host_of(url), host):
            return endpoint.checked(url, variable)
    return endpoint.in_config(section, services, key)
