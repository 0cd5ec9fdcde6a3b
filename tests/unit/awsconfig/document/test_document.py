"""The document: every byte it did not edit survives, and what is ambiguous is refused with its line."""

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.errors import InputError

CRLF = b"# mine\r\n[default]\r\nregion = us-east-1\r\n\r\n[profile dev]\r\nregion = eu-west-1\r\n"
NESTED = b"[profile a]\ns3 =\n  region = nested\n  # about\n  x = 1\nregion = outer # home\n\n; last words\n"


def document(text: str | bytes) -> Document:
    return Document.parse(text.encode() if isinstance(text, str) else text)


def edited(text: str, edit: str, *arguments: object) -> str:
    result: Document = getattr(document(text), edit)(*arguments)
    return result.to_bytes().decode()


def test_missing_file_gets_its_first_profile() -> None:
    assert edited("", "add", "a", {"region": "x"}) == "[profile a]\nregion = x\n"
    assert edited("", "add", "default", {"region": "x"}) == "[default]\nregion = x\n"


def test_added_profile_follows_newlines_spacing_and_blank_lines() -> None:
    assert document(CRLF).add("new", {"x": "1"}).to_bytes() == CRLF + b"\r\n[profile new]\r\nx = 1\r\n"
    assert edited("[profile a]\nx=1\n[profile b]\ny=2\n", "add", "c", {"z": "3"}).endswith("y=2\n[profile c]\nz=3\n")
    assert edited("[profile a]\nx = 1", "add", "b", {"y": "2"}) == "[profile a]\nx = 1\n\n[profile b]\ny = 2"
    assert (
        edited("[profile a]\nx = 1\n\n\n", "add", "b", {"y": "2"}) == "[profile a]\nx = 1\n\n[profile b]\ny = 2\n\n\n"
    )


def test_set_finds_keys_outside_nested_blocks_only() -> None:
    result = document(NESTED).set("a", {"region": "new", "x": "2"}).to_bytes()
    assert result == NESTED.replace(b"outer # home", b"new\nx = 2")


def test_key_and_its_indented_lines_are_one_unit() -> None:
    assert document(NESTED).unset("a", ["s3"]).to_bytes() == b"[profile a]\nregion = outer # home\n\n; last words\n"
    text = "[profile a]\nx = 1\n  more\n# kept\n  still more\ny = 2\n"
    assert edited(text, "set", "a", {"x": "9"}) == "[profile a]\nx = 9\n# kept\ny = 2\n"


def test_new_key_goes_below_the_last_one_and_its_block() -> None:
    assert edited("[profile a]\ns3 =\n  x = 1\n\n# end\n", "set", "a", {"y": "2"}) == (
        "[profile a]\ns3 =\n  x = 1\ny = 2\n\n# end\n"
    )
    assert edited("[profile a]\n  # indented\n", "set", "a", {"y": "2"}) == "[profile a]\n  # indented\ny = 2\n"


def test_keys_in_capitals_and_with_colons_are_rewritten_only_when_they_change() -> None:
    text = "[profile a]\nRegion: x\n"
    assert edited(text, "set", "a", {"region": "x"}) == text
    assert edited(text, "set", "a", {"region": "y"}) == "[profile a]\nregion = y\n"


def test_headers_are_found_in_every_spelling_botocore_reads() -> None:
    for header in ("[profile  a]", "[profile\ta]", "[profile a ]", '[profile "a"]', "[profile a] # c", "[profile a];c"):
        assert edited(f"{header}\nx = 1\n", "set", "a", {"x": "2"}) == f"{header}\nx = 2\n"


def test_default_is_edited_in_the_section_it_has() -> None:
    assert edited("[profile default]\nx = 1\n", "set", "default", {"x": "2"}) == "[profile default]\nx = 2\n"


def test_remove_keeps_comments_outside_the_section() -> None:
    text = "# top\n[profile a]\nx = 1\n# inside\ny = 2\n# after\n\n[profile b]\nz = 3\n"
    assert edited(text, "remove", "a") == "# top\n# after\n\n[profile b]\nz = 3\n"
    assert edited("[profile a]\nx = 1\n\n[profile b]\ny = 2\n", "remove", "a") == "[profile b]\ny = 2\n"


