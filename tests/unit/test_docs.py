"""What the documents say is what the program does: reference, man page, README and changelog."""

import ast
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import credhelper
from credhelper.cli.app import main as program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted((ROOT / "credhelper").rglob("*.py"))
GLOSSARY = ROOT / "docs" / "glossary.md"
# What a maintainer of botocore or age would not write; docs/glossary.md has the words of the project.
UNWANTED_WORDS = (
    *("whoever", "nobody", "somebody", "whatever", "mend(?:s|ed|ing)?", "lies", "anew", "ours", "circles?"),
    *(
        "(?:to be|can(?:not)? be|could be|none) had",
        "stands? (?:in|twice|there)",
        "looks? after",
        "the worse",
        "hands off",
    ),
    *("believed?", "(?:is|it's) not us", "never not", "revives?"),
)
UNWANTED = re.compile(rf"\b(?:{'|'.join(UNWANTED_WORDS)})\b", re.IGNORECASE)


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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
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


def ratios(text: str, starts: tuple[str, ...]) -> list[str]:
    """Return the last number of each table row that starts with one of these texts, in their order."""
    rows = [line for start in starts for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [re.findall(r"[0-9]+\.[0-9]+(?= [x×])", line)[-1] for line in rows]


def test_figures_in_the_readme_are_those_of_the_performance_page() -> None:
    performance = (ROOT / "docs" / "performance.md").read_text("utf-8").partition("\n## Beside an older commit\n")[0]
    client = "`aws sts get-caller-identity`, warm"
    quoted = ratios(README, ("a hit, as the AWS CLI starts it", "a miss", client))
    measured = ratios(
        performance,
        ("hit, by the line in the config", "miss", "`aws sts get-caller-identity --profile prod-s3`, warm"),
    )
    assert len(measured) == 3
    assert quoted == measured


def test_changelog_has_this_version_with_its_date_and_the_newest_first() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d{2}-\d{2})", heading) for heading in headings[1:]]
    assert None not in released
    versions = [tuple(int(number) for number in match.groups()[:3]) for match in released if match]
    dates = [date.fromisoformat(match[4]) for match in released if match]
    assert ".".join(map(str, versions[0])) == credhelper.__version__
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)


def test_every_decision_has_a_date_and_is_in_the_index() -> None:
    directory = ROOT / "docs" / "decisions"
    index = (directory / "README.md").read_text("utf-8")
    pages = sorted(directory.glob("[0-9]*.md"))
    rows = []
    for page in pages:
        title, dated = re.match(r"# (.*)\n\nDate: (\d{4}-\d{2}-\d{2})\n", page.read_text("utf-8")).groups()  # type: ignore[union-attr]  # a page without them fails
        rows.append(f"| {dated} | [{title}]({page.name}) |")
    assert [line for line in index.splitlines() if line.startswith("| 2")] == rows


def test_every_target_of_the_makefile_is_in_its_help() -> None:
    done = subprocess.run(
        [shutil.which("make") or "", "-s", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True
    )
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE)
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == sorted(targets) == sorted(phony.split())


def test_every_target_in_the_documents_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    named = {name for line in re.findall(r"(?:`|\$ )make ([a-z][a-z -]*)", text) for name in line.split()}
    assert len(named) > 6
    assert named - set(targets) == set()


def test_paths_in_the_contributors_page_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    paths = [path for path in re.findall(r"`((?:credhelper|tests|packaging|docs)/[^` ]*)`", text) if "NAME" not in path]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []


TESTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
# Also `test_name` alone, and `test_beginning…`.
NAMED_TEST = re.compile(r"((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?|`(test_\w+)(…?)`")
SELECTED = re.compile(r"pytest ((?:[\w/]+(?:\.py)?)) -k (\w+)|`(test_\w+\.py) -k (\w+)`")


def texts_below(file: str) -> list[str]:
    """Return the texts of the files of tests that a page means by a name or a directory."""
    below = f"/{file}" if file.endswith(".py") else f"/{file}/"
    return [text for path, text in TESTS.items() if below in f"/{path}"]


def collected(file: str, word: str) -> bool:
    """Tell whether pytest finds such a test, which may be by the name of an example."""
    paths = [path for path in TESTS if f"/{file}" in f"/{path}"]
    command = [sys.executable, "-P", "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "-k", word]
    return (
        bool(paths) and subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, check=False).returncode == 0
    )


def missing_tests(text: str) -> list[str]:
    """Return the tests that a page names and that are not there, and the selections that select none."""
    found = []
    for named in NAMED_TEST.finditer(text):
        file, name, alone, is_beginning = named.groups()
        if file == "tests/unit/commands/test_NAME.py":
            continue
        texts = texts_below(file) if file else list(TESTS.values())
        end = "" if is_beginning else r"\b"
        wanted = f"def {name or alone}{end}" if name or alone else ""
        is_file = bool(alone and texts_below(f"{alone}.py"))
        if not is_file and not any(re.search(wanted, one) for one in texts):
            found.append(named[0])
    for selected in SELECTED.finditer(text):
        file, word = [part for part in selected.groups() if part]
        if not any(re.search(rf"def test_\w*{word}", one) for one in texts_below(file)) and not collected(file, word):
            found.append(selected[0])
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_that_a_page_names_exist(path: Path) -> None:
    assert missing_tests(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "`test_nowhere.py`",
        "`test_docs.py::test_nothing_of_it`", "`tests/unit/nowhere/test_docs.py`", "`test_of_none`",
        "`test_of_none…`", "`pytest tests/unit/cache -k nothing_of_it`",
    ],
)  # fmt: skip
def test_test_that_is_not_there_is_found(text: str) -> None:
    assert missing_tests(text) != []


def prose(text: str) -> str:
    """Return a page without its blocks and spans of code."""
    text = re.sub(r"^```.*?^```|^    .*?$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`", "", text)


@pytest.mark.parametrize(
    "path", [page for page in PAGES if page != GLOSSARY], ids=lambda path: str(path.relative_to(ROOT))
)
def test_pages_are_in_plain_english(path: Path) -> None:
    assert unwanted(prose(path.read_text("utf-8"))) == []


def unwanted(text: str) -> list[str]:
    """Return each line with an unwanted word, and the word."""
    return [f"{found[0]}: {line.strip()}" for line in text.splitlines() if (found := UNWANTED.search(line))]


def test_unwanted_words_are_found_in_prose_and_not_in_code() -> None:
    assert len(unwanted(prose("Whoever asks\nit lies there\nnone to be had\nso it stands in the way"))) == 4
    assert unwanted(prose("relies on `ours`\n\n    whoever\n\n```\nanew\n```\nrecommend, hours")) == []


def words_of(source: str) -> str:
    """Return the docstrings and other texts of a module, without the code spans in them."""
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return prose("\n".join(text.replace("    ", "") for text in texts if isinstance(text, str)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_and_messages_are_in_plain_english(path: Path) -> None:
    assert unwanted(words_of(path.read_text("utf-8"))) == []


def test_unwanted_words_are_found_in_texts_and_not_in_names() -> None:
    assert (
        len(unwanted(words_of('def f():\n    """Mend it.\n\n    Anew.\n    """\n    g("whatever " f"{lies} ours")')))
        == 4
    )
    assert unwanted(words_of("def lies(ours):\n    return anew  # whoever")) == []
