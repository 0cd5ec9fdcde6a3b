"""`grant export`: the half of an administrator who is not here, as a text or as files."""

from typing import Any

import click

from credhelper.cli import output
from credhelper.cli.grant_options import ADOPT, asked, grant_options, typed
from credhelper.errors import InputError

_FORMS = ("cli", "cloudformation", "terraform", "json")
_SIDES = ("prod", "acc", "both")


@click.command()
@grant_options
@ADOPT
@click.option("--side", type=click.Choice(_SIDES), default="both", help="Whose half: prod, acc, or both.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="cli", help="Default: cli, for sh and PowerShell.")
@click.option("--out", metavar="DIR", type=click.Path(), help="Write files there instead of one text on stdout.")
@click.option("--replace", is_flag=True, help="Replace files that are there with another content.")
def export(*, adopt: bool, side: str, form: str, out: str | None, replace: bool, **values: Any) -> None:
    """Write a half for an administrator who is not here.

    As commands of the AWS CLI, a template of CloudFormation, a configuration of Terraform, or the policies alone. Makes
    no call.
    """
    from credhelper.commands.grant import export as use_case
    from credhelper.grant.change import Side
    from credhelper.grant.wanted import wanted

    found = asked(values, adopt=adopt)
    if not found.options.role and found.options.self_read:
        output.say_lines(_self_read(found.options.acc, found.options.group))
        return
    what, kind = wanted(found.options), use_case.Form(form)
    sides = [one for one in Side if side in (one.value, "both")]
    if out is None:
        if len(sides) > 1:
            command = typed("export", without=("side",))
            raise InputError(
                "one text is for one administrator", hint=f"{command} --side prod, or acc; or both: --out DIR"
            )
        output.say_lines(use_case.text(what, sides[0], kind, adopt=adopt).rstrip("\n"))
        return
    written = use_case.write(what, sides, kind, out, adopt=adopt, replace=replace)
    for path in written.written:
        output.say(f"written: {path}")
    for path in written.unchanged:
        output.say(f"as it should be: {path}")


def _self_read(account: str, group: str) -> str:
    """Return the policy that lets users read their own policies, which needs no role."""
    from credhelper.policy import build, render

    if not account:
        raise InputError("no account is named whose users it is for", hint="--acc ACCOUNT")
    return render.to_text(build.self_read(account, groups=(group,) if group else ()), indent=2)
