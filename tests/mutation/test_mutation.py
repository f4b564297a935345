"""Whether the mutation score can be believed: it is counted here for a package of which each mutant's fate is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import AROUND, ROOT
from tests.mutation.mutants import Mutant, candidates, draw, enums_of, modules_of
from tests.mutation.reach import Names
from tests.mutation.record import Record
from tests.mutation.report import Explanation, is_explained, read_explanations, wrong_explanations
from tests.proof import THOROUGH

RULES = '''
from __future__ import annotations

LIMIT: int = 10
PRESET: int = 5


def allowed(number: int) -> bool:
    """Whether a number is below the limit."""
    return number < LIMIT


def count_down(number: int) -> int:
    while number > 0:
        number -= 1
    return number


def forgotten(number: int) -> int:
    return number * 2


def hardly_looked_at(number: int) -> int:
    return number + 7


def asked_early(number: int) -> int:
    return number - 3
'''
CHECKS = """
from sums.rules import PRESET, allowed, asked_early, count_down, hardly_looked_at

MADE_WHILE_COLLECTING = asked_early(10)

def test_the_limit_is_out():
    assert allowed(9) is True and allowed(10) is False

def test_nothing_is_left():
    assert count_down(1) == 0

def test_it_is_a_number():
    assert isinstance(hardly_looked_at(1), int)

def test_a_table_that_only_this_test_reads():
    assert PRESET == 5

def test_what_was_made_early():
    assert MADE_WHILE_COLLECTING == 7
"""


def written(folder: Path, checks: str = CHECKS) -> Path:
    """A package with a tested table and function, one that no test runs, and one that is run but not looked at."""
    for name, text in {"sums/__init__.py": "", "sums/rules.py": RULES, "checks/test_sums.py": checks}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def all_mutants(project: Path) -> list[Mutant]:
    modules = modules_of(project, ["sums"])
    return [mutant for module in modules for mutant in candidates(module, enums_of(modules))]


def count(project: Path) -> tuple[int, str]:
    """Count the sample's score: the exit status and what was printed."""
    places = ["--root", str(project), "--package", "sums", "--around", "sums", "--tests", "checks"]
    command = [sys.executable, "-m", "tests.mutation", *places, "--seed", "5", "--patience", "0.1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ran.returncode, ran.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.mark.skipif(not THOROUGH, reason="it runs tests of tests: AZFILES_THOROUGH=1, as in CI, has it")
def test_what_a_test_claims_is_seen_what_none_claims_is_told_and_neither_is_judged_twice(project: Path) -> None:
    status, told = count(project)
    kept = json.loads((project / ".proof" / "mutation" / "seed-5.json").read_text(encoding="utf-8"))["content"]
    drawn = draw(all_mutants(project), len(kept), 5)
    fates = {" > ".join(mutant.texts): kept[str(number)][0] for number, mutant in enumerate(drawn)}
    assert fates["return number < LIMIT > return number <= LIMIT"] == "killed"
    assert fates["LIMIT: int = 10 > LIMIT: int = 11"] == "killed", "a table is loaded anew"
    assert fates["PRESET: int = 5 > PRESET: int = 6"] == "killed", "a test reads it itself"
    assert fates["return number - 3 > return number + 3"] == "killed", (
        "no test runs it: it ran while they were collected"
    )
    assert fates["while number > 0: number -= 1 > while number > 0: number += 1"] == "timed out"
    assert fates["return number + 7 > return number - 7"] == "survived", "run, but not looked at"
    assert fates["return number * 2 > return None"] == "survived", "not run by any test"
    assert "sums/rules.py:20 forgotten [return]\n  - return number * 2\n  + return None\n" in told
    survived = [*fates.values()].count("survived")
    raw = 100 * (len(fates) - survived) / len(fates)
    assert f"{len(fates)} mutants, raw score {raw:.1f} %" in told
    assert status == 1, "below the floor"
    _, again = count(project)
    assert f"{len(fates)} were judged by an earlier run" in again
    assert f"raw score {raw:.1f} %" in again


def test_a_test_that_fails_without_a_mutant_ends_the_count(tmp_path: Path) -> None:
    status, told = count(written(tmp_path, CHECKS + "\ndef test_wrong():\n    assert count_down(3) == 3\n"))
    assert (status, "fails without a mutant: checks/test_sums.py::test_wrong" in told) == (2, True)


def test_a_table_is_judged_by_what_reads_a_table_that_it_stands_in_under_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "tables.py").write_text("LIMIT = 10\nTABLE = {'most': LIMIT}\nUNUSED = 3\n", encoding="utf-8")
    (tmp_path / "sums" / "readers.py").write_text(
        "from sums.tables import TABLE as limits\n\n"
        "class Reader:\n    def read(self):\n        return limits['most']\n\n"
        "def other():\n    return 1\n",
        encoding="utf-8",
    )
    names = Names(modules_of(tmp_path, ["sums"]))
    assert names.reached(["LIMIT"]) == names.reached(["TABLE"]) == {("sums/readers.py", "Reader.read")}
    assert names.reached(["UNUSED"]) == set()


