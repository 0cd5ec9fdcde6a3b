"""Where a signed request may be sent, and which setting decides."""

import botocore.session
import pytest

from credhelper.aws import endpoint
from credhelper.errors import InputError
from fakes import canary

SERVICES = {"local": {"sts": {"endpoint_url": "https://service.example"}, "s3": {"endpoint_url": "http://s3.example"}}}
SECTION = {"services": "local", "endpoint_url": "https://profile.example"}


@pytest.mark.parametrize(
    ("environ", "section", "expected"),
    [
        ({"AWS_ENDPOINT_URL_STS": "https://a", "AWS_ENDPOINT_URL": "https://b"}, SECTION, "https://a"),
        ({"AWS_ENDPOINT_URL": "https://b"}, SECTION, "https://b"),
        ({}, SECTION, "https://service.example"),
        ({}, {"endpoint_url": "https://profile.example"}, "https://profile.example"),
        ({}, {}, None),
        ({"AWS_ENDPOINT_URL_STS": ""}, {}, None),
        ({"AWS_ENDPOINT_URL": "https://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, SECTION, None),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, SECTION, "https://service.example"),
        ({}, {**SECTION, "ignore_configured_endpoint_urls": "True"}, None),
        (
            {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
            {**SECTION, "ignore_configured_endpoint_urls": "true"},
            "https://service.example",
        ),
    ],
)
def test_order_of_precedence_is_botocores(
    environ: dict[str, str],
    section: dict[str, str],
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert endpoint.configured(environ, section, SERVICES) == expected
    for name, value in {**environ, "AWS_STS_REGIONAL_ENDPOINTS": "regional"}.items():
        monkeypatch.setenv(name, value)
    session = botocore.session.Session(profile="p")
    session._config = {"profiles": {"p": section}, "services": SERVICES}
    client = session.create_client(
        "sts", "eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key=canary.secret_key()
    )
    assert client.meta.endpoint_url == (expected or "https://sts.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://sts.eu-west-1.amazonaws.com",
        "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com:443/",
        "http://127.0.0.1:4566",
        "http://127.9.9.9",
        "http://localhost:4566",
        "http://[::1]:4566",
    ],
)
def test_https_and_loopback_are_accepted(url: str) -> None:
    assert endpoint.checked(url, "AWS_ENDPOINT_URL_STS") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example",
        "http://169.254.169.254",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1\\@evil.example",
        "http://evil.example#127.0.0.1",
        "https://user:password@sts.amazonaws.com",
        "https://sts.amazonaws.com?x=1",
        "https://",
        "https:///path",
        "https://host:port",
        "https://ho st",
        "https://host\n.evil.example",
        "https://hóst",
        "http://[::1",
        "http://0.0.0.0:80",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "//127.0.0.1",
        "127.0.0.1:80",
        "",
    ],
)
def test_any_other_endpoint_is_refused_by_the_name_of_its_setting(url: str) -> None:
    with pytest.raises(InputError) as caught:
        endpoint.checked(url, "AWS_ENDPOINT_URL_STS")
    assert "AWS_ENDPOINT_URL_STS" in caught.value.message
    assert "unset AWS_ENDPOINT_URL_STS" in caught.value.hint
    assert "password" not in caught.value.message


def test_services_section_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(InputError, match=r"\[services gone\] that does not exist"):
        endpoint.configured({}, {"services": "gone"}, {})


def test_insecure_endpoint_of_a_services_section_is_named() -> None:
    with pytest.raises(InputError, match=r"endpoint_url of sts in \[services bad\]"):
        endpoint.configured({}, {"services": "bad"}, {"bad": {"sts": {"endpoint_url": "http://evil.example"}}})


def test_variables_are_those_that_change_the_answer() -> None:
    assert set(endpoint.VARIABLES) == {
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    }
