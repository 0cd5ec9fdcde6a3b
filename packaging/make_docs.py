"""Write docs/reference.md, the man page and the causes in docs/troubleshooting.md from the program itself.

python packaging/make_docs.py            write them
python packaging/make_docs.py --check    fail if one is stale
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from credhelper import errors
from credhelper.awsconfig.profiles.role_settings import SETTINGS, AwsDocument
from credhelper.cli.app import main as program
from credhelper.diagnosis.causes import more_looks
from credhelper.diagnosis.causes.cause import Cause
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.settings import DEFAULT_TIMEOUT_S, KEY_STORES, MAXIMUM_TIMEOUT_S

ROOT = Path(__file__).parents[1]

_CHOSEN = "`file` and `keyring:…` count only after `credhelper key move`."
VARIABLES = (
    (
        "CREDHELPER_KEY_STORE",
        f"The one store for the master key: {', '.join(KEY_STORES)}. Default: auto, the best one available. {_CHOSEN}",
    ),
    (
        "CREDHELPER_TIMEOUT",
        f"Seconds until a request fails, 1 to {MAXIMUM_TIMEOUT_S:.0f}. Default: {DEFAULT_TIMEOUT_S:.0f}.",
    ),
    ("CREDHELPER_LOG", "off: write no audit trail."),
    ("AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "Files to use instead of those in ~/.aws; absolute paths only."),
    ("AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL", "The STS endpoint; https, or http to this machine."),
    ("AWS_REGION, AWS_DEFAULT_REGION", "The region, if neither the profile nor its source has one."),
    (
        "XDG_CACHE_HOME, XDG_STATE_HOME",
        "Where the cache and the audit trail are, as in the XDG Base Directory specification. They move no key.",
    ),
    ("XDG_RUNTIME_DIR", "Where the key may be, if it is `/run/user/UID`; any other directory is ignored."),
    (
        "HTTPS_PROXY, NO_PROXY",
        "The proxy, as in every AWS tool; not for addresses of this machine. No SOCKS, and ALL_PROXY is not read.",
    ),
    (
        "AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE",
        (
            "A CA bundle; used only if ca_bundle of the profile or of [default] names the same file, or if it is "
            "root's own below /etc, /usr or /opt. Allow one: aws configure set ca_bundle /the/ca.pem --profile default."
        ),
    ),
    (
        "AWS_ENDPOINT_URL_SSO, AWS_ENDPOINT_URL_SSO_OIDC, AWS_ENDPOINT_URL_SIGNIN",
        "Used only for a host name of AWS's own; tokens go elsewhere only where the config file says so.",
    ),
)
FILES = (
    ("~/.aws/config", "The profiles. Edited atomically under a lock, and only by `profile` commands."),
    ("~/.aws/credentials", "Read. Edited by `profile rename` and `profile adopt` with `--with-credentials` only."),
    ("~/.cache/credhelper/", "One encrypted entry per profile, with its lock and its last failure."),
    (
        "~/.local/state/credhelper/",
        "The audit trail, the copies for `profile undo`, and the key after `key move file`.",
    ),
    ("~/.config/credhelper/key-store", "The store that `key move` chose, if it is on disk. Only HOME moves it."),
    (
        "~/.config/credhelper/trusted-directories",
        "Written by you: directories, one a line, that are trusted although others may write to or own them.",
    ),
    ("/run/user/UID/credhelper/key", "The key, if the kernel keyring is not available."),
    ("/dev/shm/credhelper-UID/key", "The key, if there is no runtime directory either, as in containers."),  # noqa: S108 - a text
)
SETTINGS_NOTE = """Each setting is one key of the profile's section. `profile add` and `profile set` check these
limits; so does every request, for keys written by hand or by `aws configure set`. The items of a list are separated
by commas. In tags and tag keys, `%` and two hexadecimal digits escape a character, as in URLs."""


def exit_codes() -> Iterator[tuple[int, str]]:
    """Yield each exit code with its meaning, from the error classes."""
    yield 0, "Success: for `get`, the whole document was written."
    yield 1, "A bug in credhelper; `profile check`: a file with findings; `grant plan --check`: something to do."
    members = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    kinds = [member for member in members if issubclass(member, errors.CredhelperError)]
    for kind in sorted(kinds, key=lambda kind: kind.exit_code):
        if kind.exit_code > 1:
            yield kind.exit_code, " ".join((inspect.getdoc(kind) or "").split())
    yield 126, "`exec`: the command is there and cannot be started."
    yield 127, "`exec`: the command is not found."
    yield 130, "Interrupted (Ctrl-C)."


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield every command that is not a group, with its full name."""

    def walk(
        name: str, command: click.Command, parent: click.Context | None
    ) -> Iterator[tuple[str, click.Command, click.Context]]:
        context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
        if isinstance(command, click.Group):
            for child in sorted(name for name, inner in command.commands.items() if not inner.hidden):
                yield from walk(f"{name} {child}", command.commands[child], context)
        else:
            yield name, command, context

    yield from walk("credhelper", program, None)


