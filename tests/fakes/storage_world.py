"""A role that reads a bucket, with faults on the way: made at an emulator behind a front, asked as `doctor` does."""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.commands.doctor import storage as doctor_storage
from credhelper.commands.doctor.subject import Admin, Admins, Subject
from credhelper.commands.profile.list import open_sections
from credhelper.demo.emulator import Emulator
from credhelper.diagnosis.finding import Check
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from credhelper.policy.arn import parse
from credhelper.settings import from_environment
from credhelper.system.deadline import Deadline
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.kms import KmsKeys
from fakes.front.layers import Attempt, Layers
from fakes.front.s3 import S3Rules
from fakes.front.sentences import refusal
from fakes.front.server import Rule
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.front.world import World

KEY = "readme.txt"


def allow(action: str | list[str], resource: str | list[str], **condition: Any) -> dict[str, Any]:
    """Return a statement that allows."""
    return _statement("Allow", action, resource, condition)


def deny(action: str | list[str], resource: str | list[str], **condition: Any) -> dict[str, Any]:
    """Return a statement that denies."""
    return _statement("Deny", action, resource, condition)


def _statement(effect: str, action: object, resource: object, condition: Mapping[str, Any]) -> dict[str, Any]:
    plain = {"Effect": effect, "Action": action, "Resource": resource}
    return {**plain, "Condition": condition} if condition else plain


@dataclass(slots=True)
class Setup:
    """What is made, and what is asked for; a fault changes it.

    `layers` say of an attempt what AWS does, or None; `always` answer a request once all is made, or pass it on; `seen`
    are told of each answer then.
    """

    it: TwoAccounts
    asked: str = ""
    key: str = KEY
    region: str = "us-east-1"
    owner: str = ""
    others: list[str] = field(default_factory=list)
    role: list[dict[str, Any]] = field(default_factory=list)
    bucket: list[dict[str, Any]] = field(default_factory=list)
    boundary: list[dict[str, Any]] | None = None
    session: list[dict[str, Any]] | None = None
    layers: list[Callable[[Attempt], str | None]] = field(default_factory=list)
    kms: str | None = None
    kms_policy: list[dict[str, Any]] = field(default_factory=list)
    is_disabled: bool = False
    archived: tuple[str, ...] = ()
    is_kept_out: bool = False
    config: str = ""
    s3_url: str = ""
    always: list[Callable[[Request], Answer | None]] = field(default_factory=list)
    seen: list[Callable[[Request, Answer], object]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The bucket's."""
        return f"arn:aws:s3:::{self.it.bucket}"

    @property
    def kms_key(self) -> str:
        """The key of the bucket's objects."""
        return f"arn:aws:kms:us-east-1:{self.it.prod}:key/11112222-3333-4444-5555-666677778888"

    def add_layer(self, layer: str, effect: str = "implicit", policy: str = "") -> None:
        """Have a layer refuse all that the role's session asks of S3."""

        def decide(attempt: Attempt) -> str | None:
            is_ours = ":assumed-role/" in attempt.caller.arn and attempt.action.startswith("s3:")
            return attempt.denied(layer, effect, policy) if is_ours else None

        self.layers.append(decide)


Fault = Callable[[Setup], None]


class StorageWorld:
    """One setup at an emulator."""

    def __init__(self, setup: Setup, home: Path) -> None:
        self.setup = setup
        self.it = setup.it
        self.has_token_code = False
        self._home = home
        self._session: Any = None
        self._david: Any = None

    def make(self) -> None:
        """Make all of it."""
        it, setup = self.it, self.setup
        owner = it.client("s3", setup.owner or it.prod, setup.region)
        where = {} if setup.region == "us-east-1" else {"LocationConstraint": setup.region}
        owner.create_bucket(Bucket=it.bucket, **({"CreateBucketConfiguration": where} if where else {}))
        owner.put_object(Bucket=it.bucket, Key=KEY, Body=b"production\n")
        if setup.bucket:
            owner.delete_public_access_block(Bucket=it.bucket)
            statements = [{"Principal": "*", **one} for one in setup.bucket]
            owner.put_bucket_policy(Bucket=it.bucket, Policy=policy(*statements))
        if setup.is_kept_out:
            block = {"RestrictPublicBuckets": True, "BlockPublicPolicy": False}
            owner.put_public_access_block(Bucket=it.bucket, PublicAccessBlockConfiguration=block)
        for name in setup.others:
            it.client("s3", f"{it.number:011d}9").create_bucket(Bucket=name)
        iam = it.client("iam", it.prod)
        iam.create_role(RoleName=it.role, AssumeRolePolicyDocument=it.trust())
        if setup.role:
            iam.put_role_policy(RoleName=it.role, PolicyName="read-bucket", PolicyDocument=policy(*setup.role))
        if setup.boundary is not None:
            made = iam.create_policy(PolicyName="limit", PolicyDocument=policy(*setup.boundary))["Policy"]
            iam.put_role_permissions_boundary(RoleName=it.role, PermissionsBoundary=made["Arn"])
        self._david = it.make_david()
        more = {} if setup.session is None else {"Policy": policy(*setup.session)}
        self._session = it.assume(self._david, **more)

    def check(self, *, admins: bool = False, key: bool = True, bucket: str = "") -> list[Check]:
        """Return the checks, with the view of both administrators or of none."""
        subject = self.subject()
        session = _credentials(self._session)
        return doctor_storage.check(
            subject,
            session,
            bucket=bucket or self.setup.asked,
            key=self.setup.key if key else "",
            admins=self._admins(subject) if admins else Admins(),
        )

    def subject(self) -> Subject:
        """Return the subject, in a home whose config file sends everything to the front."""
        it, own = self.it, from_environment({"HOME": str(self._home)})
        place = f"region = us-east-1\nendpoint_url = {it.front.url}\n"
        place += "services = here\n" if self.setup.s3_url else ""
        names = ("default", "profile prod-s3", "profile prod-admin", "profile acc-admin")
        text = "".join(f"[{name}]\n{place}\n" for name in names) + self.setup.config
        text += f"[services here]\ns3 =\n  endpoint_url = {self.setup.s3_url}\n" if self.setup.s3_url else ""
        config = Path(own.config_file)
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(text)
        session = self.setup.session
        return Subject(
            settings=own,
            environ={},
            profile="prod-s3",
            request=RoleRequest(
                role_arn=it.role_arn,
                duration_seconds=3600,
                region="us-east-1",
                partition="aws",
                policy=None if session is None else policy(*session),
            ),
            session_name="david",
            catalogue=open_sections(own),
            shared=SharedConfig(own.config_file, own.credentials_file),
            source=_credentials(self._david),
            source_profile="default",
            caller=parse(it.david),
            deadline=Deadline(20),
            now_s=it.front.world.now(),
            has_token_code=self.has_token_code,
        )

    def _admins(self, subject: Subject) -> Admins:
        def admin(profile: str, account: str) -> Admin:
            root = Credentials(account, Emulator.ROOT_SECRET)
            arn = parse(f"arn:aws:iam::{account}:root")
            assert arn is not None
            sts = Service("sts", profile, root, subject.shared)
            return Admin(profile=profile, identity=Identity(arn), signed=sts)

        return Admins(role=admin("prod-admin", self.it.prod), caller=admin("acc-admin", self.it.acc))


def _credentials(keys: Mapping[str, Any]) -> Credentials:
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))


