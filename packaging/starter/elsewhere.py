"""Finds credhelper's `main` where lib/python3.X of the prefix has none, and says so where there is none at all.

That is on Windows, for an editable install and in the folders of a distribution.
"""

import sys

_prefix = sys.path.pop()[: -len("/share/credhelper")]
if sys.platform == "win32":
    sys.path.append(f"{_prefix}/Lib/site-packages")
try:
    from credhelper.start import main
except ImportError:
    # The sites know all other places.
    import site

    site.main()
    try:
        from credhelper.start import main
    except ImportError:
        sys.stderr.write(
            f"credhelper: error: this Python has no credhelper, or half of it: {sys.executable}\n"
            "hint: install it again: pipx install --force credhelper\n"
        )
        sys.exit(3)

__all__ = ["main"]
