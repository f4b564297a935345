"""``docs/faults.md``: its lists are whole, and its table is what clients see."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import pytest

from azfiles_sim.faults import FaultImpossible, PlanError, SkewClock, script_of
from azfiles_sim.faults.faulty import Faulty
from azfiles_sim.faults.outcomes import WORDS
from azfiles_sim.messages import Request
from tests.faults.seen import ALL_WAYS, FAULTS, PAGE, SDK_HEADING, SOME_WAYS, cells, sdk_table, table, table_in
from tests.proof import THOROUGH

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_plan_in_toml_is_one():
    [document] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    script = script_of(tomllib.loads(document))
    assert (script.seed, len(script.rules)) == (7, 2)


def test_the_quoted_error_is_what_is_said():
    with pytest.raises(PlanError) as caught:
        script_of({"rules": [{"fault": "lose_repl"}]})
    assert f"`{str(caught.value).replace(' or lose_lease', '')}`" in TEXT


def test_the_list_has_every_fault_with_all_that_it_takes():
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)\(([^)]*)\)` \|", TEXT, re.MULTILINE)
    known = [(word, kind.__name__, ", ".join(field.name for field in fields(kind))) for word, kind in WORDS.items()]
    assert listed == known


def test_what_needs_the_simulator_says_so_before_anything_else():
    faulty = Faulty(lambda *_: None, lambda _: SkewClock(1))
    with pytest.raises(FaultImpossible, match=r"Simulator\(faults=plan\)"):
        faulty.handle(Request("GET", "/"))


SOME_FAULTS = list(FAULTS)[:: 1 if THOROUGH else 4]


def test_the_table_is_what_clients_see(tmp_path):
    """Every fourth fault on two ways in ``make test``, all on all thirteen in CI."""
    seen = cells(ALL_WAYS if THOROUGH else SOME_WAYS, tmp_path, SOME_FAULTS)
    assert table(seen).splitlines() == rows_of(table_in(TEXT))


def test_the_second_table_is_what_the_official_sdk_sees(caplog):
    """With the version that is tested against; it logs what it could not read."""
    caplog.set_level("CRITICAL")
    assert sdk_table(SOME_FAULTS).splitlines() == rows_of(table_in(TEXT, SDK_HEADING))


def rows_of(table):
    """The head of a table and its rows of these faults; there are rows of all."""
    head, line, *rows = table.splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == list(FAULTS)
    return [head, line, *rows[:: 1 if THOROUGH else 4]]
