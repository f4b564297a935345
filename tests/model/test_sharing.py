"""What a file that SMB clients have open answers to REST operations."""

from __future__ import annotations

from typing import Any

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutHandles
from azfiles_sim.model.commands import SmbRequest
from azfiles_sim.model.entities import Attributes, ByteLock, Handle, Sharing
from azfiles_sim.model.errors import Code
from azfiles_sim.model.handles import MAX_CLOSED_AT_ONCE
from tests.model.world import World

READ, WRITE, DELETE = Sharing.READ, Sharing.WRITE, Sharing.DELETE
ALL = (READ, WRITE, DELETE)
HERE = c.CopySource(account="acct", share="data", path=("f",))

# What each operation on the file ``f`` needs that every open handle shares.
OPERATIONS: dict[str, tuple[set[Sharing], type, dict[str, Any]]] = {
    "head": (set(), c.GetFileProperties, {"path": "f"}),
    "get": ({READ}, c.GetFile, {"path": "f"}),
    "list ranges": ({READ}, c.ListRanges, {"path": "f"}),
    "copy from": ({READ}, c.CopyFile, {"path": "copy", "source": HERE, "source_url": "u"}),
    "clear": ({WRITE}, c.ClearRange, {"path": "f", "start": 0, "end": 9}),
    "set properties": ({WRITE}, c.SetFileProperties, {"path": "f", "size": 512}),
    "set metadata": ({WRITE}, c.SetFileMetadata, {"path": "f"}),
    "create": ({WRITE, DELETE}, c.CreateFile, {"path": "f", "size": 1}),
    "copy onto": (
        {WRITE, DELETE},
        c.CopyFile,
        {"path": "f", "source": c.CopySource(account="acct", share="data", path=("g",)), "source_url": "u"},
    ),
    "delete": ({DELETE}, c.DeleteFile, {"path": "f"}),
    "rename": (
        {DELETE},
        c.Rename,
        {"path": "new", "source_share": "data", "source": "f", "directory": False},
    ),
    "rename onto": (
        {DELETE},
        c.Rename,
        {"path": "f", "source_share": "data", "source": "g", "directory": False, "replace": True},
    ),
}


def opened(world: World, path: str = "f", handle_id: int = 1, **fields: Any) -> Handle:
    node = world.view.child(world.view.share("acct", "data").tree, 0, path.upper()) or world.file(path)
    handle = Handle(handle_id, path, node.file_id, node.parent_id, 1, "127.0.0.1:1", 0, **fields)
    rest = [other for other in world.view.handles("acct", "data") if other.handle_id != handle_id]
    world.store.apply([PutHandles("acct", "data", tuple(sorted((*rest, handle), key=lambda one: one.handle_id)))])
    return handle


@pytest.fixture
def files(world: World) -> World:
    world.make_file("f", 1024, data=b"sixteen bytes ok")
    world.make_file("g", 16)
    return world


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_needs_that_every_handle_shares_what_it_does(files, name):
    needed, command, fields = OPERATIONS[name]
    for withheld in ALL:
        opened(files, share_mode=tuple(mode for mode in ALL if mode is not withheld))
        if withheld in needed:
            files.refused(Code.SHARING_VIOLATION, command, share="data", **fields)
    opened(files, share_mode=tuple(needed))
    files.do(command, share="data", **dict(fields))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_marked_for_deletion_refuses_everything(files, name):
    opened(files, delete_pending=True)
    _, command, fields = OPERATIONS[name]
    files.refused(Code.DELETE_PENDING, command, share="data", **dict(fields))


def test_a_snapshot_of_an_open_file_is_read_freely(files):
    at = files.snapshot().snapshot
    opened(files, share_mode=(), delete_pending=True)
    assert files.read("f", snapshot=at)[:7] == b"sixteen"


def test_an_exclusive_lock_stops_readers_and_writers_of_its_bytes_only(files):
    opened(files, locks=(ByteLock(100, 199),))
    for start, end in ((0, 100), (199, 300), (150, 160)):
        files.refused(Code.FILE_LOCK_CONFLICT, c.GetFile, share="data", path="f", start=start, end=end)
        files.refused(Code.FILE_LOCK_CONFLICT, c.ClearRange, share="data", path="f", start=start, end=end)
    files.refused(Code.FILE_LOCK_CONFLICT, c.GetFile, share="data", path="f")
    assert len(files.read("f", start=0, end=99)) == 100
    files.write("f", b"free", start=200)
    with pytest.raises(Exception, match="FileLockConflict"):
        files.write("f", b"x", start=100)


