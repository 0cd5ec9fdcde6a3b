"""Fill [project.urls] from the one constant in pyproject.toml, or leave it out while that is empty."""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class UrlsHook(MetadataHookInterface):
    """Hatchling's `custom` metadata hook."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the URLs to the metadata of the project."""
        repository = str(self.config["repository"]).rstrip("/")
        metadata["urls"] = {"Repository": repository, "Issues": f"{repository}/issues"} if repository else {}
