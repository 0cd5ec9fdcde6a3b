"""A config file as people have them before credhelper, and the values of a profile to add."""

import os
from pathlib import Path

from fakes import canary
from fakes.home import ROLE_ARN

VALUES = {"role_arn": ROLE_ARN, "source_profile": "default"}
NATIVE = f"""# mine
[profile Native]
Role_ARN={ROLE_ARN}
# about the source
source_profile = base   
external_id : ab

[profile base]
aws_access_key_id = AKIACANARY
aws_secret_access_key = {canary.secret_key()}

[profile self]
role_arn = {ROLE_ARN}
source_profile = self
aws_access_key_id = AKIACANARY

[profile chain]
role_arn = {ROLE_ARN}
source_profile = Native
duration_seconds = 900"""  # noqa: W291 - the blanks at the end of a line must survive


def write_settled(config: Path, text: str) -> None:
    """Write a config file that nobody has touched for a long time."""
    config.write_text(text)
    os.utime(config, (1, 1))
