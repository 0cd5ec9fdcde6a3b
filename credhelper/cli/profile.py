"""The `profile` commands: their arguments, and how results are shown. The work is in `credhelper.commands`."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import completion, output
from credhelper.cli.options import ANY_NAME, JSON, NAME, NEW_NAME, edit_options, given, how, setting_options
from credhelper.errors import PROFILE, InputError, about
from credhelper.model.printable import cell

if TYPE_CHECKING:  # the use cases are imported when their command runs, so that --help does not pay for them
    from credhelper.awsconfig.file.editor import EditResult
    from credhelper.commands.profile.list import Row

_SHOWN_NAMES = 20


def _report(edited: "EditResult", done: str) -> None:
    for remark in edited.remarks:
        output.note(f"note: {remark}")
    if not edited.changed:
        output.note("nothing to change")
    elif edited.is_dry_run:
        output.diff(edited.diff())
    else:
        output.note(f"{done}{_counted(edited.names)} in {edited.path}")


def _counted(names: Sequence[str]) -> str:
    """Return how many profiles an edit was about, and which, "" where it was about the one that was named."""
    if not names:
        return ""
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f" {len(names)} profile{'s' if len(names) > 1 else ''} ({shown}{more})"


@click.group("profile")
def profile_group() -> None:
    """Add, change and show the profiles in ~/.aws/config.

    Every edit is atomic and made under a lock: a crash leaves the old file or the new one, and everything that is
    not part of the edit keeps its bytes. `credhelper profile undo` undoes the last edit.
    """


@profile_group.command()
@NEW_NAME
@setting_options
@click.option("--force", "is_forced", is_flag=True, help="Replace the credentials of an existing profile of this name.")
@edit_options
def add(
    *,
    name: str,
    is_forced: bool,
    is_dry_run: bool,
    in_place: bool,
    is_large: bool,
    **values: str | None,
) -> None:
    """Add a profile that assumes a role through credhelper.

    \b
      credhelper profile add prod-s3 --source-profile default \\
        --role-arn arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket
    """
    from credhelper.commands.profile import add

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    edited = add.add(settings.load(), name, given(values), asked, is_forced=is_forced)
    _report(edited, f"added profile {name}")


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


@profile_group.command("list")
@click.argument("pattern", default="")
@JSON
def list_(*, pattern: str, as_json: bool) -> None:
    """List the profiles.

    PATTERN is part of a name, a role, an account or a kind; * and ? are wildcards.
    """
    from credhelper.commands.profile import list as profile_list
    from credhelper.commands.profile.line import Watch

    own = settings.load()
    sections = profile_list.open_sections(own)
    watch = Watch()
    rows = profile_list.list_profiles(sections, pattern, watch.see)
    if as_json:
        output.emit_json([_row_as_json(row) for row in rows])
    else:
        shown = output.table(
            ("PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "SOURCE", "FILE"),
            _cells(rows),
            whole={"KIND": 12, "ACCOUNT": 12},
            spare=("FILE", "REGION", "SOURCE"),
        )
        if not shown:
            output.note(f"no profile matches {cell(pattern)}" if pattern else "there are no profiles")
    for fault in sections.faults:
        output.note(f"note: {fault}; see: credhelper profile check")
    output.note_if(watch.notice)


def _cells(rows: "Iterable[Row]") -> Iterable[Sequence[str]]:
    for row in rows:
        yield row.name, row.kind, row.account_id, row.role, row.region, " < ".join(row.sources), row.file


def _row_as_json(row: "Row") -> dict[str, object]:
    return {
        "name": row.name,
        "kind": row.kind,
        "account_id": row.account_id or None,
        "role_arn": row.role_arn or None,
        "region": row.region or None,
        "sources": list(row.sources),
        "file": row.file,
    }


@profile_group.command()
@ANY_NAME
@JSON
def show(*, name: str, as_json: bool) -> None:
    """Show one profile.

    Its keys, where its credentials come from, and what is wrong with it.
    """
    from credhelper.commands.profile import show

    shown = show.show(settings.load(), name)
    problem = shown.problem
    if as_json:
        output.emit_json(
            {**_row_as_json(shown.row), "keys": shown.keys, "problem": problem.message if problem else None}
        )
    else:
        origin = " < ".join((shown.row.name, *shown.row.sources))
        output.table(("KEY", "VALUE"), [("(kind)", shown.row.kind), ("(source)", origin), *shown.keys.items()])
    if problem is not None:
        output.show_error(problem)
    if shown.row.kind == "credhelper":
        from credhelper.commands import shadows

        for remark in shadows.in_environment(os.environ):
            output.note(f"note: {remark}")
    from credhelper.commands.profile.line import Watch

    output.note_if(Watch().see_all([(name, shown.keys)]).notice)


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
@edit_options
def rename(*, name: str, new: str, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Rename a profile, also where other profiles refer to it."""
    from credhelper.commands.profile import remove

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(remove.rename(settings.load(), name, new, asked), f"renamed profile {name} to {new}")


@profile_group.command()
@click.argument("names", nargs=-1, shell_complete=completion.adoptable_profiles)
@click.option("--all", "is_all", is_flag=True, help="Every profile that can be adopted.")
@edit_options
def adopt(*, names: Sequence[str], is_all: bool, is_dry_run: bool, in_place: bool, is_large: bool) -> None:
    """Let credhelper assume the role of profiles that have role_arn.

    `credhelper profile release` reverts that.
    """
    from credhelper.commands.profile import adopt

    _require_names(names, is_all=is_all)
    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    _report(adopt.adopt(settings.load(), names, asked, is_all=is_all), "adopted")


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


@profile_group.command()
@JSON
def check(*, as_json: bool) -> int:
    """Check both files for what SDKs read differently or reject.

    Each finding is a line FILE:LINE that editors can jump to, with what happens, and how to fix it below. Exits with 1
    if there is a finding.
    """
    from credhelper.cli import findings as findings_shown
    from credhelper.commands.profile import check

    own = settings.load()
    findings = check.check_file(own)
    if as_json:
        output.emit_json([findings_shown.as_json(finding, own) for finding in findings])
    else:
        for finding in findings:
            for line in findings_shown.lines(finding, own):
                output.say(line)
        read = [path for path in (own.config_file, own.credentials_file) if os.path.exists(path)]
        nothing = f"every SDK reads {' and '.join(read) or own.config_file} the same way"
        output.note(f"{len(findings)} finding(s)" if findings else nothing)
        moved = sum(finding.name == "credhelper-moved" for finding in findings)
        if moved > 1:
            output.note(f"hint: all {moved} that start a program that is gone: credhelper profile repair")
    return 1 if findings else 0
