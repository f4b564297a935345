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


def test_handles_below_a_directory_stay_open_unless_told_otherwise(world, opened):
    assert closed(world, "wut") == 1
    assert listed(world, "", recursive=True) == ([1, 3, 4], None)
    assert closed(world, "") == 1
    assert listed(world, "", recursive=True) == ([3, 4], None)


def test_handles_go_with_their_share(world, opened):
    world.do(c.DeleteShare, share="data", delete_snapshots="include")
    world.make_share()
    assert listed(world, "", recursive=True) == ([], None)


def pend(world, *paths):
    """Open handles, marked for deletion, on things in the root or one directory below it; their ids are 1, 2, ..."""
    handles = []
    for number, path in enumerate(paths, start=1):
        thing = world.directory(path) if path.endswith("d") else world.file(path)
        handles.append(Handle(number, path, thing.file_id, thing.parent_id, 7, "x", 0, delete_pending=True))
    world.store.apply([PutHandles("acct", "data", tuple(handles))])


def test_a_directory_that_is_marked_for_deletion_goes_with_its_last_handle(world):
    world.make_directory("d")
    pend(world, "d", "d")
    world.refused(Code.DELETE_PENDING, c.DeleteDirectory, share="data", path="d")
    assert closed(world, "d", handle_id=1) == 1
    assert world.names() == ["d"]
    assert closed(world, "d") == 1
    assert world.names() == []


def test_a_directory_goes_with_what_is_marked_in_it_but_not_with_anything_else(world):
    for path in ("d", "d/dd", "e.d"):
        world.make_directory(path)
    for path in ("d/f", "e.d/stays"):
        world.make_file(path)
    pend(world, "d", "d/f", "d/dd", "e.d")
    assert closed(world, "", recursive=True) == 4
    assert world.names() == ["e.d"]
    assert world.names("e.d") == ["stays"]
