"""botocore sessions that read only what we name, and send credentials only where that is safe."""

import contextlib
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

import botocore
import botocore.config
import botocore.exceptions
import botocore.loaders
import botocore.session

from credhelper import __version__
from credhelper.aws import bounded, endpoint, network_rules
from credhelper.errors import InputError
from credhelper.model import partitions

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
ATTEMPTS = 3
# urllib3 treats 0 as a programming error, and a deadline that has passed leaves 0 seconds.
_SHORTEST_TIMEOUT_S = 0.01


class BuiltinLoader(botocore.loaders.Loader):  # type: ignore[misc]  # botocore ships no types
    """Loads the service models that came with botocore, and no others.

    ~/.aws/models and AWS_DATA_PATH may replace an endpoint rule set, and with it the host that gets the request.
    botocore scans its 400 service directories to learn that STS exists; being asked for it is proof enough.
    """

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[self.BUILTIN_DATA_PATH], include_default_search_paths=False)

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # botocore's signature
        """Return the names of the services, without looking whether each has this type of model."""
        return sorted(os.listdir(self.BUILTIN_DATA_PATH))


# One for all sessions of a process: its models are read once, each some tenths of a second.
_LOADER = BuiltinLoader()


class ExplicitSession(botocore.session.Session):  # type: ignore[misc]  # botocore ships no types
    """A session bound to one profile and to files already read; AWS_PROFILE and similar variables change nothing.

    Its clients have our timeouts, refuse an endpoint that is neither https nor loopback, and keep to network_rules.
    """

    def __init__(
        self,
        profile: str,
        full_config: dict[str, Any],
        config_file: str,
        credentials_file: str,
        timeout_s: float = CONNECT_TIMEOUT_S + READ_TIMEOUT_S,
    ) -> None:
        super().__init__(profile=profile)
        self.timeout_s = timeout_s
        self._explicit_config = full_config
        self.user_agent_extra = f"credhelper/{__version__}"
        self.set_config_variable("config_file", config_file)
        self.set_config_variable("credentials_file", credentials_file)
        # The global endpoint is one Region's outage away from failing everywhere.
        self.set_config_variable("sts_regional_endpoints", "regional")
        if region := _region_of_shell(section(full_config, profile)):
            self.set_config_variable("region", region)
        self.register_component("data_loader", _LOADER)

    @property
    def full_config(self) -> dict[str, Any]:
        """The files as they were read once: reading 10,000 profiles again for every provider would take seconds."""
        return self._explicit_config

    def create_client(self, *arguments: Any, **options: Any) -> Any:
        """Create a client as botocore does, by the rules of network_rules.

        Raises InputError for an endpoint that is not safe, and for a CA bundle that is not allowed.
        """
        service = str(arguments[0] if arguments else options["service_name"])
        config = client_config(self.timeout_s).merge(options.get("config") or botocore.config.Config())
        if network_rules.is_bearer(service, is_signed=config.signature_version is not botocore.UNSIGNED):
            options["endpoint_url"] = options.get("endpoint_url") or self._bearer_endpoint(service)
            config = config.merge(botocore.config.Config(ignore_configured_endpoint_urls=True))
        refused = None
        try:
            options["verify"] = self.authority().path or True
        except InputError as error:
            options["verify"], refused = True, error
        client = super().create_client(*arguments, **{**options, "config": config})
        url = endpoint.checked(client.meta.endpoint_url, f"the endpoint configured for {service}")
        if refused is not None and not url.startswith("http://"):
            raise refused
        if network_rules.is_local(url) and urllib.request.getproxies():
            config = config.merge(botocore.config.Config(proxies={}))
            client = super().create_client(*arguments, **{**options, "config": config})
        bounded.bind(client)
        return client

    def authority(self) -> network_rules.Authority:
        """Return the CA bundle that its clients check certificates against; raises InputError."""
        self._refuse_empty_authority()
        return network_rules.authority_for(os.environ, self._sections())

    def authority_or_none(self) -> network_rules.Authority | None:
        """Return `authority`, None where there is none to name: for explanations."""
        with contextlib.suppress(InputError, botocore.exceptions.InvalidConfigError):
            return self.authority()
        return None

    def _sections(self) -> tuple[dict[str, str], ...]:
        return tuple([section(self.full_config, name) for name in (self.profile or "default", "default")])

    def _bearer_endpoint(self, service: str) -> str | None:
        services = self.full_config.get("services", {})
        return network_rules.bearer_endpoint(service, os.environ, self._sections()[0], services)

    def _refuse_empty_authority(self) -> None:
        """Raise InvalidConfigError for an empty CA bundle: botocore before 1.43.54 takes it for "do not check"."""
        for value in (self.get_config_variable("ca_bundle"), os.environ.get("REQUESTS_CA_BUNDLE")):
            if value is None:
                continue
            if value == "":
                raise botocore.exceptions.InvalidConfigError(error_msg="CA bundle: the name is empty")
            return


def client_config(
    timeout_s: float = CONNECT_TIMEOUT_S + READ_TIMEOUT_S, attempts: int = ATTEMPTS, **options: object
) -> Any:
    """Return a client configuration with our limits; no single wait is longer than `timeout_s` seconds."""
    timeout_s = max(timeout_s, _SHORTEST_TIMEOUT_S)
    return botocore.config.Config(
        connect_timeout=min(CONNECT_TIMEOUT_S, timeout_s),
        read_timeout=min(READ_TIMEOUT_S, timeout_s),
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=1,
        # "auto" asks the instance metadata service for its Region, on a laptop too.
        defaults_mode="legacy",
        **options,
    )


def without_profile(timeout_s: float = CONNECT_TIMEOUT_S + READ_TIMEOUT_S) -> ExplicitSession:
    """Return a session with no file behind it: for calls whose every input is an argument."""
    return ExplicitSession("default", {"profiles": {"default": {}}}, os.devnull, os.devnull, timeout_s)


def _region_of_shell(profile: Mapping[str, str]) -> str:
    """Return what AWS_REGION has for a profile without a region: botocore reads AWS_DEFAULT_REGION only."""
    region = os.environ.get("AWS_REGION", "")
    role = profile.get("role_arn", "")
    is_foreign = ":" in role and partitions.is_foreign(region, role)
    return "" if profile.get("region") or is_foreign else region


def section(full_config: Mapping[str, Any], profile: str) -> dict[str, str]:
    """Return the flat keys of a profile; nested blocks such as `s3 =` are left out."""
    return {key: value for key, value in full_config["profiles"].get(profile, {}).items() if isinstance(value, str)}
