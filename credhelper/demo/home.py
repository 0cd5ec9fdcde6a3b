"""Throwaway home directories for the story, and the real programs run in them."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.demo import world
from credhelper.demo.emulator import Emulator
from credhelper.demo.world import UserKey
from credhelper.errors import MachineError
from credhelper.settings import choices_dir
from credhelper.system import installation

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Done:
    """What a program printed, how it ended, and how long it took in milliseconds."""

    exit_code: int
    stdout: str
    stderr: str
    time_ms: float


class Home:
    """A home directory with the keys of these profiles in it, and nothing of the real one."""

    def __init__(self, directory: str, aws: Emulator, keys: Mapping[str, UserKey]) -> None:
        self.directory = directory
        self.config_file = os.path.join(directory, ".aws", "config")
        self.credentials_file = os.path.join(directory, ".aws", "credentials")
        os.mkdir(os.path.join(directory, ".aws"), 0o700)
        _write_private(self.config_file, f"[default]\nregion = {world.REGION}\noutput = text\n")
        sections = [
            f"[{profile}]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
            for profile, key in keys.items()
        ]
        _write_private(self.credentials_file, "".join(sections))
        # The kernel's keyring is the user's own: the story keeps its key in this home, to leave nothing behind.
        os.makedirs(choices_dir(directory), 0o700)
        _write_private(os.path.join(choices_dir(directory), "key-store"), "file")
        self._environ = {
            "PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath))),
            "HOME": directory,
            # A credhelper that is temporary itself (uvx) writes into a temporary file only: this home is one.
            "TMPDIR": os.path.dirname(directory),
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            # The emulator has no virtual hosts for buckets.
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def credhelper(self, *arguments: str) -> Done:
        """Run credhelper as a user does."""
        return self._run([sys.executable, "-I", "-m", "credhelper", *arguments])

    def aws(self, *arguments: str) -> Done:
        """Run the real AWS CLI."""
        program = os.path.join(sysconfig.get_path("scripts"), "aws")
        if not os.path.exists(program):
            raise MachineError("the AWS CLI is not installed", hint=installation.adding("demo", is_extra=True))
        return self._run([sys.executable, program, *arguments])

    def helper(self, profile: str) -> Done:
        """Run the line in the config, as the AWS CLI does."""
        import configparser

        parser = configparser.RawConfigParser()
        parser.read(self.config_file, "utf-8")
        return self._run(shlex.split(parser[f"profile {profile}"]["credential_process"]))

    def files(self) -> list[str]:
        """Return every file in this home except the one with long-lived keys."""
        found = [os.path.join(top, name) for top, _, names in os.walk(self.directory) for name in names]
        return [path for path in found if path != self.credentials_file]

    def _run(self, command: list[str]) -> Done:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            env=self._environ,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=_TIMEOUT_S)
        except BaseException:
            _kill_group(process)
            process.communicate()
            raise
        return Done(process.returncode, out, err, (time.monotonic() - started) * 1000)


def _kill_group(process: "subprocess.Popen[str]") -> None:
    """Kill the program with all that it started: the AWS CLI may be waiting for credhelper."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _write_private(path: str, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
