"""The commands that get, show or remove credentials: get, login, logout, status, exec, env."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

import click

from credhelper import settings
from credhelper.cache.payload import Payload
from credhelper.cli import completion, output
from credhelper.cli.options import JSON, OPTIONAL_PROFILE, PROFILE
from credhelper.commands import logout as removal
from credhelper.commands import variables
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.model.process_document import decode, format_time
from credhelper.model.shell import word
from credhelper.system import clock, environment, hardening

if TYPE_CHECKING:
    from credhelper.commands.status import CachedEntry, Status


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

    def give_up(outcome: Payload | CredhelperError) -> None:
        error = outcome if isinstance(outcome, CredhelperError) else MachineError("interrupted by the deadline")
        output.show_error(error)
        os._exit(error.exit_code)

    from credhelper.provider.process import run  # loads botocore, which --help can do without

    return run(profile, settings.load(), os.environ, give_up, clock.now(), urgency=urgency)


@click.command()
@PROFILE
@click.option("--refresh", "is_refresh", is_flag=True, help="Fetch new ones, however long the cached ones are valid.")
def login(profile: str, *, is_refresh: bool) -> None:
    """Fetch credentials into the cache.

    Asks for a one-time code if the role needs one, so that programs without a terminal need not. Credentials that are
    due, in their last quarter of an hour, are renewed.
    """
    from credhelper.provider import request

    payload = _fetch(profile, request.NOW if is_refresh else request.LOGIN)
    output.say(f"{profile}: {payload.role_arn} until {format_time(payload.expiration)}")
    _note_shadows([profile])
    _warn_if_not_kept(payload)
    _note_dead_lines()


def _note_dead_lines() -> None:
    from credhelper.commands.profile.line import watch_file

    output.note_if(watch_file(settings.load()).notice)


def _note_shadows(profiles: Iterable[str]) -> None:
    from credhelper.commands import shadows

    for remark in shadows.remarks(settings.load(), profiles, os.environ):
        output.note(f"note: {remark}")


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

    Those of one profile, or all. AWS accepts copies of them until they expire.
    """
    if every == (profile is not None):
        raise InputError("give a profile or --all", hint="credhelper logout --all")
    own = settings.load()
    if profile is None:
        output.say(f"removed: {removal.forget_all(own)}")
    elif removal.forget_profile(own, profile):
        output.say(f"removed: {profile}")
    else:
        output.say(f"nothing was cached for {profile}")


@click.command()
@JSON
def status(*, as_json: bool) -> None:
    """Show what is cached, and until when.

    With the role, the state, and where the key is stored.
    """
    from credhelper.commands.status import read_status  # the others need nothing of it

    found = read_status(settings.load(), os.environ, clock.now())
    if as_json:
        output.emit_json(_status_as_json(found))
        _note_dead_lines()
        return
    output.say(f"key:   {found.key_place}")
    output.say(f"cache: {found.cache_dir}")
    output.say(f"STS:   {found.network.endpoint}")
    output.say(f"proxy: {found.network.proxy}")
    output.say(f"CA:    {found.network.authority}")
    if found.obstacle:
        output.say(f"nothing can be cached there, so every request asks AWS: {found.obstacle}")
    if found.key_obstacle:
        output.say(f"nothing can be cached: {found.key_obstacle}; to have it on disk: credhelper key move file")
    if found.ignored_store:
        output.say(
            f"CREDHELPER_KEY_STORE={found.ignored_store} is ignored: a variable may not choose it; "
            f"to use it: credhelper key move {found.ignored_store}"
        )
    if found.unreadable:
        output.say(
            f"{found.unreadable} more cannot be decrypted with this key: another system that shares this directory may "
            "have its own (a container, its host); one key for both: credhelper key move file"
        )
    own = settings.load()
    _note_shadows(entry.profile for entry in found.entries if entry.config_file == own.config_file)
    if not found.entries:
        output.say("nothing is cached")
    else:
        output.table(("profile", "role", "expires", "left", "state"), (_status_row(entry) for entry in found.entries))
    _note_dead_lines()


def _status_row(entry: "CachedEntry") -> tuple[str, ...]:
    left = f"{entry.remaining_s // 60} min"
    return entry.profile, entry.role_arn, format_time(entry.expiration), left, entry.state


def _status_as_json(found: "Status") -> dict[str, object]:
    return {
        "key_store": found.key_store,
        "key_place": found.key_place,
        "cache_dir": found.cache_dir,
        "obstacle": found.obstacle,
        "key_obstacle": found.key_obstacle,
        "ignored_key_store": found.ignored_store,
        "unreadable": found.unreadable,
        "network": {
            "endpoint": found.network.endpoint,
            "proxy": found.network.proxy,
            "ca_bundle": found.network.authority,
        },
        "entries": [
            {
                "profile": entry.profile,
                "role_arn": entry.role_arn,
                "expiration": format_time(entry.expiration),
                "remaining_seconds": entry.remaining_s,
                "state": entry.state,
                "config_file": entry.config_file,
            }
            for entry in found.entries
        ],
    }


def _variables(profile: str) -> dict[str, str]:
    from credhelper.commands.profile.list import open_sections
    from credhelper.provider import request

    payload = _fetch(profile, request.PERSON)
    region = open_sections(settings.load())[profile].get("region")
    return variables.variables(decode(payload.document), region)


@click.command("exec", context_settings={"ignore_unknown_options": True})
@PROFILE
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, shell_complete=completion.command_words)
def exec_(profile: str, command: tuple[str, ...]) -> NoReturn:
    """Run a command with credentials.

    For tools that ignore credential_process. The credentials are in the command's environment and are not refreshed
    while it runs.

    \b
    Example:
      credhelper exec prod-s3 -- terraform plan
    """
    child = variables.for_child(environment.of_caller(os.environ), _variables(profile))
    hardening.allow_core_dumps()
    try:
        os.execvpe(command[0], list(command), child)  # noqa: S606 - no shell is the point
    except OSError as error:
        raise MachineError(
            f"{command[0]} cannot be started: {error.strerror}", hint=f"command -v {word(command[0])}"
        ) from None


@click.command()
@PROFILE
@click.option("--format", "style", type=click.Choice(variables.FORMATS), help="Default: the one for your $SHELL.")
def env(profile: str, style: str | None) -> None:
    """Print credentials as environment variables.

    For tools that ignore credential_process, where `exec` does not fit.

    \b
    Examples:
      eval "$(credhelper env prod-s3)"
      credhelper env prod-s3 --format fish | source
      credhelper env prod-s3 --format dotenv > .env
    """
    if sys.stdout.isatty():
        raise InputError(
            "stdout is a terminal, and these are secrets", hint=f'eval "$(credhelper env {word(profile)})"'
        )
    output.say_lines(
        variables.render(_variables(profile), style or variables.style_of_shell(os.environ.get("SHELL", "")))
    )
