"""The `profile` commands that edit, and how a result is shown. The work is in `credhelper.commands`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import completion, output
from credhelper.cli.options import (
    NAME,
    NEW_NAME,
    Commands,
    credentials_option,
    edit_options,
    given,
    how,
    setting_options,
)
from credhelper.errors import PROFILE, InputError, about

if TYPE_CHECKING:  # the use cases are imported when their command runs, so that --help does not pay for them
    from credhelper.awsconfig.file.editor import EditResult

_SHOWN_NAMES = 20


def _report(edited: "EditResult", done: str) -> None:
    for remark in edited.remarks:
        output.note(f"note: {remark}")
    if not edited.changed:
        output.note("nothing to change")
    elif edited.is_dry_run:
        output.diff(edited.diff())
    else:
        output.note(f"{done}{_counted(edited.names)} in {' and '.join(edited.changed_paths)}")


def _counted(names: Sequence[str]) -> str:
    """Return how many profiles an edit was about, and which, "" where it was about the one that was named."""
    if not names:
        return ""
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f" {len(names)} profile{'s' if len(names) > 1 else ''} ({shown}{more})"


@click.group("profile", cls=Commands)
def profile_group() -> None:
    """Add, change and show the profiles in ~/.aws/config.

    Every edit is atomic and made under a lock: a crash leaves the old file or the new one, and everything that is
    not part of the edit keeps its bytes. `credhelper profile undo` undoes the last edit.
    """


@profile_group.command()
@NEW_NAME
@setting_options
@click.option("--force", "is_forced", is_flag=True, help="Replace the credentials of an existing profile of this name.")
@click.option("--login", "is_login", is_flag=True, help="Fetch credentials at once, and say who you are with them.")
@edit_options
def add(
    *,
    name: str | None,
    is_forced: bool,
    is_login: bool,
    is_dry_run: bool,
    in_place: bool,
    is_large: bool,
    **values: str | None,
) -> None:
    """Add a profile that assumes a role through credhelper.

    \b
      credhelper profile add prod-s3 --source-profile default \\
        --role-arn arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket

    Without NAME, at a terminal, it asks for what is not given, shows the change, and logs in with the new profile.
    """
    from credhelper.commands.profile import add

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    settings_of_profile = given(values)
    if name is None:
        from credhelper.cli import guide

        guide.require_person("name")
        name, settings_of_profile = guide.ask_for_profile(settings_of_profile, asked, is_forced=is_forced)
        is_login = True
    edited = add.add(settings.load(), name, settings_of_profile, asked, is_forced=is_forced)
    _report(edited, f"added profile {name}")
    if is_login and not is_dry_run:
        from credhelper.cli import guide

        guide.fetch(name)


@profile_group.command("set")
@NAME
@click.argument("keys", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=completion.keys_to_set)
@setting_options
@edit_options
def set_(
    *,
    name: str,
    keys: Sequence[str],
    is_dry_run: bool,
    in_place: bool,
    is_large: bool,
    **values: str | None,
) -> None:
    """Change settings of a profile.

    Settings of credhelper are options; AWS's own keys are given as KEY=VALUE.

    \b
      credhelper profile set prod-s3 --duration-seconds 7200 output=json
    """
    from credhelper.commands.profile import set as use_case

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    with about(profile=name):
        pairs = dict(map(_pair, keys))
    edited = use_case.set_keys(settings.load(), name, given(values), pairs, asked)
    _report(edited, f"changed profile {name}")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError("an argument is not KEY=VALUE", hint=f"credhelper profile set {PROFILE} output=json")
    return key.strip().lower(), value.strip()


@profile_group.command()
@NAME
@click.argument("keys", nargs=-1, required=True, metavar="KEY...", shell_complete=completion.keys_to_unset)
@edit_options
def unset(*, name: str, keys: Sequence[str], is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Remove settings of a profile.

    \b
      credhelper profile unset prod-s3 external_id output
    """
    from credhelper.commands.profile import set as use_case

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(use_case.unset_keys(settings.load(), name, keys, asked), f"changed profile {name}")


@profile_group.command()
@NAME
@click.option("--force", "is_forced", is_flag=True, help="Remove it even if other profiles use its credentials.")
@edit_options
def remove(*, name: str, is_forced: bool, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Remove a profile."""
    from credhelper.commands.profile import remove

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(remove.remove(settings.load(), name, asked, is_forced=is_forced), f"removed profile {name}")


@profile_group.command()
@NAME
@click.argument("new")
@credentials_option("Take along what ~/.aws/credentials has for it, keys included.")
@edit_options
def rename(*, name: str, new: str, with_credentials: bool, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Rename a profile, also where other profiles refer to it."""
    from credhelper.commands.profile import rename

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    edited = rename.rename(settings.load(), name, new, asked, with_credentials=with_credentials)
    _report(edited, f"renamed profile {name} to {new}")


@profile_group.command()
@click.argument("names", nargs=-1, shell_complete=completion.adoptable_profiles)
@click.option("--all", "is_all", is_flag=True, help="Every profile that can be adopted.")
@credentials_option("Move what ~/.aws/credentials has of a role to the config file; keys stay there.")
@edit_options
def adopt(
    *,
    names: Sequence[str],
    is_all: bool,
    with_credentials: bool,
    is_dry_run: bool,
    in_place: bool,
    is_large: bool,
) -> None:
    """Let credhelper assume the role of profiles that have role_arn.

    `credhelper profile release` reverts that.
    """
    from credhelper.commands.profile import adopt

    _require_names(names, is_all=is_all)
    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    edited = adopt.adopt(settings.load(), names, asked, is_all=is_all, with_credentials=with_credentials)
    _report(edited, "adopted")


@profile_group.command()
@click.argument("names", nargs=-1, shell_complete=completion.releasable_profiles)
@click.option("--all", "is_all", is_flag=True, help="Every credhelper profile.")
@edit_options
def release(*, names: Sequence[str], is_all: bool, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Turn credhelper profiles back into AWS's own role profiles."""
    from credhelper.commands.profile import release

    _require_names(names, is_all=is_all)
    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(release.release(settings.load(), names, asked, is_all=is_all), "released")


def _require_names(names: Sequence[str], *, is_all: bool) -> None:
    if bool(names) == is_all:
        raise InputError("give names of profiles or --all", hint="credhelper profile list")


@profile_group.command()
@click.option("--force", "is_forced", is_flag=True, help="Even if the file has changed since; that can be undone, too.")
@edit_options
def undo(*, is_forced: bool, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Undo the last edit that credhelper made, byte for byte."""
    from credhelper.commands.profile import undo

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(undo.undo(settings.load(), asked, is_forced=is_forced), "undid the last edit")
