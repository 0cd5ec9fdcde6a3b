"""The table of attacks is whole: 125 ids, each with a title, and replays that exist."""

import ast
from functools import cache
from pathlib import Path

from attacks.table import COUNTS, FINDINGS, OTHER_SYSTEM, OUT_OF_SCOPE, TABLE

TESTS = Path(__file__).parents[1]


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_attack_has_its_id_and_a_title() -> None:
    expected = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
    assert list(TABLE) == expected
    assert len(expected) == 125
    assert all(title for title, _ in TABLE.values())


def test_every_finding_has_its_number_and_is_replayed() -> None:
    assert list(FINDINGS) == [f"R{number}" for number in (*range(1, 16), 18)]
    assert all(title and replays for title, replays in FINDINGS.values())


def test_every_replay_exists() -> None:
    replays = {replay for _, named in (*TABLE.values(), *FINDINGS.values()) for replay in named}
    missing = [replay for replay in replays if replay.split("::")[1] not in functions(replay.split("::")[0])]
    assert not missing


def test_attack_without_a_replay_is_one_that_is_said_to_be_out_of_scope() -> None:
    assert {attack for attack, (_, replays) in TABLE.items() if not replays} == OUT_OF_SCOPE
    assert set(TABLE) >= OTHER_SYSTEM


def test_threat_model_names_what_is_out_of_scope() -> None:
    page = (TESTS.parent / "docs" / "threat-model.md").read_text("utf-8")
    assert not [attack for attack in OUT_OF_SCOPE if f"({attack})" not in page]
