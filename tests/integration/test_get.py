"""`credhelper get`, started as the SDKs start it, against an STS that counts: what is cached, shared and said."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from fakes import canary
from fakes.home import ROLE_ARN, USER_SECRET, Home, error, key_id
from fakes.sts import Behaviour, FakeSts

DENIED = (
    403,
    "AccessDenied",
    f"User: arn:aws:iam::111111111111:user/David is not authorized to perform: sts:AssumeRole on resource: {ROLE_ARN}",
)


def test_cold_call_assumes_the_role_and_warm_calls_do_not(home: Home, sts: FakeSts) -> None:
    first = key_id(home.get())
    assert [key_id(home.get()) for _ in range(3)] == [first] * 3
    assert sts.count() == 1
    (request,) = sts.requests
    assert request["RoleArn"] == ROLE_ARN
    assert request["DurationSeconds"] == "3600"


def test_document_is_the_one_the_specification_asks_for(home: Home) -> None:
    document = json.loads(home.get().stdout)
    assert set(document) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"}
    assert document["AccountId"] == "222222222222"


def test_trailing_double_dash_is_ignored(home: Home) -> None:
    key_id(home.start([*home.line(), "--"], {}))


def test_expired_entry_is_never_served(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(lifetime_s=62)
    first = key_id(home.get())
    time.sleep(2.5)
    sts.behaviour = Behaviour()
    assert key_id(home.get()) != first
    assert sts.count() == 2


def test_expired_entry_is_not_served_while_sts_is_down_either(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(lifetime_s=62)
    key_id(home.get())
    time.sleep(2.5)
    sts.behaviour = Behaviour(error=(503, "ServiceUnavailable", "down"))
    error(home.get(), 5)
    assert sts.count() > 1


def test_unrelated_edit_of_the_config_costs_no_call(home: Home, sts: FakeSts) -> None:
    first = key_id(home.get())
    with home.config.open("a") as file:
        file.write("[profile other]\nregion = eu-west-1\n")
    assert key_id(home.get()) == first
    assert sts.count() == 1


@pytest.mark.parametrize(
    "setting", ["external_id = abc-1", "duration_seconds = 7200", "tags = Team=Blue", "source_identity = David"]
)
def test_edit_that_changes_the_request_is_a_new_call(home: Home, sts: FakeSts, setting: str) -> None:
    first = key_id(home.get())
    with home.config.open("a") as file:
        file.write(f"credhelper_{setting}\n")
    assert key_id(home.get()) != first
    assert sts.count() == 2


def test_another_user_key_is_a_new_call_and_another_secret_is_not(home: Home, sts: FakeSts) -> None:
    first = key_id(home.get())
    credentials = home.aws / "credentials"
    credentials.write_text(credentials.read_text().replace(USER_SECRET, canary.secret_key("another")))
    assert key_id(home.get()) == first
    credentials.write_text(credentials.read_text().replace("AKIAACC", "AKIANEW"))
    assert key_id(home.get()) != first
    assert sts.count() == 2


def test_two_config_files_do_not_share_an_entry(home: Home, sts: FakeSts, tmp_path: Path) -> None:
    first = key_id(home.get())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(home.config.read_bytes())
    assert key_id(home.get(AWS_CONFIG_FILE=str(elsewhere))) != first
    assert key_id(home.get()) == first


def test_two_credentials_files_do_not_evict_each_others_entry(home: Home, sts: FakeSts, tmp_path: Path) -> None:
    theirs = tmp_path / "project" / ".aws" / "credentials"
    theirs.parent.mkdir(parents=True)
    secret = canary.secret_key("theirs")
    theirs.write_text(f"[default]\naws_access_key_id = AKIATHEIRS00000000001\naws_secret_access_key = {secret}\n")
    theirs.chmod(0o600)
    first, second = key_id(home.get()), key_id(home.get(AWS_SHARED_CREDENTIALS_FILE=str(theirs)))
    assert first != second
    for _ in range(2):
        assert key_id(home.get()) == first
        assert key_id(home.get(AWS_SHARED_CREDENTIALS_FILE=str(theirs))) == second
    assert sts.count() == 2


def test_refused_role_is_one_call_for_callers_in_a_row(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=DENIED)
    first = error(home.get(), 4)
    assert error(home.get(), 4) == first
    assert "David" in first
    assert ROLE_ARN in first
    assert sts.count() == 1


@pytest.mark.usefixtures("whole_processes")  # whose caller is this one
def test_every_outcome_is_recorded_with_the_role_that_was_wanted(home: Home, sts: FakeSts) -> None:
    key = key_id(home.get())
    key_id(home.get())
    sts.behaviour = Behaviour(error=(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"))
    home.add_role("denied")
    error(home.get("denied"), 4)
    error(home.get("unknown"), 2)
    done = home.run("log", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["profile"], line["outcome"], line["role_arn"]) for line in lines] == [
        ("prod-s3", "miss", ROLE_ARN),
        ("prod-s3", "hit", ROLE_ARN),
        ("denied", "denied", ROLE_ARN),
        ("unknown", "failed", ""),
    ]
    assert [line.get("access_key_id") for line in lines] == [key, key, None, None]
    assert {line["caller_pid"] for line in lines} == {os.getpid()}
    assert {line["caller"] for line in lines} == {Path("/proc/self/comm").read_text().strip()}


def test_refusal_is_forgotten_once_the_configuration_changes(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=DENIED)
    error(home.get(), 4)
    sts.behaviour = Behaviour()
    with home.config.open("a") as file:
        file.write("credhelper_external_id = abc-1\n")
    key_id(home.get())


def test_refusal_is_forgotten_after_a_few_seconds(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=DENIED)
    error(home.get(), 4)
    sts.behaviour = Behaviour()
    time.sleep(3.2)
    key_id(home.get())


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare"
)
def test_process_without_a_network_fails_alone(home: Home, sts: FakeSts) -> None:
    alone = ["unshare", "-n", *home.line()]
    assert "network is unreachable" in error(home.start(alone, {}), 5)
    first = key_id(home.get())
    # A due entry is handed out to both for half a minute then, and renewed for those who have a network when it ends.
    home.make_due()
    assert key_id(home.start(alone, {})) == first
    home.run("logout", "prod-s3")
    assert "network is unreachable" in error(home.start(alone, {}), 5)
    assert key_id(home.get()) != first


def test_fifty_cold_callers_make_one_call(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(delay_s=4.0)
    running = [home.popen(CREDHELPER_TIMEOUT="45") for _ in range(50)]  # fifty starts on a loaded machine
    answers = {process.communicate(timeout=60) for process in running}
    assert [process.returncode for process in running] == [0] * 50
    assert len(answers) == 1
    assert sts.count() == 1


def test_fifty_refused_callers_make_one_call_and_each_is_told(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(delay_s=4.0, error=DENIED)
    running = [home.popen(CREDHELPER_TIMEOUT="45") for _ in range(50)]  # fifty starts on a loaded machine
    answers = {process.communicate(timeout=60) for process in running}
    assert [process.returncode for process in running] == [4] * 50
    assert len(answers) == 1
    assert sts.count() == 1


def test_throttled_call_is_tried_again(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(throttle=2)
    key_id(home.get())
    assert sts.count() == 3


def test_lasting_throttling_is_explained(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(throttle=100)
    assert "thrott" in error(home.get(), 5).lower()


def test_sts_down_without_an_entry_is_explained(home: Home, sts: FakeSts) -> None:
    sts.__exit__(None, None, None)
    started = time.monotonic()
    assert "127.0.0.1" in error(home.get(), 5)
    assert time.monotonic() - started < 15


def test_sts_down_serves_an_entry_that_is_due(home: Home, sts: FakeSts) -> None:
    first = key_id(home.get())
    home.make_due()
    sts.behaviour = Behaviour(error=(503, "ServiceUnavailable", "down"))
    assert key_id(home.get()) == first
    calls = sts.count()
    assert key_id(home.get()) == first
    assert sts.count() == calls  # nobody tries again for a while


def test_due_entry_is_renewed_by_one_while_others_are_served(home: Home, sts: FakeSts) -> None:
    first = key_id(home.get())
    home.make_due()
    sts.behaviour = Behaviour(delay_s=3.0)
    leader = home.popen()
    while sts.count() < 2:
        time.sleep(0.01)
    assert [key_id(home.get()) for _ in range(5)] == [first] * 5
    assert leader.poll() is None  # nobody waited for it
    renewed = json.loads(leader.communicate(timeout=20)[0])["AccessKeyId"]
    assert renewed != first
    assert key_id(home.get()) == renewed
    assert sts.count() == 2


@pytest.mark.parametrize("behaviour", [Behaviour(delay_s=30), Behaviour(answer="slow-loris")])
def test_slow_sts_ends_at_the_deadline(home: Home, sts: FakeSts, behaviour: Behaviour) -> None:
    sts.behaviour = behaviour
    started = time.monotonic()
    error(home.get(CREDHELPER_TIMEOUT="2"), 5)
    assert time.monotonic() - started < 6


@pytest.mark.parametrize("answer", ["html", "truncated", "close", "redirect"])
def test_nonsense_from_the_network_is_explained(home: Home, sts: FakeSts, answer: str) -> None:
    sts.behaviour = Behaviour(answer=answer)
    done = home.get(CREDHELPER_TIMEOUT="10")
    assert done.returncode in (4, 5)
    error(done, done.returncode)


def test_waiters_of_a_killed_leader_get_their_credentials(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(delay_s=1.5)
    leader = home.popen()
    while sts.count() < 1:
        time.sleep(0.01)
    waiters = [home.popen() for _ in range(5)]
    time.sleep(0.5)
    leader.kill()
    sts.behaviour = Behaviour()
    answers = {process.communicate(timeout=30)[0] for process in waiters}
    assert [process.returncode for process in waiters] == [0] * 5
    assert len(answers) == 1
    assert sts.count() == 2
    leader.communicate()


def test_chained_role_asks_with_the_first_role_for_an_hour_at_most(home: Home, sts: FakeSts) -> None:
    second = "arn:aws:iam::333333333333:role/second"
    home.add_role("second", source="prod-s3", role_arn=second, duration_seconds="43200")
    key_id(home.get("second"))
    assert [request["RoleArn"] for request in sts.requests] == [ROLE_ARN, second]
    assert sts.requests[1]["DurationSeconds"] == "3600"
    assert sts.signers == ["AKIAACC", "ASIAFAKE00000001"]
    key_id(home.get("second"))
    key_id(home.get("prod-s3"))
    assert sts.count() == 2


def test_loop_of_profiles_is_refused(home: Home, sts: FakeSts) -> None:
    home.add_role("a", source="b")
    home.add_role("b", source="a")
    assert "loop" in error(home.get("a"), 2)
    home.add_role("self", source="self")
    assert "loop" in error(home.get("self"), 2)
    assert sts.count() == 0


def test_loop_through_another_program_is_refused(home: Home, sts: FakeSts) -> None:
    home.add_role("c", source="outside")
    with home.config.open("a") as file:
        file.write(f"[profile outside]\ncredential_process = {' '.join(home.line('c'))}\n")
    assert "loop" in error(home.get("c"), 3)
    assert sts.count() == 0


def test_inherited_profile_and_keys_are_not_the_source(home: Home, sts: FakeSts) -> None:
    key_id(
        home.get(AWS_PROFILE="prod-s3", AWS_ACCESS_KEY_ID="AKIAOTHER", AWS_SECRET_ACCESS_KEY=canary.secret_key("other"))
    )
    assert sts.signers == ["AKIAACC"]
    key_id(home.get())
    assert sts.count() == 1


def test_keys_of_the_environment_are_inputs_of_the_profile_that_names_them(home: Home, sts: FakeSts) -> None:
    home.add_role("env", source="", credential_source="Environment")
    home.settle()
    keys = {"AWS_ACCESS_KEY_ID": "AKIAONE", "AWS_SECRET_ACCESS_KEY": canary.secret_key("env")}
    first = key_id(home.get("env", **keys))
    assert key_id(home.get("env", **keys)) == first
    assert key_id(home.get("env", **{**keys, "AWS_ACCESS_KEY_ID": "AKIATWO"})) != first
    assert "AWS_ACCESS_KEY_ID" in error(home.get("env"), 2)
    assert sts.signers == ["AKIAONE", "AKIATWO"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIATWO"),
        ("AWS_SECRET_ACCESS_KEY", canary.secret_key("two")),
        ("AWS_SESSION_TOKEN", canary.session_token("two")),
        ("AWS_SECURITY_TOKEN", canary.session_token("two")),
    ],
    ids=lambda text: text if text.startswith("AWS_") else "",
)
def test_each_variable_of_a_key_in_the_environment_is_an_input(
    home: Home, sts: FakeSts, variable: str, value: str
) -> None:
    home.add_role("env", source="", credential_source="Environment")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAONE", "AWS_SECRET_ACCESS_KEY": canary.secret_key("one")}
    first = key_id(home.get("env", **keys))
    assert key_id(home.get("env", **{**keys, variable: value})) != first
    assert sts.count() == 2


def test_refusal_of_one_key_of_the_environment_is_not_told_to_another(home: Home, sts: FakeSts) -> None:
    home.add_role("env", source="", credential_source="Environment")
    secret = canary.secret_key("env")
    sts.behaviour = Behaviour(error=DENIED)
    error(home.get("env", AWS_ACCESS_KEY_ID="AKIAONE", AWS_SECRET_ACCESS_KEY=secret), 4)
    sts.behaviour = Behaviour()
    key_id(home.get("env", AWS_ACCESS_KEY_ID="AKIATWO", AWS_SECRET_ACCESS_KEY=secret))


def test_code_from_a_program_is_sent_and_a_wrong_one_explained(home: Home, sts: FakeSts, tmp_path: Path) -> None:
    program = tmp_path / "code"
    program.write_text("#!/bin/sh\necho 123456\n")
    program.chmod(0o700)
    serial = "arn:aws:iam::111111111111:mfa/David"
    home.add_role("mfa", mfa_serial=serial, mfa_process=str(program))
    sts.behaviour = Behaviour(token_code="123456")
    key_id(home.get("mfa"))
    assert (sts.requests[0]["SerialNumber"], sts.requests[0]["TokenCode"]) == (serial, "123456")
    home.add_role("mfa-wrong", mfa_serial=serial, mfa_process=str(program))
    sts.behaviour = Behaviour(token_code="654321")
    done = home.get("mfa-wrong")
    error(done, done.returncode)
    assert done.returncode in (4, 6)


def test_code_without_a_terminal_says_where_to_type_it(home: Home) -> None:
    home.add_role("mfa", mfa_serial="arn:aws:iam::111111111111:mfa/David")
    done = subprocess.run(
        home.line("mfa"),
        env=home.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    assert "credhelper login mfa" in error(done, 6)


def test_helper_never_reads_stdin(home: Home) -> None:
    process = subprocess.Popen(
        home.line(), env=home.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.wait(20) == 0


def test_failure_of_a_program_is_shared_where_the_whole_environment_is_the_same(home: Home) -> None:
    program = home.path / "vault"
    document = json.dumps({"Version": 1, "AccessKeyId": "AKIAVAULT", "SecretAccessKey": "x"})
    program.write_text(f"#!/bin/sh\necho >> {home.path}/ran\n[ -n \"$VAULT_TOKEN\" ] || exit 1\necho '{document}'\n")
    program.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"[profile vault]\ncredential_process = {program}\n\n")
    home.add_role("by-vault", source="vault")
    home.settle()
    for _ in range(2):
        assert "the credential_process of profile vault failed" in error(home.get("by-vault"), 3)
    assert len((home.path / "ran").read_text().splitlines()) == 1
    key_id(home.get("by-vault", VAULT_TOKEN="t"))
    assert len((home.path / "ran").read_text().splitlines()) == 2
