"""The `grant` commands: what is missing in both accounts, and the calls that make it so. The work is in `commands`."""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from credhelper import settings
from credhelper.cli import completion, expiry, grant_views, grant_writes, output
from credhelper.cli.grant_options import ADOPT, about_options, asked, grant_options, typed
from credhelper.cli.options import JSON, Commands, require_values
from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.system.deadline import limit_processor_time

if TYPE_CHECKING:  # the use cases are imported when their command runs, so that --help does not pay for them
    from collections.abc import Sequence

    from credhelper.commands.grant.access import Access
    from credhelper.commands.grant.member import Member
    from credhelper.commands.grant.plan import Grant
    from credhelper.grant.change import Side
    from credhelper.policy.lint import Notice

_TO_DO = 1
# Of processor time, beside one request for credentials: there are several, and documents to compare.
_SHARE = 8
YES = click.option("--yes", "is_agreed", is_flag=True, help="Do not ask before the first change.")
PRUNE = click.option("--prune", is_flag=True, help="Remove from the role what the grant does not name.")


@click.group("grant", cls=Commands)
def grant_group() -> None:
    """Let users of one account assume a role of another.

    A grant has two halves: the role with its trust and what it may do, in the role account, and the right to assume it,
    in the caller account. `plan` shows what is missing or has drifted in both, `apply` makes it so. A half whose
    administrator is not here is shown as commands.

    \b
      credhelper grant plan --prod-admin prod-admin --acc-admin acc-admin \\
        --role arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket \\
        --group DevGroup --member David --bucket list-prod-bkt-details-01
    """


def _access() -> "Access":
    from credhelper.commands.grant.access import Access

    own = settings.load()
    limit_processor_time(own.timeout_s * _SHARE)
    return Access(own, os.environ, expiry.end)


@grant_group.command()
@grant_options
@ADOPT
@PRUNE
@click.option("--check", "is_check", is_flag=True, help="Exit with 1 if there is anything to do, or not of the grant.")
@click.option("--lint-online", is_flag=True, help="Have IAM Access Analyzer look at the documents, too.")
@JSON
def plan(*, adopt: bool, prune: bool, is_check: bool, lint_online: bool, as_json: bool, **values: Any) -> None:
    """Show what is to be done in both accounts.

    Makes no change. What a grant did not make is shown with `?` and stays.
    """
    from credhelper.commands.grant import plan as use_case

    grant = use_case.plan(asked(values, adopt=adopt, prune=prune), _access())
    notes: Sequence[Notice] = ()
    if lint_online:
        from credhelper.commands.grant import online

        notes = online.findings(grant.wanted, grant.administrators)
    if as_json:
        output.emit_json({**_document(grant, notes), "halves": _halves(grant)})
    else:
        _show(grant, notes)
        if grant.administrators and grant.is_done:
            output.say(grant_writes.no_changes(grant))
        elif grant.plan.refusals:
            output.say(f"{grant_views.count(grant.plan.changes)}; nothing is applied as long as it is refused")
        elif grant.administrators:
            output.say(
                f"{grant_views.count(grant.plan.changes)}. Apply: {typed('apply', external_id=_external_id(grant))}"
            )
        _show_halves(grant)
    if is_check and (grant.plan.changes or grant.plan.refusals):
        sys.exit(_TO_DO)


