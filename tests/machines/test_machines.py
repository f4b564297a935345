"""The service agrees with the model on every arm, whatever is done to it.

``AZFILES_PROOF=1`` makes 2,000 runs on each arm, going on where it was interrupted. A failure prints the shortest steps
and the seed that finds them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from azfiles_sim.testing import FilesMachine, run_machine
from tests.conformance.arms import Arms
from tests.proof import FOLDER, PROVING, Count

from .arms import InProcess, OnDisk, OverHttps, Replayed

SEED: Final = 20_260_101
STEPS: Final = 25
RUNS: Final = {InProcess: 15, OverHttps: 2, OnDisk: 3, Replayed: 2}
"""Of a quick run; each finds bugs that the others do not."""
PORTION: Final = 100
"""Runs from one seed in the long count, after which it is saved how far it came."""
PORTIONS: Final = 20


@pytest.fixture(scope="module")
def _arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    OverHttps.arms = Arms(tmp_path_factory.mktemp("arms"))
    yield
    OverHttps.arms.close()


@pytest.mark.usefixtures("_arms")
@pytest.mark.parametrize("machine", RUNS)
def test_the_service_agrees_with_the_model(machine: type[FilesMachine]) -> None:
    steps = 0

    class Counted(machine):  # type: ignore[misc, valid-type]  # the arm's machine, that counts
        def teardown(self) -> None:
            nonlocal steps
            super().teardown()
            steps += len(self.steps)

    count = Count(f"machines-{machine.__name__}", SEED, folder=FOLDER if PROVING else None)
    for portion in range(count.figures["portions"], PORTIONS if PROVING else 1):
        seed = SEED + portion
        print(f"{machine.__name__}: seed {seed}")
        steps, runs = 0, PORTION if PROVING else RUNS[machine]
        run_machine(Counted, runs, STEPS, seed)
        count.figures.update(portions=1, runs=runs, steps=steps)
        count.save()
    assert count.figures["steps"] > 10 * count.figures["runs"]
