"""What a grant is about: the role, who gets it, and what says in IAM that a part is of a grant. Pure."""

from dataclasses import dataclass

from credhelper.errors import InputError
from credhelper.grant import checks
from credhelper.grant.options import Options
from credhelper.policy.arn import Arn

# The tag of a role that a grant made or adopted; its value is `Names.tag`.
TAG = "credhelper:grant"
# The permission for buckets and keys, and that of the holder to read its own policies: one policy each, so that a
# change of what is granted is a change of it and never another one beside it.
BUCKETS_POLICY = "credhelper-buckets"
SELF_READ_POLICY = "credhelper-self-read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a grant is about, without what it permits: enough to find it, and to take it back.

    `members` are names of users; `user_arns` are theirs, or the one of a user who holds the grant.
    `trusted` is whom the role should trust: an account, or what --trust names.
    """

    role: Arn
    role_path: str
    role_name: str
    account: str
    kind: str
    holder: str
    policy_name: str
    may_create_group: bool = False
    has_self_read: bool = False
    members: tuple[str, ...] = ()
    user_arns: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()

    @property
    def default_policy_name(self) -> str:
        """The name of the holder's policy where none is given."""
        return f"credhelper-assume-{self.role.account}-{self.role_name}"

    @property
    def tag(self) -> str:
        """The value of the role's tag; of the signs of a name, the comma is the one that no tag may have."""
        return f"{self.account}/{self.kind}/{self.holder}".replace(",", ".")


def names(options: Options) -> Names:
    """Return what a grant is about; raises InputError."""
    if not options.role:
        raise InputError("no role is named", hint="--role arn:aws:iam::ACCOUNT:role/NAME")
    role, path, name = checks.role(options.role)
    if not options.acc:
        raise InputError(
            "no caller account is named",
            hint="give it with --acc, or with --acc-admin the profile of its administrator",
        )
    account = checks.account(options.acc, "--acc")
    if account == role.account and not options.same_account:
        raise InputError(
            f"{account} is the account of the role and of the callers", hint="if that is meant: --same-account"
        )
    if account != role.account and options.same_account:
        raise InputError(
            f"the role is of {role.account} and the callers are of {account}, which is not one account",
            hint="leave out --same-account",
        )
    kind, holder, users = _holder(options)
    return Names(
        role=role,
        role_path=path,
        role_name=name,
        account=account,
        kind=kind,
        holder=holder,
        policy_name=checks.name(options.policy_name or f"credhelper-assume-{role.account}-{name}", "policy"),
        may_create_group=options.create_group,
        has_self_read=options.self_read,
        members=tuple(name for _, name in users) if kind == "group" else (),
        user_arns=tuple(f"arn:{role.partition}:iam::{account}:user{path}{name}" for path, name in users),
        trusted=tuple(checks.principal(one, role.partition) for one in dict.fromkeys(options.trust)) or (account,),
    )


def _holder(options: Options) -> tuple[str, str, list[tuple[str, str]]]:
    """Return kind and name of the group or the user, with the path and name of each user that is named."""
    if bool(options.group) == bool(options.user):
        raise InputError("a grant is for a group or for a user", hint="give the name of one of them: --group or --user")
    if options.group:
        users = [checks.user(one) for one in dict.fromkeys(options.members)]
        if options.pin_members and not users:
            raise InputError("--pin-members has no member to pin", hint="give the names of users, each with --member")
        return "group", checks.name(options.group, "group"), users
    for is_given, option in (
        (bool(options.members), "--member"),
        (options.create_group, "--create-group"),
        (options.pin_members, "--pin-members"),
    ):
        if is_given:
            raise InputError(f"{option} is for a group", hint="give a group with --group instead of --user")
    path, name = checks.user(options.user)
    return "user", name, [(path, name)]
