"""Mutated config files, and what must hold for each: python -m stress.config_fuzz [--count N] [--seed S].

Two laws: every file that is accepted comes back byte for byte, and is read as botocore itself reads it, sections
and values, or is refused. Run with the `tests` directory as the current one.
"""

import argparse
import ast
import collections
import json
import os
import random
import tempfile
import time
from pathlib import Path

import botocore.configloader
import botocore.exceptions

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.lint import both as check
from credhelper.errors import InputError

MATRIX = Path(__file__).parent.parent / "vectors" / "sdk-parser-matrix.json"

_LINES = """
[profile a]|[profile b]|[profile c]|[default]|[profile default]|[ profile a ]|[profile  b]|[profile "a b"]|[DEFAULT]|[x
[]|[]]|  [profile c]|[profile d] # c]|[sso-session z]|[services s]|region = x|region=y|Region: z|  nested = 1|s3 =|s3=
  # c|# c|; d||  |k|= v|: q|k == v|k : v|a b = c|  bad|output = json\t |role_arn = arn:x|profile|[profilefoo bar]
[profile a]b]|[profile 'a]|x = 1|y=2|credential_process = /x/h --a b|é = ü|sts =|  url = u
"""
FRAGMENTS = [
    *(part for line in _LINES.strip("\n").split("\n") for part in line.split("|")),
    *("\u2028", "\x85k = v", "\x1c", "\xa0 x = 1", "k\x0b=\x0cv", "\ufeff", "[profile \u00e9]", "\u3000y = 2"),
    "\x1d[profile q]",
]
_BYTES = b"[]=: \n\r\t#;aA\0\xff\"'\\%\x85\x1c"


def corpus() -> list[bytes]:
    """Return the files of the parser matrix and a few longer ones."""
    files = [ast.literal_eval(case[1]) for case in json.loads(MATRIX.read_text())]
    short = [one if isinstance(one, bytes) else one.encode() for one in files]
    long = b"\n".join(
        b"# team %d\n[profile t%d]\nregion = eu-west-%d\ns3 =\n  max = %d\noutput=json\n" % (n, n, n, n)
        for n in range(6)
    )
    return [*short, long, long.replace(b"\n", b"\r\n"), b"[default]\nregion = x\n\n[profile z]\nrole_arn = y"]


def mutated(rng: random.Random, files: list[bytes]) -> bytes:
    """Return one file: from the corpus or from fragments, with lines and bytes changed."""
    newline = rng.choice((b"\n", b"\n", b"\n", b"\r\n"))
    if rng.random() < 0.5:
        lines = rng.choice(files).split(b"\n")
        for _ in range(rng.randint(0, 2)):
            place = rng.randint(0, len(lines))
            lines[place : place + rng.randint(0, 1)] = [rng.choice(FRAGMENTS).encode()] * rng.randint(0, 1)
        data = b"\n".join(lines)
    else:
        data = newline.join(rng.choice(FRAGMENTS).encode() for _ in range(rng.randint(0, 7)))
        data += newline * rng.randint(0, 1)
    if rng.random() < 0.2:
        data = _bytes_changed(rng, data)
    return data


def _bytes_changed(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        place = rng.randint(0, len(changed))
        changed[place : place + rng.randint(0, 2)] = bytes([rng.choice(_BYTES)]) * rng.randint(0, 2)
    return bytes(changed)


def round_trip(data: bytes) -> str:
    """Hold the first law, and let `check` look at the file, as either of the two; returns accepted or refused."""
    check.check(data, data)
    try:
        document = Document.parse(data)
    except InputError:
        return "refused"
    assert document.to_bytes() == data, data
    return "accepted"


def differential(data: bytes, path: str) -> str:
    """Hold the second law, with `path` to write the file to; returns same, rejected by both, or refused."""
    with open(path, "wb") as file:
        file.write(data)
    theirs = _by_botocore(path)
    try:
        document = Document.parse(data)
    except InputError:
        return "refused"
    if document.fault is not None:
        return "rejected by both" if theirs is None else "refused"
    assert theirs is not None, data
    sections = {document.header(index): document.values(index) for index in range(len(document))}
    sections.pop("DEFAULT", None)
    assert sections == _flat(theirs), data
    profiles = botocore.configloader.build_profile_map(theirs)["profiles"]
    assert {name: document.values(index) for name, index in document.profiles()} == _flat(profiles), data
    return "same"


def _by_botocore(path: str) -> dict[str, dict[str, object]] | None:
    try:
        parsed: dict[str, dict[str, object]] = botocore.configloader.raw_config_parse(path)
    except botocore.exceptions.ConfigParseError:
        return None
    return parsed


def _flat(sections: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return {name: {key: text for key, text in keys.items() if isinstance(text, str)} for name, keys in sections.items()}


def run(count: int, seed: int, path: str) -> collections.Counter[str]:
    """Hold both laws on `count` files each and count the outcomes; an AssertionError carries the file."""
    rng = random.Random(seed)
    files = corpus()
    outcomes: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        outcomes[f"round trip: {round_trip(mutated(rng, files))}"] += 1
        outcomes[f"differential: {differential(mutated(rng, files), path)}"] += 1
    return outcomes


def main() -> None:
    """Run the whole and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    shared_memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared_memory if os.access(shared_memory, os.W_OK) else None) as directory:
        start = time.monotonic()
        outcomes = run(asked.count, asked.seed, str(Path(directory) / "config"))
    print(f"{asked.count} files each, seed {asked.seed}, {time.monotonic() - start:.0f} s")
    for outcome, number in sorted(outcomes.items()):
        print(f"{outcome}\t{number}")


if __name__ == "__main__":
    main()
