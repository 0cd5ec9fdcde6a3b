"""How a client starts a credential process: a stand-in for the helper looks at its own streams and its parents."""

from pathlib import Path

from fakes.home import Home

PROFILE = "wiring"
# A shell may replace itself with the last command of its line, so that "no shell" is not certain; a shell is.
_SCRIPT = """#!/bin/sh
client=$PPID
shell="no shell"
if [ "$(cat /proc/$client/comm)" = sh ]; then
    shell="sh -c"
    client=$(cut -d ' ' -f 4 /proc/$client/stat)
fi
case "$(readlink /proc/$$/fd/2)" in
    /dev/null) stderr="thrown away" ;;
    "$(readlink /proc/$$/fd/1)") stderr="mixed into stdout" ;;
    "$(readlink "/proc/$client/fd/2")") stderr=inherited ;;
    *) stderr=captured ;;
esac
echo "$shell, stderr $stderr" >"$0.seen"
printf '{"Version":1,"AccessKeyId":"AKIDWIRING","SecretAccessKey":"none","SessionToken":"none",'
echo '"Expiration":"2099-01-01T00:00:00Z"}'
"""


def install(home: Home) -> None:
    """Add a profile whose credential process is the stand-in."""
    script = home.path / "wiring"
    script.write_text(_SCRIPT)
    script.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"\n[profile {PROFILE}]\ncredential_process = {script}\nregion = us-east-1\n")


def take(home: Home) -> str:
    """Return what the stand-in saw since the last time, "" if it was not started."""
    seen = Path(home.path / "wiring.seen")
    text = seen.read_text().strip() if seen.exists() else ""
    seen.unlink(missing_ok=True)
    return text


def judge(claimed: str, seen: str) -> str:
    """Compare what the table says with what was seen."""
    could_hide_shell = claimed.startswith("sh -c") and seen.startswith("no shell")
    wanted = claimed.replace("sh -c", "no shell") if could_hide_shell else claimed
    return "" if seen == wanted else f"started with {seen or 'nothing'!r}"
