"""Programs from numbers, carried out and judged; the same number gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import get_args

import pytest

from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.program import as_document, from_document
from azfiles_sim.explore.running import run
from tests.explore.exploring import nothing_found
from tests.proof import FOLDER, PROVING, THOROUGH, Count, text

PARTS, SEEDS = (20, 100) if PROVING else (1, 60 if THOROUGH else 20)
KINDS = [*get_args(h.FileAction), *get_args(h.ShareAction), h.TakeSnapshot, h.ListFiles, h.Increment]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_history_of_several_clients_under_faults_is_impossible(part):
    """And each kind of action is done, and most are lost too: one that never were would prove nothing."""
    first = part * SEEDS
    count = Count(f"explore-{part}", first, folder=FOLDER if PROVING else None)
    figures = count.figures
    kinds: Counter[str] = Counter()
    while figures["seeds"] < SEEDS:
        seed = first + figures["seeds"]
        result = nothing_found(seed, Scale())
        figures["seeds"] += 1
        figures["requests"] += result.requests
        figures["faults"] += len(result.diary)
        figures["violations"] += 0  # the first would have failed
        kinds.update(f"{type(entry.action).__name__} {type(entry.outcome).__name__}" for entry in result.history)
    if kinds:  # not all counted before
        assert [kind for kind in KINDS if not kinds[f"{kind.__name__} Done"]] == []
        assert sum(bool(kinds[f"{kind.__name__} Unknown"]) for kind in KINDS) > len(KINDS) * 3 / 4
    assert figures["faults"] > figures["requests"] * 0.05
    count.save()
    print(text({"explore": figures}), end="")


@pytest.mark.skipif(not THOROUGH, reason="it starts two processes: AZFILES_THOROUGH=1, as in CI, has it")
def test_the_same_number_gives_the_same_bytes_in_another_process():
    code = (
        "from azfiles_sim.explore.composing import compose, Scale\n"
        "from azfiles_sim.explore.running import run\n"
        "for seed in range(3):\n"
        "    result = run(compose(seed, Scale()))\n"
        "    print(result.digest, result.history, result.diary)\n"
    )
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": other}, capture_output=True, check=True
    ).stdout
    here = "".join(f"{one.digest} {one.history} {one.diary}\n" for one in (run(compose(s, Scale())) for s in range(3)))
    assert told.decode() == here


def test_other_numbers_give_other_bytes():
    assert len({run(compose(seed, Scale())).digest for seed in range(10)}) == 10


def test_programs_are_of_the_scale_that_was_asked_for():
    programs = [compose(seed, Scale(clients=3, operations=5)) for seed in range(50)]
    assert {len(program.clients) for program in programs} == {2, 3}
    assert {len(client.steps) for program in programs for client in program.clients} == {3, 4, 5}
    assert {len(compose(seed, Scale(clients=1)).clients) for seed in range(5)} == {1}


def test_a_program_survives_being_written_as_json():
    program = run(compose(3, Scale())).with_faults()
    assert program.faults
    assert from_document(json.loads(json.dumps(as_document(program)))) == program


def test_without_faults_every_request_is_answered():
    for seed in range(10):
        result = run(compose(seed, Scale(faults=False)))
        assert result.diary == ()
        assert not any(isinstance(entry.outcome, h.Unknown) for entry in result.history)


def test_naming_the_faults_that_happened_changes_nothing():
    for seed in range(5):
        result = run(compose(seed, Scale()))
        again = run(result.with_faults())
        assert (again.digest, again.diary) == (result.digest, result.diary)
