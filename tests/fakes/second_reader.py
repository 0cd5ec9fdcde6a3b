"""A second reader of the cache, written from docs/entry-format.md alone: nothing of the program is in it.

It answers a hit and leaves everything else to the program. Linux, under a UTF-8 locale.
"""

import fcntl
import hmac
import os
import stat
import struct
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fakes.second_settings import (
    NEUTRAL,
    Environ,
    LeftToTheProgramError,
    System,
    is_private,
    join,
    keys,
    read_private,
    seen,
    settings,
)


@dataclass(frozen=True)
class Payload:
    expiration: int
    refresh: int
    issued_wall: float
    issued_up: float
    boot: bytes
    environment: bytes
    profile: bytes
    role_arn: bytes
    variables: tuple[bytes, ...]
    files: tuple[tuple[bytes, tuple[int, ...]], ...]
    document: bytes


class Cursor:
    """Takes bytes from the front; raises ValueError at the end."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, size: int) -> bytes:
        if size > len(self.rest):
            raise ValueError("too short")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def sized(self) -> bytes:
        return self.take(int.from_bytes(self.take(4)))


def unpack(data: bytes) -> Payload:
    cursor = Cursor(data)
    expiration, refresh, wall, up, boot_length = struct.unpack(">QIddH", cursor.take(30))
    cursor.take(32)
    environment = cursor.take(32)
    variable_count, file_count = struct.unpack(">HH", cursor.take(4))
    boot = cursor.take(boot_length)
    profile, role_arn, _config = cursor.sized(), cursor.sized(), cursor.sized()
    variables = tuple([cursor.sized() for _ in range(variable_count)])
    files = tuple([(cursor.sized(), struct.unpack(">Qqqq", cursor.take(32))) for _ in range(file_count)])
    document = cursor.sized()
    if cursor.rest:
        raise ValueError("bytes left over")
    return Payload(
        expiration, refresh, wall, up, boot, environment, profile, role_arn, variables, files, document
    )  # fmt: skip


def entry_name(config: bytes, profile: bytes) -> bytes:
    return sha256(config + b"\0" + profile).digest()


def hash_environment(variables: Environ, names: tuple[bytes, ...]) -> bytes:
    """Return the hash over those of the caller's variables."""
    every = sorted([name for name in variables if name.startswith(b"AWS_") and name not in NEUTRAL])
    digest = sha256()
    for name in [one for listed in names for one in (listed, *(every if listed == b"AWS_*" else ()))]:
        text = b"=" + variables[name] if name in variables else b"-"
        if name == b"LOGNAME|USER|USERNAME":
            text = b"=" + next(filter(None, (variables.get(one) for one in name.split(b"|"))), b"")
        digest.update(b"%d:%b%d:%b" % (len(name), name, len(text), text))
    return digest.digest()


def signature(path: bytes) -> tuple[int, ...]:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return (0, 0, 0, 0)
    return (status.st_ino % (1 << 64), status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class Reader:
    """One request."""

    def __init__(self, environ: Environ, system: System) -> None:
        self.system = system
        self.variables = seen(environ, system.passwd_home)
        self.own = settings(self.variables, system)

    def answer(self, profile: bytes) -> Payload:
        """Return the entry to hand out; raises LeftToTheProgramError. A due one is claimed by the way."""
        name = entry_name(self.own.config, profile)
        found = self.open(name)
        if found is None:
            raise LeftToTheProgramError
        environment = hash_environment(self.variables, found.variables)
        if environment != found.environment:
            found = self.open(sha256(name + environment).digest())
            if found is None or hash_environment(self.variables, found.variables) != found.environment:
                raise LeftToTheProgramError
        if self.is_dead(found) or any(signature(path) != was for path, was in found.files):
            raise LeftToTheProgramError
        if self.left_s(found) <= found.refresh and not self.is_refresh_taken(name):
            self.claim(name)  # what one that refreshes does
            raise LeftToTheProgramError
        return found

    def path(self, name: bytes, suffix: bytes) -> bytes:
        return join(self.own.cache, name.hex().encode() + suffix)

    def open(self, name: bytes) -> Payload | None:
        """Return the entry of that name, None if it does not open."""
        data = read_private(self.path(name, b".entry"), 65_536)
        if data is None or len(data) < 61 or data[:4] != b"CHC1":
            return None
        for _, master in keys(self.own, self.system):
            if hmac.digest(master, b"credhelper/v1/kid", "sha512")[:8] == data[4:12]:
                break
        else:
            return None
        derived = hmac.digest(master, b"credhelper/v1/entry" + data[12:44], "sha512")
        try:
            return unpack(AESGCM(derived[:32]).decrypt(derived[32:44], data[44:], data[:44] + name))
        except (InvalidTag, ValueError):
            return None

    def is_dead(self, found: Payload) -> bool:
        is_of_this_boot = found.boot == self.system.boot and not self.system.up_s < found.issued_up
        return not (is_of_this_boot and self.left_s(found) > 60)

    def left_s(self, found: Payload) -> float:
        by_wall = found.expiration - self.system.wall_s
        by_boot = (found.expiration - found.issued_wall) - (self.system.up_s - found.issued_up)
        return by_boot if not by_boot > by_wall else by_wall  # a NaN stays one

    def is_refresh_taken(self, name: bytes) -> bool:
        with suppress(OSError):
            if 0 <= self.system.wall_s - os.stat(self.path(name, b".failure")).st_mtime < 30:
                return True
        try:
            with closing(Lock(self.path(name, b".lock"), os.O_RDWR)) as lock:
                return abs(self.system.wall_s - os.fstat(lock.fd).st_mtime) < 3
        except BlockingIOError:
            return True
        except OSError:
            return False

    def claim(self, name: bytes) -> None:
        path = self.path(name, b".lock")
        with suppress(OSError), closing(Lock(path, os.O_RDWR | os.O_CREAT)):
            os.utime(path, follow_symlinks=False)


class Lock:
    """A lock that is held until it is closed."""

    def __init__(self, path: bytes, flags: int) -> None:
        self.fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.fd)
            raise

    def close(self) -> None:
        os.close(self.fd)


