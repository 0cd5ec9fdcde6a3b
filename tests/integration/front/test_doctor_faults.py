"""How often the first cause is right: twenty faults, and any two of them at once, at three levels of evidence.

`DOCTOR_PAIRS=all` asks about all 190 pairs; the page that has the table is checked with whatever is asked about.
"""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.assume.check import diagnose
from credhelper.diagnosis.assume.evidence import Evidence
from credhelper.diagnosis.finding import Certainty, Check, State
from fakes.assume_faults import FAULTS, BoundaryWords, Fault, FaultWorld
from fakes.front.sts import StsRules
from fakes.front.two_accounts import story

PAGE = Path(__file__).parents[3] / "docs" / "troubleshooting.md"
PAIRS = list(itertools.combinations(FAULTS, 2))
# Of the pairs every so many are asked about.
STEP = 1 if os.environ.get("DOCTOR_PAIRS") == "all" else 24
LEVELS = ("the sentence", "and the caller's policies", "and the role")


@pytest.fixture(scope="module")
def world(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultWorld]:
    words = BoundaryWords()
    it = story(aws, StsRules(), words)
    with it.front:
        yield FaultWorld(it, words, tmp_path_factory.mktemp("faults"))


def levels(world: FaultWorld, *faults: Fault) -> list[Check]:
    """Return what is found with AWS's sentence alone, with the caller's policies as well, and with the role as well."""
    plan = world.plan(*faults)
    world.make(plan)
    refusal = world.ask(plan)
    assert refusal is not None, [one.name for one in faults]
    known: Evidence = world.evidence(plan, refusal=refusal)
    assert known.unseen == ()
    own = replace(known, role_side=None, role_admin="")
    alone = replace(own, caller_side=None, neighbours={})
    return [diagnose(one) for one in (alone, own, known)]


def is_right(found: Check, *faults: Fault) -> bool:
    first = found.first
    assert first is not None
    return any(first.cause == one.cause and one.says in first.text for one in faults)


def is_listed(found: Check, fault: Fault) -> bool:
    return any(one.cause == fault.cause and fault.says in one.text for one in found.findings)


def wrong(found: Check, *faults: Fault) -> list[str]:
    """Return what is called certain, or excluded, and is not."""
    true = {cause for one in faults for cause in (one.cause, *one.also)}
    certain = [one.cause for one in found.findings if one.certainty is Certainty.CERTAIN and one.cause not in true]
    layers = {one.layer for one in faults}
    return certain + [
        f"not {one.cause}" for one in found.findings if one.certainty is Certainty.EXCLUDED and one.cause in layers
    ]


def score(world: FaultWorld, worlds: list[tuple[Fault, ...]]) -> tuple[Counter[str], list[str]]:
    right: Counter[str] = Counter()
    faulty: list[str] = []
    for faults in worlds:
        for level, found in zip(LEVELS, levels(world, *faults), strict=True):
            right[level] += is_right(found, *faults)
            faulty += [f"{' + '.join(one.name for one in faults)}, {level}: {one}" for one in wrong(found, *faults)]
            assert found.state is State.FAIL
        # Of a role that is not there no trust policy can be read.
        seen = [one for one in faults if one.cause == "no-role" or one.layer != "trust" or FAULTS[-1] not in faults]
        assert all(is_listed(found, one) for one in seen), [one.name for one in faults]
    return right, faulty


def rows() -> dict[str, list[str]]:
    """Return the rows of the page's table by what they are about."""
    text = PAGE.read_text("utf-8").partition("## How often the first cause is right")[2]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {one[0]: one[1:] for one in cells}


def test_plan_without_a_fault_gives_the_role(world: FaultWorld) -> None:
    plan = world.plan()
    world.make(plan)
    assert world.ask(plan) is None


def test_first_cause_of_one_fault_is_right_as_often_as_the_page_says(world: FaultWorld) -> None:
    right, faulty = score(world, [(one,) for one in FAULTS])
    assert faulty == []
    assert [right[level] for level in LEVELS] == [3, 6, 20]
    assert rows()["one fault (20)"] == [*(f"{right[level]}" for level in LEVELS), "0"]


def test_first_cause_of_two_faults_is_one_of_them_as_often_as_the_page_says(world: FaultWorld) -> None:
    chosen = PAIRS[::STEP]
    right, faulty = score(world, list(chosen))
    assert faulty == []
    assert right[LEVELS[2]] == len(chosen)
    if STEP == 1:
        assert rows()[f"two faults ({len(PAIRS)})"] == [*(f"{right[level]}" for level in LEVELS), "0"]


def test_page_has_the_command_that_makes_its_table() -> None:
    text = PAGE.read_text("utf-8")
    assert f"DOCTOR_PAIRS=all python -m pytest {Path(__file__).relative_to(PAGE.parents[1])}\n" in text
