"""The search through the numbers: program after program, until one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from azfiles_sim.explore.checker import Violation
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.running import Make, Run, run
from azfiles_sim.explore.shrinking import Attempt, shrink

REPEATED_EVERY: Final = 20
"""Of so many seeds one is run twice, to see that the same number gives the same bytes."""


DETERMINISM: Final = "determinism"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is. ``next_seed`` is where to go on; ``undecided`` are seeds whose history has no verdict."""

    next_seed: int
    seeds: int = 0
    requests: int = 0
    faults: int = 0
    repeated: int = 0
    undecided: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The first seed that fails."""

    seed: int
    whole: Run


def explore(first: int, seeds: int, scale: Scale, *, make: Make | None = None) -> Iterator[Progress | Finding]:
    """Try the seeds one after the other; after each comes the progress, and at the first that fails a finding, the last.

    ``make`` gives the simulators (see ``running.run``).
    """
    so_far = Progress(first)
    attempt = _attempt(make)
    for seed in range(first, first + seeds):
        program = compose(seed, scale)
        result = attempt(program)
        again = seed % REPEATED_EVERY == 0
        if result.violation is None and again:
            result = _compared(result, attempt)
        if result.violation is not None:
            yield Finding(seed, result)
            return
        so_far = Progress(
            seed + 1,
            so_far.seeds + 1,
            so_far.requests + result.requests,
            so_far.faults + len(result.diary),
            so_far.repeated + again,
            (*so_far.undecided, seed) if result.undecided else so_far.undecided,
        )
        yield so_far


def cut_down(found: Finding, *, make: Make | None = None) -> Run:
    """The smallest run that fails as the seed does."""
    attempt = _attempt(make)
    violation = found.whole.violation
    if violation is not None and violation.kind == DETERMINISM:
        return shrink(found.whole, lambda program: _compared(attempt(program), attempt))
    return shrink(found.whole, attempt)


def _attempt(make: Make | None) -> Attempt:
    return lambda program: run(program, make=make)


def _compared(result: Run, attempt: Attempt) -> Run:
    """The run, with a violation if the same program gives other bytes now."""
    other = attempt(result.program)
    if (other.digest, other.history) == (result.digest, result.history):
        return result
    pairs = zip(result.history, other.history, strict=False)
    differing = next((f"{one}\n  and then\n{two}" for one, two in pairs if one != two), "in what no client was told")
    return replace(result, violation=Violation(DETERMINISM, "the same program", f"it gave other bytes: {differing}"))


__all__ = ["REPEATED_EVERY", "Finding", "Progress", "cut_down", "explore"]
