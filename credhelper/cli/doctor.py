"""The command that says why a profile gives no credentials, or none that help."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import completion, output
from credhelper.cli.options import JSON, OPTIONAL_PROFILE, require_values
from credhelper.errors import InputError
from credhelper.model.shell import own_command
from credhelper.system import interrupt

if TYPE_CHECKING:  # the use case is imported when the command runs, so that --help does not pay for it
    from credhelper.diagnosis.finding import Check
    from credhelper.diagnosis.report import Report

# The widest word of a state, and the widest usual name of a check.
_STATE_WIDTH, _ID_WIDTH, _CERTAINTY_WIDTH = 7, 12, 8
_STYLES = {"ok": "green", "FAIL": "bold red", "warning": "yellow", "unknown": "yellow", "skipped": "dim"}


@click.command()
@OPTIONAL_PROFILE
@click.option("--bucket", metavar="BUCKET[/PREFIX]", help="Look at this bucket, too, with the role's session.")
@click.option("--object", "key", metavar="KEY", help="Look at this object of the bucket, too; it is not downloaded.")
@click.option(
    "--prod-admin",
    metavar="PROFILE",
    shell_complete=completion.all_profiles,
    help="A profile that may read the role in its account: what the trust policy says is then certain.",
)
@click.option(
    "--acc-admin",
    metavar="PROFILE",
    shell_complete=completion.all_profiles,
    help="A profile that may read users and their keys in the caller's account.",
)
@click.option("--mfa", "may_ask", is_flag=True, help="Ask for a one-time code where one is needed.")
@click.option("--show-values", is_flag=True, help="Print the external ID that a trust policy wants, too.")
@click.option(
    "--explain",
    "message",
    metavar="TEXT",
    help="Read this message of an AWS tool instead, - for one on stdin; needs no profile and no network.",
)
@JSON
def doctor(
    *,
    profile: str | None,
    bucket: str | None,
    key: str | None,
    prod_admin: str | None,
    acc_admin: str | None,
    may_ask: bool,
    show_values: bool,
    message: str | None,
    as_json: bool,
) -> None:
    """Say why a profile gives no credentials, or none that help.

    Looks at the line, the files, the variables, the clock, the network, the key, the role and, with --bucket, the
    bucket, in the order in which a request passes them, and says of each cause how certain it is: certain, likely,
    possible or excluded. The first cause comes last, with what to type. Without a profile it is that of AWS_PROFILE.

    It reads only. It asks AWS for the role's session once and drops it, which CloudTrail notes; the cache stays as it
    is. A one-time code is asked for only with --mfa, and without it a role that wants one is not asked for. It takes 20
    seconds at most, the time for typing not counted.

    With --explain it says what a message that was pasted leaves: of the AWS CLI, an SDK, Terraform, or out of a log.

    Exits with 0 where nothing failed, else with the code of the first cause.

    \b
    Examples:
      credhelper doctor prod-s3
      credhelper doctor prod-s3 --bucket list-prod-bkt-details-01
      credhelper doctor prod-s3 --prod-admin prod-admin --json
      credhelper doctor --explain 'An error occurred (AccessDenied) when …'
    """
    if message is not None:
        from credhelper.cli import explain_text

        if profile or bucket or key or prod_admin or acc_admin or may_ask or show_values:
            raise InputError("--explain reads the message alone", hint="credhelper doctor --explain TEXT")
        click.get_current_context().exit(explain_text.show(message, as_json=as_json))
    from credhelper.commands.doctor.examine import examine
    from credhelper.commands.doctor.steps import Options, Steps
    from credhelper.provider import process

    require_values({"bucket": bucket, "object": key, "prod_admin": prod_admin, "acc_admin": acc_admin})
    name = profile or os.environ.get("AWS_PROFILE", "")
    if not name:
        raise InputError(
            "no profile is given, and AWS_PROFILE is not set", hint="credhelper profile list; credhelper doctor --help"
        )
    if key and not bucket:
        raise InputError(
            "--object is the key of an object in a bucket",
            hint=own_command("doctor", name, options="--bucket BUCKET --object KEY"),
        )
    options = Options(
        bucket=bucket or "",
        key=key or "",
        role_admin=prod_admin or "",
        caller_admin=acc_admin or "",
        may_ask=may_ask,
        shows_values=show_values,
    )
    process.silence()
    interrupt.raises()  # a question has an echo to put back
    with _progress(is_shown=not as_json) as tell:
        report = examine(name, settings.load(), os.environ, options, Steps(tell=tell))
    if as_json:
        output.emit_json(report.as_json())
    else:
        _show(report)
    sys.stdout.flush()
    click.get_current_context().exit(report.exit_code)


@contextlib.contextmanager
def _progress(*, is_shown: bool) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is going on; "" ends it, for a question."""
    if not is_shown or not sys.stdout.isatty() or not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status("looking at this machine") as status:

        def tell(text: str) -> None:
            if not text:
                status.stop()
                return
            status.update(text)
            status.start()

        yield tell


def _show(report: "Report") -> None:
    output.styled(_lines(report))


def _lines(report: "Report") -> Iterator[tuple[str, str]]:
    for check in report.checks:
        yield from _of_check(check)
    first = report.first
    if first is None:
        if report.verdict == "incomplete":
            yield "nothing failed; what is skipped or unknown was not looked at", ""
        return
    from credhelper.diagnosis.report import page_of

    _, cause = first
    if report.may_hold_more:
        yield "one cause at a time: there may be more, so run it again after this", ""
    yield f"first cause: {cause.cause} ({cause.certainty.value}): {cause.text}", "bold"
    if cause.hint:
        yield f"hint: {cause.hint}", output.TYPED
    yield f"see: {page_of(cause.cause)}", ""


def _of_check(check: "Check") -> Iterator[tuple[str, str]]:
    state, first = check.state.value, check.first
    is_said = first is not None and first.text == check.text
    certainty = f" ({first.certainty.value})" if first is not None and is_said and state == "FAIL" else ""
    yield f" {state:<{_STATE_WIDTH}}  {check.id:<{_ID_WIDTH}}  {check.text}{certainty}", _STYLES[state]
    if state in ("ok", "skipped"):
        return
    indent = " " * (_CERTAINTY_WIDTH + 5)
    for one in check.findings:
        if not is_said or one is not first:
            yield f"   {one.certainty.value:<{_CERTAINTY_WIDTH}}  {one.text}", ""
        for line in one.evidence:
            yield f"{indent}{line}", "dim"
        if state == "warning" and one.hint:
            yield f"{indent}{one.hint}", output.TYPED
