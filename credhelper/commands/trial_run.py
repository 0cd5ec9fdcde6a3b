"""A profile tried as an SDK would use it: its line is started, AWS says who that is, and the bucket is listed.

One step after the other, each only after the one before; the cache and the files are those of the request itself.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from credhelper.aws import expiration, identity, probe_s3
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.cache.payload import Payload
from credhelper.commands import helper_line
from credhelper.commands.grant.access import Access
from credhelper.commands.profile.edit import unknown
from credhelper.commands.profile.list import open_sections
from credhelper.errors import AwsError, CredhelperError, InputError, about
from credhelper.model import sdk_document
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import format_time
from credhelper.model.shell import of_profile, own_command, word
from credhelper.policy.arn import parse
from credhelper.policy.build import Place
from credhelper.provider import resolve
from credhelper.provider.record import Record
from credhelper.settings import Settings

# What a step has seen, and what is worth a look.
_Seen = tuple[str, tuple[str, ...]]

OK, FAILED, SKIPPED = "ok", "FAIL", "skipped"
_BODY = b"written by `credhelper test`, which deletes it at once\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the report. `error` is why it failed; `remarks` are what works and is worth a look."""

    id: str
    state: str
    text: str
    error: CredhelperError | None = None
    remarks: tuple[str, ...] = ()


