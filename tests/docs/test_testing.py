"""The code in docs/testing.md runs as it stands there."""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from azfiles_sim.testing import SimulatorTarget, environment, strategies
from azfiles_sim.testing.environment import DECLARABLE

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def executed(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[number], f"docs/testing.md, block {number}", "exec"), names)
    return names


def test_the_property_holds() -> None:
    few = settings(max_examples=10, deadline=None, print_blob=True)
    few(executed(0)["test_a_file_comes_back_as_it_was"])()


def test_the_machine_with_a_rule_of_ones_own_finds_nothing_wrong() -> None:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(executed(1)["TestMyMachine"]).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def test_a_simulator_does_not_differ_from_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    executed(2)
    assert capsys.readouterr().out == "no difference\n"


def test_a_target_of_ones_own_takes_the_place_of_the_runs() -> None:
    names = executed(3)
    assert {"client", "share", "pytest_configure", "target"} <= set(names)
    with next(names["target"].__wrapped__()) as target:
        assert isinstance(target, SimulatorTarget)


def test_every_strategy_is_named() -> None:
    drawing = {name for name in strategies.__all__ if name.islower()}
    assert drawing <= set(re.findall(r"`([a-z_]+)(?:\(size\))?`", PAGE.split("## The machine", maxsplit=1)[0]))


def test_every_variable_and_capability_is_named() -> None:
    variables = {
        environment.ENDPOINT,
        environment.LIVE,
        environment.CAPABILITIES,
        environment.API_VERSION,
        environment.CA_FILE,
    }
    assert variables <= set(re.findall(r"`(AZFILES_\w+)`", PAGE))
    assert {name.name.lower().replace("_", "-") for name in DECLARABLE} <= set(re.findall(r"`([a-z-]+)`", PAGE))
