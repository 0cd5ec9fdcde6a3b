"""The command that tries a profile as an SDK would use it."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import expiry, output
from credhelper.cli.options import JSON, OPTIONAL_WHOSE, asked, require_values
from credhelper.errors import InputError
from credhelper.model.shell import own_command, word

if TYPE_CHECKING:  # the use case is imported when the command runs, so that --help does not pay for it
    from credhelper.commands.trial_run import Step

_STYLES = {"ok": "green", "FAIL": "bold red", "skipped": "dim"}


@click.command("test")
@OPTIONAL_WHOSE
@click.option("--bucket", metavar="BUCKET[/PREFIX]", help="List at most one object of this bucket, too.")
@click.option("--write", "is_writing", is_flag=True, help="Write one object there, under a new name, and delete it.")
@JSON
def test(profile: str | None, *, bucket: str | None, is_writing: bool, as_json: bool) -> int:
    """Try a profile as an SDK would.

    Starts the profile's credential_process as it is in the file, in your environment, and reads what it prints by the
    rules of SDKs; then asks AWS who that is, and lists the bucket. A profile of another kind, such as SSO, is used as
    the AWS CLI uses it. One line for each step; what comes after one that fails is skipped. Exits with 0, or with the
    code of the step that failed. Without a profile it is that of AWS_PROFILE.

    \b
    Examples:
      credhelper test prod-s3
      credhelper test prod-s3 --bucket list-prod-bkt-details-01
      credhelper test prod-s3 --bucket list-prod-bkt-details-01/inbox --write
    """
    from credhelper.commands.trial_run import TrialRun
    from credhelper.policy.build import Place

    name = asked(profile, "test")
    require_values({"bucket": bucket})
    if is_writing and bucket is None:
        raise InputError(
            "--write needs the bucket that an object is written to",
            hint=own_command("test", name, options="--bucket BUCKET --write"),
        )
    place = Place.of(bucket) if bucket is not None else None
    run = TrialRun(settings.load(), os.environ, name, place, give_up=expiry.end, is_writing=is_writing)
    if run.object_uri:
        output.note(f"note: one object is written and deleted: {run.object_uri}")
    steps = []
    for step in run.steps():
        steps.append(step)
        if not as_json:
            _show(step)
    failed = next((step.error for step in steps if step.error is not None), None)
    named = "" if place is None else f"{place.bucket}/{place.prefix}".rstrip("/")
    doctor = own_command("doctor", name, options=f"--bucket {word(named)}" if named else "")
    if as_json:
        output.emit_json(_as_json(name, steps, doctor))
    elif failed is not None:
        if failed.hint:
            output.note(f"hint: {failed.hint}")
        output.note(f"hint: what is to blame: {doctor}")
    return 0 if failed is None else failed.exit_code


def _show(step: "Step") -> None:
    lines = [(f" {step.state:<8} {step.id:<11}  {step.text}", _STYLES[step.state])]
    lines += [(f"{'':<23}note: {remark}", "") for remark in step.remarks]
    output.styled(lines)


def _as_json(profile: str, steps: "Sequence[Step]", doctor: str) -> dict[str, object]:
    failed = next((step.error for step in steps if step.error is not None), None)
    hints = [] if failed is None else [one for one in (failed.hint, doctor) if one]
    return {
        "profile": profile,
        "steps": [
            {"id": step.id, "state": step.state, "text": step.text, "remarks": list(step.remarks)} for step in steps
        ],
        "exit_code": 0 if failed is None else failed.exit_code,
        "hints": hints,
    }
