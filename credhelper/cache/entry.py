"""The sealed entry: bytes in, bytes out. Pure; the format is specified in docs/entry-format.md.

    "CHC1" | kid 8 | salt 32 | AES-256-GCM(ciphertext + tag)

There is no algorithm, cost or length field: nothing for an attacker to choose. A new version is a new magic.
"""

from credhelper.cache.aes_gcm import open_with, seal_with
from credhelper.system.sha2 import hmac_sha512

MAGIC = b"CHC1"
SALT_SIZE = 32
NAME_SIZE = 32
MAXIMUM_SIZE = 1 << 16
_KID_SIZE = 8
_TAG_SIZE = 16
_HEADER_SIZE = len(MAGIC) + _KID_SIZE + SALT_SIZE


class EntryError(Exception):
    """These bytes do not open as an entry; `reason` is `format`, `kid` or `auth`. Always a miss, never an error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def key_id(master: bytes) -> bytes:
    """Return the 8 bytes that say which master key sealed an entry, and nothing else about that key."""
    return hmac_sha512(master, b"credhelper/v1/kid")[:_KID_SIZE]


def kid_of(data: bytes) -> bytes:
    """Return the key id an entry declares; raises EntryError("format")."""
    if not _HEADER_SIZE + _TAG_SIZE < len(data) <= MAXIMUM_SIZE or not data.startswith(MAGIC):
        raise EntryError("format")
    return data[len(MAGIC) : len(MAGIC) + _KID_SIZE]


def seal(master: bytes, name: bytes, payload: bytes, salt: bytes) -> bytes:
    """Seal `payload` as the entry called `name` (32 bytes); `salt` is 32 fresh random bytes.

    Each salt gives its own key and nonce, so a nonce is never reused however many entries one master key seals.
    Raises ValueError if the entry would be too large or empty.
    """
    if not payload or len(salt) != SALT_SIZE or len(name) != NAME_SIZE:
        raise ValueError("an entry needs a payload, a 32-byte salt and a 32-byte name")
    header = MAGIC + key_id(master) + salt
    data = header + seal_with(*_key_and_nonce(master, salt), payload, header + name)
    if len(data) > MAXIMUM_SIZE:
        raise ValueError("the entry is larger than 64 KiB")
    return data


def open_entry(master: bytes, name: bytes, data: bytes) -> bytes:
    """Return the payload of the entry called `name`; raises EntryError for anything but that very entry."""
    if kid_of(data) != key_id(master):
        raise EntryError("kid")
    header = data[:_HEADER_SIZE]
    payload = open_with(*_key_and_nonce(master, header[-SALT_SIZE:]), data[_HEADER_SIZE:], header + name)
    if payload is None:
        raise EntryError("auth")
    return payload


def _key_and_nonce(master: bytes, salt: bytes) -> tuple[bytes, bytes]:
    derived = hmac_sha512(master, b"credhelper/v1/entry" + salt)
    return derived[:32], derived[32:44]
