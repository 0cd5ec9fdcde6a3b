"""A secret is found in each of the six encodings, wherever it stands, and nothing else is."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from fakes import canary

MASTER = bytes(range(200, 232))
BEFORE, AFTER = "é: ", " and more"


def lower_escapes(text: str) -> str:
    return re.sub("%..", lambda escape: escape[0].lower(), text)


def every_character(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(character)) for character in text)


DISGUISES: dict[str, list[Callable[[str], str | bytes]]] = {
    canary.RAW: [str],
    canary.BASE64: [
        *(lambda text, n=n: base64.b64encode(bytes(n) + text.encode("latin-1") + b"tail") for n in range(3)),
        *(lambda text, n=n: base64.urlsafe_b64encode(bytes(n) + text.encode("latin-1")) for n in range(3)),
    ],
    canary.HEX: [
        lambda text: text.encode("latin-1").hex(),
        lambda text: text.encode("latin-1").hex().upper(),
    ],
    canary.URL: [
        lambda text: quote(text, safe="", encoding="latin-1"),
        lambda text: quote(text, encoding="latin-1"),
        lambda text: lower_escapes(quote(text, safe="", encoding="latin-1")),
        every_character("%{:02X}"),
    ],
    canary.UTF_16: [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
    ],
    canary.JSON: [
        lambda text: json.dumps(text).replace("/", "\\/"),
        lambda text: json.dumps(text).replace("/", "\\u002F").replace("+", "\\u002B"),
        lambda text: json.dumps(text).replace("+", "\\u002b"),
        every_character("\\u{:04x}"),
    ],
}
CASES = [
    pytest.param(encoding, disguise, id=f"{encoding}-{number}")
    for encoding, disguises in DISGUISES.items()
    for number, disguise in enumerate(disguises)
]


@pytest.fixture
def master() -> Iterator[str]:
    canary.register(MASTER)
    yield MASTER.decode("latin-1")
    canary.forget()


def planted(disguised: str | bytes) -> bytes:
    data = disguised.encode("latin-1") if isinstance(disguised, str) else disguised
    return BEFORE.encode() + data + AFTER.encode()


@pytest.mark.parametrize(("encoding", "disguise"), CASES)
@pytest.mark.parametrize("secret", [canary.secret_key("a"), canary.session_token("b")], ids=["key", "token"])
def test_every_encoding_is_found_and_named(encoding: str, disguise: Callable[[str], str | bytes], secret: str) -> None:
    assert canary.find(planted(disguise(secret))) == [encoding]


@pytest.mark.parametrize(("encoding", "disguise"), CASES)
def test_key_of_any_bytes_is_found_once_registered(
    encoding: str, disguise: Callable[[str], str | bytes], master: str
) -> None:
    assert canary.find(planted(disguise(master))) == [encoding]
    canary.forget()
    assert canary.find(planted(disguise(master))) == []


def test_half_of_a_secret_is_found() -> None:
    secret = canary.secret_key("half")
    assert len(secret) == 40
    for half in (secret[:20], secret[20:]):
        assert canary.find(half.encode()) == [canary.RAW]


def test_half_of_a_registered_secret_is_found(master: str) -> None:
    assert canary.find(MASTER[:16]) == canary.find(MASTER[16:]) == [canary.RAW]


def test_several_encodings_are_all_named() -> None:
    secret = canary.secret_key()
    both = f"{secret} {secret.encode().hex()}".encode()
    assert canary.find(both) == [canary.RAW, canary.HEX]


@pytest.mark.parametrize(
    "harmless", [b"", b"AKIACANARY", b"CANARY", b"canary/+", bytes(4096), base64.b64encode(bytes(range(256)))]
)
def test_what_is_no_secret_is_not_found(harmless: bytes) -> None:
    assert canary.find(harmless) == []


def test_key_of_a_single_byte_is_not_looked_for() -> None:
    canary.register(bytes(32))
    assert canary.find(bytes(4096)) == []


@pytest.mark.parametrize(("encoding", "disguise"), CASES)
def test_redacted_text_has_nothing_to_find(encoding: str, disguise: Callable[[str], str | bytes]) -> None:
    text = planted(disguise(canary.secret_key())).decode("latin-1")
    assert canary.find(canary.redact(text).encode()) == []
