"""Start what a line starts, once, as an SDK would: it finds its Python, and that Python all that a request needs."""

import subprocess

from credhelper.awsconfig.profiles.kinds import start_in
from credhelper.model.printable import clause

_START_TIMEOUT_S = 20.0


def start_remarks(line: str, name: str, *, timeout_s: float = _START_TIMEOUT_S) -> list[str]:
    """Start what a line starts, once, without a request, and return what is wrong with it, if anything."""
    words = start_in(line, name)
    try:
        done = subprocess.run(
            [*words, "try"], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it does not end within {timeout_s:.0f} s"
        return [f"the profile is written, but its command cannot be started: {(reason or 'failed').lower()}"]
    if done.returncode == 0:
        return []
    said = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), "").removeprefix("credhelper: error: ")
    why = f": {clause(said)}" if said else ""
    return [f"the profile is written, but its command fails: exit code {done.returncode} from {words[0]}{why}"]
