"""The shared config and credentials files, exactly as botocore reads them. Changes nothing on disk."""

import configparser
import copy
import errno
import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import botocore.configloader
import botocore.exceptions

from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.shell import word
from credhelper.system import files

if TYPE_CHECKING:
    from credhelper.aws.session import ExplicitSession

LIMIT = 64 << 20
_CHECK = "credhelper profile check"
# botocore treats anything but a regular file as missing: AWS_CONFIG_FILE=/dev/null is a way to have none.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.EISDIR, errno.ENXIO)


class SharedConfig:
    """Both files, each read once and at first use.

    Everything here raises InputError for a broken file and MachineError for one that cannot be read; a missing file
    is an empty one, as it is for every SDK.
    """

    def __init__(self, config_file: str, credentials_file: str) -> None:
        self.config_file = config_file
        self.credentials_file = credentials_file

    @cached_property
    def profiles(self) -> Mapping[str, Mapping[str, str]]:
        """Flat keys by profile; the credentials file goes over the config file (botocore, Session.full_config)."""
        return {
            name: {key: value for key, value in section.items() if isinstance(value, str)}
            for name, section in self.full_config["profiles"].items()
        }

    @cached_property
    def sso_sessions(self) -> Mapping[str, Mapping[str, object]]:
        """The `[sso-session NAME]` sections by name."""
        sessions: Mapping[str, Mapping[str, object]] = self.full_config.get("sso_sessions", {})
        return sessions

    @cached_property
    def services(self) -> Mapping[str, Mapping[str, object]]:
        """The `[services NAME]` sections by name."""
        services: Mapping[str, Mapping[str, object]] = self.full_config.get("services", {})
        return services

    def session(self, profile: str | None, *, timeout_s: float | None = None) -> "ExplicitSession":
        """Return a botocore session for exactly this profile, or for no profile at all if it is None.

        AWS_PROFILE and AWS_CONFIG_FILE have no say. No single wait of its clients is longer than `timeout_s` seconds.
        """
        from credhelper.aws.session import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ExplicitSession, without_profile

        timeout_s = CONNECT_TIMEOUT_S + READ_TIMEOUT_S if timeout_s is None else timeout_s
        if profile is None:
            return without_profile(timeout_s)
        return ExplicitSession(profile, self.full_config, self.config_file, self.credentials_file, timeout_s)

    def place_of(self, profile: str, keys: tuple[str, ...]) -> tuple[str, int, str]:
        """Return file, line and key of the first of these keys that a profile has; the credentials file goes first."""
        for path, sections in (
            (self.credentials_file, self.credentials_sections),
            (self.config_file, self.config_sections["profiles"]),
        ):
            for key in keys:
                if key in sections.get(profile, {}):
                    return path, _line_of(path, profile, key), key
        raise KeyError(profile)

    @cached_property
    def full_config(self) -> dict[str, Any]:
        """What botocore's Session.full_config would return for these files."""
        merged = copy.deepcopy(self.config_sections)
        for name, values in self.credentials_sections.items():
            merged["profiles"].setdefault(name, {}).update(values)
        return merged

    @cached_property
    def config_sections(self) -> dict[str, Any]:
        """The config file alone, as botocore's load_config returns it."""
        parsed = _read(self.config_file)
        return dict(botocore.configloader.build_profile_map(parsed))

    @cached_property
    def credentials_sections(self) -> dict[str, dict[str, Any]]:
        """The credentials file alone, by section, as botocore's raw_config_parse returns it."""
        return _read(self.credentials_file)


def _line_of(path: str, profile: str, key: str) -> int:
    content, _ = files.read_bounded(path, LIMIT, follow=True)
    here = False
    for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
        if line.startswith("["):
            header = line[1:].partition("]")[0].split(maxsplit=1)
            here = bool(header) and header[-1].strip("\"' ") == profile
        elif here and line.partition("=")[0].strip().lower() == key:
            return number
    return 1


def _read(path: str) -> dict[str, dict[str, Any]]:
    if not _is_readable_text(path):
        return {}
    try:
        parsed: dict[str, dict[str, Any]] = botocore.configloader.raw_config_parse(path)
    except botocore.exceptions.ConfigNotFound:
        return {}
    except botocore.exceptions.ConfigParseError as error:
        raise _broken(path, error.kwargs.get("error")) from None  # its text quotes the line, which may be a secret
    return parsed


def _is_readable_text(path: str) -> bool:
    """Return False for a missing file; raise where botocore would treat an unreadable file as empty."""
    if os.path.expandvars(path) != path:
        raise InputError(f"the path {path} names a variable, which botocore would expand", hint="use a path without $")
    try:
        content, _ = files.read_bounded(path, LIMIT, follow=True)
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(path, error) from None  # it holds the whole file
    except OSError as error:
        if error.errno in _NO_FILE:
            return False
        raise MachineError(f"{path} cannot be read: {_reason(error)}", hint=f"ls -ld {word(path)}") from error
    return True


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown error").lower()


def _broken(path: str, error: object) -> CredhelperError:
    line, what = _diagnose(error)
    place = f"line {line} of {path}" if line else path
    return InputError(f"{place}: {what}", hint=_CHECK)


def _diagnose(error: object) -> tuple[int, str]:
    """Return the line number (0 where botocore does not tell) and what is wrong there, without quoting the line."""
    match error:
        case configparser.DuplicateSectionError():
            return error.lineno or 0, "this section is defined twice, so botocore rejects the whole file"
        case configparser.DuplicateOptionError():
            return error.lineno or 0, "this key is defined twice in its section, so botocore rejects the whole file"
        case configparser.MissingSectionHeaderError():
            return error.lineno, "there is no section header before this line"
        case configparser.ParsingError():
            return (error.errors[0][0] if error.errors else 0), "this line is neither a section header nor key = value"
        case UnicodeDecodeError():
            return error.object[: error.start].count(b"\n") + 1, "this is not UTF-8 text"
        case _:
            return 0, "a nested block has a line that is not key = value"
