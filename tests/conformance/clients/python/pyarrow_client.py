"""The C++ SDK through pyarrow's S3 file system: list BUCKET only, it has no STS call to make."""

import os
import sys

from pyarrow import fs  # type: ignore[import-not-found]  # lives in an environment of its own

address = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
files = fs.S3FileSystem(endpoint_override=address, scheme="http", region="us-east-1")
for info in files.get_file_info(fs.FileSelector(sys.argv[2])):
    print(info.base_name)
