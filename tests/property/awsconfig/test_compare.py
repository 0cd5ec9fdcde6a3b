"""What two versions of a file have in common is found in large steps, and is what one finds section by section."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.document import compare
from credhelper.awsconfig.document.document import Document
from credhelper.errors import InputError
from stress import config_fuzz

CORPUS = config_fuzz.corpus()
PIECES = st.sampled_from([
    "[profile a]\nregion = x\n", "[profile b]\nregion = x\n", "[profile b]\n", "\t[profile c]\nregion = x\n",
    " [x]\n", " [x\n", "region = x\n", " s3 =\n  [y]\n", "# [z]\n", "\n", "[default]\n", "[DEFAULT]\nregion = z\n",
])  # fmt: skip


def parsed(data: bytes) -> Document:
    try:
        return Document.parse(data)
    except InputError:
        return Document.parse(b"")


def one_by_one(one: Document, other: Document) -> tuple[range, range]:
    def raw(document: Document, index: int) -> bytes:
        start, end = document.span(index)
        return document.to_bytes()[start:end]

    shorter = min(len(one), len(other))
    head = 0
    while head < shorter and raw(one, head) == raw(other, head):
        head += 1
    tail = 0
    while tail < shorter - head and raw(one, len(one) - 1 - tail) == raw(other, len(other) - 1 - tail):
        tail += 1
    return range(head, len(one) - tail), range(head, len(other) - tail)


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=3), st.lists(PIECES, max_size=12), st.lists(PIECES))
def test_common_sections_of_small_files(before: list[str], old: list[str], after: list[str], new: list[str]) -> None:
    one, other = (parsed("".join((*before, *middle, *after)).encode()) for middle in (old, new))
    assert compare._middle(one, other) == one_by_one(one, other)


@given(st.randoms(use_true_random=False))
def test_common_sections_of_real_files(chance: random.Random) -> None:
    one = parsed(config_fuzz.mutated(chance, CORPUS))
    other = parsed(config_fuzz.mutated(chance, [one.to_bytes()]))
    assert compare._middle(one, other) == one_by_one(one, other)


@pytest.mark.parametrize("changed", [0, 1, 511, 512, 513, 1999])
def test_common_sections_of_a_large_file(changed: int) -> None:
    sections = [f"[profile p{number}]\nregion = eu-west-1\n" for number in range(2000)]
    one = parsed("".join(sections).encode())
    sections[changed] += "output = json\n"
    other = parsed("".join(sections).encode())
    assert compare._middle(one, other) == (range(changed, changed + 1), range(changed, changed + 1))
