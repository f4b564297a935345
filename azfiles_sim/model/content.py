"""The bytes of a file: received buffers at their offsets, holes between them, and which pages are allocated.

An extent is a piece of a buffer as it was received; nothing is joined. The map of extents is persistent, so a snapshot
of a file costs nothing and a sparse file costs what was written to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Final, Protocol, overload

from azfiles_sim.messages import Buffer, is_kept_as_it_is
from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap
from azfiles_sim.quick import dataclass, quick

PAGE_BYTES: Final = 512
"""Space is allocated and given back in pages of this size."""

ZERO_BLOCK: Final = memoryview(bytes(4 << 20))
"""What holes read as: one block shared by all, so that reading a hole allocates nothing."""


class Extent(Protocol):
    """A piece of one write, which stays where it was written to until something else is written there. Never changes."""

    @property
    def readonly(self) -> bool: ...
    @property
    def size(self) -> int:
        """Its length, as ``len`` tells it too, which costs more."""
        ...

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> Extent: ...
    def load(self) -> memoryview:
        """The bytes themselves."""
        ...

    def is_of_write(self, other: Extent, /) -> bool:
        """Whether both are pieces of one write; then they hold the same bytes wherever both lie in a file."""
        ...


class Received:
    """An extent in memory: a piece of a buffer as one write brought it.

    ``write`` is a view made for that write alone, so that it tells the write from any other of the same buffer.
    """

    __slots__ = ("size", "start", "write")

    def __init__(self, write: memoryview, start: int, size: int) -> None:
        self.write = write
        self.start = start
        self.size = size

    @property
    def readonly(self) -> bool:
        return self.write.readonly

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice, /) -> Received:
        start, stop, _ = part.indices(self.size)
        return Received(self.write, self.start + start, max(0, stop - start))

    def __eq__(self, other: object) -> bool:
        """Whether the bytes are equal: to those who read them, the write that brought them is all one."""
        return self.load() == other.load() if isinstance(other, Received) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal by content, which is too much to hash

    def load(self) -> memoryview:
        if self.size == len(self.write):
            return self.write
        return self.write[self.start : self.start + self.size]

    def is_of_write(self, other: Extent, /) -> bool:
        return isinstance(other, Received) and self.write is other.write

    def __repr__(self) -> str:
        return f"Received({self.size} bytes of {len(self.write)} from {self.start})"


@quick
@dataclass(frozen=True, slots=True)
class Content:
    """``extents`` maps an offset to the bytes from there on; they never overlap. ``written`` is their total length.

    ``cleared`` maps where a cleared region starts to where it ends: whole pages that nothing was written to since. Only
    a comparison with an earlier state asks for it, to which clearing what never was written is a change (recorded).
    """

    extents: OrderedMap[int, Extent] = field(default_factory=lambda: EMPTY_MAP)
    written: int = 0
    cleared: OrderedMap[int, int] = field(default_factory=lambda: EMPTY_MAP)

    def write(self, start: int, buffers: Sequence[Buffer]) -> Content:
        """The content with ``buffers``, one after another, at ``start``."""
        received: list[Received] = []
        size = 0
        for buffer in buffers:
            if len(buffer):
                view = stable_view(buffer)
                length = len(view)
                received.append(Received(view, 0, length))
                size += length
        extents, removed = _opened(self.extents, start, size)
        offset = start
        for extent in received:
            extents = extents.set(offset, extent)
            offset += extent.size
        cleared = self.cleared
        if cleared is not EMPTY_MAP:  # few files have cleared regions
            cleared = _uncleared(cleared, start, start + size)
        return Content(extents, self.written - removed + size, cleared)

    def clear(self, start: int, end: int) -> Content:
        """The content with ``start`` up to, not including, ``end`` reading as zero.

        Only pages that lie whole inside the range are given back; a page that is cleared in part keeps its space and
        is filled with zeros. A last page that the end of the file cuts short counts as cleared in part, even if all
        its bytes are: one byte written and cleared is still listed. (For longer last pages that is unverified.)
        """
        first_page = -(-start // PAGE_BYTES) * PAGE_BYTES
        last_page = end // PAGE_BYTES * PAGE_BYTES
        if first_page >= last_page:
            return _zero(self, start, end)
        extents, removed = _cut(self.extents, first_page, last_page)
        cleared = _uncleared(self.cleared, first_page, last_page).set(first_page, last_page)
        return _zero(_zero(Content(extents, self.written - removed, cleared), start, first_page), last_page, end)

    def truncate(self, size: int) -> Content:
        """The content without anything at or above ``size``."""
        last = self.extents.last()
        cleared = self.cleared
        if (last_cleared := cleared.last()) is not None:
            cleared = _uncleared(cleared, size, max(size, last_cleared[1]))
        if last is None or last[0] + len(last[1]) <= size:
            return self if cleared is self.cleared else Content(self.extents, self.written, cleared)
        extents, removed = _cut(self.extents, size, last[0] + len(last[1]))
        return Content(extents, self.written - removed, cleared)

    def read(self, start: int, end: int) -> Sequence[memoryview]:
        """The bytes from ``start`` up to, not including, ``end`` as views one after another, zeros for holes.

        Views of what a store keeps elsewhere are brought one at a time, each whenever the sequence is asked for it.
        """
        before = self.extents.floor(start)
        if before is not None and start < end <= before[0] + before[1].size:  # of one write, as nearly always
            at, extent = before
            found = _present(extent if end - start == extent.size else extent[start - at : end - at])
            return [found] if isinstance(found, memoryview) else _Brought([found])
        views: list[memoryview | Extent] = []
        offset = start
        if before is not None and before[0] < start < before[0] + len(before[1]):
            views.append(_present(before[1][start - before[0] : end - before[0]]))
            offset += len(views[0])
        for at, extent in self.extents.items(offset):
            if at >= end:
                break
            if at > offset:
                _append_zeros(views, at - offset)
            views.append(_present(extent if at + len(extent) <= end else extent[: end - at]))
            offset = at + len(views[-1])
        if offset < end:
            _append_zeros(views, end - offset)
        present = [view for view in views if isinstance(view, memoryview)]
        return present if len(present) == len(views) else _Brought(views)

    def listed_ranges(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Allocated ranges, their ends inclusive, merged, within ``start`` up to, not including, ``end``.

        Unverified, and decided here only: a write of less than a page lists its whole page, as the rule for clearing
        and every recorded listing let expect. The caller passes the file's size as ``end`` or less, which clips it.
        """
        ranges: list[tuple[int, int]] = []
        page_start = start // PAGE_BYTES * PAGE_BYTES
        before = self.extents.floor(page_start)
        begin = page_start if before is None else before[0]
        for at, view in self.extents.items(begin):
            if at >= -(-end // PAGE_BYTES) * PAGE_BYTES:
                break
            first = max(at // PAGE_BYTES * PAGE_BYTES, start)
            after = min(-(-(at + len(view)) // PAGE_BYTES) * PAGE_BYTES, end)
            if after <= first:
                continue
            if ranges and ranges[-1][1] + 1 >= first:
                ranges[-1] = (ranges[-1][0], after - 1)
            else:
                ranges.append((first, after - 1))
        return tuple(ranges)


def stable_view(buffer: Buffer) -> memoryview:
    """The buffer as a new flat view of bytes that nobody will change.

    ``bytes`` and what a server has received are not copied. Anything else is: its sender may well use the buffer again.
    """
    view = memoryview(buffer)
    if is_kept_as_it_is(buffer) and view.contiguous:
        return view if view.format == "B" and view.ndim == 1 else view.cast("B")
    return memoryview(bytes(view))


class _Brought(Sequence[memoryview]):
    """Extents as the views that they stand for; a long file is never in memory as a whole."""

    __slots__ = ("_extents",)

    def __init__(self, extents: Sequence[memoryview | Extent]) -> None:
        self._extents = extents

    def __len__(self) -> int:
        return len(self._extents)

    @overload
    def __getitem__(self, index: int) -> memoryview: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[memoryview]: ...
    def __getitem__(self, index: int | slice) -> memoryview | Sequence[memoryview]:
        if isinstance(index, slice):
            return _Brought(self._extents[index])
        extent = self._extents[index]
        return extent if isinstance(extent, memoryview) else extent.load()


def _zero(content: Content, start: int, end: int) -> Content:
    """The content with what is written in the range overwritten by zeros: no space is taken or given back."""
    if start >= end:
        return content
    pieces = [(max(at, start), min(at + len(view), end)) for at, view in _overlapping(content.extents, start, end)]
    extents, _ = _cut(content.extents, start, end)
    for first, after in pieces:
        extents = extents.set(first, Received(memoryview(bytes(after - first)), 0, after - first))  # under two pages
    return Content(extents, content.written, content.cleared)


def _uncleared(cleared: OrderedMap[int, int], start: int, end: int) -> OrderedMap[int, int]:
    """The cleared regions without those pages of them that the range touches."""
    if not len(cleared) or start >= end:
        return cleared
    first = start // PAGE_BYTES * PAGE_BYTES
    after = -(-end // PAGE_BYTES) * PAGE_BYTES
    before = cleared.floor(first)
    for at, stop in list(cleared.items(first if before is None else before[0])):
        if at >= after:
            break
        if stop <= first:
            continue
        cleared = cleared.set(at, first) if at < first else cleared.delete(at)
        if stop > after:
            cleared = cleared.set(after, stop)
    return cleared


def _overlapping(extents: OrderedMap[int, Extent], start: int, end: int) -> list[tuple[int, Extent]]:
    found: list[tuple[int, Extent]] = []
    before = extents.floor(start)
    if before is not None and before[0] < start < before[0] + len(before[1]):
        found.append(before)
    for at, view in extents.items(start):
        if at >= end:
            break
        found.append((at, view))
    return found


def _opened(extents: OrderedMap[int, Extent], start: int, size: int) -> tuple[OrderedMap[int, Extent], int]:
    """The extents with room for a write at ``start``, and how many bytes are taken out. The two ways in which files are
    mostly written need no cut: over one extent, which ``set`` replaces, and at the end of what is there.
    """
    there = extents.get(start)
    if there is not None and there.size == size:
        return extents, size
    last = extents.last()
    if last is None or last[0] + last[1].size <= start:
        return extents, 0
    return _cut(extents, start, start + size)


def _cut(extents: OrderedMap[int, Extent], start: int, end: int) -> tuple[OrderedMap[int, Extent], int]:
    """The extents without the range, trimmed where they reach into it, and how many bytes were taken out."""
    removed = 0
    for at, view in _overlapping(extents, start, end):
        after = at + len(view)
        extents = extents.set(at, view[: start - at]) if at < start else extents.delete(at)
        if after > end:
            extents = extents.set(end, view[end - at :])
        removed += min(after, end) - max(at, start)
    return extents, removed


def _present(extent: Extent) -> memoryview | Extent:
    """The bytes where they are in memory; else the extent, to be brought when its turn comes."""
    return extent.load() if isinstance(extent, Received) else extent


def _append_zeros(views: list[memoryview | Extent], count: int) -> None:
    blocks, rest = divmod(count, len(ZERO_BLOCK))
    views.extend([ZERO_BLOCK] * blocks)
    if rest:
        views.append(ZERO_BLOCK[:rest])


EMPTY_CONTENT: Final = Content()

__all__ = ["EMPTY_CONTENT", "PAGE_BYTES", "ZERO_BLOCK", "Content", "Extent", "Received", "stable_view"]
