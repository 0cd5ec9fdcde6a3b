"""A pasted message names its cause in whatever tool's words, with noise around, and never more than it says."""

import itertools
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.diagnosis import readings
from credhelper.diagnosis.assume import refused
from credhelper.diagnosis.causes import looks, more_looks
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty
from credhelper.diagnosis.pasted.explain import explain, role_in
from credhelper.errors import InputError
from credhelper.model.printable import cell
from credhelper.policy import denial
from credhelper.policy.denial import Kind
from fakes.front.sentences import vectors

USER = "arn:aws:iam::111111111111:user/David"
ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
HOST = "https://sts.us-east-1.amazonaws.com/"
SAID = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
NO_POLICY = f"{SAID} because no identity-based policy allows the sts:AssumeRole action"
CERTAIN, LIKELY, POSSIBLE = Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE


def named(text: str) -> list[tuple[str, Certainty]]:
    return [(found.cause, found.certainty) for found in explain(text)]


def certain(text: str) -> list[str]:
    return [cause for cause, certainty in named(text) if certainty is CERTAIN]


# Each documented sentence of the layers, for the action that it is about.
DENIALS = [(one["text"], one["layer"], one["effect"], one["action"]) for one in vectors()["denials"]]
TOOLS: list[Callable[[str], str]] = [
    lambda said: said,
    *(
        lambda said, tool=tool: looks.of_tools("STS", "AssumeRole", "AccessDenied", 403, said)[tool]
        for tool in ("AWS CLI", "boto3", "Go", "Java", "Terraform")
    ),
    lambda said: f"aws: [ERROR]: An error occurred (AccessDenied) when calling the AssumeRole operation: {said}",
    lambda said: f"AccessDenied: {said}\n\tstatus code: 403, request id: 01234567-89ab-cdef-0123-456789abcdef",
    lambda said: f"{said} (Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied; Proxy: null)",
    lambda said: json.dumps({"__type": "AccessDenied", "message": said, "after": "text"}),
    lambda said: f"<Error><Code>AccessDenied</Code><Message>{said.replace(chr(34), '&quot;')}</Message></Error>",
    lambda said: f"AccessDenied (client): {said} - <?xml version",
    lambda said: f"\x1b[31m╷\x1b[0m\n│ Error: cannot assume\n│ \n│ {said.replace(' ', chr(10) + '│ ')}\n╵",
    lambda said: "> " + said.replace(" is not", "\n> is not"),
    lambda said: f"“{said}”",
    lambda said: json.dumps(json.dumps(said)),
    lambda said: json.dumps({"line": f"\x1b[1m{said.replace(' is not', chr(27) + '[0m is not')}\x1b[0m"}),
]


@pytest.mark.parametrize("tool", TOOLS, ids=range(len(TOOLS)))
def test_documented_sentence_names_its_policy_in_every_tool(tool: Callable[[str], str]) -> None:
    for said, layer, effect, action in DENIALS:
        expected = readings.policy_of(Kind(layer), is_explicit=effect != "implicit", action=action)
        assert named(tool(said)) == [(expected, CERTAIN)]


def test_what_tools_print_of_a_cause_is_never_called_another_one() -> None:
    assert set(more_looks.LOOKS) <= set(CAUSES)
    for cause in CAUSES.values():
        for said in {**more_looks.LOOKS.get(cause.id, {}), **cause.looks}.values():
            assert set(certain(said)) <= {cause.id}


