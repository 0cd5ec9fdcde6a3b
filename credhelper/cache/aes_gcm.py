"""AES-256-GCM from the cryptography package, by the shortest way in.

The public path costs a hit 10 ms more than the Rust class it returns (docs/performance.md), all of it Python glue.
It is the same class; where a release moves it, the public path is the fallback. Both are tested against the oldest
and the newest cryptography we support.
"""

try:
    from cryptography.hazmat.bindings._rust import openssl as _openssl

    AESGCM = _openssl.aead.AESGCM
except (ImportError, AttributeError):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def seal_with(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Return ciphertext and tag."""
    return AESGCM(key).encrypt(nonce, plaintext, associated)


def open_with(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
    """Return the plaintext, or None if a single bit of anything is another."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except _invalid_tag():
        return None


def _invalid_tag() -> type[Exception]:
    # Evaluated only once a decryption has failed: a hit does not pay for this import.
    from cryptography.exceptions import InvalidTag

    return InvalidTag
