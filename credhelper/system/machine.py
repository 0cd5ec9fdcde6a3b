"""Which commands a hint may name: those of the system it is shown on."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.model.shell import word

LINUX, MACOS, WINDOWS = "linux", "darwin", "win32"
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A system as far as hints need it; `programs` are those that are installed, of the ones a hint may name."""

    platform: str = LINUX
    is_wsl: bool = False
    is_container: bool = False
    programs: frozenset[str] = frozenset()

    @property
    def set_clock(self) -> str:
        """How to set the clock."""
        if self.platform == MACOS:
            return "set the clock: sudo sntp -sS time.apple.com"
        if self.platform == WINDOWS:
            return "set the clock, as administrator: w32tm /resync"
        if self.is_wsl:
            return "set the clock by the host's: sudo hwclock -s"
        if self.is_container:
            return "set the clock of the machine that runs this container; compare: date -u"
        if "timedatectl" in self.programs:
            return "set the clock: sudo timedatectl set-ntp true"
        return "set this machine's clock; it shows: date -u"

    @property
    def list_proxies(self) -> str:
        """The command that names the proxies of the environment."""
        return "Get-ChildItem Env:*_proxy" if self.platform == WINDOWS else "env | grep -i _proxy"

    def look_up(self, host: str) -> str:
        """Return the command that resolves a name as programs do."""
        if self.platform == MACOS:
            return f"dscacheutil -q host -a name {word(host)}"
        return f"{'getent hosts' if 'getent' in self.programs else 'nslookup'} {word(host)}"

    def list_processes(self, name: str) -> str:
        """Return the command that shows the processes of a program, "" where there is none."""
        if self.platform == WINDOWS:
            return "tasklist /v"
        if "pgrep" in self.programs and self.platform != MACOS:
            return f"pgrep -af {name}"
        return f"ps -ax | grep {name}" if "ps" in self.programs else ""

    @property
    def see_what_runs(self) -> str:
        """The command that shows how busy each process is."""
        return "tasklist /v" if self.platform == WINDOWS else "ps -A -o pcpu,pid,comm"

    def see_mount(self, path: str) -> str:
        """Return the command that shows the file system that a path is on, and how it is mounted."""
        return f"findmnt -T {word(path)}" if "findmnt" in self.programs else f"df {word(path)}; mount"

    def see_attributes(self, path: str) -> str:
        """Return the command that shows whether a file is immutable."""
        return f"ls -ldO {word(path)}" if self.platform == MACOS else f"lsattr -d {word(path)}"

    def with_variable(self, name: str, value: str) -> str:
        """Return what comes before a command to give it a variable."""
        if self.platform == WINDOWS:
            return f"$Env:{name} = {word(value)};"
        return f"{name}={word(value)}"

    def unset(self, *variables: str) -> str:
        """Return the command that removes variables."""
        if self.platform == WINDOWS:
            return "Remove-Item " + ", ".join(f"Env:{name}" for name in variables)
        return f"unset {' '.join(variables)}"

    def list_variables(self, prefix: str) -> str:
        """Return the command that names the variables that are set, without their values."""
        if self.platform == WINDOWS:
            return f"Get-ChildItem Env:{prefix}* | Select-Object Name"
        return f"env | grep ^{prefix} | cut -d= -f1"


def this_machine(environ: Mapping[str, str] = os.environ) -> Machine:
    """Return the machine this process runs on."""
    if sys.platform == "win32":  # spelled out: type checkers know this form
        return Machine(platform=WINDOWS)
    return Machine(
        platform=sys.platform,
        is_wsl="microsoft" in os.uname().release.lower(),
        is_container="KUBERNETES_SERVICE_HOST" in environ or any(os.path.exists(path) for path in _CONTAINER_FILES),
        programs=frozenset(name for name in ("getent", "pgrep", "ps", "findmnt") if shutil.which(name) is not None)
        | ({"timedatectl"} if os.path.isdir("/run/systemd/system") else frozenset()),
    )
