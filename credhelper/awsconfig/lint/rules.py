"""What SDKs disagree about, rule by rule: which are affected, what happens there, and how to fix it. Pure.

The source is a table of 96 files, each read by nine real parsers (tests/vectors/sdk-parser-matrix.json), and the
list of what each SDK does with the command (docs/config-editing.md). `sdks` are those that read the line differently
from botocore, or those that reject it where botocore itself does not read it.
"""

from typing import NamedTuple

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.document.grammar import lenient_profile_name
from credhelper.model.shell import filled

BOTOCORE, JS, GO1, GO2, RUST, CRT = "botocore", "JS", "Go v1", "Go v2", "Rust/Java", "CRT"
RUBY, PHP, NET, CPP = "Ruby", "PHP", ".NET", "C++ (old)"
ALL_SDKS = (BOTOCORE, JS, GO1, GO2, RUST, CRT, RUBY, PHP, NET)


class Rule(NamedTuple):
    """One kind of disagreement. `fix` says what to write, or which command to type, for {profile} and its {header}."""

    name: str
    sdks: tuple[str, ...]
    effect: str
    fix: str


RULES = {
    rule.name: rule
    for rule in (
        # The bytes of the file
        Rule("byte-order-mark", (BOTOCORE, GO1, GO2, RUST, CRT, RUBY), "the file or its first section is not read",
             "save the file as UTF-8 without a byte order mark"),
        Rule("nul", (RUST, CRT, PHP), "the value ends there or is altered", "restore the file from a backup"),
        Rule("lone-carriage-return", (GO1, GO2, JS, RUST, CRT, RUBY),
             "botocore ends the line there, others do not: keys and sections appear or vanish",
             "remove the carriage return"),
        Rule("not-utf-8", (BOTOCORE, RUST, RUBY), "the whole file is rejected, or read as empty",
             "save the file as UTF-8"),
        # Lines that are nothing
        Rule("no-section", (BOTOCORE, RUST, CRT), "the whole file is rejected",
             "write a section header above this line"),
        Rule("garbage", ALL_SDKS, "botocore, Rust, Java, CRT and .NET reject the whole file, others skip the line",
             "remove the line, or make it key = value or # a comment"),
        Rule("header-unterminated", ALL_SDKS, "most SDKs reject the whole file, the others miss the section",
             "close the bracket"),
        Rule("broken-block", (BOTOCORE,), "the whole file is rejected", "make each line of the block key = value"),
        # Headers
        Rule("section-twice", (BOTOCORE, NET), "botocore rejects the whole file, .NET reads the first section only",
             "make one section of the two"),
        Rule("profile-twice", (GO1, GO2, JS, RUST, CRT, RUBY, NET, PHP),
             "which of the sections counts differs from SDK to SDK", "make one section of the two"),
        Rule("both-defaults", (GO1, NET, RUBY, JS, GO2, RUST, CRT),
             "[default] and [profile default] are both there: SDKs differ in which one counts",
             "make one section of the two"),
        Rule("defaults-section", (JS, GO1, GO2, RUST, CRT, RUBY, PHP, NET),
             "only botocore lets every profile inherit these keys", "write the keys into each profile"),
        Rule("header-inner-blanks", (BOTOCORE, JS, RUBY, PHP), "these SDKs do not find the profile",
             "write it as {header}"),
        Rule("header-two-blanks", (JS, GO1, PHP), "these SDKs do not find the profile", "write it as {header}"),
        Rule("header-tab", (GO1, PHP), "these SDKs do not find the profile", "write it as {header}"),
        Rule("header-last-blank", (JS, RUBY, PHP), "these SDKs do not find the profile", "write it as {header}"),
        Rule("header-quotes", (JS, GO1, GO2, RUST, CRT, RUBY, PHP, NET),
             "only botocore, and JS where the name has no blank, find the profile", "take a name without blanks"),
        Rule("header-name-with-blank", (BOTOCORE, JS, RUST, CRT), "these SDKs do not find the profile",
             "take a name without blanks"),
        Rule("header-comment", (NET,), "the whole file is rejected", "move the comment to its own line"),
        Rule("header-comment-tight", (NET, JS, RUBY), ".NET rejects the whole file, JS and Ruby miss the profile",
             "move the comment to its own line"),
        Rule("header-comment-key", (NET,), "the section is read as a key, and its keys go to the profile above",
             "move the comment to its own line"),
        Rule("header-text", (JS, GO2, RUBY, RUST, NET),
             "Rust, Java and .NET reject the whole file, the others miss the profile", "remove the text after ]"),
        Rule("header-indented", (RUST, CRT, PHP, RUBY), "the whole file is rejected, Ruby misses the profile",
             "move the header to the start of its line"),
        Rule("header-capitals", ALL_SDKS, "no SDK reads this as a profile", "write profile in small letters"),
        Rule("header-without-profile", (GO1, RUBY), "only these SDKs read this as a profile",
             "write it as {header}"),
        Rule("profile-in-credentials", (BOTOCORE,),
             "in this file names stand alone: the word profile becomes a part of the name", "write it as {header}"),
        Rule("name-blanks", (BOTOCORE,), "the blanks become a part of the name: no profile is found by its own",
             "write it as {header}"),
        Rule("default-blanks", (BOTOCORE, JS, RUBY, PHP), "these SDKs do not find the profile",
             "write it as [default]"),
        Rule("default-in-php", (PHP,), "PHP looks for credential_process in [profile default] only",
             "write it as [profile default] if you use PHP"),
        Rule("profile-name", (JS, RUST, CRT), "these SDKs do not find the profile",
             "use letters, digits and _ . % @ : + / -"),
        # Keys and values
        Rule("key-twice", (BOTOCORE, GO2, RUST, NET), "botocore rejects the whole file, .NET skips the section",
             "remove one of the two"),
        Rule("colon", (JS, CRT, RUBY, PHP, RUST, NET), "Rust, Java and .NET reject the whole file, others miss the key",
             "write key = value"),
        Rule("key-capitals", (JS, GO1, CRT, RUBY, PHP, RUST), "these SDKs (and Java) miss the key",
             "write the key in small letters"),
        Rule("key-indented", (RUST, CRT, RUBY), "the whole file is rejected", "move the key to the start of its line"),
        Rule("continued-key", (JS, GO1, GO2, PHP, NET), "only these SDKs read the indented line as a separate key",
             "move the key to the start of its line"),
        Rule("continued-value", (JS, GO1, RUBY, PHP, NET, GO2),
             "the indented line is dropped; .NET rejects the whole file", "write the value in one line"),
        Rule("comment-indented", (RUST, CRT), "the comment becomes part of the value above, or the file is rejected",
             "move the # to the start of its line"),
        Rule("key-name", (RUST,), "the key is dropped: no key has a blank in it", "write the key without the blank"),
        Rule("block-key", (RUST,), "the whole file is rejected: a line of the block has no key",
             "write a key before the equals sign, or remove the line"),
        Rule("block-expected", (BOTOCORE,), "aws s3 and boto3 fail: they expect a block of keys below it",
             "remove the line, or write the keys below it: aws configure set s3.max_concurrent_requests 20"),
        Rule("empty-command", (JS, GO1, RUBY), "botocore fails on it, these SDKs miss the key", "remove the key"),
        Rule("last-blanks", (GO1,), "the blanks become part of the value", "remove the blanks at the end of the line"),
        Rule("comment-in-value", (JS, GO1, GO2, RUST, CRT, RUBY, PHP),
             "some SDKs cut the value there, botocore and .NET do not", "move the comment to its own line"),
        Rule("semicolon", (PHP,), "the value is cut there", "write the value without ;"),
        Rule("first-quote", (GO1,), "only the text between the first two quotes is read",
             "start the value with something else than a double quote"),
        Rule("outer-quotes", (GO1, GO2, PHP), "the quotes are taken away, or all after the second quote",
             "do not start and end the value with the same quote; append -- to a command"),
        Rule("odd-quotes", (GO1,), "the rest of the file is not read", "close the quote"),
        Rule("exotic-blank", (RUST,), "the character is read differently", "use an ordinary blank"),
        Rule("brackets", (CPP,), "the line is read as a section header, and the keys below it are lost",
             "write the value without [ and ], or make it the last key of the profile"),
        # What the command means
        Rule("command-shell", (BOTOCORE,), "botocore and the AWS CLI start no shell, so these characters mean nothing",
             "write a program and plain arguments, or put the rest into a script"),
        Rule("command-other-shell", (JS, GO1, GO2, RUST, CRT, RUBY, PHP),
             "most SDKs hand the line to a shell, which acts on these characters; botocore does not",
             "put the argument between single quotes"),
        Rule("command-relative", (BOTOCORE, JS, GO1, GO2, RUST, CRT, RUBY, PHP, NET),
             "which program runs depends on the directory or the PATH of the caller",
             "write the absolute path of the program"),
        Rule("command-unclosed", (BOTOCORE, JS, GO1, GO2, RUST, CRT, RUBY, PHP),
             "no program is started: a quote is not closed", "close the quote"),
        Rule("command-backslash", (NET,), ".NET doubles the backslash", "use single quotes instead"),
        # Who else decides what the files say; {profile} is the place
        Rule("open-to-others", (), "other users may change who your profiles are: credhelper does not read it",
             "chmod go-w {profile}"),
        Rule("belongs-to-another", (), "another user may change who your profiles are: credhelper does not read it",
             "sudo chown $(id -u) {profile}"),
        Rule("unreadable", ALL_SDKS, "the file cannot be read", "ls -ld {profile}"),
        # Profiles
        Rule("role-and-process", (GO2,),
             "Go rejects a role with a source and a credential_process; botocore assumes the role and never starts the "
             "program", "remove the one that is not meant: credhelper profile unset {profile} credential_process"),
        Rule("keys-and-process", (GO2,), "Go signs with the keys, botocore with what the program prints",
             "remove the one that is not meant: credhelper profile unset {profile} credential_process"),
        Rule("keys-and-login", (GO2,), "Go signs with the keys, botocore with the login session",
             "make two profiles of it"),
        Rule("credentials-differ", (GO2,), "Go takes other credentials of this profile than botocore",
             "make two profiles of it"),
        Rule("half-keys", (BOTOCORE, GO2), "botocore and Go reject the profile: one of its two keys is missing",
             "aws configure --profile {profile}"),
        Rule("missing-sso-session", (BOTOCORE, GO2),
             "botocore and Go reject the profile: there is no sso-session of this name", "aws configure sso-session"),
        Rule("sso-incomplete", (BOTOCORE, GO2),
             "botocore and Go reject the profile: a part of its single sign-on is missing",
             "aws configure sso --profile {profile}"),
        Rule("sso-conflict", (BOTOCORE, GO2),
             "botocore and Go reject the profile: its sso-session says something else",
             "credhelper profile unset {profile} sso_region sso_start_url"),
        Rule("keys-and-sso", (GO2,), "Go signs with the keys, botocore with the single sign-on",
             "make two profiles of it"),
        Rule("role-without-source", (BOTOCORE, GO2),
             "botocore rejects the profile, Go looks for the role of a machine",
             "credhelper profile set {profile} source_profile=default"),
        Rule("two-sources", (BOTOCORE, GO2), "botocore and Go reject the profile: it has two sources for its role",
             "credhelper profile unset {profile} credential_source"),
        Rule("source-without-role", (GO2,), "Go rejects the profile, botocore passes over the key",
             "credhelper profile unset {profile} source_profile"),
        Rule("token-without-role", (BOTOCORE, GO2),
             "botocore and Go reject the profile: a web identity token is for a role",
             "credhelper profile set {profile} role_arn=ARN"),
        Rule("credential-source", (BOTOCORE, GO2), "botocore and Go reject the profile: there is no such source",
             "credhelper profile set {profile} credential_source=Ec2InstanceMetadata"),
        Rule("role-arn", ALL_SDKS, "STS refuses it: this is not the ARN of a role",
             "credhelper profile set {profile} role_arn=ARN"),
        Rule("role-setting", ALL_SDKS, "STS refuses this value",
             "write a value that STS takes: credhelper profile show {profile}"),
        # What botocore makes of a value (lint/value_rules.py)
        Rule("value-refused", (BOTOCORE,), "botocore refuses this value", "credhelper profile show {profile}"),
        Rule("value-ignored", (BOTOCORE,), "botocore reads another value", "credhelper profile show {profile}"),
        Rule("nested-value", (BOTOCORE,), "botocore refuses this value", "correct it, or remove the line"),
        Rule("missing-services", (BOTOCORE,), "botocore refuses every call: there is no such section of services",
             "credhelper profile unset {profile} services"),
        Rule("shadowed", ALL_SDKS, "SDKs take other credentials of this profile, and do not ask credhelper",
             "credhelper profile show {profile}"),
        Rule("credhelper-endpoint", (), "credhelper sends no credentials to this endpoint",
             "credhelper profile show {profile}"),
        Rule("credhelper-setting", (), "credhelper refuses this profile", "credhelper profile show {profile}"),
        Rule("region-partition", ALL_SDKS, "AWS knows the role in another partition than the region's",
             "write a region of the role's partition, the second part of its ARN"),
        Rule("source-partition", ALL_SDKS, "AWS knows no credentials of another partition than the role's",
             "give it a source of the role's partition: credhelper profile show {profile}"),
        Rule("credhelper-command", (), "no SDK asks credhelper about this profile", "credhelper profile set {profile}"),
        Rule("command-gone", ALL_SDKS, "no SDK gets credentials: the program that the command starts is not there",
             "remove the line, unless it comes back: credhelper profile unset {profile} credential_process"),
        Rule("ca-bundle-gone", (BOTOCORE,), "botocore refuses every call: the file of ca_bundle is not there",
             "credhelper profile unset {profile} ca_bundle"),
        Rule("credhelper-moved", (), "the program that the command starts is not there any more",
             "credhelper profile repair {profile}"),
        Rule("credentials-file", ALL_SDKS,
             "the credentials file has credentials for this profile, which most SDKs use",
             "rename one of the two: credhelper profile show {profile}"),
        Rule("missing-source", ALL_SDKS, "the profile it takes its credentials from does not exist",
             "credhelper profile list"),
        Rule("empty-source", ALL_SDKS, "the profile it takes its credentials from has none",
             "aws configure --profile {profile}"),
        Rule("source-loop", ALL_SDKS, "the source profiles form a loop",
             "give one of them another source: credhelper profile set {profile} --source-profile default"),
    )
}  # fmt: skip


def rule_of(finding: Finding) -> Rule:
    """Return the rule that a finding breaks, with a fix that names the profile concerned."""
    rule = RULES[finding.name]
    name = lenient_profile_name(finding.about) or finding.about
    header = f"[{name.strip()}]" if name == "default" or finding.is_in_credentials else f"[profile {name}]"
    fix = finding.fix or filled(rule.fix.replace("{header}", header), "{profile}", name)
    return rule._replace(fix=fix, effect=finding.effect or rule.effect, sdks=finding.sdks or rule.sdks)
