"""What a sealed entry says: the document for stdout, how long it lives, and what it was resolved from. Pure.

One encoding per value, and every other byte string is refused (docs/entry-format.md): no JSON, because importing
that alone would add two thirds of an interpreter's start to every hit.
"""

import sys

from credhelper.model.freshness import Moment

# What a file looked like: (inode, size, mtime_ns, ctime_ns); see provider.inputs.
Signature = tuple[int, int, int, int]

_HASH_SIZE = 32


class PayloadError(Exception):
    """These bytes are no payload."""


class Payload:
    """The plaintext of an entry.

    `document`: the exact bytes for stdout. `expiration`: seconds since the epoch. `issued`: when the credentials
    were received. `refresh_s`: how long before their end they are due. `identity`: 32 bytes from RoleRequest.
    `variables` and `environment`: names of those read, and the hash of their values. `files`: path and signature of
    each file read. `profile`, `role_arn`, `config_file`: for display.
    """

    __slots__ = (
        "config_file",
        "document",
        "environment",
        "expiration",
        "files",
        "identity",
        "issued",
        "profile",
        "refresh_s",
        "role_arn",
        "variables",
    )

    def __init__(
        self,
        *,
        document: bytes,
        expiration: int,
        issued: Moment,
        refresh_s: int,
        identity: bytes,
        variables: tuple[str, ...],
        environment: bytes,
        files: tuple[tuple[str, Signature], ...],
        profile: str,
        role_arn: str,
        config_file: str,
    ) -> None:
        self.document = document
        self.expiration = expiration
        self.issued = issued
        self.refresh_s = refresh_s
        self.identity = identity
        self.variables = variables
        self.environment = environment
        self.files = files
        self.profile = profile
        self.role_arn = role_arn
        self.config_file = config_file

    def with_inputs(
        self, variables: tuple[str, ...], environment: bytes, files: tuple[tuple[str, Signature], ...]
    ) -> "Payload":
        """Return the same answer, resolved from another state of files and variables."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return Payload(**{**fields, "variables": variables, "environment": environment, "files": files})

    def __repr__(self) -> str:
        return f"Payload(profile={self.profile!r}, expiration={self.expiration})"


def pack(payload: Payload) -> bytes:
    """Return the one encoding of `payload`."""
    import struct  # a hit only reads, and loading this would take a hundredth of its time

    issued = payload.issued
    parts = [
        struct.pack(
            ">QIddH32s32sHH",
            payload.expiration,
            payload.refresh_s,
            issued.wall_s,
            issued.up_s,
            len(issued.boot),
            payload.identity,
            payload.environment,
            len(payload.variables),
            len(payload.files),
        ),
        issued.boot,
    ]
    texts = [payload.profile, payload.role_arn, payload.config_file, *payload.variables]
    parts += [_pack_bytes(text.encode("utf-8", "surrogateescape")) for text in texts]
    for path, signature in payload.files:
        parts += [_pack_bytes(path.encode("utf-8", "surrogateescape")), struct.pack(">Qqqq", *signature)]
    parts.append(_pack_bytes(payload.document))
    return b"".join(parts)


def _pack_bytes(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


class _Reader:
    """A cursor over bytes that refuses to read past their end."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, size: int) -> bytes:
        start = self._position
        self._position += size
        if self._position > len(self._data):
            raise PayloadError("truncated")
        return self._data[start : self._position]

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "big", signed=signed)

    def double(self) -> float:
        data = self.take(8)
        found: float = memoryview(data if sys.byteorder == "big" else data[::-1]).cast("d")[0]
        return found

    def bytes_(self) -> bytes:
        return self.take(self.number(4))

    def text(self) -> str:
        return self.bytes_().decode("utf-8", "surrogateescape")

    def signature(self) -> Signature:
        inode = self.number(8)
        return inode, self.number(8, signed=True), self.number(8, signed=True), self.number(8, signed=True)

    def finish(self) -> None:
        if self._position != len(self._data):
            raise PayloadError("bytes left over")


def unpack(data: bytes) -> Payload:
    """Return the payload that `data` encodes; raises PayloadError for anything `pack` would not have made."""
    reader = _Reader(data)
    expiration, refresh_s, wall_s, up_s = reader.number(8), reader.number(4), reader.double(), reader.double()
    boot_size, identity, environment = reader.number(2), reader.take(_HASH_SIZE), reader.take(_HASH_SIZE)
    variable_count, file_count = reader.number(2), reader.number(2)
    issued = Moment(wall_s, reader.take(boot_size), up_s)
    profile, role_arn, config_file = reader.text(), reader.text(), reader.text()
    variables = tuple([reader.text() for _ in range(variable_count)])
    files = tuple([(reader.text(), reader.signature()) for _ in range(file_count)])
    document = reader.bytes_()
    reader.finish()
    return Payload(
        document=document,
        expiration=expiration,
        issued=issued,
        refresh_s=refresh_s,
        identity=identity,
        variables=variables,
        environment=environment,
        files=files,
        profile=profile,
        role_arn=role_arn,
        config_file=config_file,
    )
