"""Entries on disk: private, bound to their place, and a miss whatever is wrong with them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.model.freshness import Moment
from credhelper.settings import Settings
from fakes import canary

MASTER = b"m" * 32


def make_payload(profile: str = "prod-s3") -> Payload:
    return Payload(
        document=f'{{"Version":1,"SecretAccessKey":"{canary.secret_key()}"}}\n'.encode(),
        expiration=2_000_000_000,
        issued=Moment(1_900_000_000.0, b"boot", 10.0),
        refresh_s=900,
        identity=b"i" * 32,
        variables=("AWS_CONFIG_FILE",),
        environment=b"e" * 32,
        files=(("/home/david/.aws/config", (1, 2, 3, 4)),),
        profile=profile,
        role_arn="arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket",
        config_file="/home/david/.aws/config",
    )


@pytest.fixture
def master(own: Settings) -> bytes:
    from credhelper.keystores import master_key

    found = master_key.find_or_create(own, random=lambda size: MASTER[:size])
    assert found is not None
    return found[1]


@pytest.fixture
def name(own: Settings) -> bytes:
    return store.entry_name(own.config_file, "prod-s3")


@pytest.fixture
def stored(own: Settings, master: bytes, name: bytes) -> Path:
    store.write(own, name, master, make_payload())
    return Path(store.entry_path(own, name))


def reason(own: Settings, name: bytes) -> str:
    with pytest.raises(store.MissError) as caught:
        store.read(own, name)
    return caught.value.reason


def test_stored_entry_is_read_back(own: Settings, name: bytes, stored: Path) -> None:
    assert store.read(own, name).document == make_payload().document
    assert list(store.names(own)) == [name]


def test_nothing_on_disk_names_the_profile_or_holds_the_secret(own: Settings, stored: Path) -> None:
    for path in Path(own.cache_dir).rglob("*"):
        assert "prod" not in path.name
        assert not canary.find(path.read_bytes())
        assert b"prod-s3" not in path.read_bytes()


def test_entry_and_directory_are_private(own: Settings, stored: Path) -> None:
    assert stored.stat().st_mode & 0o777 == 0o600
    assert os.stat(own.cache_dir).st_mode & 0o777 == 0o700


def test_write_leaves_no_temporary_file(own: Settings, stored: Path) -> None:
    assert [path.name for path in Path(own.cache_dir).iterdir()] == [stored.name]


def test_absent_entry_is_a_miss(own: Settings, name: bytes) -> None:
    assert reason(own, name) == "absent"


def as_symlink(path: Path) -> None:
    moved = path.with_name("moved")
    path.rename(moved)
    path.symlink_to(moved)


def as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def as_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_sparse_giant(path: Path) -> None:
    os.truncate(path, 1 << 40)


def as_readable_by_others(path: Path) -> None:
    path.chmod(0o644)


def as_hard_link(path: Path) -> None:
    os.link(path, path.with_name("second"))


@pytest.mark.parametrize(
    "replace", [as_symlink, as_fifo, as_directory, as_sparse_giant, as_readable_by_others, as_hard_link]
)
def test_anything_but_a_private_file_is_a_miss(
    own: Settings, name: bytes, stored: Path, replace: Callable[[Path], None]
) -> None:
    replace(stored)
    assert reason(own, name) == "unreadable"


def test_lost_key_is_a_miss(own: Settings, name: bytes, stored: Path) -> None:
    os.unlink(os.path.join(own.state_dir, "key"))
    assert reason(own, name) == "kid"


def test_swapped_entries_are_misses(own: Settings, name: bytes, master: bytes, stored: Path) -> None:
    other = store.entry_name(own.config_file, "other")
    store.write(own, other, master, make_payload("other"))
    other_path = Path(store.entry_path(own, other))
    first, second = stored.read_bytes(), other_path.read_bytes()
    stored.write_bytes(second)
    other_path.write_bytes(first)
    assert reason(own, name) == "auth"
    assert reason(own, other) == "auth"


def test_names_of_profiles_do_not_collide() -> None:
    names = {store.entry_name(*pair) for pair in [("/a", "b"), ("/ab", ""), ("/a", "bc"), ("/a/b", "c"), ("/a", "")]}
    assert len(names) == 5


def test_forgetting_says_whether_there_was_anything(own: Settings, name: bytes, stored: Path) -> None:
    assert store.forget(own, name)
    assert not store.forget(own, name)


def test_directory_others_may_write_to_is_refused(own: Settings, name: bytes) -> None:
    os.makedirs(own.cache_dir, mode=0o700)
    os.chmod(own.cache_dir, 0o777)  # noqa: S103 - the attack
    with pytest.raises(PermissionError):
        store.write(own, name, MASTER, make_payload())


@pytest.mark.parametrize("above", ["credhelper", ".cache", "home"])
def test_directory_whose_parent_others_may_write_to_is_refused_by_name(own: Settings, name: bytes, above: str) -> None:
    os.makedirs(own.cache_dir, mode=0o700)
    open_to_all = own.cache_dir.partition(f"/{above}")[0] + f"/{above}"
    os.chmod(open_to_all, 0o777)  # noqa: S103 - the attack
    with pytest.raises(PermissionError) as caught:
        store.write(own, name, MASTER, make_payload())
    assert caught.value.filename == open_to_all
    os.chmod(open_to_all, 0o1777)  # noqa: S103 - sticky: nobody can replace what is not theirs
    if open_to_all != own.cache_dir:
        store.write(own, name, MASTER, make_payload())
