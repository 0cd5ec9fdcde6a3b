"""The vectors of the entry format: what each file says, and how the whole set is made.

    python -m vectors.cache_entries DIRECTORY        write the set anew (from tests/)

A vector is a text header (`name: value` lines, one failure each), an empty line, and the entry in base64.
"""

import hmac
import struct
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER = bytes(range(32))
SALT = bytes(range(64, 96))
BOOT = b"0b7a2ac0-5f5e-4d5c-9a3c-2f7d1c1c8e11"
CONFIG = "/home/david/.aws/config"
CREDENTIALS = "/home/david/.aws/credentials"
PROFILE = "prod-s3"
DOCUMENT = (
    b'{"Version":1,"AccessKeyId":"ASIAVECTOR","SecretAccessKey":"vector-secret",'
    b'"SessionToken":"vector-token","Expiration":"2027-01-15T08:00:00Z","AccountId":"222222222222"}\n'
)
ISSUED_WALL, ISSUED_UP, EXPIRATION, REFRESH = 1_799_996_400.0, 5000.0, 1_800_000_000, 900

Stat = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Vector:
    """An entry, the world it is read in, and what has to come out."""

    name: str
    expect: str
    comment: str
    entry: bytes
    master: bytes = MASTER
    config: str = CONFIG
    profile: str = PROFILE
    wall_s: float = ISSUED_WALL + 60
    up_s: float = ISSUED_UP + 60
    boot: bytes = BOOT
    files: tuple[tuple[str, Stat], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()


def write(vector: Vector) -> str:
    """Return the text of a vector's file."""
    lines = [
        f"expect: {vector.expect}",
        f"comment: {vector.comment}",
        f"master: {vector.master.hex()}",
        f"config: {vector.config}",
        f"profile: {vector.profile}",
        f"now: {vector.wall_s!r} {vector.up_s!r} {vector.boot.hex() or '-'}",
        *(f"file: {' '.join(map(str, stat))} {path}" for path, stat in vector.files),
        *(f"env: {name}={value}" for name, value in vector.environ),
    ]
    body = b64encode(vector.entry).decode()
    wrapped = [body[start : start + 100] for start in range(0, len(body), 100)]
    return "\n".join([*lines, "", *wrapped, ""])


def read(path: Path) -> Vector:
    """Return the vector that a file describes."""
    header, _, body = path.read_text("utf-8").partition("\n\n")
    pairs = [line.partition(": ")[::2] for line in header.splitlines()]
    single = dict(pairs)
    wall, up, boot = single["now"].split(" ")
    files = [value.split(" ", 4) for name, value in pairs if name == "file"]
    environ = [value.partition("=")[::2] for name, value in pairs if name == "env"]
    return Vector(
        name=path.stem,
        expect=single["expect"],
        comment=single["comment"],
        entry=b64decode(body),
        master=bytes.fromhex(single["master"]),
        config=single["config"],
        profile=single["profile"],
        wall_s=float(wall),
        up_s=float(up),
        boot=b"" if boot == "-" else bytes.fromhex(boot),
        files=tuple((one[4], (int(one[0]), int(one[1]), int(one[2]), int(one[3]))) for one in files),
        environ=tuple(environ),
    )


# What follows makes the entries from docs/entry-format.md alone, with nothing of the program.


@dataclass(frozen=True, slots=True)
class Plain:
    """The fields of a payload."""

    expiration: int = EXPIRATION
    refresh: int = REFRESH
    wall: float = ISSUED_WALL
    up: float = ISSUED_UP
    boot: bytes = BOOT
    identity: bytes = bytes(32)
    variables: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, Stat], ...] = ()
    texts: tuple[str, ...] = field(default=(PROFILE, "arn:aws:iam::222222222222:role/r", CONFIG))
    document: bytes = DOCUMENT

    def pack(self) -> bytes:
        """Return the encoded payload."""
        head = struct.pack(">QIddH", self.expiration, self.refresh, self.wall, self.up, len(self.boot))
        head += self.identity + environment(dict(self.environ), self.variables)
        head += struct.pack(">HH", len(self.variables), len(self.files)) + self.boot
        body = b"".join(sized(text.encode()) for text in (*self.texts, *self.variables))
        body += b"".join(sized(path.encode()) + struct.pack(">Qqqq", *stat) for path, stat in self.files)
        return head + body + sized(self.document)


