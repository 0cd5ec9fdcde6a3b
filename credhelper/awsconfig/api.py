"""The config file for other programs: open it, edit it in a context, and it is written when the context ends well.

    with editing("/home/david/.aws/config", state_dir="/home/david/.local/state/mytool") as config:
        config.add("prod-s3", {"region": "us-east-1"})
        config.set("dev", {"output": "json"})

The public names of this module, those of `Document`, and the errors are kept stable; docs/config-editing.md has the
contract.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file, editor
from credhelper.awsconfig.file.editor import EditOptions, EditResult

__all__ = ["Config", "editing", "read"]


class Config:
    """Edits to make, in order, each tried at once on the file as it was when the context began.

    `result` is None until they are written.
    """

    def __init__(self, document: Document) -> None:
        self.result: EditResult | None = None
        self._document = document
        self._steps: list[tuple[str, tuple[object, ...]]] = []

    @property
    def document(self) -> Document:
        """The file as these edits would leave it."""
        return self._document

    def add(self, name: str, keys: Mapping[str, str]) -> None:
        """Add a profile; raises InputError if it is there."""
        self._step("add", name, dict(keys))

    def set(self, name: str, keys: Mapping[str, str]) -> None:
        """Set keys of a profile; raises InputError if there is no such profile."""
        self._step("set", name, dict(keys))

    def unset(self, name: str, keys: Iterable[str]) -> None:
        """Remove keys of a profile; those that are not there do not matter."""
        self._step("unset", name, tuple(keys))

    def remove(self, name: str) -> None:
        """Remove a profile."""
        self._step("remove", name)

    def rename(self, name: str, new: str) -> None:
        """Rename a profile."""
        self._step("rename", name, new)

    def apply(self, document: Document) -> Document:
        """Return a document with all edits made on it: the one on disk may have changed since."""
        for method, arguments in self._steps:
            document = getattr(document, method)(*arguments)
        return document

    def _step(self, method: str, *arguments: object) -> None:
        self._document = getattr(self._document, method)(*arguments)
        self._steps.append((method, arguments))


def read(path: str, *, limit: int = editor.LIMIT) -> Document:
    """Return the file as it is, an empty document if there is none; takes no lock, because none is needed to read."""
    return Document.parse(config_file.read_behind_links(path, limit).data)


@contextmanager
def editing(path: str, *, state_dir: str, limit: int = editor.LIMIT) -> Iterator[Config]:
    """Yield a Config and make its edits as one when the block ends; an exception in the block makes none.

    `state_dir` is a private directory for the lock and the history. Programs that share one exclude each other and
    can undo each other's edits; credhelper's own is `credhelper` below the XDG state directory. Raises InputError
    and MachineError (credhelper.errors) with the file unchanged.
    """
    config = Config(read(path, limit=limit))
    yield config
    config.result = editor.edit(path, config.apply, state_dir, EditOptions(limit=limit))
