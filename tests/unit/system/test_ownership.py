"""Who may replace our files: the rule for the directories above them, OpenSSH's with two exceptions."""

import grp
import os
import pwd
import stat

import pytest

from credhelper.system import ownership

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


def test_parents_go_up_to_the_root() -> None:
    assert list(ownership.parents("/a/b/c")) == ["/a/b", "/a", "/"]