def test_most_causes_are_named_by_what_the_aws_cli_prints_of_them() -> None:
    """The others have words that leave more than one cause open, of which another one is more usual."""
    printed = {cause.id: {**more_looks.LOOKS.get(cause.id, {}), **cause.looks} for cause in CAUSES.values()}
    first = {cause: named(said["AWS CLI"])[:1] for cause, said in printed.items() if "AWS CLI" in said}
    right = [cause for cause, found in first.items() if found and found[0][0] == cause]
    assert len(right) >= 40
    assert {found[0][0] for cause, found in first.items() if found and found[0][0] != cause} <= {
        "trust", "key-unknown", "s3-denied", "dns", "request", "no-keys", "helper-path",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (SAID, ("trust", LIKELY)),
        (f"{SAID} with an explicit deny", ("identity-deny", POSSIBLE)),
        (f"{SAID} because no identity-ba", ("identity-policy", POSSIBLE)),
        (SAID.replace("AssumeRole", "TagSession"), ("tags", CERTAIN)),
        ("An error occurred (ExpiredToken) when calling the X operation: x", ("session-expired", CERTAIN)),
        ("An error occurred (ExpiredTokenException) when calling the CreateToken operation", ("sso-expired", CERTAIN)),
        ("api error InvalidClientTokenId: x", ("key-unknown", LIKELY)),
        ("Aws::STS::Errors::SignatureDoesNotMatch", ("key-secret", LIKELY)),
        ("x is not authorized. SignatureDoesNotMatch: Signature expired: 1 is now earlier than 2", ("clock", CERTAIN)),
        ("An error occurred (RequestTimeTooSkewed) when calling the ListBuckets operation", ("clock", CERTAIN)),
        ("An error occurred (ValidationError) when calling the AssumeRole operation: x", ("request", LIKELY)),
        ("software.amazon.awssdk.services.sts.model.RegionDisabledException: x", ("sts-region", CERTAIN)),
        ('"code":"ThrottlingException"', ("throttled", CERTAIN)),
        ("the config profile (prod-s3) could not be found", ("config", CERTAIN)),
        ("Unable to locate credentials. You can configure credentials by running", ("no-keys", CERTAIN)),
        ("Error loading SSO Token: Token for x does not exist", ("sso-expired", CERTAIN)),
        (
            "An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access",
            ("sso-no-role", CERTAIN),
        ),
        ("You are not authorized to perform this operation. Encoded authorization failure message: abc-D_1",
         ("encoded", CERTAIN)),
        ("An error occurred (AccessDenied) when calling the GetObject operation: Access Denied", ("s3-denied", LIKELY)),
        ("An error occurred (403) when calling the HeadObject operation: Forbidden", ("s3-denied", LIKELY)),
        ("An error occurred (404) when calling the HeadObject operation: Not Found", ("s3-object-missing", CERTAIN)),
        ("operation error S3: HeadBucket, https response error StatusCode: 404, RequestID: x, api error NotFound: x",
         ("s3-no-bucket", CERTAIN)),
        ("Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)", ("s3-denied", LIKELY)),
        ("An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation", ("s3-no-bucket", CERTAIN)),
        ("AuthorizationHeaderMalformed: The region 'us-east-1' is wrong; expecting 'x-y-1'", ("s3-region", CERTAIN)),
        ("public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
         ("s3-block-public-access", CERTAIN)),
        ("Throttling: Rate exceeded\n\tstatus code: 400, request id: x", ("throttled", CERTAIN)),
        ("curl: (60) SSL certificate problem: self-signed certificate\nhttps://sts.amazonaws.com", ("tls", CERTAIN)),
        ("CertificateExpiredException: NotAfter: x; https://sts.amazonaws.com", ("tls", LIKELY)),
        ("Could not connect to the endpoint URL: https://sts.x.amazonaws.com/", ("dns", POSSIBLE)),
        # AWS's older words for any refusal of a role.
        ("An error occurred (AccessDenied) when calling the AssumeRole operation: Access denied", ("trust", POSSIBLE)),
        ("Not authorized to perform sts:AssumeRoleWithWebIdentity", ("trust", LIKELY)),
        # Of other services, with the words of IAM for what it was asked for, and without a reason.
        *(
            (f"not authorized to perform: iam:Get on resource: {kind} x because no identity-based policy allows",
             ("identity-policy", CERTAIN))
            for kind in ("role", "user", "group", "policy", "instance profile")
        ),
        (f"User: {USER} is not authorized to perform: sqs:SendMessage on resource: x", ("identity-policy", POSSIBLE)),
        (f"User: {USER} is not authorized to perform: sts:GetFederationToken", ("identity-policy", POSSIBLE)),
        (f"User: {USER} is not authorized to perform: iam:GetRole on resource: role x with an explicit deny",
         ("identity-deny", POSSIBLE)),
        # The end of a chain of sources, and what one of them says.
        ("No valid credential sources found\n\nError: operation error SSO OIDC: CreateToken, InvalidGrantException:",
         ("sso-expired", CERTAIN)),
        ("refresh cached SSO token failed, cached SSO token is expired, or not present", ("sso-expired", CERTAIN)),
        ("credential_process: exit status 126", ("helper-path", LIKELY)),
        ("process provider error: credential process timed out: signal: killed", ("sdk-limit", CERTAIN)),
        # A certificate that is fine for a machine whose clock is right.
        *(
            (f"SSL validation failed for {HOST} [SSL: CERTIFICATE_VERIFY_FAILED] certificate {why}", ("tls", LIKELY))
            for why in ("is not yet valid", "has expired")
        ),
        (f"SSL validation failed for {HOST} [Errno 2] No such file or directory", ("ca", LIKELY)),
        (f"SSL validation failed for {HOST} EOF occurred in violation of protocol", ("tls", LIKELY)),
    ],
)  # fmt: skip
def test_word_leaves_open_what_it_does_not_say(said: str, expected: tuple[str, Certainty]) -> None:
    assert named(said)[0] == expected


