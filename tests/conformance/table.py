"""docs/compatibility.md as text: rows from results, rows kept from the last text, and where two texts differ. Pure.

A row holds nothing that differs between two runs: no time, no address, no count that depends on the machine.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path

from conformance import scenarios
from conformance.client import LOOP, Client
from conformance.scenarios import Result
from conformance.servers import NAMES as SERVER_SCENARIOS
from conformance.servers import Server, ServerResult

_PAGE = Path(__file__).with_name("page.md").read_text("utf-8")
_TITLES = ("client", "version", "starts us with", "passes", "starts", "asks again", "shows on failure", "limits")
_SERVER_TITLES = ("server", "version", "names the role", "passes", "limits")


def named_row(result: Result | ServerResult) -> tuple[str, str]:
    """Return whose line it is, and the line."""
    if isinstance(result, ServerResult):
        return result.server.name, server_row(result)
    return result.client.name, row(result)


def row(result: Result) -> str:
    """Return the line of one client."""
    client = result.client
    shown = "our message" if result.is_message_shown else f"`{client.says_instead}`"
    limits = [client.limits, f"chain not tried: {client.no_chain}" if client.no_chain else ""]
    return _line(
        client.name, client.version, client.starts_us, _passes(result), _starts(result.starts), _rule(client), shown,
        "; ".join(filter(None, limits)) or "–",
    )  # fmt: skip


def server_row(result: ServerResult) -> str:
    """Return the line of one server."""
    server = result.server
    failed = [name for name in (*SERVER_SCENARIOS, "start") if result.outcomes.get(name)]
    left_out = [name for name in SERVER_SCENARIOS if name not in result.outcomes]
    passes = f"all but {', '.join(left_out)}" if left_out else "all"
    limits = [server.limits, f"wrong key not tried: {server.no_wrong_key}" if server.no_wrong_key else ""]
    return _line(
        server.name, server.version, "yes" if server.is_naming else "no",
        passes + (f"; **fails: {', '.join(failed)}**" if failed else ""), "; ".join(filter(None, limits)) or "–",
    )  # fmt: skip


def rows_of(text: str) -> dict[str, str]:
    """Return the lines of clients and servers in a document, by name."""
    lines = [line for titles in (_TITLES, _SERVER_TITLES) for line in _behind(_head(titles), text).splitlines()]
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}


def render(
    clients: Sequence[Client], rows: Mapping[str, str], not_to_be_had: Mapping[str, str], servers: Sequence[Server] = ()
) -> str:
    """Return the whole document; a client or server without a row has never been run."""
    table = [_head(_TITLES), *(rows[client.name] for client in clients if client.name in rows)]
    others = [_head(_SERVER_TITLES), *(rows[server.name] for server in servers if server.name in rows)]
    not_run = [f"- {name}: {reason}." for name, reason in not_to_be_had.items()]
    filled = _PAGE.replace("{table}", "\n".join(table)).replace("{servers}", "\n".join(others))
    return filled.replace("{not_run}", "\n".join(not_run))


def _head(titles: Sequence[str]) -> str:
    return f"{_line(*titles)}\n{_line(*['---'] * len(titles))}"


def _behind(head: str, text: str) -> str:
    return text.partition(f"{head}\n")[2].partition("\n\n")[0]


def difference(old: str, new: str) -> Iterable[str]:
    """Return the lines in which the committed document differs from this run, as a diff."""
    return unified_diff(
        old.splitlines(), new.splitlines(), "docs/compatibility.md", "this run", lineterm="", n=0
    )  # fmt: skip


def _passes(result: Result) -> str:
    failed = [name for name in scenarios.NAMES if result.outcomes.get(name)]
    # Where the first call is a listing, `cold` has been one.
    done = {*result.outcomes, result.client.first}
    left_out = [name for name in scenarios.NAMES if name not in done]
    text = f"all but {', '.join(left_out)}" if left_out else "all"
    return text + (f"; **fails: {', '.join(failed)}**" if failed else "")


def _starts(starts: Mapping[str, int]) -> str:
    """Return the usual number of starts, and the scenarios with another one."""
    (usual, _), *_ = Counter(starts.values()).most_common(1)
    return "; ".join([str(usual), *[f"{name} {count}" for name, count in starts.items() if count != usual]])


def _rule(client: Client) -> str:
    if LOOP not in client.actions:
        return "every command"
    if client.learns_by_refusal:
        return "when AWS refuses"
    return f"with less than {client.margin_s} s left" if client.margin_s else "at the end"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
