"""What every test stands on: an empty HOME of its own, no variable of the caller's, and no key of the user's."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from credhelper.commands.profile import trial
from credhelper.settings import Settings, from_environment
from credhelper.system import side_by_side
from fakes import botocore_data, fork_server
from fakes.aws_names import AwsNames
from fakes.home import HELPER, Home
from fakes.key_note import choose_store
from fakes.sts import FakeSts

pytest_plugins = ["leak_check.plugin"]

# A loaded machine is slow, not wrong: how long an example takes is for the benchmarks.
# The examples are the same in each run, so that a run fails for what was changed; EXPLORE=1 has new ones.
hypothesis.settings.register_profile(
    "credhelper",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="EXPLORE" not in os.environ,
)
hypothesis.settings.load_profile("credhelper")

botocore_data.keep()
vars(trial)["subprocess"] = fork_server.Lines(HELPER[-1], lambda: fork_server.server("credhelper").path)

# A shell without job control starts its background jobs with the first two ignored, and nohup with the third; tests
# end programs by them.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in ("SIGQUIT", "SIGHUP"):
    if hasattr(signal, _name):
        signal.signal(getattr(signal, _name), signal.SIG_DFL)


def pytest_sessionfinish() -> None:
    """End what this process has started for all its tests."""
    fork_server.close()


_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a HOME under its own directory and nothing else that changes what we do."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "CREDHELPER_", "XDG_", "PYTHON")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    # The kernel keyring belongs to the user who runs the tests; its own tests use a key of another name.
    choose_store(home)


@pytest.fixture(autouse=True)
def calls_that_were_given_up(clean_environment: None) -> Iterator[None]:
    """Wait for the calls that a test no longer waited for: the next one would have their retries in its process."""
    yield
    for thread in threading.enumerate():
        if thread.name == side_by_side.NAME:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def own(clean_environment: None) -> Settings:
    """The settings of this test's environment."""
    return from_environment(os.environ)


@pytest.fixture
def sts() -> Iterator[FakeSts]:
    """An STS on loopback."""
    with FakeSts() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    """The home of a user with a long-lived key and one profile, whose files have been there for a while."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    made.add_role()
    return made.settle()


@pytest.fixture
def aws(sts: FakeSts, tmp_path: Path) -> Iterator[AwsNames]:
    """AWS's own names, behind a proxy on loopback, with `sts` as what answers."""
    with AwsNames(sts.url, tmp_path) as names:
        yield names


@pytest.fixture
def whole_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program begin as it does for a user: for tests of the beginning."""
    monkeypatch.setattr(Home, "is_forked", False)


@pytest.fixture
def bare_home(tmp_path: Path) -> Home:
    """A home in which there is nothing yet."""
    return Home(tmp_path / "david")


@pytest.fixture
def behind_proxy(tmp_path: Path, aws: AwsNames) -> Home:
    """The home of a user with a long-lived key, whose network has a proxy and an authority of its own."""
    made = Home(tmp_path / "david", HTTPS_PROXY=aws.proxy_url, AWS_CA_BUNDLE=str(aws.ca_bundle))
    made.add_user()
    # A project could set the variable: it counts because the config file says the same.
    made.config.write_text(f"[default]\nca_bundle = {aws.ca_bundle}\n\n")
    return made
