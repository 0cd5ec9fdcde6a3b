"""Rust's object_store: credentials from the environment only, and no STS call of its own."""

import os

from actions import perform
from obstore.store import S3Store  # type: ignore[import-not-found]  # lives in an environment of its own


def names(bucket: str) -> list[str]:
    store = S3Store(
        bucket, endpoint=os.environ["AWS_ENDPOINT_URL"], region="us-east-1", client_options={"allow_http": True}
    )
    return [str(item["path"]) for batch in store.list() for item in batch]


perform(names)
