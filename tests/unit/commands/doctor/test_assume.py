"""What the files of a home say of a refused role: a device, roles with almost the same name, administrators."""

from pathlib import Path
from typing import Any

from credhelper.aws.explain.facts import Refusal
from credhelper.aws.shared_config import SharedConfig
from credhelper.commands.doctor import assume as doctor_assume
from credhelper.commands.doctor.subject import Admins, Subject
from credhelper.commands.profile.list import open_sections
from credhelper.diagnosis.finding import State
from credhelper.model.role_request import RoleRequest
from credhelper.policy.arn import parse
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-buckett"
DAVID = "arn:aws:iam::111111111111:user/David"
SERIAL = "arn:aws:iam::111111111111:mfa/David"
CONFIG = f"""\
[profile prod-s3]
credhelper_role_arn = {ROLE}
credhelper_source_profile = default

[profile reader]
role_arn = {ROLE[:-1]}
source_profile = default
mfa_serial = {SERIAL}

[profile prod-admin]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
"""


def subject(own: Settings, config: str) -> Subject:
    path = Path(own.config_file)
    path.write_text(config)
    path.chmod(0o600)
    return Subject(
        settings=own,
        environ={},
        profile="prod-s3",
        request=RoleRequest(role_arn=ROLE, duration_seconds=3600, region="us-east-1", partition="aws"),
        session_name="David@laptop",
        catalogue=open_sections(own),
        shared=SharedConfig(own.config_file, own.credentials_file),
        source=None,
        source_profile="default",
        caller=parse(DAVID),
        deadline=Deadline(20),
        now_s=1_790_000_000.0,
    )


def refusal(code: str, message: str) -> Refusal:
    told: dict[str, Any] = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return Refusal(told)


def test_files_name_the_device_the_role_that_was_meant_and_who_may_look(own: Settings) -> None:
    denied = refusal("AccessDenied", f"User: {DAVID} is not authorized to perform: sts:AssumeRole on resource: {ROLE}")
    (check,) = doctor_assume.check(subject(own, CONFIG), denied=denied, admins=Admins())
    hints = {one.cause: one.hint for one in check.findings}
    texts = {one.cause: one.text for one in check.findings}
    assert hints["trust"] == "credhelper doctor prod-s3 --prod-admin prod-admin"
    assert hints["mfa"] == f"credhelper profile set prod-s3 --mfa-serial {SERIAL}"
    assert texts["no-role"] == f"did you mean {ROLE[:-1]}, which profile reader has?"
    assert hints["no-role"] == f"credhelper profile set prod-s3 --role-arn {ROLE[:-1]}"


def test_answer_about_no_policy_is_left_to_others_and_a_session_is_fine(own: Settings) -> None:
    about = subject(own, CONFIG)
    denied = refusal("InvalidClientTokenId", "The security token included in the request is invalid")
    assert doctor_assume.check(about, denied=denied, admins=Admins()) == []
    (check,) = doctor_assume.check(about, denied=None, admins=Admins())
    assert check.state is State.OK
