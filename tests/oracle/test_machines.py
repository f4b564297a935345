"""Whatever is done, in whatever order: the simulator answers what Azurite answers.

An ordinary run takes a new seed and prints it; ``AZFILES_ORACLE_SEED`` takes one again. ``AZFILES_PROOF=1`` compares
the long counts, piece by piece, going on where it was interrupted.
"""

from __future__ import annotations

import pytest

from tests.proof import Count

from .bench import Bench
from .budget import COUNTS, EXAMPLES, SEED, steps_to_compare
from .machines import MACHINES
from .running import run


@pytest.mark.skipif(COUNTS is not None, reason="the long counts are asked for, which are another test")
@pytest.mark.parametrize("name", MACHINES)
def test_azurite_and_the_simulator_agree(bench: Bench, name: str) -> None:
    figures = run(MACHINES[name], bench, SEED, EXAMPLES)
    print(f"{name}: seed {SEED}, {figures.steps} steps compared, {dict(figures.allowed)} allowed")
    assert figures.steps >= EXAMPLES


@pytest.mark.skipif(COUNTS is None, reason="AZFILES_PROOF=1 asks for the long counts")
@pytest.mark.parametrize("name", MACHINES)
def test_azurite_and_the_simulator_agree_in_the_long_run(bench: Bench, name: str) -> None:
    """Each piece has the next seed, from 0; its figures are kept when it is done."""
    count = Count(f"oracle-{name}", 0, folder=COUNTS)
    kept = count.figures
    while kept[f"{name} steps"] < steps_to_compare(name):
        seed = kept[f"{name} seeds"]
        figures = run(MACHINES[name], bench, seed, EXAMPLES)
        kept[f"{name} steps"] += figures.steps
        kept[f"{name} allowed"] += figures.allowed.total()
        kept[f"{name} seeds"] += 1
        count.save()
        print(f"{name}: seed {seed}, {figures.steps} steps, {dict(figures.allowed)} allowed", flush=True)
    print(
        f"{name}: {kept[f'{name} steps']} steps compared, seeds 0 to {kept[f'{name} seeds'] - 1}, 0 unexplained",
        flush=True,
    )
