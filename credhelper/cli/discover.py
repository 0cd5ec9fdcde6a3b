"""The command that shows which roles one may assume, and writes profiles for them."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import completion, expiry, output
from credhelper.cli.options import JSON, edit_options, how, require_values
from credhelper.errors import InputError
from credhelper.model.shell import own_command, word

if TYPE_CHECKING:  # the use case is imported when the command runs, so that --help does not pay for it
    from credhelper.awsconfig.file.editor import EditResult
    from credhelper.commands.discover import Discovery, Role
    from credhelper.model.credentials import Credentials

_SHOWN_NAMES = 20
_COLUMNS = ("role", "from", "condition", "profile")
# Before the resource of an ARN, without the last of them.
_COLONS = 4
_SSO_COLUMNS = ("account", "name", "role", "profile")


@click.command()
@click.option(
    "--source-profile",
    "source",
    metavar="PROFILE",
    default="default",
    shell_complete=completion.all_profiles,
    help="Whose roles: the profile with the keys of the user. Default: default.",
)
@click.option(
    "--sso",
    "session",
    metavar="SESSION",
    shell_complete=completion.sso_sessions,
    help="The accounts and roles of an IAM Identity Center session, by the name of its [sso-session].",
)
@click.option(
    "--role", "known", metavar="ARN", multiple=True, help="A role to look for, which a pattern may take. Repeatable."
)
@click.option(
    "--prod-admin",
    metavar="PROFILE",
    shell_complete=completion.all_profiles,
    help="A profile that may list the roles of its account: those that a pattern takes are shown by name.",
)
@click.option("--name", "template", metavar="TEMPLATE", help="How profiles are named; see above.")
@click.option("--try", "is_tried", is_flag=True, help="Assume each role once and say whether AWS lets you.")
@click.option("--write", "is_written", is_flag=True, help="Add a profile for each role that has none, in one edit.")
@edit_options
@JSON
def discover(
    *,
    source: str,
    session: str | None,
    known: Sequence[str],
    prod_admin: str | None,
    template: str | None,
    is_tried: bool,
    is_written: bool,
    is_dry_run: bool,
    in_place: bool,
    is_large: bool,
    as_json: bool,
) -> None:
    """Show which roles you may assume.

    They are read from your own policies: inline, managed, those of your groups, and the permissions boundary. A role
    is listed with the policies that allow it and the conditions that they make; what a Deny takes off is not. A pattern
    stays a pattern: no name is guessed. What the role's own trust policy says is not known from here; --try asks.

    With --sso it is what the portal of IAM Identity Center lists, after `aws sso login --sso-session SESSION`.

    --write adds a profile for each role that has none; `credhelper profile undo` takes all of them back. They are named
    {role}, with --sso {account_name}-{role}; --name has another template of {role}, {account} and, with --sso,
    {account_name}. Two that would be named alike get the account added.

    \b
    Examples:
      credhelper discover
      credhelper discover --write --dry-run
      credhelper discover --sso corp --name '{account}-{role}' --write
    """
    from credhelper.commands import discover as use_case

    options = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    own = settings.load()
    require_values({"source_profile": source, "sso": session, "prod_admin": prod_admin, "name": template})
    _require_together(session=session, has_others=bool(known or prod_admin or is_tried))
    if is_dry_run and not is_written:
        raise InputError("--dry-run shows what --write would do", hint="credhelper discover --write --dry-run")
    if session is not None:
        found = use_case.of_session(own, session, template=template or use_case.SSO_NAME)
    else:
        found = _of_user(own, source, known, prod_admin, template or use_case.NAME, is_tried=is_tried)
    edited = use_case.write(own, found, options) if is_written else None
    if as_json:
        output.emit_json(_as_json(found, edited))
    elif session is None:
        _show(found, is_tried=is_tried)
    else:
        rows = [(one.account, one.account_name, one.name, _profile_of(one)) for one in found.roles]
        output.table(_SSO_COLUMNS, rows, whole={"account": 12}, spare=("name",))
    _note(found, known)
    if edited is not None:
        _report(edited, has_diff=not as_json)
        _note_devices(found, edited)
    elif found.new and not as_json:
        again = _again(source, session, known, prod_admin, template)
        output.note(f"add {_counted(len(found.new))} for what is new: {again}")


def _require_together(*, session: str | None, has_others: bool) -> None:
    if session is not None and has_others:
        raise InputError(
            "--role, --prod-admin and --try are about the policies of a user, not about an SSO session",
            hint=f"credhelper discover --sso {word(session)}",
        )


def _again(source: str, session: str | None, known: Sequence[str], prod_admin: str | None, template: str | None) -> str:
    """Return the command that adds what was found."""
    options = [("--source-profile", source if source != "default" else None), ("--sso", session)]
    options += [("--role", arn) for arn in known]
    options += [("--prod-admin", prod_admin), ("--name", template)]
    given = [f" {flag} {word(value)}" for flag, value in options if value is not None]
    return f"credhelper discover --write{''.join(given)}"


def _of_user(
    own: settings.Settings,
    source: str,
    known: Sequence[str],
    prod_admin: str | None,
    template: str,
    *,
    is_tried: bool,
) -> "Discovery":
    from credhelper.commands import discover as use_case

    use_case.check_template(template, use_case.FIELDS)
    use_case.check_roles(known)
    keys = _keys(source, own)
    listed = use_case.roles_of_account(own, _keys(prod_admin, own), prod_admin) if prod_admin else []
    try:
        found = use_case.of_user(own, keys, source, template=template, known=[*known, *listed])
    except use_case.NoRightError as error:
        from credhelper.policy import render

        output.note_lines(render.to_text(error.policy, indent=2))
        raise
    if not is_tried:
        return found
    from credhelper.commands.assume_once import assumer
    from credhelper.system.deadline import Deadline

    return use_case.try_each(found, assumer(own, os.environ, keys, source, Deadline(own.timeout_s)))


def _keys(profile: str, own: settings.Settings) -> "Credentials":
    from credhelper.commands.grant.access import Access

    return Access(own, os.environ, expiry.end).credentials(profile)


def _show(found: "Discovery", *, is_tried: bool) -> None:
    """Show one role a line: by its ARN, and on a terminal by account and name, of which neither is broken so soon."""
    is_split = sys.stdout.isatty()
    columns = ("account", *_COLUMNS) if is_split else _COLUMNS
    rows = []
    for one in found.roles:
        named = _split(one.arn) if is_split else (one.arn,)
        row = (*named, ", ".join(one.sources), _condition_of(one), _profile_of(one))
        rows.append((*row, one.tried) if is_tried else row)
    whole = {"account": 12, "tried": 7} if is_tried else {"account": 12}
    output.table((*columns, "tried") if is_tried else columns, rows, whole=whole, spare=("from",))


def _split(arn: str) -> tuple[str, str]:
    """Return account and name of a role with its path, or the text itself where a pattern has no such parts."""
    start, found, name = arn.partition(":role/")
    account = start.rpartition(":")[2]
    return (account, name) if found and start.count(":") == _COLONS else ("", arn)


def _condition_of(one: "Role") -> str:
    texts = [*one.conditions, *(f"not {text}" for text in one.exceptions)]
    return "; ".join(texts) or "-"


def _profile_of(one: "Role") -> str:
    if not one.profile:
        return "(a pattern)"
    return f"{one.profile} ({'new' if one.is_new else 'exists'})"


def _note(found: "Discovery", known: Sequence[str]) -> None:
    if not found.roles:
        output.note("no role was found")
    for denied in found.denied:
        output.note(f"note: {denied.role} is allowed, and taken off by {denied.by}")
    listed = {one.arn for one in found.roles} | {one.role for one in found.denied}
    for arn in known:
        if arn not in listed:
            output.note(f"note: {arn}: no policy that was read allows it")
    for one in found.roles:
        if one.said:
            output.note(f"note: {one.arn}: {one.said}")
    for text in found.unread:
        output.note(f"note: not read, so this may not be all, and a Deny may be missing: {text}")
    if any(one.is_pattern for one in found.roles):
        output.note("note: roles of a pattern by name: --role ARN for one that you know, or all, by --prod-admin")


def _report(edited: "EditResult", *, has_diff: bool) -> None:
    for remark in edited.remarks:
        output.note(f"note: {remark}")
    if not edited.changed:
        output.note("no profile to add")
    elif edited.is_dry_run:
        output.diff(edited.diff(), is_result=has_diff)
    else:
        names = edited.names
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        output.note(f"added {_counted(len(names))} ({', '.join(names[:_SHOWN_NAMES])}{more}) in {edited.path}")
        output.note("all of them taken back: credhelper profile undo")


def _note_devices(found: "Discovery", edited: "EditResult") -> None:
    """Say which of the new profiles need a device, where none is known for their source."""
    for one in found.roles:
        if one.lacks_device and one.profile in edited.names:
            setting = own_command("profile set", one.profile, options="--mfa-serial ARN")
            output.note(f"note: {one.profile} asks for MFA: {setting}; the ARN is in: aws iam list-mfa-devices")


def _counted(count: int) -> str:
    return "1 profile" if count == 1 else f"{count} profiles"


def _as_json(found: "Discovery", edited: "EditResult | None") -> dict[str, object]:
    shown: dict[str, object] = {
        "caller": found.caller or None,
        "roles": [_role_as_json(one, is_sso=not found.caller) for one in found.roles],
        "denied": [{"role": one.role, "by": one.by} for one in found.denied],
        "unread": list(found.unread),
    }
    if edited is not None:
        shown["added"] = [] if edited.is_dry_run else list(edited.names)
    return shown


def _role_as_json(one: "Role", *, is_sso: bool) -> dict[str, object]:
    profile = {"profile": one.profile or None, "is_new": one.is_new}
    if is_sso:
        return {"account_id": one.account, "account_name": one.account_name, "role_name": one.name, **profile}
    return {
        "role": one.arn,
        "is_pattern": one.is_pattern,
        "from": list(one.sources),
        "conditions": list(one.conditions),
        "exceptions": list(one.exceptions),
        **profile,
        "tried": one.tried or None,
        "said": one.said or None,
    }
