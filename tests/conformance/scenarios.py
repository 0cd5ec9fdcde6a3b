"""What every client is put through, and the expectation of each scenario: "" is a pass, text says what went wrong."""

import subprocess
from dataclasses import dataclass, field

from conformance import margin, wiring
from conformance import stage as stages
from conformance.client import BY_EXEC, CREDENTIALS, IDENTITY, LIST, LOOP, Client
from conformance.stage import Stage
from credhelper.demo import world
from credhelper.demo.emulator import Emulator

CROWD = 20
# In the order of the table.
NAMES = (
    "cold",
    "warm",
    LIST,
    CREDENTIALS,
    "odd name",
    "path with a space",
    "chain",
    "crowd",
    "denied",
    "wiring",
    "margin",
    "expiry",
)


@dataclass(slots=True)
class Result:
    """What one client did: a scenario's outcome by name, the helper's starts where they are counted."""

    client: Client
    outcomes: dict[str, str] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    is_message_shown: bool = False

    def judge(self, name: str, problem: str) -> None:
        """Note an outcome and print it."""
        self.outcomes[name] = problem
        print(f"{'FAIL' if problem else 'ok':4} {self.client.name}: {name} {problem}".rstrip(), flush=True)

    @property
    def failures(self) -> int:
        """How many scenarios failed."""
        return sum(problem != "" for problem in self.outcomes.values())


def run(aws: Emulator, stage: Stage, denied_arn: str, client: Client) -> Result:
    """Put one client through every scenario that its shape allows, but for the crowd and the long-running one."""
    result = Result(client)
    one_call = [action for action in client.actions if action != LOOP]
    stage.forget()
    for name, action in [("cold", client.first), ("warm", client.first), *[(one, one) for one in one_call[1:]]]:
        _count(aws, stage, result, name, action)
    result.judge("odd name", _succeeds(stage, client, stages.ODD_NAME))
    result.judge("path with a space", _succeeds(stage, client, stages.SPACED))
    if not client.no_chain:
        result.judge("chain", _chains(aws, stage, client))
    result.judge("denied", _is_refused(stage, result, denied_arn))
    if client.starts_us != BY_EXEC:
        _start(stage, client, client.first, wiring.PROFILE)
        result.judge("wiring", wiring.judge(client.starts_us, wiring.take(stage.home)))
    if client.margin_s is not None:
        result.judge("margin", _keeps_margin(stage, result, client.margin_s))
    return result


def _count(aws: Emulator, stage: Stage, result: Result, name: str, action: str) -> None:
    starts, calls = stage.count_starts(), aws.count_assume_role()
    problem = _check(_start(stage, result.client, action), action)
    starts, calls = stage.count_starts() - starts, aws.count_assume_role() - calls
    result.starts[name] = starts
    if not problem and calls != (name == "cold"):
        problem = f"{calls} AssumeRole calls"
    if not problem and starts == 0:
        problem = "the helper was never started"
    result.judge(name, problem)


def _start(
    stage: Stage, client: Client, action: str, profile: str = stages.PROFILE
) -> "subprocess.CompletedProcess[bytes]":
    return stage.start(client, action, world.BUCKET, profile)


def _succeeds(stage: Stage, client: Client, profile: str) -> str:
    return _check(_start(stage, client, client.first, profile), client.first)


def _check(done: "subprocess.CompletedProcess[bytes]", action: str, role: str = world.ROLE) -> str:
    out = done.stdout.decode("utf-8", "replace")
    wanted = {IDENTITY: f":assumed-role/{role}/", LIST: "readme.txt", CREDENTIALS: ""}[action]
    is_right = wanted in out and (action != CREDENTIALS or len(out.split()) == 5)
    if done.returncode == 0 and is_right:
        return ""
    return f"exit status {done.returncode}: {(out + done.stderr.decode('utf-8', 'replace'))[-300:]!r}"


def _chains(aws: Emulator, stage: Stage, client: Client) -> str:
    """Our entry is warm, so the one AssumeRole is the client's own, signed with what we handed out."""
    stage.forget_what_clients_keep()
    calls = aws.count_assume_role()
    problem = _check(_start(stage, client, client.first, stages.CHAIN), client.first, stages.SECOND_ROLE)
    calls = aws.count_assume_role() - calls
    return problem or ("" if calls else "the client never assumed the second role")


def crowd(aws: Emulator, stage: Stage, result: Result) -> None:
    """Start one client twenty times at once on an empty cache; nothing that has to keep time may run beside this."""
    stage.forget()
    calls = aws.count_assume_role()
    failed = stage.crowd(result.client, world.BUCKET, CROWD)
    calls = aws.count_assume_role() - calls
    is_right = (failed, calls) == (0, 1)
    result.judge("crowd", "" if is_right else f"{failed} of {CROWD} failed, {calls} AssumeRole calls")


def _is_refused(stage: Stage, result: Result, denied_arn: str) -> str:
    starts = stage.count_starts()
    done = _start(stage, result.client, result.client.first, stages.DENIED)
    result.starts["denied"] = stage.count_starts() - starts
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    result.is_message_shown = "credhelper: error:" in text and denied_arn in text and "hint:" in text
    if done.returncode == 0:
        return "succeeded with a role that is denied"
    wanted = result.client.says_instead
    is_right = wanted in text if wanted else result.is_message_shown
    return "" if is_right else f"said neither our message nor what the table says: {text[-300:]!r}"


def _keeps_margin(stage: Stage, result: Result, margin_s: int) -> str:
    outside, problem = _starts_with_left(stage, result.client, margin_s + margin.AWAY_S)
    inside = None
    if margin_s > margin.AWAY_S and not problem:
        inside, problem = _starts_with_left(stage, result.client, margin_s - margin.AWAY_S)
    return problem or margin.judge(result.starts[CREDENTIALS], outside, inside)


def _starts_with_left(stage: Stage, client: Client, left_s: int) -> tuple[int, str]:
    margin.set_left(stage.home, left_s)
    problem = _check(_start(stage, client, CREDENTIALS, margin.PROFILE), CREDENTIALS)
    return margin.count_starts(stage.home), problem