def paragraphs(command: click.Command) -> list[tuple[str, bool]]:
    """Return the paragraphs of a command's help, and whether each keeps its lines."""
    found = []
    for part in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        is_verbatim = part.startswith("\b")
        found.append((part.removeprefix("\b\n") if is_verbatim else " ".join(part.split()), is_verbatim))
    return found


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield each option's flags and help."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            metavar = parameter.metavar or ("" if parameter.is_flag else "TEXT")
            if isinstance(parameter.type, click.Choice):
                metavar = "|".join(map(str, parameter.type.choices))
            yield f"{', '.join(parameter.opts)}{' ' + metavar if metavar else ''}", parameter.help or ""


def usage(name: str, command: click.Command, context: click.Context) -> str:
    """Return the usage line."""
    return f"{name} {' '.join(command.collect_usage_pieces(context))}"


def reference() -> str:
    """Return docs/reference.md."""
    lines = [
        "# Reference",
        "",
        "Written by `packaging/make_docs.py` from the program itself; a test fails when it is stale.",
        "",
        "## Commands",
        "",
    ]
    for name, command, context in commands():
        lines += [f"### `{name}`", "", f"    {usage(name, command, context)}", ""]
        for text, is_verbatim in paragraphs(command):
            lines += ["\n".join(f"    {line.strip()}" for line in text.splitlines()) if is_verbatim else text, ""]
        rows = [f"| `{flags.replace('|', chr(92) + '|')}` | {text} |" for flags, text in options(command)]
        lines += ["| option | meaning |", "|---|---|", *rows, ""] if rows else []
    lines += ["## Settings of a profile", "", SETTINGS_NOTE, "", *settings_table(), ""]
    lines += _table("variable", VARIABLES, "## Environment")
    lines += _table("exit code", [(str(code), text) for code, text in exit_codes()], "## Exit codes")
    lines += [
        "An error is shown on stderr as `credhelper: error:` with the cause, then `hint:` with what to do or type.",
        "Messages without this prefix come from another program.",
        "",
    ]
    lines += _table("path", FILES, "## Files")
    return "\n".join(lines)


def settings_table() -> list[str]:
    """Return the table of every setting, from the data that the parser uses."""
    rows = [
        (f"`{one.key}`", one.kind, one.help, one.rule.limits, one.default or "none", _source(one.document))
        for one in SETTINGS
    ]
    heads = ("key", "type", "meaning", "limits", "default", "from")
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]


def _source(document: AwsDocument | None) -> str:
    return f"[{document.title}]({document.url})" if document else "credhelper only"


