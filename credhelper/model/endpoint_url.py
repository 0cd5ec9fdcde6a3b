"""Where credentials may be sent: a plain URL, with https anywhere and with http to this machine only. Pure."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


def fault_of(url: str) -> str:
    """Return why nothing is sent to this URL, as what follows its name in a message, "" where nothing is wrong."""
    parts = _split(url)
    if parts is None or parts.username is not None or parts.query or parts.fragment:
        return "is not a plain URL such as https://sts.us-east-1.amazonaws.com"
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return ""
    return "is neither https nor a loopback address"


def _split(url: str) -> SplitResult | None:
    # urlsplit drops newlines and keeps backslashes that other parsers take for slashes: two readers, two hosts.
    if any(not "!" <= character <= "~" or character in '\\"' for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
