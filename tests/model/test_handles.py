"""Open SMB handles."""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutHandles
from azfiles_sim.model.entities import Handle
from azfiles_sim.model.errors import Code


@pytest.fixture
def opened(world):
    """Handles on the root (1), wut (2), wut/bla.text (3), wutter (4), and in a snapshot on wut (9)."""
    world.make_directory("wut")
    world.make_file("wut/bla.text")
    world.make_directory("wutter")
    at = world.snapshot().snapshot
    paths = [(1, "", None), (2, "wut", None), (3, "wut/bla.text", None), (4, "wutter", None), (9, "wut", at)]
    handles = tuple(Handle(n, path, 0, 0, 7, "10.0.0.1:1", 0, snapshot=where) for n, path, where in paths)
    world.store.apply([PutHandles("acct", "data", handles)])
    return at


def listed(world, path, **fields):
    page = world.do(c.ListHandles, share="data", path=path, **fields)
    return [handle.handle_id for handle in page.handles], page.next_place


def test_handles_are_listed_of_a_thing_or_of_all_below_it(world, opened):
    assert listed(world, "") == ([1], None)
    assert listed(world, "", recursive=True) == ([1, 2, 3, 4], None)
    assert listed(world, "WUT") == ([2], None)
    assert listed(world, "wut", recursive=True) == ([2, 3], None)
    assert listed(world, "wut/bla.text") == ([3], None)
    assert listed(world, "wut", recursive=True, snapshot=opened) == ([9], None)


def test_handles_come_in_pages(world, opened):
    assert listed(world, "", recursive=True, max_results=2) == ([1, 2], ("WUT/BLA.TEXT", 3))
    assert listed(world, "", recursive=True, max_results=2, marker=("WUT/BLA.TEXT", 3)) == ([3, 4], None)


def test_handles_come_in_the_order_of_their_paths_and_of_one_path_by_id(world, opened):
    paths = [(1, "wutter"), (2, "WUT"), (3, "wut"), (4, "")]
    world.store.apply([PutHandles("acct", "data", tuple(Handle(n, path, 0, 0, 7, "x", 0) for n, path in paths))])
    assert listed(world, "", recursive=True) == ([4, 2, 3, 1], None)


def test_a_page_of_no_handles_cannot_be_asked_for(world):
    world.refused(Code.OUT_OF_RANGE_QUERY_PARAMETER_VALUE, c.ListHandles, share="data", path="", max_results=0)


def closed(world, path, **fields):
    return world.do(c.CloseHandles, share="data", path=path, **fields).closed


def test_handles_are_closed_one_or_all_and_counted(world, opened):
    assert closed(world, "wut", handle_id=77) == 0
    assert closed(world, "wut", handle_id=1) == 0
    assert closed(world, "wut", handle_id=2) == 1
    assert listed(world, "", recursive=True) == ([1, 3, 4], None)
    assert closed(world, "", recursive=True) == 3
    assert listed(world, "", recursive=True) == ([], None)
    assert closed(world, "wut", snapshot=opened) == 1
    assert world.view.handles("acct", "data") == ()


def test_handles_go_with_their_share(world, opened):
    world.do(c.DeleteShare, share="data", delete_snapshots="include")
    world.make_share()
    assert listed(world, "", recursive=True) == ([], None)
