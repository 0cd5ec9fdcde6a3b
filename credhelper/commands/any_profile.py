"""Credentials of a profile that is not credhelper's, as botocore finds them; none is cached."""

import sys
from collections.abc import Mapping
from functools import partial

from credhelper.errors import InputError
from credhelper.model.credentials import Credentials
from credhelper.model.shell import word
from credhelper.settings import Settings
from credhelper.system import environment, ownership


def credentials(profile: str, settings: Settings, environ: Mapping[str, str], *, is_long_lived: bool) -> Credentials:
    """Return the credentials of an SSO, native role, process or static profile.

    Those that never expire are returned only where `is_long_lived` says so, at a terminal. Raises CredhelperError.
    """
    from credhelper.aws import source_credentials
    from credhelper.aws.shared_config import SharedConfig
    from credhelper.mfa import terminal
    from credhelper.provider.process import silence

    silence()
    for path in (settings.config_file, settings.credentials_file):
        ownership.require_trusted(path)
    found = source_credentials.from_profile(
        SharedConfig(settings.config_file, settings.credentials_file),
        profile,
        partial(terminal.ask, timeout_s=settings.timeout_s),
        timeout_s=settings.timeout_s,
        environ=environment.of_caller(environ),
        locks_dir=f"{settings.state_dir}/locks",
    )
    if found.session_token is None:
        _require_consent(profile, is_long_lived=is_long_lived)
    return found


def _require_consent(profile: str, *, is_long_lived: bool) -> None:
    if not is_long_lived:
        raise InputError(
            f"profile {profile} has a long-lived key, which a program could keep for good",
            hint=f"a role instead: credhelper profile add --help; or add --long-lived: credhelper exec --long-lived "
            f"{word(profile)} -- COMMAND",
        )
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise InputError(
            "--long-lived is for a person at a terminal, and stdin is none",
            hint=f"programs read profile {word(profile)} themselves: AWS_PROFILE={word(profile)}",
        )
