"""What parliament and cfn-lint find in what we write."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_PARLIAMENT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import parliament
for text in json.load(sys.stdin):
    for found in parliament.analyze_policy_string(text, ignore_private_auditors=True).findings:
        print(found.issue, found.detail, text)
"""


def parliament(policies: Iterable[str]) -> str:
    """Return its findings in policies of identities, "" for none."""
    # It does not know the account of AWS's own policies.
    texts = json.dumps([one.replace("iam::aws:policy", "iam::111111111111:policy") for one in policies])
    done = subprocess.run([sys.executable, "-c", _PARLIAMENT], input=texts, capture_output=True, text=True, check=True)
    return done.stdout


def cfn_lint(*templates: Path) -> tuple[int, str]:
    """Return its exit status and its findings."""
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--non-zero-exit-code", "warning", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout
