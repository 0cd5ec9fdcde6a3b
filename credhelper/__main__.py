"""The way in, and the script that the line in ~/.aws/config names.

As short as can be, because Python compiles the script that it is given at every start; `start` has the rest.
"""

import sys

if __name__ == "__main__" and not __package__:
    # Started by its path, with -S: what we need lies beside the package.
    sys.path.append(__file__[: -len("/credhelper/__main__.py")])

from credhelper.start import main

if __name__ == "__main__":
    main()
