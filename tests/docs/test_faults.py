"""``docs/faults.md``: its examples run, its lists are whole, and its table is what clients see."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.faults import FaultImpossible, PlanError, SkewClock, script_of
from azfiles_sim.faults.faulty import Faulty
from azfiles_sim.faults.outcomes import WORDS
from azfiles_sim.messages import Request
from tests.faults.seen import ALL_WAYS, FAULTS, PAGE, SDK_HEADING, SOME_WAYS, cells, sdk_table, table, table_in
from tests.proof import THOROUGH

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_first_example_prints_the_diary_beside_it(capsys):
    exec(compile(EXAMPLES[0], "docs/faults.md, first", "exec"), {})
    [expected] = re.findall(r"```\n(#.*?)```", TEXT, re.DOTALL)
    assert capsys.readouterr().out == expected


def test_the_cassette_gets_faults_that_it_never_recorded(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    to = "UseDevelopmentStorage=true"
    with azfiles.connect(
        to, transport=azfiles.recording(azfiles.InProcessTransport(Simulator().handle), "tape.yaml")
    ) as service:
        service.share("data").create()
        service.share("data").file("f").create(4)
        service.share("data").file("f").get_range(0, 4)
    names: dict[str, object] = {"azfiles": azfiles}
    exec(compile(EXAMPLES[1], "docs/faults.md, cassette", "exec"), names)
    file = names["client"].share("data").file("f")  # type: ignore[attr-defined]  # the page's
    with pytest.raises(azfiles.TransportError, match="the body ended after 0 of 4 bytes"):
        file.get_range(0, 4)
    assert names["faulty"].diary_text == "#1 GET /data/f: reply cut after 0 bytes\n"  # type: ignore[attr-defined]


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
