"""Why a profile gives no credentials, or none that help: every check in the order in which a request passes them.

Local checks come first; what needs the network runs side by side under one deadline. Reads only: the session that is
asked for is dropped, and neither cache, failure notes, ledger nor audit trail see anything of it.
"""

from collections.abc import Mapping

from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.doctor import local as doctor_local
from credhelper.commands.doctor import others as doctor_others
from credhelper.commands.doctor.examination import Examination
from credhelper.commands.doctor.source import Home
from credhelper.commands.doctor.steps import Options, Steps
from credhelper.commands.profile.list import open_sections
from credhelper.diagnosis.finding import Check, State
from credhelper.diagnosis.local import failed
from credhelper.diagnosis.report import Report
from credhelper.errors import CredhelperError
from credhelper.model.nearest import unknown_profile
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings
from credhelper.system import clock
from credhelper.system.deadline import Deadline

DEADLINE_S = 20.0
_PATIENCE_S = 120.0
# What needs a configuration that can be used.
_LATER = ("network", "clock", "key", "sts-region", "assume-role", "sdk-limit")


def examine(
    profile: str,
    settings: Settings,
    environ: Mapping[str, str],
    options: Options,
    steps: Steps | None = None,
    *,
    deadline: Deadline | None = None,
) -> Report:
    """Return the report about a profile; raises InputError for a profile that is not there, or a wrong option."""
    steps, deadline = steps or Steps(), deadline or Deadline(DEADLINE_S, patience_s=_PATIENCE_S)
    try:
        catalogue = open_sections(settings)
    except CredhelperError as error:
        return Report(profile=profile, checks=(failed("config", "config", error.message, error.hint), *_skipped()))
    if profile not in catalogue:
        raise _unknown(profile, catalogue, settings)
    for admin in filter(None, (options.role_admin, options.caller_admin)):
        if admin not in catalogue:
            raise _unknown(admin, catalogue, settings)
    checks = list(doctor_local.checks(profile, settings, environ, catalogue, clock.now()))
    try:
        find = doctor_others.as_source if doctor_others.is_other(catalogue[profile]) else resolve
        resolved = find(profile, settings, Record(environ))
    except CredhelperError as error:
        if not any(one.state is State.FAIL and one.id in ("config", "role-arn") for one in checks):
            instead = failed("config", "config", error.message, error.hint)
            checks = [instead if one.id == "config" else one for one in checks]
        return Report(profile=profile, checks=(*checks, *_skipped()))
    home = Home(
        settings=settings,
        environ=environ,
        deadline=deadline,
        may_ask=options.may_ask,
        asking=lambda: steps.tell(""),
    )
    examination = Examination(home, resolved, catalogue, options, steps)
    return Report(profile=profile, checks=(*checks, *examination.checks()))


def _unknown(name: str, catalogue: Catalogue, settings: Settings) -> CredhelperError:
    return unknown_profile(name, catalogue, files=(settings.config_file, settings.credentials_file))


def _skipped() -> tuple[Check, ...]:
    return tuple(Check(id=one, state=State.SKIPPED, text="needs a configuration that can be used") for one in _LATER)
