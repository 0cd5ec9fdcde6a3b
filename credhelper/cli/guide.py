"""The guided `profile add` at a terminal: questions go to stderr, answers come from stdin."""

import os
import sys

import click

from credhelper import settings
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.cli import output
from credhelper.cli.session import login
from credhelper.commands.profile import add, guide
from credhelper.errors import CredhelperError, InputError
from credhelper.model.shell import own_command

_INTERRUPTED = 130
_YES, _NO = ("y", "yes"), ("n", "no")


def confirm(question: str, *, command: str) -> None:
    """Ask a person at a terminal whether to go on; raises InputError where the answer is no, or where there is none.

    `command` is the one that does not ask.
    """
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise InputError("nothing is written: there is no terminal to ask at", hint=f"without a question: {command}")
    try:
        answer = guide.Person(_ask, output.note_lines).answer(question, _NO[-1], _yes_or_no)
    except KeyboardInterrupt:
        output.note_lines("\nnothing is written")
        raise click.exceptions.Exit(_INTERRUPTED) from None
    except InputError as error:
        raise InputError(error.message, hint=f"without a question: {command}") from None
    if answer != _YES[-1]:
        raise InputError("nothing is written, as you said", hint=f"without a question: {command}")


def require_person(argument: str) -> None:
    """Raise the usage error of an argument that is missing where stdin or stderr is no terminal."""
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        return
    ctx = click.get_current_context()
    param = next(one for one in ctx.command.params if one.name == argument)
    raise click.MissingParameter(ctx=ctx, param=param, param_hint=f"'{argument.upper()}'")


def ask_for_profile(values: dict[str, str], options: EditOptions, *, is_forced: bool) -> tuple[str, dict[str, str]]:
    """Ask for what is missing, show the edit and ask whether to make it; return the name and the settings to write.

    Ends with 130 on Ctrl-C, and raises InputError where the answers end or are a no.
    """
    person = guide.Person(_ask, output.note_lines)
    own = settings.load()
    try:
        name, found = guide.ask_for_profile(own, values, person, options, is_forced=is_forced)
        if not options.is_dry_run:
            preview = add.add(own, name, found, guide.preview_of(options), is_forced=is_forced)
            if preview.changed:
                output.diff(preview.diff(), is_result=False)
                if not person.answer(f"Write this to {preview.path}?", "yes", _yes_or_no) == _YES[-1]:
                    raise _nothing("as you said")
    except KeyboardInterrupt:
        output.note_lines("\nnothing is written")
        raise click.exceptions.Exit(_INTERRUPTED) from None
    return name, found


def fetch(name: str) -> None:
    """Fetch credentials for a new profile as `login` does, and say whose they are; a failure leaves the profile."""
    try:
        click.get_current_context().invoke(login, profile=name)
    except CredhelperError:
        output.note(f"note: the profile stays as it is written; try it again: {own_command('login', name)}")
        raise
    output.say(f"you are now {guide.caller(settings.load(), name, os.environ)}")


def _ask(question: str, default: str) -> str:
    output.prompt(f"{question} [{default}]: " if default else f"{question}: ")
    try:
        typed = sys.stdin.buffer.readline()
    except OSError:  # EIO: the terminal is gone
        typed = b""
    if not typed:
        output.note("")
        raise _nothing("the input ended")
    return typed.decode("utf-8", "replace")


def _nothing(why: str) -> InputError:
    return InputError(f"nothing is written: {why}", hint="to answer again: credhelper profile add")


def _yes_or_no(typed: str) -> str:
    if typed.lower() in _YES:
        return _YES[-1]
    if typed.lower() in _NO:
        return _NO[-1]
    raise guide.AgainError("Type yes or no")
