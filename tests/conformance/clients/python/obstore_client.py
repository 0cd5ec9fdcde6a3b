"""Rust's object_store, credentials from the environment only: list BUCKET, credentials BUCKET (five listings)."""

import os
import sys

from obstore.store import S3Store  # type: ignore[import-not-found]  # lives in an environment of its own

action, bucket = sys.argv[1:]
store = S3Store(
    bucket, endpoint=os.environ["AWS_ENDPOINT_URL"], region="us-east-1", client_options={"allow_http": True}
)


def names() -> list[str]:
    return [str(item["path"]) for batch in store.list() for item in batch]


if action == "list":
    print(*names())
elif action == "credentials":
    for _ in range(5):
        print(len(names()))
