"""What is wrong with profiles that are written well: their commands, their sources, their mix of credentials. Pure."""

import re
from collections.abc import Iterator, Sequence

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.grammar import Block
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, source_chain
from credhelper.awsconfig.profiles.role_profile import PREFIX, RoleProfile, is_credhelper, own_keys
from credhelper.errors import InputError
from credhelper.model import partitions

# In an ARN.
_COLONS = 5
_SHELL = re.compile(r"[$`|&<>()*?~]|;|\b[A-Z_]+=\S")
_ABSOLUTE = re.compile(r"""['"]?(?:/|[A-Za-z]:\\)""")
_SOURCE_KEYS = ("source_profile", PREFIX + "source_profile")
# Kinds of credentials: a profile should have keys of one of these groups only (rule 31).
_STATIC = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}
_ROLE = {"role_arn", "source_profile", "credential_source"}


# A line of a profile, the rule it breaks, and what it is about.
Broken = tuple[int, str, str]


def broken_rules(blocks: Sequence[Block]) -> Iterator[Broken]:
    """Yield each rule that a profile breaks by what its keys mean, with the offset of the line and what it is about."""
    profiles = {name: block for block in blocks if (name := grammar.profile_name(block.header)) is not None}
    sections = {name: _flat(block) for name, block in profiles.items()}
    for name, block in profiles.items():
        yield from _commands(block)
        yield from ((block.start, rule, name) for rule in _profile_rules(name, sections))
        yield from _sources(name, block, sections)


def _flat(block: Block) -> dict[str, str]:
    return {key_line.name: key_line.value for key_line in block.key_lines if not key_line.is_nested}


def _commands(block: Block) -> Iterator[Broken]:
    for key_line in block.key_lines:
        if key_line.name == PROCESS_KEY and key_line.value:
            yield from ((key_line.start, rule, key_line.name) for rule in _command_rules(key_line.value))


def _command_rules(command: str) -> Iterator[str]:
    if not _ABSOLUTE.match(command):
        yield "command-relative"
    if _SHELL.search(command):
        yield "command-shell"
    if "\\" in command and not re.match(r"""['"]?[A-Za-z]:\\""", command):
        yield "command-backslash"


def _profile_rules(name: str, sections: dict[str, dict[str, str]]) -> Iterator[str]:
    section = sections[name]
    kinds = _kinds_of(section)
    if len(kinds) > 1:
        yield "mixed-credentials"
    role_arn = section.get(PREFIX + "role_arn") or section.get("role_arn", "")
    if role_arn.count(":") >= _COLONS and partitions.is_foreign(_region(section, sections), role_arn):
        yield "region-partition"
    elif own_keys(section):
        try:
            RoleProfile.from_section(name, section)
        except InputError:
            yield "credhelper-setting"
    if is_credhelper(section) and PROCESS_KEY not in section:
        yield "credhelper-command"


def _region(section: dict[str, str], sections: dict[str, dict[str, str]]) -> str:
    """Return the region that the role is asked for in; credhelper takes its source's where the profile has none."""
    source = sections.get(section.get(PREFIX + "source_profile", ""), {})
    return section.get("region") or source.get("region", "")


def _kinds_of(section: dict[str, str]) -> set[str]:
    groups = {
        "process": {PROCESS_KEY},
        "static": _STATIC,
        "role": _ROLE,
        "other": set(CREDENTIAL_KEYS) - _STATIC - _ROLE,
    }
    kinds = {kind for kind, keys in groups.items() if keys & section.keys()}
    # A role with web identity or with its own static keys as the source is how AWS documents it.
    if "role_arn" in section and PROCESS_KEY not in section and ("web_identity_token_file" in section):
        kinds.discard("other")
    if section.get("source_profile") and "role_arn" in section:
        kinds.discard("static")
    return kinds


def _sources(name: str, block: Block, sections: dict[str, dict[str, str]]) -> Iterator[Broken]:
    for key_line in block.key_lines:
        # A source may be defined in the credentials file, which is not read here: only chains are checked.
        if key_line.name in _SOURCE_KEYS and key_line.value in sections:
            chain = source_chain(name, sections)
            is_own_source = key_line.name == "source_profile" and chain == [name]
            if name in chain and not (is_own_source and "aws_access_key_id" in sections[name]):
                yield key_line.start, "source-loop", name