def test_a_shared_lock_stops_writers_only(files):
    opened(files, locks=(ByteLock(0, 9, exclusive=False),))
    files.read("f")
    files.refused(Code.FILE_LOCK_CONFLICT, c.ClearRange, share="data", path="f", start=0, end=0)
    source = c.CopySource(account="acct", share="data", path=("g",))
    from_url = {"share": "data", "path": "f", "start": 0, "end": 3, "source": source, "source_start": 0}
    files.refused(Code.FILE_LOCK_CONFLICT, c.PutRangeFromUrl, **from_url)


def test_a_lease_and_a_read_only_attribute_are_looked_at_around_the_handles(files):
    files.do(c.SetFileProperties, share="data", path="f", smb=SmbRequest(attributes=Attributes.READ_ONLY))
    opened(files, share_mode=())
    files.refused(Code.SHARING_VIOLATION, c.DeleteFile, share="data", path="f")
    files.refused(Code.LEASE_NOT_PRESENT_WITH_FILE_OPERATION, c.DeleteFile, share="data", path="f", lease_id="a")


def test_a_deleted_file_that_is_open_goes_with_its_last_handle(files):
    opened(files, handle_id=1)
    opened(files, handle_id=2)
    files.do(c.DeleteFile, share="data", path="f")
    files.refused(Code.DELETE_PENDING, c.GetFile, share="data", path="f")
    assert files.used() == 16
    assert files.do(c.CloseHandles, share="data", path="f", handle_id=1).closed == 1
    files.refused(Code.DELETE_PENDING, c.GetFile, share="data", path="f")
    assert files.do(c.CloseHandles, share="data", path="f", handle_id=2).closed == 1
    files.refused(Code.RESOURCE_NOT_FOUND, c.GetFile, share="data", path="f")
    assert files.used() == 0


def test_closing_a_handle_that_is_not_marked_keeps_the_file(files):
    opened(files)
    assert files.do(c.CloseHandles, share="data", path="", recursive=True).closed == 1
    assert files.read("f")


def test_a_handle_follows_its_renamed_file(files):
    files.make_directory("d")
    opened(files)
    files.do(c.Rename, share="data", path="d/new", source_share="data", source="f", directory=False)
    found = files.do(c.ListHandles, share="data", path="d/new").handles
    assert [handle.path for handle in found] == ["d/new"]
    files.do(c.DeleteFile, share="data", path="d/new")
    files.do(c.CloseHandles, share="data", path="d/new")
    assert files.names("d") == []


def test_a_directory_with_open_handles_below_is_not_renamed(files):
    made = files.make_directory("d")
    files.make_file("d/f")
    inside = files.file("d/f")
    handle = Handle(1, "D/f", inside.file_id, made.file_id, 1, "127.0.0.1:1", 0)
    files.store.apply([PutHandles("acct", "data", (handle,))])
    fields = {"share": "data", "path": "e", "source_share": "data", "source": "d", "directory": True}
    files.refused(Code.SHARING_VIOLATION, c.Rename, **fields)
    files.do(c.CloseHandles, share="data", path="d", recursive=True)
    files.do(c.Rename, **{**fields, "source": "d"})


def test_a_directory_that_is_not_shared_for_deletion_stays(files):
    made = files.make_directory("d")
    handle = Handle(1, "d", made.file_id, 0, 1, "127.0.0.1:1", 0, share_mode=(READ,))
    files.store.apply([PutHandles("acct", "data", (handle,))])
    files.refused(Code.SHARING_VIOLATION, c.DeleteDirectory, share="data", path="d")


def test_very_many_handles_are_closed_by_and_by(files):
    file = files.file("f")
    handles = tuple(
        Handle(number, "f", file.file_id, 0, 1, "127.0.0.1:1", 0) for number in range(MAX_CLOSED_AT_ONCE + 2)
    )
    files.store.apply([PutHandles("acct", "data", handles)])
    first = files.do(c.CloseHandles, share="data", path="f")
    assert (first.closed, first.next_place is not None) == (MAX_CLOSED_AT_ONCE, True)
    assert first.closed == 5000
    second = files.do(c.CloseHandles, share="data", path="f", marker=first.next_place)
    assert (second.closed, second.next_place) == (2, None)
