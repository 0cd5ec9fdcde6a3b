"""`credhelper logout`, as a person runs it: it forgets what it was told to, and nothing else."""

from pathlib import Path

import pytest

from fakes import canary
from fakes.home import Home, error, key_id
from fakes.sts import Behaviour, FakeSts


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    """Two profiles, each with an entry."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    for name in ("prod-s3", "other"):
        made.add_role(name)
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
