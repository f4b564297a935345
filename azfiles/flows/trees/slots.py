"""One limit for all that goes on at once in a tree: so many connections, which files and listings share."""

from __future__ import annotations

from typing import TypeVar

from azfiles.flows.effects import Flow, until

T = TypeVar("T")


class Slots:
    """``total`` slots. Who asks first is served first, however many he asks for."""

    def __init__(self, total: int) -> None:
        self._free = total
        self.total = total
        self._given = 0
        self._served = 0

    def holding(self, count: int, flow: Flow[T]) -> Flow[T]:
        """Carry out ``flow`` while it has ``count`` slots, all of them where there are not so many."""
        count = min(count, self.total)
        ticket, self._given = self._given, self._given + 1
        try:
            if not self._may_go(ticket, count):
                yield from until(lambda: self._may_go(ticket, count))
            self._free -= count
        finally:
            self._served += 1  # also where the wait was cut short: nobody may wait for this one
        try:
            return (yield from flow)
        finally:
            self._free += count

    def take_spare(self, most: int) -> int:
        """Take at once what nobody waits for; returns how many, to be given back by ``give_back``."""
        count = max(0, min(most, self._free)) if self._served == self._given else 0
        self._free -= count
        return count

    def give_back(self, count: int) -> None:
        self._free += count

    def _may_go(self, ticket: int, count: int) -> bool:
        return self._served == ticket and self._free >= count


__all__ = ["Slots"]
