"""The help fits a terminal of 80 columns, and its options are the settings that the parser knows."""

import os
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from credhelper.awsconfig.profiles.role_settings import SETTINGS
from credhelper.cli.app import main as program


def groups(name: tuple[str, ...] = (), command: click.Command = program) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        yield name
        for child, inner in command.commands.items():
            yield from groups((*name, child), inner)


def leaves(name: tuple[str, ...] = (), command: click.Command = program) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield name
        return
    for child, inner in command.commands.items():
        yield from leaves((*name, child), inner)


def help_at_80_columns(name: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", "80")
    assert os.environ["COLUMNS"] == "80"
    return CliRunner().invoke(program, [*name, "--help"]).output.splitlines()


@pytest.mark.parametrize("name", list(groups()), ids=lambda name: " ".join(name) or "credhelper")
def test_no_summary_is_cut_off_at_80_columns(name: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = help_at_80_columns(name, monkeypatch)
    summaries = lines[lines.index("Commands:") + 1 :]
    assert summaries
    assert [line for line in summaries if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("name", [*groups(), *leaves()], ids=lambda name: " ".join(name) or "credhelper")
def test_help_fits_80_columns(name: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = help_at_80_columns(name, monkeypatch)
    assert lines[0].startswith("Usage: ")
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("name", ["add", "set"])
def test_every_setting_has_its_option(name: str) -> None:
    command = program.commands["profile"].commands[name]  # type: ignore[attr-defined]  # it is a group
    options = {option.name: option for option in command.params if isinstance(option, click.Option)}
    for setting in SETTINGS:
        assert setting.flag in options[setting.name].opts
        assert options[setting.name].help == setting.help
