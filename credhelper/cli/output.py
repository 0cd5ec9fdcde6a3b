"""All output for people: the one place that decides about colour, width and control characters.

Results go to stdout, remarks and errors to stderr. Nothing is coloured or drawn unless the stream is a terminal.
"""

import errno
import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from credhelper.errors import CredhelperError, MachineError
from credhelper.model.printable import cell, plain

# What a full or broken place says to a write.
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
# Rows that a terminal shows before more are read: ten thousand profiles begin to appear at once.
_PAGE = 100
# Between two columns, as the box draws them; and what a column keeps on the narrowest terminal.
_GAP = 3
# What rich before 15 adds at the edges.
_EDGES = 2
_NARROWEST = 8
# A column that can be left out goes before the others get narrower than this, with which most words are in one piece.
_COMFORTABLE = 14


def say(text: str) -> None:
    """Print a result of one line on stdout, also if a name in it has a line break."""
    _write(sys.stdout, _one_line(text))


def say_lines(text: str) -> None:
    """Print a result of several lines on stdout."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Print a remark of one line on stderr, also if a name in it has a line break."""
    _write(sys.stderr, _one_line(text))


def note_lines(text: str) -> None:
    """Print a remark of several lines on stderr."""
    _write(sys.stderr, text)


def prompt(text: str) -> None:
    """Print a question on stderr; the answer is typed in the same line."""
    _write(sys.stderr, _one_line(text), end="")


def note_if(text: str) -> None:
    """Print a remark of one or several lines on stderr, if there is one."""
    if text:
        note_lines(text)


def _one_line(text: str) -> str:
    return plain(text).replace("\n", "\\x0a")


def emit_json(value: object) -> None:
    """Print a value as JSON on stdout, for programs."""
    _write(sys.stdout, json.dumps(value, indent=2, ensure_ascii=True))


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    whole: Mapping[str, int] | None = None,
    spare: Sequence[str] = (),
) -> int:
    """Print rows: aligned with a header on a terminal, tab-separated without one when piped, each as it comes.

    Columns in `whole` are never narrower than their longest text, or than the width that it gives, since half an
    account id is none. Those in `spare` are left out where the others would get narrow, the first of them first.
    Returns how many rows there were.
    """
    shown = 0
    if not sys.stdout.isatty():
        for row in rows:
            _write(sys.stdout, "\t".join(map(cell, row)))
            shown += 1
        return shown
    remaining = iter(rows)
    first = list(itertools.islice(remaining, _PAGE))
    if not first:
        return shown
    fixed = whole or {}
    measured = [max(len(cell(text)) for text in column) for column in zip(headers, *first, strict=True)]
    wanted = dict(zip(headers, measured, strict=True))
    # Of rows that are not read yet the longest text is not known.
    wanted |= {header: min(width, wanted[header]) if len(first) < _PAGE else width for header, width in fixed.items()}
    columns, widths = choose(wanted, shutil.get_terminal_size().columns - _EDGES, fixed, spare)
    places = [headers.index(column) for column in columns]
    _draw(columns, [[row[place] for place in places] for row in first], widths, with_header=True)
    while page := list(itertools.islice(remaining, _PAGE)):
        shown += len(page)
        _draw(columns, [[row[place] for place in places] for row in page], widths, with_header=False)
    return shown + len(first)


def choose(
    wanted: Mapping[str, int], width: int, whole: Iterable[str], spare: Sequence[str]
) -> tuple[list[str], list[int]]:
    """Return the columns that have room in a terminal of this width, and their widths."""
    columns = list(wanted)
    leaving = list(spare)
    while True:
        kept = {place for place, column in enumerate(columns) if column in set(whole)}
        room = width - _GAP * (len(columns) - 1)
        widths = fit([wanted[column] for column in columns], room, kept, _COMFORTABLE if leaving else _NARROWEST)
        if sum(widths) <= room or not leaving:
            return columns, widths
        columns.remove(leaving.pop(0))


