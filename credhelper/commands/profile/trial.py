"""Start what a line starts, once, as an SDK would: it finds its Python, and that Python all that a request needs."""

import subprocess
from collections.abc import Sequence

from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.model.printable import clause

_START_TIMEOUT_S = 20.0


def start_remarks(line: str, *, timeout_s: float = _START_TIMEOUT_S) -> list[str]:
    """Start what a line starts, once, without a request, and return what is wrong with it, if anything."""
    words = arguments_of(line)
    try:
        done = subprocess.run(
            _trial_of(words), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it does not end within {timeout_s:.0f} s"
        return [f"the profile is written, but its command cannot be started: {(reason or 'failed').lower()}"]
    if done.returncode == 0:
        return []
    said = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), "").removeprefix("credhelper: error: ")
    why = f": {clause(said)}" if said else ""
    return [f"the profile is written, but its command fails: exit code {done.returncode} from {words[0]}{why}"]


def _trial_of(words: Sequence[str]) -> list[str]:
    place = max(index for index, word in enumerate(words) if word == "get")
    return [*words[:place], "try"]
