"""The code in docs/pytest.md runs as it stands there, in a run of pytest of its own."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from azfiles_sim import pytest_plugin
from azfiles_sim.pytest_plugin.choosing import Asked
from tests.pytest_plugin.conftest import QUIET  # and with it, what a run inside a test must not be the first to import

pytest_plugins = ("pytester",)

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_pass_and_leave_the_cassettes_that_the_page_says(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(test_report=BLOCKS[0], test_more=BLOCKS[1])
    arguments = (*QUIET, "-p", "no:asyncio")  # the page counts on no other plugin than what azfiles brings
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=5)  # the async one under asyncio and under trio
    written = {str(path.relative_to(pytester.path / "cassettes")) for path in pytester.path.rglob("*.yaml")}
    assert written == {
        "test_report/test_a_report_is_kept_while_it_is_leased.yaml",
        "test_more/test_the_official_sdk_on_a_cassette.yaml",
    }
    monkeypatch.setenv("CI", "true")
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=5)


def test_every_fixture_option_and_argument_is_named() -> None:
    fixtures = {name for name in vars(pytest_plugin) if name.startswith("azfiles_")}
    assert len(fixtures) == 10
    arguments = {one.name for one in fields(Asked)}
    assert fixtures | arguments <= set(re.findall(r"`(\w+)[`(]", PAGE))
    assert {"--azfiles-record", "--azfiles-live", "--azfiles-simulator"} <= set(re.findall(r"--azfiles-[a-z]+", PAGE))
