"""A wheel under another version: what an upgrade installs, without a second build."""

import base64
import hashlib
import zipfile
from pathlib import Path


def as_version(wheel: Path, version: str, directory: Path) -> Path:
    """Write the wheel to `directory` as if it were of that version, and return its path."""
    name, old, tags = wheel.name.split("-", 2)
    made = directory / f"{name}-{version}-{tags}"
    record = f"{name}-{version}.dist-info/RECORD"
    lines = []
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
        for info in source.infolist():
            path = info.filename.replace(f"{name}-{old}.d", f"{name}-{version}.d", 1)
            if path == record:
                continue
            data = source.read(info)
            if path in (f"{name}/__init__.py", f"{name}-{version}.dist-info/METADATA"):
                assert old.encode() in data
                data = data.replace(old.encode(), version.encode())
            kept = zipfile.ZipInfo(path)
            kept.external_attr = info.external_attr  # the mode of a script
            target.writestr(kept, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(data)}")
        target.writestr(record, "\n".join([*lines, f"{record},,", ""]))
    return made