@contextmanager
def world(aws: Emulator, home: Path, *faults: Fault) -> Iterator[StorageWorld]:
    """Give a world in which the role may read its bucket, but for these faults."""
    late = _Late()
    setup = Setup(story(aws, late))
    setup.asked = setup.it.bucket
    setup.role = [allow("s3:ListBucket", setup.arn), allow("s3:GetObject", f"{setup.arn}/*")]
    setup.kms_policy = [{**allow("kms:*", "*"), "Principal": {"AWS": f"arn:aws:iam::{setup.it.prod}:root"}}]
    for fault in faults:
        fault(setup)
    keys = KmsKeys({setup.kms_key: policy(*setup.kms_policy)}, disabled=(setup.kms_key,) if setup.is_disabled else ())
    kms = {} if setup.kms is None else {setup.it.bucket: setup.kms}
    layers = Layers(lambda attempt: next(filter(None, (one(attempt) for one in setup.layers)), None))
    extra = _Extra(setup)
    late.rules = (extra, layers, S3Rules(kms=kms, key=setup.kms_key, archived=setup.archived), keys)
    with setup.it.front:
        here = StorageWorld(setup, home)
        here.make()
        extra.is_made = True
        yield here


class _Late:
    """Rules that are known when the accounts are."""

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = ()

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Ask the first of them, which may ask the next."""
        for rule in reversed(self.rules):
            onward = functools.partial(_apply, rule, world, onward)
        return onward(request)


def _apply(rule: Rule, world: World, onward: Onward, request: Request) -> Answer:
    return rule(world, request, onward)


class _Extra:
    """A rule: Block Public Access keeps the session out, of which S3 says nothing to another account; and `always`."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.is_made = False

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Deny, or pass it on."""
        caller = world.caller(request)
        is_ours = caller is not None and caller.is_role and request.bucket == self._setup.it.bucket
        if self._setup.is_kept_out and is_ours:
            return refuse(request, refusal("s3-outsider"))
        answers = (one(request) for one in self._setup.always) if self.is_made else ()
        answer = next((one for one in answers if one is not None), None) or onward(request)
        for hear in self._setup.seen:
            hear(request, answer)
        return answer


def shown(checks: list[Check]) -> str:
    """Return checks as JSON, for the message of a test that fails."""
    return json.dumps(
        [
            {
                "id": one.id,
                "state": one.state.value,
                "text": one.text,
                "findings": [[f.cause, f.certainty.value, f.text, f.hint, f.evidence] for f in one.findings],
            }
            for one in checks
        ],
        indent=1,
    )
