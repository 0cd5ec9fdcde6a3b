"""The edits that faults are tried on: seven files and what is changed in each, by our writer and by the AWS CLI's."""

import builtins
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions

KEYS = {"credential_process": "/opt/credhelper/bin/python -I -S /opt/main.py get new", "region": "eu-west-1"}


@dataclass(frozen=True)
class Scenario:
    """A file to edit, and the edit; `is_link` puts a symlink in the file's place."""

    name: str
    before: bytes | None
    change: Callable[[Document], Document]
    is_link: bool = False

    def after(self) -> bytes:
        return self.change(Document.parse(self.before or b"")).to_bytes()


def _add(document: Document) -> Document:
    return document.add("new", KEYS)


_SMALL = b"# mine\n[default]\nregion = us-east-1\n\n[profile dev]\nregion=eu-west-1\ns3 =\n  max = 3\n"
_BIG = b"".join(b"[profile p%d]\nregion = us-east-1\noutput = json\n\n" % number for number in range(1000))
SCENARIOS = (
    Scenario("fresh file", None, _add),
    Scenario("small file", _SMALL, _add),
    Scenario("big file", _BIG, _add),
    Scenario("symlinked file", _SMALL, _add, is_link=True),
    Scenario("set", _SMALL, lambda document: document.set("dev", {"region": "ap-south-1", "output": "json"})),
    Scenario(
        "set in a big file", _SMALL + b"\n" + _BIG, lambda document: document.set("dev", {"region": "ap-south-1"})
    ),
    Scenario("remove", _SMALL, lambda document: document.remove("dev")),
)


class Sandbox:
    """A throwaway home with one config file, put back before each run."""

    def __init__(self, root: Path, scenario: Scenario) -> None:
        self.scenario = scenario
        self.home = root / "home"
        self.target = self.home / ("dotfiles" if scenario.is_link else ".aws") / "config"
        self.path = self.home / ".aws" / "config"
        self.state = root / "state"

    def reset(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)
        self.home.mkdir(mode=0o700)
        if self.scenario.before is not None:
            self.target.parent.mkdir(mode=0o700)
            self.target.write_bytes(self.scenario.before)
            # Old enough that nobody can be in the middle of writing it.
            os.utime(self.target, (1, 1))
        if self.scenario.is_link:
            self.path.parent.mkdir(mode=0o700)
            self.path.symlink_to("../dotfiles/config")

    def content(self) -> bytes | None:
        return self.target.read_bytes() if self.target.exists() else None

    def debris(self) -> list[str]:
        return (
            [name for name in os.listdir(self.target.parent) if name != "config"] if self.target.parent.exists() else []
        )

    def options(self) -> EditOptions:
        # Named here, after the faults are installed: the default is the real call, bound when its module was loaded.
        return EditOptions(linger_s=0, sleep=lambda _: None, rename=os.replace)


def edit_ours(sandbox: Sandbox) -> None:
    editor.edit(str(sandbox.path), sandbox.scenario.change, str(sandbox.state), sandbox.options())


def edit_by_aws_cli(sandbox: Sandbox) -> None:
    """Do the same with the AWS CLI's own writer, its `open` made of the calls that Python's makes."""
    from awscli.customizations.configure.writer import ConfigFileWriter  # type: ignore[import-untyped]  # ships no types

    builtins.open = _python_open  # type: ignore[assignment]  # in a forked child, for the fault injection only
    section, keys = (
        ("profile dev", {"region": "ap-south-1"}) if "set" in sandbox.scenario.name else ("profile new", KEYS)
    )
    ConfigFileWriter().update_config({"__section__": section, **keys}, str(sandbox.path))


class _RawFile(io.RawIOBase):
    """What `io.FileIO` does, through the functions of `os`."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return os.write(self._fd, bytes(data))

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._fd)


_REAL_OPEN = builtins.open


def _python_open(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
    if mode not in {"w", "a"}:
        return _REAL_OPEN(path, mode, *arguments, **options)
    how = os.O_TRUNC if mode == "w" else os.O_APPEND
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | how | os.O_CLOEXEC, 0o666)
    return io.TextIOWrapper(io.BufferedWriter(_RawFile(fd)))
