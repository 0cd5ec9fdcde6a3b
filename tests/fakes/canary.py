"""The canary: a mark that every secret of the tests holds, and the disguises in which it is looked for. Pure.

A secret that is not ours to choose (a master key, a key of the emulator) is registered for as long as a test takes.
"""

import base64
import json
import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote_from_bytes

# Both characters of AWS's secrets that URL and JSON encoders touch. None of them can tell the two alphabets of base64
# apart: that takes `>`, `?`, `~` or a byte above 127, which a master key has.
MARK = "CANARY/+"
RAW, BASE64, HEX, URL, UTF_16, JSON = "raw", "base64", "hex", "URL-escaped", "UTF-16", "JSON-escaped"
ENCODINGS = (RAW, BASE64, HEX, URL, UTF_16, JSON)
_SLASHES = {URL: ("/", "%2F", "%2f"), JSON: ("/", "\\/", "\\u002f", "\\u002F")}
_PLUSES = {URL: ("+", "%2B", "%2b"), JSON: ("+", "\\u002b", "\\u002B")}
# A key of nothing but one byte is found in every file with a gap.
_FEWEST_DISTINCT_BYTES = 8

_registered: dict[bytes, str] = {}


def secret_key(name: str = "") -> str:
    """Return a secret access key of AWS's shape: 40 characters, the mark at both ends, so that half a leak is one."""
    return MARK + name[:24].ljust(24, "x") + MARK


def session_token(name: str = "", size: int = 328) -> str:
    """Return a session token of that size, the mark at both ends."""
    return MARK + name.ljust(size - 2 * len(MARK), "T") + MARK


def register(secret: str | bytes) -> None:
    """Have this secret found as well, also where only its first or its second half is."""
    data = secret.encode() if isinstance(secret, str) else secret
    if len(set(data)) < _FEWEST_DISTINCT_BYTES:
        return
    middle = len(data) // 2
    _registered.update(_needles(data[:middle]) | _needles(data[middle:]))


def forget() -> None:
    """Look for the mark alone again."""
    _registered.clear()


def find(data: bytes) -> list[str]:
    """Return the encodings in which a secret is in `data`."""
    found = {name for needles in (_OF_THE_MARK, _registered) for needle, name in needles.items() if needle in data}
    return [name for name in ENCODINGS if name in found]


def redact(text: str) -> str:
    """Return `text` without what `find` finds in it."""
    data = text.encode("utf-8", "surrogateescape")
    for needle in (*_OF_THE_MARK, *_registered):
        data = data.replace(needle, b"***")
    return data.decode("utf-8", "replace")


def _needles(secret: bytes) -> dict[bytes, str]:
    """Return what the secret looks like, with the name of each encoding."""
    text = secret.decode("latin-1")
    needles = dict.fromkeys(_base64(secret), BASE64)
    needles |= dict.fromkeys((secret.hex().encode(), secret.hex().upper().encode()), HEX)
    needles |= {spelt.encode("latin-1"): JSON for spelt in _json(text)}
    needles |= {spelt.encode("latin-1"): URL for spelt in _url(secret)}
    needles |= {text.encode(codec): UTF_16 for codec in ("utf-16-le", "utf-16-be")}
    return {**needles, secret: RAW}


def _base64(secret: bytes) -> Iterator[bytes]:
    """Yield the characters that depend on the secret alone, for each of its three places in a longer text."""
    for before, encode in product(range(3), (base64.b64encode, base64.urlsafe_b64encode)):
        encoded = encode(bytes(before) + secret)
        yield encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


def _url(secret: bytes) -> Iterator[str]:
    quoted = quote_from_bytes(secret, safe="/+")
    yield from _spelt(quoted, URL)
    yield from _spelt(re.sub("%..", lambda escape: escape[0].lower(), quoted), URL)
    for form in ("%{:02X}", "%{:02x}"):
        yield "".join(form.format(byte) for byte in secret)


def _json(text: str) -> Iterator[str]:
    """Yield what writers of JSON make of it, and how Python shows it as bytes."""
    yield repr(text.encode("latin-1"))[2:-1]
    yield from _spelt(json.dumps(text)[1:-1], JSON)
    for form in ("\\u{:04x}", "\\u{:04X}"):
        yield "".join(form.format(ord(character)) for character in text)


def _spelt(text: str, encoding: str) -> Iterator[str]:
    """Yield `text` with the slash and the plus as different writers escape them."""
    for slash, plus in product(_SLASHES[encoding], _PLUSES[encoding]):
        yield text.replace("/", slash).replace("+", plus)


_OF_THE_MARK = _needles(MARK.encode())
