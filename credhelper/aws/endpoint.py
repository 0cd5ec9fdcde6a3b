"""Which STS endpoint was asked for, in botocore's order of precedence. Pure: environment and sections are arguments."""

from collections.abc import Mapping
from typing import Protocol

from credhelper.errors import PROFILE, InputError
from credhelper.model import endpoint_url

SERVICE_VARIABLE = "AWS_ENDPOINT_URL_STS"
GLOBAL_VARIABLE = "AWS_ENDPOINT_URL"
IGNORE_VARIABLE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
# Every variable the answer depends on; a cached entry keeps a hash of them.
VARIABLES = (SERVICE_VARIABLE, GLOBAL_VARIABLE, IGNORE_VARIABLE)
# Which proxy is used, and which CA certificates are trusted: read by botocore and urllib.
PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
CA_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_OF_PROFILE = "endpoint_url of the profile"
NETWORK_VARIABLES = (*PROXY_VARIABLES, "NO_PROXY", "no_proxy", *CA_VARIABLES)


class Files(Protocol):
    """The two views of the shared files that decide about an endpoint."""

    @property
    def profiles(self) -> Mapping[str, Mapping[str, str]]:
        """The flat keys by profile."""

    @property
    def services(self) -> Mapping[str, Mapping[str, object]]:
        """The `[services NAME]` sections by name."""


def resolve(environ: Mapping[str, str], files: Files, profile: str) -> str | None:
    """Return what `configured` returns for a profile in these files."""
    return configured(environ, files.profiles.get(profile, {}), files.services)


def configured(
    environ: Mapping[str, str],
    section: Mapping[str, str],
    services: Mapping[str, Mapping[str, object]],
) -> str | None:
    """Return the endpoint that is configured for STS, or None for AWS's own regional one.

    `section` is the profile's section, `services` the `[services NAME]` sections by name. Order and rules are those
    of botocore's ConfiguredEndpointProvider. Raises InputError for an endpoint that is neither https nor loopback.
    """
    if is_ignored(environ, section):
        return None
    for variable in (SERVICE_VARIABLE, GLOBAL_VARIABLE):
        if url := environ.get(variable):
            return checked(url, variable)
    return in_config(section, services)


def in_config(
    section: Mapping[str, str], services: Mapping[str, Mapping[str, object]], service: str = "sts"
) -> str | None:
    """Return the endpoint that the config file names for a service, None if it names none; raises InputError."""
    if url := _from_services(section, services, service):
        return checked(url, f"endpoint_url of {service} in [services {section['services']}]")
    if url := section.get("endpoint_url"):
        return checked(url, _OF_PROFILE)
    return None


def is_configured(url: str | None, files: Files, profile: str) -> bool:
    """Tell whether `url` is what the config file names for STS, with or without a variable that says the same."""
    return url is not None and url == in_config(files.profiles.get(profile, {}), files.services)


def is_ignored(environ: Mapping[str, str], section: Mapping[str, str]) -> bool:
    """Tell whether configured endpoints are to be passed over."""
    text = environ.get(IGNORE_VARIABLE, section.get("ignore_configured_endpoint_urls", ""))
    return text.lower() == "true"


def _from_services(
    section: Mapping[str, str], services: Mapping[str, Mapping[str, object]], service: str
) -> str | None:
    name = section.get("services")
    if name is None:
        return None
    if not services.get(name):
        raise InputError(
            f"the profile refers to a section [services {name}] that does not exist",
            hint="credhelper profile check",
            cause_id="config",
        )
    own = services[name].get(service)
    url = own.get("endpoint_url") if isinstance(own, Mapping) else None
    return url if isinstance(url, str) else None


def checked(url: str, origin: str) -> str:
    """Return `url` if credentials may be sent there: https anywhere, http only to this machine.

    An endpoint over plain http, set by a project's .env file, would otherwise read the session token of every
    request. Raises InputError, which names the `origin` of the setting and never its value: it may hold a password.
    """
    if why := endpoint_url.fault_of(url):
        raise InputError(f"{origin} {why}", hint=_hint(origin), cause_id="config")
    return url


def _hint(origin: str) -> str:
    if origin.startswith("AWS_"):
        return f"unset {origin}, or set it to an https URL"
    if origin == _OF_PROFILE:
        return f"remove it, or set it to an https URL: credhelper profile unset {PROFILE} endpoint_url"
    return f"set it to an https URL; see where it is used: credhelper profile show {PROFILE}"
