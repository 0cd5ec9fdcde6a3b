"""Faults between a role and its bucket, each as a change of the world, with the cause that is right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fakes.storage_world import Fault, Setup, allow, deny


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFault:
    """A fault. `cause` is right, `also` is not wrong; `has_key`: it shows when an object is asked for.

    `told` is the cause that is named first without an administrator, where it is not `cause`.
    """

    apply: Fault
    cause: str
    has_key: bool = False
    told: str | None = None
    also: tuple[str, ...] = ()
    is_warning: bool = False


def _set(**values: Any) -> Fault:
    def apply(setup: Setup) -> None:
        for name, value in values.items():
            setattr(setup, name, value)

    return apply


def _typo(text: str) -> str:
    return text.replace("details", "detials")


def _no_bucket(setup: Setup) -> None:
    setup.asked = _typo(setup.asked)


def _anothers_bucket(setup: Setup) -> None:
    setup.asked = _typo(setup.asked)
    setup.others.append(setup.asked)


def _role(make: Callable[[Setup], list[dict[str, Any]]]) -> Fault:
    def apply(setup: Setup) -> None:
        setup.role = make(setup)

    return apply


def _role_deny(setup: Setup) -> None:
    setup.role = [*setup.role, {**deny("s3:*", "*"), "Sid": "NoStorage"}]


def _bucket_deny(setup: Setup) -> None:
    setup.bucket.append({**deny("s3:*", [setup.arn, f"{setup.arn}/*"]), "Sid": "Closed"})


def _bucket_deny_vpce(setup: Setup) -> None:
    only = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
    setup.bucket.append({**deny("s3:*", [setup.arn, f"{setup.arn}/*"], **only), "Sid": "OnlyFromOffice"})


def _boundary(setup: Setup) -> None:
    setup.boundary = [allow("ec2:*", "*")]
    setup.add_layer("permissions boundary")


def _session(setup: Setup) -> None:
    setup.session = [allow("s3:ListBucket", _typo(setup.arn))]
    setup.add_layer("session policy")


def _layer(layer: str, effect: str, policy: str = "") -> Fault:
    return lambda setup: setup.add_layer(layer, effect, policy)


def _only_objects(setup: Setup) -> None:
    setup.role = [allow("s3:GetObject", f"{setup.arn}/*")]
    setup.key = "radme.txt"


def _key_policy(setup: Setup) -> None:
    setup.kms = "kms-three-causes"
    another = {"AWS": f"arn:aws:iam::{setup.it.prod}:role/another"}
    setup.kms_policy = [{**allow("kms:Decrypt", "*"), "Principal": another}]


def _key_deny(setup: Setup) -> None:
    setup.kms = ""
    setup.role = [*setup.role, allow("kms:Decrypt", setup.kms_key)]
    setup.kms_policy.append({**deny("kms:Decrypt", "*"), "Principal": "*", "Sid": "Closed"})


def _key_off(setup: Setup) -> None:
    setup.kms = ""
    setup.is_disabled = True
    setup.role = [*setup.role, allow("kms:Decrypt", setup.kms_key)]


def _kept_out(setup: Setup) -> None:
    setup.owner = setup.it.acc
    setup.is_kept_out = True
    setup.bucket.append(allow("s3:*", [setup.arn, f"{setup.arn}/*"]))


def _another_owner(setup: Setup) -> None:
    setup.owner = setup.it.acc


SCP = "arn:aws:organizations::123456789012:policy/o-exampleorgid/service_control_policy/p-examplepolicyid123"
FAULTS: Mapping[str, StorageFault] = {
    "no bucket": StorageFault(apply=_no_bucket, cause="s3-no-bucket"),
    "another's bucket": StorageFault(apply=_anothers_bucket, cause="s3-no-bucket", told="s3-denied"),
    "region": StorageFault(apply=_set(region="eu-west-1"), cause="s3-region", is_warning=True),
    "role: nothing": StorageFault(apply=_role(lambda _: []), cause="s3-role-policy"),
    "role: mistyped": StorageFault(
        apply=_role(lambda it: [allow("s3:*", f"{_typo(it.arn)}*")]), cause="s3-role-policy"
    ),
    "role: objects only": StorageFault(apply=_role(lambda it: [allow("s3:*", f"{it.arn}/*")]), cause="s3-role-policy"),
    "role: deny": StorageFault(apply=_role_deny, cause="s3-role-policy"),
    "bucket: deny": StorageFault(apply=_bucket_deny, cause="s3-bucket-policy"),
    "bucket: deny but from an endpoint": StorageFault(apply=_bucket_deny_vpce, cause="s3-bucket-policy"),
    "boundary": StorageFault(apply=_boundary, cause="s3-boundary"),
    "session policy": StorageFault(apply=_session, cause="s3-session-policy"),
    "SCP": StorageFault(apply=_layer("service control policy", "explicit", SCP), cause="s3-scp"),
    "RCP": StorageFault(apply=_layer("resource control policy", "explicit"), cause="s3-rcp"),
    "endpoint": StorageFault(apply=_layer("VPC endpoint policy", "implicit"), cause="s3-vpc-endpoint"),
    "another owner": StorageFault(apply=_another_owner, cause="s3-bucket-policy", told="s3-denied"),
    "public access": StorageFault(apply=_kept_out, cause="s3-block-public-access", told="s3-denied"),
    "no object": StorageFault(apply=_set(key="radme.txt"), cause="s3-object-missing", has_key=True),
    "no object, no list": StorageFault(
        apply=_only_objects, cause="s3-object-missing", has_key=True, also=("s3-role-policy",)
    ),
    "archived": StorageFault(apply=_set(archived=("readme.txt", "radme.txt")), cause="s3-archived", has_key=True),
    "key: no policy": StorageFault(apply=_key_policy, cause="s3-kms-key", has_key=True),
    "key: role": StorageFault(apply=_set(kms="kms-identity"), cause="s3-kms-policy", has_key=True),
    "key: deny": StorageFault(apply=_key_deny, cause="s3-kms-key", has_key=True),
    "key: disabled": StorageFault(apply=_key_off, cause="s3-kms-key", has_key=True),
}
