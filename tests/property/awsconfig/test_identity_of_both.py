"""No edit of both files makes a profile someone else, not even one that ends between two of its steps.

Random pairs of files, with botocore as the oracle.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.commands.profile import adopt, rename
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.signer_sts import SignerSts
from fakes.whose import EVERY_NAME, NAMES, World, line_of, users_of, world_at, worlds

# More with a larger number; `make torture` asks for 1,000.
WORLDS = int(os.environ.get("IDENTITY_WORLDS", "40"))
HOW = EditOptions(linger_s=0)
COMMANDS = ("rename", "adopt", "adopt all")
PAIRS = tuple((name, new) for name in NAMES for new in EVERY_NAME if new != name)
TRIES = 10
ROLE_KEYS = ("role_arn", "source_profile", "credential_source", "external_id")
# How often each has changed both files of this run, and how many crashes were tried.
EDITED: Counter[str] = Counter()


class Crash(BaseException):
    """The end of the process, before a file takes the place of another."""


@dataclass(frozen=True)
class Tried:
    """One command, of one profile and perhaps a new name."""

    command: str
    name: str
    new: str

    def make(self, own: Settings, how: EditOptions = HOW) -> EditResult:
        if self.command == "rename":
            return rename.rename(own, self.name, self.new, how, with_credentials=True)
        names = [] if self.command == "adopt all" else [self.name]
        return adopt.adopt(own, names, how, is_all=not names, with_credentials=True, line_of=line_of)

    @property
    def moved(self) -> dict[str, str]:
        return {self.name: self.new} if self.command == "rename" else {}


# Each step of an edit asks who every profile is: seconds a world on a busy machine.
@pytest.mark.timeout(300 + 15 * WORLDS)
def test_no_edit_of_both_files_makes_a_profile_someone_else(signer_sts: SignerSts) -> None:
    EDITED.clear()
    compare_before_and_after(signer_sts)
    # Few worlds have a role to move for each way to ask for it.
    assert EDITED["rename"]
    assert EDITED["adopt"] + EDITED["adopt all"]
    assert EDITED["crash"]


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    files=worlds(in_credentials=60),
    command=st.sampled_from((*COMMANDS, "adopt", "adopt all")),  # few worlds have a role to move
    names=st.permutations(PAIRS),
)
def compare_before_and_after(
    sts: SignerSts, files: tuple[str, str], command: str, names: list[tuple[str, str]]
) -> None:
    with world_at(sts, files) as world:
        before = world.everyone()
        for name, new in names[:TRIES]:
            tried = Tried(command, name, new)
            try:
                result = tried.make(world.own)
            except InputError as error:
                event(f"{command}: refused")
                assert world.files() == files
                assert error.hint  # noqa: PT017 - that it is raised is not what is tested
                continue
            if result.changed:
                check(world, files, before, tried, result)
                return


def check(
    world: World, files: tuple[str, str], before: dict[str, str | None], tried: Tried, result: EditResult
) -> None:
    end, after = world.files(), world.everyone()
    for one, was in before.items():
        assert was is None or after.get(tried.moved.get(one, one)) == was, f"{tried} made {one} someone else"
    if tried.moved:
        assert tried.name not in after
    for one in result.names:
        assert world.catalogue().taken(one)[0] == "credhelper"
        assert "role_arn" not in world.catalogue().in_credentials(one)
    is_about_both = end[0] != files[0] and end[1] != files[1]
    event(f"{tried.command}: {'both files' if is_about_both else 'one file'}")
    EDITED[tried.command] += is_about_both
    may_pause = paused(world, files, before) if tried.command != "rename" else set()
    steps = 0
    while crashes_after(world, files, steps, lambda how: tried.make(world.own, how)):
        for one, found in world.everyone().items():
            is_named = one in (*tried.moved, *tried.moved.values())
            may = {before.get(tried.name), before.get(one), None} if is_named else {before.get(one), after.get(one)}
            assert found in may or (found is None and one in may_pause), f"{tried}: {one} after {steps} steps"
        world.settle()
        tried.make(world.own)
        assert world.files() == end, f"{tried} again after {steps} steps"
        EDITED["crash"] += steps > 0
        steps += 1


def paused(world: World, files: tuple[str, str], before: dict[str, str | None]) -> set[str]:
    """Return the profiles that may have no credentials while roles move.

    That is one whose role was split between the files, and those that take theirs from one whose role moves.
    """
    world.write(files)
    assert world.everyone() == before
    catalogue, sections = world.catalogue(), dict(world.sections)
    parts = {
        name: [any(key in part(name) for key in ROLE_KEYS) for part in (catalogue.in_config, catalogue.in_credentials)]
        for name in catalogue
    }
    moving = [name for name, (_, elsewhere) in parts.items() if elsewhere]
    found = {name for name, (here, elsewhere) in parts.items() if here and elsewhere}
    return found.union(*(users_of(name, sections) - {name} for name in moving))


def crashes_after(
    world: World, files: tuple[str, str], steps: int, command: Callable[[EditOptions], EditResult]
) -> bool:
    """Run a command that ends after so many steps; False where it has no more of them."""
    left = steps

    def rename_or_crash(source: str, target: str) -> None:
        nonlocal left
        if not left:
            raise Crash
        left -= 1
        os.replace(source, target)

    world.write(files)
    try:
        command(replace(HOW, rename=rename_or_crash))
    except Crash:
        return True
    return False
