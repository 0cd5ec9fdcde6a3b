"""What `profile add` asks where it was told too little: the source, the role, the name, the MFA device.

It asks by two functions and prints nothing itself. The answers are what the options of `profile add` would have said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.file.rehearsal import rehearse
from credhelper.awsconfig.profiles import kinds, principal, role_arn
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import RoleProfile, key_of, require_valid_setting
from credhelper.commands.profile.add import add, sources
from credhelper.commands.profile.edit import require_valid_options
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.list import open_sections
from credhelper.commands.profile.proposals import devices_of, is_device, proposed_name
from credhelper.errors import InputError
from credhelper.model import partitions
from credhelper.model.nearest import nearest
from credhelper.model.printable import cell
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings

NONE = "none"
_SHOWN_SOURCES = 20
_WIDEST = 40
_DEFAULT = EditOptions()


class AgainError(Exception):
    """An answer that will not do; `instead` is what Enter means when the question is asked again, if not as before."""

    def __init__(self, message: str, instead: str | None = None) -> None:
        super().__init__(message)
        self.instead = instead


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to ask: `ask` gets a question and what Enter means, "" for nothing; `tell` shows lines."""

    ask: Callable[[str, str], str]
    tell: Callable[[str], None]

    def answer(self, question: str, default: str, check: Callable[[str], str]) -> str:
        """Ask until `check`, which raises AgainError with what to say, takes the answer; return what it made of it."""
        while True:
            typed = self.ask(question, default).strip().strip("'\"") or default
            try:
                return check(typed)
            except AgainError as error:
                self.tell(str(error))
                default = default if error.instead is None else error.instead


def ask_for_profile(
    settings: Settings,
    values: Mapping[str, str],
    person: Person,
    options: EditOptions = _DEFAULT,
    *,
    is_forced: bool = False,
) -> tuple[str, dict[str, str]]:
    """Ask for what was not given, and return the name of the new profile with all its settings.

    Raises InputError or MachineError where no answer could lead to a profile, before the first question.
    """
    require_valid_options(values, "profile add")
    _require_fit(values)
    Lines(settings).line("x")  # an installation that no line may name is said before a question is asked
    rehearse(settings.config_file, settings.state_dir, options)
    catalogue = open_sections(settings)
    if catalogue.faults:
        raise InputError(catalogue.faults[0], hint="credhelper profile check")
    asked = _Questions(catalogue, person, dict(values))
    asked.ask_source()
    asked.ask_role()
    found = asked.found
    proposed = proposed_name(found["role_arn"], catalogue)
    tried = _with_device(found)

    def free(typed: str) -> str:
        require_free(typed, catalogue, is_forced=is_forced)
        try:
            add(settings, typed, tried, preview_of(options), is_forced=is_forced)
        except InputError as error:
            if typed == proposed:
                raise
            add(settings, proposed, tried, preview_of(options))  # where the name is not the reason, this says what is
            raise _again(error.message) from None
        return typed

    name = person.answer("Profile name", proposed, free)
    asked.ask_device()
    return name, found


def _require_fit(values: Mapping[str, str]) -> None:
    """Raise InputError for options that do not go together, with any answers."""
    partition = partitions.partition_of_region(values.get("region", "")) or partitions.PARTITIONS[0]
    answers = {"role_arn": f"arn:{partition}:iam::000000000000:role/x"}
    answers |= {} if "credential_source" in values else {"source_profile": "x"}
    settings = {**answers, **_with_device(values)}
    try:
        RoleProfile.from_section("new", {key_of(setting): text for setting, text in settings.items()})
    except InputError as error:
        raise InputError(error.message, hint="see the options: credhelper profile add --help") from None


def _with_device(values: Mapping[str, str]) -> dict[str, str]:
    """Return settings that can be tried before the device of a program for its codes is known."""
    return {"mfa_serial": "GAHT12345678", **values} if "mfa_process" in values else dict(values)


