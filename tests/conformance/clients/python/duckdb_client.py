"""DuckDB with its httpfs and aws extensions: list BUCKET, credentials BUCKET (five listings), loop SECONDS."""

import os
import sys
import time
from importlib import resources

import duckdb  # type: ignore[import-not-found]  # lives in an environment of its own

address = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
database = duckdb.connect()
for name in ("httpfs", "aws"):
    package = resources.files(f"duckdb_extension_{name}")
    database.load_extension(str(package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"))
database.execute(
    "CREATE SECRET (TYPE s3, PROVIDER credential_chain, CHAIN 'config;process', REFRESH auto, "
    f"PROFILE '{os.environ['AWS_PROFILE']}', "
    f"REGION 'us-east-1', ENDPOINT '{address}', USE_SSL false, URL_STYLE 'path')"
)


def names(bucket: str) -> list[str]:
    found = database.execute(f"SELECT file FROM glob('s3://{bucket}/**')").fetchall()  # noqa: S608 - our own bucket
    return [str(path) for (path,) in found]


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
