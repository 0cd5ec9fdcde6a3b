"""Check both files: what some SDK reads differently or rejects, and which programs and profiles are missing."""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.lint.both import catalogue_of, check
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.source_chain import CONTAINER_FILE_VARIABLE, files_of
from credhelper.commands.profile.line import is_dead, is_gone
from credhelper.errors import MachineError
from credhelper.model.shell import open_at, own_command
from credhelper.settings import Settings
from credhelper.system import ownership

_RULES = {ownership.BELONGS: "belongs-to-another", ownership.OPEN: "open-to-others"}


def check_file(
    settings: Settings,
    *,
    exists: Callable[[str], bool] = os.path.exists,
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Return all findings about both files; raises MachineError if the config file cannot be read.

    Of `environ` only what AWS's tools obey as the place of their tokens counts.
    """
    paths = settings.config_file, settings.credentials_file
    config = config_file.read_behind_links(settings.config_file, config_file.LARGE_LIMIT).data
    findings = _ownership_findings(paths)
    try:
        credentials = config_file.read_behind_links(settings.credentials_file, config_file.LARGE_LIMIT).data
    except MachineError as error:
        credentials = b""
        findings.append(
            Finding(0, "unreadable", settings.credentials_file, effect=error.message, is_in_credentials=True)
        )
    catalogue = catalogue_of(config, credentials, paths=paths)
    findings += check(config, credentials, catalogue)
    findings += _machine_findings(catalogue, cache(exists))
    findings += _ownership_findings(_named_files(catalogue, settings.home, environ))
    return sorted(set(findings), key=lambda finding: (finding.is_in_credentials, finding))


def _ownership_findings(paths: Iterable[str]) -> list[Finding]:
    faults = [ownership.fault_of(path) for path in paths]
    return [
        Finding(0, _RULES[fault.reason], fault.place, fix=ownership.cure(fault))
        for fault in faults
        if fault is not None
    ]


def _named_files(sections: Mapping[str, Mapping[str, str]], home: str, environ: Mapping[str, str]) -> Iterable[str]:
    """Return the files that decide who a profile is: tokens, session policies."""
    login_cache = environ.get("AWS_LOGIN_CACHE_DIRECTORY")
    named = (files_of(section, home=home, login_cache=login_cache) for section in sections.values())
    paths = dict.fromkeys([*itertools.chain.from_iterable(named), environ.get(CONTAINER_FILE_VARIABLE, "")])
    return [path for path in paths if os.path.isabs(path)]


def _machine_findings(catalogue: Catalogue, exists: Callable[[str], bool]) -> Iterator[Finding]:
    """Yield the findings about programs and CA bundles that profiles name, and that are not there."""
    for name in catalogue:
        section = catalogue[name]
        if (bundle := section.get("ca_bundle")) and os.path.isabs(bundle) and not exists(bundle):
            yield _without("ca-bundle-gone", name, "ca_bundle", catalogue)
        command = section.get(kinds.PROCESS_KEY, "")
        if not kinds.is_credhelper_line(command, name):
            if command and catalogue.taken(name)[0] == "process" and is_gone(command, exists):
                yield _without("command-gone", name, kinds.PROCESS_KEY, catalogue)
        elif kinds.kind_of(section) == kinds.CREDHELPER and is_dead(command, exists):
            is_elsewhere = kinds.PROCESS_KEY in catalogue.in_credentials(name)
            place = catalogue.place_of(name, kinds.PROCESS_KEY if is_elsewhere else None)
            fix = f"remove that line: {open_at(place.file, place.line)}" if is_elsewhere else ""
            yield Finding(place.line, "credhelper-moved", name, fix=fix, is_in_credentials=is_elsewhere)


def _without(rule: str, name: str, key: str, catalogue: Catalogue) -> Finding:
    """Return the finding about a file that a key of a profile names, and that is not there."""
    place = catalogue.place_of(name, key)
    is_in_credentials = place.file == catalogue.paths[1]
    remove = open_at(place.file, place.line) if is_in_credentials else own_command("profile unset", name, key)
    what = "the program" if key == kinds.PROCESS_KEY else "the file"
    fix = f"remove the line, unless {what} comes back: {remove}"
    return Finding(place.line, rule, name, fix=fix, is_in_credentials=is_in_credentials)
