"""Print pip constraints that hold each dependency at its lower bound: python packaging/oldest.py > oldest.txt."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def constraints(project: str) -> list[str]:
    """Return `name==version` for every dependency of a pyproject.toml; raises ValueError for one without a bound."""
    table = tomllib.loads(project)["project"]
    requirements = [*table["dependencies"], *table["optional-dependencies"]["keyring"]]
    return [_lowest(requirement) for requirement in requirements]


def _lowest(requirement: str) -> str:
    bound = re.fullmatch(r"([A-Za-z0-9_.-]+)>=([0-9.]+)(?:,[!<=0-9.,]+)?", requirement)
    if bound is None:
        raise ValueError(f"no lower bound: {requirement}")
    return f"{bound[1]}=={bound[2]}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(constraints((ROOT / "pyproject.toml").read_text("utf-8"))) + "\n")