def errors() -> list[tuple[str, str]]:
    """Return the documented errors beside the layers, with the cause of each, "" for one that is none of ours."""
    causes = {
        "mfa-wrong-code": "mfa-code", "mfa-wrong-serial": "mfa-device", "mfa-half": "mfa", "root-caller": "root-caller",
        "max-session": "max-session", "role-chaining": "chaining", "session-name-pattern": "request",
        "set-source-identity": "source-identity", "trust-refused": "trust", "portal-token": "sso-expired",
        "kms-three-causes": "s3-kms-key", "kms-identity": "s3-kms-policy", "s3-other-region": "s3-region",
    }  # fmt: skip
    causes |= {"s3-no-bucket": "s3-no-bucket", "s3-archived": "s3-archived"}
    found = vectors()["errors"]
    return [(one["text"], causes.get(name, "")) for name, one in found.items()]


@pytest.mark.parametrize(("said", "cause"), errors())
def test_documented_error_names_its_cause(said: str, cause: str) -> None:
    assert [found.cause for found in explain(said)][:1] == ([cause] if cause else [])


@pytest.mark.parametrize(
    "said",
    [
        "failed to refresh cached credentials, process provider error: error in credential_process: exit status 3",
        "SdkClientException: Failed to refresh process-based credentials.",
        "CredentialsProviderError: Command failed: /opt/python /opt/get.py prod-s3",
        "Error retrieving credentials: external process exited with code exit status: 3. Stderr: ",
        "the credential_process provider failure, the credential process had non zero exit status",
    ],
)
def test_program_that_failed_without_its_words_is_the_one_to_ask(said: str) -> None:
    found = explain(said)
    assert {one.certainty for one in found} == {POSSIBLE}
    assert found[0].hint.endswith("credhelper doctor NAME")
    assert named(f"{said}\nthe config profile (x) could not be found") == [("config", CERTAIN)]


PRETENDING = (
    'User: x is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/x" because no service control '
    'policy allows the s3:GetObject action" because no identity-based policy allows the s3:GetObject action'
)


@pytest.mark.parametrize(
    "said",
    [
        # Words of a page, of a question and of a list, and a reason that belongs to no sentence.
        "AWS says 'with an explicit deny in a service control policy' where an SCP denies.",
        "Do we use role chaining, or raise MaxSessionDuration? MultiFactorAuthentication failed in the past.",
        "retried codes: Throttling, ExpiredToken, InvalidClientTokenId and NoSuchBucket",
        "see https://example.com/errors/ExpiredToken: it explains; class ExpiredTokenHandler: pass",
        f"{SAID}\nINFO with an explicit deny in a service control policy",
        f"{SAID}. Others say because no identity-based policy allows the sts:AssumeRole action",
        f'{{"message": "{SAID}", "see": " with an explicit deny in a session policy"}}',
        # The name of an object that pretends.
        PRETENDING,
        # A refused connection of another program's.
        "psycopg2.OperationalError: connect: Connection refused; certificate verify failed",
        "nginx: 403: Forbidden",
        # Codes and words that are not AWS's alone.
        "InternalError: too much recursion",
        "SlowDown: the build queue is full",
        "ExpiredToken: your invitation is over",
        "AWS is behind a proxy with a self-signed certificate here",
        "WARNING Failed to load shared config file: Expecting value",
        "AccessDenied: Access Denied",
        "No valid credential sources found",
    ],
)
def test_nothing_is_certain_that_was_not_said(said: str) -> None:
    assert certain(said) == []


def test_doctor_reads_a_refusal_of_the_role_in_the_same_way() -> None:
    for said in (one for one, _, _, action in DENIALS if action.startswith("sts:")):
        told = denial.read(said)
        assert told is not None
        doctor = refused.named(told)
        assert doctor is not None
        assert doctor.cause == readings.of_denial(told)[0][0]
    for kind, is_explicit, action in itertools.product(Kind, (True, False), ("AssumeRole", "TagSession")):
        told = denial.Denial(action=f"sts:{action}", kind=kind, is_explicit=is_explicit)
        doctor = refused.named(told)
        assert doctor is not None
        assert doctor.cause == readings.of_denial(told)[0][0]


def test_reason_of_one_sentence_is_not_that_of_another() -> None:
    denied = f"{SAID.replace('David', 'Eve')} with an explicit deny in a service control policy"
    assert named(f"{SAID}\n2027-01-15 08:00:00 ERROR {denied}")[:2] == [("scp", CERTAIN), ("trust", LIKELY)]


def test_text_names_who_and_what() -> None:
    scp = "arn:aws:organizations::333333333333:policy/o-abcdefghij/service_control_policy/p-abcdefgh"
    (found,) = explain(f"{SAID} with an explicit deny in a service control policy: {scp}")
    assert f"({USER}: sts:AssumeRole on {ROLE}, {scp})" in found.text


