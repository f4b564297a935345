"""List Ranges against a base snapshot, and by pages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azfiles_sim.model import commands as c
from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.errors import Code
from azfiles_sim.model.range_diff import differing_ranges
from tests.model.world import World

PAGE = bytes(range(256)) * 2


def diff(world: World, base: int, path: str = "f", **fields: object) -> tuple[list[tuple[int, int]], ...]:
    found = world.do(c.ListRanges, share="data", path=path, previous=base, **fields)
    return list(found.ranges), list(found.cleared)


@pytest.fixture
def base(world: World) -> int:
    """A snapshot of a file of four pages, the first two of them written."""
    world.make_file("f", 2048, data=PAGE * 2)
    return world.snapshot().snapshot


def test_nothing_changed_gives_nothing(world, base):
    assert diff(world, base) == ([], [])


def test_written_and_cleared_ranges_are_told_apart(world, base):
    world.write("f", b"x" * 512, start=1024)
    world.do(c.ClearRange, share="data", path="f", start=0, end=511)
    assert diff(world, base) == ([(1024, 1535)], [(0, 511)])


def test_writes_that_touch_are_one_range(world, base):
    for start in (1024, 1536):
        world.write("f", b"x" * 512, start=start)
    assert diff(world, base) == ([(1024, 2047)], [])


def test_a_window_that_only_touches_what_changed_shows_nothing_of_it(world, base):
    world.write("f", b"x" * 512, start=512)
    for start, end in ((0, 511), (1024, 2047)):
        assert diff(world, base, start=start, end=end) == ([], [])


def test_a_small_write_counts_as_its_page_and_leaves_its_neighbours(world, base):
    world.write("f", b"x", start=700)
    assert diff(world, base) == ([(512, 1023)], [])


def test_writing_the_same_bytes_again_is_a_change(world, base):
    world.write("f", PAGE * 2)
    assert diff(world, base) == ([(0, 1023)], [])


def test_one_buffer_written_twice_is_two_writes(world, base):
    """The second write of the very same object counts where other writes have cut either of the two, too."""
    data = PAGE * 4
    world.write("f", data)
    at = world.snapshot().snapshot
    world.write("f", b"x", start=600)
    assert diff(world, at) == ([(512, 1023)], [])
    world.clock.advance(2)
    cut = world.snapshot().snapshot
    world.write("f", data)
    assert diff(world, cut) == ([(0, 2047)], [])
    world.write("f", b"x", start=1200)
    for before in (at, cut):
        assert diff(world, before) == ([(0, 2047)], [])


def test_one_buffer_that_is_written_in_two_places_is_two_writes(world, base):
    world.write("f", PAGE * 2, start=0)
    at = world.snapshot().snapshot
    world.do(c.PutRange, share="data", path="f", start=256, end=1279, data=(PAGE, PAGE), data_md5=b"")
    assert diff(world, at) == ([(0, 1535)], [])


def test_clearing_what_never_was_written_is_a_change_as_recorded(world, base):
    world.do(c.ClearRange, share="data", path="f", start=1536, end=2047)
    assert diff(world, base) == ([], [(1536, 2047)])
    later = world.snapshot().snapshot
    assert diff(world, later) == ([], [])
    world.write("f", b"x", start=1600)
    assert diff(world, base) == ([(1536, 2047)], [])


def test_what_was_written_and_cleared_since_is_cleared(world, base):
    world.write("f", PAGE, start=1024)
    world.do(c.ClearRange, share="data", path="f", start=1024, end=1535)
    assert diff(world, base) == ([], [(1024, 1535)])


def test_clearing_part_of_a_page_is_a_write_of_zeros(world, base):
    world.do(c.ClearRange, share="data", path="f", start=10, end=20)
    assert diff(world, base) == ([(0, 511)], [])


def test_shrinking_and_growing_again_clears(world, base):
    world.do(c.SetFileProperties, share="data", path="f", size=512)
    assert diff(world, base) == ([], [])
    world.do(c.SetFileProperties, share="data", path="f", size=2048)
    assert diff(world, base) == ([], [(512, 1023)])


def test_a_cleared_region_ends_with_the_file(world, base):
    world.do(c.ClearRange, share="data", path="f", start=1024, end=2047)
    world.do(c.SetFileProperties, share="data", path="f", size=1536)
    world.do(c.SetFileProperties, share="data", path="f", size=2048)
    assert diff(world, base) == ([], [(1024, 1535)])


def test_two_snapshots_can_be_compared_and_a_range_asked_for(world, base):
    world.write("f", PAGE, start=512)
    world.clock.advance(5)
    later = world.snapshot().snapshot
    world.do(c.DeleteFile, share="data", path="f")
    assert diff(world, base, snapshot=later) == ([(512, 1023)], [])
    assert diff(world, base, snapshot=later, start=600, end=700) == ([(600, 700)], [])
    for previous in (later, later + 10_000_000):
        world.refused(
            Code.PREVIOUS_SNAPSHOT_NOT_FOUND, c.ListRanges, share="data", path="f", previous=previous, snapshot=later
        )


def test_a_renamed_file_needs_support_rename(world, base):
    world.do(c.Rename, share="data", path="g", source_share="data", source="f", directory=False)
    world.refused(Code.PREVIOUS_SNAPSHOT_NOT_FOUND, c.ListRanges, share="data", path="g", previous=base)
    world.write("g", PAGE)
    assert diff(world, base, "g", support_rename=True) == ([(0, 511)], [])


def test_a_recreated_file_has_no_base(world, base):
    world.do(c.DeleteFile, share="data", path="f")
    world.make_file("f", 512, data=PAGE)
    for support in (True, False):
        world.refused(
            Code.FILE_GENERATION_MISMATCH,
            c.ListRanges,
            share="data",
            path="f",
            previous=base,
            support_rename=support,
        )


def test_a_file_that_the_base_lacks_lists_all_it_has(world, base):
    world.make_file("new", 512, data=PAGE)
    assert diff(world, base, "new") == ([(0, 511)], [])


def test_a_missing_base_is_not_found(world, base):
    world.refused(Code.PREVIOUS_SNAPSHOT_NOT_FOUND, c.ListRanges, share="data", path="f", previous=base - 1)


def test_pages_go_on_where_the_last_one_ended(world):
    world.make_file("f", 8192)
    for page in (0, 2, 4, 6):
        world.write("f", PAGE, start=page * 1024)
    seen: list[tuple[int, int]] = []
    marker = None
    while True:
        found = world.do(c.ListRanges, share="data", path="f", max_results=2, marker=marker)
        assert len(found.ranges) <= 2
        seen += found.ranges
        marker = found.next_start
        if marker is None:
            break
    assert tuple(seen) == world.do(c.ListRanges, share="data", path="f").ranges
    assert len(seen) == 4
    assert world.do(c.ListRanges, share="data", path="f", marker=8192).ranges == ()


def test_pages_of_a_difference_hold_both_kinds(world, base):
    world.do(c.ClearRange, share="data", path="f", start=0, end=511)
    world.write("f", PAGE, start=1024)
    found = world.do(c.ListRanges, share="data", path="f", previous=base, max_results=1)
    assert (found.ranges, found.cleared, found.next_start) == ((), ((0, 511),), 1024)


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "again", "clear", "cut"]), st.integers(0, 4000), st.integers(1, 1500)),
    max_size=8,
)
SIZE = 8192
AGAIN = memoryview(bytes(range(1, 251)) * 6)


def changed(content: Content, steps: list[tuple[str, int, int]]) -> Content:
    """``again`` writes a part of one buffer, the others write buffers of their own."""
    for kind, start, length in steps:
        if kind == "write":
            content = content.write(start, (bytes([1 + start % 250]) * length,))
        elif kind == "again":
            content = content.write(start, (AGAIN[:length],))
        elif kind == "clear":
            content = content.clear(start, min(start + length, SIZE))
        else:
            content = content.truncate(start)
    return content


@settings(max_examples=150)
@given(before=STEPS, after=STEPS)
def test_bytes_outside_of_what_is_told_are_those_of_the_base(before, after):
    base = changed(EMPTY_CONTENT, before)
    now = changed(base, after)
    told = differing_ranges(base, now, 0, SIZE)
    old, new = (b"".join(content.read(0, SIZE)) for content in (base, now))
    covered = [False] * SIZE
    for start, end in (*told.written, *told.cleared):
        assert not any(covered[start : end + 1])
        covered[start : end + 1] = [True] * (end + 1 - start)
    assert all(covered[at] or old[at] == new[at] for at in range(SIZE))
    for start, end in told.cleared:
        assert not any(new[start : end + 1])
        assert not now.listed_ranges(start, end + 1)
    for start, end in told.written:
        assert now.listed_ranges(start, end + 1) == ((start, end),)


@settings(max_examples=150)
@given(before=STEPS, after=STEPS)
def test_every_page_that_was_written_since_is_told(before, after):
    """Whatever was in the buffers: the model is a number for each byte, of the write that it is of."""
    base = changed(EMPTY_CONTENT, before)
    told = differing_ranges(base, changed(base, after), 0, SIZE)
    writers = [0] * SIZE
    for number, (kind, start, length) in enumerate(after, 1):
        end = SIZE if kind == "cut" else min(start + length, SIZE)
        written = kind in {"write", "again"}
        writers[start:end] = [number if written else 0] * (end - start)
    covered = {at for start, end in told.written for at in range(start, end + 1)}
    assert covered.issuperset(at for at in range(SIZE) if writers[at])


@settings(max_examples=100)
@given(steps=STEPS)
def test_cleared_regions_are_whole_pages_without_data_in_order(steps):
    content = changed(EMPTY_CONTENT, steps)
    last = 0
    for start, end in content.cleared.items():
        assert start % 512 == end % 512 == 0
        assert last <= start < end
        assert not content.listed_ranges(start, end)
        last = end


def test_zeros_that_replace_zeros_are_a_change_too(world):
    world.make_file("f", 1024, data=PAGE * 2)
    world.do(c.ClearRange, share="data", path="f", start=10, end=20)
    at = world.snapshot().snapshot
    world.do(c.ClearRange, share="data", path="f", start=5, end=20)
    assert diff(world, at) == ([(0, 511)], [])
    world.clock.advance(2)
    later = world.snapshot().snapshot
    world.do(c.ClearRange, share="data", path="f", start=5, end=9)
    assert diff(world, later) == ([(0, 511)], [])


def test_copying_the_same_file_again_is_a_change(world, base):
    """Although the copy shares its source's extents; what was written to it since counts once."""
    source = c.CopySource(account="acct", share="data", path=("f",))
    copy = {"share": "data", "path": "g", "source": source, "source_url": "u"}
    world.do(c.CopyFile, **copy)
    world.clock.advance(2)
    at = world.snapshot().snapshot
    assert diff(world, at, "g") == ([], [])
    world.write("g", b"x", start=600)
    assert diff(world, at, "g") == ([(512, 1023)], [])
    world.do(c.CopyFile, **copy)
    assert diff(world, at, "g") == ([(0, 1023)], [])
    assert diff(world, base, "g") == ([(0, 1023)], [])


def test_taking_the_same_bytes_from_a_source_again_is_a_change(world, base):
    world.make_file("g", 2048)
    source = c.CopySource(account="acct", share="data", path=("f",))
    taken = {"share": "data", "path": "g", "source": source, "source_start": 0, "start": 0}
    world.do(c.PutRangeFromUrl, **taken, end=2047)
    world.clock.advance(2)
    at = world.snapshot().snapshot
    world.do(c.PutRangeFromUrl, **taken, end=511)
    assert diff(world, at, "g") == ([(0, 511)], [])
