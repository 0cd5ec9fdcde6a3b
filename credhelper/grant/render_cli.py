"""One half of a grant as commands of the AWS CLI, for sh and for PowerShell. Pure.

The commands may be run again: what is missing is made, what is there is set, and nothing is taken away. A role of that
name that is not this grant's is left alone, and so is another account than the half's own. Values that a shell or the
AWS CLI could take for more than text (documents, a description such as `file://…`) are JSON; with files, all of them
are in files beside the commands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from credhelper.grant import papers, quoting
from credhelper.grant.change import Side
from credhelper.grant.names import TAG
from credhelper.grant.papers import Paper
from credhelper.grant.wanted import Wanted

# What PowerShell takes without quotes: names of commands and options.
_BARE = re.compile(r"(?:--)?[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class _Call:
    """`aws iam …`; `is_quiet` for one that prints what it made."""

    words: tuple[str | Paper, ...]
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is done depends on whether a call succeeds.

    Where something is to be done then, the call has to print `answer`; else all ends with the words of `otherwise`.
    """

    question: _Call
    there: tuple[_Call, ...]
    missing: tuple[_Call, ...]
    answer: str = ""
    otherwise: str = ""


_Step = _Call | _Choice


def files(wanted: Wanted, side: Side, *, adopt: bool = False) -> Mapping[str, str]:
    """Return the commands for sh and PowerShell and their documents, by the names of the files, commands last.

    With `adopt` a role of that name is taken over.
    """
    steps = list(_steps(wanted, side, adopt=adopt))
    found = {paper.name: paper.text for step in steps for paper in _papers(step)}
    stem, account = papers.stem(wanted, side), papers.account(wanted, side)
    head = f"# {papers.what(wanted, side)}.\n# Run it as an administrator of that account; it may be run again.\n"
    posix = "\n".join(("set -eu", 'CDPATH="" cd -- "$(dirname -- "$0")"', *_posix(account, steps, has_files=True)))
    found[f"{stem}.sh"] = f"#!/bin/sh\n{head}# sh {stem}.sh\n{posix}\n"
    powershell = "\n".join(_powershell(account, steps))
    run = f"powershell -ExecutionPolicy Bypass -File {stem}.ps1"
    found[f"{stem}.ps1"] = f"{head}# {run}\n{powershell}\n"
    return found


def text(wanted: Wanted, side: Side, *, adopt: bool = False) -> str:
    """Return the commands for sh as one text without files, to be run or pasted: it ends no shell that it is put in."""
    lines = _posix(papers.account(wanted, side), _steps(wanted, side, adopt=adopt), has_files=False)
    return "\n".join(("(", "set -eu", *lines, ")")) + "\n"


def _steps(wanted: Wanted, side: Side, *, adopt: bool) -> Iterator[_Step]:
    return _of_role(wanted, adopt=adopt) if side is Side.ROLE else _of_holder(wanted)


def _of_role(wanted: Wanted, *, adopt: bool) -> Iterator[_Step]:
    role = wanted.role
    stem = papers.stem(wanted, Side.ROLE)
    tags = [{"Key": TAG, "Value": wanted.name}]
    common: dict[str, object] = {"MaxSessionDuration": role.max_session_s}
    common |= {"Description": role.description} if role.description else {}
    boundary = {"PermissionsBoundary": role.boundary} if role.boundary else {}
    name = _option("--role-name", role.name)
    created = Paper.of(f"{stem}.create", {"Path": role.path, **common, **boundary, "Tags": tags})
    trust = papers.trust(wanted)
    there = [
        _call("update-assume-role-policy", name, "--policy-document", trust),
        _call("update-role", name, "--cli-input-json", Paper.of(f"{stem}.update", common)),
    ]
    if adopt:
        there.append(_call("tag-role", name, "--cli-input-json", Paper.of(f"{stem}.tags", {"Tags": tags})))
    if role.boundary:
        there.append(_call("put-role-permissions-boundary", name, "--permissions-boundary", role.boundary))
    tag = f"not_null((Role.Tags[?Key=='{TAG}'].Value)[0], '')"
    query = "Role.Arn" if adopt else f"join(' ', [Role.Arn, {tag}])"
    yield _Choice(
        _call("get-role", name, "--query", query, "--output", "text"),
        tuple(there),
        (
            _call(
                "create-role", name, "--assume-role-policy-document", trust, "--cli-input-json", created, is_quiet=True
            ),
        ),
        str(role.arn) if adopt else f"{role.arn} {wanted.name}",
        f"nothing was done: there is a role {role.name} already"
        + ("" if adopt else f" without the tag {TAG}={wanted.name}, or")
        + f" with another path than {role.path}",
    )
    for policy, paper in papers.policies(wanted, Side.ROLE):
        yield _call("put-role-policy", name, _option("--policy-name", policy), "--policy-document", paper)
    for arn in role.attached:
        yield _call("attach-role-policy", name, "--policy-arn", arn)


