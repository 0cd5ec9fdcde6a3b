"""The diff that an edit is shown as."""

from credhelper.awsconfig.document.diff import unified_diff


def test_diff_of_a_long_file_has_the_right_line_numbers() -> None:
    before = "".join(f"line {number}\n" for number in range(100_000)).encode()
    diff = unified_diff(before, before.replace(b"line 70000\n", b"changed\n"), "config").splitlines()
    assert diff[2] == "@@ -69998,7 +69998,7 @@"
    assert diff[6:8] == ["-line 70000", "+changed"]
