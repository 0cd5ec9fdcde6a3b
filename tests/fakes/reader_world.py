"""A world that a reader of the cache is started in: homes, keys, entries, locks, notes, clocks and streams.

Each field has the value of a world with a plain hit; a test changes some. In texts `@` is the world's own directory.
"""

import fcntl
import os
import shutil
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

from fakes import second_reader, second_settings
from fakes.second_settings import System
from vectors.cache_entries import BOOT, DOCUMENT, MASTER, PROFILE, SALT, seal, sized

# Whole, so that differences of times are exact; no test runs at that time.
NOW_S, UP_S = 4_000_000_000.0, 90_000.0
STRANGER = 12_345
CONFIG = "@/home/.aws/config"
CREDENTIALS = "@/home/.aws/credentials"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A file: `kind` is file, symlink, dangling, hardlink, fifo, directory or absent; `owner` 0 is this user."""

    kind: str = "file"
    mode: int = 0o600
    owner: int = 0


@dataclass(frozen=True, kw_only=True)
class KeyFile(Placed):
    """A key file, `key` in hex; `directory_kind` is directory or symlink."""

    kind: str = "absent"
    key: str = MASTER.hex()
    directory_kind: str = "directory"
    directory_mode: int = 0o700
    directory_owner: int = 0


@dataclass(frozen=True, kw_only=True)
class Note(Placed):
    """A file with a text; its time is `age_s` before now."""

    kind: str = "absent"
    text: str = ""
    age_s: float = 0.0
    is_held: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry(Placed):
    """An entry. `environ` None: sealed for this caller. `size`: of the file, by a longer document; `key` in hex."""

    key: str = MASTER.hex()
    environ: Mapping[str, str] | None = None
    variables: tuple[str, ...] = ("HOME", "AWS_*")
    files: tuple[str, ...] = (CONFIG, CREDENTIALS)
    left_s: float = 3_000
    left_by_boot_s: float = 3_000
    issued_up: float = UP_S - 600
    issued_wall: float | None = None
    expiration: int | None = None
    refresh: int = 900
    boot: str = BOOT.decode()
    profile: str = PROFILE
    role_arn: str = "arn:aws:iam::222222222222:role/r"
    document: str = DOCUMENT.decode()
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A file that the entry was resolved from, and what has happened to it since.

    `then` is nothing, content, touched, replaced, gone, moved (behind a link), appeared or racy; it was behind a link
    all the time if it is linked, and never there if it is absent.
    """

    then: str = "nothing"


@dataclass(frozen=True, kw_only=True)
class Log(Placed):
    """The audit trail; `directory` is there, missing, or open where others may write to what is above it."""

    kind: str = "absent"
    size: int = 0
    directory: str = "missing"


@dataclass(frozen=True, kw_only=True)
class World:
    profile: str = PROFILE
    environ: Mapping[str, str] = field(default_factory=lambda: {"HOME": "@/home"})
    passwd_home: str = "@/passwd"
    up_s: float = UP_S
    wall_s: float = NOW_S
    boot: str = BOOT.decode()
    kernel: str = ""
    runtime: KeyFile = KeyFile()
    shm: KeyFile = KeyFile(kind="file")
    file: KeyFile = KeyFile()
    note: Note = Note()
    entry: Entry = Entry()
    beside: Entry = Entry(kind="absent")
    config: Seen = Seen()
    credentials: Seen = Seen()
    lock: Note = Note()
    failure: Note = Note()
    log: Log = Log()
    stdin: str = "open"
    stdout: str = "pipe"
    stderr: str = "pipe"


T = TypeVar("T")


def changed(value: T, change: Mapping[str, Any]) -> T:
    """Return the world, or a part of it, with these fields; a text for a number is octal."""
    known = {one.name: getattr(value, one.name) for one in fields(value)}  # type: ignore[arg-type]  # a dataclass
    new: dict[str, Any] = {}
    for name, given in change.items():
        before = known[name]
        if is_dataclass(before) and not isinstance(before, type):
            new[name] = changed(before, given)
        elif name.startswith("issued_"):
            new[name] = float(given)  # "NaN", too
        elif isinstance(before, int) and isinstance(given, str):
            new[name] = int(given, 8)
        else:
            new[name] = tuple(given) if isinstance(given, list) else given
    return replace(value, **new)  # type: ignore[type-var]  # a dataclass


def needs_root(world: World) -> bool:
    """Tell whether a file in it belongs to another user."""
    parts = [getattr(world, one.name) for one in fields(world)]
    owners = [getattr(part, name, 0) for part in parts for name in ("owner", "directory_owner")]
    return any(owners) or world.log.directory == "foreign"


