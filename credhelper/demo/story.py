"""The story of the README, step by step: refused, a grant, one profile, the real AWS CLI, what is on disk, the end."""

import base64
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from credhelper.demo import world
from credhelper.demo.emulator import Emulator
from credhelper.demo.home import Done, Home
from credhelper.demo.narrator import Narrator
from credhelper.errors import CredhelperError

PROFILE = "prod-s3"
_TRUSTED_COPY = "prod-s3-too-early"
_RUNS = 5
# The options of the grant: what it is about, and what it permits.
_ABOUT = (
    *("--role", world.ROLE_ARN, "--acc", world.ACC, "--group", world.GROUP),
    *("--prod-admin", "prod-admin", "--acc-admin", "acc-admin"),
)
_WHAT = ("--bucket", world.BUCKET)


class PromiseBrokenError(CredhelperError):
    """A step of the story did not go as the README says."""


def play(narrator: Narrator | None = None) -> None:
    """Play the whole story; raises PromiseBrokenError at the first step that goes wrong. Leaves nothing behind."""
    narrator = narrator or Narrator()
    with (
        _terminated_like_interrupted(),
        tempfile.TemporaryDirectory(prefix="credhelper-demo-") as directory,
    ):
        with narrator.working("starting an embedded AWS on this machine (signatures and policies are checked)"):
            aws = Emulator(_directory(directory, "aws"))
            aws.__enter__()
        try:
            _Story(narrator, aws, directory).tell()
        finally:
            aws.stop()
    narrator.end("That is the whole story. Nothing of it is left on this machine.")


