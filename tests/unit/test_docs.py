"""What the documents say is what the program does: reference, man page, README and changelog."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import credhelper
from credhelper.cli.app import main as program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_reference_and_man_page_are_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "packaging" / "make_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) < 150


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_command_in_the_readme_exists() -> None:
    words = re.findall(r"(?:[$`(] ?|-- )credhelper ((?:profile |key )?[a-z]+)", README)
    known = set(program.commands)
    known |= {f"{name} {child}" for name in ("profile", "key") for child in program.commands[name].commands}  # type: ignore[attr-defined]  # both are groups
    unknown = [word for word in words if word not in known and word.split(" ")[0] not in known]
    assert unknown == []
    assert len(words) > 6


def test_every_option_in_the_readme_exists() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    commands = [line for line in README.replace("\\\n", " ").splitlines() if "credhelper " in line]
    flags = {
        flag for line in commands for flag in re.findall(r"(?<=\s)--[a-z][a-z-]+", line.partition("credhelper ")[2])
    }
    assert [flag for flag in flags - {"--profile"} if flag not in reference] == []


def test_figures_in_the_readme_are_measured() -> None:
    assert "BENCH_" not in README


def test_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in changelog or f"## [{credhelper.__version__}]" in changelog
