"""Settings, private files and master keys as docs/entry-format.md has them: the first half of second_reader.

Written from that page alone: nothing of the program is in it.
"""

import ctypes
import os
import platform
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Environ = Mapping[bytes, bytes]

KNOWN = frozenset(
    b"HOME USERPROFILE XDG_CACHE_HOME XDG_STATE_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME TMPDIR TEMP TMP "
    b"USER LOGNAME USERNAME SHELL PATH PATHEXT COMSPEC LANG TZ TERM COLORTERM COLUMNS LINES NO_COLOR FORCE_COLOR "
    b"COMP_WORDS COMP_CWORD _CREDHELPER_COMPLETE HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy "
    b"all_proxy no_proxy REQUESTS_CA_BUNDLE REQUEST_METHOD DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY "
    b"SSH_CONNECTION SSH_TTY WSL_DISTRO_NAME __CF_USER_TEXT_ENCODING LD_LIBRARY_PATH DYLD_LIBRARY_PATH SYSTEMROOT "
    b"SYSTEMDRIVE WINDIR APPDATA LOCALAPPDATA PROGRAMDATA ALLUSERSPROFILE PROGRAMFILES HOMEDRIVE HOMEPATH USERDOMAIN "
    b"COMPUTERNAME NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE".split()
)
PREFIXES = (b"AWS_", b"CREDHELPER_", b"LC_")
NEUTRAL = frozenset(
    b"AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_PAGER AWS_CLI_AUTO_PROMPT "
    b"AWS_CLI_FILE_ENCODING AWS_CLI_HISTORY_FILE AWS_MAX_ATTEMPTS AWS_RETRY_MODE AWS_EXECUTION_ENV AWS_DEFAULTS_MODE "
    b"AWS_CREDENTIAL_EXPIRATION AWS_CA_BUNDLE".split()
)
MEMORY_STORES = ("kernel", "runtime", "shm", "keychain", "dpapi")
BACKENDS = tuple(f"keyring:{name}" for name in ("SecretService", "kwallet", "libsecret", "macOS", "Windows"))
NO_HOME = b"/nonexistent"
_DIGITS = r"\d(?:_?\d)*"
_NUMBER = re.compile(rf"\s*[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?\s*")


class LeftToTheProgramError(Exception):
    """The reader has no answer."""


