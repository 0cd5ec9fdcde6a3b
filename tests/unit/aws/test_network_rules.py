"""Proxies, certificate authorities and host names: what a variable may decide, and what it may not."""

from pathlib import Path

import pytest
from botocore.utils import get_environ_proxies

from credhelper.aws import network_rules
from credhelper.errors import InputError

LOCAL = [
    "http://127.0.0.1:4566",
    "https://localhost:4566/",
    "http://localhost",
    "http://[::1]:1/",
    "http://169.254.169.254/latest",
    "http://169.254.170.2/v2",
    "http://169.254.170.23/v1",
    "http://[fd00:ec2::254]/latest",
]
REMOTE = ["https://sts.eu-west-1.amazonaws.com", "https://localhost.evil.example/", "https://10.0.0.1/", "https://[/"]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@pytest.fixture(params=PROXIES)
def proxied(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(request.param, "http://proxy.example:3128")
    return str(request.param)


@pytest.mark.parametrize("url", LOCAL)
def test_what_stays_on_this_machine_has_no_proxy(url: str, proxied: str) -> None:
    assert proxied
    assert network_rules.is_local(url)
    assert network_rules.proxies_for(url) == {}


@pytest.mark.parametrize("url", REMOTE[:-1])
def test_what_leaves_it_has_the_proxy_of_the_environment(url: str, proxied: str) -> None:
    assert network_rules.proxies_for(url) == {proxied.lower().removesuffix("_proxy"): "http://proxy.example:3128"}
    assert network_rules.proxies_for(url) == get_environ_proxies(url)


@pytest.mark.parametrize("url", REMOTE)
def test_other_hosts_are_not_local(url: str) -> None:
    assert not network_rules.is_local(url)


@pytest.mark.parametrize(
    ("variables", "used"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://user:secret@proxy:3128"}, ("HTTPS_PROXY", "proxy:3128")),
        ({"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:2"}, ("https_proxy", "lower:2")),
        ({"HTTPS_PROXY": "https://user:secret@proxy"}, ("HTTPS_PROXY", "https://proxy")),
        ({"HTTPS_PROXY": "user:secret@proxy:3128"}, ("HTTPS_PROXY", "proxy:3128")),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"ALL_PROXY": "socks5://proxy:1080"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".amazonaws.com"}, None),
    ],
)
def test_proxy_in_use_is_the_one_that_botocore_takes(
    variables: dict[str, str], used: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*PROXIES, "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    url = "https://sts.eu-west-1.amazonaws.com"
    assert network_rules.proxy_in_use(url, variables) == used
    assert network_rules.proxies_for(url, variables) == get_environ_proxies(url)


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
class TestAuthorityOfAVariable:
    def test_is_refused_with_the_command_that_allows_it(self, variable: str, tmp_path: Path) -> None:
        path = str(tmp_path / "the ca.pem")
        with pytest.raises(InputError, match=variable) as caught:
            network_rules.authority_for({variable: path}, ({},))
        assert f"aws configure set ca_bundle '{path}' --profile default" in caught.value.hint

    @pytest.mark.parametrize("place", [0, 1])
    def test_is_believed_if_the_config_file_names_it(self, variable: str, place: int, tmp_path: Path) -> None:
        path = str(tmp_path / "ca.pem")
        sections: list[dict[str, str]] = [{}, {}]
        sections[place] = {"ca_bundle": path}
        assert network_rules.authority_for({variable: path}, tuple(sections)).path == path

    @pytest.mark.parametrize("path", ["ca.pem", "./ca.pem", "~/ca.pem", "../ca.pem"])
    def test_is_refused_if_relative(self, variable: str, path: str) -> None:
        with pytest.raises(InputError, match="relative"):
            network_rules.authority_for({variable: path}, ({"ca_bundle": path},))

    def test_is_believed_if_it_is_the_systems(self, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(network_rules, "is_systems", lambda _path: True)
        assert network_rules.authority_for({variable: "/etc/ca.pem"}, ({},)).origin == variable


def test_profiles_own_bundle_needs_no_permission(tmp_path: Path) -> None:
    path = str(tmp_path / "ca.pem")
    assert network_rules.authority_for({}, ({"ca_bundle": path},)).path == path
    assert network_rules.authority_for({"REQUESTS_CA_BUNDLE": "/other"}, ({"ca_bundle": path},)).path == path
    with pytest.raises(InputError, match="relative"):
        network_rules.authority_for({}, ({"ca_bundle": "ca.pem"},))
    assert network_rules.authority_for({}, ({}, {"ca_bundle": path})).path is None


def test_only_what_root_alone_decides_about_is_the_systems(tmp_path: Path) -> None:
    assert network_rules.is_systems("/etc/passwd")
    assert not network_rules.is_systems("/etc/does-not-exist")
    assert not network_rules.is_systems("/usr/src/project/ca.pem")
    assert not network_rules.is_systems("/etcetera/ca.pem")
    assert not network_rules.is_systems(str(tmp_path / "ca.pem"))


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_file_that_others_may_write_to_is_not_the_systems(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    path.touch()
    path.chmod(mode)
    monkeypatch.setattr(network_rules, "_SYSTEM_DIRECTORIES", (str(tmp_path),))
    assert not network_rules.is_systems(str(path))


EVIL = [
    "https://evil.example",
    "http://localhost:1",
    "http://127.0.0.1:1",
    "https://bucket.s3.amazonaws.com",
    "http://portal.sso.eu-west-1.amazonaws.com",
    "https://portal.sso.eu-west-1.amazonaws.com.evil.example",
    "https://portal.sso.eu-west-1.amazonaws.com@evil.example",
]


@pytest.mark.parametrize("service", ["sso", "sso-oidc", "signin", "sts"])
@pytest.mark.parametrize("url", EVIL)
def test_tokens_never_go_where_a_variable_points(service: str, url: str) -> None:
    own = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    for variable in ("AWS_ENDPOINT_URL", own):
        assert network_rules.bearer_endpoint(service, {variable: url}, {}, {}) is None
        named = {"endpoint_url": "https://config.example"}
        assert network_rules.bearer_endpoint(service, {variable: url}, named, {}) == "https://config.example"


def test_tokens_go_to_names_of_awss_own_and_where_the_config_file_says() -> None:
    url = "https://portal.sso.eu-west-1.amazonaws.com"
    assert network_rules.bearer_endpoint("sso", {"AWS_ENDPOINT_URL_SSO": url}, {}, {}) == url
    services = {"local": {"sso_oidc": {"endpoint_url": "http://localhost:7"}}}
    section = {"services": "local"}
    assert network_rules.bearer_endpoint("sso-oidc", {}, section, services) == "http://localhost:7"
    ignored = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert network_rules.bearer_endpoint("sso-oidc", ignored, section, services) is None


def test_signed_requests_to_sts_hold_no_token_of_that_kind() -> None:
    assert network_rules.is_bearer("sso", is_signed=False)
    assert network_rules.is_bearer("sts", is_signed=False)
    assert not network_rules.is_bearer("sts", is_signed=True)


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:1/x", True),
        ("https://127.0.0.2/x?id=1", True),
        ("http://localhost:1/", True),
        ("http://[::1]/", True),
        ("http://169.254.170.2/v2/credentials/1", True),
        ("http://169.254.170.23/v1/credentials", True),
        ("http://[fd00:ec2::23]/v1/credentials", True),
        ("http://[fd00:ec2:0::23]/v1/credentials", True),
        ("https://collector.example/x", False),
        ("https://localhost.evil.example/", False),
        ("https://127.0.0.1.evil.example/", False),
        ("https://10.0.0.5/x", False),
        ("https://169.254.169.254/latest", False),
        ("https://169.254.170.3/", False),
        ("https://[fd00:ec2::254]/", False),
        ("https://evil.example\\@127.0.0.1/", False),
        ("https://127.0.0.1@evil.example/", False),
        ("http://169.254.170.2@evil.example/", False),
        ("https://127.0.0.1\n.evil.example/", False),
        ("https://[/", False),
        ("", False),
    ],
)
def test_token_of_a_container_goes_to_this_machine_or_to_aws(url: str, is_allowed: bool) -> None:
    assert network_rules.is_container_host(url) is is_allowed
