"""The ARN of a role: its parts, a name for a profile made of them, and which part of a text is wrong. Pure."""

import re

_ARN = re.compile(r"(?=.{20,2048}$)arn:aws[a-z-]*:iam::[0-9]{12}:role/(?a:[\w+=,.@/-]+)")
# What may be shown of a text that is wrong: parts that are shorter than a secret, and the names of roles.
_SHOWN = re.compile(r"[\w.-]{1,24}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_PARTS = 6
_SHAPE = "arn:aws:iam::ACCOUNT:role/NAME"
LIMITS = f"the ARN of a role ({_SHAPE}), 20 to 2048 characters"


def parse(text: str) -> str:
    """Return the ARN of a role as it is; raises ValueError, "not the ARN of a role: ...", which names the wrong part.

    Of a text that is no ARN at all nothing is quoted: it may be a pasted secret.
    """
    if not _ARN.fullmatch(text):
        raise ValueError(f"not {_wrong(text)}")
    return text


def _wrong(text: str) -> str:
    if not text.startswith("arn:"):
        if text.startswith(("https://", "http://")):
            return f"the ARN of a role: it is the address of a page, which shows the ARN ({_SHAPE})"
        return LIMITS
    parts = text.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return f"the ARN of a role: it has {len(parts)} parts between colons, and needs {_PARTS} ({_SHAPE})"
    _, partition, service, region, account, resource = parts
    kind, slash, name = resource.partition("/")
    reason = ""
    if kind == "assumed-role" and slash:
        role = _part(name.partition("/")[0], "NAME", _ROLE_NAME)
        owner = f"arn:{_part(partition, 'aws')}:iam::{_part(account, 'ACCOUNT')}"
        reason = f"it is a session of one; the role is {owner}:role/{role}"
    elif service != "iam":
        reason = f"it is of the service {_part(service)} and not of iam"
    elif not re.fullmatch("aws[a-z-]*", partition):
        reason = f"there is no partition {_part(partition)}, as in arn:aws:"
    elif region:
        reason = f"it has {_part(region)} where a role has nothing, between the colons after iam"
    elif account.isdigit() and account.isascii():
        reason = f"the account {_part(account)} has {len(account)} digits and not 12" if len(account) != 12 else ""
    else:
        reason = f"the account {_part(account)} is not 12 digits"
    return f"the ARN of a role: {reason or _wrong_resource(kind, slash, name)}"


def _wrong_resource(kind: str, slash: str, name: str) -> str:
    if kind != "role" or not slash:
        return f"it is one of the kind {_part(kind)}" if slash or kind == "root" else "it does not say role/ and a name"
    if not name:
        return "the name of the role is missing"
    strange = next((one for one in name if not re.fullmatch(r"[\w+=,.@/-]", one, re.ASCII)), "")
    if strange:
        shown = f"the character {strange}" if strange.isprintable() and strange != " " else f"U+{ord(strange):04X}"
        return f"a role's name cannot have {'a blank' if strange == ' ' else shown}"
    return "it is longer than 2048 characters"


def _part(text: str, instead: str = "in it", may_be: re.Pattern[str] = _SHOWN) -> str:
    """Return a part of an ARN, if it is one that can be shown."""
    from credhelper.model.redaction import redacted  # its patterns take some milliseconds to compile

    return text if may_be.fullmatch(text) and redacted(text) == text else instead


def account_of(arn: str) -> str:
    """Return the account that an ARN names."""
    return arn.split(":")[4]


def name_of(arn: str) -> str:
    """Return the name of a role without its path."""
    return arn.rpartition("/")[2]