class _Story:
    """One telling: who says what in which order."""

    def __init__(self, narrator: Narrator, aws: Emulator, directory: str) -> None:
        self._say = narrator
        self._aws = aws
        self._directory = directory

    def tell(self) -> None:
        """Tell it from the beginning."""
        home, administrator = self._two_accounts()
        self._refused_without_a_profile(home)
        self._refused_before_the_grant(home)
        self._granted(administrator)
        self._one_profile(home)
        self._just_works(home)
        self._how_fast(home)
        self._what_is_on_disk(home)
        self._taken_back(administrator, home)

    def _two_accounts(self) -> tuple[Home, Home]:
        self._say.step(f"Prod ({world.PROD}): a bucket that a group of Acc is to read")
        world.create_bucket(self._aws)
        self._say.fact(f"bucket {world.BUCKET}")
        self._say.step(
            f"Acc ({world.ACC}): user {world.USER} in group {world.GROUP}, with a long-lived key and no more"
        )
        key = world.create_user(self._aws)
        self._say.fact(f"{world.USER}'s key {key.access_key_id} is in ~/.aws/credentials, profile default")
        administrators = {
            "prod-admin": world.create_administrator(self._aws, world.PROD),
            "acc-admin": world.create_administrator(self._aws, world.ACC),
        }
        return (
            Home(_directory(self._directory, "david"), self._aws, {"default": key}),
            Home(_directory(self._directory, "administrator"), self._aws, administrators),
        )

    def _refused_without_a_profile(self, home: Home) -> None:
        self._say.step(f"{world.USER} tries the production bucket with his own key")
        self._refused("aws", home.aws("s3", "ls", f"s3://{world.BUCKET}/"), f"aws s3 ls s3://{world.BUCKET}/")

    def _refused_before_the_grant(self, home: Home) -> None:
        self._say.step("He tries the role before the administrators have made it")
        self._add_profile(home, _TRUSTED_COPY)
        done = home.aws("s3", "ls", "--profile", _TRUSTED_COPY, f"s3://{world.BUCKET}/")
        self._refused("credhelper", done, f"aws s3 ls --profile {_TRUSTED_COPY} s3://{world.BUCKET}/")
        _expect("hint:" in done.stderr, "the refusal comes with a hint", done)

    def _granted(self, administrator: Home) -> None:
        self._say.step(
            "An administrator of both accounts grants it: the role with its trust, and the right to assume it"
        )
        done = self._grant(administrator, "apply", *_WHAT, "--yes")
        _expect(done.exit_code == 0 and "3 changes made" in done.stdout, "the grant is made", done)
        again = administrator.credhelper("grant", "plan", *_ABOUT, *_WHAT, "--check")
        _expect(again.exit_code == 0, "a second plan has no changes", again)
        self._say.promise("planned again: no changes")

    def _taken_back(self, administrator: Home, home: Home) -> None:
        self._say.step("The administrator takes it back")
        done = self._grant(administrator, "remove", "--yes")
        _expect(done.exit_code == 0 and "3 changes made" in done.stdout, "the grant is taken back", done)
        self._say.fact("Credentials that were handed out stay valid until they expire; David's helper forgets them.")
        self._say.command(f"credhelper logout {PROFILE}")
        done = home.credhelper("logout", PROFILE)
        self._say.output(done.stdout + done.stderr)
        _expect(done.exit_code == 0, "logout forgets the credentials", done)
        done = home.aws("s3", "ls", "--profile", PROFILE, f"s3://{world.BUCKET}/")
        self._refused("credhelper", done, f"aws s3 ls --profile {PROFILE} s3://{world.BUCKET}/")

    def _grant(self, administrator: Home, command: str, *more: str) -> Done:
        arguments = ("grant", command, *_ABOUT, *more)
        self._say.command("credhelper " + " ".join(arguments))
        done = administrator.credhelper(*arguments)
        self._say.output(done.stdout + done.stderr)
        return done

    def _one_profile(self, home: Home) -> None:
        self._say.step("One command makes the profile")
        self._add_profile(home, PROFILE)

    def _add_profile(self, home: Home, name: str) -> None:
        source = ("--source-profile", "default", "--region", world.REGION)
        arguments = ("profile", "add", name, "--role-arn", world.ROLE_ARN, *source)
        self._say.command("credhelper " + " ".join(arguments))
        done = home.credhelper(*arguments)
        self._say.output(done.stdout + done.stderr)
        _expect(done.exit_code == 0, "the profile is written", done)

    def _just_works(self, home: Home) -> None:
        self._say.step("And every AWS tool can use it: the real AWS CLI, twice")
        before = self._aws.count_assume_role()
        for _ in range(2):
            self._say.command(f"aws s3 ls --profile {PROFILE} s3://{world.BUCKET}/")
            done = home.aws("s3", "ls", "--profile", PROFILE, f"s3://{world.BUCKET}/")
            self._say.output(done.stdout + done.stderr)
            _expect(done.exit_code == 0 and "readme.txt" in done.stdout, "the bucket is listed", done)
        calls = self._aws.count_assume_role() - before
        _expect(calls == 1, f"two calls cost one AssumeRole, not {calls}", None)
        self._say.promise("two calls, one AssumeRole")

    def _how_fast(self, home: Home) -> None:
        self._say.step("How long the helper itself takes, started by the line in ~/.aws/config")
        hit_ms = min(self._hand_out(home) for _ in range(_RUNS))
        _expect(home.credhelper("logout", PROFILE).exit_code == 0, "logout forgets the credentials", None)
        miss_ms = self._hand_out(home)
        self._say.fact(f"hit  {hit_ms:6.0f} ms   (from the encrypted cache)")
        self._say.fact(f"miss {miss_ms:6.0f} ms   (with AssumeRole)")

    @staticmethod
    def _hand_out(home: Home) -> float:
        done = home.helper(PROFILE)
        _expect(done.exit_code == 0 and done.stderr == "", "the helper answers, and is silent on stderr", done)
        return done.time_ms

    def _what_is_on_disk(self, home: Home) -> None:
        self._say.step("What a copy of the disk holds of these credentials")
        document = json.loads(home.helper(PROFILE).stdout)
        forms = _every_form([document["SecretAccessKey"], document["SessionToken"]])
        files = home.files()
        for path in files:
            with open(path, "rb") as file:
                content = file.read()
            _expect(not any(form in content for form in forms), f"no secret in {path}", None)
        self._say.promise(f"no secret in the clear in any of {len(files)} files")
        self._say.command("credhelper status")
        self._say.output(home.credhelper("status").stdout)

    def _refused(self, who: str, done: Done, command: str) -> None:
        self._say.command(command)
        self._say.output(done.stderr)
        _expect(done.exit_code != 0 and done.stdout == "", f"{who} refuses", done)
        self._say.promise("refused")


def _expect(promise_kept: object, promise: str, done: Done | None) -> None:
    if promise_kept:
        return
    said = "" if done is None else f" (exit code {done.exit_code}: {done.stdout}{done.stderr})"
    raise PromiseBrokenError(f"not so: {promise}{said}", hint="this is a bug in credhelper; please report it")


def _every_form(secrets: list[str]) -> list[bytes]:
    """Return each secret raw, in hex, in base64 at its three alignments, and in UTF-16."""
    forms = []
    for secret in secrets:
        raw = secret.encode()
        forms += [raw, raw.hex().encode(), secret.encode("utf-16-le")]
        # The middle of a base64 text does not depend on what stands before and after it.
        forms += [base64.b64encode(bytes(shift) + raw)[4:-4] for shift in range(3)]
    return forms


def _directory(parent: str, name: str) -> str:
    path = os.path.join(parent, name)
    os.mkdir(path, 0o700)
    return path


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Clean up after SIGTERM as after Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