class Built:
    """The world on disk, below `top`."""

    def __init__(self, world: World, top: str) -> None:
        self.world = world
        self.top = os.fsencode(top)
        self.environ = {self.put(name): self.put(value) for name, value in world.environ.items()}
        self.system = self._system()
        self.variables = second_settings.seen(self.environ, self.system.passwd_home)
        self.document = b""
        self.held = -1

    def put(self, text: str) -> bytes:
        """Return a text of the world with its own directory in it."""
        return os.fsencode(text).replace(b"@", self.top).replace(b"%UID%", b"%d" % os.geteuid())

    def _system(self) -> System:
        world = self.world
        return System(
            wall_s=world.wall_s,
            up_s=world.up_s,
            boot=world.boot.encode(),
            passwd_home=self.put(world.passwd_home),
            kernel_key=lambda: bytes.fromhex(world.kernel) or None,
            run_user=self.top + b"/run",
            shared_memory=self.top + b"/shm",
        )

    def build(self) -> None:
        """Make everything, each thing where the page says that it is."""
        home = self.top + b"/home"
        for directory in (b"/home/.aws", b"/passwd", b"/run", b"/shm", b"/elsewhere"):
            os.makedirs(self.top + directory, 0o700)
        try:
            own = second_settings.settings(self.variables, self.system)
        except second_settings.RefusedError:
            own = second_settings.settings({b"HOME": home}, self.system)
        home = own.home if own.home.startswith(self.top) else home
        user = b"%d" % os.geteuid()
        for key, directory in (
            (self.world.runtime, self.top + b"/run/" + user + b"/credhelper"),
            (self.world.shm, self.top + b"/shm/credhelper-" + user),
            (self.world.file, second_settings.join(home, b".local/state/credhelper")),
        ):
            self._key(key, directory)
        note = second_settings.join(home, b".config/credhelper/key-store")
        self._place(self.world.note, note, os.fsencode(self.world.note.text))
        self._entries(own)
        self._log(own)

    def _place(self, placed: Placed, path: bytes, content: bytes) -> None:
        if placed.kind == "absent" or not path.startswith(self.top + b"/"):
            return
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        elsewhere = self.top + b"/elsewhere/" + path.replace(b"/", b"_")[-100:]
        if placed.kind == "directory":
            os.mkdir(path)
        elif placed.kind == "fifo":
            os.mkfifo(path)
        elif placed.kind == "dangling":
            os.symlink(elsewhere, path)
        else:
            real = path if placed.kind == "file" else elsewhere
            with open(real, "wb") as file:
                file.write(content)
            if placed.kind == "symlink":
                os.symlink(real, path)
            elif placed.kind == "hardlink":
                os.link(real, path)
            path = real
        if placed.kind not in ("dangling", "directory"):
            self._modes(path, placed.mode, placed.owner)

    def _modes(self, path: bytes, mode: int, owner: int) -> None:
        if owner:
            os.chown(path, owner, -1)
        os.chmod(path, mode)

    def _key(self, key: KeyFile, directory: bytes) -> None:
        if key.kind == "absent":
            return
        self._place(key, directory + b"/key", bytes.fromhex(key.key))
        if key.directory_kind == "symlink":
            os.rename(directory, directory + b"-real")
            os.symlink(directory + b"-real", directory)
            directory += b"-real"
        self._modes(directory, key.directory_mode, key.directory_owner)

    def _entries(self, own: second_settings.Settings) -> None:
        looked_at = ((self.put(CONFIG), self.world.config), (self.put(CREDENTIALS), self.world.credentials))
        for path, one in looked_at:
            if one.then == "linked":
                os.symlink(path + b".real", path)
            if one.then not in ("appeared", "absent"):
                with open(path, "wb") as file:
                    file.write(b"[default]\n")
        name = second_reader.entry_name(own.config, os.fsencode(self.world.profile))
        variables = tuple([os.fsencode(one) for one in self.world.entry.variables])
        beside = sha256(name + second_reader.hash_environment(self.variables, variables)).digest()
        racy = [path for path, one in looked_at if one.then == "racy"]
        for entry, called in ((self.world.entry, name), (self.world.beside, beside)):
            path = own.cache + b"/" + called.hex().encode() + b".entry"
            payload = self._payload(entry, racy)
            self._place(entry, path, seal(payload, master=bytes.fromhex(entry.key), salt=SALT, name=called))
        for path, one in looked_at:
            self._happen(path, one.then)
        for mark, suffix in ((self.world.failure, b".failure"), (self.world.lock, b".lock")):
            path = own.cache + b"/" + name.hex().encode() + suffix
            self._place(mark, path, b"")
            if os.path.exists(path) and path.startswith(self.top):
                when = self.world.wall_s - mark.age_s
                os.utime(path, (when, when))
                if mark.is_held and mark.kind in ("file", "hardlink"):
                    self.held = os.open(path, os.O_RDWR)
                    fcntl.flock(self.held, fcntl.LOCK_EX)

    def _payload(self, entry: Entry, racy: list[bytes]) -> bytes:
        environ = self.environ if entry.environ is None else {
            self.put(name): self.put(value) for name, value in entry.environ.items()
        }  # fmt: skip
        variables = tuple([os.fsencode(one) for one in entry.variables])
        expiration = int(self.world.wall_s + entry.left_s) if entry.expiration is None else entry.expiration
        wall = expiration - entry.left_by_boot_s - (self.world.up_s - entry.issued_up)
        wall = wall if entry.issued_wall is None else entry.issued_wall
        boot = entry.boot.encode()
        head = struct.pack(">QIddH", expiration, entry.refresh, wall, entry.issued_up, len(boot))
        head += bytes(32) + second_reader.hash_environment(
            second_settings.seen(environ, self.system.passwd_home), variables
        )
        head += struct.pack(">HH", len(variables), len(entry.files)) + boot
        texts = [os.fsencode(entry.profile), os.fsencode(entry.role_arn), self.put(CONFIG), *variables]
        body = b"".join([sized(text) for text in texts])
        for path in map(self.put, entry.files):
            seen = (0, 0, 0, 1) if path in racy else second_reader.signature(path)
            body += sized(path) + struct.pack(">Qqqq", *seen)
        document = os.fsencode(entry.document)
        if entry.size:
            document = document.rjust(entry.size - 44 - 16 - len(head + body) - 4, b"d")
        self.document = document if entry is self.world.entry else self.document
        return head + body + sized(document)

    def _happen(self, path: bytes, then: str) -> None:
        if then in ("content", "appeared"):
            with open(path, "ab") as file:
                file.write(b"region = us-east-1\n")
        elif then == "touched":
            os.utime(path, (1, 1))
        elif then == "gone":
            os.unlink(path)
        elif then == "replaced":
            shutil.copy2(path, path + b".new")
            os.rename(path + b".new", path)
        elif then == "moved":
            os.rename(path, path + b".real")
            os.symlink(path + b".real", path)

    def _log(self, own: second_settings.Settings) -> None:
        log, path = self.world.log, own.state + b"/handouts.jsonl"
        if not path.startswith(self.top + b"/"):
            return
        if log.directory == "missing":
            return
        above = os.path.dirname(own.state)
        os.makedirs(above, 0o700, exist_ok=True)
        if log.directory == "there":
            os.makedirs(own.state, 0o700, exist_ok=True)
            self._place(log, path, b"\n" * log.size)
        elif not os.path.lexists(own.state):
            self._modes(
                above, 0o777 if log.directory == "open" else 0o700, STRANGER if log.directory == "foreign" else 0
            )

    def release(self) -> None:
        """Let the lock go."""
        if self.held >= 0:
            os.close(self.held)

    def left(self) -> dict[str, str]:
        """Return what there is by now: each path with its kind, mode and size, the trail's content, moved times."""
        found = {}
        for directory, inner, names in os.walk(self.top):
            for name in (*inner, *names):
                path = os.path.join(directory, name)
                status = os.lstat(path)
                text = f"{stat.filemode(status.st_mode)} {status.st_uid}"
                if stat.S_ISREG(status.st_mode):
                    text += f" {status.st_size}"
                if path.endswith(b".lock") and stat.S_ISREG(status.st_mode):
                    text += " touched" if abs(status.st_mtime - self.world.wall_s) > 1e6 else ""
                if b"handouts" in name and stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as file:
                        text += " " + file.read().lstrip(b"\n").decode()
                found[os.fsdecode(path[len(self.top) :])] = text
        return found


@contextmanager
def built(world: World, top: str) -> Iterator[Built]:
    """Build a world below `top`, a directory that is there only meanwhile."""
    one = Built(world, top)
    os.mkdir(top, 0o700)
    try:
        one.build()
        yield one
    finally:
        one.release()
        for directory, inner, _ in os.walk(top):
            for name in inner:
                path = os.path.join(directory, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o700)
        shutil.rmtree(top)
