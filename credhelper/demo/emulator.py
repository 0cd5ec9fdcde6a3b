"""An embedded AWS for as long as a block lasts: MiniStack on a loopback port, with every policy enforced."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Self

from credhelper.demo.counter import CountingRelay
from credhelper.errors import MachineError
from credhelper.model.shell import word
from credhelper.system import installation

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
# The server asks the kernel to die with its parent (prctl(2), PR_SET_PDEATHSIG): a killed demo leaves nothing running.
_SERVER = """
import ctypes, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
from ministack.app import main
sys.argv = ["ministack"]
main()
"""


class Emulator:
    """`with Emulator(directory) as aws:` … `aws.endpoint_url`; its files stay below `directory`.

    AUTH=true: signatures, identity policies and trust policies are checked. The root key of an account is its
    number, with the secret ROOT_SECRET. Raises MachineError if the extra is not installed or nothing answers.
    """

    ROOT_SECRET = "test"  # noqa: S105 - MiniStack's own, of an account that lives for seconds

    def __init__(self, directory: str, services: str = "iam,s3,sts") -> None:
        self._directory = directory
        self._services = services
        self._server: subprocess.Popen[bytes] | None = None
        self._relay: CountingRelay | None = None
        self.endpoint_url = ""

    def count_assume_role(self) -> int:
        """Return how many AssumeRole requests have come in so far."""
        return 0 if self._relay is None else self._relay.count

    def __enter__(self) -> Self:
        try:
            port = self._start_server()
            self._relay = CountingRelay(port, b"Action=AssumeRole&")
            self._relay.start()
            self.endpoint_url = f"http://127.0.0.1:{self._relay.port}"
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and the relay; safe to call at any time."""
        if self._relay is not None:
            self._relay.stop()
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()

    def _start_server(self) -> int:
        _require_ministack()
        port = _free_port()
        environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": self._directory,
            "TMPDIR": self._directory,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "SERVICES": self._services,
            "AWS_SECRET_ACCESS_KEY": self.ROOT_SECRET,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
        log_path = os.path.join(self._directory, "emulator.log")
        with open(log_path, "wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-I", "-c", _SERVER],
                env=environ,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is handled here, where the server is stopped
            )
        self._server = server
        self._wait_until_ready(server, port, log_path)
        return port

    @staticmethod
    def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log_path: str) -> None:
        end = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < end and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise MachineError("the embedded AWS did not start", hint=f"tail {word(str(log_path))}")


def _require_ministack() -> None:
    import importlib.util

    if importlib.util.find_spec("ministack") is None:
        raise MachineError("the embedded AWS is not installed", hint=installation.adding("demo", is_extra=True))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
