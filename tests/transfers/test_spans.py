"""Which bytes are done, against a set of offsets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from azfiles.flows.transfers.spans import Spans, cut

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


@given(SPANS, st.integers(0, 50), st.tuples(st.integers(0, 45), st.integers(1, 5)))
def test_spans_are_the_set_of_their_offsets_in_as_few_pieces_as_possible(spans, size, asked):
    found, offsets = Spans(spans), set()
    for start, end in spans:
        offsets |= set(range(start, end))
    pieces = list(found)
    assert {offset for start, end in pieces for offset in range(start, end)} == offsets
    assert all(end < start for (_, end), (start, _) in pairwise(pieces))
    assert found.total == len(offsets)
    missing = {offset for start, end in found.gaps(size) for offset in range(start, end)}
    assert missing == set(range(size)) - offsets
    start, length = asked
    assert found.has(start, start + length) == (set(range(start, start + length)) <= offsets)
    assert str(pieces) in repr(found)


@given(SPANS, st.integers(1, 9))
def test_what_is_cut_is_the_same_in_pieces_that_never_cross_a_border(spans, range_size):
    whole = Spans(spans)
    pieces = list(cut(whole, range_size))
    assert list(Spans(pieces)) == list(whole)
    assert all(
        0 < end - start <= range_size and start // range_size == (end - 1) // range_size for start, end in pieces
    )
