"""Check the config file: what some SDK reads differently or rejects, and which programs and profiles are missing."""

import itertools
import os
from collections.abc import Callable, Iterable, Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.lint.lines import check
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Sections, sections_of
from credhelper.awsconfig.profiles.role_profile import PREFIX
from credhelper.awsconfig.profiles.source_chain import files_of
from credhelper.commands.profile.line import program_files
from credhelper.errors import CredhelperError
from credhelper.settings import Settings
from credhelper.system import ownership

_RULES = {ownership.BELONGS: "belongs-to-another", ownership.OPEN: "open-to-others"}


def check_file(
    settings: Settings,
    *,
    exists: Callable[[str], bool] = os.path.exists,
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Return all findings about the config file; raises MachineError if it cannot be read.

    Of `environ` only what AWS's tools obey as the place of their tokens counts.
    """
    data = config_file.read_behind_links(settings.config_file, config_file.LARGE_LIMIT).data
    findings = check(data) + _ownership_findings((settings.config_file, settings.credentials_file))
    try:
        document = Document.parse(data)
        credentials = sections_of(
            config_file.read_behind_links(settings.credentials_file, config_file.LARGE_LIMIT).data
        )
    except CredhelperError:
        return findings
    named = _named_files(Sections(document, credentials), settings.home, environ.get("AWS_LOGIN_CACHE_DIRECTORY"))
    return sorted({*findings, *_ownership_findings(named), *_machine_findings(document, credentials, exists)})


def _ownership_findings(paths: Iterable[str]) -> list[Finding]:
    faults = [ownership.fault_of(path) for path in paths]
    return [Finding(0, _RULES[fault.reason], fault.place) for fault in faults if fault is not None]


def _named_files(sections: Mapping[str, Mapping[str, str]], home: str, login_cache: str | None) -> Iterable[str]:
    """Return the files that decide who a profile is: tokens, session policies."""
    named = (files_of(section, home=home, login_cache=login_cache) for section in sections.values())
    return [path for path in dict.fromkeys(itertools.chain.from_iterable(named)) if os.path.isabs(path)]


def _machine_findings(
    document: Document, credentials: Mapping[str, Mapping[str, str]], exists: Callable[[str], bool]
) -> list[Finding]:
    known = {name for name, _ in document.profiles()} | credentials.keys()
    found = []
    for name, index in document.profiles():
        section = document.values(index)
        line = document.line_at(document.span(index)[0])
        source = section.get(PREFIX + "source_profile") or section.get("source_profile")
        if source and source not in known:
            found.append(Finding(line, "missing-source", name))
        if kinds.kind_of(section) == kinds.CREDHELPER:
            found += [Finding(line, rule, name) for rule in _credhelper_rules(name, section, credentials, exists)]
    return found


def _credhelper_rules(
    name: str,
    section: Mapping[str, str],
    credentials: Mapping[str, Mapping[str, str]],
    exists: Callable[[str], bool],
) -> list[str]:
    rules = []
    command = section.get(kinds.PROCESS_KEY, "")
    if kinds.is_credhelper_line(command, name) and not all(exists(word) for word in program_files(command)):
        rules.append("credhelper-moved")
    if credentials.get(name, {}).keys() & {kinds.STATIC_KEY, kinds.PROCESS_KEY}:
        rules.append("credentials-file")
    return rules
