"""The plugin is found by its entry point, and costs those who do not use it next to nothing."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.metadata import entry_points

import pytest

from azfiles_sim import pytest_plugin
from azfiles_sim.pytest_plugin.choosing import Asked

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


def test_its_options_and_its_mark_are_known_and_its_fixtures_tell_what_they_are(pytestconfig: pytest.Config) -> None:
    assert {"azfiles_record", "azfiles_live", "azfiles_simulator"} <= set(vars(pytestconfig.option))
    [mark] = [line for line in pytestconfig.getini("markers") if line.startswith("azfiles_cassette")]
    named = set(re.findall(r"(\w+)=", mark))
    assert named == {one.name for one in fields(Asked)}
    fixtures = {name: value for name, value in vars(pytest_plugin).items() if name.startswith("azfiles_")}
    assert len(fixtures) == 10
    assert all(value.__doc__ for value in fixtures.values())
