"""DuckDB with its httpfs and aws extensions, which shows no credentials and makes no STS call of its own."""

import os
from importlib import resources

import duckdb  # type: ignore[import-not-found]  # lives in an environment of its own
from actions import perform

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


perform(names)
