"""`credhelper logout`, as a person runs it: it forgets what it was told to, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from fakes import canary
from fakes.home import PROGRAM, Home, error, key_id
from fakes.sts import Behaviour, FakeSts
from fakes.typist import Typist


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    """Two profiles, each with an entry."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    for name in ("prod-s3", "other"):
        made.add_role(name)
    made.settle()
    for name in ("prod-s3", "other"):
        key_id(made.get(name))
    return made


def said(home: Home, *arguments: str) -> str:
    done = home.run("logout", *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.parametrize("arguments", [[], ["prod-s3", "--all"]], ids=["neither", "both"])
def test_logout_that_does_not_say_what_to_forget_forgets_nothing(home: Home, arguments: list[str]) -> None:
    before = home.entries
    assert "--all" in error(home.run("logout", *arguments), 2)
    assert home.entries == before
    assert len(before) == 2


def test_logout_of_a_profile_leaves_the_others(home: Home, sts: FakeSts) -> None:
    kept = key_id(home.get("other"))
    assert said(home, "prod-s3") == "removed: prod-s3\n"
    assert len(home.entries) == 1
    assert key_id(home.get("other")) == kept
    assert sts.count() == 2
    key_id(home.get("prod-s3"))
    assert sts.count() == 3


def test_logout_of_all_forgets_failures_of_profiles_without_an_entry(home: Home, sts: FakeSts) -> None:
    home.add_role("denied", role_arn="arn:aws:iam::222222222222:role/denied")
    sts.behaviour.error = (403, "AccessDenied", "no")
    error(home.get("denied"), 4)
    assert list(home.cache.glob("*.failure"))
    assert said(home, "--all") == "removed: 2\n"
    assert not list(home.cache.glob("*.failure"))


def test_logout_of_a_profile_is_for_every_environment_it_was_used_in(home: Home, sts: FakeSts) -> None:
    home.add_role("env", source="", credential_source="Environment")
    secret = canary.secret_key("env")
    keys = [{"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": secret} for name in ("AKIAONE", "AKIATWO")]
    before = {key_id(home.get("env", **key)) for key in keys}
    assert len(home.entries) == 4
    assert said(home, "env") == "removed: env\n"
    assert len(home.entries) == 2
    assert not before & {key_id(home.get("env", **key)) for key in keys}
    assert sts.count() == 6


def test_logout_of_a_profile_without_an_entry_says_so(home: Home) -> None:
    home.add_role("idle")
    assert said(home, "idle") == "nothing was cached for idle\n"
    done = home.run("logout", "prod-s33")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"hint: did you mean prod-s3?" in done.stderr
    assert len(home.entries) == 2


def test_logout_of_all_forgets_entries_that_cannot_be_opened_as_well(home: Home) -> None:
    damaged = home.entries[0]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    assert said(home, "--all") == "removed: 2\n"
    assert home.entries == []
    assert said(home, "--all") == "removed: 0\n"


def test_logout_forgets_a_refusal_too(home: Home, sts: FakeSts) -> None:
    home.add_role("denied")
    sts.behaviour = Behaviour(error=(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"))
    error(home.get("denied"), 4)
    sts.behaviour = Behaviour()
    said(home, "denied")
    key_id(home.get("denied"))


def test_entry_that_cannot_be_removed_is_an_error(home: Home) -> None:
    entry = home.entries[0]
    entry.unlink()
    entry.mkdir()
    assert "cannot be removed" in error(home.run("logout", "--all"), 3)


@pytest.fixture
def elsewhere(home: Home) -> Path:
    """Another config file with a profile of the same name, and one of its own; both have an entry."""
    other = home.aws / "other"
    other.write_text(home.config.read_text().replace("other", "only-there"))
    os.utime(other, (1, 1))
    time.sleep(0.15)  # ctime cannot be set
    for name in ("prod-s3", "only-there"):
        key_id(home.get(name, AWS_CONFIG_FILE=str(other)))
    assert len(home.entries) == 4
    return other


def test_entry_of_another_config_file_stays_and_is_named(home: Home, elsewhere: Path, sts: FakeSts) -> None:
    done = home.run("logout", "prod-s3")
    assert (done.returncode, done.stdout) == (0, b"removed: prod-s3\n")
    note, hint = done.stderr.decode().splitlines()
    assert note == f"note: prod-s3 of {elsewhere} is cached as well, and stays"
    assert len(home.entries) == 3
    before = sts.count()
    key_id(home.get(AWS_CONFIG_FILE=str(elsewhere)))
    assert sts.count() == before
    command = hint.removeprefix("hint: ").replace("credhelper", PROGRAM[0])
    typed = home.start(["/bin/sh", "-c", command], {})
    assert (typed.stdout, typed.stderr) == (b"removed: prod-s3\n", b"")
    assert len(home.entries) == 2


def test_profile_that_is_cached_for_another_config_file_only_is_no_unknown_name(home: Home, elsewhere: Path) -> None:
    done = home.run("logout", "only-there")
    assert (done.returncode, done.stdout) == (0, b"nothing was cached for only-there\n")
    assert f"only-there of {elsewhere} is cached as well" in done.stderr.decode()
    assert len(home.entries) == 4
    assert error(home.run("logout", "nowhere"), 2)


def test_logout_of_all_says_which_other_config_files_it_was_for(home: Home, elsewhere: Path) -> None:
    done = home.run("logout", "--all")
    assert (done.returncode, done.stdout) == (0, b"removed: 4\n")
    assert done.stderr.decode() == f"note: with those of {elsewhere}: only-there, prod-s3\n"
    assert home.entries == []


def test_status_names_the_other_config_file_and_the_state_of_its_entry(home: Home, elsewhere: Path) -> None:
    lines = [line.split("\t") for line in home.run("status").stdout.decode().splitlines() if "\t" in line]
    assert [(line[0], line[-1]) for line in lines] == [
        ("other", "valid"),
        ("prod-s3", "valid"),
        ("only-there", f"of {elsewhere}: valid"),
        ("prod-s3", f"of {elsewhere}: valid"),
    ]
    elsewhere.write_text(elsewhere.read_text() + "# changed\n")
    states = [line.rpartition("\t")[2] for line in home.run("status").stdout.decode().splitlines() if "\t" in line]
    assert states[2:] == 2 * [f"of {elsewhere}: valid, configuration changed since"]
    there = home.run("status", AWS_CONFIG_FILE=str(elsewhere)).stdout.decode()
    assert f"of {home.config}: valid" in there


def test_status_at_a_terminal_has_a_table_for_each_config_file(home: Home, elsewhere: Path) -> None:
    with Typist(home, ["status"], is_standard=True) as person:
        assert person.result()[0] == 0
    own, heading, other = person.seen.partition(f"for {elsewhere}:\r\n")
    assert heading
    assert ("only-there" in own, "only-there" in other) == (False, True)
    assert all(text.count("prod-s3 ") == 1 and "STATE" in text for text in (own, other))


def test_status_says_which_profile_is_shadowed_though_nothing_of_it_is_cached(home: Home) -> None:
    home.add_role("shadowed")
    home.add_user("AKIAOTHER", profile="shadowed")
    home.settle()
    said = home.run("status").stderr.decode()
    assert f"SDKs do not ask credhelper for profile shadowed: line 5 of {home.aws / 'credentials'}" in said
    assert said.count("note: ") == 1
