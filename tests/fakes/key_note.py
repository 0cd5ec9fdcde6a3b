"""The note below a test's home that has its master key in a file there: no test touches a key of the user."""

from pathlib import Path

from credhelper.settings import choices_dir


def choose_store(home: Path, store: str = "file") -> None:
    """Choose a key store on disk, as `credhelper key move` does."""
    note = Path(choices_dir(str(home)), "key-store")
    for directory in reversed([note.parent, *note.parent.parents]):
        directory.mkdir(mode=0o700, exist_ok=True)
    note.write_text(store)
    note.chmod(0o600)
