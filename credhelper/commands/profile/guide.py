"""What `profile add` asks where it was told too little: the source, the role, the name, the MFA device.

It asks by two functions and prints nothing itself. The answers are what the options of `profile add` would have said.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles import kinds, role_arn
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import PREFIX, require_valid_setting
from credhelper.commands.profile.add import sources
from credhelper.commands.profile.edit import require_valid_options
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.list import open_sections
from credhelper.errors import InputError
from credhelper.model.nearest import nearest
from credhelper.model.printable import cell
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings

NONE = "none"
_SHOWN_SOURCES = 20
_WIDEST = 40
# Sources whose requests AWS lets carry a one-time code: a session of a role or of single sign-on has no device.
_WITH_DEVICE = ("static", "process")


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
    settings: Settings, values: Mapping[str, str], person: Person, *, is_forced: bool = False
) -> tuple[str, dict[str, str]]:
    """Ask for what was not given, and return the name of the new profile with all its settings.

    Raises InputError where no answer could lead to a profile.
    """
    require_valid_options(values, "profile add")
    Lines(settings).line("x")  # an installation that no line may name is said before a question is asked
    catalogue = open_sections(settings)
    found = dict(values)
    if not {"source_profile", "credential_source"} & found.keys():
        found["source_profile"] = _source(catalogue, person)
    if "role_arn" not in found:
        found["role_arn"] = person.answer("Role ARN", "", _role)
    proposed = proposed_name(found["role_arn"], catalogue)
    name = person.answer("Profile name", proposed, lambda typed: _free(typed, catalogue, is_forced=is_forced))
    if "mfa_serial" not in found and (devices := devices_of(found.get("source_profile", ""), catalogue)):
        person.tell(f"{found['source_profile']} uses an MFA device. Type {NONE} if this role needs no one-time code.")
        device = person.answer("MFA device", devices[0], _device)
        found |= {"mfa_serial": device} if device else {}
    return name, found


def _source(catalogue: Catalogue, person: Person) -> str:
    found = sources(catalogue)
    if not found:
        raise InputError(
            "there is no profile yet whose credentials could assume a role",
            hint="make one with the access key of your user: aws configure",
        )
    person.tell("Whose credentials assume the role?")
    rows = [(cell(name), kinds.kind_of(catalogue[name])) for name in found[:_SHOWN_SOURCES]]
    width = min(_WIDEST, max(len(shown) for shown, _ in rows))
    person.tell("\n".join(f"{place:>4}  {shown:<{width}}  {kind}" for place, (shown, kind) in enumerate(rows, 1)))
    if len(found) > _SHOWN_SOURCES:
        person.tell(f"      and {len(found) - _SHOWN_SOURCES} more, by name; all: credhelper profile list")

    def chosen(typed: str) -> str:
        if typed in found:
            return typed
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(rows):
            return found[int(typed) - 1]
        near = nearest(typed, found, limit=1)
        what = (
            f"Profile {cell(typed)} has no credentials" if typed in catalogue else f"There is no profile {cell(typed)}"
        )
        guess = f"did you mean {cell(near[0])}?" if near else "type its number or its name"
        raise AgainError(f"{what}; {guess}", near[0] if near else None)

    return person.answer("Source profile", found[0], chosen)


def _role(typed: str) -> str:
    if not typed:
        raise AgainError("It is on the page of the role in the IAM console, and is like arn:aws:iam::ACCOUNT:role/NAME")
    try:
        return role_arn.parse(typed)
    except ValueError as error:
        raise AgainError(f"That is {error}") from None


def proposed_name(arn: str, catalogue: Catalogue) -> str:
    """Return a free name for a profile of this role, made as `aws configure sso` makes its own: ROLE-ACCOUNT."""
    plain = "".join(one if one.isalnum() or one in "_.@+-" else "-" for one in role_arn.name_of(arn))
    wanted = f"{plain.lstrip('-.+@') or 'role'}-{role_arn.account_of(arn)}"
    found, number = wanted, 2
    while found in catalogue:
        found, number = f"{wanted}-{number}", number + 1
    return found


def _free(typed: str, catalogue: Catalogue, *, is_forced: bool) -> str:
    try:
        check_name(typed)
    except InputError as error:
        raise AgainError(f"{error.message[:1].upper()}{error.message[1:]}: {error.hint}") from None
    if typed in catalogue and not is_forced:
        raise AgainError(f"There is a profile {cell(typed)} already; take another name")
    return typed


def devices_of(source: str, catalogue: Catalogue) -> list[str]:
    """Return the MFA devices of a source: its own first, then those that other roles with this source name."""
    if source not in catalogue or kinds.kind_of(catalogue[source]) not in _WITH_DEVICE:
        return []
    used = Counter(
        serial
        for name in catalogue
        if kinds.source_of(section := catalogue[name]) == source
        and (serial := section.get(f"{PREFIX}mfa_serial") or section.get("mfa_serial") or "")
    )
    own = catalogue[source].get("mfa_serial", "")
    found = dict.fromkeys([*([own] if own else []), *(serial for serial, _ in used.most_common())])
    return [serial for serial in found if _is_device(serial)]


def _is_device(text: str) -> bool:
    try:
        require_valid_setting("mfa_serial", text)
    except ValueError:
        return False
    return True


def _device(typed: str) -> str:
    if typed.lower() in (NONE, "-"):
        return ""
    if not _is_device(typed):
        raise AgainError(
            f"That is not the ARN of an MFA device; or type {NONE}. It is listed by: aws iam list-mfa-devices"
        )
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
