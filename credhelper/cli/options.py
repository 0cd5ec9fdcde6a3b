"""The arguments and options that commands share, and what they turn into."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from credhelper.awsconfig.profiles.role_settings import SETTINGS
from credhelper.cli import completion
from credhelper.errors import InputError
from credhelper.model.nearest import nearest
from credhelper.model.shell import word

if TYPE_CHECKING:  # imported when a command runs, so that --help does not pay for it
    from credhelper.awsconfig.file.editor import EditOptions

P = ParamSpec("P")
R = TypeVar("R")

_COMPLETERS = {
    "source_profile": completion.source_profiles,
    "credential_source": completion.credential_sources,
    "region": completion.regions,
}

# A profile to get credentials for.
PROFILE = click.argument("profile", shell_complete=completion.our_profiles)
OPTIONAL_PROFILE = click.argument("profile", required=False, shell_complete=completion.our_profiles)
# A profile to hand credentials of to a program: any.
WHOSE = click.argument("profile", shell_complete=completion.all_profiles)
OPTIONAL_WHOSE = click.argument("profile", required=False, shell_complete=completion.all_profiles)
# A profile of the config file: a new one, one to look at, one to edit.
NEW_NAME = click.argument("name", required=False)
ANY_NAME = click.argument("name", shell_complete=completion.all_profiles)
NAME = click.argument("name", shell_complete=completion.config_profiles)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def asked(profile: str | None, command: str) -> str:
    """Return the profile that was given, or the one of AWS_PROFILE; raises InputError without either."""
    name = profile or os.environ.get("AWS_PROFILE", "")
    if not name:
        raise InputError(
            "no profile is given, and AWS_PROFILE is not set",
            hint=f"credhelper profile list; credhelper {command} --help",
        )
    return name


class Commands(click.Group):
    """A group that names the nearest command when it does not know one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; raises InputError for one that is not there."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            near = nearest(args[0], self.list_commands(ctx), limit=1, cutoff=0.6)
            within = ctx.command_path
            hint = f"did you mean: {within} {near[0]}" if near else f"{within} --help"
            raise InputError(f"there is no command {args[0]}", hint=hint) from None


def setting_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command one option for each setting of a profile."""
    for one in reversed(SETTINGS):
        option = click.option(
            one.flag, one.name, metavar=one.metavar, help=one.help, shell_complete=_COMPLETERS.get(one.name)
        )
        command = option(command)
    return command


def edit_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options about how to edit the file."""
    command = click.option("--large", "is_large", is_flag=True, help="Edit a config file of more than 1 MiB.")(command)
    command = click.option(
        "--in-place", is_flag=True, help="Write into the file if it cannot be replaced (a bind mount)."
    )(command)
    return click.option("--dry-run", "is_dry_run", is_flag=True, help="Show the change without making it.")(command)


def credentials_option(help_text: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return the option that allows a command to edit the credentials file."""
    return click.option("--with-credentials", is_flag=True, help=help_text)


def how(*, is_dry_run: bool, in_place: bool, is_large: bool) -> "EditOptions":
    """Return the edit options as one value."""
    from credhelper.awsconfig.file.editor import LARGE_LIMIT, LIMIT, EditOptions

    return EditOptions(is_dry_run=is_dry_run, in_place=in_place, limit=LARGE_LIMIT if is_large else LIMIT)


def given(values: dict[str, str | None]) -> dict[str, str]:
    """Return the settings that were given, without blanks around them and a policy in one line; raises InputError."""
    given = {name: text.strip() for name, text in values.items() if text is not None}
    if "policy" in given and not given["policy"].startswith("file://"):
        given["policy"] = _one_line(given["policy"])
    return given


def _one_line(policy: str) -> str:
    from credhelper.awsconfig.profiles.values import one_line_policy

    try:
        return one_line_policy(policy)
    except ValueError:
        raise InputError("the policy is not JSON", hint="--policy file:///absolute/path.json") from None


def require_values(values: Mapping[str, object]) -> None:
    """Refuse an empty text: it is of a variable that is not set, and without it more is meant than is said."""
    for name, value in values.items():
        if value == "":
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} is given without a value", hint=f"give {word(option)} a value, or leave it out")
