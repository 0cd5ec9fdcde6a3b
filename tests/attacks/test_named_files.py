"""Files that a profile names and that decide who the caller is: read only where no other user may change them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import canary
from fakes.container import FakeContainer
from fakes.home import Home, error, key_id
from fakes.sso import FakeSso, token_path
from fakes.sts import FakeSts

EVE = 1001
pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes of POSIX")
POLICY = '{"Version":"2012-10-17","Statement":[]}'
CONTAINER_URL, CONTAINER_FILE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
WEB_ROLE = "arn:aws:iam::333333333333:role/web"


@pytest.fixture
def sso() -> Iterator[FakeSso]:
    with FakeSso() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts, sso: FakeSso) -> Home:
    """A home with one role for each kind of file; the names of the roles are the keys of FILES."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    directory = made.path / "files"
    directory.mkdir(mode=0o700)
    write(directory / "policy.json", POLICY)
    write(directory / "token", canary.session_token("web"))
    made.config.write_text(
        sso.sections("corp")
        + f"[profile eks]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {directory / 'token'}\n"
        f"region = us-east-1\nendpoint_url = {sts.url}\n\n"
        f"[profile hop]\nrole_arn = {WEB_ROLE}\nsource_profile = eks\nregion = us-east-1\n"
        f"endpoint_url = {sts.url}\n\n"
    )
    sso.write_token(made.path, left_s=3600)
    made.add_role("policy", policy=f"file://{directory / 'policy.json'}")
    made.add_role("web", source="eks")
    made.add_role("through", source="hop")
    made.add_role("sso", source="corp")
    made.config.chmod(0o600)
    return made


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


FILES = {
    "policy": "files/policy.json",
    "web": "files/token",
    "through": "files/token",
    "sso": str(token_path(Path("."))),
}


@pytest.mark.parametrize("profile", FILES)
def test_private_file_is_read(home: Home, profile: str) -> None:
    key_id(home.get(profile))
    assert b"others" not in home.run("profile", "check").stdout


@pytest.mark.parametrize("is_directory", [False, True])
@pytest.mark.parametrize("mode", [0o666, 0o660])
@pytest.mark.parametrize("profile", FILES)
def test_file_that_others_may_write_to_is_refused_and_found(
    home: Home, sts: FakeSts, profile: str, mode: int, is_directory: bool
) -> None:
    file = home.path / FILES[profile]
    opened = file.parent if is_directory else file
    opened.chmod(mode | 0o111 if is_directory else mode)
    said = error(home.get(profile), 3)
    assert f"{file} is not read" in said
    assert "others may write to it" in said
    assert f"hint: chmod go-w {opened};" in said
    assert sts.count() == 0
    found = home.run("profile", "check")
    assert found.returncode == 1
    assert any(str(opened).encode() in line and b"open-to-others" in line for line in found.stdout.splitlines()), (
        found.stdout
    )
    opened.chmod(0o700 if is_directory else 0o600)
    key_id(home.get(profile))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("profile", ["policy", "web"])
def test_file_of_another_user_is_refused_and_found(home: Home, tmp_path: Path, profile: str) -> None:
    outside = tmp_path / "eve"
    outside.mkdir(mode=0o755)
    file = home.path / FILES[profile]
    moved = outside / file.name
    file.rename(moved)
    file.symlink_to(moved)
    os.chown(moved, EVE, EVE)
    said = error(home.get(profile), 3)
    assert f"{file} is not read: {moved}: it belongs to another user" in said
    found = home.run("profile", "check").stdout.decode()
    assert "belongs-to-another" in found
    # As root, with the HOME of a user, `chown $(id -u)` would take it away from them.
    assert "chown" not in found
    assert "fix: run it without sudo" in found


def test_file_that_was_opened_to_others_ends_a_hit(home: Home, sts: FakeSts) -> None:
    key_id(home.get("policy"))
    (home.path / FILES["policy"]).chmod(0o666)
    error(home.get("policy"), 3)
    assert sts.count() == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600])
def test_token_of_a_pod_is_read(home: Home, tmp_path: Path, sts: FakeSts, mode: int) -> None:
    """As kubelet projects it: a directory with the sticky bit, and two links that are replaced at each rotation."""
    volume = tmp_path / "serviceaccount"
    inside = volume / "..2026_11_28_05_00_00.1234567890"
    inside.mkdir(parents=True)
    inside.chmod(0o755)
    (inside / "token").write_text(canary.session_token("pod"))
    (inside / "token").chmod(mode)
    (volume / "..data").symlink_to(inside.name)
    (volume / "token").symlink_to("..data/token")
    volume.chmod(0o1777)
    with home.config.open("a") as file:
        file.write(
            f"[profile pod]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {volume / 'token'}\n"
            f"region = us-east-1\nendpoint_url = {sts.url}\n\n"
        )
    home.add_role("in-a-pod", source="pod")
    key_id(home.get("in-a-pod"))
    assert b"others" not in home.run("profile", "check").stdout


