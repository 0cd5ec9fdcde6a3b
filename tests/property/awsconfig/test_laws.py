"""The laws of an edit, with botocore's own loader as the oracle."""

import tempfile
from collections.abc import Mapping

import botocore.configloader
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credhelper.awsconfig.document.credentials_document import CredentialsDocument
from credhelper.awsconfig.document.document import Document
from credhelper.errors import InputError
from fakes.strict_reader import read_strictly
from stress import config_fuzz

CORPUS = config_fuzz.corpus()
NAMES = st.from_regex(r"[A-Za-z0-9_.%@:+/][A-Za-z0-9_.%@:+/-]{0,12}", fullmatch=True)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
VALUES = st.from_regex(r"(?![#;])(?!.* [#;])[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)
SECTIONS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return a file that botocore reads."""
    data = config_fuzz.mutated(draw(st.randoms(use_true_random=False)), CORPUS)
    try:
        document = Document.parse(data)
    except InputError:
        assume(condition=False)
        raise
    assume(document.fault is None)
    return document


def botocore_profiles(document: Document) -> dict[str, dict[str, object]]:
    """Return the profiles that botocore's loader finds in the bytes."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(document.to_bytes())
        file.flush()
        profiles: dict[str, dict[str, object]] = botocore.configloader.load_config(file.name)["profiles"]
    return profiles


def others(profiles: Mapping[str, dict[str, object]], *names: str) -> dict[str, dict[str, object]]:
    return {name: keys for name, keys in profiles.items() if name not in names}


def flat(document: Document, name: str) -> dict[str, str]:
    found = document.profile(name)
    assert found is not None
    return found


@given(documents(), NAMES, SECTIONS)
def test_add_shows_the_new_profile_and_leaves_the_others(document: Document, name: str, keys: dict[str, str]) -> None:
    try:
        added = document.add(name, keys)
    except InputError:
        assume(condition=False)
        raise
    before, after = botocore_profiles(document), botocore_profiles(added)
    assert others(after, name) == others(before)
    assert {key: after[name][key] for key in keys} == keys


@given(documents(), NAMES, SECTIONS)
def test_add_then_remove_restores_the_bytes(document: Document, name: str, keys: dict[str, str]) -> None:
    try:
        added = document.add(name, keys)
    except InputError:
        assume(condition=False)
        raise
    assert added.remove(name).to_bytes() == document.to_bytes()


@given(documents(), st.data())
def test_set_twice_is_set_once_and_others_are_as_before(document: Document, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, _ in document.profiles()] or [""]))
    keys = data.draw(SECTIONS)
    try:
        once = document.set(name, keys)
    except InputError:
        assume(condition=False)
        raise
    assert once.set(name, keys) == once
    assert flat(once, name) | keys == flat(once, name)
    assert others(botocore_profiles(once), name) == others(botocore_profiles(document), name)


@given(documents(), st.data())
def test_set_then_unset_of_new_keys_restores_the_bytes(document: Document, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, _ in document.profiles()] or [""]))
    keys = data.draw(SECTIONS)
    assume(all(key not in (line.name for line in document.block(index).key_lines)
               for other, index in document.profiles() if other == name for key in keys))  # fmt: skip
    try:
        once = document.set(name, keys)
    except InputError:
        assume(condition=False)
        raise
    assert once.unset(name, keys).to_bytes() == document.to_bytes()


@given(documents(), st.data())
def test_remove_and_unset_leave_the_others(document: Document, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, _ in document.profiles()] or [""]))
    try:
        removed = document.remove(name)
        unset = document.unset(name, flat(document, name))
    except InputError:
        assume(condition=False)
        raise
    before = botocore_profiles(document)
    for after in (botocore_profiles(removed), botocore_profiles(unset)):
        assert others(after, name) == others(before, name)
    assert name not in botocore_profiles(removed)


