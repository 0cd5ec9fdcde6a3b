"""A key that DPAPI seals opens for the Windows user who sealed it only."""

from pathlib import Path

import pytest

from credhelper.keystores.dpapi import DpapiError, SealedFile
from fakes.vaults import FakeCrypt

KEY = bytes(range(32))


def test_blob_of_another_windows_user_does_not_open(tmp_path: Path) -> None:
    path = str(tmp_path / "key.dpapi")
    SealedFile(path, FakeCrypt()).write(KEY)
    with pytest.raises(DpapiError):
        SealedFile(path, FakeCrypt(b"mallory")).read(32)
    assert KEY not in Path(path).read_bytes()
