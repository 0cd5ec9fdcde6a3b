"""The arguments and options that the `profile` commands share, and what they turn into."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from credhelper import settings
from credhelper.errors import CredhelperError, InputError

if TYPE_CHECKING:  # imported when a command runs, so that --help does not pay for it
    from credhelper.commands.profile.edit import How

P = ParamSpec("P")
R = TypeVar("R")

_SETTINGS = (
    ("role_arn", "ARN", "The role to assume."),
    ("source_profile", "NAME", "The profile whose credentials assume it, or another credhelper profile."),
    ("credential_source", "SOURCE", "Instead: Environment, Ec2InstanceMetadata or EcsContainer."),
    ("role_session_name", "TEXT", "The session's name in CloudTrail; your user and host by default."),
    ("external_id", "TEXT", "The external ID that the role's trust policy asks for."),
    ("duration_seconds", "SECONDS", "900 to 43200; 3600 by default."),
    ("mfa_serial", "ARN", "The MFA device; its one-time code is asked for when it is needed."),
    ("mfa_process", "COMMAND", "A program that prints the one-time code."),
    ("source_identity", "TEXT", "The source identity of the session."),
    ("tags", "KEY=VALUE,...", "Session tags."),
    ("transitive_tag_keys", "KEY,...", "Tags that a chained role inherits."),
    ("policy_arns", "ARN,...", "Managed session policies."),
    ("policy", "JSON", "An inline session policy, or file:///absolute/path.json."),
    ("region", "REGION", "The region for every tool that uses the profile."),
    ("endpoint_url", "URL", "The endpoint for every tool that uses the profile."),
)


def _complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from credhelper.commands.profile.list import open_sections

    try:
        return sorted(name for name in open_sections(settings.load()) if name.startswith(incomplete))
    except CredhelperError:
        return []


NAME = click.argument("name", shell_complete=_complete)
NAMES = click.argument("names", nargs=-1, shell_complete=_complete)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def setting_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command one option for each setting of a profile."""
    for name, metavar, help_text in reversed(_SETTINGS):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, metavar=metavar, help=help_text)(command)
    return command


def edit_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that say how to edit."""
    command = click.option("--large", "is_large", is_flag=True, help="Edit a config file of more than 1 MiB.")(command)
    command = click.option(
        "--in-place", is_flag=True, help="Write into the file where it cannot be replaced (a bind mount)."
    )(command)
    return click.option("--dry-run", "is_dry_run", is_flag=True, help="Show the change and make none.")(command)


def how(*, is_dry_run: bool, in_place: bool, is_large: bool) -> "How":
    """Return what the edit options say."""
    from credhelper.commands.profile.edit import How

    return How(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)


def given(values: dict[str, str | None]) -> dict[str, str]:
    """Return the settings that were given, a policy in one line; raises InputError."""
    given = {name: text for name, text in values.items() if text is not None}
    if "policy" in given and not given["policy"].startswith("file://"):
        given["policy"] = _one_line(given["policy"])
    return given


def _one_line(policy: str) -> str:
    from credhelper.awsconfig.profiles.values import one_line_policy

    try:
        return one_line_policy(policy)
    except ValueError:
        raise InputError("the policy is not JSON", hint="--policy file:///absolute/path.json") from None