def sized(data: bytes) -> bytes:
    """Return a 4-byte length and the bytes."""
    return struct.pack(">I", len(data)) + data


def environment(values: dict[str, str], names: tuple[str, ...]) -> bytes:
    """Return the hash over the variables looked at."""
    digest = sha256()
    for name in names:
        text = f"={values[name]}" if name in values else "-"
        digest.update(f"{len(name)}:{name}{len(text.encode())}:{text}".encode())
    return digest.digest()


def key_id(master: bytes) -> bytes:
    """Return the key id of a master key."""
    return hmac.digest(master, b"credhelper/v1/kid", "sha512")[:8]


def entry_name(config: str, profile: str) -> bytes:
    """Return the name of a profile's entry."""
    return sha256(config.encode() + b"\0" + profile.encode()).digest()


def seal(
    payload: bytes,
    *,
    master: bytes = MASTER,
    salt: bytes = SALT,
    magic: bytes = b"CHC1",
    kid: bytes | None = None,
    name: bytes | None = None,
    label: bytes = b"credhelper/v1/entry",
    associated: bytes | None = None,
) -> bytes:
    """Return a sealed entry; the keyword arguments are what the vectors get wrong on purpose."""
    derived = hmac.digest(master, label + salt, "sha512")
    header = magic + (key_id(master) if kid is None else kid) + salt
    name = entry_name(CONFIG, PROFILE) if name is None else name
    data = header + name if associated is None else associated
    return header + AESGCM(derived[:32]).encrypt(derived[32:44], payload, data)


GOOD = seal(Plain().pack())
FILE: Stat = (4711, 120, 1_799_990_000_123_456_789, 1_799_990_000_123_456_789)


def flip(data: bytes, position: int, bit: int = 0) -> bytes:
    """Return the bytes with one bit turned."""
    return data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]


def hits() -> Iterator[Vector]:
    """Entries that have to open."""
    base = Vector("hit-plain", "hit", "an entry as it should be", GOOD)
    yield base
    witnessed = Plain(
        variables=("AWS_REGION", "AWS_ENDPOINT_URL"),
        environ=(("AWS_REGION", "eu-west-1"),),
        files=((CONFIG, FILE), (CREDENTIALS, (0, 0, 0, 0))),
    )
    world = replace(base, files=((CONFIG, FILE),), environ=(("AWS_REGION", "eu-west-1"), ("OTHER", "x")))
    yield replace(
        world,
        name="hit-witness",
        comment="one file, one absent file, a set and an unset variable",
        entry=seal(witnessed.pack()),
    )
    yield replace(
        base,
        name="hit-last-second",
        comment="61 s of life left, and not due",
        entry=seal(Plain(refresh=0).pack()),
        wall_s=EXPIRATION - 61,
        up_s=ISSUED_UP + 3539,
    )
    yield replace(
        base, name="hit-first-second", comment="read in the second it was issued", wall_s=ISSUED_WALL, up_s=ISSUED_UP
    )
    yield replace(
        base,
        name="hit-other-salt",
        comment="another salt, the same payload",
        entry=seal(Plain().pack(), salt=bytes(32)),
    )
    yield replace(
        base,
        name="hit-other-master",
        comment="another master key",
        master=b"\xff" * 32,
        entry=seal(Plain().pack(), master=b"\xff" * 32),
    )
    yield replace(
        base,
        name="hit-unicode",
        comment="a profile outside ASCII",
        profile="größe",
        entry=seal(Plain(texts=("größe", "arn", CONFIG)).pack(), name=entry_name(CONFIG, "größe")),
    )
    yield replace(
        base,
        name="hit-default",
        comment="the default profile",
        profile="default",
        entry=seal(Plain().pack(), name=entry_name(CONFIG, "default")),
    )
    yield replace(
        base,
        name="hit-long-document",
        comment="a document of 8,000 bytes",
        entry=seal(Plain(document=b"d" * 7999 + b"\n").pack()),
    )
    yield replace(
        base, name="hit-no-boot-id", comment="a system without a boot id", entry=seal(Plain(boot=b"").pack()), boot=b""
    )
    yield replace(
        base,
        name="hit-empty-texts",
        comment="texts for people may be empty",
        entry=seal(Plain(texts=("", "", "")).pack()),
    )
    yield replace(
        base, name="hit-clock-ahead", comment="the wall clock was set forward by ten minutes", wall_s=ISSUED_WALL + 660
    )
    yield replace(
        base,
        name="due-900",
        expect="due",
        comment="900 s left of an hour",
        wall_s=EXPIRATION - 900,
        up_s=ISSUED_UP + 2700,
    )
    yield replace(base, name="due-61", expect="due", comment="61 s left", wall_s=EXPIRATION - 61, up_s=ISSUED_UP + 3539)
    yield replace(
        base,
        name="due-by-boot-clock",
        expect="due",
        comment="the wall clock was set back by an hour",
        wall_s=ISSUED_WALL - 900,
        up_s=ISSUED_UP + 2700,
    )
    yield replace(
        base, name="fresh-901", comment="901 s left of an hour", wall_s=EXPIRATION - 901, up_s=ISSUED_UP + 2699
    )


