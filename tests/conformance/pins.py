"""The pinned version of a client, read from the manifest that its package manager reads."""

import re

from conformance.toolchain import SOURCES


def of(manifest: str, name: str) -> str:
    """Return the version that follows a package's name in a file below `clients`."""
    text = (SOURCES / manifest).read_text("utf-8")
    # name==1, name v1, "name": "1", name = { version = "=1, <artifactId>name</artifactId><version>1
    found = re.search(rf"(?m)(?:^|[\s\">/]){re.escape(name)}(?:[^\w/-][^\d\n]*?)v?(\d[\w.-]*)", text)
    if found is None:
        raise LookupError(f"{manifest} names no version of {name}")
    return found[1]
