"""All of the suite that has a size, at full size or a part of it; prints Markdown tables and fails if a run failed.

python -m stress.run [PART]        from tests/; PART of the full sizes, 1 by default
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).parents[1]
FULL = {
    "CROWD": 500,
    "ROUNDS": 20,
    "LEADER_KILLS": 1000,
    "OUTPUT_KILLS": 10_000,
    "CLOCK_JUMPS": 10_000,
    "READER_WORLDS": 3000,
    "IDENTITY_WORLDS": 1000,
    "WHOSE_WORLDS": 400,
    "INTERRUPTS": 300,
    "BUSY_ROUNDS": 20,
    "DUE_CROWD": 100,
    "MFA_CROWD": 20,
    "FAULT_ERRNOS": 5,
    "HANG_TIMEOUT_S": 25,
}
# Two at a time, so the longest goes first.
RUNS = (
    ("helpers killed while they answer", "crash/test_flight.py", ("OUTPUT_KILLS",)),
    ("what hangs", "crash/test_bounded.py", ("HANG_TIMEOUT_S",)),
    ("worlds, for two readers", "property/provider/test_second_reader.py", ("READER_WORLDS",)),
    ("interrupts at any moment", "crash/test_exhaustion.py", ("INTERRUPTS",)),
    ("worlds, for who a profile is", "property/awsconfig/test_identity.py", ("IDENTITY_WORLDS",)),
    ("worlds, for who a profile is, both files", "property/awsconfig/test_identity_of_both.py", ("IDENTITY_WORLDS",)),
    ("worlds, for whose session it is", "property/provider/test_whose_session.py", ("WHOSE_WORLDS",)),
    ("clock jumps", "unit/provider/test_miss.py", ("CLOCK_JUMPS",)),
    ("entries changed, cut, swapped; stores; vectors", "unit/cache unit/cache/test_entry_vectors.py", ()),
    ("faults at every call", "crash/test_request_faults.py", ("FAULT_ERRNOS",)),
    ("one prompt", "crash/test_mfa_flight.py", ("MFA_CROWD",)),
    ("attacks", "attacks", ()),
)
# By itself: it says how long a busy machine takes.
ALONE = ("crowds on a busy machine", "integration/test_waiting.py", ("BUSY_ROUNDS", "DUE_CROWD"))
# Measured by stress.single_flight, which prints a table of its own.
_FLIGHT = ("CROWD", "ROUNDS", "LEADER_KILLS")
# A size below this proves nothing; these are not scaled at all.
_FIXED = ("MFA_CROWD", "FAULT_ERRNOS", "DUE_CROWD")
_LEAST = {"HANG_TIMEOUT_S": 4, "IDENTITY_WORLDS": 40, "INTERRUPTS": 20}


def sizes(part: float) -> dict[str, int]:
    """Return every knob at that part of its full size."""
    return {name: size if name in _FIXED else max(_LEAST.get(name, 2), int(size * part)) for name, size in FULL.items()}


def row(what: str, files: str, knobs: dict[str, int]) -> bool:
    """Run some files of tests, print their line of the table, and tell whether they passed."""
    environ = {**os.environ, **{name: str(size) for name, size in knobs.items()}}
    # -P: the installed program is what is tested, not the checkout that this process stands in.
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "timeout=2400"]
    command += [f"tests/{file}" for file in files.split()]
    started = time.monotonic()
    done = subprocess.run(command, cwd=TESTS.parent, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    outcome = "**failed**" if done.returncode else "passed"
    shown = " ".join(f"{name}={size}" for name, size in knobs.items()) or "-"
    print(f"| {what} | `{shown}` | {outcome} | {time.monotonic() - started:.0f} |", flush=True)
    return done.returncode == 0


def main(part: float) -> int:
    """Print the table; return 1 if anything failed."""
    knobs = sizes(part)
    print("| what | sizes | outcome | seconds |\n|---|---|---|---|", flush=True)
    with ThreadPoolExecutor(2) as pool:
        rows = [pool.submit(row, what, files, {name: knobs[name] for name in names}) for what, files, names in RUNS]
        outcomes = [one.result() for one in rows]
    what, files, names = ALONE
    outcomes.append(row(what, files, {name: knobs[name] for name in names}))
    print(flush=True)
    environ = {name: str(knobs[name]) for name in _FLIGHT}
    flight = subprocess.run([sys.executable, "-m", "stress.single_flight"], env={**os.environ, **environ}, check=False)
    return int(flight.returncode != 0 or not all(outcomes))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
