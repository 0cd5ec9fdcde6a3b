"""Run every real client against the embedded AWS and write docs/compatibility.md.

python -m conformance.run [--check] [--only NAME]
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance import catalogue, expiry, scenarios, stage, table
from conformance.client import LOOP, BrokenError, Client, MissingError
from conformance.scenarios import Result
from credhelper.demo.emulator import Emulator
from fakes.aws_names import AwsNames

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"


def main() -> int:
    """Print a line per scenario and the count; return 1 after a failure or when the table is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a row of the table is stale")
    parser.add_argument("--only", default="", help="run the clients with this in their name, and change no other row")
    chosen = parser.parse_args()
    wanted = [client for client in catalogue.all_clients() if chosen.only.lower() in client.name.lower()]
    missing = {} if chosen.only else dict(catalogue.NOT_TO_BE_HAD)
    results = run(wanted, missing)
    failed = sum(result.failures for result in results)
    passed = sum(len(result.outcomes) for result in results) - failed
    is_stale = failed == 0 and _publish(results, is_check=chosen.check)
    for name, reason in missing.items():
        print(f"not run: {name}: {reason}")
    print(f"conformance: {passed} passed, {failed + is_stale} failed, {len(missing)} skipped")
    return int(failed > 0 or is_stale)


def run(wanted: list[Client], missing: dict[str, str]) -> list[Result]:
    """Return the results; a client that is not to be had goes to `missing` with the reason."""
    broken, had = [], []
    for client in wanted:
        try:
            client.build()
        except MissingError as error:
            missing[client.name] = str(error)
        except BrokenError as error:
            broken.append(Result(client))
            broken[-1].judge("build", str(error))
        else:
            had.append(client)
    loopers = [client for client in had if LOOP in client.actions]
    with (
        tempfile.TemporaryDirectory() as directory,
        Emulator(directory) as aws,
        AwsNames(aws.endpoint_url, Path(directory)) as names,
        ThreadPoolExecutor(max(len(loopers), 1)) as pool,
    ):
        loops = {client.name: pool.submit(expiry.outlives, client) for client in loopers}
        built, denied = stage.build(aws, names, Path(directory) / "david")
        results = [scenarios.run(aws, built, denied, client) for client in had]
        for result in results:
            if result.client.name in loops:
                result.judge("expiry", loops[result.client.name].result())
    return broken + results


def _publish(results: list[Result], *, is_check: bool) -> bool:
    """Return whether the table is stale; without `is_check`, bring it up to date instead."""
    old = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    rows = {result.client.name: table.row(result) for result in results}
    new = table.render(catalogue.all_clients(), table.rows_of(old) | rows, catalogue.NOT_TO_BE_HAD)
    if not is_check:
        DOCUMENT.write_text(new, "utf-8")
        return False
    for line in table.difference(old, new):
        print(line)
    return new != old


if __name__ == "__main__":
    sys.exit(main())
