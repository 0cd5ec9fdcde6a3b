"""The environment, read once into one value. The only module that looks at `os.environ` for credhelper's own settings.

Every hit comes through here, so nothing is imported at the top that a bare interpreter does not have.
"""

import os
import sys

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "credhelper"
DEFAULT_TIMEOUT_S = 25.0
# Go's SDK kills a helper after 60 s (aws-sdk-go-v2, processcreds.DefaultTimeout); stay well below it.
MAXIMUM_TIMEOUT_S = 45.0
_CHAIN_VARIABLE = "CREDHELPER_CHAIN"
KEY_STORES = (
    "auto",
    "kernel",
    "runtime",
    "shm",
    "file",
    "keychain",
    "dpapi",
    "keyring:SecretService",
    "keyring:kwallet",
    "keyring:libsecret",
    "keyring:macOS",
    "keyring:Windows",
)
# The home directory where there is none and none is needed: as Debian's accounts have it, and nothing is ever there.
NO_HOME = "/nonexistent"


class Settings:
    """Where files are and how long a request may take; every path is absolute.

    `home` is NO_HOME where there is none. `runtime_dir` is None where the system has none. `key_store` is one of
    KEY_STORES. `is_logging`: whether every issue of credentials is recorded in the audit trail.
    """

    __slots__ = (
        "cache_dir",
        "config_file",
        "credentials_file",
        "home",
        "is_logging",
        "key_store",
        "runtime_dir",
        "state_dir",
        "timeout_s",
    )

    def __init__(
        self,
        *,
        home: str,
        config_file: str,
        credentials_file: str,
        cache_dir: str,
        state_dir: str,
        runtime_dir: str | None = None,
        key_store: str = "auto",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        is_logging: bool = True,
    ) -> None:
        self.home = home
        self.config_file = config_file
        self.credentials_file = credentials_file
        self.cache_dir = cache_dir
        self.state_dir = state_dir
        self.runtime_dir = runtime_dir
        self.key_store = key_store
        self.timeout_s = timeout_s
        self.is_logging = is_logging


def chain_of(environ: "Mapping[str, str]") -> tuple[str, ...]:
    """Return the profiles whose resolution led to this process, the first of them first.

    A source profile may have a credential_process that is credhelper again: names in the environment are how a loop
    through other programs is found (the AWS CLI does the same with _AWS_CLI_PROFILE_CHAIN).
    """
    return tuple([name for name in environ.get(_CHAIN_VARIABLE, "").split(",") if name])


def with_chain(environ: "Mapping[str, str]", chain: tuple[str, ...]) -> dict[str, str]:
    """Return the environment of a program that is started while these profiles are resolved."""
    return {**environ, _CHAIN_VARIABLE: ",".join(chain)}


def load() -> "Settings":
    """Return the settings of this process; raises InputError or MachineError."""
    return from_environment(os.environ)


def from_environment(environ: "Mapping[str, str]") -> "Settings":
    """Return what `environ` asks for; raises InputError for a bad variable, MachineError where there is no home."""
    home = home_of(environ)
    cache_dir, state_dir = _directories(environ, home)
    config_file = _aws_file(environ, "AWS_CONFIG_FILE", home, "config")
    credentials_file = _aws_file(environ, "AWS_SHARED_CREDENTIALS_FILE", home, "credentials")
    if home == NO_HOME:
        _require_no_home(config_file, credentials_file, cache_dir, state_dir)
    return Settings(
        home=home,
        config_file=config_file,
        credentials_file=credentials_file,
        cache_dir=cache_dir,
        state_dir=state_dir,
        runtime_dir=_runtime_dir(environ),
        key_store=_key_store(environ.get("CREDHELPER_KEY_STORE", "auto")),
        timeout_s=_timeout_s(environ.get("CREDHELPER_TIMEOUT")),
        is_logging=environ.get("CREDHELPER_LOG", "on").lower() not in ("off", "0", "no", "false"),
    )


