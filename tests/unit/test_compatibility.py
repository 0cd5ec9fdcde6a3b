"""The table of real clients: how rows are made, kept and compared, and that the committed one is about today's pins."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance import catalogue, expiry, margin, pins, stage, table, toolchain, wiring
from conformance.client import ALL, IDENTITY, LIST, BrokenError, Client, MissingError
from conformance.scenarios import NAMES, Result
from conformance.servers import NAMES as SERVER_SCENARIOS
from conformance.servers import Server, ServerResult
from fakes.home import Home

DOCUMENT = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text("utf-8")


def client(name: str = "sdk", **fields: object) -> Client:
    given = {"actions": ALL, "margin_s": 300, **fields}
    return Client(name, "1.2", "sh -c", lambda action, _: [action], lambda: None, **given)  # type: ignore[arg-type]  # fields by name


def row(name: str = "sdk", *, problem: str = "", **fields: object) -> str:
    outcomes = {scenario: problem if scenario == "warm" else "" for scenario in NAMES}
    starts = {"cold": 1, "warm": 1, "denied": 2}
    return table.row(Result(client(name, **fields), outcomes, starts, is_message_shown=True))


def test_a_row_says_what_passed_and_what_failed() -> None:
    assert row() == "| sdk | 1.2 | sh -c | all | 1; denied 2 | with less than 300 s left | our message | – |"
    assert "| all; **fails: warm** |" in row(problem="2 AssumeRole calls")


def test_a_row_says_what_was_left_out() -> None:
    lister = client(actions=(LIST,), no_chain="it knows no roles")
    outcomes = {name: "" for name in NAMES if name not in {LIST, "credentials", "chain"}}
    text = table.row(Result(lister, outcomes, {"cold": 1}))
    assert "| all but credentials, chain |" in text
    assert text.endswith("| chain not tried: it knows no roles |")


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (client(margin_s=0), "at the end"),
        (client(actions=(IDENTITY, LIST), margin_s=None), "every command"),
        (client(learns_by_refusal=True), "when AWS refuses"),
    ],
)
def test_a_row_says_when_the_client_asks_again(one: Client, rule: str) -> None:
    assert f"| {rule} |" in table.row(Result(one, {}, {"cold": 1}))


def test_a_client_that_is_not_run_keeps_its_row() -> None:
    clients = [client("a"), client("b"), client("new")]
    old = table.render(clients, {"a": row("a"), "b": row("b")}, {"c": "not sold here"})
    new = table.render(clients, table.rows_of(old) | {"b": row("b")}, {"c": "not sold here"})
    assert new == old
    assert list(table.rows_of(old)) == ["a", "b"]
    assert list(table.difference(old, new)) == []


def test_a_server_has_a_row_of_its_own_and_keeps_it() -> None:
    server = Server("minio", "7", lambda: None, lambda _port, _directory: [], "user", "secret", is_naming=False)
    passed = dict.fromkeys(SERVER_SCENARIOS, "")
    line = table.server_row(ServerResult(server, passed))
    assert line == "| minio | 7 | no | all | – |"
    assert "| all but cold, refresh, variable, wrong key |" in table.server_row(
        ServerResult(server, {"add": "", "warm": ""})
    )
    assert "**fails: warm, start**" in table.server_row(ServerResult(server, {"warm": "2 calls", "start": "no"}))
    limited = replace(server, is_naming=True, no_wrong_key="it takes any", limits="slow")
    del passed["wrong key"]
    assert table.server_row(ServerResult(limited, passed)) == (
        "| minio | 7 | yes | all but wrong key | slow; wrong key not tried: it takes any |"
    )
    old = table.render([client("a")], {"a": row("a"), "minio": line}, {}, [server])
    assert table.rows_of(old) == {"a": row("a"), "minio": line}


def test_a_row_that_differs_makes_the_table_stale() -> None:
    clients = [client("a"), client("b")]
    old = table.render(clients, {"a": row("a"), "b": row("b")}, {})
    new = table.render(clients, table.rows_of(old) | {"b": row("b", margin_s=0)}, {})
    changed = [line for line in table.difference(old, new) if line.startswith(("-|", "+|"))]
    assert changed == ["-" + row("b"), "+" + row("b", margin_s=0)]


def test_the_committed_table_has_each_client_in_its_pinned_version() -> None:
    clients = catalogue.all_clients()
    rows = table.rows_of(DOCUMENT)
    servers = catalogue.all_servers()
    pinned = {one.name: one.version for one in clients} | {one.name: one.version for one in servers}
    assert pinned == {name: line.split(" | ")[1] for name, line in rows.items()}
    assert table.render(clients, rows, catalogue.NOT_TO_BE_HAD, servers) == DOCUMENT
    assert "fails" not in "".join(rows.values())


@pytest.mark.parametrize(
    ("manifest", "name", "version"),
    [
        ("python/requirements.txt", "aws", None),
        ("go_v2/go.mod", "github.com/aws/aws-sdk-go", None),
        ("java_v2/pom.xml", "sts", r"2."),
        ("rust/Cargo.toml", "aws-config", "1."),
    ],
)
def test_a_pin_is_of_the_package_with_this_name(manifest: str, name: str, version: str | None) -> None:
    if version is None:
        with pytest.raises(LookupError):
            pins.of(manifest, name)
    else:
        assert pins.of(manifest, name).startswith(version)


def test_what_cannot_be_fetched_is_missing_and_what_does_not_compile_is_broken() -> None:
    with pytest.raises(MissingError, match="exit status 1"):
        toolchain.fetch(["false"])
    with pytest.raises(BrokenError):
        toolchain.build(["false"])
    with pytest.raises(MissingError, match="not installed"):
        toolchain.need("a-compiler-that-nobody-has")
    with pytest.raises(MissingError, match="older than version 9999"):
        toolchain.need("git", 9999)
    with pytest.raises(MissingError, match="false --version failed"):
        toolchain.need("false", 1)


def test_a_client_that_does_not_end_fails_and_ends_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "TIMEOUT_S", 0.3)
    sleeper = replace(client(), command=lambda _action, _argument: ["sleep", "30"])
    scene = stage.Stage("http://127.0.0.1:9", Home(tmp_path / "david"))
    done = scene.start(sleeper, IDENTITY, "", "prod-s3")
    assert (done.returncode != 0, done.stderr) == (True, b"still running after 0.3 s")
    assert scene.crowd(sleeper, "", 3) == 3
    assert scene.crowd(replace(sleeper, command=lambda _action, _argument: ["true"]), "", 3) == 0


@pytest.mark.parametrize(
    ("seen", "is_right"),
    [
        ("sh -c, stderr captured", True),
        ("no shell, stderr captured", True),  # a shell that replaced itself
        ("sh -c, stderr inherited", False),
        ("", False),
    ],
)
def test_wiring_is_what_the_row_says(seen: str, is_right: bool) -> None:
    assert (wiring.judge("sh -c, stderr captured", seen) == "") is is_right
    assert wiring.judge("no shell, stderr captured", "sh -c, stderr captured") != ""


@pytest.mark.parametrize(
    ("outside", "inside", "problem"),
    [(1, 5, ""), (1, None, ""), (5, 5, "more left"), (1, 1, "less left")],
)
def test_a_margin_is_held_from_both_sides(outside: int, inside: int | None, problem: str) -> None:
    said = margin.judge(1, outside, inside)
    assert (said == "") if not problem else (problem in said)


@pytest.mark.parametrize(
    ("margin_s", "starts", "sessions", "problem"),
    [
        (0, 2, 2, ""),
        (0, 4, 2, "more than 3"),
        (900, 71, 13, ""),
        (900, 72, 13, "more than 71"),
        (900, 71, 1, "1 AssumeRole calls"),
        (900, 71, 20, "20 AssumeRole calls"),
    ],
)
def test_a_client_may_start_us_as_often_as_its_rule_allows(
    margin_s: int, starts: int, sessions: int, problem: str
) -> None:
    said = expiry.judge(client(margin_s=margin_s), starts=starts, sessions=sessions, calls=70)
    assert (said == "") if not problem else (problem in said)
