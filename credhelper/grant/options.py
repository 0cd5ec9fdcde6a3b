"""A grant as it is given, before anything of it is checked. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A grant as a person gives it, on the command line or in a grant file; nothing is checked yet."""

    role: str = ""
    acc: str = ""
    group: str = ""
    user: str = ""
    members: tuple[str, ...] = ()
    create_group: bool = False
    buckets: tuple[str, ...] = ()
    access: str = "read"
    kms_keys: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    policies: tuple[tuple[str, str], ...] = ()  # pairs of name and text of own documents (--policy)
    boundary: str = ""
    max_session: int = 3600
    require_mfa: bool = False
    external_id: str = ""
    source_identity: str = ""
    source_ips: tuple[str, ...] = ()
    org_id: str = ""
    principal_tags: tuple[str, ...] = ()
    pin_members: bool = False
    trust: tuple[str, ...] = ()
    policy_name: str = ""
    same_account: bool = False
    self_read: bool = False
    description: str = ""
    prod_admin: str = ""  # profiles, which only commands make use of
    acc_admin: str = ""