def home_of(environ: "Mapping[str, str]") -> str:
    """Return the home directory: HOME, the account's where that is no absolute path, NO_HOME where there is none."""
    variable = "USERPROFILE" if os.name == "nt" else "HOME"
    home = environ.get(variable, "")
    if os.path.isabs(home):
        return home
    if sys.platform != "win32":
        try:
            import pwd

            home = pwd.getpwuid(os.getuid()).pw_dir
        except (ImportError, KeyError):
            home = ""
        if os.path.isabs(home):
            return home
    return NO_HOME


def _require_no_home(*paths: str) -> None:
    """Raise MachineError if a path is below the home directory that there is not."""
    if any(path.startswith(NO_HOME) for path in paths):
        from credhelper.errors import MachineError

        variable = "USERPROFILE" if os.name == "nt" else "HOME"
        raise MachineError("this user has no home directory", hint=f"set it: export {variable}=/path/to/home")


def fixed_dir(home: str) -> str:
    """Return the directory below `home` that no other variable moves, for a key on disk."""
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", APP)
    if sys.platform == "win32":
        return os.path.join(home, "AppData", "Local", APP)
    return os.path.join(home, ".local", "state", APP)


def choices_dir(home: str) -> str:
    """Return the directory below `home` for what the user chose to trust; no other variable moves it."""
    return os.path.join(home, ".config", APP) if sys.platform not in ("darwin", "win32") else fixed_dir(home)


def _runtime_dir(environ: "Mapping[str, str]") -> str | None:
    """Return this user's runtime directory, only if it is the one that the system made (pam_systemd).

    Anything else could be a directory that came with a project, with a key in it that is known to others.
    """
    if sys.platform != "linux":
        return None
    path = environ.get("XDG_RUNTIME_DIR", "")
    return path if path == f"/run/user/{os.geteuid()}" else None


def _directories(environ: "Mapping[str, str]", home: str) -> tuple[str, str]:
    """Return our cache and state directories.

    The XDG Base Directory rules stand here in two lines because importing platformdirs costs more than starting
    Python does (docs/performance.md); a test holds them against it. Elsewhere platformdirs decides.
    """
    if sys.platform.startswith(("darwin", "win")):
        import platformdirs

        return platformdirs.user_cache_dir(APP, appauthor=False), platformdirs.user_state_dir(APP, appauthor=False)
    cache = _absolute(environ, "XDG_CACHE_HOME") or os.path.join(home, ".cache")
    state = _absolute(environ, "XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(cache, APP), os.path.join(state, APP)


def _absolute(environ: "Mapping[str, str]", name: str) -> str | None:
    """Return the directory a variable names; the XDG specification has relative ones ignored."""
    path = environ.get(name, "")
    return path if os.path.isabs(path) else None


def _aws_file(environ: "Mapping[str, str]", variable: str, home: str, file_name: str) -> str:
    path = environ.get(variable, "")
    if not path:
        return os.path.join(home, ".aws", file_name)
    if path.startswith("~/"):
        path = home + path[1:]
    path = os.path.expandvars(path)
    if not os.path.isabs(path):
        from credhelper.errors import InputError

        # A relative path means another file in every directory: a cloned repository could bring its own.
        raise InputError(
            f"{variable} is not an absolute path", hint=f'export {variable}="$HOME/.aws/{file_name}", or unset it'
        )
    return path


def _key_store(name: str) -> str:
    if name not in KEY_STORES:
        from credhelper.errors import InputError

        raise InputError(
            "CREDHELPER_KEY_STORE names no key store", hint=f"set it to one of {', '.join(KEY_STORES)}, or unset it"
        )
    return name


def _timeout_s(text: str | None) -> float:
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= MAXIMUM_TIMEOUT_S:
        from credhelper.errors import InputError

        raise InputError(
            f"CREDHELPER_TIMEOUT is not a number of seconds from 1 to {MAXIMUM_TIMEOUT_S:.0f}",
            hint="unset CREDHELPER_TIMEOUT, or set it within these bounds",
        )
    return seconds