@grant_group.command()
@grant_options
@ADOPT
@PRUNE
@YES
@click.option("--profile", metavar="NAME", help="Write a profile for a member of the grant, too, and try it.")
@click.option(
    "--source-profile",
    metavar="PROFILE",
    shell_complete=completion.all_profiles,
    help="The member's own profile, whose keys assume the role.",
)
@JSON
def apply(
    *,
    adopt: bool,
    prune: bool,
    is_agreed: bool,
    profile: str | None,
    source_profile: str | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Make the changes that `plan` shows.

    Asks before the first one. Where it is interrupted, the same command goes on; where another administrator was
    faster, it plans again. Exits with 4 where AWS refuses, and says what is made and what is left.
    """
    from credhelper.commands.grant import apply as use_case
    from credhelper.commands.grant import member, plan

    access = _access()
    require_values({"profile": profile, "source_profile": source_profile})
    if source_profile and not profile:
        raise InputError("--source-profile is for the profile that --profile writes, and there is none")
    grant = plan.plan(asked(values, adopt=adopt, prune=prune), access)
    if not grant.administrators:
        command = typed("export")
        raise InputError(
            "no administrator is named, so that nothing can be written",
            hint=f"give one with --prod-admin, --acc-admin or both; or have it done: {command}",
        )
    one = _member(access, grant, profile, source_profile or "") if profile else None
    if not as_json:
        _show(grant)
    use_case.require_allowed(grant.plan.refusals, typed("plan"))
    made = grant_writes.carry_out(grant.plan.changes, grant, is_agreed=is_agreed, as_json=as_json)
    lines = [] if made or one else [grant_writes.no_changes(grant)]
    lines += [f"{grant_writes.changes(len(made))} made"] if made else []
    result: dict[str, Any] = {**_document(grant), "halves": _halves(grant), "made": len(made)}
    if one is not None:
        edited = member.write(access, one)
        for remark in edited.remarks:
            output.note(f"note: {remark}")
        lines.append(f"added profile {one.profile}" if edited.changed else f"profile {one.profile} is as it should be")
        proof = _proof(access, one, grant)
        lines.append(proof.text)
        result |= {"profile": one.profile, "proof": {"is_proven": proof.is_proven, "text": proof.text}}
    if as_json:
        output.emit_json(result)
        return
    output.say_lines("\n".join(lines))
    _show_halves(grant)


def _member(access: "Access", grant: "Grant", profile: str, source: str) -> "Member":
    from credhelper.commands.grant import member

    administrators = tuple(one.profile for one in grant.administrators.values())
    return member.member(access, grant.wanted, profile, source, administrators)


def _proof(access: "Access", one: "Member", grant: "Grant") -> Any:
    from credhelper.commands.grant import member
    from credhelper.policy.build import Place

    places = tuple(map(Place.of, grant.asked.options.buckets))
    is_whole = not grant.missing_sides
    return member.prove(access, one, grant.wanted, grant.found, places, is_whole=is_whole, waiting=grant_writes.note)


@grant_group.command()
@about_options
@YES
@click.option("--members", "with_members", is_flag=True, help="Take the members that are named out of the group, too.")
@JSON
def remove(*, is_agreed: bool, with_members: bool, as_json: bool, **values: Any) -> None:
    """Take a grant back.

    Shows all that it would take away, then asks. The role goes only if a grant made it; users, buckets, and groups that
    it did not make stay.
    """
    from credhelper.commands.grant import remove as use_case

    found = use_case.plan(asked(values), _access(), with_members=with_members)
    if not found.administrators:
        raise InputError(
            "no administrator is named, so that nothing can be removed",
            hint="give one with --prod-admin, --acc-admin or both",
        )
    if not as_json:
        grant_views.plan(found.plan, found.administrators, found.names)
    if found.plan.refusals:
        raise InputError(
            f"nothing is removed: {'; '.join(found.plan.refusals)}",
            hint="look at it first: aws iam get-role --role-name " + word(found.names.role_name),
        )
    made = grant_writes.carry_out(found.plan.changes, found, is_agreed=is_agreed, as_json=as_json)
    if as_json:
        document = grant_views.document(found.plan, found.administrators, found.names)
        output.emit_json({**document, "made": len(made)})
        return
    output.say(f"{grant_writes.changes(len(made))} made" if made else "nothing to remove")
    for side in found.missing_sides:
        output.note(f"note: {grant_views.name(side)} was not looked at: {grant_views.option(side)} is not given")


@grant_group.command()
@about_options
def show(**values: Any) -> None:
    """Print a grant that is there as a grant file.

    However it was made: `grant plan --file` of it has no changes.
    """
    from credhelper.commands.grant import show as use_case
    from credhelper.grant import grant_file

    found = use_case.show(asked(values), _access())
    for one in found.notices:
        output.note(f"{one.severity.value}: {one.text} ({one.code})")
    output.say_lines(grant_file.render(found.options).rstrip("\n"))


def _show(grant: "Grant", notes: "Sequence[Notice]" = ()) -> None:
    from credhelper.commands.grant.plan import notices_of

    grant_views.plan(grant.plan, grant.administrators, grant.names, (*notices_of(grant.administrators), *notes))


def _document(grant: "Grant", notes: "Sequence[Notice]" = ()) -> dict[str, Any]:
    from credhelper.commands.grant.plan import notices_of

    notices = (*notices_of(grant.administrators), *notes)
    return grant_views.document(grant.plan, grant.administrators, grant.names, notices)


def _show_halves(grant: "Grant") -> None:
    for side in grant.missing_sides:
        without = ("prod_admin", "acc_admin", "acc")
        exporting = typed("export", without=without, external_id=_external_id(grant))
        exporting += f" --acc {grant.names.account} --side {side.value}"
        grant_views.half(side, grant.names, _commands_of(grant, side), exporting)


def _external_id(grant: "Grant") -> str:
    return grant.asked.options.external_id


def _halves(grant: "Grant") -> dict[str, str]:
    return {side.value: _commands_of(grant, side) for side in grant.missing_sides}


def _commands_of(grant: "Grant", side: "Side") -> str:
    from credhelper.commands.grant import export as use_case

    return use_case.text(grant.wanted, side, use_case.Form.CLI, adopt=grant.asked.adopt)
