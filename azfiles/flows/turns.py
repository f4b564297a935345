"""How branches of a ``Gather`` take turns: one at a time, or in the order of their numbers. Plain state and ``Until``."""

from __future__ import annotations

from typing import TypeVar

from azfiles.flows.effects import Flow, until

T = TypeVar("T")


class Mutex:
    """Lets one flow at a time through. It belongs to the branches of one run."""

    def __init__(self) -> None:
        self._taken = False

    def holding(self, flow: Flow[T]) -> Flow[T]:
        """Run ``flow`` while no other one is under way here."""
        while self._taken:
            yield from until(self._is_free)
        self._taken = True
        try:
            return (yield from flow)
        finally:
            self._taken = False

    def _is_free(self) -> bool:
        return not self._taken


class Order:
    """Lets flows through by their numbers: 0, 1, 2 and so on, each when the one before it has ended."""

    def __init__(self) -> None:
        self._next = 0

    def turn(self, number: int, flow: Flow[T]) -> Flow[T]:
        """Run ``flow`` when those of all lower numbers have ended well."""
        yield from until(lambda: self._next == number)
        result = yield from flow
        self._next += 1
        return result


__all__ = ["Mutex", "Order"]
