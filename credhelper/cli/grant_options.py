"""The options of `grant`, which are the keys of a grant file, and what they turn into."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
from click.core import ParameterSource

from credhelper.cli import completion
from credhelper.cli.options import require_values
from credhelper.errors import InputError, MachineError
from credhelper.model.shell import word

if TYPE_CHECKING:  # imported when a command runs, so that --help does not pay for it
    from credhelper.commands.grant.plan import Asked
    from credhelper.grant.options import Options

P = ParamSpec("P")
R = TypeVar("R")
_FILE_LIMIT = 1 << 20
_REPEATED = " Repeatable."


def _text(flag: str, metavar: str, help_text: str, name: str = "") -> Callable[..., Any]:
    return click.option(flag, *([name] if name else []), metavar=metavar, help=help_text)


def _texts(flag: str, name: str, metavar: str, help_text: str) -> Callable[..., Any]:
    return click.option(flag, name, metavar=metavar, multiple=True, help=help_text + _REPEATED)


def _flag(flag: str, help_text: str) -> Callable[..., Any]:
    return click.option(flag, is_flag=True, help=help_text)


def _profile(flag: str, help_text: str) -> Callable[..., Any]:
    return click.option(flag, metavar="PROFILE", shell_complete=completion.all_profiles, help=help_text)


# Whom and what a grant is about.
_ABOUT = (
    _text("--role", "ARN", "The role, in the role account."),
    _text("--acc", "ACCOUNT", "The caller account; by default that of --acc-admin."),
    _text("--group", "NAME", "The group whose members may assume the role."),
    _text("--user", "NAME", "The user who may, instead of a group."),
    _texts("--member", "members", "USER", "A user who is to be in the group."),
    _text("--policy-name", "NAME", "The name of the policy of the group or user."),
    _flag("--same-account", "Role and callers are of one account."),
)
_WITH = (
    _profile("--prod-admin", "The profile of an administrator of the role account."),
    _profile("--acc-admin", "The profile of an administrator of the caller account."),
    click.option("--file", metavar="FILE", type=click.Path(), help="A grant file, with the same keys as the options."),
)
# What it permits, and to whom.
_PERMITS = (
    _flag("--create-group", "Create the group if it is not there."),
    _texts("--bucket", "buckets", "BUCKET[/PREFIX]", "A bucket, or what is below a prefix of it."),
    click.option(
        "--access",
        type=click.Choice(("list", "read", "write")),
        help="What is allowed there; writing includes deleting. Default: read.",
    ),
    _texts("--kms-key", "kms_keys", "ARN", "A key of KMS that the objects are encrypted with."),
    _texts("--policy-arn", "policy_arns", "ARN", "A managed policy for the role."),
    _texts("--policy", "policies", "file://FILE", "A policy document of your own for the role."),
    _text("--boundary", "ARN", "The permissions boundary of the role."),
    click.option("--max-session", type=int, metavar="SECONDS", help="The longest session: 3600 to 43200."),
    _text("--description", "TEXT", "The description of the role."),
    _flag("--require-mfa", "Let in only who has given a one-time code."),
    _text("--external-id", "VALUE|new", "Let in only who sends this external ID; `new` makes one."),
    _text("--source-identity", "VALUE", "Let in only who sets this source identity."),
    _texts("--source-ip", "source_ips", "CIDR", "Let in only from these public addresses."),
    _text("--org-id", "ID", "Let in only who is of this organization."),
    _texts("--principal-tag", "principal_tags", "KEY=VALUE", "Let in only who has this tag."),
    _flag("--pin-members", "Let in only the members that are named, one by one."),
    _texts("--trust", "trust", "ARN", "Trust this account, user or role instead of the caller account."),
    _flag("--self-read", "Let the group or user read their own policies, too."),
)
ADOPT = click.option("--adopt", is_flag=True, help="Take over a role of that name that no grant made.")
_PROFILES = ("prod_admin", "acc_admin")


def about_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that name a grant."""
    return _with(command, (*_ABOUT, *_WITH))


def grant_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command all options of a grant."""
    return _with(command, (*_ABOUT, *_PERMITS, *_WITH))


def _with(command: Callable[P, R], options: tuple[Callable[..., Any], ...]) -> Callable[P, R]:
    for option in reversed(options):
        command = option(command)
    return command


def asked(values: dict[str, Any], *, adopt: bool = False, prune: bool = False) -> "Asked":
    """Return what the options and the grant file ask for; an option goes before the file's key. Raises InputError."""
    from dataclasses import replace

    from credhelper.commands.grant.plan import Asked

    require_values(values)
    options = _of_file(values.get("file") or "")
    # What was not given is None, () or False; a number is given, also 0.
    changes = {name: value for name, value in values.items() if name not in ("file", *_PROFILES) and value != ()}
    changes = {name: value for name, value in changes.items() if value is not None and value is not False}
    if "policies" in changes:
        from credhelper.commands.grant import own_policies

        changes["policies"] = tuple(map(own_policies.read, changes["policies"]))
    if changes.get("user") or changes.get("group"):
        # The one who is named here is not beside the other of the file.
        options = replace(options, user="", group="")
    if changes.get("user"):
        # What is about a group goes with it.
        options = replace(options, members=(), create_group=False, pin_members=False)
    profiles = {name: values.get(name) or getattr(options, name) for name in _PROFILES}
    return Asked(options=replace(options, **changes), **profiles, adopt=adopt, prune=prune)


def _of_file(path: str) -> "Options":
    from credhelper.grant.options import Options

    if not path:
        return Options()
    from credhelper.grant import grant_file
    from credhelper.system import files

    try:
        content, _ = files.read_bounded(path, _FILE_LIMIT, follow=True)
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the grant file {path} is not UTF-8 text", hint=f"file {word(path)}") from None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise MachineError(f"the grant file {path} cannot be read: {reason}", hint=f"ls -l {word(path)}") from None
    return grant_file.parse(text)


def typed(name: str, *, without: tuple[str, ...] = (), external_id: str = "") -> str:
    """Return `credhelper grant NAME` with the options that were typed for this command and that the other one has.

    `external_id` stands for the `new` one that was asked for.
    """
    context = click.get_current_context()
    group = context.parent.command if context.parent is not None else context.command
    other = group.get_command(context, name) if isinstance(group, click.Group) else None
    known = {one.name for one in other.params} if other is not None else set()
    words = ["credhelper", "grant", name]
    for one in context.command.params:
        is_typed = context.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
        if not is_typed or one.name not in known or one.name in without or not isinstance(one, click.Option):
            continue
        value = context.params[one.name]
        if one.name == "external_id" and external_id:
            value = external_id
        if one.is_flag:
            words.append(one.opts[0])
        else:
            for text in value if isinstance(value, tuple) else (value,):
                words += [one.opts[0], word(str(text))]
    return " ".join(words)