def _of_holder(wanted: Wanted) -> Iterator[_Step]:
    holder = wanted.holder
    name = _option(f"--{holder.kind}-name", holder.name)
    if holder.kind == "group" and holder.may_create:
        yield _Choice(_call("get-group", name), (), (_call("create-group", name, is_quiet=True),))
    for policy, paper in papers.policies(wanted, Side.CALLER):
        policy_name = _option("--policy-name", policy)
        yield _call(f"put-{holder.kind}-policy", name, policy_name, "--policy-document", paper)
    for member in holder.members:
        yield _call("add-user-to-group", name, _option("--user-name", member))


def _call(operation: str, *words: str | Paper | tuple[str, ...], is_quiet: bool = False) -> _Call:
    flat: list[str | Paper] = ["iam", operation]
    for word in words:
        flat += word if isinstance(word, tuple) else (word,)
    return _Call(tuple(flat), is_quiet)


def _option(option: str, name: str) -> tuple[str, ...]:
    """Return an option with its value: a name that starts with a hyphen would be an option of its own."""
    return (f"{option}={name}",) if name.startswith("-") else (option, name)


def _papers(step: _Step) -> Iterator[Paper]:
    calls = (step,) if isinstance(step, _Call) else (*step.there, *step.missing)
    for call in calls:
        yield from (word for word in call.words if isinstance(word, Paper))


def _posix(account: str, steps: Iterable[_Step], *, has_files: bool) -> Iterator[str]:
    def command(call: _Call) -> str:
        words = (_posix_word(word, has_files=has_files) for word in call.words)
        return " ".join(("aws", *words)) + (" >/dev/null" if call.is_quiet else "")

    yield "account=$(aws sts get-caller-identity --query Account --output text)"
    yield f'if [ "$account" != {account} ]; then'
    yield f'  echo "nothing was done: these credentials are of account $account, not of {account}" >&2'
    yield "  exit 2"
    yield "fi"
    for step in steps:
        if isinstance(step, _Call):
            yield command(step)
            continue
        question = command(step.question)
        asked = f"found=$({question} 2>/dev/null)" if step.there else f"! {question} >/dev/null 2>&1"
        yield f"if {asked}; then"
        if step.there:
            yield f'  if [ "$found" != {quoting.posix(step.answer)} ]; then'
            yield f"    echo {quoting.posix(step.otherwise)} >&2"
            yield "    exit 2"
            yield "  fi"
            yield from (f"  {command(call)}" for call in step.there)
            yield "else"
        yield from (f"  {command(call)}" for call in step.missing)
        yield "fi"


def _posix_word(word: str | Paper, *, has_files: bool) -> str:
    if isinstance(word, Paper):
        # Bash 3.2, where a text is pasted, looks for `!` in every line of a quoted text but the first.
        inline = word.text.rstrip("\n").replace("!", "\\u0021")
        return quoting.posix(f"file://{word.name}" if has_files else inline)
    return quoting.posix(word)


def _powershell(account: str, steps: Iterable[_Step]) -> Iterator[str]:
    def command(call: _Call) -> str:
        words = " ".join(_powershell_word(word) for word in call.words)
        return f"aws {words}" + (" | Out-Null" if call.is_quiet else "")

    def run(call: _Call, indent: str = "") -> Iterator[str]:
        yield f"{indent}{command(call)}"
        yield f"{indent}if ($LASTEXITCODE -ne 0) {{ exit $LASTEXITCODE }}"

    yield "$ErrorActionPreference = 'Continue'"
    yield "$account = aws sts get-caller-identity --query Account --output text"
    yield "if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }"
    yield f"if ($account -ne '{account}') {{"
    yield (
        f'  [Console]::Error.WriteLine("nothing was done: these credentials are of account $account, not of {account}")'
    )
    yield "  exit 2"
    yield "}"
    for step in steps:
        if isinstance(step, _Call):
            yield from run(step)
            continue
        yield f"$found = {command(step.question)} 2>$null"
        yield f"if ($LASTEXITCODE -{'eq' if step.there else 'ne'} 0) {{"
        if step.there:
            yield f"  if ($found -cne {quoting.powershell(step.answer)}) {{"
            yield f"    [Console]::Error.WriteLine({quoting.powershell(step.otherwise)})"
            yield "    exit 2"
            yield "  }"
            for call in step.there:
                yield from run(call, "  ")
            yield "} else {"
        for call in step.missing:
            yield from run(call, "  ")
        yield "}"


def _powershell_word(word: str | Paper) -> str:
    if isinstance(word, Paper):
        # In double quotes for the directory of the script; the name has no sign that means something there.
        return f'"file://$PSScriptRoot/{word.name}"'
    return word if _BARE.fullmatch(word) else quoting.powershell_argument(word)