def _table(first: str, rows: "tuple[tuple[str, str], ...] | list[tuple[str, str]]", heading: str) -> list[str]:
    return [heading, "", f"| {first} | meaning |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in rows), ""]


# What is between these two is written here.
BEGIN, END = "<!-- causes: packaging/make_docs.py -->", "<!-- end of causes -->"
TOOLS = ("AWS CLI", "boto3", "Go", "Java", "Terraform")


def troubleshooting(page: str) -> str:
    """Return docs/troubleshooting.md with the causes as the table in the program has them."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    index = [
        f"| [`{one.id}`](#{one.id}) | {one.title} | {one.who.value} | {one.exit_code} |" for one in CAUSES.values()
    ]
    lines = [BEGIN, "", "| cause | | who puts it right | exit code |", "|---|---|---|---|", *index, ""]
    for cause in CAUSES.values():
        lines += _cause(cause)
    return before + "\n".join([*lines, END]) + after


def _cause(cause: Cause) -> Iterator[str]:
    """Yield the lines of one cause; its id is the heading, since that is the anchor that `doctor` prints."""
    yield from (f"### {cause.id}", "", f"**{cause.title}.** {cause.meaning}", "")
    way_out = cause.way_out.replace("{profile}", "NAME")
    yield from (f"Way out: {way_out[0].lower() if way_out[1:2].islower() else way_out[0]}{way_out[1:]}", "")
    printed = {**more_looks.LOOKS.get(cause.id, {}), **cause.looks}
    alike: dict[str, list[str]] = {}
    for tool in TOOLS:
        alike.setdefault(printed.get(tool, ""), []).append(tool)
    rows = [f"| {', '.join(tools)} | {_code(said)} |" for said, tools in alike.items()]
    yield from ("| tool | what it prints |", "|---|---|", *rows, "")


def _code(said: str) -> str:
    return f"`{said.replace('|', chr(92) + '|')}`" if said else "nothing of its own"


def man_page() -> str:
    """Return packaging/credhelper.1 in man(7) macros."""
    lines = [
        '.TH CREDHELPER 1 "" "credhelper" "User Commands"',
        ".SH NAME",
        "credhelper \\- AWS role credentials for every tool, cached encrypted, without a daemon",
        ".SH SYNOPSIS",
        ".B credhelper",
        "COMMAND [ARGUMENTS]",
        ".SH DESCRIPTION",
        "Set up a profile once, and every AWS tool can use it:",
        ".PP",
        ".nf",
        "credhelper profile add prod\\-s3 \\-\\-role\\-arn ARN \\-\\-source\\-profile default",
        "aws s3 ls \\-\\-profile prod\\-s3 s3://list\\-prod\\-bkt\\-details\\-01/",
        ".fi",
        ".SH COMMANDS",
    ]
    for name, command, context in commands():
        lines += [".SS " + _roff(usage(name, command, context))]
        for text, is_verbatim in paragraphs(command):
            lines += [".PP", *([".nf", _roff(text), ".fi"] if is_verbatim else [_roff(text)])]
        for flags, text in options(command):
            lines += [".TP", f"\\fB{_roff(flags)}\\fR", _roff(text)]
    lines.append(".SH ENVIRONMENT")
    for name, text in VARIABLES:
        lines += [".TP", f"\\fB{_roff(name)}\\fR", _roff(text)]
    lines.append(".SH EXIT STATUS")
    for code, text in exit_codes():
        lines += [".TP", f"\\fB{code}\\fR", _roff(text)]
    lines.append(".SH FILES")
    for name, text in FILES:
        lines += [".TP", f"\\fI{_roff(name)}\\fR", _roff(text)]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def main() -> int:
    """Write or check the files."""
    page = ROOT / "docs" / "troubleshooting.md"
    made = {
        ROOT / "docs" / "reference.md": reference(),
        ROOT / "packaging" / "credhelper.1": man_page(),
        page: troubleshooting(page.read_text("utf-8")),
    }
    if "--check" in sys.argv:
        stale = [str(path) for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
        sys.stderr.write("".join(f"stale: {path}; run: python packaging/make_docs.py\n" for path in stale))
        return 1 if stale else 0
    for path, text in made.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
