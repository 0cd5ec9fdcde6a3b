"""Comparing two policy documents of 40 kB by meaning, beside what JSON needs to read one. Also for standing alone.

python -m benchmarks.policy [--runs N]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from credhelper.policy.canonical import canonical
from credhelper.policy.difference import same
from credhelper.policy.document import load, parse

BYTES = 40_000


def big_policy(limit: int = BYTES) -> dict[str, Any]:
    """Return a policy of about this many bytes: statements of a few actions, resources and conditions."""
    statements: list[dict[str, Any]] = []
    policy = {"Version": "2012-10-17", "Statement": statements}
    while len(json.dumps(policy)) < limit:
        number = len(statements)
        statements.append(
            {
                "Sid": f"Team{number}",
                "Effect": "Deny" if number % 7 == 0 else "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket", f"s3:Get{number}*"],
                "Resource": [f"arn:aws:s3:::bucket-{number}", f"arn:aws:s3:::bucket-{number}/team/*"],
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": [f"team-{number}", "ops"]}},
            }
        )
    return policy


def respelled(policy: dict[str, Any]) -> dict[str, Any]:
    """Return the same in other words: statements and lists the other way round, actions in capitals."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**one, "Action": [action.upper() for action in reversed(one["Action"])], "Resource": one["Resource"][::-1]}
            for one in reversed(policy["Statement"])
        ],
    }


def cpu_ms(works: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median processor time of each piece of work, done in turns: none of it waits for anything."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            start = time.process_time()
            work()
            times[name].append((time.process_time() - start) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def table(runs: int) -> str:
    """Return the figures as a Markdown table."""
    policy = big_policy()
    text, other = json.dumps(policy), json.dumps(respelled(policy))
    one, two = load(text), load(other)
    changed = parse({**policy, "Statement": policy["Statement"][1:]})
    assert same(one, two)
    assert not same(one, changed)
    found = cpu_ms(
        {
            "json": lambda: json.loads(text),
            "load": lambda: load(text),
            "canonical": lambda: canonical(one),
            "same": lambda: same(one, two),
            "different": lambda: same(one, changed),
        },
        runs,
    )
    names = {
        "json": ("`json.loads` of it", ""),
        "load": ("it is read as a policy", ""),
        "canonical": ("its canonical form", ""),
        "same": ("compared with the same in another spelling", "<= 20"),
        "different": ("compared with one that lacks a statement", "<= 20"),
    }
    rows = [
        f"| {name} | {found[key]:.2f} ms | {found[key] / found['json']:.1f} | {goal} |"
        for key, (name, goal) in names.items()
    ]
    title = f"A policy document of {len(policy['Statement'])} statements, {len(text) / 1000:.0f} kB"
    return "\n".join([title, "", "| | figure | ratio | goal |", "|---|---|---|---|", *rows, ""])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    print(table(parser.parse_args().runs))


if __name__ == "__main__":
    main()
