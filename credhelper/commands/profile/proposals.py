"""What a new profile may be called, and which MFA devices its source has: what a question proposes."""

from collections import Counter

from credhelper.awsconfig.profiles import kinds, role_arn
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import PREFIX, require_valid_setting

# Sources whose requests AWS lets carry a one-time code: a session of a role or of single sign-on has no device.
_WITH_DEVICE = ("static", "process")


def proposed_name(arn: str, catalogue: Catalogue) -> str:
    """Return a free name for a profile of this role, made as `aws configure sso` makes its own: ROLE-ACCOUNT."""
    plain = "".join(one if one.isalnum() or one in "_.@+-" else "-" for one in role_arn.name_of(arn))
    wanted = f"{plain.lstrip('-.+@') or 'role'}-{role_arn.account_of(arn)}"
    found, number = wanted, 2
    while found in catalogue:
        found, number = f"{wanted}-{number}", number + 1
    return found


def devices_of(source: str, catalogue: Catalogue) -> list[str]:
    """Return the MFA devices of a source: its own first, then those that other roles with this source name."""
    if source not in catalogue or kinds.kind_of(catalogue[source]) not in _WITH_DEVICE:
        return []
    used = Counter(
        serial
        for name in catalogue
        if kinds.source_of(section := catalogue[name]) == source
        and (serial := section.get(f"{PREFIX}mfa_serial") or section.get("mfa_serial") or "")
    )
    own = catalogue[source].get("mfa_serial", "")
    found = dict.fromkeys([*([own] if own else []), *(serial for serial, _ in used.most_common())])
    return [serial for serial in found if is_device(serial)]


def is_device(text: str) -> bool:
    """Tell whether a text may be the name of an MFA device."""
    try:
        require_valid_setting("mfa_serial", text)
    except ValueError:
        return False
    return True
