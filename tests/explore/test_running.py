"""Programs from numbers, carried out and judged; the same number gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.program import Kind, as_document, from_document
from azfiles_sim.explore.running import run
from tests.proof import FOLDER, PROVING, Count, text

SEED = 0
SEEDS = 2000 if PROVING else 40


def test_no_history_of_several_clients_under_faults_is_impossible():
    count = Count("explore", SEED, folder=FOLDER if PROVING else None)
    figures = count.figures
    while figures["seeds"] < SEEDS:
        seed = SEED + figures["seeds"]
        result = run(compose(seed, Scale()))
        assert result.violation is None, f"azfiles-sim explore --from {seed} --seeds 1\n{result.violation}"
        assert not result.undecided, seed
        figures["seeds"] += 1
        figures["requests"] += result.requests
        figures["faults"] += len(result.diary)
        figures["violations"] += 0  # the first would have failed
        if figures["seeds"] % 100 == 0:
            count.save()
    count.save()
    print(text({"explore": figures}), end="")
    assert figures["faults"] > figures["requests"] * 0.05


def test_the_same_number_gives_the_same_bytes_in_every_process():
    code = (
        "from azfiles_sim.explore.composing import compose, Scale\n"
        "from azfiles_sim.explore.running import run\n"
        "for seed in range(3):\n"
        "    result = run(compose(seed, Scale()))\n"
        "    print(result.digest, result.history, result.diary)\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    here = "".join(f"{one.digest} {one.history} {one.diary}\n" for one in (run(compose(s, Scale())) for s in range(3)))
    assert told[0].decode() == here


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


def test_every_kind_of_step_is_done_refused_and_lost():
    """A kind that were never done, or never met a fault, would prove nothing."""
    seen: dict[str, set[str]] = {}
    for seed in range(80):
        for entry in run(compose(seed, Scale())).history:
            seen.setdefault(type(entry.action).__name__, set()).add(type(entry.outcome).__name__)
    always_done = {"TakeSnapshot", "ReadShare", "Increment"}
    for name, outcomes in seen.items():
        assert {"Done", "Unknown"} <= outcomes or name in always_done, name
        assert "Refused" in outcomes or name in always_done, name
    assert len(seen) == len(Kind) - len([Kind.SLEEP, Kind.LOOK, Kind.READ_SNAPSHOT])