def test_what_was_judged_holds_for_the_same_code_only(tmp_path: Path) -> None:
    first = Record(tmp_path / "kept.json", {"version": "one", "seed": 5})
    first.content["0"] = ["killed", "a test", 0.1]
    first.save()
    assert Record(tmp_path / "kept.json", {"version": "one", "seed": 5}).content == first.content
    assert Record(tmp_path / "kept.json", {"version": "two", "seed": 5}).content == {}
    assert Record(tmp_path / "kept.json", {"version": "one", "seed": 6}).content == {}


def test_the_same_seed_draws_the_same_mutants_of_the_same_code(project: Path) -> None:
    def texts(count: int, seed: int) -> list[tuple[str, str]]:
        return [mutant.texts for mutant in draw(all_mutants(project), count, seed)]

    assert texts(8, 5) == texts(8, 5) == texts(12, 5)[:8]
    assert texts(8, 5) != texts(8, 6)


def test_every_mutant_is_a_program_other_than_the_module(project: Path) -> None:
    mutants = all_mutants(project)
    whole = compile(mutants[0].module.tree, str(mutants[0].module.path), "exec")
    for mutant in mutants:
        assert mutant.compile() != whole
    assert compile(mutants[0].module.tree, str(mutants[0].module.path), "exec") == whole, "the tree is as it was"


def test_an_explanation_holds_for_its_text_and_only_while_it_is_true(project: Path) -> None:
    mutants = all_mutants(project)
    (chosen,) = [mutant for mutant in mutants if mutant.texts == ("return number + 7", "return number + 8")]
    explanation = Explanation("sums/rules.py", "hardly_looked_at", "return number + 7", "return number + 8", "any")
    assert [mutant for mutant in mutants if is_explained(mutant, [explanation])] == [chosen]
    assert list(wrong_explanations(mutants, {chosen: "survived"}, [explanation])) == []
    assert len(list(wrong_explanations(mutants, {chosen: "killed"}, [explanation]))) == 1
    stale = Explanation("sums/rules.py", "hardly_looked_at", "return number + 5", "return number + 8", "any")
    assert len(list(wrong_explanations(mutants, {chosen: "survived"}, [stale]))) == 1


@pytest.mark.skipif(not THOROUGH, reason="it makes all mutants: AZFILES_THOROUGH=1, as in CI, has it")
def test_every_mutant_that_is_explained_is_still_one() -> None:
    explanations = read_explanations(ROOT / "tests" / "mutation" / "explained.toml")
    files = {explanation.file for explanation in explanations}
    around = modules_of(ROOT, AROUND)
    enums = enums_of(around)
    mutants = [mutant for module in around if module.file in files for mutant in candidates(module, enums)]
    assert list(wrong_explanations(mutants, {}, explanations)) == []
