"""Fill in what depends: [project.urls] on the one constant in pyproject.toml, [project.scripts] on the system."""

import sys
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class MetadataHook(MetadataHookInterface):
    """Hatchling's `custom` metadata hook."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add URLs and scripts to the metadata of the project."""
        repository = str(self.config["repository"]).rstrip("/")
        metadata["urls"] = {"Repository": repository, "Issues": f"{repository}/issues"} if repository else {}
        # Elsewhere the command is a script of ours: command_hook.py.
        metadata["scripts"] = {"credhelper": "credhelper.__main__:main"} if sys.platform == "win32" else {}