class _Questions:
    """What is known of the new profile so far: `found` are its settings, and each question adds to them."""

    def __init__(self, catalogue: Catalogue, person: Person, found: dict[str, str]) -> None:
        self.found = found
        self._catalogue = catalogue
        self._person = person
        # The pair of a source and a role that the person was warned of, and insists on.
        self._warned: tuple[str, str] | None = None

    def ask_source(self) -> None:
        """Ask whose credentials assume the role, unless a source is given; one that cannot be it is asked for again."""
        if "credential_source" in self.found:
            return
        known = sources(self._catalogue)
        if not known:
            raise InputError(
                "there is no profile yet whose credentials could assume a role",
                hint="make one with the access key of your user: aws configure",
            )
        default = known[0]
        if given := self.found.get("source_profile"):
            try:
                self.found["source_profile"] = self._source(given, known)
            except AgainError as error:
                self._person.tell(str(error))
                default = default if error.instead is None else error.instead
            else:
                return
        _tell_sources(known, self._catalogue, self._person)
        self.found["source_profile"] = self._person.answer(
            "Source profile", default, lambda typed: self._source(_of_number(typed, known), known)
        )

    def _source(self, name: str, known: Sequence[str]) -> str:
        if name not in known:
            near = nearest(name, known, limit=1)
            is_there = name in self._catalogue
            what = f"Profile {cell(name)} has no credentials" if is_there else f"There is no profile {cell(name)}"
            guess = f"did you mean {cell(near[0])}?" if near else "type its number or its name"
            raise AgainError(f"{what}; {guess}", near[0] if near else None)
        try:
            require_valid_setting("source_profile", name)
        except ValueError as error:
            raise AgainError(f"{cell(name)} is {error}; take another") from None
        if loop := principal.loop_of(name, self._catalogue):
            raise AgainError(f"The sources of {cell(name)} form a loop: {' -> '.join(map(cell, loop))}; take another")
        if principal.principal(name, self._catalogue) is None:
            raise AgainError(f"Profile {cell(name)} has no credentials that can be found; take another")
        self._require_one_partition(name, self.found.get("role_arn", ""), name)
        return name

    def ask_role(self) -> None:
        """Ask for the role, unless it is given."""
        if "role_arn" not in self.found:
            self.found["role_arn"] = self._person.answer("Role ARN", "", self._role)

    def _role(self, typed: str) -> str:
        arn = _role(typed)
        region = self.found.get("region", "")
        if region and partitions.is_foreign(region, arn):
            raise AgainError(f"The {partitions.mismatch(region, arn)}")
        self._require_one_partition(self.found.get("source_profile", ""), arn, arn)
        return arn

    def _require_one_partition(self, source: str, arn: str, answer: str) -> None:
        """Raise AgainError where the source's credentials are of another partition than the role.

        Its region may be wrong, so that the same answer again is taken; a role on the way to it is not.
        """
        if not source or not arn:
            return
        region, there = kinds.partition_of(source, self._catalogue)
        wanted = partitions.partition_of_role(arn)
        if there in ("", wanted) or (region and "region" in self.found):
            return
        why = f"by its region {region}" if region else "by its role"
        what = (
            f"The credentials of {cell(source)} are of the partition {there}, {why}, and the role is of {wanted}: "
            "those of one are not known in the other"
        )
        if not region:
            raise AgainError(what)
        if self._warned != (source, arn):
            self._warned = (source, arn)
            raise AgainError(f"{what}. If that region is wrong, press Enter", answer)
        # Without one of its own the new profile would take the source's.
        self.found.setdefault("region", partitions.default_region(wanted))

    def ask_device(self) -> None:
        """Ask for the MFA device where the source has one, or a program for its codes is given."""
        if "mfa_serial" in self.found:
            return
        source = self.found.get("source_profile", "")
        is_needed = "mfa_process" in self.found
        devices = devices_of(source, self._catalogue)
        if not devices and not is_needed:
            return
        if not is_needed:
            self._person.tell(f"{cell(source)} uses an MFA device. Type {NONE} if this role needs no one-time code.")
        default = devices[0] if devices else ""
        device = self._person.answer("MFA device", default, lambda typed: _device(typed, is_needed=is_needed))
        self.found |= {"mfa_serial": device} if device else {}


def _tell_sources(found: Sequence[str], catalogue: Catalogue, person: Person) -> None:
    person.tell("Whose credentials assume the role?")
    rows = [(cell(name), kinds.kind_of(catalogue[name])) for name in found[:_SHOWN_SOURCES]]
    width = min(_WIDEST, max(len(shown) for shown, _ in rows))
    person.tell("\n".join(f"{place:>4}  {shown:<{width}}  {kind}" for place, (shown, kind) in enumerate(rows, 1)))
    if len(found) > _SHOWN_SOURCES:
        person.tell(f"      and {len(found) - _SHOWN_SOURCES} more, by name; all: credhelper profile list")


def _of_number(typed: str, found: Sequence[str]) -> str:
    """Return the profile that a number of the list means; a name is itself, also where it is a number."""
    shown = min(len(found), _SHOWN_SOURCES)
    is_number = typed not in found and typed.isascii() and typed.isdigit() and 1 <= int(typed) <= shown
    return found[int(typed) - 1] if is_number else typed


def _role(typed: str) -> str:
    if not typed:
        raise AgainError("It is on the page of the role in the IAM console, and is like arn:aws:iam::ACCOUNT:role/NAME")
    try:
        return role_arn.parse(typed)
    except ValueError as error:
        raise AgainError(f"That is {error}") from None


def require_free(typed: str, catalogue: Catalogue, *, is_forced: bool) -> None:
    """Raise AgainError for a name that no new profile may have."""
    try:
        check_name(typed)
    except InputError as error:
        raise _again(f"{error.message}: {error.hint}") from None
    if typed in catalogue and not is_forced:
        raise AgainError(f"There is a profile {cell(typed)} already; take another name")


def _again(message: str) -> AgainError:
    return AgainError(f"{message[:1].upper()}{message[1:]}")


def _device(typed: str, *, is_needed: bool) -> str:
    if typed.lower() in (NONE, "-") and not is_needed:
        return ""
    if not is_device(typed):
        way_out = "" if is_needed else f"; or type {NONE}"
        raise AgainError(f"That is not the ARN of an MFA device{way_out}. It is listed by: aws iam list-mfa-devices")
    return typed


def preview_of(options: EditOptions) -> EditOptions:
    """Return the options of the same edit that is only shown."""
    return replace(options, is_dry_run=True)


def caller(settings: Settings, name: str, environ: Mapping[str, str]) -> str:
    """Return the ARN of the session that a profile gives, which STS was made to confirm when it gave it."""
    resolved = resolve(name, settings, Record(environ))
    request = resolved.request
    role = role_arn.name_of(request.role_arn)
    return f"arn:{request.partition}:sts::{request.account_id}:assumed-role/{role}/{resolved.session_name}"
