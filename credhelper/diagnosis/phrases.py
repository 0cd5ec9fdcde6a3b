"""AWS's error codes and the words of SDKs, each with what it leaves open. Pure.

A code counts only where a tool writes one, and a phrase is as long as it has to be to mean nothing else: both are
looked for in texts that hold anything.
"""

import re
from collections.abc import Iterable

from credhelper.diagnosis.readings import DENIED_SOMEWHERE, NO_REASON, Reading, certain, likely, open_to, policy_of
from credhelper.policy.denial import Kind

NO_KEY = likely("key-unknown", "key-inactive", "key-deleted", "session-expired", "sts-region")
_THROTTLING = (
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
    *("TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown"),
)
_FAILING = (
    "InternalFailure",
    "InternalError",
    "InternalServerError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
)

# By AWS's code, where it says enough without its message.
CODES: dict[str, Reading] = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), certain("session-expired")),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestInTheFuture"), certain("clock")),
    "RequestExpired": likely("clock", "session-expired"),
    **dict.fromkeys(
        ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"), NO_KEY
    ),
    **dict.fromkeys(("SignatureDoesNotMatch", "InvalidSignatureException"), likely("key-secret", "proxy")),
    "IncompleteSignature": likely("key-secret", "proxy"),
    **dict.fromkeys(("MissingAuthenticationToken", "MissingAuthenticationTokenException"), likely("not-aws", "proxy")),
    **dict.fromkeys(_THROTTLING, certain("throttled")),
    **dict.fromkeys(_FAILING, likely("aws-failing")),
    "RegionDisabledException": certain("sts-region"),
    "OptInRequired": likely("sts-region"),
    **dict.fromkeys(("PackedPolicyTooLarge", "PackedPolicyTooLargeException"), certain("request")),
    "NoSuchBucket": certain("s3-no-bucket"),
    **dict.fromkeys(("PermanentRedirect", "IllegalLocationConstraintException"), certain("s3-region")),
    "InvalidObjectState": certain("s3-archived"),
    "NoSuchKey": certain("s3-object-missing"),
    **dict.fromkeys(("KMS.DisabledException", "KMS.NotFoundException"), certain("s3-kms-key")),
    "KMS.KMSInvalidStateException": certain("s3-kms-key"),
}
# By code, only of a call to this operation.
CODES_OF: dict[tuple[str, str], Reading] = {
    **{("AssumeRole", code): likely("request") for code in ("ValidationError", "ValidationException")},
    **{("AssumeRole", code): likely("request") for code in ("InvalidParameterValue", "InvalidInput")},
    ("AssumeRole", "MalformedPolicyDocument"): certain("request"),
    ("GetRoleCredentials", "UnauthorizedException"): certain("sso-expired"),
    ("GetRoleCredentials", "ForbiddenException"): certain("sso-no-role"),
    **{("CreateToken", code): certain("sso-expired") for code in ("ExpiredTokenException", "InvalidGrantException")},
    **{("HeadBucket", code): certain("s3-no-bucket") for code in ("404", "NotFound")},
    **{("HeadBucket", code): certain("s3-region") for code in ("301", "MovedPermanently")},
    **{("HeadObject", code): certain("s3-object-missing") for code in ("404", "NotFound")},
}


