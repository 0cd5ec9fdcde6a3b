"""The keys of a source profile that has nothing but keys, without botocore's providers, which are a fifth of a miss."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from credhelper.model.credentials import Credentials

if TYPE_CHECKING:
    from credhelper.aws.shared_config import SharedConfig

_ID, _SECRET, _TOKEN = "aws_access_key_id", "aws_secret_access_key", "aws_session_token"
# Any other key of a section may be one that a provider of botocore's looks for before the keys.
_HARMLESS = frozenset({_ID, _SECRET, _TOKEN, "region", "output", "cli_pager", "aws_account_id", "duration_seconds"})
# One in quotes is explained elsewhere.
_WRITTEN = re.compile(r"(?![\"'])[!-~]+")


def plain_keys(shared: "SharedConfig", profile: str) -> Credentials | None:
    """Return the keys of a profile whose sections hold a whole pair in one file, and nothing that could go first.

    None where botocore's providers have to look: SSO, a program, a role, a pair in two files, or what cannot be a key.
    """
    section = shared.profiles.get(profile)
    if section is None or not _HARMLESS.issuperset(section):
        return None
    in_credentials = shared.credentials_sections.get(profile, {})
    in_config = shared.config_sections["profiles"].get(profile, {})
    if any(not isinstance(value, str) for value in (*in_credentials.values(), *in_config.values())):
        return None
    found: Mapping[str, str] = in_credentials if in_credentials.keys() & {_ID, _SECRET, _TOKEN} else in_config
    values = [found.get(name) for name in (_ID, _SECRET)]
    token = found.get(_TOKEN) or None
    for value in (*values, token or "-"):
        if value is None or not _WRITTEN.fullmatch(value):
            return None
    return Credentials(
        access_key_id=found[_ID],
        secret_access_key=found[_SECRET],
        session_token=token,
        expiration=None,
        account_id=found.get("aws_account_id"),
    )