@given(documents(), NAMES, st.data())
def test_rename_moves_the_keys_and_leaves_the_others(document: Document, new: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, _ in document.profiles()] or [""]))
    try:
        renamed = document.rename(name, new)
    except InputError:
        assume(condition=False)
        raise
    before, after = botocore_profiles(document), botocore_profiles(renamed)
    assume(new != "back")
    assert after[new] == before[name]
    assert others(after, new) == others(before, name)
    assert renamed.rename(new, "back").rename("back", new) == renamed


@given(documents(), NAMES, st.data(), st.booleans())
def test_copy_is_a_second_profile_and_without_the_first_it_is_a_rename(
    document: Document, new: str, data: st.DataObject, is_credentials: bool
) -> None:
    if is_credentials:
        document = CredentialsDocument.parse(document.to_bytes())
    name = data.draw(st.sampled_from([name for name, _ in document.profiles()] or [""]))
    try:
        copied = document.copy(name, new)
    except InputError:
        assume(condition=False)
        raise
    before, after = read(document), read(copied)
    assert after[new] == after[name] == before[name]
    assert others(after, new) == before
    assert copied.remove(name).to_bytes() == document.rename(name, new).to_bytes()


@given(documents(), st.dictionaries(NAMES, SECTIONS, min_size=1, max_size=4), st.booleans())
def test_many_are_added_and_removed_as_one_by_one(
    document: Document, sections: dict[str, dict[str, str]], is_credentials: bool
) -> None:
    if is_credentials:
        document = CredentialsDocument.parse(document.to_bytes())
    one_by_one = document
    try:
        added = document.add_all(sections)
        for name, keys in sections.items():
            one_by_one = one_by_one.add(name, keys)
    except InputError:
        assume(condition=False)
        raise
    assert read(added) == read(one_by_one)
    assert others(read(added), *sections) == read(document)
    assert added.remove_all(sections).to_bytes() == document.to_bytes()
    for name in sections:
        one_by_one = one_by_one.remove(name)
    assert one_by_one == document


@given(documents(), st.data())
def test_some_are_removed_as_one_by_one(document: Document, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([name for name, _ in document.profiles()] or [""]), unique=True))
    one_by_one = document
    try:
        removed = document.remove_all(names)
        for name in names:
            one_by_one = one_by_one.remove(name)
    except InputError:
        assume(condition=False)
        raise
    assert read(removed) == read(one_by_one) == others(read(document), *names)


def read(document: Document) -> dict[str, dict[str, object]]:
    """Return what botocore reads: the sections of a credentials file, the profiles of a config file."""
    if not isinstance(document, CredentialsDocument):
        return botocore_profiles(document)
    with tempfile.NamedTemporaryFile() as file:
        file.write(document.to_bytes())
        file.flush()
        sections: dict[str, dict[str, object]] = botocore.configloader.raw_config_parse(file.name)
    return sections


@settings(max_examples=200)
@given(st.lists(st.tuples(NAMES, SECTIONS), max_size=5, unique_by=lambda pair: pair[0].lower()))
def test_file_of_ours_means_the_same_to_a_strict_reader(profiles: list[tuple[str, dict[str, str]]]) -> None:
    document = Document.parse(b"")
    for name, keys in profiles:
        document = document.add(name, keys)
    assert read_strictly(document.to_bytes()) == dict(profiles)


@given(st.lists(st.sampled_from(config_fuzz.FRAGMENTS), max_size=6))
def test_no_edit_touches_a_line_that_is_not_its_own(lines: list[str]) -> None:
    data = "\n".join(["[profile mine]", "region = a", *lines]).encode()
    try:
        edited = Document.parse(data).set("mine", {"region": "b", "credhelper_external_id": "xy"})
    except InputError:
        assume(condition=False)
        raise
    gone = [line for line in data.split(b"\n") if line not in edited.to_bytes().split(b"\n")]
    assert all(line == b"region = a" or line[:1] in b" \t\x0b\x0c\x1c\x1d\x1e\x1f\xc2\xe2\xe3" for line in gone)
