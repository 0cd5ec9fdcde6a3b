"""A witness changes when a file or a variable does, and is not trusted while it could miss a change."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.provider import inputs

ENVIRONMENT = st.dictionaries(st.sampled_from(["A", "B", "AB", "C"]), st.text("ab=-:1", max_size=4))


def test_every_way_to_change_a_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "config"
    seen = {inputs.signature_of(str(path))}
    assert seen == {inputs.ABSENT}
    path.write_text("[default]\n")
    seen.add(inputs.signature_of(str(path)))
    path.write_text("[default]\nregion = us-east-1\n")
    seen.add(inputs.signature_of(str(path)))
    replacement = tmp_path / "new"
    replacement.write_bytes(path.read_bytes())
    os.utime(replacement, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(replacement, path)
    seen.add(inputs.signature_of(str(path)))
    os.utime(path, ns=(0, 0))
    seen.add(inputs.signature_of(str(path)))
    assert len(seen) == 5


@given(ENVIRONMENT, ENVIRONMENT)
def test_environment_hash_differs_exactly_when_a_variable_does(first: dict[str, str], second: dict[str, str]) -> None:
    names = ("A", "B", "AB")
    looked_at = [{name: env.get(name) for name in names} for env in (first, second)]
    hashes = [inputs.hash_environment(env, names) for env in (first, second)]
    assert (hashes[0] == hashes[1]) == (looked_at[0] == looked_at[1])


@given(st.dictionaries(st.sampled_from(["AWS_A", "AWS_B", "AWS_PROFILE", "B"]), st.sampled_from(["", "1", "2"])))
def test_every_aws_variable_is_one_name(environ: dict[str, str]) -> None:
    relevant = {name: value for name, value in environ.items() if name in ("AWS_A", "AWS_B")}
    names = ["AWS_*"]
    assert inputs.hash_environment(environ, names) == inputs.hash_environment(relevant, names)
    for name in ("AWS_A", "AWS_B", "AWS_C"):
        assert inputs.hash_environment({**environ, name: "other"}, names) != inputs.hash_environment(environ, names)


USERS = st.dictionaries(st.sampled_from(["LOGNAME", "USER", "USERNAME"]), st.sampled_from(["", "david", "ceo", "-"]))


@given(USERS, USERS)
def test_users_name_counts_and_not_the_variable_that_has_it(first: dict[str, str], second: dict[str, str]) -> None:
    names = ["A", inputs.USER_NAME]
    users = [next(filter(None, map(environ.get, ["LOGNAME", "USER", "USERNAME"])), "") for environ in (first, second)]
    assert inputs.user_name(first) == users[0]
    hashes = [inputs.hash_environment(environ, names) for environ in (first, second)]
    assert (hashes[0] == hashes[1]) == (users[0] == users[1])
    # Never that of an unset variable, which it is for a reader that does not know the name: this entry is none for it.
    text = f"={users[0]}"
    assert hashes[0] == sha256(f"1:A1:-21:LOGNAME|USER|USERNAME{len(text)}:{text}".encode()).digest()


@pytest.mark.parametrize("names", [["LOGNAME"], ["LOGNAME", "USER"], ["LOGNAME", "USER", "USERNAME"]])
def test_entry_that_has_the_variables_themselves_is_read_by_these(names: list[str]) -> None:
    """As they were written once."""
    environ = dict.fromkeys(names, "david")
    noted = inputs.hash_environment(environ, names)
    for name in names:
        assert inputs.hash_environment({**environ, name: "ceo"}, names) != noted


def test_variable_with_a_name_in_any_bytes_is_one_of_them() -> None:
    names = ["AWS_*"]
    for name in ("AWS_\udcff", "AWS_é"):
        assert inputs.hash_environment({name: "\udcfe"}, names) != inputs.hash_environment({}, names)


def test_file_with_a_zero_byte_in_its_path_is_absent() -> None:
    assert inputs.signature_of("/a\0b") == inputs.ABSENT
