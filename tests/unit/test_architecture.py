"""Who may import whom, as one table; pure modules have no effects; heavy packages have one owner each."""

import ast
import graphlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import credhelper

ROOT = Path(credhelper.__file__).parent
DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


@dataclass(frozen=True, slots=True)
class Row:
    """Modules that may import the same; a name covers the module and everything below it.

    `may` names what may be imported besides the row's own modules, `errors` and the bare package. `first` is for the
    pure rows: what stands further to the left in `modules` is below what stands to the right.
    """

    modules: tuple[str, ...]
    may: tuple[str, ...]
    is_pure: bool = False
    why: str = ""


PURE = ("model", "awsconfig.document", "awsconfig.profiles", "awsconfig.lint")
EVERYTHING = ("*",)
TABLE = (
    Row(("credhelper",), (), is_pure=True, why="importing the package loads nothing of it"),
    Row(("errors",), ("model.printable", "model.shell"), is_pure=True, why="renders itself"),
    Row(("model",), (), is_pure=True),
    Row(("awsconfig.document",), ("model",), is_pure=True),
    Row(("awsconfig.profiles",), ("model", "awsconfig.document"), is_pure=True),
    Row(("awsconfig.lint",), ("model", "awsconfig.document", "awsconfig.profiles"), is_pure=True),
    Row(("provider.decision",), ("model",), is_pure=True),
    Row(("policy",), ("model",), is_pure=True, why="IAM's documents; loaded for an explanation or a grant only"),
    Row(("grant",), ("policy", "model"), is_pure=True, why="what a grant is, and the order of its writes"),
    Row(("diagnosis",), ("policy", "model"), is_pure=True, why="why access is denied, and how certain that is"),
    Row(("settings",), ("model",)),
    Row(("system",), ("model", "settings")),
    Row(("keystores",), ("system", "settings", "model")),
    Row(("audit",), ("system", "settings", "model")),
    Row(("cache",), ("keystores", "model", "system", "settings")),
    Row(
        ("awsconfig.file", "awsconfig.api", "awsconfig"),
        ("awsconfig.document", "awsconfig.profiles", "system", "model"),
    ),
    Row(
        ("aws",),
        ("model", "system", "awsconfig.profiles", "policy", "grant", "diagnosis"),
        why="the only one beside demo that knows botocore",
    ),
    Row(("mfa",), ("model", "system")),
    Row(
        ("provider",),
        (
            "provider.decision",
            "aws",
            "audit",
            "awsconfig",
            "cache",
            "keystores",
            "mfa",
            "model",
            "settings",
            "system",
        ),
    ),
    Row(
        ("commands",),
        (
            "provider",
            "aws",
            "audit",
            "awsconfig",
            "cache",
            "diagnosis",
            "grant",
            "keystores",
            "mfa",
            "model",
            "policy",
            "settings",
            "system",
        ),
        why="one use case each; prints nothing",
    ),
    Row(("cli",), EVERYTHING, why="alone knows click and rich, with demo"),
    Row(("demo",), EVERYTHING, why="the embedded AWS"),
    Row(
        ("start", "__main__"),
        (
            "system.clock",
            "system.hardening",
            "system.interrupt",
            "system.memory",
            "system.sites",
            "provider.hit",
            "provider.process",
            "cli.app",
        ),
        why="the last three inside functions only",
    ),
)
# Inside functions only: what a hit must not load.
LATE = {"start": ("provider.process", "cli.app", "provider.hit")}

OWNERS = {
    "botocore": {"aws", "demo"},
    "click": {"cli"},
    "rich": {"cli", "demo"},
    "filelock": {"system.lock"},
    "platformdirs": {"settings"},
    "cryptography": {"cache"},
}

# What a pure module may take from the standard library: no clock, no randomness, no process, no file, no network.
PURE_LIBRARY = {
    "array", "base64", "binascii", "bisect", "codecs", "collections", "collections.abc", "contextlib", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "errno", "fnmatch", "functools", "hashlib", "html", "html.entities",
    "ipaddress", "itertools", "json", "math", "operator", "os", "re", "shlex", "string", "struct", "sys", "tomllib",
    "types", "typing", "unicodedata", "urllib.parse",
}  # fmt: skip
PURE_OS = {"fsencode", "fsdecode", "path", "PathLike"}
PURE_OS_PATH = {"join", "split", "basename", "dirname", "normpath", "isabs"}
PURE_SYS = {"platform", "maxsize"}
CLOCKS = {"now", "today", "utcnow"}
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"}


def modules(root: Path = ROOT) -> dict[str, Path]:
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__") or "credhelper"] = path
    return found