# Streams and the audit trail.


def main(profile: bytes, environ: Environ, system: System) -> int:
    """Answer one request on the real streams and return the exit code; raises LeftToTheProgramError."""
    for fd, flags in ((0, os.O_RDWR), (1, os.O_RDONLY), (2, os.O_RDWR)):
        try:
            os.fstat(fd)
        except OSError:
            os.open("/dev/null", flags)
    if os.isatty(1):
        say(b"stdout is a terminal, and these are secrets")
        return 2
    reader = Reader(environ, system)
    found = reader.answer(profile)
    rest = found.document
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        say(b"the credentials cannot be written to stdout: " + os.strerror(error.errno or 0).encode())
        return 3
    if reader.own.is_logging:
        with suppress(OSError, OverflowError, ValueError):
            append(join(reader.own.state, b"handouts.jsonl"), line(found, system.wall_s))
    return 0


def say(cause: bytes) -> None:
    with suppress(OSError):
        os.write(2, b"credhelper: error: " + cause + b"\n")


def line(found: Payload, wall_s: float) -> bytes:
    """Return the line about a hit; raises OverflowError, OSError or ValueError where a time is no date."""
    key_id = found.document.partition(b'"AccessKeyId":"')[2].partition(b'"')[0]
    parent = os.getppid()
    texts = {
        "time": date(wall_s),
        "profile": found.profile.decode("utf-8", "surrogateescape"),
        "outcome": "hit",
        "role_arn": found.role_arn.decode("utf-8", "surrogateescape"),
        "access_key_id": key_id.decode("ascii", "replace"),
        "expiration": date(found.expiration),
    }
    fields = [f'"{name}":"{escaped(text)}"' for name, text in texts.items()]
    fields += [f'"caller_pid":{parent}', f'"caller":"{escaped(program(parent))}"']
    return ("{" + ",".join(fields) + "}\n").encode("ascii")


def date(seconds: float) -> str:
    found = time.gmtime(seconds)
    day = f"{found.tm_year}-{found.tm_mon:02}-{found.tm_mday:02}"
    return f"{day}T{found.tm_hour:02}:{found.tm_min:02}:{found.tm_sec:02}Z"


def escaped(text: str) -> str:
    units = struct.iter_unpack(">H", text.encode("utf-16-be", "surrogatepass"))
    return "".join([chr(unit) if 32 <= unit <= 126 and unit not in b'"\\' else f"\\u{unit:04x}" for (unit,) in units])


def program(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", "rb") as file:
            return file.read(64).decode("utf-8", "replace").rstrip("\n")
    except OSError:
        return ""


def append(path: bytes, text: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o600)
    except FileNotFoundError:
        make_directory(os.path.dirname(path))
        fd = os.open(path, flags, 0o600)
    try:
        mode = os.fstat(fd).st_mode & 0o777
        if mode != 0o600 and not mode & ~0o600:
            os.fchmod(fd, 0o600)
        if not is_private(os.fstat(fd)):
            return
        os.write(fd, text)
        if os.fstat(fd).st_size >= 1_048_576:
            fcntl.flock(fd, fcntl.LOCK_EX)
            if os.lstat(path).st_ino == os.fstat(fd).st_ino:
                os.rename(path, path + b".1")
    finally:
        os.close(fd)


def make_directory(path: bytes) -> None:
    """Make it and its missing parents; raises PermissionError where another user has a say on the way."""
    missing = []
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    place = os.path.realpath(path)
    for above in (path, place):
        while True:
            status = os.lstat(above)
            is_open = status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX and not stat.S_ISLNK(status.st_mode)
            if status.st_uid not in (0, os.geteuid()) or is_open:
                raise PermissionError(above)
            if above == b"/":
                break
            above = os.path.dirname(above)  # noqa: PLW2901 - upwards, one directory after the other
    for one in reversed(missing):
        os.mkdir(one, 0o700)
