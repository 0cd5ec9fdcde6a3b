"""What a process that holds secrets does to itself before the first one is in memory, and a library is loaded.

Libraries obey more variables than one can know: OpenSSL loads the shared objects that the file of OPENSSL_CONF names,
botocore imports the modules that another one names. A cloned project can set them all. So those that are needed stand
here, and all others are gone before the first library is loaded. Every hit comes through here: no import but os, sys.
"""

import os
import sys

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

_PR_SET_DUMPABLE = 4
# prctl by machine, from the kernel's system call tables.
_PRCTL = {"x86_64": 157, "aarch64": 167, "riscv64": 167, "ppc64le": 171, "s390x": 172}

_RLIMIT_CORE = 4
# prlimit64 by machine.
_PRLIMIT = {"x86_64": 302, "aarch64": 261, "riscv64": 261, "ppc64le": 325, "s390x": 334}
_core_limits: list[tuple[int, int]] = []


def keep_standard_streams() -> None:
    """Open /dev/null in place of closed standard streams, as OpenSSH's sanitise_stdfd does.

    Otherwise the next file we open becomes descriptor 1, and the document would be written into it. A closed stdout
    is opened for reading only: writing the document then fails, as it should.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if fd == 1 else os.O_RDWR)


def forbid_core_dumps(*, for_children: bool = True) -> None:
    """Have the kernel write no core file: it would hold every secret in memory. Left out where that cannot be done.

    `for_children`: the hard limit too, so that nothing this process starts can raise it. Otherwise `allow_core_dumps`
    gives a child back what the limit was.
    """
    if sys.platform == "linux" and for_children:
        try:
            from credhelper.system import syscall

            # prlimit(2) by number: loading the module `resource` would cost a hit a hundredth of its time.
            call, byte, _ = syscall.load()
            if call(_PRLIMIT[os.uname().machine], 0, _RLIMIT_CORE, (byte * 16)(), None) == 0:
                return
        except (KeyError, ImportError, OSError, AttributeError):
            pass
    if sys.platform == "win32":
        return
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0 if for_children else hard))
    except (ImportError, OSError, ValueError):
        return
    if not for_children:
        _core_limits.append((soft, hard))


def allow_core_dumps() -> None:
    """Give back the limit that was in effect before `forbid_core_dumps(for_children=False)`, if that was called."""
    if sys.platform == "win32" or not _core_limits:
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, _core_limits[0])
    except (OSError, ValueError):
        return


def forbid_memory_access() -> None:
    """Make this process unreadable to others of the same user, and undumpable even for piped core handlers.

    prctl(2), PR_SET_DUMPABLE: /proc/PID/mem and environ are root's from now on. Left out where that cannot be done.
    """
    if sys.platform != "linux":
        return
    try:
        from credhelper.system import syscall

        syscall.load()[0](_PRCTL[os.uname().machine], _PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (KeyError, ImportError, OSError, AttributeError):
        return


# Each with its reason; docs/threat-model.md has the rule.
VARIABLES = frozenset({
    # Where the user's files are: our own rules say which of them are believed.
    "HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "TMPDIR", "TEMP", "TMP",
    # Who the user is: the session's default name, and the format of `env`.
    "USER", "LOGNAME", "USERNAME", "SHELL",
    # Where programs that the configuration names without a path are looked for.
    "PATH", "PATHEXT", "COMSPEC",
    # How text is encoded (LC_* below), and the time zone, which the C library has read before our first line.
    "LANG", "TZ",
    # The terminal: its width and colours.
    "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR",
    # Shell completion, as click's scripts set it. (_CREDHELPER_COMPLETE and COMP_* below)
    "COMP_WORDS", "COMP_CWORD", "_CREDHELPER_COMPLETE",
    # The way to AWS; what they name is seen on the network anyway. REQUEST_METHOD has urllib ignore HTTP_PROXY in a
    # CGI program, where a client of the web server sets it (httpoxy).
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "REQUESTS_CA_BUNDLE", "REQUEST_METHOD",
    # Where a keyring answers (which is settled before one is asked), and what a hint may suggest: a window, a remote
    # session, WSL.
    "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME",
    "__CF_USER_TEXT_ENCODING",
    # A Python that was built with shared libraries finds them by it, and the loader has obeyed it before us.
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    # Without these Windows starts no program and finds no library of its own.
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "ALLUSERSPROFILE", "PROGRAMFILES",
    "HOMEDRIVE", "HOMEPATH", "USERDOMAIN", "COMPUTERNAME", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
})  # fmt: skip
# AWS's own, and ours. botocore's models and plugins do not come from there: see aws/session.py.
PREFIXES = ("AWS_", "CREDHELPER_", "LC_")
# AWS's tools expand variables in these, and what they name there may be any.
_EXPANDED = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_LOGIN_CACHE_DIRECTORY")

# Set for the cryptography package: loading OpenSSL's provider of old ciphers, which are not used, takes a hundredth of
# a hit.
NO_OLD_CIPHERS = "CRYPTOGRAPHY_OPENSSL_NO_LEGACY"

_aside: dict[str, str] = {}
# What a variable is here and what it was for the caller, where that is another.
_settled: dict[str, tuple[str, str | None]] = {}


def keep_known_variables() -> None:
    """Take every other variable away from this process and its libraries; `environment_of_caller` still has them."""
    os.putenv(NO_OLD_CIPHERS, "1")
    for name in _EXPANDED:
        value = os.environ.get(name, "")
        if "$" in value:
            os.environ[name] = os.path.expandvars(value)
    if os.name != "nt" and os.environ.get("HOME", "")[:1] != "/":
        _settle_home()
    for name, value in list(os.environ.items()):
        # A language is a name: gettext takes one with a slash for a directory with translations.
        is_path = "/" in value and (name == "LANG" or name.startswith("LC_"))
        if is_path or (name not in VARIABLES and not name.startswith(PREFIXES)):
            _aside[name] = os.environ.pop(name)


def _settle_home() -> None:
    """Have libraries expand ~ as settings.py does: by the account where HOME is no absolute path.

    Python's own way takes a HOME that is empty or relative as it is, and leaves ~ as the name of a folder where there
    is no account.
    """
    from credhelper import settings

    settle("HOME", settings.home_of({}))


def settle(name: str, value: str) -> None:
    """Set a variable for this process and its libraries; `environment_of_caller` still has the caller's."""
    _settled[name] = value, _settled.get(name, (value, os.environ.get(name)))[1]
    os.environ[name] = value


def environment_of_caller(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return the whole environment of the caller, for programs that the configuration names and the one of exec."""
    whole = {**_aside, **environ}
    for name, (here, callers) in _settled.items():
        if whole.get(name) == here:
            del whole[name]
            if callers is not None:
                whole[name] = callers
    return whole
