"""The script that the line in ~/.aws/config names. Its path has no version of Python in it: a new one keeps the line.

As short as can be, because Python compiles the script that it is given at every start; see credhelper/__main__.py.
"""

import _signal
import gc
import sys

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
gc.disable()
_prefix = __file__[: -len("/share/credhelper/get.py")]
if sys.platform == "win32":
    sys.path.append(_prefix + "\\Lib\\site-packages")
else:
    sys.path.append(f"{_prefix}/lib/python3.{sys.version_info[1]}/site-packages")

try:
    from credhelper.start import main
except ImportError:
    # An editable install, or the folders of a distribution: the sites know where those are.
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
main()
