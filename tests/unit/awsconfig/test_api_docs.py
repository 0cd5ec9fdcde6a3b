"""The page about editing is held against the program."""

import re
from pathlib import Path

import click
import pytest

from credhelper.awsconfig import api
from credhelper.awsconfig.document.document import Document
from credhelper.cli.app import main

PROFILE = main.commands["profile"]
COMMANDS = PROFILE.commands if isinstance(PROFILE, click.Group) else {}
PAGE = Path(__file__).parents[3] / "docs" / "config-editing.md"


def test_every_profile_command_is_on_the_page_and_no_other() -> None:
    described = set(re.findall(r"^\| .*", PAGE.read_text(), re.MULTILINE))
    named = {name for row in described for name in re.findall(r"`profile ([a-z]+)", row)}
    assert named == set(COMMANDS)


def test_every_option_on_the_page_exists() -> None:
    options = {
        option
        for command in COMMANDS.values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE.read_text()))
    assert written <= options


def test_every_name_of_the_library_on_the_page_exists() -> None:
    text = PAGE.read_text().partition("## Using it from Python")[2]
    for name in ("editing", "read"):
        assert f"`{name}" in text or f"{name}(" in text
        assert hasattr(api, name)
    methods = re.search(r"is immutable: (.*?)\.\n", text, re.DOTALL)
    assert methods
    for method in re.findall(r"`([a-z_]+)`", methods.group(1)):
        assert hasattr(Document, method), method


def test_example_of_the_library_runs_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example
    config = tmp_path / "config"
    config.write_text("[profile dev]\ncli_pager = less\n\n[profile old]\nx = 1\n\n[profile unused]\ny = 2\n")
    code = example.group(1).replace("/home/david/.aws/config", str(config))
    exec(compile(code.replace("/home/david/.local/state/mytool", str(tmp_path / "state")), PAGE, "exec"), {})  # noqa: S102 - the documented example is what is tested
    assert capsys.readouterr().out.endswith("True\n")
    assert "[profile new]\nx = 1\n" in config.read_text()
