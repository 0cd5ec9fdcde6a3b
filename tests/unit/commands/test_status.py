"""What status says of a cache that cannot be used: every request would silently ask AWS otherwise."""

import os

from credhelper.commands.status import read_status
from credhelper.settings import Settings
from credhelper.system import clock


def test_directory_that_is_refused_is_named_with_the_reason(own: Settings) -> None:
    above = os.path.dirname(own.cache_dir)
    assert read_status(own, {}, clock.now()).obstacle == ""
    assert not os.path.exists(above)  # a look creates nothing
    os.mkdir(above, 0o700)
    os.chmod(above, 0o777)  # noqa: S103 - the attack
    assert read_status(own, {}, clock.now()).obstacle == f"{above}: others may replace this directory"


def test_directory_that_cannot_be_made_is_named(own: Settings) -> None:
    with open(os.path.dirname(own.cache_dir), "w") as file:
        file.write("a file where the directory should be")
    assert "not a directory" in read_status(own, {}, clock.now()).obstacle
