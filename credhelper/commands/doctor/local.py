"""The checks of `doctor` that need no network: both files, the environment, the cache and the installation."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping

from credhelper import __version__
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.awsconfig.profiles import kinds, role_arn
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.cache import failures, store
from credhelper.commands import obstacle
from credhelper.commands.doctor import others as doctor_others
from credhelper.commands.profile.check import check_file
from credhelper.commands.profile.line import Lines, program_files
from credhelper.diagnosis import local
from credhelper.diagnosis.finding import Check
from credhelper.diagnosis.local import Fault, Line, failed, passed
from credhelper.errors import CredhelperError
from credhelper.keystores import master_key, stores
from credhelper.model import freshness
from credhelper.model.freshness import Moment
from credhelper.model.shell import own_command
from credhelper.provider import circumstances, hit
from credhelper.settings import Settings
from credhelper.system.machine import this_machine

_VERSION_TIMEOUT_S = 3.0
# Rules about the whole file, under which no profile is read; and about a profile that then has no credentials.
_FATAL = frozenset(
    ("byte-order-mark", "not-utf-8", "no-section", "garbage", "header-unterminated", "broken-block", "section-twice",
     "key-twice", "unreadable", "open-to-others", "belongs-to-another", "half-keys", "missing-sso-session",
     "sso-incomplete", "sso-conflict", "role-without-source", "two-sources", "token-without-role", "credential-source",
     "role-arn", "role-setting", "value-refused", "missing-services", "credhelper-endpoint", "credhelper-setting",
     "region-partition", "source-partition", "command-gone", "missing-source", "empty-source", "source-loop")
)  # fmt: skip
# What other checks say better.
_ELSEWHERE = frozenset(("credhelper-moved", "credhelper-command", "shadowed", "credentials-file", "role-and-process",
                        "keys-and-process", "role-arn"))  # fmt: skip


def checks(
    profile: str, settings: Settings, environ: Mapping[str, str], catalogue: Catalogue, at: Moment
) -> Iterator[Check]:
    """Yield the local checks of a profile that is there, in the order in which a request passes them."""
    section = catalogue[profile]
    if is_credhelper(section):
        yield _helper_path(profile, settings, catalogue)
        yield _shadow_file(profile, catalogue)
    home = os.path.join(settings.home, ".aws")
    is_elsewhere = (settings.config_file, settings.credentials_file) != (f"{home}/config", f"{home}/credentials")
    yield local.shadow_env(profile, environ, unset=_unset(), is_config_elsewhere=is_elsewhere)
    yield _config(profile, settings, catalogue, environ)
    if not doctor_others.is_other(section):
        yield _role_arn(profile, section)
        yield _cache(profile, settings, environ, at)
        yield _keystore(settings)


def _unset() -> str:
    return this_machine().unset("").strip().removesuffix("Env:").strip()


def _helper_path(profile: str, settings: Settings, catalogue: Catalogue) -> Check:
    line = catalogue[profile].get(PROCESS_KEY)
    if line is None:
        return local.helper_path(profile, Line(has_line=False), version=__version__)
    if not kinds.is_credhelper_line(line, profile):
        # Another program, which the check of the files names.
        return passed("helper-path", "helper-path", "the line starts another program, see shadow-file")
    fault = Lines(settings).fault(line, profile)
    missing = tuple(path for path in program_files(line) if not os.path.exists(path))
    version = _version_of(line, profile) if fault == "other" else ""
    known = Line(has_line=True, fault=fault, missing=missing, version=version)
    return local.helper_path(profile, known, version=__version__)


def _version_of(line: str, profile: str) -> str:
    """Return the version of the credhelper that a line starts, "" where it does not say."""
    words = kinds.start_in(line, profile)
    with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError):
        shown = subprocess.run(  # what every tool starts for this profile
            [*words, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT_S,
            check=False,
        )
        name, _, version = shown.stdout.strip().partition(" ")
        return version[:40] if name == "credhelper" and arguments_of(line) else ""
    return ""


def _shadow_file(profile: str, catalogue: Catalogue) -> Check:
    shadow = catalogue.shadow_of(profile)
    if shadow is None:
        return local.shadow_file(profile, "", is_for_all=False)
    return local.shadow_file(profile, str(shadow), is_for_all=shadow.is_for_all)


def _config(profile: str, settings: Settings, catalogue: Catalogue, environ: Mapping[str, str]) -> Check:
    chain = [profile, *kinds.source_chain(profile, catalogue)]
    lines = {one: _lines_of(one, catalogue) for one in chain if one in catalogue}
    try:
        found = check_file(settings, environ=environ)
    except CredhelperError as error:
        return failed("config", "config", error.message, error.hint)
    faults = []
    for one in found:
        rule = rule_of(one)
        path = catalogue.paths[1 if one.is_in_credentials else 0]
        is_whole = bool(one.message) or not one.line
        is_about = any((path, one.line) in places for places in lines.values()) or one.about in chain
        is_said = one.name in _ELSEWHERE or (one.name == "credhelper-setting" and "credhelper_role_arn" in rule.effect)
        if is_said or not (is_whole or is_about):
            continue
        faults.append(
            Fault(
                place=f"line {one.line} of {path}" if one.line else path,
                about="" if is_whole else one.about,
                effect=one.message or rule.effect,
                fix=rule.fix,
                is_fatal=bool(one.message) or one.name in _FATAL,
            )
        )
    return local.config(faults)


def _lines_of(name: str, catalogue: Catalogue) -> frozenset[tuple[str, int]]:
    """Return the lines that a profile has in both files."""
    found: list[tuple[str, int]] = []
    for path, document, headers in zip(
        catalogue.paths,
        (catalogue.config, catalogue.credentials),
        (dict(catalogue.config.profiles()), {one: place for place, one in _headers(catalogue.credentials)}),
        strict=True,
    ):
        if name in headers:
            start, end = document.span(headers[name])
            # Where it ends, the next profile's header begins.
            last = document.line_at(max(start, end - 1))
            found += [(path, line) for line in range(document.line_at(start), last + 1)]
    return frozenset(found)


def _headers(document: Document) -> Iterator[tuple[int, str]]:
    return ((index, document.header(index)) for index in range(len(document)))


def _role_arn(profile: str, section: Mapping[str, str]) -> Check:
    arn = kinds.role_arn_of(section)
    try:
        role_arn.parse(arn)
    except ValueError as error:
        hint = own_command("profile set", profile, options="--role-arn ARN")
        text = f"the role of profile {profile} is {error}" if arn else f"profile {profile} has no {PREFIX}role_arn"
        return failed("role-arn", "role-arn", text, hint)
    return passed("role-arn", "role-arn", arn)


def _cache(profile: str, settings: Settings, environ: Mapping[str, str], at: Moment) -> Check:
    reason = obstacle.in_cache(settings)
    if reason:
        return local.cache(obstacle=reason, cure=obstacle.explain(settings)[1], entry="", note="")
    name = store.entry_name(settings.config_file, profile)
    found = hit.find(settings, name, environ, at)
    note = failures.recall(settings, found.name, lambda there: circumstances.are_same(there, environ), at)
    entry = ""
    if found.entry is not None:
        left_s = int(freshness.remaining_s(found.entry.issued, found.entry.expiration, at))
        entry = f"a session is kept, good for {left_s // 60} min more"
        if not found.has_same_inputs:
            entry += "; the configuration has changed since, and the next request asks AWS"
    return local.cache(obstacle="", cure="", entry=entry, note="" if note is None else note.message)


def _keystore(settings: Settings) -> Check:
    found = master_key.find(settings, lambda _key: True)
    ignored = settings.key_store if stores.is_ignored(settings, stores.noted_store(settings)) else ""
    place = "no key yet: one is made with the first entry" if found is None else found[0].describe()
    return local.keystore(
        place=place, obstacle=obstacle.in_key_stores(settings) if found is None else "", ignored=ignored
    )
