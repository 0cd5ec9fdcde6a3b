"""The 96 files of the parser matrix: how each is read, checked, and edited, against what nine real parsers make of it.

`tests/vectors/config-outcomes.json` declares per file: accepted, unsound (with the line) or refused; the rules that
`check` names; and whether adding, changing and removing a profile is done or refused.
"""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.lint import both
from credhelper.awsconfig.lint.rules import RULES
from credhelper.errors import InputError
from fakes.strict_reader import RejectedError, read_strictly

VECTORS = Path(__file__).parents[3] / "vectors"
MATRIX = {case[0]: case for case in json.loads((VECTORS / "sdk-parser-matrix.json").read_text())}
OUTCOMES = json.loads((VECTORS / "config-outcomes.json").read_text())
SDKS = {
    "botocore": "botocore", "js": "JS", "go1": "Go v1", "go2": "Go v2", "rust/java": "Rust/Java", "crt": "CRT",
    "ruby": "Ruby", "php": "PHP", "net(emul)": ".NET",
}  # fmt: skip
# Where the command itself is meant differently, or another profile of the file is concerned.
BEYOND_THE_PARSER = {"command-shell", "command-other-shell", "command-backslash", "command-relative", "profile-name"}


def data_of(name: str) -> bytes:
    literal = ast.literal_eval(MATRIX[name][1])
    return literal if isinstance(literal, bytes) else literal.encode()


def parsed(data: bytes) -> str:
    try:
        document = Document.parse(data)
    except InputError as error:
        return f"refused, {error.message.partition(':')[0]}"
    return f"unsound, line {document.fault.line}" if document.fault else "accepted"


def tried(data: bytes, edit: Callable[[Document], Document]) -> str:
    try:
        document = Document.parse(data)
        edited = edit(document)
    except InputError:
        return "refused"
    return "done" if edited != document else "unchanged"


def outcome(name: str) -> dict[str, Any]:
    data, profile = data_of(name), MATRIX[name][2]
    return {
        "parse": parsed(data),
        "check": sorted({finding.name for finding in both.check(data)}),
        "add": tried(data, lambda document: document.add("new", {"region": "x"})),
        "change": tried(data, lambda document: document.set(profile, {"credential_process": "/new/h get x"})),
        "remove": tried(data, lambda document: document.remove(profile)),
    }


def test_every_file_of_the_matrix_has_a_declared_outcome() -> None:
    assert len(MATRIX) == 96
    assert OUTCOMES.keys() == MATRIX.keys()


@pytest.mark.parametrize("name", MATRIX)
def test_file_has_its_declared_outcome(name: str) -> None:
    assert outcome(name) == OUTCOMES[name]


@pytest.mark.parametrize("name", MATRIX)
def test_check_names_every_sdk_that_reads_the_file_otherwise(name: str) -> None:
    results = MATRIX[name][3]
    botocore = results["botocore"]
    findings = both.check(data_of(name))
    named = {sdk for finding in findings for sdk in RULES[finding.name].sdks}
    if botocore.startswith("VAL:") or botocore == "NO-KEY":
        assert {SDKS[sdk] for sdk, result in results.items() if result != botocore} <= named
    else:
        # Where botocore does not read it: that is said, or it is said of each SDK that does.
        assert "botocore" in named or {SDKS[sdk] for sdk, result in results.items() if result[:4] == "VAL:"} == named
    if len(set(results.values())) == 1:
        assert {finding.name for finding in findings} <= BEYOND_THE_PARSER


@pytest.mark.parametrize("name", MATRIX)
def test_document_reads_the_value_that_botocore_reads(name: str) -> None:
    botocore = MATRIX[name][3]["botocore"]
    if parsed(data_of(name)) != "accepted":
        assert OUTCOMES[name]["add"] == "refused"
        return
    found = Document.parse(data_of(name)).profile(MATRIX[name][2])
    value = (found or {}).get("credential_process")
    assert value == (botocore.removeprefix("VAL:") if botocore.startswith("VAL:") else None)


@pytest.mark.parametrize("name", [name for name, declared in OUTCOMES.items() if declared["add"] == "done"])
def test_added_profile_reaches_a_strict_sdk_wherever_the_rest_of_the_file_does(name: str) -> None:
    data = data_of(name)
    try:
        before = read_strictly(data)
    except RejectedError:
        return
    after = read_strictly(Document.parse(data).add("new", {"region": "x"}).to_bytes())
    assert after == {**before, "new": {"region": "x"}}


# The rules that no file of the matrix breaks, by the tests that break them.
TESTED_BY = {
    "unit/awsconfig/lint/test_lines.py": {
        "broken-block", "brackets", "command-relative", "credhelper-setting", "region-partition", "credhelper-command",
        "missing-source", "source-loop", "profile-twice", "key-name", "block-key", "block-expected", "role-and-process",
        "keys-and-process", "keys-and-sso", "role-without-source", "two-sources", "source-without-role",
        "token-without-role", "credential-source", "role-arn", "shadowed", "empty-source", "profile-in-credentials",
        "name-blanks", "credhelper-endpoint", "source-partition",
    },
    "unit/awsconfig/lint/test_readers.py": {
        "half-keys", "missing-sso-session", "sso-incomplete", "sso-conflict", "keys-and-login", "credentials-differ",
        "role-setting",
    },
    "unit/awsconfig/lint/test_value_rules.py": {"value-refused", "value-ignored", "nested-value", "missing-services"},
    "unit/commands/profile/test_check.py": {"credentials-file", "unreadable", "command-gone", "ca-bundle-gone"},
    "unit/commands/profile/test_set.py": {"credhelper-moved"},
    "attacks/test_named_files.py": {"open-to-others", "belongs-to-another"},
}  # fmt: skip


def test_every_rule_is_broken_by_a_file_or_by_a_test_that_is_named() -> None:
    broken = {rule for declared in OUTCOMES.values() for rule in declared["check"]}
    elsewhere = set().union(*TESTED_BY.values())
    assert broken | elsewhere == RULES.keys()
    assert broken & elsewhere == set()
    for file, rules in TESTED_BY.items():
        text = (VECTORS.parent / file).read_text("utf-8")
        assert [rule for rule in rules if not re.search(rf"[\"' ]{rule}[\"' ]", text)] == []
