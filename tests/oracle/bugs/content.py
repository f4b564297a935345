"""Mistakes about the bytes of a file."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.model import content, ranges
from azfiles_sim.model.content import EMPTY_CONTENT, PAGE_BYTES, Content
from azfiles_sim.model.deciding import find_place
from azfiles_sim.model.entities import (
    File,
)
from tests.oracle.bugs.placing import Placing, bug, put_file, rule


@bug("Bytes")
def clear_rounds_outwards() -> Placing:
    real = Content.clear

    def wrong(self, start, end):
        return real(self, start // PAGE_BYTES * PAGE_BYTES, -(-end // PAGE_BYTES) * PAGE_BYTES)

    return patch.object(Content, "clear", wrong)


@bug("Ranges")
def clear_forgets_the_last_page() -> Placing:
    real = Content.clear

    def wrong(self, start, end):
        return real(self, start, end - PAGE_BYTES if end - start > PAGE_BYTES else end)

    return patch.object(Content, "clear", wrong)


@bug("Ranges")
def resize_keeps_stale_bytes() -> Placing:
    return patch.object(Content, "truncate", lambda self, size: self)


def _cut_without(piece: str) -> Placing:
    """A cut after which the head or the tail of an extent that was cut is gone."""
    real = content._cut

    def wrong(extents, start, end):
        cut, removed = real(extents, start, end)
        for at, extent in extents.items():
            if piece == "tail" and at < end < at + len(extent):
                cut = cut.delete(end)
            elif piece == "head" and at < start < at + len(extent):
                cut = cut.delete(at)
        return cut, removed

    return patch.object(content, "_cut", wrong)


@bug("Ranges")
def a_write_into_an_extent_loses_its_tail() -> Placing:
    return _cut_without("tail")


@bug("Bytes")
def a_write_into_an_extent_loses_its_head() -> Placing:
    return _cut_without("head")


@bug("Ranges")
def an_overwritten_file_keeps_its_content() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        old = before.content if isinstance(before, File) else EMPTY_CONTENT
        return put_file(real(context, command), lambda file: replace(file, content=old.truncate(command.size)))

    return rule(c.CreateFile, wrong)


@bug("Ranges")
def a_range_of_a_read_ends_a_byte_early() -> Placing:
    def wrong(file, start, end):
        first, after = real(file, start, end)
        return first, after - 1 if end is not None and after - first > 1 else after

    real = ranges._clip
    return patch.object(ranges, "_clip", wrong)


@bug("Ranges")
def a_list_of_ranges_is_not_clipped() -> Placing:
    real = Content.listed_ranges

    def wrong(self, start, end):
        return tuple(found for found in real(self, 0, 1 << 40) if found[1] >= start and found[0] < end)

    return patch.object(Content, "listed_ranges", wrong)