# Sentences of AWS's that need no code beside them.
_OF_AWS = (
    (
        r"signature expired: \S+ is now earlier than|signature not yet current: \S+ is still later than",
        certain("clock"),
    ),
    (r"the difference between the request time and the (?:current|server's) time is too large", certain("clock")),
    (r"the security token included in the request is expired", certain("session-expired")),
    (r"the provided token has expired", certain("session-expired")),
    (r"the security token included in the request is invalid", NO_KEY),
    (r"the aws access key id you provided does not exist in our records", NO_KEY),
    (r"the request signature we calculated does not match", likely("key-secret", "proxy")),
    (r"multifactorauthentication failed with invalid mfa one time pass ?code", certain("mfa-code")),
    (r"multifactorauthentication failed, unable to validate mfa code", certain("mfa-device")),
    (r"multifactorauthentication failed, must provide both", certain("mfa")),
    (r"roles may not be assumed by root accounts", certain("root-caller")),
    (r"durationseconds exceeds the maxsessionduration set for this role", certain("max-session")),
    (r"durationseconds exceeds the 1 hour session limit for roles assumed by role chaining", certain("chaining")),
    (r"at 'rolesessionname' failed to satisfy constraint", certain("request")),
    (r"sts is not activated in this region for account", certain("sts-region")),
    (r"the specified bucket does not exist", certain("s3-no-bucket")),
    (r"\binvalid bucket name \"", certain("s3-bucket-name")),
    (r"the operation is not valid for the object's (?:storage class|access tier)", certain("s3-archived")),
    (r"the specified key does not exist", certain("s3-object-missing")),
    (r"the bucket you are attempting to access must be addressed using the specified endpoint", certain("s3-region")),
    (r"the region '?[a-z0-9-]+'? is wrong; expecting '?[a-z0-9-]+'?", certain("s3-region")),
    (r"by the blockpublic(?:policy|acls) setting in s3 block public access", certain("s3-block-public-access")),
    (r"the ciphertext refers to a customer master key that does not exist", likely("s3-kms-key", "s3-kms-policy")),
    (r"session token not found or invalid", certain("sso-expired")),
)
_NO_SOURCE = likely("no-keys", "helper-path", "sso-expired", "session-expired", "config")
_OF_TOOLS = (
    # No credentials, or those of a browser's login that is over.
    (r"unable to locate credentials|nocredentialproviders: no valid providers in chain", certain("no-keys")),
    (r"partial credentials found in", certain("no-keys")),
    (r"cached sso token is expired, or not present|failed to read cached sso token file", certain("sso-expired")),
    (r"error loading sso token|the sso session associated with this profile has expired", certain("sso-expired")),
    (r"token has expired and refresh failed|sso session token (?:is|was) expired", certain("sso-expired")),
    # The program in credential_process.
    (r"credential_process: exit status 12[67]|command not found: \S*credhelper", likely("helper-path")),
    (r"command returned non-zero exit value \(12[67]\)", likely("helper-path")),
    (r"process provider error: credential process timed out", certain("sdk-limit")),
    (r"custom-process: \S*python[\d.]*: can't open file", certain("helper-path")),
    (r"no such file or directory: '[^'\s]*(?:/bin/python[\d.]*|credhelper)'", likely("helper-path")),
    (
        r"can't open file '[^']{0,300}(?:credhelper|__main__\.py|get\.py)[^']{0,300}': \[errno 2\]",
        certain("helper-path"),
    ),
    (r"the config profile \([^)]{1,200}\) could not be found|failed to get shared config profile", certain("config")),
    (r"unable to parse config file|failed to load shared config file, (?:/|[a-z]:)", certain("config")),
    (r"expected an '=' sign defining a property on line \d", certain("config")),
    # The way, in words of these tools alone.
    (r"failed to connect to proxy url", certain("proxy")),
    (r"could not find a suitable tls ca certificate bundle", likely("ca")),
    (r"unable to parse response\b.{0,80}invalid xml", likely("not-aws", "proxy")),
    (r"\brate exceeded \(service: ", certain("throttled")),
    (r"\(service: [^,;)]{1,40}[,;] status code: 5\d\d\b", likely("aws-failing")),
)
_OF_NETWORKS = (
    (r"name or service not known|nodename nor servname provided|temporary failure in name resolution", certain("dns")),
    (r"no address associated with hostname|getaddrinfo (?:enotfound|failed|eai_again)", certain("dns")),
    (r"dial tcp: lookup \S+(?: on \S+)?: no such host|java\.net\.unknownhostexception", certain("dns")),
    (r"proxyconnect tcp:|tunnel connection failed: \d{3}", certain("proxy")),
    (r"\b407 proxy authentication required", certain("proxy")),
    # The more special words first: a wrong clock and a bundle that is not there have the general ones, too.
    (
        r"certificate (?:has expired|is not yet valid)|certificate(?:expired|notyetvalid)exception",
        likely("tls", "clock"),
    ),
    (r"ssl validation failed for \S+ \[errno 2\]|no_certificate_or_crl_found", likely("ca")),
    (
        r"unable to get (?:local )?issuer certificate|(?:failed|error|problem): self[- ]signed certificate",
        certain("tls"),
    ),
    (r"signed by unknown authority|pkix path building failed|self_signed_cert_in_chain", certain("tls")),
    (r"unable_to_get_issuer_cert_locally|certificate_verify_failed", certain("tls")),
    (r"certificate is not valid for|doesn't match certificate", likely("tls", "clock")),
    (r"x509: certificate is valid for|hostname mismatch, certificate", certain("tls")),
    (r"ssl validation failed for", likely("tls", "proxy", "ca")),
    (r"failed to decode response body", likely("not-aws", "proxy")),
    (r"\[errno 111\] connection refused|connect: connection refused|econnrefused", certain("connect")),
    (r"(?:connect|read) timeout on endpoint url|dial tcp \S+ i/o timeout|connect timed out", certain("connect")),
    # It may have a name that is not found.
    (r"could not connect to the endpoint url", open_to("dns", "connect")),
)
# What only a line of this program's says.
_OF_CREDHELPER = (
    *((rf"by an explicit deny in an? {kind.value}", certain(policy_of(kind, is_explicit=True))) for kind in Kind),
    (r"by an explicit deny in a policy", DENIED_SOMEWHERE),
    (r"\bno policy of \S+(?: \S+)? allows sts:", certain("identity-policy")),
    (r"the trust policy of \S+ does not let \S+(?: \S+)* in\b", certain("trust")),
    (r"the permissions boundary(?: \S+)? of \S+(?: \S+)* does not allow", certain("boundary")),
    (r"the session policy(?: \S+)? of \S+(?: \S+)* does not allow", certain("session-policy")),
    (r"no service control policy(?: \S+)? of the caller's organization allows", certain("scp")),
    (r"no resource control policy(?: \S+)? of account", certain("rcp")),
    (r"the policy of the vpc endpoint for sts", certain("vpc-endpoint")),
    (r"may not send session tags", certain("tags")),
    (r"may not set a source identity", certain("source-identity")),
    (r"a one-time code is needed and there is no terminal to ask at", certain("no-code")),
    (r"no one-time code was given in time|the one-time code was cancelled", certain("no-code")),
    (r"aws refused the one-time code", certain("mfa-code")),
    (r"aws could not check the one-time code: .{1,120}? is not an mfa device", certain("mfa-device")),
    (r"aws wants an mfa device and its one-time code together", certain("mfa")),
    (r"holds root keys", certain("root-caller")),
    (r"may not assume \S+ \(", NO_REASON),
    (r"the role allows no session of \d+ seconds", certain("max-session")),
    (r"a role assumed with another role's credentials lasts at most one hour", certain("chaining")),
    (r"aws does not accept the request for", likely("request")),
    (r"session policy and tags together are too large|aws does not accept the session policy", certain("request")),
    (r"aws does not accept the session of access key", likely("session-expired", "key-unknown", "sts-region")),
    (r"aws knows no active access key|the server knows no access key", NO_KEY),
    (r"the secret access key does not belong to access key", likely("key-secret", "proxy")),
    (r"this machine's clock is", certain("clock")),
    (r"aws finds the time of the request wrong", likely("clock")),
    (r"the source credentials \(\S+\) have expired|the login session of profile", certain("session-expired")),
    (r"issues credentials that have already expired", certain("session-expired")),
    (r"the sso session of profile \S+ has expired|the token of the sso session", certain("sso-expired")),
    (r"the sso user of profile \S+ is not assigned", certain("sso-no-role")),
    (r"sts is not activated in", likely("sts-region")),
    (r"aws limits the rate of", certain("throttled")),
    (r"\w+ in \S+ is failing \(|is failing at aws", likely("aws-failing")),
    (r"the request reached aws without its signature|what answered for \S+ is not", likely("not-aws", "proxy")),
    (r"the proxy (?:wants a user name|cannot be used)|cannot use a socks proxy", certain("proxy")),
    (r"the name \S+ cannot be resolved", certain("dns")),
    (r"\S+ did not answer in time|the connection to \S+ failed", likely("connect")),
    (r"the certificate of \S+ is not trusted", certain("tls")),
    (r"the ca bundle (?:cannot be read|is no pem file)", certain("ca")),
    (r"aws refused \w+ for the credentials of", certain("source-refused")),
    (
        r"the credential_process of profile \S+ (?:failed|did not|writes)|a credential_process that prints no valid",
        certain("source-program"),
    ),
    (r"profile \S+ has no credentials|the credentials of \S+ are incomplete", certain("no-keys")),
    (r"the region(?: \S+)? is not one botocore can make an endpoint of", certain("config")),
    (r"no region is set", certain("config")),
)


