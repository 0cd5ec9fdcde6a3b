"""SHA-256, SHA-512 and HMAC-SHA-512 (FIPS 180-4, RFC 2104) without loading OpenSSL a second time.

`hashlib` and `hmac` load libcrypto, 2.5 ms or a sixth of a hit (docs/performance.md), for hashes that CPython also
brings as small modules of its own. Where those are missing, hashlib is used. Tested against hmac and RFC 4231.
"""

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from hashlib import sha256, sha512
else:
    try:
        from _sha2 import sha256, sha512  # CPython 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256  # CPython 3.11
            from _sha512 import sha512
        except ImportError:
            from hashlib import sha256, sha512

__all__ = ["hmac_sha512", "sha256", "sha512"]

_BLOCK_SIZE = 128
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def hmac_sha512(key: bytes, message: bytes) -> bytes:
    """Return the 64-byte HMAC of `message`; `key` is at most one block (128 bytes), as every master key is."""
    if len(key) > _BLOCK_SIZE:
        raise ValueError("the key is longer than one block")
    padded = key.ljust(_BLOCK_SIZE, b"\0")
    inner = sha512(padded.translate(_INNER) + message).digest()
    return sha512(padded.translate(_OUTER) + inner).digest()
