"""The names of AWS's regions, from the data that botocore ships, without importing botocore: that takes too long."""

import importlib.util
import json
import os

from credhelper.model import partitions
from credhelper.model.nearest import nearest
from credhelper.system import files

_LIMIT = 1 << 20
# Each partition has one entry for its services without a region, such as aws-global.
_NO_REGION = "-global"


def region_names() -> list[str]:
    """Return every region that the installed botocore knows, none where its data cannot be read."""
    package = importlib.util.find_spec("botocore")
    if package is None or package.origin is None:
        return []
    path = os.path.join(os.path.dirname(package.origin), "data", "partitions.json")
    try:
        partitions = json.loads(files.read_bounded(path, _LIMIT, follow=True)[0])["partitions"]
    except (OSError, ValueError, KeyError):
        return []
    return [name for partition in partitions for name in partition["regions"] if not name.endswith(_NO_REGION)]


def is_known(region: str) -> bool:
    """Tell whether botocore's data has the region; where there is no data, every name may be one."""
    names = region_names()
    return not names or region in names


def likely(region: str, partition: str) -> str:
    """Return the region of the partition that was probably meant: the nearest name, or where AWS has its first."""
    known = [name for name in region_names() if partitions.partition_of_region(name) in (None, partition)]
    return (nearest(region, known, limit=1) or [partitions.default_region(partition)])[0]