class RefusedError(LeftToTheProgramError):
    """A setting that the program refuses, with this exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


@dataclass(frozen=True)
class System:
    """What the operating system says; a test has its own."""

    wall_s: float
    up_s: float
    boot: bytes
    passwd_home: bytes
    kernel_key: Callable[[], bytes | None]
    run_user: bytes = b"/run/user"
    shared_memory: bytes = b"/dev/shm"


@dataclass(frozen=True)
class Settings:
    home: bytes
    config: bytes
    cache: bytes
    state: bytes
    runtime: bytes | None
    key_store: str
    is_logging: bool


def seen(environ: Environ, passwd_home: bytes) -> dict[bytes, bytes]:
    """Return the variables that count."""
    all_of_them = dict(environ)
    for name in (b"AWS_CONFIG_FILE", b"AWS_SHARED_CREDENTIALS_FILE", b"AWS_LOGIN_CACHE_DIRECTORY"):
        if name in all_of_them:
            all_of_them[name] = expand(all_of_them[name], all_of_them)
    all_of_them[b"HOME"] = home_of(all_of_them, passwd_home)
    return {name: value for name, value in all_of_them.items() if counts(name, value)}


def home_of(variables: Environ, passwd_home: bytes) -> bytes:
    return next((one for one in (variables.get(b"HOME", b""), passwd_home) if one.startswith(b"/")), NO_HOME)


def counts(name: bytes, value: bytes) -> bool:
    if (name == b"LANG" or name.startswith(b"LC_")) and b"/" in value:
        return False
    return name in KNOWN or name.startswith(PREFIXES)


def expand(text: bytes, environ: Environ) -> bytes:
    def value(found: re.Match[bytes]) -> bytes:
        return environ.get(found[1][1:-1] if found[1].startswith(b"{") else found[1], found[0])

    return re.sub(rb"\$([A-Za-z0-9_]+|\{[^}]*\})", value, text)


def join(first: bytes, *rest: bytes) -> bytes:
    for part in rest:
        first += part if first.endswith(b"/") else b"/" + part
    return first


def settings(variables: Environ, system: System) -> Settings:
    """Return the settings; raises RefusedError. `variables` are those that count."""
    home = home_of(variables, system.passwd_home)
    config = aws_path(variables, b"AWS_CONFIG_FILE", home, b"config")
    credentials = aws_path(variables, b"AWS_SHARED_CREDENTIALS_FILE", home, b"credentials")
    cache = join(xdg(variables, b"XDG_CACHE_HOME") or join(home, b".cache"), b"credhelper")
    state = join(xdg(variables, b"XDG_STATE_HOME") or join(home, b".local", b"state"), b"credhelper")
    if home == NO_HOME and any(path.startswith(NO_HOME) for path in (config, credentials, cache, state)):
        raise RefusedError(3)
    key_store = variables.get(b"CREDHELPER_KEY_STORE", b"auto").decode("utf-8", "replace")
    if key_store not in ("auto", "file", *MEMORY_STORES, *BACKENDS):
        raise RefusedError(2)
    timeout = variables.get(b"CREDHELPER_TIMEOUT", b"").decode("utf-8", "replace")
    if timeout and not (_NUMBER.fullmatch(timeout) and 1 <= float(timeout.replace("_", "")) <= 45):
        raise RefusedError(2)
    runtime = variables.get(b"XDG_RUNTIME_DIR")
    is_runtime = runtime == b"/run/user/%d" % os.geteuid()
    is_logging = variables.get(b"CREDHELPER_LOG", b"").lower() not in (b"off", b"0", b"no", b"false")
    moved = join(system.run_user, b"%d" % os.geteuid())
    return Settings(home, config, cache, state, moved if is_runtime else None, key_store, is_logging)


def xdg(variables: Environ, name: bytes) -> bytes | None:
    value = variables.get(name, b"")
    return value if value.startswith(b"/") else None


def aws_path(variables: Environ, name: bytes, home: bytes, file_name: bytes) -> bytes:
    path = variables.get(name, b"")
    if not path:
        return join(home, b".aws", file_name)
    if path.startswith(b"~/"):
        path = home + path[1:]
    path = expand(path, variables)
    if not path.startswith(b"/"):
        raise RefusedError(2)
    return path


# Files and keys.


def read_private(path: bytes, limit: int) -> bytes | None:
    """Return the content of a private file of at most that size, None if there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not is_private(os.fstat(fd)):
            return None
        data = b""
        while len(data) <= limit and (chunk := os.read(fd, limit + 1 - len(data))):
            data += chunk
    except OSError:
        return None
    finally:
        os.close(fd)
    return data if len(data) <= limit else None


def is_private(status: os.stat_result) -> bool:
    is_mine = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return stat.S_ISREG(status.st_mode) and is_mine and status.st_nlink == 1


def key_file(directory: bytes) -> bytes | None:
    try:
        status = os.lstat(directory)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        return None
    return read_private(join(directory, b"key"), 32)


def note(own: Settings) -> str:
    data = read_private(join(own.home, b".config", b"credhelper", b"key-store"), 64) or b""
    name = data.decode("utf-8", "replace").strip()
    return name if name in ("file", *BACKENDS) else ""


def keys(own: Settings, system: System) -> Iterator[tuple[str, bytes]]:
    """Yield the store and the master key of each store that is looked in, best first."""
    noted = note(own)
    is_chosen = own.key_store != "auto" and own.key_store in (noted, *MEMORY_STORES)
    only = own.key_store if is_chosen else noted
    for name, load in stores(own, system):
        if name == only or (not only and name in MEMORY_STORES):
            key = load()
            if key is not None and len(key) == 32:
                yield name, key


def stores(own: Settings, system: System) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    yield "kernel", system.kernel_key
    runtime = own.runtime
    if runtime is not None:
        yield "runtime", lambda: key_file(join(runtime, b"credhelper"))
    yield "shm", lambda: key_file(join(system.shared_memory, b"credhelper-%d" % os.geteuid()))
    if own.home != NO_HOME:
        yield "file", lambda: key_file(join(own.home, b".local", b"state", b"credhelper"))


_KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
KERNEL_DESCRIPTION = b"credhelper:master:v1"


def kernel_key(description: bytes = KERNEL_DESCRIPTION) -> bytes | None:
    """Return what the user keyring holds under that description."""
    keyctl = _KEYCTL.get(platform.machine())
    if keyctl is None:
        return None
    call = ctypes.CDLL(None).syscall
    call.restype = ctypes.c_long
    serial = call(keyctl, 10, -4, b"user", description, 0)  # KEYCTL_SEARCH in KEY_SPEC_USER_KEYRING
    if serial < 0:
        return None
    buffer = ctypes.create_string_buffer(1024)
    length = call(keyctl, 11, serial, buffer, len(buffer))  # KEYCTL_READ
    return buffer.raw[:length] if 0 <= length <= len(buffer) else None
