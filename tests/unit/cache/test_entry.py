"""The sealed entry opens with its own key and name, unchanged, and in no other way."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from credhelper.cache import aes_gcm, entry
from credhelper.system.sha2 import hmac_sha512, sha256
from fakes import canary

MASTER = bytes(range(32))
NAME = b"n" * 32
SALT = b"s" * 32
SECRET = canary.secret_key().encode()


def sealed(payload: bytes = SECRET) -> bytes:
    return entry.seal(MASTER, NAME, payload, SALT)


def test_sealed_entry_opens_to_its_payload() -> None:
    assert entry.open_entry(MASTER, NAME, sealed()) == SECRET


def test_entry_is_what_the_format_page_says() -> None:
    derived = hmac.digest(MASTER, b"credhelper/v1/entry" + SALT, "sha512")
    kid = hmac.digest(MASTER, b"credhelper/v1/kid", "sha512")[:8]
    header = b"CHC1" + kid + SALT
    expected = header + AESGCM(derived[:32]).encrypt(derived[32:44], SECRET, header + NAME)
    assert sealed() == expected


def test_entry_hides_its_payload() -> None:
    assert not canary.find(sealed())


def test_every_flipped_bit_is_refused() -> None:
    data = sealed()
    for position in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(entry.EntryError):
            entry.open_entry(MASTER, NAME, bytes(damaged))


def test_every_truncation_is_refused() -> None:
    data = sealed()
    for size in range(len(data)):
        with pytest.raises(entry.EntryError):
            entry.open_entry(MASTER, NAME, data[:size])


def test_extension_is_refused() -> None:
    with pytest.raises(entry.EntryError, match="auth"):
        entry.open_entry(MASTER, NAME, sealed() + b"\0")


def test_entry_of_another_profile_is_refused() -> None:
    with pytest.raises(entry.EntryError, match="auth"):
        entry.open_entry(MASTER, b"m" * 32, sealed())


def test_entry_of_another_key_names_the_kid() -> None:
    with pytest.raises(entry.EntryError, match="kid"):
        entry.open_entry(b"k" * 32, NAME, sealed())


@pytest.mark.parametrize("data", [b"", b"CHC1", b"CHC2" + b"x" * 100, b"\0" * 4096, b"CHC1" + b"x" * 65536])
def test_foreign_bytes_are_a_format_miss(data: bytes) -> None:
    with pytest.raises(entry.EntryError, match="format"):
        entry.open_entry(MASTER, NAME, data)


def test_nothing_empty_or_oversized_is_sealed() -> None:
    with pytest.raises(ValueError, match="payload"):
        sealed(b"")
    with pytest.raises(ValueError, match="64 KiB"):
        sealed(b"x" * 65536)


def test_fresh_salt_gives_another_ciphertext() -> None:
    assert entry.seal(MASTER, NAME, SECRET, b"t" * 32)[44:] != sealed()[44:]


def test_short_way_to_the_aead_is_the_public_class() -> None:
    assert aes_gcm.AESGCM is AESGCM


@given(key=st.binary(max_size=128), message=st.binary(max_size=300))
def test_hmac_equals_the_standard_library(key: bytes, message: bytes) -> None:
    assert hmac_sha512(key, message) == hmac.digest(key, message, "sha512")


def test_hmac_equals_rfc_4231_case_2() -> None:
    expected = (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    )
    assert hmac_sha512(b"Jefe", b"what do ya want for nothing?").hex() == expected


def test_hmac_refuses_a_key_it_would_have_to_hash_first() -> None:
    with pytest.raises(ValueError, match="block"):
        hmac_sha512(b"x" * 129, b"")


@given(st.binary(max_size=200))
def test_sha256_equals_the_standard_library(data: bytes) -> None:
    assert sha256(data).digest() == hashlib.sha256(data).digest()
