"""Fuzz: every accepted file comes back byte for byte, and is read as botocore reads it. CONFIG_FUZZ is the count."""

import os
from pathlib import Path

from stress import config_fuzz

COUNT = int(os.environ.get("CONFIG_FUZZ", "5000"))


def test_mutated_files_come_back_and_mean_what_botocore_reads(tmp_path: Path) -> None:
    outcomes = config_fuzz.run(COUNT, seed=int(os.environ.get("CONFIG_FUZZ_SEED", "7")), path=str(tmp_path / "config"))
    # A generator whose files are mostly refused would prove nothing.
    assert outcomes["differential: same"] > COUNT // 4
    assert outcomes["differential: refused"] < COUNT // 4