def test_rename_keeps_what_stands_behind_the_header() -> None:
    assert edited("[profile a]  # mine\nx = 1\n", "rename", "a", "b") == "[profile b]  # mine\nx = 1\n"


def test_rename_keys_keeps_place_spacing_and_capitals() -> None:
    text = "[profile a]\nRole_ARN=x\nregion = y\n"
    there = document(text).rename_keys({"a": {"role_arn": "credhelper_role_arn"}})
    assert there.to_bytes() == b"[profile a]\ncredhelper_Role_ARN=x\nregion = y\n"
    assert there.rename_keys({"a": {"credhelper_role_arn": "role_arn"}}).to_bytes().decode() == text


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"[profile a]\nx = \0\n", 2),
        (b"[profile a]\rx = 1\n", 1),
        (b"[profile a]\nx = 1\n# caf\xe9\n", 3),
        (b"[profile a]\nx = " + b"\xc3\xa9" * 70_000 + b"\xe9\n", 2),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(data: bytes, line: int) -> None:
    with pytest.raises(InputError, match=f"^line {line}: "):
        Document.parse(data)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[profile a]\nx = 1\n[profile a]\ny = 2\n", 3),
        ("[profile a]\nx = 1\nX = 2\n", 3),
        ("[profile a]\ngarbage\n", 2),
        ("x = 1\n[profile a]\n", 1),
        ("[profile a\nx = 1\n", 1),
        ("[profile a]\ns3 =\n  broken\n", 2),
        ("\ufeff[profile a]\nx = 1\n", 1),
    ],
)
def test_file_that_botocore_rejects_is_shown_but_never_edited(text: str, line: int) -> None:
    damaged = document(text)
    assert damaged.to_bytes() == text.encode()
    with pytest.raises(InputError, match=f"^line {line}: "):
        damaged.add("new", {"x": "1"})


@pytest.mark.parametrize(
    "text",
    ["[default]\nx = 1\n[profile default]\ny = 2\n", "[profile default]\n[profile  default]\n", "[default ]\nx = 1\n"],
)
def test_profile_in_two_spellings_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="line 1"):
        document(text).set("default", {"x": "2"})


def test_profile_that_only_some_sdks_see_is_not_added_again() -> None:
    with pytest.raises(InputError, match="line 1 spells profile a"):
        document("[ profile a ]\nx = 1\n").add("a", {"x": "2"})


def test_edit_that_would_swallow_an_indented_header_is_refused() -> None:
    with pytest.raises(InputError, match="another section"):
        document("[profile a]\n  [profile b]\n  x = 1\n").set("a", {"y": "2"})


@pytest.mark.parametrize(
    "name", ["", "-x", "a b", "a]b", "a\nb", "a\rb", "a#b", "caf\u00e9", "a\0", "$(id)", "a;b", "a'b"]
)
def test_name_that_some_sdk_cannot_read_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="profile name"):
        document("").add(name, {"x": "1"})


@pytest.mark.parametrize(
    "value", ["", " x", "x ", "a\nb", "a\rb", "a\0b", "a\x85b", "\u2028", "x #y", "x ;y", "#x", "caf\u00e9"]
)
def test_value_that_is_not_one_plain_line_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(InputError, match="the value of x") as caught:
        document("").add("a", {"x": value})
    assert len(value) < 4 or value not in caught.value.message


@pytest.mark.parametrize("key", ["", "X", "a b", "a=b", "a:b", "[x]", "1a", "#a", "a\nb"])
def test_key_that_is_not_a_plain_word_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="a key has characters"):
        document("").add("a", {key: "1"})


def test_separators_that_are_no_newlines_do_not_split_a_line() -> None:
    text = "[profile a]\nx = 1\u2028[profile b]\x85y = 2\x0bz\x0c\n"
    assert [name for name, _ in document(text).profiles()] == ["a"]


def test_ten_megabytes_in_one_line_and_many_sections_are_read() -> None:
    data = b"[profile a]\nx = " + b"y" * 10_000_000 + b"\n" + b"".join(b"[s%d]\n" % number for number in range(100_000))
    big = Document.parse(data)
    assert len(big) == 100_001
    assert big.set("a", {"z": "1"}).remove("a").to_bytes().startswith(b"[s0]\n")
