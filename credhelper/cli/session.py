"""The commands that get or remove credentials: get, login, logout, exec, env."""

import contextlib
import os
import stat
import sys
from collections.abc import Mapping
from functools import partial
from typing import NoReturn, Protocol

import click

from credhelper import settings
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.cache.payload import Payload
from credhelper.cli import completion, expiry, notes, output
from credhelper.cli.options import OPTIONAL_PROFILE, OPTIONAL_WHOSE, PROFILE, WHOSE, asked
from credhelper.commands import logout as removal
from credhelper.commands import variables
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.process_document import decode, format_time
from credhelper.model.redaction import redacted
from credhelper.model.shell import own_command, word
from credhelper.system import clock, hardening
from credhelper.system.deadline import limit_processor_time, watchdog
from credhelper.system.machine import this_machine


@click.command()
@PROFILE
def get(profile: str) -> NoReturn:
    """Print credentials for an SDK.

    This is the credential_process: the AWS CLI and the SDKs run it themselves, from the line that
    `credhelper profile add` wrote. You do not need to type it.
    """
    from credhelper.provider.process import serve

    serve(profile, clock.now())


def _fetch(profile: str, urgency: int) -> Payload:
    """Get credentials for a command that a person runs; an error is shown on stderr."""
    own = settings.load()
    limit_processor_time(own.timeout_s)
    from credhelper.provider.process import run  # loads botocore, which --help can do without

    payload = run(profile, own, os.environ, expiry.end, clock.now(), urgency=urgency)
    limit_processor_time(own.timeout_s)  # afresh, for what is said about it
    return payload


@click.command()
@OPTIONAL_PROFILE
@click.option("--refresh", "is_refresh", is_flag=True, help="Fetch new ones, however long the cached ones are valid.")
def login(profile: str | None, *, is_refresh: bool) -> None:
    """Fetch credentials into the cache.

    Asks for a one-time code if the role needs one, so that programs without a terminal need not. Credentials that are
    due, in their last quarter of an hour, are renewed. Without a profile it is that of AWS_PROFILE.
    """
    from credhelper.provider import request

    name = asked(profile, "login")
    payload = _fetch(name, request.NOW if is_refresh else request.LOGIN)
    output.say(f"{name}: {payload.role_arn} until {format_time(payload.expiration)}")
    notes.note_shadows([name])
    _warn_if_not_kept(payload)
    notes.note_dead_lines()


def _warn_if_not_kept(payload: Payload) -> None:
    from credhelper.commands import obstacle

    own = settings.load()
    if not obstacle.is_kept(own, os.environ, payload, clock.now()):
        reason, cure = obstacle.explain(own)
        output.note(f"note: this is not cached, so the next request asks AWS again: {reason}")
        output.note(f"hint: {cure}")


@click.command()
@OPTIONAL_PROFILE
@click.option("--all", "every", is_flag=True, help="Those of every profile.")
def logout(profile: str | None, *, every: bool) -> None:
    """Remove cached credentials.

    Those of one profile of the config file in use, or all, also those of other config files. AWS accepts copies of
    them until they expire.
    """
    if every == (profile is not None):
        raise InputError("give a profile or --all", hint="credhelper logout --all")
    own = settings.load()
    others = removal.elsewhere(own, profile)
    if profile is None:
        output.say(f"removed: {removal.forget_all(own)}")
        for file in dict.fromkeys(file for file, _ in others):
            names = ", ".join(name for one, name in others if one == file)
            output.note(f"note: with those of {file}: {names}")
        return
    if removal.forget_profile(own, profile):
        output.say(f"removed: {profile}")
    else:
        output.say(f"nothing was cached for {profile}")
    for file, name in others:
        output.note(f"note: {name} of {file} is cached as well, and stays")
        output.note(f"hint: {this_machine().with_variable('AWS_CONFIG_FILE', file)} {own_command('logout', name)}")


class _Typed(Protocol):
    """Returns the command that was typed, with --long-lived or without."""

    def __call__(self, *, is_long_lived: bool) -> str: ...


def _variables(profile: str, command: _Typed, *, is_long_lived: bool) -> dict[str, str]:
    started, own = clock.now(), settings.load()
    limit_processor_time(own.timeout_s)
    from credhelper.provider import process, request

    section = _section(profile, own)
    if section is None or is_credhelper(section):
        found = decode(_fetch(profile, request.PERSON).document)
        section = section or _section(profile, own) or {}
    else:
        from credhelper.provider.consent import Terms

        terms = Terms(is_long_lived, command(is_long_lived=is_long_lived), command(is_long_lived=True))
        found = process.run_other(profile, own, os.environ, expiry.end, started, terms=terms)
    return variables.variables(found, section.get("region"), profile)


def _section(profile: str, own: settings.Settings) -> Mapping[str, str] | None:
    """Return what both files say of a profile, None where it is in neither or they cannot be read."""
    from credhelper.commands.profile.list import open_sections

    hangs = MachineError(f"{own.config_file} cannot be read in time", hint=f"ls -l {word(own.config_file)}")
    with watchdog(own.timeout_s, lambda: expiry.end(hangs)), contextlib.suppress(CredhelperError):
        return open_sections(own).get(profile)
    return None


# What shells answer for a command that is there and cannot be started, and for one that is not there.
_CANNOT_START, _NOT_FOUND = 126, 127


# Of a command in a hint, in characters.
_MAXIMUM_SHOWN = 200
_LONG_LIVED = "--long-lived"
_long_lived = click.option(
    _LONG_LIVED, "is_long_lived", is_flag=True, help="Hand out a key that never expires, too; at a terminal only."
)