def rows_of(module: str) -> list[Row]:
    """Return the rows with the most telling name for a module: exactly one, in a table that is right."""

    def length(row: Row) -> int:
        return max((len(name) for name in row.modules if module == name or module.startswith(f"{name}.")), default=0)

    longest = max(map(length, TABLE))
    return [row for row in TABLE if length(row) == longest > 0]


def imports_of(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield every absolute name imported anywhere, in functions too, but for what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for other in node.orelse:
                yield from imports_of(ast.Module([other], []))
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)
        else:
            yield from imports_of(node)


def own(name: str, known: dict[str, Path]) -> str | None:
    """Return the module of ours that an imported name is or lies in, None for a foreign one."""
    if name.partition(".")[0] != "credhelper":
        return None
    inner = name.removeprefix("credhelper").removeprefix(".")
    while inner and inner not in known:
        inner = inner.rpartition(".")[0]
    return inner or "credhelper"


def is_allowed(module: str, imported: str) -> bool:
    (row,) = rows_of(module)
    if imported in ("credhelper", "errors") or row.may == EVERYTHING:
        return True
    if (row is rows_of(imported)[0]) or imported == module:
        return True
    return any(imported == name or imported.startswith(f"{name}.") for name in row.may)


def faults_of(module: str, source: str, known: dict[str, Path]) -> list[str]:
    """Return what a module's text does against the table."""
    tree = ast.parse(source)
    (row,) = rows_of(module)
    faults = []
    for name, _ in imports_of(tree):
        imported = own(name, known)
        if imported is None:
            if row.is_pure and not is_pure_import(name):
                faults.append(f"{module} is pure and imports {name}")
        elif not is_allowed(module, imported):
            faults.append(f"{module} -> {imported}")
    return faults + ([f"{module} is pure and uses {what}" for what in effects_of(tree)] if row.is_pure else [])


def is_pure_import(name: str) -> bool:
    if name.startswith("os."):
        inner = name.removeprefix("os.")
        return inner in PURE_OS or (inner.startswith("path.") and inner.removeprefix("path.") in PURE_OS_PATH)
    if name.startswith("sys."):
        return name.removeprefix("sys.") in PURE_SYS
    return name in PURE_LIBRARY or name.rpartition(".")[0] in PURE_LIBRARY


def effects_of(tree: ast.AST) -> Iterator[str]:
    """Yield the effects that a module's text can have without an import that gives it away."""
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    owners = {id(node.value) for node in attributes}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_CALLS:
            yield node.id
        if isinstance(node, ast.Name) and node.id in ("os", "sys") and id(node) not in owners:
            yield f"{node.id} as a value"
        if isinstance(node, ast.alias) and node.name in ("os", "os.path", "sys", "codecs") and node.asname:
            yield f"{node.name} under another name"
    for node in attributes:
        owner = ast.unparse(node.value)
        if owner == "os" and node.attr not in PURE_OS:
            yield f"os.{node.attr}"
        elif owner == "os.path" and node.attr not in PURE_OS_PATH:
            yield f"os.path.{node.attr}"
        elif owner == "sys" and node.attr not in PURE_SYS:
            yield f"sys.{node.attr}"
        elif node.attr in CLOCKS or (owner == "codecs" and node.attr == "open"):
            yield f"{owner}.{node.attr}"


@pytest.mark.parametrize("module", sorted(modules()))
def test_module_is_in_exactly_one_row_and_keeps_to_it(module: str) -> None:
    known = modules()
    assert len(rows_of(module)) == 1
    assert faults_of(module, known[module].read_text("utf-8"), known) == []


@pytest.mark.parametrize(
    "addition",
    [
        "import time\n\nSTARTED = time.time()\n",
        "def late():\n    import time\n    return time.time()\n",
        "from credhelper.cache import store\n",
        "def late():\n    from credhelper.cache.store import read\n    return read\n",
        "import os\n\nTHERE = os.path.exists('/')\n",
        "from os.path import exists\n",
        "from os import environ\n",
        "import os\n\nHOME = os.environ\n",
        "import os\n\nIS_WINDOWS = os.name == 'nt'\n",
        "import socket\n",
        "import random\n",
        "import subprocess\n",
        "import threading\n",
        "from pathlib import Path\n",
        "TEXT = open('/etc/hosts').read()\n",
        "reader = open\n",
        "import datetime\n\nNOW = datetime.datetime.now()\n",
        "from datetime import datetime\n\nNOW = datetime.now()\n",
        "import sys\n\nARGUMENTS = sys.argv\n",
        "import importlib\n",
        "import os as system\n\nHOME = system.environ\n",
        "import os\n\nHOME = getattr(os, 'environ')\n",
        "import codecs\n\nread = codecs.open\n",
        "from datetime import datetime as clock\n\nNOW = clock.now()\n",
        "from credhelper.system import files\n",
        "from credhelper.awsconfig.profiles import kinds\n",
    ],
)
@pytest.mark.parametrize(
    "module", ["awsconfig.document.grammar", "model.freshness", "provider.decision", "policy.explain", "grant.plan"]
)
def test_effect_or_upward_import_in_a_pure_module_is_found(module: str, addition: str) -> None:
    known = modules()
    assert faults_of(module, known[module].read_text("utf-8") + addition, known) != []


