"""A witness changes when a file or a variable does, and is not trusted while it could miss a change."""

import os
import time
from pathlib import Path

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


def test_file_changed_just_now_is_not_trusted_yet(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("x")
    signature = inputs.signature_of(str(path))
    now_ns = time.time_ns()
    assert inputs.settled(signature, now_ns) == inputs.RACY
    assert inputs.settled(signature, now_ns + 3_000_000_000) == signature
    assert inputs.settled(signature, now_ns - 60_000_000_000) == inputs.RACY


def test_whole_second_timestamps_are_distrusted_for_longer() -> None:
    coarse = (1, 1, 5_000_000_000, 5_000_000_000)
    fine = (1, 1, 5_000_000_001, 5_000_000_001)
    at_ns = 6_000_000_000
    assert inputs.settled(coarse, at_ns) == inputs.RACY
    assert inputs.settled(fine, at_ns) == fine


def test_absent_file_is_absent_however_soon() -> None:
    assert inputs.settled(inputs.ABSENT, 0) == inputs.ABSENT


@given(ENVIRONMENT, ENVIRONMENT)
def test_environment_hash_differs_exactly_when_a_variable_does(first: dict[str, str], second: dict[str, str]) -> None:
    names = ("A", "B", "AB")
    looked_at = [{name: env.get(name) for name in names} for env in (first, second)]
    hashes = [inputs.hash_environment(env, names) for env in (first, second)]
    assert (hashes[0] == hashes[1]) == (looked_at[0] == looked_at[1])
