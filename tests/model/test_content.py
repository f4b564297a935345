"""The bytes of a file, against a bytearray, and what is listed, against a set of pages."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from azfiles_sim.model.content import EMPTY_CONTENT, PAGE_BYTES, ZERO_BLOCK, Content, stable_view
from azfiles_sim.ordered_map import OrderedMap

BIG = 6 * PAGE_BYTES + 137
POSITIONS = st.one_of(st.integers(0, BIG), st.sampled_from([n * PAGE_BYTES for n in range(7)]))


class ContentAgreesWithBytes(RuleBasedStateMachine):
    """``bytes`` is the file; ``pages`` the numbers of its allocated pages."""

    @initialize(size=POSITIONS)
    def create(self, size):
        self.content = EMPTY_CONTENT
        self.bytes = bytearray(size)
        self.pages: set[int] = set()
        self.kept: list[tuple[Content, bytes]] = []

    @precondition(lambda self: self.bytes)
    @rule(data=st.data(), cuts=st.lists(st.integers(0, 2000), max_size=3))
    def write(self, data, cuts):
        start, end = self._range(data)
        payload = bytes((start + n) % 255 + 1 for n in range(end - start))
        edges = [0, *sorted(cut for cut in cuts if cut < len(payload)), len(payload)]
        buffers = [payload[a:b] for a, b in itertools.pairwise(edges)]
        self.content = self.content.write(start, buffers)
        self.bytes[start:end] = payload
        self.pages |= set(range(start // PAGE_BYTES, (end - 1) // PAGE_BYTES + 1))

    @precondition(lambda self: self.bytes)
    @rule(data=st.data())
    def clear(self, data):
        start, end = self._range(data)
        written = self.content.written
        self.content = self.content.clear(start, end)
        self.bytes[start:end] = bytes(end - start)
        self.pages -= {p for p in self.pages if start <= p * PAGE_BYTES and (p + 1) * PAGE_BYTES <= end}
        assert self.content.written <= written

    @rule(size=POSITIONS)
    def resize(self, size):
        self.content = self.content.truncate(size)
        self.bytes = self.bytes[:size] + bytes(max(0, size - len(self.bytes)))
        # a page keeps its space only if some of what is left in it was written
        self.pages = {
            p
            for p in self.pages
            if any(p * PAGE_BYTES < at + len(v) and at < (p + 1) * PAGE_BYTES for at, v in self.content.extents.items())
        }

    @rule()
    def keep(self):
        self.kept.append((self.content, bytes(self.bytes)))

    @rule(data=st.data())
    def read_a_part(self, data):
        start = data.draw(st.integers(0, len(self.bytes)))
        end = data.draw(st.integers(start, len(self.bytes)))
        assert b"".join(self.content.read(start, end)) == self.bytes[start:end]
        assert self._numbers(self.content.listed_ranges(start, end)) == self._listed() & set(range(start, end))

    @invariant()
    def same_bytes_and_pages(self):
        size = len(self.bytes)
        assert b"".join(self.content.read(0, size)) == self.bytes
        ranges = self.content.listed_ranges(0, size)
        assert self._numbers(ranges) == self._listed()
        assert all(a[1] + 1 < b[0] for a, b in itertools.pairwise(ranges))
        assert self.content.written == sum(len(view) for _, view in self.content.extents.items())

    def teardown(self):
        for content, expected in getattr(self, "kept", ()):
            assert b"".join(content.read(0, len(expected))) == expected

    def _range(self, data):
        start = data.draw(st.one_of(POSITIONS, st.just(0)).filter(lambda n: n < len(self.bytes)))
        end = data.draw(st.one_of(st.integers(start + 1, len(self.bytes)), st.just(len(self.bytes))))
        return start, end

    def _listed(self):
        return {n for p in self.pages for n in range(p * PAGE_BYTES, min((p + 1) * PAGE_BYTES, len(self.bytes)))}

    def _numbers(self, ranges):
        return {n for start, end in ranges for n in range(start, end + 1)}


TestContentAgreesWithBytes = ContentAgreesWithBytes.TestCase
TestContentAgreesWithBytes.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_what_was_received_is_stored_and_given_back_without_a_copy():
    data = bytes(range(256)) * 16
    content = EMPTY_CONTENT.write(100, [data])
    (view,) = content.read(100, 100 + len(data))
    assert view.obj is data
    part = content.write(200, [b"x"]).read(100, 150)
    assert part[0].obj is data


def test_a_buffer_that_its_sender_may_use_again_is_copied():
    reused = bytearray(b"before")
    content = EMPTY_CONTENT.write(0, [memoryview(reused).toreadonly(), reused])
    reused[:] = b"after!"
    assert b"".join(content.read(0, 12)) == b"beforebefore"


def test_views_of_other_items_than_bytes_are_flattened():
    numbers = memoryview(b"\1\2\3\4\5\6\7\10").cast("H")
    assert bytes(stable_view(numbers)) == b"\1\2\3\4\5\6\7\10"
    assert stable_view(numbers).format == "B"
    assert bytes(stable_view(memoryview(b"abcdef")[::2])) == b"ace"
    table = stable_view(memoryview(b"abcdef").cast("B", (2, 3)))
    assert (len(table), table.tolist()) == (6, list(b"abcdef"))


def test_a_huge_sparse_file_costs_what_was_written_to_it():
    end = 1 << 40
    content = EMPTY_CONTENT.write(end - 3, [b"end"])
    assert content.written == 3
    views = content.read(end - (64 << 20), end)
    assert {id(view.obj) for view in views[:-1]} == {id(ZERO_BLOCK.obj)}
    assert content.listed_ranges(0, end) == ((end - 512, end - 1),)
    assert list(EMPTY_CONTENT.read(0, 8 << 20)) == [ZERO_BLOCK, ZERO_BLOCK]
    assert content.clear(0, end).listed_ranges(0, end) == ()


def test_clearing_a_part_of_a_page_fills_it_with_zeros_in_place():
    content = EMPTY_CONTENT.write(0, [b"x" * 400, b"y" * 624]).clear(100, 700)
    assert content.written == 1024
    assert b"".join(content.read(0, 1024)) == b"x" * 100 + bytes(600) + b"y" * 324
    assert content.listed_ranges(0, 1024) == ((0, 1023),)


def test_recorded_and_reported_cases_of_clearing():
    def listed(size, writes, clears):
        content = EMPTY_CONTENT
        for start, end in writes:
            content = content.write(start, [b"x" * (end - start + 1)])
        for start, end in clears:
            content = content.clear(start, end + 1)
        return list(content.listed_ranges(0, size))

    assert listed(1024, [(0, 1023)], [(0, 511)]) == [(512, 1023)]
    assert listed(2048, [(0, 2047)], [(0, 2047)]) == []
    assert listed(2048, [(0, 2047)], [(1024, 2047)]) == [(0, 1023)]
    assert listed(4096, [(512, 1535), (3072, 4095)], [(1024, 2047), (0, 511)]) == [(512, 1023), (3072, 4095)]
    assert listed(1, [(0, 0)], [(0, 0)]) == [(0, 0)]
    assert listed(10, [(0, 9)], [(1, 8)]) == [(0, 9)]
    assert listed(1000, [(0, 999)], [(512, 999)]) == [(0, 999)]


def test_what_lies_before_the_range_asked_for_is_not_listed():
    assert EMPTY_CONTENT.write(0, [b"x" * 512]).listed_ranges(1024, 2048) == ()


def test_a_file_that_grows_keeps_its_content_as_it_is():
    content = EMPTY_CONTENT.write(0, [b"x" * 700])
    assert content.truncate(700) is content.truncate(5000) is content
    assert content.truncate(699).written == 699


def test_a_write_into_a_cleared_region_leaves_the_rest_of_it_cleared_on_both_sides():
    cleared = EMPTY_CONTENT.clear(0, 4 * PAGE_BYTES)
    assert list(cleared.cleared.items()) == [(0, 2048)]
    assert list(cleared.write(600, [b"x"]).cleared.items()) == [(0, 512), (1024, 2048)]
    assert list(cleared.write(512, [b"x" * 512]).cleared.items()) == [(0, 512), (1024, 2048)]
    assert list(cleared.write(0, [b"x"]).cleared.items()) == [(512, 2048)]
    assert list(cleared.write(2047, [b"x"]).cleared.items()) == [(0, 1536)]
    assert list(cleared.truncate(1000).cleared.items()) == [(0, 512)]
    assert list(cleared.truncate(0).cleared.items()) == []


def test_a_write_of_numbers_counts_their_bytes():
    numbers = memoryview(b"\1\2\3\4").cast("H")
    content = EMPTY_CONTENT.write(0, [numbers, numbers])
    assert (content.written, b"".join(content.read(0, 8))) == (8, b"\1\2\3\4\1\2\3\4")


class Elsewhere:
    """A piece of one write that a store keeps: it counts how often it is brought."""

    def __init__(self, data, brought):
        self.data, self.brought, self.readonly, self.size = data, brought, True, len(data)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, part):
        return Elsewhere(self.data[part], self.brought)

    def load(self):
        self.brought.append(self.data)
        return memoryview(self.data)


def test_what_is_kept_elsewhere_is_brought_when_its_turn_comes():
    brought: list[bytes] = []
    extents = OrderedMap([(0, Elsewhere(b"abcd", brought)), (4, memoryview(b"efgh")), (10, Elsewhere(b"ij", brought))])
    views = Content(extents, 10).read(2, 11)
    assert (len(views), brought) == (4, [])
    assert bytes(views[0]) == b"cd"
    assert brought == [b"cd"]
    assert [bytes(view) for view in views[1:]] == [b"efgh", b"\0\0", b"i"]
    assert (len(views[1:]), brought) == (3, [b"cd", b"i"])


def test_files_that_were_written_alike_hold_the_same_and_others_do_not():
    """By their bytes, whoever received them; where a write began is part of what is compared."""
    one, other = EMPTY_CONTENT.write(0, [b"abc"]), EMPTY_CONTENT.write(0, [bytes(bytearray(b"abc"))])
    assert one == other
    assert one != EMPTY_CONTENT.write(0, [b"abd"])
    assert one != EMPTY_CONTENT.write(1, [b"abc"])
    assert one.extents[0] != b"abc"
    assert len(one.extents[0][2:1]) == 0


def test_no_piece_of_what_is_read_is_empty():
    content = EMPTY_CONTENT.write(0, [b"abcd"]).write(4, [b"efgh"]).write(12, [b"xyz"])
    for start in range(16):
        for end in range(start + 1, 16):
            pieces = [bytes(view) for view in content.read(start, end)]
            assert all(pieces)
            assert b"".join(pieces) == b"abcdefgh\0\0\0\0xyz\0"[start:end]
