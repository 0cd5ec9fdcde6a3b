"""Values of AWS's own keys that botocore refuses, or takes for something else than is written. Pure.

The list is that of botocore 1.43: the keys of its configprovider with a conversion, and what its clients check
(args.py, config.py, session.py, utils.py). A test holds each line of it against botocore itself.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit


class Fault(NamedTuple):
    """What is wrong with the value of a key; `example` is a value that would do, "" where only the user knows one.

    `sdks` are those it is wrong for, where it is not botocore.
    """

    rule: str
    key: str
    effect: str
    example: str
    sdks: tuple[str, ...] = ()


class _Values(NamedTuple):
    """What a key may be, in words, and how it is tested."""

    limits: str
    example: str
    is_good: Callable[[str], bool]


# botocore's own expressions: a label of a host, and a host.
_LABEL = re.compile(r"(?![0-9]+\Z)(?!-)[a-zA-Z0-9-]{0,63}(?<!-)")
_HOST = re.compile(r"(?:(?!-)[A-Z\d-]{1,63}(?<!-)\.)*(?:(?!-)[A-Z\d-]{1,63}(?<!-))", re.IGNORECASE)
_LONGEST_HOST = 255
_MAXIMUM_COMPRESSED = 1_048_576


def _one_of(*values: str, is_exact: bool = True) -> _Values:
    words = f"one of {', '.join(values[:-1])} and {values[-1]}"
    return _Values(words, values[0], lambda text: (text if is_exact else text.lower()) in values)


def _integer(minimum: int | None = None, maximum: int | None = None, example: str = "3") -> _Values:
    limits = "a whole number" + (f" of at least {minimum}" if minimum is not None else "")
    limits += f" and at most {maximum}" if maximum is not None else ""

    def is_good(text: str) -> bool:
        try:
            number = int(text)
        except ValueError:
            return False
        return (minimum is None or number >= minimum) and (maximum is None or number <= maximum)

    return _Values(limits, example, is_good)


def is_url(text: str) -> bool:
    """Tell whether botocore makes a client for this endpoint."""
    if any(character in text for character in "\t\r\n"):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    if host is None or len(host) > _LONGEST_HOST:
        return False
    return bool(parts.scheme) and _HOST.fullmatch(host.removesuffix(".")) is not None


_CHECKSUM = _one_of("when_supported", "when_required", is_exact=False)
# The value is refused: no client is made, for any service.
_REFUSED = {
    "region": _Values("the name of a region", "us-east-1", lambda text: _LABEL.fullmatch(text) is not None),
    "max_attempts": _integer(1),
    "retry_mode": _one_of("standard", "adaptive", "legacy"),
    "defaults_mode": _one_of("standard", "legacy", "in-region", "cross-region", "mobile", "auto", is_exact=False),
    "sts_regional_endpoints": _one_of("regional", "legacy"),
    "request_checksum_calculation": _CHECKSUM,
    "response_checksum_validation": _CHECKSUM,
    "account_id_endpoint_mode": _one_of("preferred", "disabled", "required", is_exact=False),
    "request_min_compression_size_bytes": _integer(1, _MAXIMUM_COMPRESSED, "10240"),
    "metadata_service_timeout": _integer(example="1"),
    "metadata_service_num_attempts": _integer(example="1"),
    "ec2_metadata_service_endpoint_mode": _one_of("ipv4", "ipv6", is_exact=False),
    "s3_disable_express_session_auth": _one_of("true", "false", is_exact=False),
    "endpoint_url": _Values("a URL", "", is_url),
}
# An empty one is none.
_MAY_BE_EMPTY = ("region", "endpoint_url", "sts_regional_endpoints")
# What is not `true` is false.
_BOOLEANS = (
    *("use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls", "ec2_metadata_v1_disabled"),
    *("imds_use_ipv6", "disable_request_compression", "disable_host_prefix_injection", "tcp_keepalive"),
    "parameter_validation",
)
# In the block of keys below `s3`.
_S3 = {
    "addressing_style": _one_of("auto", "path", "virtual"),
    "us_east_1_regional_endpoint": _one_of("regional", "legacy"),
}
_KNOWN = frozenset((*_REFUSED, *_BOOLEANS, "duration_seconds", "output"))
_OUTPUTS = _one_of("json", "text", "table", "yaml", "yaml-stream", "off")


def value_faults(section: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what is wrong with the values of a profile."""
    for key in section.keys() & _KNOWN:
        if (fault := _fault(key, section[key])) is not None:
            yield fault


def nested_fault(header: str, key: str, line: str) -> str:
    """Return what is wrong with a line of the block of keys below `key`, "" where nothing is known to be."""
    name, _, text = (part.strip() for part in line.partition("="))
    if header.split()[:1] == ["services"] and name == "endpoint_url" and text and not is_url(text):
        return f"botocore refuses every call to {key}: its endpoint_url is not a URL"
    rule = _S3.get(name) if key == "s3" else None
    if rule is not None and not rule.is_good(text):
        return f"botocore refuses every call to S3: {name} is not {rule.limits}"
    return ""


@cache
def _fault(key: str, text: str) -> Fault | None:
    if "\n" in text:
        return None  # said of the line that continues it
    found = _REFUSED.get(key)
    if found is not None:
        if found.is_good(text) or (not text and key in _MAY_BE_EMPTY):
            return None
        return Fault("value-refused", key, f"botocore refuses every call: {key} is not {found.limits}", found.example)
    if key in _BOOLEANS and text.lower() not in ("true", "false"):
        return Fault("value-ignored", key, f"botocore takes it for false: {key} is neither true nor false", "true")
    if key == "duration_seconds" and not _integer().is_good(text):
        return Fault("value-ignored", key, "botocore passes over it: duration_seconds is not a whole number", "3600")
    if key == "output" and text and not _OUTPUTS.is_good(text):
        effect = f"the AWS CLI refuses every command: {key} is not {_OUTPUTS.limits}"
        return Fault("value-refused", key, effect, "json", ("AWS CLI",))
    return None
