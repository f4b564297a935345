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
from tests.proof import FOLDER, PROVING, THOROUGH, Count

from .arms import InProcess, OnDisk, OverHttps, Replayed

SEED: Final = 20_260_101
STEPS: Final = 25
RUNS: Final = dict(
    zip((InProcess, OverHttps, OnDisk, Replayed), (15, 2, 3, 2) if THOROUGH else (3, 1, 1, 1), strict=True)
)
"""Of a quick run; each finds bugs that the others do not."""
PORTION: Final = 100
"""Runs from one seed in the long count; what one has come to is saved."""
PORTIONS: Final = 20


@pytest.fixture(scope="module")
def _arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    OverHttps.arms = Arms(tmp_path_factory.mktemp("arms"))
    yield
    OverHttps.arms.close()


@pytest.mark.usefixtures("_arms")
@pytest.mark.parametrize("portion", range(PORTIONS if PROVING else 1))
@pytest.mark.parametrize("machine", RUNS)
def test_the_service_agrees_with_the_model(machine: type[FilesMachine], portion: int) -> None:
    seed, runs = SEED + portion, PORTION if PROVING else RUNS[machine]
    count = Count(f"machines-{machine.__name__}-{portion}", seed, folder=FOLDER if PROVING else None)
    if count.figures["runs"] < runs:
        print(f"{machine.__name__}: seed {seed}")
        count.figures.update(runs=runs, steps=run_counted(machine, runs, seed))
        count.save()
    assert count.figures["steps"] > 10 * count.figures["runs"]


def run_counted(machine: type[FilesMachine], runs: int, seed: int) -> int:
    """Run a machine, and tell how many operations were compared."""
    steps = 0

    class Counted(machine):  # type: ignore[misc, valid-type]  # the arm's machine, that counts
        def teardown(self) -> None:
            nonlocal steps
            super().teardown()
            steps += len(self.steps)

    run_machine(Counted, runs, STEPS, seed)
    return steps
