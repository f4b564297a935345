"""Which bytes of a file are done: disjoint spans, merged where they touch. Pure values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""The offset of the first byte, and of the first one after the last."""


class Spans:
    """A set of offsets, as few spans. A transfer of ranges side by side has no more of them than it has connections."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Take the bytes from ``start`` up to ``end`` in."""
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def has(self, start: int, end: int) -> bool:
        """Whether all bytes from ``start`` up to ``end`` are in."""
        place = bisect_right(self._starts, start) - 1
        return place >= 0 and end <= self._ends[place]

    def gaps(self, size: int) -> Iterator[Span]:
        """What is missing of a file of ``size`` bytes."""
        position = 0
        for start, end in self:
            if position < min(start, size):
                yield position, min(start, size)
            position = end
        if position < size:
            yield position, size

    @property
    def total(self) -> int:
        """How many bytes are in."""
        return sum(self._ends) - sum(self._starts)

    def __iter__(self) -> Iterator[Span]:
        return zip(self._starts, self._ends, strict=True)

    def __repr__(self) -> str:
        return f"Spans({list(self)})"


def cut(spans: Iterable[Span], range_size: int) -> Iterator[Span]:
    """Spans in pieces of ``range_size`` bytes at most, each inside one slot of that size: then a file that is written
    anew is cut at the same places.
    """
    for start, end in spans:
        position = start
        while position < end:
            border = min(end, position - position % range_size + range_size)
            yield position, border
            position = border


__all__ = ["Span", "Spans", "cut"]
