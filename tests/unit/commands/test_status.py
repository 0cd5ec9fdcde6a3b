"""What status says of a cache that cannot be used: every request would silently ask AWS otherwise."""

import os
from pathlib import Path

from credhelper.commands.status import read_status
from credhelper.settings import Settings
from credhelper.system import clock
from fakes.home import Home


def test_directory_that_is_refused_is_named_with_the_reason(own: Settings) -> None:
    above = os.path.dirname(own.cache_dir)
    assert read_status(own, {}, clock.now()).obstacle == ""
    assert not os.path.exists(above)  # a look creates nothing
    os.mkdir(above, 0o700)
    os.chmod(above, 0o777)  # noqa: S103 - the attack
    found = read_status(own, {}, clock.now())
    assert found.obstacle == f"{above}: others may replace this directory"
    assert found.cure.startswith(f"chmod go-w {above}")


def test_directory_that_cannot_be_made_is_named(own: Settings) -> None:
    with open(os.path.dirname(own.cache_dir), "w") as file:
        file.write("a file where the directory should be")
    assert "not a directory" in read_status(own, {}, clock.now()).obstacle


def test_way_to_aws_in_effect_is_told_without_a_password(tmp_path: Path) -> None:
    home = Home(tmp_path / "david")
    environ = {
        "HTTPS_PROXY": "http://user:hunter2@proxy.example:3128",
        "AWS_ENDPOINT_URL_STS": "https://sts.example:8443",
        "AWS_CA_BUNDLE": str(tmp_path / "ca.pem"),
    }
    network = read_status(home.settings(), environ, clock.now()).network
    assert network.endpoint == "AWS_ENDPOINT_URL_STS: https://sts.example:8443"
    assert network.proxy == "HTTPS_PROXY: proxy.example:3128"
    assert network.authority.startswith("refused: AWS_CA_BUNDLE names a CA file that only the environment names")
    home.config.write_text(f"[default]\nca_bundle = {tmp_path}/ca.pem\n")
    network = read_status(home.settings(), environ, clock.now()).network
    assert network.authority == f"AWS_CA_BUNDLE: {tmp_path}/ca.pem"
    assert "hunter2" not in repr(network)
