"""AWS under its own names: a proxy on loopback whose tunnels to AWS's hosts end in an endpoint on this machine.

It speaks TLS with a certificate of an authority that is made anew for each run: whoever is to believe it needs
`ca_bundle`. A client that goes through it can be run as in production, with no endpoint of its own.
"""

import asyncio
import contextlib
import ssl
import threading
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import trustme

from credhelper.model.partitions import PARTITIONS, default_region, host_suffix

_NAMES = (
    "*.amazonaws.com",
    "*.us-east-1.amazonaws.com",
    "signin.aws.amazon.com",
    *(f"sts.{default_region(one)}.{host_suffix(one)}" for one in PARTITIONS),
)
_CHUNK = 1 << 16


class AwsNames:
    """`with AwsNames(endpoint_url, directory) as aws:` … HTTPS_PROXY=`aws.proxy_url`; `aws.hosts` were asked for."""

    def __init__(self, endpoint_url: str, directory: Path) -> None:
        self._endpoint = urlsplit(endpoint_url)
        authority = trustme.CA()
        self.ca_bundle = directory / "aws-names.pem"
        authority.cert_pem.write_to_path(self.ca_bundle)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*_NAMES).configure_cert(self._tls)
        self.hosts: list[str] = []
        self._tunnels: list[asyncio.Task[object]] = []
        self._writers: list[StreamWriter] = []
        self.proxy_url = ""
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._tunnel, "127.0.0.1", 0)
        self.proxy_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._is_up.set()
        await self._end.wait()
        server.close()
        for task in self._tunnels:
            task.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()  # not `close`, which waits for the other side's end of TLS
        await asyncio.sleep(0)

    async def _tunnel(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tunnels.append(task)
        self._writers.append(writer)
        # A client that does not believe the certificate hangs up: an OSError here.
        with contextlib.suppress(OSError, EOFError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.hosts.append(head.split()[1].decode().rpartition(":")[0])
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.start_tls(self._tls)
            answers, requests = await asyncio.open_connection(self._endpoint.hostname, self._endpoint.port)
            await asyncio.gather(_pass_on(reader, requests), _pass_on(answers, writer))
        writer.close()


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()
