"""Where a test is to be found: beside nothing but its module's path."""

import ast
from pathlib import Path

import credhelper

TESTS = Path(__file__).parents[1]
UNIT = TESTS / "unit"
PROGRAM = Path(credhelper.__file__).parent
# The tests' own parts, whose tests are below tests/unit as well.
TOOLS = ("fakes", "leak_check")
# Tests of no single module, each with what it holds together instead.
OF_THE_REPOSITORY = {
    "test_architecture": "the imports of all modules",
    "test_compatibility": "the table of real clients and the committed page",
    "test_docs": "the pages and the program",
    "test_project": "the versions, links and habits of the project",
    "test_tree": "the tests and the modules",
    "aws/test_botocores_requests": "the requests of every shape of source, beside botocore's",
    "aws/explain/test_sharing": "which failures of all explanations are told to those who wait",
    "awsconfig/test_api_docs": "the page about editing, the command line and the library",
    "awsconfig/document/test_vectors": "96 files, read by document/ and lint/ and by nine SDKs",
    "cli/test_help": "the help of every command",
    "commands/profile/test_both_files": "every command about profiles, where the credentials file has a say",
    "commands/profile/test_whose_line": "every command about profiles, where a line asks for another profile",
    "commands/profile/test_field_files": "check, adopt and list, and files as people have them",
    "cache/test_entry_vectors": "156 entries, read by the program and by a second reader",
}


def module_of(test: Path) -> Path:
    """Return the module that a test is named after."""
    inner = test.relative_to(UNIT)
    root = TESTS if inner.parts[0] in TOOLS else PROGRAM
    return root / inner.with_name(inner.name.removeprefix("test_"))


def test_every_unit_test_is_named_after_its_module() -> None:
    named = {path.relative_to(UNIT).with_suffix("").as_posix(): module_of(path) for path in UNIT.rglob("test_*.py")}
    strays = [name for name, module in named.items() if name not in OF_THE_REPOSITORY and not module.is_file()]
    assert strays == []
    assert set(OF_THE_REPOSITORY) <= set(named)
    assert len(named) > 40


def test_no_fake_can_be_run() -> None:
    runners = []
    for path in (TESTS / "fakes").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        compared = {node.left.id for node in nodes if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name)}
        if path.stem == "__main__" or "argparse" in imported or "__name__" in compared:
            runners.append(path.name)
    assert runners == []
