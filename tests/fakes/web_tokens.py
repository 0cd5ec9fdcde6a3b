"""JSON Web Tokens with any claims, and a signature that is none."""

import base64
import json
from collections.abc import Mapping


def jwt(claims: Mapping[str, object], kid: str = "1", signature: str = "c2ln") -> str:
    """Return a token with these claims."""
    return f"{_part({'alg': 'RS256', 'kid': kid})}.{_part(claims)}.{signature}"


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
