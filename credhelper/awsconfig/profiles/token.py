"""What of a token's file says who signed in, without what a refresh replaces. Pure.

AWS's tools refresh a token by themselves, every hour, and write the file again. Who signed in is the same person then,
while another one who signs in has another refresh token, key or subject. What is not known to stay, counts.
"""

import base64
import binascii
import hashlib
import json

# In a JSON Web Token of a pod or of an OIDC provider: when and as which copy it was made; the next ones are Microsoft
# Entra's, and the last is of another token that was made with it (OpenID Connect Core, 3.1.3.6).
_TIMES = ("exp", "iat", "jti", "nbf", "uti", "aio", "rh", "at_hash")
# Kubernetes has a time within its own claim as well.
_KUBERNETES, _WARN_AFTER = "kubernetes.io", "warnafter"


def digest(content: bytes) -> str:
    """Return a text that differs whenever a token's file could be another identity's; any file has one."""
    token = _object(content)
    # Anything else, such as a session policy, counts to the last byte.
    if token is not None and "accessToken" in token:
        content = json.dumps(_without_refreshed(token), sort_keys=True).encode()
    elif (claims := _claims(content)) is not None:
        content = json.dumps(claims, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _without_refreshed(token: dict[str, object]) -> dict[str, object]:
    """Return the token of a sign-in without what a refresh replaces, where what is left is that sign-in's alone."""
    access = token.get("accessToken")
    if isinstance(access, dict):
        # `aws login`: the key that proves possession is made for one sign-in, and stays (botocore,
        # LoginCredentialFetcher.refresh_credentials).
        if not _is_text(token.get("dpopKey")):
            return token
        kept = {key: value for key, value in token.items() if key not in ("accessToken", "refreshToken")}
        return {**kept, "accessToken": access.get("accountId")}
    # SSO: the client is registered for all who sign in here, and for 90 days, so that it names no person; the refresh
    # token does (botocore, SSOTokenProvider._attempt_create_token). A portal that gives another one with each refresh
    # is another sign-in, as far as the file tells.
    if not _is_text(token.get("refreshToken")):
        return token
    return {key: value for key, value in token.items() if key not in ("accessToken", "expiresAt")}


def _claims(content: bytes) -> dict[str, object] | None:
    """Return what a JSON Web Token says of its subject, None for anything else. Its signature is AWS's to check."""
    parts = content.strip().split(b".")
    if len(parts) != 3 or _object(_decoded(parts[0])) is None:
        return None
    claims = _object(_decoded(parts[1]))
    if claims is None or not _is_text(claims.get("iss")) or not _is_text(claims.get("sub")):
        return None
    kept = {name: value for name, value in claims.items() if name not in _TIMES}
    if isinstance(inside := kept.get(_KUBERNETES), dict):
        kept[_KUBERNETES] = {name: value for name, value in inside.items() if name != _WARN_AFTER}
    return kept


def _decoded(part: bytes) -> bytes:
    try:
        return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""


def _object(content: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
