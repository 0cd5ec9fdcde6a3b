"""A grant as it is, however it was made, as the options that would make it."""

from credhelper.commands.grant import plan as planning
from credhelper.commands.grant.access import NAMES, Access
from credhelper.commands.grant.plan import Asked
from credhelper.errors import InputError
from credhelper.grant import names as naming
from credhelper.grant import understood
from credhelper.grant.change import Side
from credhelper.grant.understood import Understood
from credhelper.model.shell import of_profile


def show(asked: Asked, access: Access) -> Understood:
    """Return a grant that is there as options; raises InputError where there is none, or no administrator."""
    asked, administrators = planning.prepare(asked, access, naming.names)
    names = naming.names(asked.options)
    if Side.ROLE not in administrators:
        raise InputError(
            f"there is no administrator of the {NAMES[Side.ROLE]} here, so that the role cannot be read",
            hint="give one with --prod-admin; the profiles that are there: credhelper profile list",
        )
    found = planning.read(names, administrators)
    if found.role is None:
        raise InputError(
            f"there is no role {names.role}",
            hint=f"those that are there: aws iam list-roles {of_profile(asked.prod_admin)}",
        )
    return understood.options(found.role, found.holder, given=asked.options)
