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
sys.path.append(f"{_prefix}/lib/python3.{sys.version_info[1]}/site-packages")
try:
    from credhelper.start import main
except ImportError:
    sys.path[-1] = f"{_prefix}/share/credhelper"
    from elsewhere import main
main()