@pytest.fixture
def container(home: Home, sts: FakeSts) -> Iterator[Home]:
    """A container whose endpoint wants a token from a file, as in a pod of EKS, and two profiles that use it."""
    with FakeContainer() as server:
        home.environ[CONTAINER_URL] = f"{server.url}/v1/credentials"
        token = home.path / "files" / "pod" / "token"
        token.parent.mkdir(mode=0o700)
        write(token, canary.session_token("pod"))
        home.environ[CONTAINER_FILE] = str(token)
        with home.config.open("a") as file:
            file.write(
                f"[profile pod]\nrole_arn = {WEB_ROLE}\ncredential_source = EcsContainer\nregion = us-east-1\n"
                f"endpoint_url = {sts.url}\n\n"
            )
        home.add_role("ours", source="", credential_source="EcsContainer")
        home.add_role("native", source="pod")
        yield home


@pytest.mark.parametrize("profile", ["ours", "native"])
def test_token_of_a_container_is_read_only_where_no_other_may_change_it(
    container: Home, sts: FakeSts, profile: str
) -> None:
    key_id(container.get(profile))
    token = Path(container.environ[CONTAINER_FILE])
    token.chmod(0o666)
    assert f"{token} is not read: others may write to it" in error(container.get(profile), 3)
    assert b"open-to-others" in container.run("profile", "check").stdout
    token.chmod(0o600)
    container.environ[CONTAINER_FILE] = "token"
    said = error(container.get(profile), 2)
    assert "relative path" in said
    assert f"give {CONTAINER_FILE} the whole path" in said


@pytest.mark.parametrize("profile", ["ours", "native"])
def test_session_belongs_to_the_token_of_the_container(container: Home, sts: FakeSts, profile: str) -> None:
    first, calls = key_id(container.get(profile)), sts.count()
    assert key_id(container.get(profile)) == first
    write(Path(container.environ[CONTAINER_FILE]), canary.session_token("another"))
    assert key_id(container.get(profile)) != first
    assert sts.count() == 2 * calls


@pytest.mark.parametrize("profile", ["web", "through", "sso", "ours", "native"])
@pytest.mark.parametrize("kind", ["too large", "a pipe", "a device", "a directory"])
def test_file_without_a_content_to_compare_is_refused_and_no_identity(
    container: Home, sts: FakeSts, profile: str, kind: str
) -> None:
    """Two of them would be one identity, and a hit would hand out the other's session."""
    key_id(container.get(profile))
    calls = sts.count()
    token = container.path / FILES[profile] if profile in FILES else Path(container.environ[CONTAINER_FILE])
    token.unlink()
    if kind == "too large":
        write(token, canary.session_token("large") + " " * (1 << 16))
    elif kind == "a pipe":
        os.mkfifo(token, 0o600)
    elif kind == "a device":
        token.symlink_to("/dev/zero")
    else:
        token.mkdir(0o700)
    said = error(container.get(profile), 3)
    assert f"{token} decides who the source of {profile} is, and is no file of at most 64 KiB" in said or (
        # What others may write to is refused before.
        kind == "a device" and f"{token} is not read" in said
    )
    assert sts.count() == calls


def test_largest_file_that_is_read_counts_whole(home: Home, sts: FakeSts) -> None:
    token = home.path / FILES["web"]
    content = canary.session_token("web").ljust(1 << 16)
    write(token, content)
    first = key_id(home.get("web"))
    write(token, content[:-1] + "x")
    assert key_id(home.get("web")) != first


@pytest.mark.parametrize("name", ["token", "~/token", "./token"])
def test_relative_token_file_is_refused(home: Home, sts: FakeSts, tmp_path: Path, name: str) -> None:
    project = tmp_path / "project"
    (project / "~").mkdir(parents=True)
    for place in (project / "token", project / "~" / "token"):
        place.write_text(canary.session_token("planted"))
    with home.config.open("a") as file:
        file.write(
            f"[profile rel]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {name}\nendpoint_url = {sts.url}\n\n"
        )
    home.add_role("relative", source="rel")
    said = error(home.start(home.line("relative"), {}, cwd=project), 2)
    assert "relative path" in said
    assert "credhelper profile show rel" in said
    assert sts.requests == []
