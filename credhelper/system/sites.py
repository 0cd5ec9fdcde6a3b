"""The directories of packages that `-S` left out: looked for once, by the first that needs them."""

import sys

_seen: list[bool] = []


def see() -> None:
    """Add them, and run what their .pth files say, if that was left out and was not done since."""
    if sys.flags.no_site and not _seen:
        import site

        _seen.append(True)
        site.main()
