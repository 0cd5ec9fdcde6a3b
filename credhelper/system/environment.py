"""The variables that credhelper and its libraries get to see, as one table; the caller's others are kept aside.

Libraries obey more variables than one can know: OpenSSL loads the shared objects that the file of OPENSSL_CONF names,
botocore imports the modules that another one names. A cloned project can set them all. So those that are needed stand
here, and all others are gone before the first library is loaded. Every hit comes through here: no import but os.
"""

import os

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

# Each with its reason; docs/threat-model.md has the rule.
NAMES = frozenset({
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
    # Where a keyring answers, and what a hint may suggest: a window, a remote session, WSL.
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

_aside: dict[str, str] = {}
# What HOME is here and what it was for the caller, where that is another.
_home: tuple[str, str | None] | None = None


def keep_known() -> None:
    """Take every other variable away from this process and its libraries, for good; `of_caller` still has them."""
    for name in _EXPANDED:
        value = os.environ.get(name, "")
        if "$" in value:
            os.environ[name] = os.path.expandvars(value)
    if os.name != "nt" and os.environ.get("HOME", "")[:1] != "/":
        _settle_home()
    for name, value in list(os.environ.items()):
        # A language is a name: gettext takes one with a slash for a directory with translations.
        is_path = "/" in value and (name == "LANG" or name.startswith("LC_"))
        if is_path or (name not in NAMES and not name.startswith(PREFIXES)):
            _aside[name] = os.environ.pop(name)


def _settle_home() -> None:
    """Have libraries expand ~ as settings.py does: by the account where HOME is no absolute path.

    Python's own way takes a HOME that is empty or relative as it is, and leaves ~ as the name of a folder where there
    is no account.
    """
    from credhelper import settings

    global _home  # noqa: PLW0603 - the process has one environment
    settled = settings.home_of({})
    _home = settled, os.environ.get("HOME")
    os.environ["HOME"] = settled


def of_caller(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return the whole environment of the caller, for programs that the configuration names and the one of exec."""
    whole = {**_aside, **environ}
    if _home is not None and whole.get("HOME") == _home[0]:
        del whole["HOME"]
        if _home[1] is not None:
            whole["HOME"] = _home[1]
    return whole
