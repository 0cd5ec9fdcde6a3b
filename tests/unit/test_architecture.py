"""Imports point downwards only, heavy packages have one owner each, and a hit loads none of them."""

import ast
import graphlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import credhelper

ROOT = Path(credhelper.__file__).parent

# From the bottom up. A module may import from its own layer and from those below.
LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "pure",
        (
            "credhelper",
            "errors",
            "text",
            "model",
            "digest",
            "freshness",
            "protocol",
            "cache",
            "cache.aead",
            "cache.entry",
            "cache.payload",
            "awsconfig",
            "awsconfig.*",
            "aws",
            "aws.endpoint",
            "commands",
            "demo",
        ),
    ),
    (
        "tools",
        (
            "settings",
            "fsio",
            "lock",
            "trylock",
            "flight",
            "heartbeat",
            "deadline",
            "hygiene",
            "syscall",
            "patience",
            "ui",
            "mfa",
            "witness",
            "audit",
            "awsconfig.*",
        ),
    ),
    ("adapters", ("cache.*", "awsconfig.*", "aws.*")),
    ("request", ("hit", "resolve", "broker")),
    ("use cases", ("commands.*",)),
    ("people", ("streams", "request", "cli_*", "demo.*")),
    ("way in", ("cli", "start", "__main__")),
)

OWNERS = {
    "botocore": {"aws", "demo"},
    "click": {"cli"},
    "rich": {"ui", "demo"},
    "filelock": {"lock"},
    "platformdirs": {"settings"},
    "cryptography": {"cache"},
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__") or "credhelper"] = path
    return found


def imports_of(path: Path) -> Iterator[str]:
    """Yield every absolute name imported anywhere in the file, in functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path, known: dict[str, Path]) -> set[str]:
    found = set()
    for name in imports_of(path):
        if name.partition(".")[0] != "credhelper":
            continue
        inner = name.removeprefix("credhelper").removeprefix(".")
        while inner and inner not in known:
            inner = inner.rpartition(".")[0]
        found.add(inner or "credhelper")
    return found


def layer_of(module: str) -> int:
    exact = [index for index, (_, names) in enumerate(LAYERS) if module in names]
    package = f"{module.rpartition('.')[0]}.*"
    prefix = [index for index, (_, names) in enumerate(LAYERS) if package in names]
    glob = [
        index
        for index, (_, names) in enumerate(LAYERS)
        if any(name.endswith("_*") and module.startswith(name[:-1]) for name in names)
    ]
    candidates = exact or prefix or glob
    assert candidates, f"{module} belongs to no layer: name it in LAYERS"
    return max(candidates)


def test_imports_point_only_downwards() -> None:
    known = modules()
    upward = [
        f"{module} -> {imported}"
        for module, path in known.items()
        for imported in own_imports(path, known)
        if layer_of(imported) > layer_of(module)
    ]
    assert not upward


def test_no_import_runs_in_a_circle() -> None:
    known = modules()
    graph = {module: own_imports(path, known) - {module} for module, path in known.items()}
    tuple(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", sorted(OWNERS))
def test_heavy_package_is_imported_by_its_owner_only(package: str) -> None:
    users = {
        "cli" if module.startswith("cli") else module.partition(".")[0]
        for module, path in modules().items()
        for name in imports_of(path)
        if name.partition(".")[0] == package
    }
    assert users <= OWNERS[package]


def test_modules_stay_short_enough_to_read_in_one_sitting() -> None:
    too_long = {
        module: length for module, path in modules().items() if (length := len(path.read_text().splitlines())) > 350
    }
    assert not too_long


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, credhelper; print([name for name in sys.modules if name.startswith('credhelper.')])"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent, env=os.environ.copy()
    )
    assert shown.stdout.strip() == "[]"
