"""In random worlds the program does what a second reader does that was written from docs/entry-format.md.

Compared: the bytes on stdout, the exit code, what is said on stderr, and all that is on disk afterwards: the line on
the audit trail, its rotation, the claim of a due entry, the directories that were made.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakes.forked_requests import MISS, Outcome, Requests
from fakes.reader_world import CONFIG, CREDENTIALS, NOW_S, STRANGER, UP_S, Built, World, built, changed

# More with a larger number; `make torture` asks for 20,000.
WORLDS = int(os.environ.get("READER_WORLDS", "200"))
Change = dict[str, Any]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the second reader is one for Linux")

MASTER = bytes(range(32)).hex()
KINDS = st.sampled_from(["file", "symlink", "dangling", "hardlink", "fifo", "directory", "absent"])
MODES = st.sampled_from([0o400, 0o700, 0o1600, 0o640, 0o604, 0o601, 0o620, 0o602])
OWNERS = st.sampled_from([0, STRANGER] if os.geteuid() == 0 else [0])
KEY = st.sampled_from([MASTER, MASTER, "a1" * 32, MASTER[:62], MASTER + "00", ""])
LEFT = st.sampled_from([-1, 59, 60, 61, 899, 900, 901, 3000])
LOCK_AGE = st.sampled_from([-3600, -3, -2.75, -0.25, 0, 2.75, 3, 30])
NOTE_AGE = st.sampled_from([-3600, -0.25, 0, 29.75, 30, 299])
THEN = st.sampled_from(["linked", "absent", "content", "touched", "replaced", "gone", "moved", "appeared", "racy"])
STORES = st.sampled_from(
    ["auto", "kernel", "runtime", "shm", "file", "keychain", "dpapi", "keyring:kwallet", "keyring:x", "", "SHM"]
)
PATHS = st.sampled_from(
    ["@/home/.aws/config", "", "~/.aws/config", "$HOME/c", "${HOME}/c", "$SECRET/c", "@/a//../$UNSET",
     "$TWICE/c", "config", "./c", "~", "~user/c", "$UNSET/c", "$TILDE/c", "@/$$HOME", "@/${}$A.c"]
)  # fmt: skip
NOTES = st.sampled_from(["file", " file\n", "File", "shm", "keyring:kwallet", "file" + " " * 61])
DIRECTORIES = st.sampled_from(["@/x", "@/x/", "", "relative", "~/x"])
NUMBERS = st.sampled_from(
    ["", "1", "45", "45.1", " 2e1\t", "1_0", "1__0", "0", "-1", "nan", "inf", "x", "1e400", ".5e1"]
)
WORDS = st.sampled_from(["off", "OFF", "0", "no", "False", "", "on", " off", "n"])
STDOUT = st.sampled_from(["closed", "read-only", "full", "broken", "blocked", "limited", "terminal"])
USER = "LOGNAME|USER|USERNAME"
USERS = st.dictionaries(st.sampled_from(USER.split("|")), st.sampled_from(["", "david", "ceo", "\udcff"]))
TEXT = st.text(st.characters(exclude_characters="\0/@%", exclude_categories=["Cs"]) | st.just("\udcff"), max_size=8)


def part(name: str, **choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    """Draw a change of one of these fields."""
    return st.one_of([both(name, **{field: choice}) for field, choice in choices.items()])


def both(name: str, **choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    """Draw a change of all of these fields."""
    return st.fixed_dictionaries(choices).map(lambda chosen: {name: chosen})


def variables(**choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    return part("environ", **choices)


def due(**marks: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    """Draw what is beside an entry that is due."""
    chosen = {name: st.fixed_dictionaries({"kind": FILE, "age_s": AGES[name]}) | mark for name, mark in marks.items()}
    return st.fixed_dictionaries({"entry": st.just({"left_s": 900}), **chosen})


FILE, THERE = st.just("file"), st.just("there")
AGES = {"lock": LOCK_AGE, "failure": NOTE_AGE}
A_LOCK = st.fixed_dictionaries({"kind": KINDS, "age_s": LOCK_AGE, "is_held": st.booleans(), "mode": MODES})
A_NOTE = st.fixed_dictionaries({"kind": KINDS, "age_s": NOTE_AGE, "mode": MODES})
FOREIGN = ["foreign"] if os.geteuid() == 0 else []
CHANGES = st.one_of(
    part("entry", mode=MODES, owner=OWNERS, kind=KINDS),
    part("entry", left_s=LEFT, left_by_boot_s=LEFT, refresh=st.sampled_from([0, 60, 61, 900, 2**32 - 1])),
    part("entry", issued_up=st.sampled_from([0.0, UP_S, UP_S + 0.25, "NaN", "-Infinity", "Infinity"])),
    part("entry", issued_wall=st.sampled_from([NOW_S, 0.0, "NaN", "-Infinity", "Infinity"])),
    both("entry", expiration=st.sampled_from([0, int(NOW_S) + 61, 2**53, 2**64 - 1]), issued_wall=st.just(NOW_S)),
    part("entry", key=KEY.filter(len), size=st.sampled_from([65_535, 65_536, 65_537])),
    part("entry", profile=TEXT, role_arn=TEXT, document=TEXT, boot=st.sampled_from(["", "another"])),
    part("entry", files=st.lists(st.sampled_from([CONFIG, CREDENTIALS, "@/x", "@/a\0b"]), max_size=3)),
    part("entry", variables=st.lists(
        st.sampled_from(["HOME", "AWS_*", "AWS_A", "OTHER", "LANG", "LC_ALL", "HTTPS_PROXY", "A\0", "é", USER]),
        max_size=4,
    )),
    part("entry", environ=st.fixed_dictionaries({"HOME": st.just("@/home")}, optional={"AWS_A": TEXT})),
    st.fixed_dictionaries({
        "environ": USERS,
        "entry": st.fixed_dictionaries({"environ": USERS, "variables": st.just([USER])}),
    }, optional={"beside": st.just({"kind": "file", "document": "beside\n"})}),
    both("beside", kind=KINDS, mode=MODES, left_s=LEFT, variables=st.just(["LANG"]), key=KEY.filter(len)),
    st.fixed_dictionaries({
        "environ": st.fixed_dictionaries({"AWS_A": st.just("1")}),
        "entry": st.fixed_dictionaries({"environ": st.just({"HOME": "@/home"})}, optional={"left_s": LEFT}),
        "beside": st.fixed_dictionaries({"kind": FILE, "document": st.just("beside\n"), "left_s": LEFT}),
    }),
    *[due(lock=A_LOCK), due(failure=A_NOTE), due(lock=A_LOCK, failure=A_NOTE)] * 2,
    part("config", then=THEN),
    part("credentials", then=THEN),
    *[
        both(store, kind=KINDS)
        | both(store, kind=FILE, key=KEY)
        | both(store, kind=FILE, mode=MODES)
        | both(store, kind=FILE, owner=OWNERS)
        | both(store, kind=FILE, directory_mode=st.sampled_from([0o500, 0o755, 0o720, 0o702, 0o1777]))
        | both(store, kind=FILE, directory_kind=st.just("symlink"))
        | both(store, kind=FILE, directory_owner=OWNERS)
        for store in ("shm", "runtime", "file")
    ],
    st.fixed_dictionaries({"kernel": KEY}),
    st.fixed_dictionaries(
        {"note": st.fixed_dictionaries({"kind": FILE, "text": NOTES}), "file": st.just({"kind": "file"})}
    ),
    st.fixed_dictionaries({
        "note": st.fixed_dictionaries({"kind": KINDS, "text": st.just("file"), "mode": MODES, "owner": OWNERS}),
        "file": st.just({"kind": "file"}),
    }),
    variables(
        HOME=st.sampled_from(["@/home/", "", "relative", None, "@/home/../home", "/nonexistent"]),
        XDG_CACHE_HOME=DIRECTORIES,
        XDG_STATE_HOME=DIRECTORIES,
        XDG_RUNTIME_DIR=st.sampled_from(["/run/user/%UID%", "/run/user/%UID%/", "@/run", "", "/run/user/1"]),
        AWS_CONFIG_FILE=PATHS,
        AWS_SHARED_CREDENTIALS_FILE=PATHS,
        CREDHELPER_KEY_STORE=STORES,
        CREDHELPER_TIMEOUT=NUMBERS,
        CREDHELPER_LOG=WORDS,
        OTHER=TEXT,
        LANG=st.sampled_from(["C", "/x"]),
        LC_ALL=st.sampled_from(["C", "a/b"]),
        AWS_A=TEXT,
    ),
    st.fixed_dictionaries({"environ": st.dictionaries(
        st.sampled_from(["AWS_é", "AWS_\udcff", "AWS_\ue000", "AWS_\U00010000", "AWS_", "AWS_REGION", "aws_a"]), TEXT
    )}),
    st.fixed_dictionaries({}, optional={
        "profile": TEXT.filter(lambda text: not text.startswith("-")),
        "passwd_home": st.sampled_from(["", "relative"]),
        "wall_s": st.sampled_from([NOW_S + 0.25, NOW_S + 0.75]),
        "up_s": st.sampled_from([UP_S + 0.25, UP_S - 1000]),
        "boot": st.sampled_from(["", "another"]),
    }),
    both("log", directory=THERE, kind=FILE, size=st.sampled_from([1, 1_048_000, 1_048_575, 1_048_576])),
    both("log", directory=THERE, kind=FILE, mode=MODES, owner=OWNERS),
    both("log", directory=THERE, kind=KINDS),
    both("log", directory=st.sampled_from(["open", "there", *FOREIGN])),
    st.fixed_dictionaries({"stdout": STDOUT}),
    st.fixed_dictionaries({"stdin": st.just("closed"), "stderr": st.sampled_from(["closed", "full", "pipe"])}),
)  # fmt: skip
# What AWS_CONFIG_FILE may name; no variable that counts.
UNKNOWN = {"SECRET": "@/home", "TWICE": "$HOME", "TILDE": "~"}


def together(changes: list[Change]) -> World:
    """Return a world with all of these changes, the later ones last."""
    merged: Change = {"environ": {"HOME": "@/home", **UNKNOWN}}
    for change in changes:
        for name, value in change.items():
            merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
    merged["environ"] = {name: value for name, value in merged["environ"].items() if value is not None}
    return changed(World(), merged)


@pytest.fixture(scope="module")
def requests() -> Iterator[Requests]:
    with Requests() as server:
        yield server


@pytest.mark.timeout(300 + 2 * WORLDS)
def test_both_readers_do_the_same_in_random_worlds(requests: Requests, tmp_path: Path) -> None:
    top = str(tmp_path / "world")
    met: Counter[int] = Counter()

    @settings(
        max_examples=WORLDS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.lists(CHANGES, max_size=3))
    def check(changes: list[Change]) -> None:
        world = together(changes)
        program, second = [answer_in(world, top, ask) for ask in (requests.program, requests.second)]
        assert program == second
        met[program[0].code] += 1

    check()
    assert min(met[0], met[MISS]) > WORLDS // 10, met


def answer_in(world: World, top: str, ask: Callable[[Built], Outcome]) -> tuple[Outcome, dict[str, str]]:
    with built(world, top) as one:
        outcome, left = ask(one), one.left()
    stderr = outcome.stderr
    if "stdout is a terminal" in stderr:  # the hint is the program's
        stderr = stderr.partition("\n")[0]
    elif outcome.code in (2, 3) and "written to stdout" not in stderr:  # a refused setting is explained by the program
        stderr = ""
    return Outcome(outcome.code, outcome.stdout, stderr), left
