"""The `profile` commands that only look: list, show and check."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import output
from credhelper.cli.options import ANY_NAME, JSON
from credhelper.model.printable import cell

if TYPE_CHECKING:  # the use cases are imported when their command runs, so that --help does not pay for them
    from credhelper.awsconfig.document.finding import Finding
    from credhelper.commands.profile.list import Row


@click.command("list")
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
            whole={"KIND": 12, "ACCOUNT": 12, "REGION": 15},
            spare=("FILE", "REGION", "SOURCE"),
        )
        if not shown:
            output.note(f"no profile matches {cell(pattern)}" if pattern else "there are no profiles")
    for fault in sections.faults:
        output.note(f"note: {fault}; see: credhelper profile check")
    output.note_if(watch.notice)
    output.note_if(watch.notice_of_others)
    if watch.foreign:
        who = "1 profile does" if watch.foreign == 1 else f"{watch.foreign} profiles do"
        output.note(f"note: {who} not start credhelper, although a role is set for it")
        output.note("hint: credhelper profile check")


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


@click.command()
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
    for notice in shown.notices:
        output.note_if(notice)


@click.command()
@JSON
def check(*, as_json: bool) -> int:
    """Check both files for what SDKs read differently or reject.

    Each finding is a line FILE:LINE that editors can jump to, with what happens, and how to fix it below. Exits with 1
    if there is a finding.
    """
    from credhelper.commands.profile import check

    own = settings.load()
    findings = check.check_file(own)
    if as_json:
        output.emit_json([_finding_as_json(finding, own) for finding in findings])
    else:
        for finding in findings:
            for line in _finding_lines(finding, own):
                output.say(line)
        read = [path for path in (own.config_file, own.credentials_file) if os.path.exists(path)]
        nothing = f"every SDK reads {' and '.join(read) or own.config_file} the same way"
        output.note(f"{len(findings)} finding(s)" if findings else nothing)
        moved = sum(finding.name == "credhelper-moved" for finding in findings)
        if moved > 1:
            output.note(f"hint: all {moved} that start a program that is gone: credhelper profile repair")
    return 1 if findings else 0


def _file_of(finding: "Finding", own: settings.Settings) -> str:
    return own.credentials_file if finding.is_in_credentials else own.config_file


def _finding_lines(finding: "Finding", own: settings.Settings) -> tuple[str, str]:
    """Return a finding as a line that editors can jump to, and its fix."""
    from credhelper.awsconfig.lint.rules import rule_of

    rule = rule_of(finding)
    # A finding about a whole file or a directory has no line.
    place = f"{_file_of(finding, own)}:{finding.line}" if finding.line else finding.about
    about = f" {finding.about}:" if finding.about and finding.line else ""
    sdks = f" ({', '.join(rule.sdks)})" if rule.sdks else ""
    return f"{place}:{about} {rule.effect}{sdks} [{rule.name}]", f"    fix: {rule.fix}"


def _finding_as_json(finding: "Finding", own: settings.Settings) -> dict[str, object]:
    """Return a finding for programs."""
    from credhelper.awsconfig.lint.rules import rule_of

    where = {"file": _file_of(finding, own), "line": finding.line, "about": finding.about}
    return {**where, **rule_of(finding)._asdict()}