def fields(texts: Iterable[str]) -> None:
    """Print one line of fields; on a terminal it goes on below where the next field would be broken at the edge."""
    width = shutil.get_terminal_size().columns
    line = ""
    for text in map(cell, texts):
        if line and len(line) + 2 + len(text) > width:
            say(line)
            line = f"  {text}"
        else:
            line = f"{line}  {text}" if line else text
    say(line)


def local_time(seconds: float, now: float) -> str:
    """Return a time as this machine's clock shows it, without the date where that is today's."""
    then = time.localtime(seconds)
    is_today = then[:3] == time.localtime(now)[:3]
    return time.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S", then)


def fit(widths: Sequence[int], room: int, whole: Iterable[int] = (), narrowest: int = _NARROWEST) -> list[int]:
    """Return the widths with the widest made narrower until all fit; their text then goes on in the next line.

    None gets less than `narrowest`, also where they do not fit then; the columns at the places in `whole` keep theirs.
    """
    fitting = list(widths)
    elastic = [place for place in range(len(fitting)) if place not in set(whole)]
    while sum(fitting) > room and elastic:
        widest = max(elastic, key=fitting.__getitem__)
        if fitting[widest] <= narrowest:
            break
        fitting[widest] -= 1
    return fitting


def _draw(headers: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], *, with_header: bool) -> None:
    """Draw one page of a table; all pages share the widths of the first, which is shown before the next is read."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, show_header=with_header)
    for header, width in zip(headers, widths, strict=True):
        drawing.add_column(header.upper(), overflow="fold", width=width)
    for row in rows:
        drawing.add_row(*(Text(cell(text)) for text in row))
    # Not as rich measures it: it takes a terminal that calls itself dumb for 80 columns wide.
    width = max(shutil.get_terminal_size().columns, sum(widths) + _GAP * (len(widths) - 1) + _EDGES)
    Console(width=width, height=shutil.get_terminal_size().lines).print(drawing)


def diff(text: str, *, is_result: bool = True) -> None:
    """Print a unified diff, coloured on a terminal; on stderr where it is no result, but comes before a question."""
    stream = sys.stdout if is_result else sys.stderr
    if not stream.isatty():
        _write(stream, text.rstrip("\n"))
        return
    from rich.console import Console
    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    console = Console(file=stream, highlight=False, soft_wrap=True)
    for line in text.splitlines():
        console.print(Text(plain(line), style=styles.get(line[:1], "")))


# The style of a line that has a command in it: a terminal breaks it by itself, and a copy of it has no line end.
TYPED = "none"


def styled(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines as a result, each with its style on a terminal, where a long one goes on below, further in.

    One that is TYPED is left whole.
    """
    if not sys.stdout.isatty():
        for text, _ in lines:
            _write(sys.stdout, _one_line(text))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    width = shutil.get_terminal_size().columns
    for text, style in lines:
        for part in [_one_line(text)] if style == TYPED else _wrapped(_one_line(text), width):
            console.print(Text(part, style=style))


def _wrapped(text: str, width: int) -> list[str]:
    """Return a line in parts that fit, the later ones four characters further in; a word is never broken."""
    import textwrap

    start = text[: len(text) - len(text.lstrip())]
    wrapper = textwrap.TextWrapper(
        width=width, subsequent_indent=f"{start}    ", break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(text) or [""]


def show_error(error: CredhelperError) -> None:
    """Print the cause and the hint of a failure on stderr, as documented in docs/reference.md."""
    _write(sys.stderr, error.shown().rstrip("\n"))


def _write(stream: TextIO | None, text: str, *, end: str = "\n") -> None:
    if stream is None:  # started with the descriptor closed
        return
    try:
        stream.write(plain(text) + end)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up(stream)
        if stream is not sys.stderr:
            raise unwritten(error) from None


def give_up(stream: TextIO) -> None:
    """Send what is left for a stream nowhere: Python would report the same failure once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def unwritten(error: OSError) -> CredhelperError:
    """Return the error for output that its place did not take."""
    reason = (error.strerror or "unknown error").lower()
    return MachineError(f"the output cannot be written: {reason}", hint="see whether its disk is full: df")
