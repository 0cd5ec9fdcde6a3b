"""Hints name commands of the system they are shown on."""

import pytest

from credhelper.system.machine import LINUX, MACOS, WINDOWS, Machine, this_machine

ALL = frozenset({"timedatectl", "getent", "pgrep", "ps"})


@pytest.mark.parametrize(
    ("machine", "clock", "name", "processes"),
    [
        (Machine(programs=ALL), "timedatectl set-ntp true", "getent hosts", "pgrep -af"),
        (Machine(platform=LINUX), "date -u", "nslookup", ""),
        (Machine(is_wsl=True, programs=ALL), "hwclock -s", "getent", "pgrep"),
        (Machine(is_container=True, programs=ALL), "runs this container", "getent", "pgrep"),
        (Machine(platform=MACOS, programs=ALL), "sntp", "dscacheutil", "ps -ax"),
        (Machine(platform=WINDOWS), "w32tm", "nslookup", "tasklist"),
    ],
)
def test_commands_are_the_systems_own(machine: Machine, clock: str, name: str, processes: str) -> None:
    assert clock in machine.set_clock
    assert name in machine.look_up("sts.example")
    assert processes in machine.list_processes("credhelper")
    assert bool(processes) is bool(machine.list_processes("credhelper"))
    if not machine.programs:
        shown = machine.set_clock + machine.look_up("x") + machine.list_processes("x")
        assert not any(program in shown for program in ("timedatectl", "getent", "pgrep"))


def test_file_system_is_looked_at_with_what_there_is() -> None:
    assert Machine(programs=frozenset({"findmnt"})).see_mount("/a b") == "findmnt -T '/a b'"
    assert Machine(platform=MACOS).see_mount("/a b") == Machine().see_mount("/a b") == "df '/a b'; mount"
    assert Machine().see_attributes("/a b") == "lsattr -d '/a b'"
    assert Machine(platform=MACOS).see_attributes("/a b") == "ls -ldO '/a b'"


def test_windows_has_commands_of_its_own_for_variables() -> None:
    assert "Remove-Item Env:A, Env:B" in Machine(platform=WINDOWS).unset("A", "B")
    assert Machine().unset("A", "B") == "unset A B"
    assert "Env:AWS_*" in Machine(platform=WINDOWS).list_variables("AWS_")
    assert "env | grep" in Machine().list_variables("AWS_")


def test_this_machine_in_a_cluster_is_a_container() -> None:
    assert this_machine({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}).is_container or this_machine({}).platform == WINDOWS


def test_variable_before_a_command_is_the_shells_own() -> None:
    assert Machine().with_variable("AWS_CONFIG_FILE", "/a b") == "AWS_CONFIG_FILE='/a b'"
    assert Machine(platform=WINDOWS).with_variable("X", "/a").startswith("$Env:X = ")
