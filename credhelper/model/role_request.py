"""What is asked of STS in one AssumeRole request, and the identity of that request. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """One AssumeRole request, every input already validated (STS API reference, AssumeRole).

    `role_session_name` is None when the profile fixes none; `duration_seconds` is what will be asked for.
    `policy` is the JSON text of the session policy. `endpoint_url` is None for AWS's own regional endpoint;
    `is_endpoint_configured` tells that the config file names it, and not a variable alone.
    """

    role_arn: str
    duration_seconds: int
    region: str
    partition: str
    role_session_name: str | None = None
    external_id: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa_serial: str | None = None
    endpoint_url: str | None = None
    is_endpoint_configured: bool = False

    @property
    def account_id(self) -> str:
        """The account the role lives in, from its ARN."""
        return self.role_arn.split(":")[4]

    def identity(self, source: str) -> bytes:
        """Return 32 bytes that differ whenever STS could answer differently.

        `source` names who asks: the access key id of the source credentials (never the secret), or the hex identity
        of the role the source credentials came from. Canonical JSON gives two different requests two different
        encodings, with any separators in their values.
        """
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["tags"] = sorted(self.tags.items())
        text = json.dumps(
            {"v": 1, "source": source, **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        return hashlib.sha256(text.encode("ascii")).digest()
