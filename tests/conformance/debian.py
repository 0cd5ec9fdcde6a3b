"""Programs of Debian, unpacked below the cache with what they depend on: nothing is installed, no root is needed."""

import os
import shutil
from pathlib import Path

from conformance.client import MissingError
from conformance.toolchain import CACHE, fetch, need

_APT = CACHE / "debian" / "apt"
# apt with lists and a cache of its own; without a lock, because the one it would take is the machine's.
_OPTIONS = (
    *("-o", f"Dir::State::Lists={_APT / 'lists'}", "-o", f"Dir::Cache={_APT}"),
    *("-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="),
    *("-o", "APT::Update::Error-Mode=any"),
)


def root(package: str) -> Path:
    """Return where a package is unpacked."""
    return CACHE / "debian" / package


def unpack(package: str) -> None:
    """Unpack a package and what it needs beyond what the machine has; raise MissingError if that cannot be had."""
    need("apt-get")
    need("dpkg-deb")
    into = root(package)
    if (into / "usr").is_dir():
        return
    updated = _APT / "updated"
    if not updated.exists():
        for kind in ("lists", "archives"):
            (_APT / kind / "partial").mkdir(parents=True, exist_ok=True)
        try:
            fetch(["apt-get", *_OPTIONS, "-q", "update"])
        except MissingError:
            shutil.rmtree(_APT)
            raise
        updated.touch()
    plan = fetch(["apt-get", *_OPTIONS, "-s", "--no-install-recommends", "install", package])
    wanted = {line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")} | {package}
    downloads = into.with_name(f"{package}.part")
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir()
    fetch(["apt-get", *_OPTIONS, "-q", "download", *sorted(wanted)], downloads)
    for archive in sorted(downloads.glob("*.deb")):
        fetch(["dpkg-deb", "-x", str(archive), str(downloads)])
        archive.unlink()
    downloads.rename(into)


def environ(package: str) -> dict[str, str]:
    """Return what a program below `root` is started with."""
    below = root(package)
    libraries = [str(found) for found in sorted(below.glob("usr/lib/*-linux-gnu*"))]
    return {
        "PATH": f"{below}/usr/bin:{os.environ.get('PATH', os.defpath)}",
        "LD_LIBRARY_PATH": ":".join(libraries),
    }
