"""What is asked of STS and what comes back. Pure: no file, no clock, no network."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


class Credentials:
    """Credentials as AWS hands them out; its `repr` shows the access key id and the expiration only.

    `expiration` is in whole seconds since the epoch, or None for a long-lived key. `session_token` is None for a
    long-lived key. `account_id` is the 12-digit account the credentials act in, where known.
    """

    __slots__ = ("access_key_id", "account_id", "expiration", "secret_access_key", "session_token")

    def __init__(
        self,
        access_key_id: str,
        secret_access_key: str,
        session_token: str | None = None,
        expiration: int | None = None,
        account_id: str | None = None,
    ) -> None:
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token
        self.expiration = expiration
        self.account_id = account_id

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id}, expiration={self.expiration})"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        raise TypeError("credentials are never pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """One AssumeRole request, every input already validated (STS API reference, AssumeRole).

    `role_session_name` is None when the profile fixes none; `duration_seconds` is what will be asked for.
    `policy` is the JSON text of the session policy. `endpoint_url` is None for AWS's own regional endpoint.
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

    @property
    def account_id(self) -> str:
        """The account the role lives in, from its ARN."""
        return self.role_arn.split(":")[4]

    def identity(self, source: str) -> bytes:
        """Return 32 bytes that differ whenever STS could answer differently.

        `source` names who asks: the access key id of the source credentials (never the secret), or the hex identity
        of the role the source credentials came from. Canonical JSON keeps two different requests from meeting in
        one encoding, whatever separators their values contain.
        """
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["tags"] = sorted(self.tags.items())
        text = json.dumps(
            {"v": 1, "source": source, **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        return hashlib.sha256(text.encode("ascii")).digest()
