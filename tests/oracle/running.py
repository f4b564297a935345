"""Runs machines: from a seed, and where one finds a disagreement, down to the few steps that it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.oracle import steps as s
from tests.oracle.bench import Bench, compare_again
from tests.oracle.budget import STEPS
from tests.oracle.comparison import Disagreement, Figures, History
from tests.oracle.machines import OracleMachine

MINIMISING_S: Final = 30.0


def run(
    kind: type[OracleMachine],
    bench: Bench,
    number: int,
    examples: int,
    kept: list[History] | None = None,
    *,
    shorten: bool = True,
) -> Figures:
    """So many examples of a machine, drawn from the seed ``number``. Raises Disagreement with as few steps as were
    found to be enough. ``kept`` takes what was done and answered, one history for each example.

    Hypothesis draws and does not shrink: against a live process that takes minutes, and what it shrinks are the rules.
    """
    figures = Figures()
    machine = seed(number)(type(kind.__name__, (kind,), {"bench": bench, "figures": figures, "kept": kept}))
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                phases=(Phase.generate,),
                deadline=None,
                database=None,
                print_blob=True,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Disagreement as found:
        if not shorten:
            raise
        found.add_note(f"seed {number} of {kind.__name__}: AZFILES_ORACLE_SEED={number}")
        raise minimised(kind, bench, found) from found
    return figures


def minimised(kind: type[OracleMachine], bench: Bench, found: Disagreement) -> Disagreement:
    """The same disagreement after fewer steps: any that can go, one after another, for a bounded time."""

    def disagreement(steps: Sequence[s.Step]) -> Disagreement | None:
        try:
            compare_again(bench, steps, dialect=kind.dialect)
        except Disagreement as again:
            return again
        return None

    return fewer(found, disagreement, time.monotonic() + MINIMISING_S)


def fewer(
    found: Disagreement, disagreement: Callable[[Sequence[s.Step]], Disagreement | None], until: float
) -> Disagreement:
    """Leave out blocks of steps, ever shorter ones, as long as what is left still disagrees."""
    best = found
    size = max(1, len(best.steps) // 2)
    while size:
        at = 0
        while at < len(best.steps) and time.monotonic() < until:
            shorter = disagreement([*best.steps[:at], *best.steps[at + size :]])
            if shorter is None:
                at += size
            else:
                best = shorter
        size //= 2
    return best
