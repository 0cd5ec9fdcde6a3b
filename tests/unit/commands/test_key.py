"""Moving the key keeps every entry readable; replacing or destroying it takes them all."""

import os
from pathlib import Path

import pytest

from credhelper.cache import keys, store
from credhelper.cache.payload import Payload
from credhelper.commands import key
from credhelper.errors import CredhelperError
from credhelper.freshness import Moment
from credhelper.settings import Settings, from_environment


@pytest.fixture
def roomy(tmp_path: Path) -> Settings:
    """Settings with a runtime directory as well, and no kernel keyring in the way."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    return from_environment({**os.environ, "XDG_RUNTIME_DIR": str(runtime), "CREDHELPER_KEY_STORE": "file"})


def put(own: Settings) -> bytes:
    found = keys.find_or_create(own)
    assert found is not None
    name = store.entry_name(own.config_file, "prod-s3")
    content = Payload(
        document=b"d",
        expiration=1,
        issued=Moment(0, b"", 0),
        refresh_s=0,
        identity=b"i" * 32,
        variables=(),
        environment=b"e" * 32,
        files=(),
        profile="prod-s3",
        role_arn="",
        config_file="",
    )
    store.write(own, name, found[1], content)
    return name


def using(own: Settings, name: str) -> Settings:
    fields = {slot: getattr(own, slot) for slot in Settings.__slots__}
    return Settings(**{**fields, "key_store": name})


def holders(own: Settings) -> list[str]:
    return [state.name for state in key.show(own) if state.key_id is not None and state.name != "kernel"]


def test_moved_key_still_opens_every_entry_and_is_nowhere_else(roomy: Settings) -> None:
    name = put(roomy)
    key.move(roomy, "runtime")
    assert holders(roomy) == ["runtime"]
    assert store.read(using(roomy, "runtime"), name).document == b"d"
    assert not os.path.exists(os.path.join(roomy.state_dir, "key"))


def test_move_to_where_nothing_can_be_kept_loses_nothing(roomy: Settings, tmp_path: Path) -> None:
    name = put(roomy)
    os.rmdir(tmp_path / "run")
    (tmp_path / "run").write_text("a file where the directory was")
    with pytest.raises(CredhelperError, match="cannot hold"):
        key.move(roomy, "runtime")
    with pytest.raises(CredhelperError, match="no key store"):
        key.move(roomy, "nowhere")
    assert store.read(roomy, name).document == b"d"


def test_move_without_a_key_says_so(roomy: Settings) -> None:
    with pytest.raises(CredhelperError, match="no key to move"):
        key.move(roomy, "runtime")


def test_rotation_makes_another_key_in_the_same_place_and_forgets_the_entries(roomy: Settings) -> None:
    put(roomy)
    before = key.show(roomy)
    key.rotate(roomy)
    after = key.show(roomy)
    assert holders(roomy) == ["file"]
    assert [state.key_id for state in before] != [state.key_id for state in after]
    assert list(store.names(roomy)) == []


def test_destruction_leaves_neither_key_nor_entry(roomy: Settings) -> None:
    name = put(roomy)
    copy = Path(store.entry_path(roomy, name)).read_bytes()
    assert key.destroy(using(roomy, "file")) == 1
    assert holders(roomy) == []
    put(roomy)
    Path(store.entry_path(roomy, name)).write_bytes(copy)
    with pytest.raises(store.MissError, match="kid"):
        store.read(roomy, name)


def test_show_names_the_used_store_and_never_the_key(roomy: Settings) -> None:
    put(roomy)
    found = keys.find(roomy, lambda _key: True)
    assert found is not None
    shown = repr(key.show(roomy))
    assert found[1].hex() not in shown
    assert [state.name for state in key.show(roomy) if state.is_used] == ["file"]
