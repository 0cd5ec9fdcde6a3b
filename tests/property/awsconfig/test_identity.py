"""No edit of the config file makes a profile someone else, in random pairs of files, with botocore as the oracle."""

import os
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.commands.profile import add, adopt, release, remove, rename
from credhelper.commands.profile import set as profile_set
from credhelper.errors import InputError
from credhelper.settings import Settings, from_environment
from fakes.signer_sts import SignerSts
from fakes.whose import EVERY_NAME, NAMES, World, line_of, role, users_of, world_at, worlds

# More with a larger number; `make torture` asks for 1,000.
WORLDS = int(os.environ.get("IDENTITY_WORLDS", "20"))
HOW = EditOptions(linger_s=0)


def commands(own: Settings) -> dict[str, Callable[[str, str], EditResult]]:
    """Return every command that edits, of one profile and a further name."""
    values = {"role_arn": role("typed"), "source_profile": "one"}
    return {
        "adopt": lambda name, _new: adopt.adopt(own, [name], HOW, line_of=line_of),
        "adopt all": lambda _name, _new: adopt.adopt(own, [], HOW, is_all=True, line_of=line_of),
        "release": lambda name, _new: release.release(own, [name], HOW),
        "release all": lambda _name, _new: release.release(own, [], HOW, is_all=True),
        "rename": lambda name, new: rename.rename(own, name, new, HOW),
        "add": lambda _name, new: add.add(own, new, values, HOW, line_of=line_of),
        "add --force": lambda name, _new: add.add(own, name, values, HOW, is_forced=True, line_of=line_of),
        "set": lambda name, _new: profile_set.set_keys(own, name, values, {}, HOW),
        "set output": lambda name, _new: profile_set.set_keys(own, name, {}, {"output": "text"}, HOW),
        "remove": lambda name, _new: remove.remove(own, name, HOW),
    }


def allowed(command: str, name: str, new: str, world: World) -> set[str]:
    """Return the profiles that a command may make someone else: those it names, and says so.

    By what botocore reads in the files and did with them, not by what the commands themselves find there.
    """
    sections = world.sections
    if command in ("add", "add --force", "remove"):
        named = new if command == "add" else name
        section = sections.get(named, {})
        was_helped = named in world.asked and "credhelper_role_arn" in section and "role_arn" not in section
        return users_of(named, sections) if was_helped else {named}
    return users_of(name, sections) if command == "set" else set()


def test_users_of_a_profile_are_those_whose_sources_lead_to_it() -> None:
    sections = {
        "one": {"source_profile": "default"}, "two": {"credhelper_source_profile": "one"},
        "three": {"source_profile": "new"}, "new": {"source_profile": "three"}, "default": {},
    }  # fmt: skip
    assert users_of("default", sections) == {"default", "one", "two"}
    assert users_of("three", sections) == {"three", "new"}
    assert users_of("two", sections) == {"two"}


COMMANDS = tuple(commands(from_environment({"HOME": "/nowhere"})))
PAIRS = tuple((name, new) for name in NAMES for new in EVERY_NAME)
# A command that is refused is tried again, of other profiles: it has cost nothing.
TRIES = 10
# How often each has changed a file of this run.
EDITED: Counter[str] = Counter()


# A world takes half a second on a quiet machine, and several on a busy one.
@pytest.mark.timeout(300 + 15 * WORLDS)
def test_no_command_makes_a_profile_someone_else(signer_sts: SignerSts) -> None:
    EDITED.clear()
    compare_before_and_after(signer_sts)
    # Each is tried in every world, and most are refused in most of them.
    assert [command for command in COMMANDS if not EDITED[command]] == []


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    world=worlds(),
    order=st.permutations(COMMANDS),
    names=st.permutations(PAIRS),
)
def compare_before_and_after(
    sts: SignerSts, world: tuple[str, str], order: list[str], names: list[tuple[str, str]]
) -> None:
    with world_at(sts, world) as tried:
        who = tried.everyone()
        for command in order:
            for name, new in names[:TRIES]:
                if (after := check(tried, who, command, name, new)) is not None:
                    who = after
                    tried.settle()
                    break


def check(
    world: World, before: dict[str, str | None], command: str, name: str, new: str
) -> dict[str, str | None] | None:
    """Run a command, compare who every profile is before and afterwards, and return the latter; None if refused."""
    files = world.files()
    try:
        result = commands(world.own)[command](name, new)
    except InputError as error:
        event(f"{command}: refused")
        assert world.files() == files
        assert error.hint  # noqa: PT017 - that it is raised is not what is tested
        return None
    event(f"{command}: {'done' if result.changed else 'nothing to change'}")
    EDITED[command] += result.changed
    assert world.files()[1] == files[1], "the credentials file was edited"
    exempt = allowed(command, name, new, world)
    after = world.everyone()
    moved = {name: new} if command == "rename" and name not in after else {}
    for one, was in before.items():
        if was is not None and one not in exempt:
            assert after.get(moved.get(one, one)) == was, f"{command} made {one} someone else"
    for one in (*result.names, *((new,) if command == "add" else (name,) if command == "add --force" else ())):
        if command.startswith(("adopt", "add")):
            assert world.catalogue().shadow_of(one) is None
            assert world.catalogue().taken(one)[0] == "credhelper"
    return after
