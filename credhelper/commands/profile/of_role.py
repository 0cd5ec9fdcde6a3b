"""Which profile a role is that of, where there is only one that it can be."""

from credhelper.awsconfig.profiles import kinds
from credhelper.commands.profile.list import list_profiles, open_sections
from credhelper.errors import CredhelperError
from credhelper.policy import arn
from credhelper.policy.arn import Arn
from credhelper.settings import Settings


def only_profile_of(role: str, settings: Settings) -> str:
    """Return the one profile of credhelper's whose role this ARN of a role or of its session is, "" for none or more.

    It is a help to who types a hint: files that cannot be read have no profile.
    """
    wanted = arn.parse(role)
    if wanted is None:
        return ""
    try:
        rows = list(list_profiles(open_sections(settings)))
    except CredhelperError:
        return ""
    found = [
        row.name
        for row in rows
        if row.kind == kinds.CREDHELPER and (has := arn.parse(row.role_arn)) is not None and _is_same(wanted, has)
    ]
    return found[0] if len(found) == 1 else ""


def _is_same(wanted: Arn, has: Arn) -> bool:
    if not wanted.role_name:
        return wanted == has
    return (wanted.partition, wanted.account, wanted.role_name) == (has.partition, has.account, has.name)
