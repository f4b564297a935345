"""What changed in a file's content between two moments, in whole pages, as List Ranges tells it with a base snapshot.

Nothing is logged for it: content that both moments share is of the same write, so what is of another was written since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from azfiles_sim.model.content import PAGE_BYTES, Content

Interval: TypeAlias = tuple[int, int]
"""A start and the offset after the end."""


class Difference(NamedTuple):
    """Ranges that were written since, and ranges that were cleared since; their ends are inclusive."""

    written: tuple[Interval, ...]
    cleared: tuple[Interval, ...]


def differing_ranges(base: Content, now: Content, start: int, end: int, *, all_written: bool = False) -> Difference:
    """What differs within ``start`` up to, not including, ``end``. ``all_written`` says that the whole content was put
    there since, whatever it shares with the base.

    A region counts as cleared where the base had data and now there is none, or where it was cleared since. Where the
    file was cut in the middle of a page and grown again, that page is written.
    """
    present = [(at, at + len(view)) for at, view in now.extents.items()]
    allocated = _pages(present)
    lost = _minus([(at, at + len(view)) for at, view in base.extents.items()], present)
    lost = [(first, min(after, end)) for first, after in lost if first < end]
    emptied = _minus(lost, allocated)
    rewritten = present if all_written else _rewritten(base, now)
    written = _pages(sorted((*rewritten, *_minus(lost, emptied))))
    cleared = _minus(list(now.cleared.items()), list(base.cleared.items()))
    holes = _minus(_pages(sorted((*emptied, *cleared))), allocated)
    return Difference(_clip(written, start, end), _clip(holes, start, end))


def _rewritten(base: Content, now: Content) -> list[Interval]:
    """Where bytes lie that the base does not share."""
    found: list[Interval] = []
    for at, view in now.extents.items():
        if base.extents.get(at) is view:
            continue
        shared: list[Interval] = []
        before = base.extents.floor(at)
        for base_at, base_view in base.extents.items(at if before is None else before[0]):
            first, after = max(at, base_at), min(at + len(view), base_at + len(base_view))
            if base_at >= at + len(view):
                break
            if first < after and view.is_of_write(base_view):
                shared.append((first, after))
        found += _minus([(at, at + len(view))], shared)
    return found


def _pages(intervals: Iterable[Interval]) -> list[Interval]:
    """Ascending intervals widened to whole pages, those that touch joined."""
    pages: list[Interval] = []
    for start, end in intervals:
        first, after = start // PAGE_BYTES * PAGE_BYTES, -(-end // PAGE_BYTES) * PAGE_BYTES
        if pages and pages[-1][1] >= first:
            pages[-1] = (pages[-1][0], max(pages[-1][1], after))
        else:
            pages.append((first, after))
    return pages


def _minus(intervals: list[Interval], without: list[Interval]) -> list[Interval]:
    """The intervals without what lies in ``without``. Both ascend and do not overlap among themselves."""
    left: list[Interval] = []
    index = 0
    for begin, end in intervals:
        start = begin
        while index and without[index - 1][1] > start:
            index -= 1
        while index < len(without) and without[index][0] < end:
            first, after = without[index]
            if first > start:
                left.append((start, first))
            start = max(start, after)
            index += 1
        if start < end:
            left.append((start, end))
    return left


def _clip(intervals: list[Interval], start: int, end: int) -> tuple[Interval, ...]:
    return tuple(
        (max(first, start), min(after, end) - 1) for first, after in intervals if max(first, start) < min(after, end)
    )


__all__ = ["Difference", "differing_ranges"]
