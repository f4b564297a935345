"""The command line as a whole: help, errors and exit statuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from azfiles.cli import root
from tests.cli.conftest import Run

GROUPS = {
    "cassette": ("from-sim", "info", "scan", "verify"),
    "lease": ("break", "find"),
    "sas": ("create", "explain"),
    "snapshot": ("create", "delete", "list"),
    "temp": ("clean",),
}
COMMANDS = [
    (),
    *((name,) for name in root.COMMANDS),
    *((group, name) for group, names in GROUPS.items() for name in names),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_into_eighty_columns_and_tells_the_exit_statuses(azfiles_command: Run, command: tuple[str, ...]):
    ran = azfiles_command(*command, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: {' '.join(('azfiles', *command))} ")
    assert max(map(len, ran.out.splitlines())) <= 80
    is_group = not command or command in {(name,) for name in GROUPS}
    assert is_group or "Exit status:\n    " in ran.out


def test_every_command_has_its_help_in_the_list(azfiles_command: Run):
    listed = azfiles_command("--help").out
    assert all(f"\n  {name} " in listed for name in root.COMMANDS)
    for group, names in GROUPS.items():
        listed = azfiles_command(group, "--help").out
        assert all(f"\n  {name} " in listed for name in names)


def test_a_mistyped_command_of_the_first_rank_too(azfiles_command: Run):
    assert "No such command 'synk'. Did you mean 'sync'?" in azfiles_command("synk").err
    assert azfiles_command("xyz").err.endswith("No such command 'xyz'.\n")


def test_a_mistyped_command_is_named_with_the_nearest_and_the_status_is_2(azfiles_command: Run):
    ran = azfiles_command("cassette", "verfy")
    assert (ran.status, ran.out) == (2, "")
    assert "No such command 'verfy'. Did you mean 'verify'?" in ran.err


def test_an_error_of_ours_is_one_line_and_the_status_is_2(azfiles_command: Run, tmp_path: Path):
    (tmp_path / "empty.yaml").touch()
    ran = azfiles_command("cassette", "scan", tmp_path / "empty.yaml")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"azfiles: cassette {tmp_path / 'empty.yaml'}: the file is empty\n"


def test_without_arguments_it_shows_its_help(azfiles_command: Run):
    ran = azfiles_command()
    assert ran.status == 2
    assert ran.err.startswith("Usage: azfiles ")


def test_a_module_starts_it_too_and_it_needs_nothing_that_only_tests_need():
    cassette = Path(__file__).parents[2] / "cassettes" / "first_steps.yaml"
    program = (
        "import runpy, sys\n"
        "sys.modules |= dict.fromkeys(('cryptography', 'httptools', 'hypothesis', 'pytest', 'vcr'))\n"
        f"sys.argv = ['azfiles', 'cassette', 'verify', {str(cassette)!r}]\n"
        "runpy.run_module('azfiles', run_name='__main__')"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{cassette}: 14 requests, no drift\n", "")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_it_says_which_one_to_install(
    azfiles_command: Run, monkeypatch: pytest.MonkeyPatch, missing: str
):
    for name in list(sys.modules):
        if name.startswith((missing, "azfiles.cli.")) and name != "azfiles.cli.entry":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    ran = azfiles_command("cassette", "info", "pyproject.toml")
    assert ran == (2, "", f"azfiles: {missing} is missing; install azfiles-toolkit[cli]\n")
    assert azfiles_command("--help").out.startswith("usage: azfiles COMMAND") == (missing == "click")