class TrialRun:
    """`for step in TrialRun(own, environ, "prod-s3", place, give_up=end).steps(): …`.

    `place` is None where no bucket is known. With `is_writing` one object is written and deleted: `object_uri`.
    `give_up` has to end the process: it is called when credentials take too long.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        profile: str,
        place: Place | None,
        *,
        give_up: Callable[[Payload | CredhelperError], object],
        is_writing: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._profile = profile
        self._place = place
        self._is_writing = is_writing
        self._now = now
        self._access = Access(settings, environ, give_up)
        self._catalogue = open_sections(settings)
        if profile not in self._catalogue:
            raise unknown(profile, self._catalogue)
        self._key = f"{place.prefix if place else ''}credhelper-test-{secrets.token_hex(16)}.txt"
        self._known = _Known()

    @property
    def object_uri(self) -> str:
        """The object that is written and deleted, "" where none is."""
        return f"s3://{self._place.bucket}/{self._key}" if self._place and self._is_writing else ""

    def steps(self) -> Iterator[Step]:
        """Yield each step when it is done."""
        failed = ""
        for name, do in self._todo():
            if failed:
                yield Step(name, SKIPPED, f"needs {failed}")
            elif do is None:
                command = own_command("test", self._profile, options="--bucket BUCKET")
                yield Step(name, SKIPPED, f"no bucket is known; name one: {command}")
            else:
                step = self._tried(name, do)
                failed = name if step.error is not None else ""
                yield step

    def _todo(self) -> Iterator[tuple[str, Callable[[], _Seen] | None]]:
        kind, _ = self._catalogue.taken(self._profile)
        is_without_line = kind == "settings" and is_credhelper(self._catalogue[self._profile])
        if is_without_line or kind in (kinds.CREDHELPER, "process"):
            yield "helper", self._helper
            yield "document", self._document
        else:
            yield "credentials", self._others
        yield "identity", self._identity
        yield "bucket", None if self._place is None else partial(self._list, self._place)
        if self._is_writing and self._place is not None:
            yield "write", partial(self._write, self._place)

    def _tried(self, name: str, do: Callable[[], _Seen]) -> Step:
        try:
            with about(profile=self._profile):
                text, remarks = do()
        except CredhelperError as error:
            return Step(name, FAILED, error.message, error)
        return Step(name, OK, text, None, remarks)

    def _helper(self) -> _Seen:
        section = self._catalogue[self._profile]
        if kinds.PROCESS_KEY not in section:
            raise InputError(
                f"profile {self._profile} has no {kinds.PROCESS_KEY}, so no tool asks credhelper",
                hint=own_command("profile repair", self._profile),
            )
        self._check_files()
        self._known.printed = helper_line.start(self._profile, self._catalogue, self._environ)
        place = self._catalogue.place_of(self._profile, kinds.PROCESS_KEY)
        remarks = self._shadow()
        if self._known.printed.has_stderr:
            remarks = (*remarks, "it writes to stderr, which some SDKs read as a part of the document")
        return f"{place} starts it, {self._known.printed.spent_s:.1f} s", remarks

    def _document(self) -> _Seen:
        found, remarks = sdk_document.read(self._known.printed.document, self._now(), expiration.of_a_program)
        self._known.credentials = found
        return self._until(found), remarks

    def _others(self) -> _Seen:
        kind, key = self._catalogue.taken(self._profile)
        self._known.credentials = self._access.credentials_of_tools(self._profile)
        place = self._catalogue.place_of(self._profile, key)
        return f"{kind}, {place}; {self._until(self._known.credentials)}", self._shadow()

    def _identity(self) -> _Seen:
        who = identity.ask(self._service("sts"))
        self._known.identity = who
        wanted = parse(kinds.role_arn_of(self._catalogue[self._profile]))
        if wanted is not None and not _is_session_of(who, wanted.account, wanted.name):
            shadow = self._catalogue.shadow_of(self._profile)
            why = f": {shadow}" if shadow is not None else ""
            raise InputError(
                f"it is {who}, no session of {wanted}{why}", hint=own_command("profile show", self._profile)
            )
        return str(who), ()

    def _list(self, place: Place) -> _Seen:
        count = probe_s3.list_one(self._service("s3"), place.bucket, place.prefix)
        there = "something is there" if count else "nothing is there"
        return f"s3://{place.bucket}/{place.prefix} can be listed, {there}", ()

    def _write(self, place: Place) -> _Seen:
        s3 = self._service("s3")
        version = probe_s3.put_one(s3, place.bucket, self._key, _BODY)
        try:
            is_gone = probe_s3.delete_one(s3, place.bucket, self._key, version)
        except KeyboardInterrupt:
            with suppress(CredhelperError):
                probe_s3.delete_one(s3, place.bucket, self._key, version)
            raise
        except CredhelperError as error:
            stays = f"{self.object_uri} was written and is still there: {error.message}"
            by_hand = f"aws s3 rm {word(self.object_uri)}"
            if isinstance(error, AwsError):
                raise AwsError(stays, hint=f"someone who may delete it: {by_hand}") from None
            raise type(error)(stays, hint=f"{by_hand} {of_profile(self._profile)}") from None
        text = f"{self.object_uri} was written and deleted"
        return text, () if is_gone else ("its version stays: the bucket keeps versions, and it may not be deleted",)

    def _service(self, name: str) -> Service:
        partition = kinds.partition_of(self._profile, self._catalogue)[1] or "aws"
        account = self._known.identity.account if self._known.identity else ""
        return Service(
            name, self._profile, self._known.credentials, self._access.shared, partition=partition, account=account
        )

    def _check_files(self) -> None:
        """Refuse what every request refuses: files that others may change, and a program with a relative path."""
        record = Record(self._environ)
        for path in self._catalogue.paths:
            record.file(path)
        resolve.note_profile(self._profile, self._access.shared, self._settings, record)

    def _shadow(self) -> tuple[str, ...]:
        shadow = self._catalogue.shadow_of(self._profile)
        return () if shadow is None else (str(shadow),)

    def _until(self, found: Credentials) -> str:
        if found.expiration is None:
            return "credentials without an end"
        left_m = max(0, int((found.expiration - self._now()) // 60))
        return f"credentials until {format_time(found.expiration)} ({left_m} min)"


@dataclass(slots=True)
class _Known:
    """What the steps before have found."""

    printed: helper_line.Printed = field(default_factory=lambda: helper_line.Printed(b"", 0.0, has_stderr=False))
    credentials: Credentials = field(default_factory=lambda: Credentials("", ""))
    identity: Identity | None = None


def _is_session_of(who: Identity, account: str, role: str) -> bool:
    """Tell whether a caller is a session of a role; STS leaves the role's path out, and Ceph keeps it."""
    return who.account == account and who.arn.kind == "assumed-role" and role in who.arn.resource.split("/")[1:-1]
