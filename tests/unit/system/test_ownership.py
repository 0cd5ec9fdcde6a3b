"""Who may replace our files: the rule for the directories above them, OpenSSH's with two exceptions."""

import grp
import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from credhelper.errors import MachineError
from credhelper.system import mounts, ownership

posix_only = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes of POSIX")


def directory(mode: int, uid: int = 0, gid: int = 0) -> os.stat_result:
    return os.stat_result((stat.S_IFDIR | mode, 1, 1, 2, uid, gid, 0, 0, 0, 0))


def private_group() -> tuple[int, int]:
    """Return user and group ids of somebody with a group of their own, as most systems give everybody."""
    for user in pwd.getpwall():
        try:
            group = grp.getgrgid(user.pw_gid)
        except KeyError:
            continue
        if user.pw_uid and group.gr_name == user.pw_name and not group.gr_mem:
            return user.pw_uid, user.pw_gid
    pytest.skip("nobody here has a group of their own")


@posix_only
@pytest.mark.parametrize(
    ("mode", "is_open"), [(0o755, False), (0o700, False), (0o775, True), (0o757, True), (0o777, True), (0o1777, False)]
)
def test_directory_is_open_where_others_may_write_and_nothing_is_sticky(mode: int, is_open: bool) -> None:
    assert ownership.is_open_to_others(directory(mode)) == is_open


@posix_only
def test_group_of_the_owner_alone_is_nobody_else() -> None:
    uid, gid = private_group()
    assert not ownership.is_open_to_others(directory(0o775, uid, gid))
    assert ownership.is_open_to_others(directory(0o777, uid, gid))
    assert ownership.is_open_to_others(directory(0o775, uid, 0))
    assert ownership.is_open_to_others(directory(0o775, 0, gid))


@posix_only
def test_group_with_another_member_is_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    uid, gid = private_group()
    name = pwd.getpwuid(uid).pw_name
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: grp.struct_group((name, "x", gid, [name, "mallory"])))
    assert ownership.is_open_to_others(directory(0o775, uid, gid))


@posix_only
def test_directory_belongs_to_another_unless_it_is_ours_or_roots() -> None:
    assert ownership.belongs_to_another(directory(0o755, 1001), 1000)
    assert not ownership.belongs_to_another(directory(0o755, 1000), 1000)
    assert not ownership.belongs_to_another(directory(0o755, 0), 1000)


ME, EVE = 1000, 1001


@posix_only
def test_account_whose_primary_group_it_is_counts_as_a_member(monkeypatch: pytest.MonkeyPatch) -> None:
    def account(name: str, uid: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((name, "x", uid, ME, "", f"/home/{name}", "/bin/sh"))

    accounts = [account("david", ME)]
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: accounts[0])
    monkeypatch.setattr(pwd, "getpwall", lambda: accounts)
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: grp.struct_group(("david", "x", ME, [])))
    assert not ownership.is_open_to_others(directory(0o775, ME, ME))
    accounts.append(account("eve", EVE))  # useradd -g david eve
    assert ownership.is_open_to_others(directory(0o775, ME, ME))


@posix_only
def test_access_list_makes_the_groups_bits_somebody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    uid, gid = private_group()
    if not hasattr(os, "listxattr"):
        pytest.skip("access lists as attributes are Linux's")
    assert not ownership.is_open_to_others(directory(0o775, uid, gid), str(tmp_path))
    monkeypatch.setattr(os, "listxattr", lambda _path: ["system.posix_acl_access"])
    assert ownership.is_open_to_others(directory(0o775, uid, gid), str(tmp_path))


@posix_only
def test_sticky_bit_of_a_file_protects_nothing() -> None:
    assert ownership.is_open_to_others(os.stat_result((stat.S_IFREG | 0o1666, 1, 1, 1, 0, 0, 0, 0, 0, 0)))


@pytest.fixture
def aws(tmp_path: Path) -> Path:
    """The directory ~/.aws of this test's home, with a config in it."""
    made = tmp_path / "home" / ".aws"
    (made / "config").write_text("")
    (made / "config").chmod(0o600)
    return made


OPENED = {
    "file": ("config", 0o666),
    "file for a group": ("config", 0o660),
    "directory": (".", 0o777),
    "directory for a group": (".", 0o770),
    "home": ("..", 0o777),
}


@posix_only
@pytest.mark.parametrize("case", OPENED)
def test_file_that_others_may_change_is_not_trusted(aws: Path, case: str) -> None:
    name, mode = OPENED[case]
    config = str(aws / "config")
    assert ownership.fault_of(config) is None
    place = os.path.normpath(aws / name)
    os.chmod(place, mode)
    fault = ownership.fault_of(config)
    assert fault is not None
    assert (fault.place, fault.reason) == (place, ownership.OPEN)
    with pytest.raises(MachineError, match="is not read") as caught:
        ownership.require_trusted(config)
    assert f"chmod go-w {place}" in caught.value.hint
    accept(caught.value.hint)
    assert ownership.fault_of(config) is None


