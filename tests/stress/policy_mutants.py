"""Change one operator of the policy evaluator at a time, and see that a test notices. Prints those that none notices.

python -m stress.policy_mutants [--only MODULE ...]

Each mutant is imported in a process of its own, with the tests, which are called directly: those of tests/unit/policy
first, then the properties. Those listed in `EQUIVALENT` change nothing that can be seen, each for the reason beside it.
"""

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import io
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import credhelper

PACKAGE = Path(credhelper.__file__).parent / "policy"
TESTS = Path(__file__).parents[1]
MODULES = (
    "truth", "arn", "request", "match", "principal", "comparison", "condition", "explain", "canonical", "difference",
)  # fmt: skip
LIMIT_S = 120
# The sizes of the properties for each mutant.
SIZES = {"POLICY_UNKNOWN": "200", "POLICY_ORACLE": "600", "POLICY_EXAMPLES": "30"}
# By module and the line as it is after the change, without blanks.
_LIMIT, _TYPES = "a limit of work that is one more or less", "for the type checker; it is never None there"
EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "match",
        "return next((place for place in range(start, end - len(piece) + 1) if _is_at(piece, value, place)), -2)",
    ): ("any negative number says that there is none"),
    ("match", "after = set(range(min(after), len(segments) + 2))"): "no place behind the last one is asked for",
    ("explain", "_COMPARED = 513"): _LIMIT,
    ("difference", "_MOST = 50001"): _LIMIT,
    ("difference", "if sum(map(_count, left)) * len(others) >= _MOST:"): _LIMIT,
    ("difference", "yield replace(statement, principals=principals, actions=actions, resources=resources)"): _TYPES,
    ("difference", "by_resources.setdefault(key, []).extend(() if is_whole else one.resources)"): _TYPES,
}
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_NAMES = {"some": "every", "every": "some", "any": "all", "all": "any", "min": "max", "max": "min"}
_ATTRIBUTES = {
    ("Truth", "TRUE"): ("UNKNOWN", "FALSE"), ("Truth", "FALSE"): ("UNKNOWN", "TRUE"),
    ("Truth", "UNKNOWN"): ("FALSE", "TRUE"), ("Missing", "ABSENT"): ("UNKNOWN",), ("Missing", "UNKNOWN"): ("ABSENT",),
    ("operator", "eq"): ("ne",), ("operator", "lt"): ("le", "gt"), ("operator", "le"): ("lt", "ge"),
    ("operator", "gt"): ("ge", "lt"), ("operator", "ge"): ("gt", "le"), ("Set", "ALL"): ("ANY",),
    ("Set", "ANY"): ("ALL",), ("Set", "ONE"): ("ALL",), ("Wild", "ANY"): ("ONE",), ("Wild", "ONE"): ("ANY",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a module; `line` is the changed line of the source, as Python writes it."""

    module: str
    tree: ast.Module
    number: int
    before: str
    line: str


def mutants(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    source = (PACKAGE / f"{module}.py").read_text("utf-8")
    tree = ast.parse(source)
    skipped = {id(node) for node in _annotations(tree)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for change in _changes(node):
            other = copy.deepcopy(tree)
            target = next(itertools.islice(ast.walk(other), place, None))
            changed = change(copy.deepcopy(target))
            _put(other, target, changed)
            ast.fix_missing_locations(other)
            before, after = ast.unparse(tree).splitlines(), ast.unparse(other).splitlines()
            pairs = [(one, two) for one, two in zip(before, after, strict=False) if one != two]
            if pairs:
                yield Mutant(module, other, getattr(node, "lineno", 0), pairs[0][0].strip(), pairs[0][1].strip())


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is not run: annotations, decorators and docstrings."""
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for part in (*parts, *getattr(node, "decorator_list", ())):
            if part is not None:
                yield from ast.walk(part)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.BitOr):
            yield from ast.walk(node.value)


def _changes(node: ast.AST) -> Iterator[Callable[[Any], ast.AST]]:
    """Yield functions that turn a copy of a node into another."""
    if isinstance(node, ast.Compare | ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.IfExp):
        yield from _changes_of_operators(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
        yield lambda copied: ast.Constant(not copied.value if isinstance(copied.value, bool) else copied.value + 1)
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield lambda copied: ast.Name(_NAMES[copied.id], copied.ctx)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield from map(_with_attribute, _ATTRIBUTES.get((node.value.id, node.attr), ()))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "negated":
        yield lambda copied: copied.args[0]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "lower":
        yield lambda copied: copied.func.value


def _changes_of_operators(node: ast.AST) -> Iterator[Callable[[Any], ast.AST]]:
    if isinstance(node, ast.Compare):
        yield from (_with_operator(place, _COMPARED[type(one)]) for place, one in enumerate(node.ops))
    elif isinstance(node, ast.BoolOp):
        yield lambda copied: ast.BoolOp(ast.Or() if isinstance(copied.op, ast.And) else ast.And(), copied.values)
        yield from map(_without_value, range(len(node.values)))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield lambda copied: ast.BinOp(
            copied.left, ast.Sub() if isinstance(copied.op, ast.Add) else ast.Add(), copied.right
        )
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda copied: copied.operand
    elif isinstance(node, ast.IfExp):
        yield lambda copied: ast.IfExp(copied.test, copied.orelse, copied.body)


def _with_operator(place: int, kind: type[ast.cmpop]) -> Callable[[Any], ast.AST]:
    return lambda copied: ast.Compare(
        copied.left, [kind() if at == place else one for at, one in enumerate(copied.ops)], copied.comparators
    )


def _without_value(place: int) -> Callable[[Any], ast.AST]:
    def changed(copied: Any) -> ast.AST:
        values = [one for at, one in enumerate(copied.values) if at != place]
        return values[0] if len(values) == 1 else ast.BoolOp(copied.op, values)

    return changed


def _with_attribute(name: str) -> Callable[[Any], ast.AST]:
    return lambda copied: ast.Attribute(copied.value, name, copied.ctx)


def _put(tree: ast.AST, target: ast.AST, changed: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list) and any(one is target for one in value):
                setattr(parent, name, [changed if one is target else one for one in value])


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(f"credhelper.policy.{mutant.module}", str(PACKAGE / f"{mutant.module}.py"))
        self._mutant = mutant

    def get_code(self, fullname: str) -> Any:
        return compile(self._mutant.tree, self.get_filename(fullname), "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name == f"credhelper.policy.{self._mutant.module}":
            return importlib.util.spec_from_loader(name, _Loader(self._mutant))
        return None


def test_files(first: str) -> list[Path]:
    """Return the files of tests: that of one module, those of the others, the properties."""
    properties = ("test_unknown_keys", "test_ministack", "test_spellings")
    names = dict.fromkeys([first, *MODULES, "lint", "build"])
    return [TESTS / "unit" / "policy" / f"test_{name}.py" for name in names] + [
        TESTS / "property" / "policy" / f"{name}.py" for name in properties
    ]


def load(path: Path) -> ModuleType:
    """Import a file of tests."""
    spec = importlib.util.spec_from_file_location(f"mutated_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call_all(module: ModuleType) -> int:
    """Call every test of a module with all its parameters; return how many calls were made. Raises what fails."""
    count = 0
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        tables = [_rows(mark) for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        wanted = set(inspect.signature(test).parameters)
        for rows in itertools.product(*tables):
            arguments = {key: value for row in rows for key, value in row.items()}
            if wanted <= set(arguments):  # others need a fixture
                test(**arguments)
                count += 1
    return count


def _rows(mark: Any) -> list[dict[str, Any]]:
    names, values = mark.args
    keys = [one.strip() for one in names.split(",")] if isinstance(names, str) else list(names)
    return [dict(zip(keys, row if len(keys) > 1 else (row,), strict=True)) for row in values]


def survives(mutant: Mutant | None) -> bool:
    """Tell whether all tests pass with a mutant, or with none, in a process of their own."""
    child = os.fork()
    if not child:
        signal.alarm(LIMIT_S)
        code = 1
        try:
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(mutant))
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                count = sum(call_all(load(path)) for path in test_files(mutant.module if mutant else MODULES[0]))
            code = 0 if count > 400 else 2
        except BaseException:  # noqa: BLE001  # a mutant may fail in any way
            code = 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def run(names: Sequence[str]) -> int:
    """Try every mutant of these modules; return how many survive without a reason."""
    os.environ |= SIZES
    if not survives(None):
        raise SystemExit("the tests fail without a mutant")
    total = unexplained = 0
    for mutant in itertools.chain.from_iterable(map(mutants, names)):
        total += 1
        if survives(mutant) and (mutant.module, mutant.line) not in EQUIVALENT:
            unexplained += 1
            print(f"{mutant.module}:{mutant.number}: {mutant.before}\n    -> {mutant.line}", flush=True)
    print(f"{total} mutants, {unexplained} survive without a reason; {len(EQUIVALENT)} are known to change nothing")
    return unexplained


def main() -> None:
    """Try the mutants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=MODULES, default=MODULES)
    sys.exit(bool(run(parser.parse_args().only)))


if __name__ == "__main__":
    main()
