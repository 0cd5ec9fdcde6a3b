"""One process that goes on calling beyond the end of a session, and the most that it may ask of us meanwhile."""

import math
import tempfile
from pathlib import Path

from conformance import stage as stages
from conformance.client import LOOP, Client
from conformance.short_sessions import ShortSessions
from credhelper.model.freshness import MINIMUM_LEFT_S

# We hand out nothing with a minute or less to live, so a session has to be longer than that.
LIFETIME_S = MINIMUM_LEFT_S + 6
_SECONDS = LIFETIME_S + 10


def outlives(client: Client) -> str:
    """Return "" if the credentials lived at every call and we were asked as rarely as the client's rule has it."""
    with tempfile.TemporaryDirectory() as directory, ShortSessions(LIFETIME_S) as aws:
        home = stages.home_at(Path(directory), aws.url)
        home.add_user()
        home.add_role(stages.PROFILE)
        stage = stages.Stage(aws.url, home)
        done = stage.start(client, LOOP, str(_SECONDS), stages.PROFILE)
        refusals = aws.sessions - 1 if client.learns_by_refusal else 0
        if done.returncode != 0 or aws.refused > refusals:
            return f"exit status {done.returncode}, {aws.refused} calls refused: {done.stderr[-300:]!r}"
        return judge(client, starts=stage.count_starts(), sessions=aws.sessions, calls=aws.calls)


def judge(client: Client, *, starts: int, sessions: int, calls: int) -> str:
    """Compare what was counted with the client's own rule and with ours."""
    most = most_starts(client, calls)
    if starts > most:
        return f"{starts} starts of the helper in {calls} calls, more than {most}"
    # Whoever asks, we renew a session no more often than it becomes too short to hand out (more on a slow machine).
    if not 2 <= sessions <= min(starts, 4 + _SECONDS // (LIFETIME_S - MINIMUM_LEFT_S)):
        return f"{sessions} AssumeRole calls for {starts} starts of the helper"
    return ""


def most_starts(client: Client, calls: int) -> int:
    """Return how often a client with this rule may start us: once when it starts, and then by its margin."""
    margin_s = client.margin_s or 0
    serves_s = MINIMUM_LEFT_S - margin_s
    renewals = calls if serves_s <= 0 else math.ceil(_SECONDS / serves_s)
    return client.starts_at_once + renewals
