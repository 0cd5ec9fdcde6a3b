"""What an administrator of the caller's account sees of an access key that AWS does not accept: two reads, or some."""

from collections.abc import Iterator

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.commands.doctor.subject import Admin
from credhelper.diagnosis.network import Seen
from credhelper.errors import CredhelperError
from credhelper.model.printable import clause
from credhelper.system.deadline import Deadline

# So many users' keys are listed where AWS does not say whose a key is.
_MOST_USERS = 100


def look(admin: Admin, access_key_id: str, deadline: Deadline) -> Seen:
    """Return whose key it is and whether it is active, as the administrator sees it."""
    iam = admin.service("iam")
    plain = Seen(admin=admin.profile, account=admin.identity.account)
    try:
        user, last_used = _whose(iam, access_key_id)
        users = [user] if user else _users(iam)
        for name, status in _keys(iam, users, access_key_id, deadline):
            return Seen(admin=plain.admin, account=plain.account, user=name, status=status, last_used=last_used)
    except TimeoutError:
        return Seen(admin=plain.admin, account=plain.account, unseen="no time was left to look at all users' keys")
    except CredhelperError as error:
        return Seen(admin=plain.admin, account=plain.account, unseen=error.message)
    return plain


def _whose(iam: Service, access_key_id: str) -> tuple[str, str]:
    """Return the user of a key and when it was last used; "" each where IAM does not say."""
    try:
        answer = iam.call("GetAccessKeyLastUsed", AccessKeyId=access_key_id)
    except RefusedError:
        return "", ""
    used = answer.get("AccessKeyLastUsed") or {}
    when = used.get("LastUsedDate")
    shown = f"{when:%Y-%m-%d %H:%M} UTC" if hasattr(when, "hour") else ""
    return clause(str(answer.get("UserName") or "")), shown


def _users(iam: Service) -> list[str]:
    names: list[str] = []
    for one in iam.pages("ListUsers", "Users"):
        names.append(str(one.get("UserName") or ""))
        if len(names) > _MOST_USERS:
            raise TimeoutError
    return names


def _keys(iam: Service, users: list[str], access_key_id: str, deadline: Deadline) -> Iterator[tuple[str, str]]:
    """Yield the user and the status of a key."""
    for user in users:
        if deadline.has_passed():
            raise TimeoutError
        for one in iam.pages("ListAccessKeys", "AccessKeyMetadata", UserName=user):
            if one.get("AccessKeyId") == access_key_id:
                yield user, str(one.get("Status") or "")
