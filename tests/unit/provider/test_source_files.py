"""A file that decides who a source is differs from every other one, also where its content is not read."""

from pathlib import Path

import pytest

from credhelper.errors import MachineError
from credhelper.provider import source_files


def test_file_that_is_too_long_is_another_one_with_each_change_and_is_refused_as_a_source(tmp_path: Path) -> None:
    file = tmp_path / "token"
    seen = [source_files.digest_of(str(file))]
    assert seen == [source_files.digest_to_compare(str(file), "it")] == [""]
    for text in ("x", "yy"):
        file.write_text(text * 100_000)
        seen.append(source_files.digest_of(str(file)))
        with pytest.raises(MachineError, match="decides who it is"):
            source_files.digest_to_compare(str(file), "it")
    assert len(set(seen)) == 3


def test_file_is_compared_by_what_is_in_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path, text in ((one, "x"), (other, "y")):
        path.write_text(text)
        assert source_files.digest_to_compare(str(path), "it") == source_files.digest_of(str(path))
    assert source_files.digest_of(str(one)) != source_files.digest_of(str(other))
    other.write_text("x")
    assert source_files.digest_of(str(one)) == source_files.digest_of(str(other))
