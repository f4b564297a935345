"""Whatever is done, in whatever order: the simulator answers what Azurite answers.

An ordinary run takes a new seed and prints it; ``AZFILES_ORACLE_SEED`` takes one again. ``AZFILES_PROOF=1`` compares
the long counts, piece by piece, going on where it was interrupted.
"""

from __future__ import annotations

import pytest

from tests.proof import Count

from .bench import Bench
from .budget import COUNTS, EXAMPLES, SEED, examples, steps_to_compare
from .machines import MACHINES
from .running import run


@pytest.mark.parametrize("name", MACHINES)
def test_azurite_and_the_simulator_agree(bench: Bench, name: str) -> None:
    if COUNTS is not None:
        compare_for_long(bench, name)
        return
    figures = run(MACHINES[name], bench, SEED, examples(name))
    print(f"{name}: seed {SEED}, {figures.steps} steps compared, {dict(figures.allowed)} allowed")
    assert figures.steps > examples(name)


def compare_for_long(bench: Bench, name: str) -> None:
    """Piece by piece: each has the next seed, from 0, and its figures are kept when it is done."""
    count = Count(f"oracle-{name}", 0, folder=COUNTS)
    kept = count.figures
    steps, allowed, seeds = f"{name} steps", f"{name} allowed", f"{name} seeds"
    while kept[steps] < steps_to_compare(name):
        figures = run(MACHINES[name], bench, kept[seeds], EXAMPLES)
        print(f"{name}: seed {kept[seeds]}, {figures.steps} steps, {dict(figures.allowed)} allowed", flush=True)
        kept[steps] += figures.steps
        kept[allowed] += figures.allowed.total()
        kept[seeds] += 1
        count.save()
    print(f"{name}: {kept[steps]} steps compared, seeds 0 to {kept[seeds] - 1}, 0 unexplained", flush=True)
