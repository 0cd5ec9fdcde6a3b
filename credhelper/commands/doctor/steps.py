"""What `doctor` is asked to look at, and the checks of the role and the bucket, which are loaded when they are made."""

from collections.abc import Callable
from dataclasses import dataclass

from credhelper.aws.explain.facts import Refusal
from credhelper.commands.doctor.subject import Admins, Subject
from credhelper.diagnosis.finding import Check
from credhelper.model.credentials import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is to be looked at: a bucket, an object in it, with which administrators, and whether a code is asked for.

    `bucket` may have a prefix behind a slash.
    """

    bucket: str = ""
    key: str = ""
    role_admin: str = ""
    caller_admin: str = ""
    may_ask: bool = False
    shows_values: bool = False


def _assume(subject: Subject, denied: Refusal | None, admins: Admins) -> list[Check]:
    from credhelper.commands.doctor import assume as doctor_assume  # for an explanation only

    return doctor_assume.check(subject, denied=denied, admins=admins)


def _storage(subject: Subject, session: Credentials, bucket: str, key: str, admins: Admins) -> list[Check]:
    from credhelper.commands.doctor import storage as doctor_storage  # for a bucket only

    return doctor_storage.check(subject, session, bucket=bucket, key=key, admins=admins)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The checks of the role and of the bucket, and what is told a person meanwhile; a test gives others."""

    assume: Callable[[Subject, Refusal | None, Admins], list[Check]] = _assume
    storage: Callable[[Subject, Credentials, str, str, Admins], list[Check]] = _storage
    tell: Callable[[str], None] = lambda _text: None
