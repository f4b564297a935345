"""The naive counter behind locked increments: a number, and adding one to it is one step."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from azfiles_sim.explore.checker.history import Entry, Increment, Read, Refused, Told
from azfiles_sim.explore.checker.telling import Misfit, compare


@dataclass(frozen=True, slots=True)
class Counter:
    value: int

    def key(self) -> Hashable:
        return self


def fit(counter: Counter, number: int, entry: Entry) -> Counter | Misfit:  # noqa: ARG001 - as all of its kind
    """The counter after an entry: a read of it, or an increment, which may also fail without having done anything."""
    match entry.action:
        case Read():
            return compare(None, Told(value=counter.value), entry.outcome) or counter
        case Increment():
            if isinstance(entry.outcome, Refused):
                return counter
            after = Counter(counter.value + 1)
            return compare(None, Told(value=after.value), entry.outcome) or after
        case _:
            raise TypeError(f"no action on a counter: {entry.action}")


__all__ = ["Counter", "fit"]