def test_encoded_message_is_in_the_command_that_decodes_it() -> None:
    (found,) = explain("Encoded authorization failure message: abc-D_1.")
    assert found.hint.endswith("--encoded-message abc-D_1")


@pytest.mark.parametrize("width", range(40, 140, 9))
def test_sentence_that_a_terminal_broke_at_its_edge_is_whole(width: int) -> None:
    said = looks.of_tools("STS", "AssumeRole", "AccessDenied", 403, NO_POLICY)["AWS CLI"]
    broken = "\n".join(said[place : place + width] for place in range(0, len(said), width))
    # A break at a blank is none.
    assert named(broken) in ([("identity-policy", LIKELY)], [("identity-policy", CERTAIN)])


def test_path_of_windows_is_no_escape() -> None:
    said = (
        "custom-process: C:\\new\\python.exe: can't open file 'C:\\new\\tools\\credhelper\\get.py': [Errno 2] No such"
    )
    assert named(said) == [("helper-path", CERTAIN)]


def test_what_could_be_a_secret_is_not_shown() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    for found in explain(f"User: {secret} is not authorized to perform: sts:AssumeRole on resource: {secret}"):
        assert secret not in found.text + found.hint


@pytest.mark.parametrize(
    "piece",
    [SAID, 'not authorized to perform: s3:GetObject on resource: "', "credhelper: error: may not assume x (", "\x1b[",
     "error occurred (Throttling) when calling the X operation: ", "&quot;\\u0022", "Code: 'a.a.a.", "│ ", "x\n"],
)  # fmt: skip
def test_any_text_of_eight_kilobytes_takes_no_time(piece: str) -> None:
    started = time.process_time()
    explain((piece * 8192).encode()[:8192].decode("utf-8", "ignore"))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["x" * 8193, "é" * 4097])
def test_text_of_more_than_eight_kilobytes_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="longer than 8 kB"):
        explain(text)


EXAMPLES = {NO_POLICY: "identity-policy", "Roles may not be assumed by root accounts.": "root-caller",
            f"{SAID} with an explicit deny in the role trust policy": "trust-deny"}  # fmt: skip
NOISE = st.text(max_size=200).filter(lambda text: not re.search(r"authori|x1b|\x1b|\x9b|[\\&]", text, re.IGNORECASE))


@given(NOISE, NOISE, st.sampled_from(sorted(EXAMPLES)), st.data())
def test_noise_around_a_sentence_changes_nothing(before: str, after: str, said: str, data: Any) -> None:
    words = said.split(" ")
    gaps = data.draw(st.lists(st.sampled_from([" ", "\n", "\r\n", "\n│ ", "\n> ", " \x1b[0m", "\t"]),
                              min_size=len(words), max_size=len(words)))  # fmt: skip
    broken = "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    assert certain(f"{before}\n{broken}\n{after}") == [EXAMPLES[said]]


@given(st.text(max_size=500))
def test_any_text_has_no_cause(text: str) -> None:
    assert explain(text) == ()


ANYTHING = st.one_of(st.text(max_size=80), st.sampled_from(["\x1b]0;x\x07", "\x1b[2J", "\u202e", "\x9b31m", '"', "\n"]))


@given(st.lists(ANYTHING, max_size=4), st.lists(ANYTHING, max_size=4))
def test_nothing_of_it_steers_a_terminal(caller: list[str], resource: list[str]) -> None:
    said = f"User: {''.join(caller)} is not authorized to perform: sts:AssumeRole on resource: {''.join(resource)}"
    for found in explain(said):
        assert all(text == cell(text) for text in (found.text, found.hint))


ANOTHER = ROLE.replace("acc-to", "may")
SESSION = "arn:aws:sts::222222222222:assumed-role/reader/David"


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (SAID, ROLE),
        (f"{SAID}.", ROLE),
        (f"credhelper: error: David may not assume {ROLE} (no external ID is sent)", ROLE),
        # A role that asks for a role, and for something else: the path of its own is not in its session.
        (f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {ROLE}", ROLE),
        (f"User: {SESSION} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::b", SESSION),
        (f"User: {SESSION} is not authorized to perform: iam:GetRole on resource: {ROLE}", SESSION),
        (f"{SAID}\n{SAID.replace(ROLE, ANOTHER)}", ""),
        (f"User: {USER} is not authorized to perform: iam:GetRole on resource: {ROLE}", ""),
        (ROLE, ""),
    ],
)
def test_role_that_a_message_is_about_is_the_one_asked_for_or_the_one_that_asks(said: str, role: str) -> None:
    assert role_in(said) == role
