"""Run every real client against the embedded AWS and write docs/compatibility.md.

python -m conformance.run [--check] [--only NAME]
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance import catalogue, expiry, recipes, scenarios, servers, stage, table
from conformance.client import LOOP, BrokenError, Client, MissingError
from conformance.scenarios import Result
from conformance.servers import Server, ServerResult
from credhelper.demo.emulator import Emulator
from fakes.aws_names import AwsNames

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"


def main() -> int:
    """Print a line per scenario and the count; return 1 after a failure or when the table is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a row of the table is stale")
    parser.add_argument("--only", default="", help="run those with this in their name, and change no other row")
    chosen = parser.parse_args()
    wanted = [client for client in catalogue.all_clients() if chosen.only.lower() in client.name.lower()]
    stand_ins = [server for server in catalogue.all_servers() if chosen.only.lower() in server.name.lower()]
    missing = {} if chosen.only else dict(catalogue.NOT_TO_BE_HAD)
    # The servers first: what they do is short, and must not wait beside the crowds of the clients.
    results: list[Result | ServerResult] = [*run_servers(stand_ins, missing), *(run(wanted, missing) if wanted else [])]
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
        for result in results:
            scenarios.crowd(aws, built, result)
    return broken + results


def run_servers(wanted: list[Server], missing: dict[str, str]) -> list[ServerResult]:
    """Return the results; a server that is not to be had goes to `missing` with the reason."""
    results = []
    for server in wanted:
        try:
            recipes.build_python(recipes.NEWEST)  # the AWS CLI
            server.build()
        except MissingError as error:
            missing[server.name] = str(error)
        else:
            results.append(servers.run(server))
    return results


def _publish(results: Sequence[Result | ServerResult], *, is_check: bool) -> bool:
    """Return whether the table is stale; without `is_check`, bring it up to date instead."""
    old = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    rows = table.rows_of(old) | dict(table.named_row(result) for result in results)
    new = table.render(catalogue.all_clients(), rows, catalogue.NOT_TO_BE_HAD, catalogue.all_servers())
    if not is_check:
        DOCUMENT.write_text(new, "utf-8")
        return False
    for line in table.difference(old, new):
        print(line)
    return new != old


if __name__ == "__main__":
    sys.exit(main())
