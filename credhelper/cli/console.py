"""The command that signs in to AWS's console with a profile."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import completion, expiry, output
from credhelper.cli.options import JSON, WHOSE, require_values
from credhelper.errors import InputError, MachineError, about
from credhelper.model import console_links
from credhelper.model.console_links import Wanted
from credhelper.model.process_document import format_time
from credhelper.model.shell import own_command, word
from credhelper.system import hardening

if TYPE_CHECKING:  # the use case is imported when the command runs, so that --help does not pay for it
    from credhelper.commands.console import Link


@click.command()
@WHOSE
@click.option("--service", metavar="NAME", help="Begin at a service: s3, ec2, iam.", shell_complete=completion.services)
@click.option("--destination", metavar="URL", help="Begin at this page; https, and of the console only.")
@click.option(
    "--region", metavar="REGION", shell_complete=completion.regions, help="In this region. Default: the profile's."
)
@click.option(
    "--duration",
    type=click.IntRange(*console_links.DURATIONS_S),
    metavar="SECONDS",
    help="How long the session lasts; only for a role that is assumed with long-lived keys.",
)
@click.option("--logout-first", is_flag=True, help="Sign out of the session that the browser has.")
@click.option("--switch-role", is_flag=True, help="No sign-in: a link to take the role, for who is signed in.")
@click.option("--container", metavar="NAME", help="Open it in this container of Firefox.")
@click.option(
    "--container-extension",
    "extension",
    type=click.Choice(tuple(console_links.SCHEMES)),
    help="Of which extension the container is: Open external links in a container (default), or Granted.",
)
@click.option("--browser", "program", metavar="PROGRAM", help="Start this program with the link.")
@click.option("--print", "is_printed", is_flag=True, help="Print the link instead; it signs in who has it.")
@JSON
def console(
    *,
    profile: str,
    service: str | None,
    destination: str | None,
    region: str | None,
    duration: int | None,
    logout_first: bool,
    switch_role: bool,
    container: str | None,
    extension: str | None,
    program: str | None,
    is_printed: bool,
    as_json: bool,
) -> None:
    """Open AWS's console, signed in.

    With the credentials of any profile that has temporary ones. Long-lived keys cannot sign in; --switch-role is a link
    for a person who has signed in with a password: it cannot send an external ID, session tags or a source identity.

    The link signs in who has it, for 15 minutes. The browser gets it from a redirect on this machine that is served
    once, within a minute, so no command line has it. Over ssh, or where there is no browser, --print prints it. The
    variable BROWSER does not choose the browser; --browser does.

    \b
    Examples:
      credhelper console prod-s3
      credhelper console prod-s3 --service s3 --region eu-west-1
      credhelper console prod-s3 --container Prod
      credhelper console prod-s3 --print
    """
    require_values(
        {
            "service": service,
            "destination": destination,
            "region": region,
            "container": container,
            "browser": program,
        }
    )
    wanted = Wanted(
        service=service,
        destination=destination,
        region=region,
        duration_s=duration,
        is_after_sign_out=logout_first,
    )
    others = {"--container": container, "--container-extension": extension}
    words = _words(wanted, others, is_switch=switch_role)
    printing = own_command("console", profile, options=f"--print {words}".rstrip())
    with _as_given(printing), about(profile=profile):
        _require_together(profile, wanted, is_switch=switch_role)
        if container is not None:
            console_links.require_container(container)
        elif extension is not None:
            raise InputError(
                "--container-extension is about the container of --container",
                hint=own_command(
                    "console", profile, options=f"--container Prod --container-extension {word(extension)}"
                ),
            )
        is_opened = not (is_printed or as_json)
        if program is not None and not is_opened:
            raise InputError(
                "--browser opens the link, and --print and --json print it", hint=own_command("console", profile)
            )
        from credhelper.commands import console as use_case

        own = settings.load()
        # What the files speak against comes before a browser is looked for, and that before anything is asked.
        ready = use_case.switch_role(own, profile) if switch_role else use_case.SignIn(own, os.environ, profile, wanted)
        command = _browser(program, printing, is_firefox=container is not None) if is_opened else ()
        link, remark = ready if isinstance(ready, tuple) else (ready.link(expiry.end), "")
        if remark:
            output.note(f"note: {remark}")

        def dressed(url: str) -> str:
            return url if container is None else console_links.in_container(url, container, extension or "container")

        if as_json:
            output.emit_json(_as_json(profile, link, dressed(link.url)))
        elif is_printed:
            output.say(dressed(link.url))
            if link.is_secret and sys.stdout.isatty():
                output.note("note: who has this link can sign in with it for 15 minutes")
        else:
            use_case.open_in(link, command, os.environ, dressed=dressed)
            what = f"the console of {link.account} as" if link.is_secret else "the console's switch to"
            output.note(f"opened {what} {link.arn}")


def _words(wanted: Wanted, others: Mapping[str, str | None], *, is_switch: bool) -> str:
    """Return the options that say which link is wanted, quoted."""
    given = {**wanted.given, **others, "--switch-role": True if is_switch else None}
    parts = (name if value is True else f"{name} {word(str(value))}" for name, value in given.items() if value)
    return " ".join(parts)


@contextlib.contextmanager
def _as_given(command: str) -> Iterator[None]:
    """Have the hint of a link that no browser opened print the one that was asked for."""
    from credhelper.system import browser

    try:
        yield
    except browser.NoBrowserError as error:
        raise MachineError(error.unquoted, hint=command, quoted=error.quoted) from None


def _require_together(profile: str, wanted: Wanted, *, is_switch: bool) -> None:
    if wanted.service is not None and wanted.destination is not None:
        raise InputError(
            "--service and --destination are two pages", hint=own_command("console", profile, options="--service s3")
        )
    if wanted.region is not None and wanted.destination is not None:
        raise InputError(
            "--region is not for --destination, which has a region of its own",
            hint=own_command("console", profile, options=f"--destination {word(wanted.destination)}"),
        )
    if is_switch and wanted.given:
        raise InputError(
            f"--switch-role is no sign-in, so there is no {' and no '.join(wanted.given)}",
            hint=own_command("console", profile, options="--switch-role"),
        )


def _browser(program: str | None, command: str, *, is_firefox: bool) -> tuple[str, ...]:
    """Return what opens a link; raises MachineError where no person would see it."""
    from credhelper.mfa import terminal
    from credhelper.system import browser

    if program is None and not terminal.is_there():
        raise MachineError(
            "there is no terminal, so no person may be there to see a browser",
            hint=f"{command}, or name the browser: --browser firefox",
        )
    environ = hardening.environment_of_caller(os.environ)
    return browser.opener(environ, is_firefox=is_firefox, named=program)


def _as_json(profile: str, link: "Link", url: str) -> dict[str, object]:
    return {
        "profile": profile,
        "url": url,
        "is_secret": link.is_secret,
        "partition": link.partition,
        "account_id": link.account,
        "arn": link.arn,
        "valid_until": None if link.valid_until_s is None else format_time(link.valid_until_s),
    }
