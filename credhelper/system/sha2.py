"""SHA-256, SHA-512 and HMAC-SHA-512 (FIPS 180-4, RFC 2104) without loading OpenSSL a second time.

`hashlib` and `hmac` load libcrypto, 2.5 ms or a sixth of a hit (docs/performance.md), for hashes that CPython also
brings as small modules of its own. Where those are missing, hashlib is used. Tested against hmac and RFC 4231.
"""

import sys

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from hashlib import sha256, sha512
else:
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256, sha512
        else:
            from _sha256 import sha256
            from _sha512 import sha512
    except ImportError:
        from hashlib import sha256, sha512

__all__ = ["hmac_sha512", "sha256", "sha512"]

_BLOCK_SIZE = 128
_INNER = int.from_bytes(b"\x36" * _BLOCK_SIZE, "big")
_OUTER = int.from_bytes(b"\x5c" * _BLOCK_SIZE, "big")


def hmac_sha512(key: bytes, message: bytes) -> bytes:
    """Return the 64-byte HMAC of `message`; `key` is at most one block (128 bytes), as every master key is."""
    if len(key) > _BLOCK_SIZE:
        raise ValueError("the key is longer than one block")
    padded = int.from_bytes(key.ljust(_BLOCK_SIZE, b"\0"), "big")
    inner = sha512((padded ^ _INNER).to_bytes(_BLOCK_SIZE, "big") + message).digest()
    return sha512((padded ^ _OUTER).to_bytes(_BLOCK_SIZE, "big") + inner).digest()
