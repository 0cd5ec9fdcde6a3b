"""The C++ SDK through pyarrow's S3 file system, which shows no credentials and makes no STS call of its own.

list BUCKET, credentials BUCKET (five listings), loop SECONDS.
"""

import os
import sys
import time

from pyarrow import fs  # type: ignore[import-not-found]  # lives in an environment of its own

address = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
files = fs.S3FileSystem(endpoint_override=address, scheme="http", region="us-east-1")


def names(bucket: str) -> list[str]:
    return [str(info.base_name) for info in files.get_file_info(fs.FileSelector(bucket))]


action, argument = sys.argv[1:]
if action == "list":
    print(*names(argument))
elif action == "credentials":
    for _ in range(5):
        print(len(names(argument)))
elif action == "loop":
    end = time.monotonic() + float(argument)
    while time.monotonic() < end:
        print(len(names("list-prod-bkt-details-01")))
        time.sleep(1)
