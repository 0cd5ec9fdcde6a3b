"""The way in, and the script that a line in ~/.aws/config names where there is no share/credhelper/get.py.

As short as can be, because Python compiles the script that it is given at every start; `start` has the rest.
"""

import _signal  # type: ignore[import-not-found]  # typeshed has `signal` only
import gc
import sys

if __name__ == "__main__":
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        # system.interrupt.ends, before anything is loaded: Ctrl-C of an `aws` command reaches us, with no traceback.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # What a hit loads stays until it ends; looking through it for garbage would take a twentieth of its time.
    gc.disable()
    if not __package__:
        # Started by its path, with -S: what we need lies beside the package.
        sys.path.append(__file__[: -len("/credhelper/__main__.py")])

from credhelper.start import main

if __name__ == "__main__":
    main()