def _compiled(rows: Iterable[tuple[str, Reading]], before: str = "") -> tuple[tuple[re.Pattern[str], Reading], ...]:
    flags = re.IGNORECASE | re.ASCII
    return tuple((re.compile(rf"{before}(?:{pattern})", flags), reading) for pattern, reading in rows)


PHRASES = (*_compiled(_OF_AWS), *_compiled(_OF_TOOLS))
# A chain of sources goes on when one of them fails: what that one says goes before these.
CHAIN_PHRASES = _compiled(
    (
        (r"unable to load credentials from any of the providers in the chain", _NO_SOURCE),
        (r"no valid credential sources found|could not load credentials from any providers", _NO_SOURCE),
        (r"no valid credential sources for s3 backend found", _NO_SOURCE),
    )
)
# These say nothing of AWS unless it is named near them.
NETWORK_PHRASES = _compiled(_OF_NETWORKS)
OWN_PHRASES = _compiled(_OF_CREDHELPER)
# A program in credential_process failed, and its own words are not here: Go and Java show its exit code alone.
OF_A_PROGRAM = re.compile(
    r"error in credential_process|retrieving credentials from custom-process|credential_process provider failure"
    r"|failed to refresh process-based credentials|external process exited with|credential_process returned error"
    r"|failed to execute credential_process|command completed with nonzero exit code|credential process exited with"
    r"|command returned non-zero exit value|credentialsprovidererror: command failed",
    re.IGNORECASE | re.ASCII,
)
PROGRAM_FAILS = open_to("helper-path", "source-program", "no-keys", "config")
OWN_LINE = re.compile(r"credhelper: error: (?P<said>.*?)(?= hint: |credhelper: error: |\Z)")
NEAR_AWS = re.compile(r"amazonaws\.com|api\.aws\b|endpoint url|\boperation error |\bAWS\b|\bsts\b", re.IGNORECASE)
# Two words of S3's, or the one of a HEAD, where a tool says which operation it was.
BARE = re.compile(
    r"\(?(?:AccessDenied|403|Forbidden)\)?(?: when calling the \w+ operation(?: \(reached max retries: \d+\))?)?: "
    r"(?:Access ?[Dd]enied|Forbidden)\b|\bAccess Denied \(Service: (?:Amazon )?S3\b",
    re.ASCII,
)
BUCKET_OPERATION = re.compile(r"(?:Head|List|Get|Put|Create|Delete)(?:Bucket\w*|Objects?(?:V2|Versions)?)")
_WORDS = "|".join(sorted(map(re.escape, {*CODES, *(code for _, code in CODES_OF)}), key=len, reverse=True))
# How the tools write an error's code: the AWS CLI and boto3, Go, Java, .NET, JS, PHP, Ruby, Rust, XML and JSON.
CODE = re.compile(
    r"(?:\berror occurred \(|\bapi error |\bError Code: |\bErrors::|<Code>|\bmodel\.|\bunhandled error \("
    r"|[\"']?\b(?:[Cc]ode|__type|name|errorCode|error_code)[\"']?\s?[:=]\s?(?:Some\()?[\"']?(?:[\w.]{1,99}#)?"
    rf"|(?<![\w./:#-])(?=[A-Z][\w.]{{0,63}}(?: \(client\))?:(?: |\Z)))(?P<code>{_WORDS})(?![A-Za-z0-9_-]|\.[A-Za-z])",
    re.ASCII,
)
# Codes that other systems have, too: they count where something of AWS's is beside them, or AWS's way to write them.
SHARED_CODES = frozenset({*_THROTTLING, *_FAILING, "ExpiredToken", "ExpiredTokenException", "OptInRequired"})
NEAR_SDK = re.compile(rf"{NEAR_AWS.pattern}|request ?id|status ?code|\$fault|\$metadata", re.IGNORECASE)
OPERATION = re.compile(
    r"when calling the (?P<cli>[A-Z]\w{2,63}) operation|operation error [\w ]{2,40}: (?P<go>[A-Z]\w{2,63})"
    r"|Error executing \"(?P<php>[A-Z]\w{2,63})\"",
    re.ASCII,
)
