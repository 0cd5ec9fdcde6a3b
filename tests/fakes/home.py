"""A throwaway HOME with AWS files, and the installed program run in it as an SDK or a person would."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import credhelper
from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.keystores import master_key
from credhelper.settings import Settings, from_environment
from fakes import canary, fork_server
from fakes.key_note import choose_store

ROLE_ARN = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
USER_SECRET = canary.secret_key("user")
# The interpreter and the script that `profile add` writes into the config.
HELPER = (sys.executable, "-I", "-S", str(Path(sys.prefix, "share", "credhelper", "get.py")))
# What it wrote before, and what stands in many a config.
OLD_HELPER = (*HELPER[:-1], str(Path(credhelper.__file__).with_name("__main__.py")))
# What a person types.
PROGRAM = (str(Path(sys.executable).with_name("credhelper")),)
AWS = (sys.executable, str(Path(sys.executable).with_name("aws")))


class Home:
    """One user's home directory; `environ` is what every process in it is started with.

    The program and the AWS CLI are forked (see `fork_server`) where that makes no difference, and `is_forked` is left
    as it is.
    """

    is_forked = True

    def __init__(self, directory: Path, **environ: str) -> None:
        self.path = directory
        self.aws = directory / ".aws"
        self.aws.mkdir(parents=True, mode=0o700, exist_ok=True)
        choose_store(directory)
        self.environ = {
            "HOME": str(directory),
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": str(directory.parent),  # where the leak check looks, too
            **environ,
        }

    @property
    def config(self) -> Path:
        """The config file."""
        return self.aws / "config"

    @property
    def cache(self) -> Path:
        """Our cache directory."""
        return self.path / ".cache" / "credhelper"

    @property
    def entries(self) -> list[Path]:
        """The entries in the cache."""
        return sorted(self.cache.glob("*.entry"))

    def add_user(self, access_key_id: str = "AKIAACC", secret: str = USER_SECRET, profile: str = "default") -> None:
        """Give a profile a long-lived key."""
        path = self.aws / "credentials"
        with path.open("a") as file:
            file.write(f"[{profile}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret}\n")
        path.chmod(0o600)

    def add_role(self, name: str = "prod-s3", source: str = "default", role_arn: str = ROLE_ARN, **keys: str) -> None:
        """Write a profile of ours, as `profile add` would; `keys` are further settings without their prefix."""
        settings = {"role_arn": role_arn, "source_profile": source, **keys}
        lines = [f"[profile {name}]", f"credential_process = {' '.join(self.line(name))}"]
        lines += [f"credhelper_{key} = {value}" for key, value in settings.items() if value]
        with self.config.open("a") as file:
            file.write("\n".join([*lines, "region = us-east-1", "", ""]))

    def settle(self) -> "Home":
        """Make the AWS files older than the moment in which a change could go unseen; returns itself."""
        for path in self.aws.iterdir():
            os.utime(path, (1, 1))
        time.sleep(0.15)  # ctime cannot be set
        return self

    def settings(self) -> Settings:
        """Return what the program takes from this home."""
        return from_environment(self.environ)

    def make_due(self, profile: str = "prod-s3") -> None:
        """Rewrite the profile's entry so that it is valid and due for renewal."""
        own = self.settings()
        name = store.entry_name(own.config_file, profile)
        found = master_key.find(own, lambda _key: True)
        assert found is not None
        entry = store.read(own, name)
        fields = {field: getattr(entry, field) for field in Payload.__slots__}
        store.write(own, name, found[1], Payload(**{**fields, "refresh_s": 1_000_000}))
        # Long after the process that asked for it has touched its lock.
        os.utime(store.lock_path(own, name), (1, 1))

    def line(self, profile: str = "prod-s3") -> list[str]:
        """Return the command that the SDKs start."""
        return [*HELPER, "get", profile]

    def line_with(self, code: str, *arguments: str) -> list[str]:
        """Return that command, or another one of the program, but with some code run in it first."""
        start = "from credhelper.start import main\nmain()"
        path = f"import os, sys\nsys.path.append({str(Path(credhelper.__file__).parents[1])!r})"
        return [sys.executable, "-I", "-S", "-c", f"{path}\n{code}\n{start}", *(arguments or ("get", "prod-s3"))]

    def line_at_load(self, load: float) -> list[str]:
        """Return that command with another load average in place of this machine's, and woken in time."""
        return self.line_with(
            f"os.getloadavg = lambda: ({load},) * 3\n"
            "from credhelper.provider import single_flight\n"
            "single_flight._BUSY_SHARE = 9.0"
        )

    def line_that_stops(self) -> list[str]:
        """Return that command, stopped as soon as it leads: as on a machine that gives it no turn."""
        return self.line_with(
            "from credhelper.provider import single_flight\n"
            "lead = single_flight._lead\n"
            "def stopped(*arguments):\n"
            "    os.kill(os.getpid(), 19)\n"
            "    return lead(*arguments)\n"
            "single_flight._lead = stopped"
        )

    def get(self, profile: str = "prod-s3", **environ: str) -> "subprocess.CompletedProcess[bytes]":
        """Start the helper as an SDK does."""
        return self.start(self.line(profile), environ)

    def run(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[bytes]":
        """Start the program as a person does, without a terminal."""
        return self.start([*PROGRAM, *arguments], environ)

    def start(
        self, command: list[str], environ: Mapping[str, str], cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        """Start any command in this home."""
        whole = {**self.environ, **environ}
        if self.is_forked and (forked := _forked(command)) and fork_server.can_run(whole):
            name, arguments = forked
            return fork_server.server(name).run(command, arguments, whole, str(cwd or self.path))
        return subprocess.run(
            command,
            env=whole,
            cwd=cwd or self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def popen(self, profile: str = "prod-s3", **environ: str) -> "subprocess.Popen[bytes]":
        """Start the helper and leave it running."""
        return self.popen_line(self.line(profile), **environ)

    def popen_line(self, line: list[str], **environ: str) -> "subprocess.Popen[bytes]":
        """Start any command in this home and leave it running."""
        return subprocess.Popen(
            line,
            env={**self.environ, **environ},
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def _forked(command: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """Return which program it starts that can be forked, and its arguments; None for another one."""
    for name, start in (("credhelper", PROGRAM), ("credhelper", HELPER), ("aws", AWS), ("aws", AWS[1:])):
        if tuple(command[: len(start)]) == start:
            return name, command[len(start) :]
    return None


def has_begun(pid: int) -> bool:
    """Tell whether a started process is past our first lines, or has ended: it may not leave a core file then."""
    try:
        limits = Path(f"/proc/{pid}/limits").read_text()
    except OSError:
        return True
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        return True  # nothing to tell it by
    return not limits or re.search(r"Max core file size +0 +0 ", limits) is not None


def key_id(done: "subprocess.CompletedProcess[bytes]") -> str:
    """Return the access key id in a document, after checking that everything about the hand-out is right."""
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1
    document = json.loads(done.stdout)
    assert document["Version"] == 1
    return str(document["AccessKeyId"])


def error(done: "subprocess.CompletedProcess[bytes]", exit_code: int) -> str:
    """Return what a failed hand-out said, after checking that it keeps the contract of stderr and stdout."""
    text = done.stderr.decode("utf-8")
    assert (done.returncode, done.stdout) == (exit_code, b""), text
    cause, hint = text.splitlines()
    assert cause.startswith("credhelper: error: ")
    assert hint.startswith("hint: ")
    assert "Traceback" not in text
    assert not canary.find(done.stderr)
    assert len(text) < 4096
    return text