def format_misses() -> Iterator[Vector]:
    """Bytes that are no entry at all."""
    base = Vector("", "miss:format", "", b"")
    for size in (0, 1, 3, 4, 11, 12, 43, 44, 59, 60):
        yield replace(
            base, name=f"format-size-{size}", comment=f"the first {size} bytes of an entry", entry=GOOD[:size]
        )
    for magic in (b"CHC0", b"CHC2", b"chc1", b"CHC\0", b"\0CHC", b"CHC ", b"1CHC"):
        yield replace(
            base, name=f"format-magic-{magic.hex()}", comment="another magic", entry=seal(Plain().pack(), magic=magic)
        )
    for name, data in {
        "zeros": bytes(4096),
        "text": b"not an entry\n" * 20,
        "json": DOCUMENT,
        "gzip": b"\x1f\x8b" + GOOD,
        "bom": b"\xef\xbb\xbf" + GOOD,
        "shifted": b"\n" + GOOD,
        "too-long": GOOD + bytes(65537 - len(GOOD)),
    }.items():
        yield replace(base, name=f"format-{name}", comment="foreign bytes", entry=data)


def kid_misses() -> Iterator[Vector]:
    """Entries of another key."""
    base = Vector("", "miss:kid", "sealed with a key that is not here", GOOD)
    yield replace(base, name="kid-other-key", master=b"\x01" * 32)
    yield replace(base, name="kid-key-one-bit-off", master=flip(MASTER, 31, 7))
    yield replace(base, name="kid-zero", comment="a key id of zeros", entry=seal(Plain().pack(), kid=bytes(8)))
    yield replace(
        base, name="kid-reversed", comment="the key id backwards", entry=seal(Plain().pack(), kid=key_id(MASTER)[::-1])
    )
    for byte in range(8):
        yield replace(
            base,
            name=f"kid-bit-{byte}",
            comment=f"one bit of byte {byte} of the key id turned",
            entry=flip(GOOD, 4 + byte, byte),
        )


