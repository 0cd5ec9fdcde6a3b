"""What TAB offers, in every shell: names of profiles, keys, regions, key stores and programs.

Only words that no shell has to quote are offered. The files these names come from may be written by another program,
and what TAB inserts is run by a shell.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from credhelper import settings
from credhelper.errors import CredhelperError

if TYPE_CHECKING:  # imported when something is completed, so that --help does not pay for it
    from credhelper.awsconfig.document.document import Document
    from credhelper.awsconfig.profiles.catalogue import Catalogue

# No leading - (an option), % (a variable of fish), = (zsh looks for a program) or ~; no comma, at which the script for
# fish divides its lines.
_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_@+:./][A-Za-z0-9_@%+=:./-]*")

# Keys of AWS's own that are set for one profile, and the values of those that have a fixed list
# (https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html and the AWS CLI's `aws help config-vars`).
_YES_OR_NO = ("true", "false")
AWS_KEYS: Mapping[str, tuple[str, ...]] = {
    "ca_bundle": (),
    "cli_auto_prompt": ("on", "on-partial", "off"),
    "cli_binary_format": ("base64", "raw-in-base64-out"),
    "cli_history": ("enabled", "disabled"),
    "cli_pager": (),
    "cli_timestamp_format": ("iso8601", "wire"),
    "defaults_mode": ("standard", "legacy", "in-region", "cross-region", "mobile", "auto"),
    "endpoint_url": (),
    "ignore_configured_endpoint_urls": _YES_OR_NO,
    "max_attempts": (),
    "output": ("json", "text", "table", "yaml", "yaml-stream"),
    "parameter_validation": _YES_OR_NO,
    "region": (),
    "request_checksum_calculation": ("when_supported", "when_required"),
    "response_checksum_validation": ("when_supported", "when_required"),
    "retry_mode": ("legacy", "standard", "adaptive"),
    "services": (),
    "sts_regional_endpoints": ("legacy", "regional"),
    "tcp_keepalive": _YES_OR_NO,
    "use_dualstack_endpoint": _YES_OR_NO,
    "use_fips_endpoint": _YES_OR_NO,
}

_Completer = Callable[[click.Context, click.Parameter, str], "list[str | CompletionItem[str]]"]


def _offering(find: Callable[[click.Context, str], Iterable[str]]) -> _Completer:
    """Return click's callback for a function of the context and the word so far; a failure offers nothing."""

    def complete(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[str | CompletionItem[str]]":
        try:
            found = {word for word in find(ctx, incomplete) if word.startswith(incomplete)}
        except CredhelperError:
            return []
        return [word for word in sorted(found) if _NEEDS_NO_QUOTES.fullmatch(word)]

    return complete


def _document() -> "Document":
    from credhelper.awsconfig import api
    from credhelper.awsconfig.file.config_file import LARGE_LIMIT

    return api.read(settings.load().config_file, limit=LARGE_LIMIT)


def _sections() -> "Catalogue":
    from credhelper.commands.profile.list import open_sections

    return open_sections(settings.load())


def _name(ctx: click.Context) -> str:
    """Return the profile that the command edits; click leaves it among the rest where an option has no value yet."""
    return ctx.params.get("name") or next(iter(ctx.args), "")


def _without_given(ctx: click.Context, parameter: str, names: Iterable[str]) -> Iterator[str]:
    given = ctx.params.get(parameter) or ()
    return (name for name in names if name not in given)


@_offering
def our_profiles(_ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer the profiles that credhelper serves."""
    from credhelper.awsconfig.profiles.role_profile import is_credhelper

    sections = _sections()
    return (name for name in sections if name.startswith(incomplete) and is_credhelper(sections[name]))


@_offering
def all_profiles(_ctx: click.Context, _incomplete: str) -> Iterable[str]:
    """Offer the profiles of both files."""
    return _sections()


@_offering
def config_profiles(_ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the profiles of the config file: those that can be edited."""
    return (name for name, _ in _document().profiles())


@_offering
def source_profiles(ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the profiles that can be the source of the one being edited."""
    edited = _name(ctx)
    return (name for name in _sections() if name != edited)


@_offering
def sso_sessions(_ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the sessions of IAM Identity Center that the config file has."""
    document = _document()
    headers = (document.header(index).split() for index in range(len(document)))
    return (words[1] for words in headers if len(words) == 2 and words[0] == "sso-session")


@_offering
def adoptable_profiles(ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the profiles that `profile adopt` can take."""
    from credhelper.commands.profile.adopt import adoptable

    return _without_given(ctx, "names", adoptable(_sections()))


@_offering
def releasable_profiles(ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the profiles that `profile release` can turn back."""
    from credhelper.commands.profile.release import releasable

    return _without_given(ctx, "names", releasable(_document()))


def _section(ctx: click.Context) -> dict[str, str]:
    return _document().profile(_name(ctx)) or {}


@_offering
def keys_to_set(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer KEY= for the keys a profile can have, and after the equals sign the values of a key that has a list."""
    from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
    from credhelper.awsconfig.profiles.role_profile import SETTINGS, is_credhelper, key_of

    key, equals, _ = incomplete.partition("=")
    if equals:
        return (f"{key}={value}" for value in _values_of(key))
    section = _section(ctx)
    ours = map(key_of, SETTINGS) if is_credhelper(section) else ()
    return (f"{key}=" for key in (*AWS_KEYS, *section, *ours) if key != PROCESS_KEY)


def _values_of(key: str) -> Iterable[str]:
    from credhelper.aws.regions import region_names

    return region_names() if key == "region" else AWS_KEYS.get(key, ())


@_offering
def keys_to_unset(ctx: click.Context, _incomplete: str) -> Iterator[str]:
    """Offer the keys of the profile that can be removed, credhelper's also without their prefix."""
    from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
    from credhelper.awsconfig.profiles.role_profile import PREFIX

    section = _section(ctx)
    short = (key.removeprefix(PREFIX) for key in section)
    kept = (PROCESS_KEY, PREFIX + "role_arn", "role_arn" if "role_arn" not in section else "")
    return (key for key in _without_given(ctx, "keys", (*section, *short)) if key not in kept)


@_offering
def regions(_ctx: click.Context, _incomplete: str) -> Iterable[str]:
    """Offer AWS's regions."""
    from credhelper.aws.regions import region_names

    return region_names()


# Those that are asked for most; AWS knows more, and goes to its first page for a name that it does not know.
_SERVICES = (
    *("athena", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "dynamodb", "ec2", "ecr", "ecs", "eks"),
    *("iam", "kms", "lambda", "organizations", "rds", "route53", "s3", "secretsmanager", "sns", "sqs", "vpc"),
)


@_offering
def services(_ctx: click.Context, _incomplete: str) -> Iterable[str]:
    """Offer pages of the console."""
    return _SERVICES


@_offering
def credential_sources(_ctx: click.Context, _incomplete: str) -> Iterable[str]:
    """Offer the places other than a profile that source credentials come from."""
    from credhelper.awsconfig.profiles.role_settings import CREDENTIAL_SOURCES

    return CREDENTIAL_SOURCES


@_offering
def key_stores(_ctx: click.Context, _incomplete: str) -> Iterable[str]:
    """Offer the stores the master key can be moved to."""
    from credhelper.commands.key import destinations

    return destinations(settings.load())


def command_words(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> "list[str | CompletionItem[str]]":
    """Offer programs on PATH for the first word of a command, and leave paths and all other words to the shell."""
    if ctx.params.get("command") or "/" in incomplete:
        return [CompletionItem(incomplete, type="file")]
    return _programs(ctx, parameter, incomplete)


@_offering
def _programs(_ctx: click.Context, incomplete: str) -> Iterator[str]:
    for directory in os.get_exec_path():
        try:
            names = [name for name in os.listdir(directory or os.curdir) if name.startswith(incomplete)]
        except OSError:
            continue
        paths = ((name, os.path.join(directory, name)) for name in names)
        yield from (name for name, path in paths if os.path.isfile(path) and os.access(path, os.X_OK))