def accept(hint: str) -> None:
    """Run the command of the hint that accepts the place as it is."""
    command = hint[hint.index("(umask") :]
    subprocess.run(["/bin/sh", "-c", command], check=True)


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("given", ["config", ".", ".."])
def test_file_of_another_user_is_not_trusted_wherever_it_is_theirs(aws: Path, given: str) -> None:
    place = os.path.normpath(aws / given)
    os.chown(place, EVE, EVE)
    fault = ownership.fault_of(str(aws / "config"), ME)
    assert fault is not None
    assert (fault.place, fault.reason) == (place, ownership.BELONGS)


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_root_reads_what_is_mounted_into_its_own_home_and_nothing_in_the_home_of_another(aws: Path) -> None:
    config = str(aws / "config")
    for place in (aws, aws / "config"):
        os.chown(place, EVE, EVE)
    assert ownership.fault_of(config) is None
    aws.chmod(0o775)
    assert ownership.fault_of(config) is not None
    aws.chmod(0o755)
    os.chown(aws.parent, EVE, EVE)  # sudo kept HOME
    fault = ownership.fault_of(config)
    assert fault is not None
    assert fault.place == str(aws.parent)
    with pytest.raises(PermissionError):
        ownership.make_private_directory(str(aws.parent / ".cache" / "credhelper"))
    assert not (aws.parent / ".cache").exists()


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a link away")
@pytest.mark.parametrize("hops", [1, 2])
def test_link_that_another_user_may_turn_elsewhere_is_not_followed(aws: Path, tmp_path: Path, hops: int) -> None:
    theirs = tmp_path / "eve"
    theirs.mkdir(mode=0o755)
    (theirs / "link").symlink_to(aws.parent)
    way = theirs / "link"
    if hops == 2:
        way = tmp_path / "mine"
        way.symlink_to(theirs / "link")
    os.chown(theirs, EVE, EVE)
    assert ownership.fault_of(str(way / ".aws" / "config")) is not None
    with pytest.raises(PermissionError):
        ownership.make_private_directory(str(way / ".cache" / "credhelper"))
    assert not (aws.parent / ".cache").exists()


@posix_only
def test_link_of_this_user_is_followed(aws: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(aws.parent)
    assert ownership.fault_of(str(tmp_path / "mine" / ".aws" / "config")) is None
    ownership.make_private_directory(str(tmp_path / "mine" / ".cache" / "credhelper"))
    assert (aws.parent / ".cache" / "credhelper").is_dir()


@posix_only
@pytest.mark.parametrize("path", [os.devnull, "/dev/fd/0", "/nonexistent/x", "."])
def test_what_is_no_file_is_left_to_the_reader(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert ownership.fault_of(path) is None


@posix_only
def test_list_of_trusted_directories_has_to_be_this_users_own(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.chmod(0o777)
    listed = Path(ownership.trusted_list())
    listed.write_text(f"relative\n{aws}\n")
    listed.chmod(0o600)
    assert ownership.fault_of(str(aws / "config")) is None
    assert ownership.fault_of(str(aws)) is None
    listed.chmod(0o666)
    assert ownership.fault_of(str(aws / "config")) is not None
    monkeypatch.setattr(mounts, "kind_of", lambda _path: "9p")  # chmod has no effect there: WSL's view of C:
    assert ownership.fault_of(str(aws / "config")) is None
    os.link(listed, aws / "second-name")
    assert ownership.fault_of(str(aws / "config")) is not None


MOUNTS = """\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
25 22 0:5 / /dev rw - devtmpfs udev rw
30 25 0:23 / /dev/shm rw,nosuid shared:4 - tmpfs tmpfs rw
40 22 0:40 / /mnt/c rw - 9p C:\\134 rw
41 22 0:41 / /with\\040blank rw - cifs //x/y rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home", "ext4"),
        ("/dev/shm", "tmpfs"),
        ("/dev/shmx", "devtmpfs"),
        ("/mnt/c/Users", "9p"),
        ("/with blank/x", "cifs"),
    ],
)
def test_file_system_is_that_of_the_nearest_mount(tmp_path: Path, path: str, kind: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert mounts.kind_of(path, str(table)) == kind
    assert mounts.kind_of(path, str(tmp_path / "none")) == ""


def test_parents_go_up_to_the_root() -> None:
    assert list(ownership.parents("/a/b/c")) == ["/a/b", "/a", "/"]
