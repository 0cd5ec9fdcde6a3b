"""Two processes that need one SSO session: its refresh token works once, and both get credentials."""

import subprocess
from pathlib import Path

from fakes.home import Home, key_id
from fakes.sso import FakeSso
from fakes.sts import FakeSts


def test_two_processes_refresh_one_session_once(tmp_path: Path) -> None:
    with FakeSts() as sts, FakeSso(delay_s=1.0) as sso:
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
        # Profiles of their own, so that nothing but the session's lock has one wait for the other.
        home.config.write_text(sso.sections("dev", "ops"))
        home.add_role("a", source="dev")
        home.add_role("b", source="ops")
        token = sso.write_token(home.path, left_s=60)
        before = token.read_bytes()
        callers = [home.popen(name) for name in ("a", "b")]
        for caller in callers:
            output, errors = caller.communicate(timeout=60)
            key_id(subprocess.CompletedProcess(caller.args, caller.returncode, output, errors))
        assert len(sso.refreshed) == 1
        assert token.read_bytes() != before
        assert sts.count() == 2
