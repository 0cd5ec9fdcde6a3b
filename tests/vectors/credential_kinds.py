"""Profiles with every mixture of credentials, and what Go makes of them, as it was measured.

    python -m vectors.credential_kinds        measure again, with Go and its module proxy (from tests/)

A case is the parts that the profile `p` has, each with the file it is in: `role@C source@C static@K`.
"""

import hashlib
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("go-credentials.json")
VERSION = "1.33.18"
ROLE_ARN = "arn:aws:iam::222222222222:role/app"
KEY_ID, SECRET = "aws_access_key_id = AKIAPROFILE", "aws_secret_access_key = made-up"
SSO = "sso_account_id = 222222222222\nsso_role_name = x"
PARTS = {
    "static": f"{KEY_ID}\n{SECRET}",
    "id": KEY_ID,
    "secret": SECRET,
    "role": f"role_arn = {ROLE_ARN}",
    "source": "source_profile = src",
    "environment": "credential_source = Environment",
    "lower-case": "credential_source = environment",
    "token": "web_identity_token_file = /nowhere/token",
    "sso": f"sso_session = s\n{SSO}",
    "no-session": f"sso_session = nowhere\n{SSO}",
    "half-sso": "sso_session = s\nsso_account_id = 222222222222",
    "session": "sso_session = s",
    "empty-session": f"sso_session = empty\n{SSO}",
    "other-region": f"sso_session = s\nsso_region = us-west-2\n{SSO}",
    "legacy": f"sso_start_url = https://x\nsso_region = us-east-1\n{SSO}",
    "half-legacy": f"sso_start_url = https://x\n{SSO}",
    "sso-region": "sso_region = us-east-1",
    "login": "login_session = arn:aws:iam::222222222222:user/x",
    "process": "credential_process = /bin/echo",
}
CONFIG = """[default]
region = us-east-1
[sso-session s]
sso_start_url = https://x
sso_region = us-east-1
[sso-session empty]
sso_registration_scopes = x
"""
CREDENTIALS = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = made-up\n"
CREDENTIALS += "[src]\naws_access_key_id = AKIASOURCE\naws_secret_access_key = made-up\n"
# A ten-line caller: what it takes, or why it does not.
PROGRAM = """package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Split(lines.Text(), "\\t")
		os.Setenv("AWS_CONFIG_FILE", words[0])
		os.Setenv("AWS_SHARED_CREDENTIALS_FILE", words[1])
		ctx := context.Background()
		found, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("p"))
		if err != nil {
			fmt.Printf("rejected %q\\n", err.Error())
			continue
		}
		_, err = found.Credentials.Retrieve(ctx)
		fmt.Printf("%v %q\\n", found.Credentials.(*aws.CredentialsCache).ProviderSources(), fmt.Sprint(err))
	}
}
"""


def cases() -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield up to three parts in the config file, and up to two of which some are in the credentials file."""
    for length in (1, 2, 3):
        for parts in itertools.combinations(PARTS, length):
            places = itertools.product("CK", repeat=length) if length < 3 else [("C",) * 3]
            if "source" in parts and "role" in parts and length == 3:
                places = itertools.product("CK", repeat=3)
            for place in places:
                case = tuple(zip(parts, place, strict=True))
                if not _is_double(case):
                    yield case


def files_of(case: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the texts of both files for a case."""
    texts = []
    for place, start, header in (("C", CONFIG, "[profile p]\n"), ("K", CREDENTIALS, "[p]\n")):
        lines = "".join(f"{PARTS[part]}\n" for part, where in case if where == place)
        texts.append(start + (header + lines if lines else ""))
    return texts[0], texts[1]


def name_of(case: tuple[tuple[str, str], ...]) -> str:
    """Return what a case is called."""
    return " ".join(f"{part}@{place}" for part, place in case)


def _is_double(case: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether a key would be there twice in one file."""
    keys = [(line.partition(" ")[0], place) for part, place in case for line in PARTS[part].splitlines()]
    return len(set(keys)) < len(keys)


def _measure(home: Path) -> dict[str, str]:
    """Return what Go makes of each case: the credentials it takes, or `rejected`."""
    lines = []
    for number, case in enumerate(all_cases := list(cases())):
        paths = [home / f"config{number}", home / f"credentials{number}"]
        for path, text in zip(paths, files_of(case), strict=True):
            path.write_text(text)
        lines.append("\t".join(map(str, paths)))
    (home / "main.go").write_text(PROGRAM)
    (home / ".aws" / "sso" / "cache").mkdir(parents=True)
    token = {"accessToken": "x", "expiresAt": "2099-01-01T00:00:00Z", "startUrl": "https://x", "region": "us-east-1"}
    for name in ("s", "https://x"):
        digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
        (home / ".aws" / "sso" / "cache" / f"{digest}.json").write_text(json.dumps(token))
    nowhere = "http://127.0.0.1:1"
    environ = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    for command in (
        ["go", "mod", "init", "measured"],
        ["go", "get", f"github.com/aws/aws-sdk-go-v2/config@v{VERSION}"],
        ["go", "build", "-o", "measured", "."],
    ):
        subprocess.run(command, cwd=home, env=environ, check=True)
    environ |= {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
    environ |= {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": nowhere}
    done = subprocess.run(
        ["./measured"], cwd=home, env=environ, input="\n".join(lines), capture_output=True, text=True, check=True
    )
    return {name_of(case): _taken(said) for case, said in zip(all_cases, done.stdout.splitlines(), strict=True)}


def _taken(said: str) -> str:
    """Return what the caller took, by the first of its sources: numbers of aws.CredentialSource."""
    if said.startswith("rejected"):
        return "rejected"
    sources = said[1 : said.index("]")].split()
    taken = _SOURCES[sources[0]]
    is_of_its_own = taken not in ("role", "web-identity")
    return f"role with its {taken}" if "4" in sources and is_of_its_own else taken


_SOURCES = {
    "9": "static",
    "10": "role",  # of a source profile
    "11": "role",  # of a credential source
    "12": "web-identity",
    "14": "sso",
    "15": "sso",
    "17": "process",
    "20": "machine",
    "21": "login",
}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        FILE.write_text(json.dumps(_measure(Path(made)), indent=0) + "\n")
