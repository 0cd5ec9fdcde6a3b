"""From the process's arguments to the part that serves them: a hit at once, anything else after more is loaded."""

import gc
import os
import sys

from credhelper.system import clock, hardening

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from typing import NoReturn

    from credhelper.model.freshness import Moment
    from credhelper.provider.hit import Unanswered

_LIMITS = "hint: see its limits: ulimit -a\n"
# What loading the command line takes of address space, in MiB; a request asks for its own (provider/process).
_COMMAND_LINE = 28
_AGAIN = "hint: install it again: pipx install --force credhelper\n"
# Made before it is needed: then there may be no memory for it.
_NO_MEMORY = b"credhelper: error: this process has not got enough memory\nhint: see its limits: ulimit -a\n"


def main() -> None:
    """Run credhelper with this process's arguments; does not return."""
    started = clock.now()
    # Before anything that loads a library, or opens a file: a variable could name another one of either.
    hardening.keep_known_variables()
    arguments = sys.argv[1:]
    hardening.keep_standard_streams()
    # The command that exec starts is the user's own, and gets back what the limit was.
    hardening.forbid_core_dumps(for_children=arguments[:1] != ["exec"])
    hardening.forbid_memory_access()
    is_request = _is_request(arguments)
    unanswered = None
    if is_request:
        unanswered = _answer_from_cache(arguments[1], started)
    gc.enable()
    if is_request:
        _miss(arguments[1], started, unanswered)
    from credhelper.system import interrupt, sites

    sites.see()

    interrupt.ends()
    try:
        from credhelper.system import memory

        memory.share_among_threads()
        memory.require(_COMMAND_LINE)
        stderr = _muted()
        try:
            from credhelper.cli import app
        finally:
            os.dup2(stderr, 2)

        interrupt.raises()
        app.run(arguments)
    except KeyboardInterrupt:  # while modules are still being loaded, or after all is done
        interrupt.ends()
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - as above: what runs has its own end, so that this was the loading
        _give_up(error)


def _is_request(arguments: list[str]) -> bool:
    """Tell a request of an SDK (`get NAME`, perhaps with a closing `--`) from anything a person types."""
    if len(arguments) == 3 and arguments[2] == "--":
        del arguments[2]
    return len(arguments) == 2 and arguments[0] == "get" and not arguments[1].startswith("-")


def _answer_from_cache(profile: str, started: "Moment") -> "Unanswered | ImportError | None":
    """Write the document and exit if the cache has it; return what was seen there if it has not.

    None where stdout is a terminal: the miss says why nothing is written to one. The error where a package that a hit
    needs is not beside this one: an editable install, or one that shares the packages of the system.
    """
    if os.isatty(1):
        return None
    try:
        from credhelper.provider import hit

        answered = hit.serve(profile, os.environ, started)
    except ImportError as error:
        return error
    except Exception:  # noqa: BLE001 - whatever a hit lacks is for the miss to meet again and to explain
        return None
    if isinstance(answered, int):
        # Nothing is left to do, and taking the interpreter apart would cost a tenth of the hit (docs/performance.md).
        os._exit(answered)
    return answered


def _miss(profile: str, started: "Moment", unanswered: "Unanswered | ImportError | None") -> "NoReturn":
    """Have the miss answer a request; a valid entry that was only to be renewed is handed out if that cannot load."""
    try:
        if isinstance(unanswered, ImportError):
            from credhelper.system import sites

            sites.see()
            unanswered = None
        try:
            # Without click, which a miss would pay for with a tenth of its time.
            from credhelper.provider import process
            from credhelper.system import memory

            memory.share_among_threads()
        except Exception:
            valid = None if unanswered is None else unanswered.servable()
            if valid is None:
                raise
            from credhelper.provider import hit

            os._exit(hit.write_out(valid.document))
        process.serve(profile, started, unanswered)
    except Exception as error:  # noqa: BLE001 - no memory or no descriptor left for our own modules: one line, too
        _give_up(error)


def _muted() -> int:
    """Send stderr nowhere and return the real one: what a library says while it is loaded is not for a person."""
    try:
        stderr = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    except OSError:
        return 2
    return stderr


def _give_up(error: Exception) -> "NoReturn":
    """Say in one line that not even our own code could be loaded, and exit."""
    try:
        why = type(error).__name__
        if isinstance(error, MemoryError | SystemError) or "failed to map segment" in str(error):
            why = "not enough memory"
        elif isinstance(error, OSError) and error.strerror:
            why = error.strerror.lower()
        hint = _LIMITS
        if _is_damage(error):
            why = f"{error}, so this installation of credhelper is damaged"
            hint = _AGAIN
        text = f"credhelper: error: this process cannot load its own code: {why}\n{hint}".encode("ascii", "replace")
    except Exception:  # noqa: BLE001 - not even for the message
        text = _NO_MEMORY
    os.write(2, text)
    os._exit(3)


def _is_damage(error: Exception) -> bool:
    """Tell a module that is missing or broken from one that could not be read for want of memory or descriptors."""
    from credhelper import errors

    return errors.is_damage(error)
