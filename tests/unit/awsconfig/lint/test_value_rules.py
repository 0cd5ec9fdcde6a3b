"""Values that botocore refuses, or takes for something else: each line of the list is held against botocore itself."""

import os
from pathlib import Path

import botocore.exceptions
import botocore.session
import pytest
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES as KNOWN

from credhelper.awsconfig.lint.both import check
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.awsconfig.lint.value_rules import value_faults

# Each key with values that every client of botocore is made with, and with values for which none is.
TAKEN = {
    "region": ("us-east-1", "ap-southeast-7", "A1"),
    "max_attempts": ("1", " 3", "10"),
    "retry_mode": ("legacy", "standard", "adaptive"),
    "defaults_mode": ("legacy", "Standard", "in-region", "cross-region", "mobile"),
    "sts_regional_endpoints": ("legacy", "regional", ""),
    "request_checksum_calculation": ("when_supported", "WHEN_REQUIRED"),
    "response_checksum_validation": ("when_required",),
    "account_id_endpoint_mode": ("preferred", "Disabled", "required"),
    "request_min_compression_size_bytes": ("1", "1048576"),
    "metadata_service_timeout": ("1", "5"),
    "metadata_service_num_attempts": ("1", "3"),
    "ec2_metadata_service_endpoint_mode": ("ipv4", "IPv6"),
    "s3_disable_express_session_auth": ("true", "False"),
    "endpoint_url": ("https://x.example.com", "http://127.0.0.1:4566/", "", "https://a.b."),
}
REFUSED = {
    "region": ("us-east-1  # mine", '"us-east-1"', "us_east_1", "123", "-a", "us-east-1,", "eu west"),
    "max_attempts": ("x", "", "0", "-1", "3.5"),
    "retry_mode": ("fast", "Standard", ""),
    "defaults_mode": ("fast", ""),
    "sts_regional_endpoints": ("Regional", "global"),
    "request_checksum_calculation": ("always", ""),
    "response_checksum_validation": ("true",),
    "account_id_endpoint_mode": ("off", ""),
    "request_min_compression_size_bytes": ("x", "-1", "1048577", ""),
    "metadata_service_timeout": ("1s", "", "0.5"),
    "metadata_service_num_attempts": ("many",),
    "ec2_metadata_service_endpoint_mode": ("ipv5", ""),
    "s3_disable_express_session_auth": ("yes", ""),
    "endpoint_url": ("x.example.com", "https://", "https://a_b.example.com", "localhost:4566", "https://[::1"),
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("config", "credentials"):
        (tmp_path / name).write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path / "config"


def makes_a_client(config: Path, text: str, service: str = "sts") -> bool:
    """Tell whether botocore makes a client with these keys of a profile."""
    has_region = any(line.partition("=")[0].strip() == "region" for line in text.splitlines())
    config.write_text(f"[profile p]\n{text}\n" + ("" if has_region else "region = us-east-1\n"))
    session = botocore.session.Session(profile="p")
    try:
        session.get_credentials()
        session.create_client(service)
    except botocore.exceptions.NoRegionError:
        return True
    except (ValueError, botocore.exceptions.BotoCoreError):
        return False
    return True


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in TAKEN.items() for value in values])
def test_value_that_botocore_takes_is_no_finding(config: Path, key: str, value: str) -> None:
    assert makes_a_client(config, f"{key} = {value}")
    assert list(value_faults({key: value.strip()})) == []


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in REFUSED.items() for value in values])
def test_value_that_botocore_refuses_is_found_in_its_line(config: Path, key: str, value: str) -> None:
    if key in KNOWN or key == "endpoint_url":  # an older botocore refuses nothing of a key that it does not know
        assert not makes_a_client(config, f"{key} = {value}")
    found = check(f"[profile p]\noutput = json\n{key} = {value}\n".encode())
    (one,) = [finding for finding in found if finding.name == "value-refused"]
    assert (one.line, one.about) == (3, "p")
    assert rule_of(one).effect.startswith(f"botocore refuses every call: {key} is not ")
    assert "credhelper profile unset p" in rule_of(one).fix


def test_the_list_has_every_key() -> None:
    for key in TAKEN.keys() | REFUSED.keys():
        assert list(value_faults({key: "\x01"})), key
    assert TAKEN.keys() == REFUSED.keys()


@pytest.mark.parametrize(
    "key",
    [
        *("use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls"),
        *("ec2_metadata_v1_disabled", "imds_use_ipv6", "disable_request_compression"),
        *("disable_host_prefix_injection", "tcp_keepalive"),
    ],
)
@pytest.mark.parametrize(
    ("value", "taken"), [("true", True), ("TRUE", True), ("false", False), ("yes", None), ("1", None)]
)
def test_word_that_is_taken_for_false_is_found(config: Path, key: str, value: str, *, taken: bool | None) -> None:
    config.write_text(f"[profile p]\n{key} = {value}\n")
    session = botocore.session.Session(profile="p")
    assert session.get_config_variable(key) is (bool(taken) if key in KNOWN else None)
    assert [fault.rule for fault in value_faults({key: value})] == (["value-ignored"] if taken is None else [])


@pytest.mark.parametrize(
    ("services", "is_there"),
    [
        ("[services x]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n", True),
        ("[services 'x']\ns3 =\n  endpoint_url = http://127.0.0.1:1\n", True),
        ("[services x]\n", False),
        ("[services y]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n", False),
        ("", False),
    ],
)
def test_section_of_services_that_is_not_there_is_found(config: Path, services: str, *, is_there: bool) -> None:
    text = f"services = x\nregion = us-east-1\n{services}"
    assert makes_a_client(config, text) is is_there
    found = [one for one in check(f"[profile p]\n{text}".encode()) if one.name == "missing-services"]
    assert [one.line for one in found] == ([] if is_there else [2])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("services = x\nregion = us-east-1\n[services x]\ns3 =\n  endpoint_url = x.example.com\n", 6),
        ("services = x\nregion = us-east-1\n[services x]\ns3 =\n  endpoint_url = https://x.example.com\n", 0),
        ("region = us-east-1\ns3 =\n  max_queue_size = 5\n  addressing_style = dns\n", 5),
        ("region = us-east-1\ns3 =\n  addressing_style = path\n", 0),
        ("region = us-east-1\ns3 =\n  us_east_1_regional_endpoint = global\n", 4),
    ],
)
def test_value_in_a_block_of_keys_is_found_in_its_line(config: Path, text: str, line: int) -> None:
    assert makes_a_client(config, text, "s3") is (line == 0)
    found = [one for one in check(f"[profile p]\n{text}".encode()) if one.name == "nested-value"]
    assert [one.line for one in found] == ([line] if line else [])


def test_value_of_the_other_file_is_corrected_there() -> None:
    (one,) = check(b"", b"[p]\nmax_attempts = x\n")
    assert (one.is_in_credentials, one.line) == (True, 2)
    assert rule_of(one).fix.startswith("correct it, or remove the line: ${EDITOR:-vi} +2 ")


@pytest.mark.parametrize(
    ("value", "is_found"), [("json", False), ("JSON", True), ("yaml-stream", False), ("cvs", True)]
)
def test_output_that_the_cli_does_not_know_is_found(value: str, *, is_found: bool) -> None:
    assert bool(list(value_faults({"output": value}))) is is_found
