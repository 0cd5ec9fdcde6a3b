"""Credentials as environment variables, for tools that ignore credential_process. Pure."""

import json
import shlex
from collections.abc import Callable, Mapping

from credhelper.errors import InputError
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import format_time

# A profile in the environment outranks the keys beside it in some SDKs (JavaScript, .NET) and would start us again.
SHADOWING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")

# Whose credentials these are, for prompts; no SDK reads it.
MARKER = "CREDHELPER_PROFILE"
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
# All that `env` may set.
NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    *_REGIONS,
    MARKER,
)
# What belongs to another identity, or goes before these credentials.
_STALE = (*SHADOWING, "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "CREDHELPER_CHAIN", MARKER)


def variables(credentials: Credentials, region: str | None, profile: str = "") -> dict[str, str]:
    """Return the variables every SDK reads, and the region where the profile has one."""
    found = {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }
    if credentials.session_token is not None:
        found["AWS_SESSION_TOKEN"] = credentials.session_token
    if credentials.expiration is not None:
        found["AWS_CREDENTIAL_EXPIRATION"] = format_time(credentials.expiration)
    if region:
        found |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if profile:
        found[MARKER] = profile
    return found


def for_child(environ: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child that has these credentials and no others."""
    kept = {name: value for name, value in environ.items() if name not in _STALE}
    return kept | dict(added)


def _posix(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    escaped = value.replace("'", "''")
    return f"$Env:{name} = '{escaped}'"


def _dotenv(name: str, value: str) -> str:
    if "'" in value:
        raise InputError(f"{name} holds a quote, which dotenv files cannot carry", hint="use --format json")
    return f"{name}='{value}'"


def _docker(name: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise InputError(f"{name} holds a line break, which an env file cannot carry", hint="use --format json")
    return f"{name}={value}"


_LINES: dict[str, Callable[[str, str], str]] = {
    "bash": _posix,
    "zsh": _posix,
    "fish": _fish,
    "powershell": _powershell,
    "dotenv": _dotenv,
    "docker": _docker,
}
# nushell evaluates no text: `from json | load-env` takes a record, and a variable that is null is in no child.
_NUSHELL = "nushell"
FORMATS = ("bash", "zsh", "fish", _NUSHELL, "powershell", "dotenv", "docker", "json", "sts")
_UNSET: dict[str, Callable[[str], str]] = {
    "bash": "unset {}".format,
    "zsh": "unset {}".format,
    "fish": "set -e {}".format,
    "powershell": "Remove-Item -ErrorAction Ignore Env:{}".format,
}
_STS = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
    "Expiration": "AWS_CREDENTIAL_EXPIRATION",
}


def render(added: Mapping[str, str], style: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the variables in one of FORMATS, ready for `eval`, a file or a program.

    A shell is told to remove those of another identity as well, and the region if `environ` has one from `env`.
    """
    if style == "json":
        return json.dumps(dict(added), indent=2)
    if style == "sts":
        found = {key: added[name] for key, name in _STS.items() if name in added}
        return json.dumps({"Credentials": found}, indent=2)
    stale = [name for name in (*_STALE, *(_REGIONS if MARKER in (environ or {}) else ())) if name not in added]
    if style == _NUSHELL:
        return json.dumps(dict.fromkeys(stale) | dict(added), indent=2)
    line = _LINES[style]
    unset = [_UNSET[style](name) for name in stale] if style in _UNSET else []
    return "\n".join([*unset, *(line(name, value) for name, value in added.items())])


def render_unset(style: str) -> str:
    """Return the lines that remove all that `env` may set; raises InputError for a format that is no shell's."""
    if style == _NUSHELL:
        return json.dumps(dict.fromkeys(NAMES), indent=2)
    if style not in _UNSET:
        raise InputError(
            f"the format {style} is no shell's, so there is nothing to unset",
            hint="credhelper env --unset --format bash",
        )
    return "\n".join(map(_UNSET[style], NAMES))


def style_of_shell(shell: str) -> str:
    """Return the format for a shell's path as in $SHELL; bash's where it is unknown."""
    name = shell.rsplit("/", 1)[-1]
    return {"fish": "fish", "pwsh": "powershell", "zsh": "zsh", "nu": "nushell"}.get(name, "bash")
