"""Cuts a failing program down: fewer clients, steps and faults, as long as it still fails in the same way.

After Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (2002). What is left out moves all that
comes after it in a schedule, so each candidate is tried under some other schedules too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

from azfiles_sim.explore.program import Client, Program, Step
from azfiles_sim.explore.running import Run

T = TypeVar("T")

DEFAULT_BUDGET: Final = 1500
"""How many runs are spent."""
OTHER_SCHEDULES: Final = 3

Attempt: TypeAlias = Callable[[Program], Run]


def shrink(failing: Run, attempt: Attempt, *, budget: int = DEFAULT_BUDGET) -> Run:
    """The smallest run found that has a violation of the same kind. ``attempt`` runs a program; it is not asked more
    than about ``budget`` times.
    """
    search = _Search(failing, attempt, budget)
    while search.round():
        pass
    return search.best


class _Search:
    def __init__(self, failing: Run, attempt: Attempt, budget: int) -> None:
        self.best = failing
        self._kind = failing.violation.kind if failing.violation is not None else ""
        self._attempt = attempt
        self._left = budget

    def round(self) -> bool:
        """Leave out what can be left out; whether anything could, and there is budget for more."""
        before = _size(self.best.program)
        self._fails(self.best.with_faults())  # from here on the faults are named, and stay with their requests
        self._without_any(self.best.program.clients, _of_clients)
        self._without_any(_steps(self.best.program), _of_steps)
        self._without_any(tuple((self.best.program.faults or {}).items()), _of_faults)
        return _size(self.best.program) < before and self._left > 0

    def _without_any(self, parts: Sequence[T], make: Callable[[Program, Sequence[T]], Program]) -> None:
        """Leave out the parts, first many at once, then one by one."""
        size = len(parts)
        while size > 0:
            start = 0
            while start < len(parts) and self._left > 0:
                kept = (*parts[:start], *parts[start + size :])
                if self._fails(make(self.best.program, kept)):
                    parts = kept
                else:
                    start += size
            size //= 2

    def _fails(self, program: Program) -> bool:
        for schedule in (program.schedule, *range(1, OTHER_SCHEDULES + 1)):
            self._left -= 1
            result = self._attempt(replace(program, schedule=schedule))
            if result.violation is not None and result.violation.kind == self._kind:
                self.best = replace(result, program=result.with_faults())
                return True
        return False


def _size(program: Program) -> int:
    return len(program.clients) + program.steps + len(program.faults or {})


def _steps(program: Program) -> tuple[tuple[int, Step], ...]:
    return tuple((client.number, step) for client in program.clients for step in client.steps)


def _of_clients(program: Program, clients: Sequence[Client]) -> Program:
    return replace(program, clients=tuple(clients))


def _of_steps(program: Program, steps: Sequence[tuple[int, Step]]) -> Program:
    numbers = dict.fromkeys(number for number, _ in steps)
    clients = (Client(number, tuple(step for owner, step in steps if owner == number)) for number in numbers)
    return replace(program, clients=tuple(clients))


def _of_faults(program: Program, faults: Sequence[tuple[str, object]]) -> Program:
    kept = {name for name, _ in faults}
    return replace(program, faults={name: one for name, one in (program.faults or {}).items() if name in kept})


__all__ = ["DEFAULT_BUDGET", "Attempt", "shrink"]