def auth_misses() -> Iterator[Vector]:
    """Entries that were touched, or belong elsewhere."""
    base = Vector("", "miss:auth", "", GOOD)
    for byte in range(0, 32, 2):
        yield replace(
            base,
            name=f"auth-salt-{byte:02}",
            comment=f"one bit of salt byte {byte} turned",
            entry=flip(GOOD, 12 + byte, byte % 8),
        )
    for byte in range(16):
        yield replace(
            base,
            name=f"auth-tag-{byte:02}",
            comment=f"one bit of tag byte {byte} turned",
            entry=flip(GOOD, len(GOOD) - 16 + byte, byte % 8),
        )
    for position in (44, 45, 100, 150, 200, 250, 300):
        yield replace(
            base,
            name=f"auth-body-{position}",
            comment=f"one bit of byte {position} turned",
            entry=flip(GOOD, position, 3),
        )
    for count in (1, 2, 15, 16, 17, 100):
        yield replace(
            base, name=f"auth-short-{count}", comment=f"the last {count} bytes are missing", entry=GOOD[:-count]
        )
    yield replace(base, name="auth-tag-zero", comment="a tag of zeros", entry=GOOD[:-16] + bytes(16))
    yield replace(
        base,
        name="auth-body-zero",
        comment="a ciphertext of zeros",
        entry=GOOD[:44] + bytes(len(GOOD) - 60) + GOOD[-16:],
    )
    yield replace(base, name="auth-longer", comment="one byte more", entry=GOOD + b"\0")
    yield replace(base, name="auth-doubled", comment="the entry twice", entry=GOOD + GOOD)
    yield replace(base, name="auth-other-profile", comment="another profile's entry in this place", profile="other")
    yield replace(
        base, name="auth-other-config", comment="the entry of another config file", config="/home/mallory/.aws/config"
    )
    yield replace(base, name="auth-name-case", comment="the same profile in capitals", profile="PROD-S3")
    yield replace(
        base,
        name="auth-name-boundary",
        comment="the boundary between path and profile moved",
        config=CONFIG + "\x7f",
        profile=PROFILE,
    )
    yield replace(
        base,
        name="auth-no-name",
        comment="sealed without the entry's name",
        entry=seal(Plain().pack(), associated=GOOD[:44]),
    )
    yield replace(
        base,
        name="auth-no-header",
        comment="sealed without the header",
        entry=seal(Plain().pack(), associated=entry_name(CONFIG, PROFILE)),
    )
    yield replace(
        base, name="auth-no-data", comment="sealed without associated data", entry=seal(Plain().pack(), associated=b"")
    )
    yield replace(
        base,
        name="auth-other-label",
        comment="a key derived with another label",
        entry=seal(Plain().pack(), label=b"credhelper/v2/entry"),
    )
    yield replace(
        base, name="auth-no-label", comment="a key derived without a label", entry=seal(Plain().pack(), label=b"")
    )


def payload_misses() -> Iterator[Vector]:
    """Entries that open to something that is no payload."""
    packed = Plain(variables=("A",), files=((CONFIG, FILE),)).pack()
    base = Vector("", "miss:payload", "", GOOD)
    for size in (1, 8, 12, 20, 28, 30, 62, 94, 96, 97, 98, 120, 134, 140, 200, len(packed) - 1):
        yield replace(
            base,
            name=f"payload-size-{size:03}",
            comment=f"the first {size} bytes of a payload",
            entry=seal(packed[:size]),
        )
    yield replace(base, name="payload-longer", comment="one byte left over", entry=seal(packed + b"\0"))
    yield replace(base, name="payload-doubled", comment="the payload twice", entry=seal(packed + packed))
    yield replace(
        base,
        name="payload-boot-length",
        comment="a boot id longer than the payload",
        entry=seal(packed[:28] + b"\xff\xff" + packed[30:]),
    )
    yield replace(
        base,
        name="payload-variables",
        comment="more variables than there are",
        entry=seal(packed[:94] + b"\xff\xff" + packed[96:]),
    )
    yield replace(
        base,
        name="payload-files",
        comment="more files than there are",
        entry=seal(packed[:96] + b"\xff\xff" + packed[98:]),
    )
    yield replace(
        base,
        name="payload-text-length",
        comment="a text longer than the payload",
        entry=seal(packed[:134] + b"\xff\xff\xff\xff" + packed[138:]),
    )
    yield replace(base, name="payload-document", comment="a document alone", entry=seal(DOCUMENT))


