"""What a Python client does for the suite: identity, list BUCKET, credentials (five reads), loop SECONDS."""

import sys
import time
from collections.abc import Callable, Iterable

_BUCKET = "list-prod-bkt-details-01"


def perform(
    names: Callable[[str], Iterable[str]],
    identity: Callable[[], str] | None = None,
    read: Callable[[], str] | None = None,
) -> None:
    """Do the action of this process's arguments; a client that has no `identity` or no `read` lists in its place."""
    action, argument = [*sys.argv[1:], ""][:2]
    if action == "identity" and identity is not None:
        print(identity())
    elif action == "list":
        print(*names(argument))
    elif action == "credentials":
        for _ in range(5):
            print(read() if read is not None else len(list(names(argument))))
    elif action == "loop":
        end = time.monotonic() + float(argument)
        while time.monotonic() < end:
            print(identity() if identity is not None else len(list(names(_BUCKET))))
            time.sleep(1)
    else:
        raise SystemExit(f"unknown action {action}")
