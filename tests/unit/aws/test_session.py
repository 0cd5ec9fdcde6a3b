"""Sessions that read only what is named to them, and clients that always check certificates."""

import botocore.exceptions
import pytest

from credhelper.aws import session


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_empty_ca_bundle_does_not_turn_certificate_checks_off(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "")
    with pytest.raises(botocore.exceptions.InvalidConfigError, match="CA bundle"):
        session.without_profile().create_client("sts", region_name="us-east-1")


def test_first_ca_bundle_that_is_named_is_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    session.without_profile().create_client("sts", region_name="us-east-1")