class _Exec(click.Command):
    """Puts the profile of AWS_PROFILE in front where the arguments begin with `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = next((place for place, text in enumerate(args) if text != _LONG_LIVED), len(args))
        if args[options : options + 1] == ["--"]:
            args = [*args[:options], asked(None, "exec"), *args[options:]]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, _ctx: click.Context) -> list[str]:
        """Return the usage as it is typed: the profile may be left out, `--` may not."""
        return ["[OPTIONS]", "[PROFILE]", "--", "COMMAND..."]


@click.command("exec", cls=_Exec, context_settings={"ignore_unknown_options": True})
@_long_lived
@WHOSE
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, shell_complete=completion.command_words)
def exec_(profile: str, command: tuple[str, ...], *, is_long_lived: bool) -> NoReturn:
    """Run a command with credentials.

    For tools that ignore credential_process. The credentials are in the command's environment and are not refreshed
    while it runs; CREDHELPER_PROFILE says whose they are. Without a profile before `--` it is that of
    AWS_PROFILE. Exits with 127 for a command that is not found, 126 for one that cannot be started.

    Any profile will do, not only credhelper's: SSO, a role of AWS's own, another program, keys. What AWS's tools would
    find for it is handed on and not cached; a key that never expires only with --long-lived, by a person at a terminal.

    \b
    Examples:
      credhelper exec prod-s3 -- terraform plan
      credhelper exec my-sso -- terraform plan
    """
    added = _variables(profile, partial(_exec_command, profile, command), is_long_lived=is_long_lived)
    child = variables.for_child(hardening.environment_of_caller(os.environ), added)
    hardening.allow_core_dumps()
    limit_processor_time(0)  # execve keeps it
    try:
        os.execvpe(command[0], list(command), child)  # noqa: S606 - no shell is the point
    except OSError as error:
        failure = MachineError(
            f"{command[0]} cannot be started: {error.strerror}", hint=f"command -v {word(command[0])}"
        )
        output.show_error(failure)
        sys.exit(_NOT_FOUND if isinstance(error, FileNotFoundError | NotADirectoryError) else _CANNOT_START)


def _exec_command(profile: str, command: tuple[str, ...], *, is_long_lived: bool) -> str:
    """Return what is typed; without the words of the command where one may be a secret, or there are many."""
    words = " ".join(map(word, command))
    is_shown = len(words) <= _MAXIMUM_SHOWN and redacted(words) == words
    options = [_LONG_LIVED] if is_long_lived else []
    return " ".join(["credhelper", "exec", *options, word(profile), "--", words if is_shown else "COMMAND"])


@click.command()
@OPTIONAL_WHOSE
@click.option("--format", "style", type=click.Choice(variables.FORMATS), help="Default: the one for your $SHELL.")
@click.option("--unset", "is_unset", is_flag=True, help="Print what removes the variables again; needs no profile.")
@_long_lived
def env(profile: str | None, style: str | None, *, is_unset: bool, is_long_lived: bool) -> None:
    """Print credentials as environment variables.

    For tools that ignore credential_process, where `exec` does not fit. Without a profile it is that of AWS_PROFILE;
    as with `exec`, any will do, and a key that never expires needs --long-lived and a terminal. A shell's form removes
    AWS_PROFILE and what is left of another identity, too. `docker` is the form for `docker run --env-file`, `sts` the
    document of `aws sts assume-role`.

    \b
    Examples:
      eval "$(credhelper env prod-s3)"
      eval "$(credhelper env --unset)"
      credhelper env prod-s3 --format fish | source
      credhelper env prod-s3 --format nushell | from json | load-env
      credhelper env --unset --format nushell | from json | load-env
      credhelper env prod-s3 --format powershell | Out-String | Invoke-Expression
      (umask 077; credhelper env prod-s3 --format dotenv > .env)
    """
    chosen = style or variables.style_of_shell(os.environ.get("SHELL", ""))
    if is_unset:
        output.say_lines(variables.render_unset(chosen))
        return
    name = asked(profile, "env")
    typed = partial(_env_command, name, chosen, [] if style is None else ["--format", style])
    if sys.stdout.isatty():
        hint = typed(is_long_lived=is_long_lived, has_place=False)
        raise InputError("stdout is a terminal, and these are secrets", hint=hint)
    added = _variables(name, typed, is_long_lived=is_long_lived)
    text = variables.render(added, chosen, os.environ)
    _warn_if_readable()
    output.say_lines(text)


def _env_command(profile: str, style: str, options: list[str], *, is_long_lived: bool, has_place: bool = True) -> str:
    """Return what is typed for a shell; the other formats get a file of the user's alone, or have their place."""
    options = [*options, *([_LONG_LIVED] if is_long_lived else []), *(["--"] if profile.startswith("-") else [])]
    command = " ".join(["credhelper", "env", *options, word(profile)])
    pipes = {"fish": "source", "nushell": "from json | load-env", "powershell": "Out-String | Invoke-Expression"}
    if style in pipes:
        return f"{command} | {pipes[style]}"
    if style in ("bash", "zsh"):
        return f'eval "$({command})"'
    if has_place:
        return command
    ending = "env" if style in ("dotenv", "docker") else "json"
    file = f"{command} > {word(profile.replace('/', '-'))}.{ending}"
    return file if os.name == "nt" else f"(umask 077; {file})"


def _warn_if_readable() -> None:
    """Say so where stdout is a file that other users may read."""
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISREG(mode) and mode & 0o044:
        output.note(
            f"note: the file has the mode {stat.S_IMODE(mode):o}, so that other users can read these secrets; "
            "before the next one: umask 077, and keep it out of git"
        )
