"""The C++ SDK through pyarrow's S3 file system, which shows no credentials and makes no STS call of its own."""

import os

from actions import perform
from pyarrow import fs  # type: ignore[import-not-found]  # lives in an environment of its own

address = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
files = fs.S3FileSystem(endpoint_override=address, scheme="http", region="us-east-1")


def names(bucket: str) -> list[str]:
    return [str(info.base_name) for info in files.get_file_info(fs.FileSelector(bucket))]


perform(names)
