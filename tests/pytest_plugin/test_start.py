"""The plugin is found by its entry point, and costs those who do not use it next to nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from azfiles_sim import pytest_plugin
from tests.pytest_plugin.conftest import Run

pytest_plugins = ("pytester",)

USED = """
def test_it(azfiles_simulator, azfiles_share):
    azfiles_share.directory("a").create()
    assert [one.operation for one in azfiles_simulator.journal] == ["Create Share", "Create Directory"]
"""
UNUSED = """
import sys

def test_nothing_is_imported():
    names = {name for name in sys.modules if name.partition(".")[0] in ("azfiles", "azfiles_sim", "httpx", "yaml")}
    assert names == {"azfiles_sim", "azfiles_sim.pytest_plugin"}
"""


def test_pytest_finds_it_by_itself_and_it_imports_nothing_before_a_test_needs_it(pytester: pytest.Pytester) -> None:
    assert [one.value for one in entry_points(group="pytest11", name="azfiles")] == ["azfiles_sim.pytest_plugin"]
    pytester.makepyfile(test_a_unused=UNUSED, test_b_used=USED)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


def test_its_fixtures_options_and_mark_are_told(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("def test_it(): ...")
    shown = "\n".join([run("--fixtures").stdout.str(), run("--help").stdout.str(), run("--markers").stdout.str()])
    for name in ("simulator", "server", "transport", "cassette", "clock", "client", "async_client", "share"):
        assert f"azfiles_{name}" in shown
    for option in ("--azfiles-record", "--azfiles-live", "--azfiles-simulator"):
        assert option in shown
    assert "@pytest.mark.azfiles_cassette(name=, mode=, secrets=" in shown
    fixtures = [line for line in shown.splitlines() if line.startswith("azfiles_")]
    assert fixtures
    assert "no docstring available" not in shown[shown.index("azfiles_simulator") : shown.index("azfiles_share --")]


def test_importing_the_plugin_imports_pytest_and_nothing_of_ours() -> None:
    code = (
        f"import sys, {pytest_plugin.__name__};"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('azfiles', 'azfiles_sim')))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "['azfiles_sim', 'azfiles_sim.pytest_plugin']\n"
