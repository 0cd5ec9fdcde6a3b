"""The two streams of credential_process: stdout carries the document and nothing else, stderr is silent on success.

Old C++ SDKs, Arrow and DuckDB merge stderr into the JSON; a library's warning would turn them anonymous.
"""

import _thread
import os

from credhelper.cache.payload import Payload
from credhelper.provider import hit

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from typing import NoReturn

    from credhelper.errors import CredhelperError

# Made before it is needed: then there may be no memory for it.
_NO_MEMORY = b"credhelper: error: this process has not got enough memory\nhint: see its limits: ulimit -a\n"


class ProtocolStreams:
    """Takes the real stdout and stderr away from all other code in this process, and writes once.

    The first call of `finish`, by the request or by its watchdog, ends the process.
    """

    def __init__(self) -> None:
        self._stdout = os.dup(1)
        self._stderr = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        self._speaking = _thread.allocate_lock()

    def give_back_stderr(self) -> None:
        """Let what goes wrong from now on be heard."""
        os.dup2(self._stderr, 2)

    def finish(self, outcome: "Payload | CredhelperError") -> "NoReturn":
        """Write the document or the error, and exit with its code."""
        self._speaking.acquire()  # never released: nothing is written after this
        os.dup2(self._stderr, 2)
        if isinstance(outcome, Payload):
            os._exit(hit.write_out(outcome.document, self._stdout))
        try:
            # UTF-8 always: botocore decodes it strictly, whatever the locale.
            text = _text(outcome).encode("utf-8", "replace")
        except Exception:  # noqa: BLE001 - not even for the message
            text = _NO_MEMORY
        try:
            os.write(2, text)
        finally:
            os._exit(outcome.exit_code)


def _text(error: "CredhelperError") -> str:
    try:
        return error.shown()
    except Exception:  # noqa: BLE001 - no memory left to load what shows it: the bare cause then
        return "credhelper: error: " + "".join([one if " " <= one <= "~" else "?" for one in error.message]) + "\n"