def expired_misses() -> Iterator[Vector]:
    """Entries that are dead by one clock or by both."""
    base = Vector("", "miss:expired", "", GOOD)
    yield replace(
        base, name="expired-60", comment="60 s left is too little", wall_s=EXPIRATION - 60, up_s=ISSUED_UP + 3540
    )
    yield replace(base, name="expired-0", comment="the second it expires", wall_s=EXPIRATION, up_s=ISSUED_UP + 3600)
    yield replace(base, name="expired-day", comment="a day later", wall_s=EXPIRATION + 86_400, up_s=ISSUED_UP + 90_000)
    yield replace(
        base, name="expired-year", comment="a year later", wall_s=EXPIRATION + 31_536_000, up_s=ISSUED_UP + 31_539_600
    )
    yield replace(
        base,
        name="expired-clock-back",
        comment="dead, and the wall clock set back to before its issue",
        wall_s=ISSUED_WALL - 86_400,
        up_s=ISSUED_UP + 3600,
    )
    yield replace(
        base,
        name="expired-clock-still",
        comment="dead, and the wall clock stopped",
        wall_s=ISSUED_WALL,
        up_s=ISSUED_UP + 3540,
    )
    yield replace(
        base,
        name="expired-wall-only",
        comment="the wall clock says dead, the boot clock does not",
        wall_s=EXPIRATION + 1,
    )
    yield replace(base, name="expired-reboot", comment="another boot, a minute after", boot=BOOT[::-1])
    yield replace(base, name="expired-boot-unknown", comment="the system no longer names its boot", boot=b"")
    yield replace(
        base, name="expired-boot-clock-back", comment="the boot clock is behind the time of issue", up_s=ISSUED_UP - 1
    )
    yield replace(base, name="expired-zero", comment="an expiration of zero", entry=seal(Plain(expiration=0).pack()))


def witness_misses() -> Iterator[Vector]:
    """Valid entries that were resolved from another state of things."""
    plain = Plain(variables=("AWS_REGION",), environ=(("AWS_REGION", "eu-west-1"),), files=((CONFIG, FILE),))
    base = Vector(
        "", "miss:witness", "", seal(plain.pack()), files=((CONFIG, FILE),), environ=(("AWS_REGION", "eu-west-1"),)
    )
    inode, size, mtime, ctime = FILE
    changes: dict[str, Stat] = {
        "inode": (inode + 1, size, mtime, ctime),
        "size": (inode, size + 1, mtime, ctime),
        "mtime": (inode, size, mtime + 1, ctime),
        "ctime": (inode, size, mtime, ctime + 1),
    }
    for what, changed in changes.items():
        comment = f"another {what} of the config file"
        yield replace(base, name=f"witness-{what}", comment=comment, files=((CONFIG, changed),))
    yield replace(base, name="witness-gone", comment="the config file is gone", files=())
    absent = Plain(files=((CREDENTIALS, (0, 0, 0, 0)),))
    yield replace(
        base,
        name="witness-appeared",
        comment="a file that was absent is there",
        entry=seal(absent.pack()),
        files=((CREDENTIALS, FILE),),
    )
    racy = Plain(files=((CONFIG, (0, 0, 0, 1)),))
    yield replace(
        base, name="witness-racy", comment="changed too shortly before it was looked at", entry=seal(racy.pack())
    )
    yield replace(
        base, name="witness-variable-changed", comment="another value", environ=(("AWS_REGION", "eu-west-2"),)
    )
    yield replace(base, name="witness-variable-unset", comment="no longer set", environ=())
    yield replace(base, name="witness-variable-empty", comment="set to nothing", environ=(("AWS_REGION", ""),))
    unset = Plain(variables=("AWS_REGION",))
    yield replace(base, name="witness-variable-appeared", comment="was not set", entry=seal(unset.pack()))
    yield replace(
        base,
        name="witness-variable-dash",
        comment="a value that looks like the mark of an unset one",
        entry=seal(unset.pack()),
        environ=(("AWS_REGION", "-"),),
    )


def every() -> list[Vector]:
    """Return the whole set."""
    makers = (hits, format_misses, kid_misses, auth_misses, payload_misses, expired_misses, witness_misses)
    return [vector for maker in makers for vector in maker()]


if __name__ == "__main__":
    for one in every():
        Path(sys.argv[1], f"{one.name}.txt").write_text(write(one), "utf-8")
