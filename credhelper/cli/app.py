"""The command line: its commands, and how an error ends. Prints through `output` only."""

import contextlib
import os
import sys
from typing import NoReturn

import click

from credhelper import __version__, settings
from credhelper.cli import completion_scripts, output
from credhelper.cli.console import console
from credhelper.cli.discover import discover
from credhelper.cli.doctor import doctor
from credhelper.cli.grant import grant_group
from credhelper.cli.grant_export import export
from credhelper.cli.key import key_group
from credhelper.cli.log import log
from credhelper.cli.options import Commands
from credhelper.cli.profile import profile_group
from credhelper.cli.profile_views import check, list_, show
from credhelper.cli.repair import repair
from credhelper.cli.session import env, exec_, get, login, logout
from credhelper.cli.status import status
from credhelper.cli.trial_run import test
from credhelper.cli.whoami import whoami
from credhelper.errors import CredhelperError, InputError, unexpected
from credhelper.system import interrupt

_INTERRUPTED = 130


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """AWS role credentials for every tool, cached encrypted, without a daemon.

    \b
    Set up a profile once, and every AWS tool can use it:
      credhelper profile add prod-s3 --role-arn ARN --source-profile default
      aws s3 ls --profile prod-s3 s3://list-prod-bkt-details-01/
    """


for command in (get, login, logout, status, exec_, env, test, whoami, console):
    main.add_command(command)
for command in (profile_group, discover, doctor, grant_group, key_group, log):
    main.add_command(command)
for command in (list_, show, check, repair):
    profile_group.add_command(command)
grant_group.add_command(export)
completion_scripts.use()


@main.command("try", hidden=True)
def try_() -> None:
    """Load all that a request needs, and do nothing with it: what `profile add` starts by the line it has written."""
    import credhelper.aws.source_credentials
    import credhelper.aws.sts_request
    import credhelper.provider.hit
    import credhelper.provider.miss  # noqa: F401 - all four for what they load


@main.command("demo")
def demo() -> None:
    """Run a demonstration against an emulated AWS.

    Two accounts, a role, a user and the real AWS CLI; needs no AWS account and leaves no files.
    """
    from credhelper.demo.story import play

    play()


def run(arguments: list[str]) -> NoReturn:
    """Run one command line and exit with its documented code (docs/reference.md)."""
    # One that was closed is None, which click, rich and we would each have to expect.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it is open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as above
    code = _run(arguments)
    interrupt.ends()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Not the interpreter's own end: a thread that wakes up meanwhile is ended by pthread_exit(3), which has to load a
    # library first, and aborts where there is no memory or descriptor left for it.
    os._exit(code)


def _run(arguments: list[str]) -> int:
    try:
        code = main.main(args=arguments, prog_name=settings.APP, standalone_mode=False)
    except CredhelperError as error:
        if interrupt.was_raised():
            return _INTERRUPTED
        output.show_error(error)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        output.note_lines(error.format_message())
        return InputError.exit_code
    except click.UsageError as error:
        output.show_error(_usage_error(error))
        return InputError.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader closed the pipe. Without this, Python reports it once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception as error:  # noqa: BLE001 - the one place that keeps a traceback, and what it may hold, off stderr
        if interrupt.was_raised():
            return _INTERRUPTED
        shown = unexpected(error)
        if isinstance(error, OSError) and error.errno in output.UNWRITTEN and not error.filename:
            # Of a file it would have a name: this is what click or rich could not write.
            shown = output.unwritten(error)
            output.give_up(sys.stdout)
        output.show_error(shown)
        return shown.exit_code
    return code if isinstance(code, int) else 0


def _usage_error(error: click.UsageError) -> InputError:
    message = error.format_message().rstrip(".")
    command = error.ctx.command_path if error.ctx is not None else settings.APP
    return InputError(message[:1].lower() + message[1:], hint=f"{command} --help")
