"""Mistakes are found: each one, put into the simulator alone, by the tape or machine that has to find it."""

from __future__ import annotations

from random import Random

import pytest

from azfiles_sim.testing import SimulatorTarget, find_difference
from tests.proof import THOROUGH

from . import tapes
from .bench import Bench, simulator
from .budget import BUGS_TRIED, COUNTS, EXAMPLES, MODEL_EXAMPLES, SEED, STEPS, WALKS_SEED
from .bugs import BUGS, MODEL, Bug
from .comparison import compare_recorded
from .machines import MACHINES
from .running import run

ON_TAPE = [one for one in BUGS if one.finder != MODEL]
LIVE = [one for one in BUGS if one.finder in MACHINES]
FOR_THE_MODEL = [one for one in BUGS if one.finder == MODEL]


def test_there_are_enough_and_each_has_a_name() -> None:
    assert len({one.name for one in BUGS}) == len(BUGS) >= 40


@pytest.mark.parametrize("one", ON_TAPE if THOROUGH else ON_TAPE[::7], ids=str)
def test_a_mistake_is_found_on_tape(one: Bug) -> None:
    """That nothing is found where there is none is a claim of ``test_tapes``."""
    with one.place(), pytest.raises(AssertionError):
        play(one.finder)


def play(tape: str) -> None:
    for history in tapes.histories(tape):
        compare_recorded(history, simulator("oracle"))


@pytest.mark.parametrize("number", range(BUGS_TRIED if COUNTS is None else len(LIVE)))
def test_a_mistake_is_found_by_a_machine_against_azurite(bench: Bench, number: int) -> None:
    """A long run looks for all of them, an ordinary one for some, another choice each time."""
    one = Random(f"{SEED}:{number}").choice(LIVE) if COUNTS is None else LIVE[number]
    print(f"{one}: looked for by {one.finder} from seed {WALKS_SEED}")
    with one.place(), pytest.raises(AssertionError):
        run(MACHINES[one.finder], bench, WALKS_SEED, EXAMPLES, shorten=False)


@pytest.mark.parametrize("one", FOR_THE_MODEL if THOROUGH else FOR_THE_MODEL[:1], ids=str)
def test_a_mistake_that_azurite_has_no_counterpart_for_is_found_by_the_model(one: Bug) -> None:
    """That the model finds nothing where there is none is a claim of ``tests/machines``."""
    with one.place():
        assert find_difference(SimulatorTarget, MODEL_EXAMPLES, STEPS, WALKS_SEED, shrink=False) is not None
