"""Whose connection it is: as the kernel's table has it, and as tables of other machines have."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.system import peer

LISTED = Path("/proc/net/tcp").exists()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 5)
        server, _ = listener.accept()
        with client, server:
            yield client, server


def written(address: str, port: int) -> str:
    return f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"


def line(local: str, remote: str, uid: int, inode: int) -> str:
    return (
        f"   0: {local} {remote} 01 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 1 0 20 4 30 10 -1\n"
    )


@pytest.mark.skipif(not LISTED, reason="the kernel has no such table")
def test_user_is_the_one_whose_socket_it_is_until_it_is_closed(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    assert peer.uid_of(server) == os.geteuid()
    client.shutdown(socket.SHUT_WR)
    assert peer.uid_of(server) == os.geteuid()
    client.close()
    assert peer.uid_of(server) == peer.NO_ONE


@pytest.mark.skipif(not LISTED, reason="the kernel has no such table")
def test_browser_that_knows_ipv6_only_is_known_too() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_INET6) as client,
    ):
        try:
            client.connect(("::ffff:127.0.0.1", listener.getsockname()[1]))
        except OSError:
            pytest.skip("there is no IPv6")
        server, _ = listener.accept()
        with server:
            assert peer.uid_of(server) == os.geteuid()


@pytest.mark.parametrize(
    ("owner", "found"), [((1001, 5), 1001), ((0, 5), 0), ((0, 0), peer.NO_ONE), ((1001, 0), peer.NO_ONE)]
)
def test_table_is_read_by_both_ends(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path, owner: tuple[int, int], found: int
) -> None:
    client, server = (written(*one.getsockname()) for one in pair)
    others = [line(written("127.0.0.1", 1), server, 77, 4), line(server, client, 78, 4), "short\n"]
    table = tmp_path / "tcp"
    table.write_text("".join(["  sl  local_address rem_address\n", *others]))
    places = [str(tmp_path / "none"), str(table)]
    assert peer.uid_of(pair[1], places) is None
    with table.open("a") as file:
        file.write(line(client, server, *owner))
    assert peer.uid_of(pair[1], places) == found


def test_system_without_a_table_knows_no_one(pair: tuple[socket.socket, socket.socket], tmp_path: Path) -> None:
    (tmp_path / "tcp").write_bytes(b"\xff\xfe\n")
    assert peer.uid_of(pair[1], [str(tmp_path / "tcp"), str(tmp_path)]) is None


def test_only_a_user_who_is_known_to_be_another_is_one() -> None:
    own = os.geteuid()
    assert [peer.is_another_users(uid) for uid in (None, 0, own, own + 1)] == [False, False, False, True]
