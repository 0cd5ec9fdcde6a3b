"""Sessions that read only what is named to them, and clients that always check certificates."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore
import botocore.config
import botocore.exceptions
import pytest

from credhelper.aws import session
from credhelper.errors import InputError


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_empty_ca_bundle_does_not_turn_certificate_checks_off(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "")
    with pytest.raises(botocore.exceptions.InvalidConfigError, match="CA bundle"):
        session.without_profile().create_client("sts", region_name="us-east-1")


def test_first_ca_bundle_that_is_named_is_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    session.without_profile().create_client("sts", region_name="us-east-1")


@pytest.mark.parametrize(
    ("config", "variables", "expected"),
    [
        ({}, {}, None),
        ({}, {"AWS_REGION": "eu-west-3"}, "eu-west-3"),
        ({}, {"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({}, {"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-3"),
        ({}, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"region": "eu-west-1"}, {"AWS_REGION": "eu-west-3"}, "eu-west-1"),
        ({"role_arn": "arn:aws:iam::222222222222:role/r"}, {"AWS_REGION": "eu-west-3"}, "eu-west-3"),
        ({"role_arn": "arn:aws:iam::222222222222:role/r"}, {"AWS_REGION": "cn-north-1"}, None),
        ({"role_arn": "x"}, {"AWS_REGION": "eu-west-3"}, "eu-west-3"),
    ],
)
def test_region_of_the_shell_is_for_a_profile_without_one(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], variables: dict[str, str], expected: str | None
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    own = session.ExplicitSession("p", {"profiles": {"p": config}}, "/dev/null", "/dev/null")
    assert own.get_config_variable("region") == expected


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


def made(service: str, config: dict[str, object] | None = None, **options: object) -> Any:
    """Return a client of a session whose profile has these keys."""
    own = session.ExplicitSession("p", {"profiles": {"p": config or {}}}, "/dev/null", "/dev/null")
    given = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    return own.create_client(service, **{**given, **options})


def proxies_of(client: Any) -> object:
    return client._endpoint.http_session._proxy_config._proxies


@pytest.mark.parametrize("variable", PROXIES)
@pytest.mark.parametrize("service", ["sts", "sso", "sso-oidc"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:4566", "https://localhost:4566"])
def test_client_of_this_machine_has_no_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, service: str, url: str
) -> None:
    monkeypatch.setenv(variable, "http://proxy.example:3128")
    assert proxies_of(made(service, endpoint_url=url)) == {}
    assert proxies_of(made(service, {"endpoint_url": url})) == {}
    assert proxies_of(made(service, endpoint_url="https://sts.eu-west-1.amazonaws.com")) != {}


@pytest.mark.parametrize("service", ["sso", "sso-oidc", "signin"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://evil.example"])
def test_client_with_tokens_obeys_the_config_file_and_no_variable(
    monkeypatch: pytest.MonkeyPatch, service: str, url: str
) -> None:
    if service not in session.without_profile().get_available_services():
        pytest.skip("this botocore has no such service")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}", url)
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    assert str(urlsplit(made(service).meta.endpoint_url).hostname).endswith((".amazonaws.com", ".aws"))
    assert made(service, {"endpoint_url": "https://config.example"}).meta.endpoint_url == "https://config.example"
    client = session.ExplicitSession("p", {"profiles": {"p": {}}}, "/dev/null", "/dev/null").create_client(
        "sts", region_name="eu-west-1", config=unsigned
    )
    assert client.meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_bundle_that_only_a_variable_names_makes_no_client(
    monkeypatch: pytest.MonkeyPatch, variable: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "ca.pem")
    monkeypatch.setenv(variable, path)
    with pytest.raises(InputError, match=variable):
        made("sts")
    assert made("sts", {"ca_bundle": path})._endpoint.http_session._verify == path
    # Over plain http no certificate is checked, and no file is read.
    assert made("sts", endpoint_url="http://127.0.0.1:1").meta.endpoint_url == "http://127.0.0.1:1"