@pytest.mark.parametrize(
    ("module", "addition"),
    [
        ("system.files", "from credhelper.cache import store\n"),
        ("keystores.stores", "from credhelper.cache.entry import MAGIC\n"),
        ("cache.store", "def late():\n    from credhelper.provider import hit\n"),
        ("aws.source_credentials", "from credhelper.mfa import terminal\n"),
        ("policy.denial", "from credhelper.aws.explain import facts\n"),
        ("provider.miss", "from credhelper.policy import denial\n"),
        ("policy.build", "from credhelper.grant import wanted\n"),
        ("provider.miss", "from credhelper.grant import plan\n"),
        ("provider.process", "from credhelper.cli import output\n"),
        ("commands.logout", "from credhelper.cli import output\n"),
        ("mfa.terminal", "from credhelper.settings import load\n"),
        ("start", "from credhelper.aws import sts\n"),
    ],
)
def test_upward_import_is_found(module: str, addition: str) -> None:
    known = modules()
    assert faults_of(module, addition, known) != []


def test_import_for_typing_only_may_point_anywhere() -> None:
    known = modules()
    text = "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from credhelper.settings import Settings\n"
    assert faults_of("model.freshness", text, known) == []


@pytest.mark.parametrize("module", sorted(LATE))
def test_what_a_hit_must_not_load_is_imported_late(module: str) -> None:
    known = modules()
    early = [
        own(name, known)
        for node in ast.parse(known[module].read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name, _ in imports_of(ast.Module([node], []))
    ]
    assert [name for name in early if name in LATE[module]] == []


def test_no_import_runs_in_a_loop() -> None:
    known = modules()
    graph = {
        module: {
            imported
            for name, _ in imports_of(ast.parse(path.read_text("utf-8")))
            if (imported := own(name, known)) is not None and imported != module
        }
        for module, path in known.items()
    }
    tuple(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", sorted(OWNERS))
def test_heavy_package_is_imported_by_its_owner_only(package: str) -> None:
    users = {
        module
        for module, path in modules().items()
        for name, _ in imports_of(ast.parse(path.read_text("utf-8")))
        if name.partition(".")[0] == package
    }
    strangers = [
        user for user in users if not any(user == owner or user.startswith(f"{owner}.") for owner in OWNERS[package])
    ]
    assert users
    assert strangers == []


def test_modules_are_short_enough_to_read_in_one_sitting() -> None:
    lengths = {module: len(path.read_text().splitlines()) for module, path in modules().items()}
    assert {module: length for module, length in lengths.items() if length > 300} == {}


@pytest.mark.parametrize(
    "package", [path.parent for path in sorted(ROOT.rglob("__init__.py"))], ids=lambda one: one.name
)
def test_package_says_in_one_line_what_it_is_and_loads_nothing(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text("utf-8"))
    docstring = ast.get_docstring(tree) or ""
    assert docstring
    assert "\n" not in docstring
    others = [node for node in tree.body[1:] if not isinstance(node, ast.Assign)]
    assert others == []


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, credhelper; print([name for name in sys.modules if name.startswith('credhelper.')])"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent, env=os.environ.copy()
    )
    assert shown.stdout.strip() == "[]"


def table() -> str:
    """Return the table as it stands in docs/architecture.md."""
    lines = ["| modules | may import | |", "|---|---|---|"]
    for row in TABLE:
        may = "everything" if row.may == EVERYTHING else ", ".join(f"`{name}`" for name in row.may) or "-"
        notes = "; ".join(note for note in ("pure" if row.is_pure else "", row.why) if note)
        lines.append(f"| {', '.join(f'`{name}`' for name in row.modules)} | {may} | {notes} |")
    return "\n".join(lines)


def test_page_on_the_architecture_has_this_table() -> None:
    assert table() in DOCUMENT.read_text("utf-8")


if __name__ == "__main__":
    print(table())
