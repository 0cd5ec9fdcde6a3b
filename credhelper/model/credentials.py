"""Credentials as values. Pure: no file, no clock, no network."""


class Credentials:
    """Credentials that AWS has issued; its `repr` shows the access key id and the expiration only.

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
