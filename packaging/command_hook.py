"""Put the command into the wheel: a script that starts Python isolated, or on Windows a note for the installer.

Installers write the command of an entry point themselves, and none of them passes `-I`: what PYTHONPATH has then runs
code before ours. A script that does not begin with `#!python` they leave as it is. Windows runs no such script; a wheel
that is built there has the entry point (metadata_hook.py) and is for Windows alone, where it outranks the other one.
"""

import sys
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommandHook(BuildHookInterface[Any]):
    """Hatchling's `custom` build hook."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Add the script, or the tag of Windows, to the wheel."""
        if sys.platform == "win32":
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"py3-none-{platform}"
        else:
            build_data["shared_scripts"]["packaging/scripts/credhelper"] = "credhelper"
