"""How the story is told: coloured and with a spinner on a terminal, in plain lines otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from credhelper.model.printable import plain


class Narrator:
    """Speaks on stdout, one step after another."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._number = 0

    def step(self, text: str) -> None:
        """Begin the next step."""
        self._number += 1
        self._line(f"\n{self._number}. {text}", "bold")

    def command(self, text: str) -> None:
        """Show what is typed."""
        self._line(f"   $ {text}", "cyan")

    def output(self, text: str) -> None:
        """Show what a program printed."""
        for line in text.strip("\n").splitlines():
            self._line(f"   {line}", "")

    def fact(self, text: str) -> None:
        """State something."""
        self._line(f"   {text}", "dim")

    def promise(self, text: str) -> None:
        """State something that was checked."""
        self._line(f"   ✔ {text}", "green")

    def end(self, text: str) -> None:
        """Close the story."""
        self._line(f"\n{text}", "bold")

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show that something takes a moment."""
        if not self._console.is_terminal:
            self._line(text, "")
            yield
            return
        with self._console.status(Text(text)):
            yield

    def _line(self, text: str, style: str) -> None:
        self._console.print(Text(plain(text), style=style))
        self._console.file.flush()
