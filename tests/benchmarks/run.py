"""Print the tables of docs/performance.md: ratios of times measured side by side in one run.

python -m benchmarks.run [--runs N] [--base COMMIT] [request|imports|config|policy|against ...]
"""

import argparse
import platform

from benchmarks import against, config, imports, policy, request

PARTS = {"request": request.table, "imports": imports.table, "config": config.table, "policy": policy.table}


def main() -> None:
    """Measure the named parts, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}, against; all by default")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--base", help="a commit to build and run beside this version, for the part `against`")
    chosen = parser.parse_args()
    parts = {**PARTS, "against": lambda runs: against.table(chosen.base, runs)} if chosen.base else PARTS
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {chosen.runs} runs each\n")
    for name in chosen.parts or parts:
        print(parts[name](chosen.runs), flush=True)


def row(*cells: object) -> str:
    """Return one row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
