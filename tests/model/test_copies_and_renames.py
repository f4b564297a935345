"""Copy File, Abort Copy, Rename File and Rename Directory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutNode
from azfiles_sim.model.commands import HttpHeadersRequest, LeaseAction, SmbRequest, Word
from azfiles_sim.model.entities import AVAILABLE, Attributes, CopyRecord, Leased
from azfiles_sim.model.errors import Code
from azfiles_sim.model.permissions import DEFAULT_FILE_KEY
from tests.model.world import SDDL, A, B


def copy(world, path="to", *, source="from", **fields):
    fields.setdefault("source_url", "https://acct.file.core.windows.net/data/from")
    if isinstance(source, str):
        source = c.CopySource(account="acct", share="data", path=(source,))
    return world.do(c.CopyFile, share="data", path=path, source=source, **fields).file


def refused_copy(world, code, path="to", **fields):
    return world.refused(code, c.CopyFile, share="data", path=path, source_url="u", **fields)


@pytest.fixture
def origin(world):
    """A file with content and properties of its own, and a permission that a request set."""
    http = HttpHeadersRequest(content_type="text/plain")
    smb = SmbRequest(Attributes.HIDDEN, creation=1, last_write=2, change=3, permission=SDDL)
    file = world.make_file("from", 1024, metadata=(("a", "1"),), http=http, smb=smb)
    return replace(file, content=world.write("from", b"content", keep_last_write=True).content)


def test_a_copy_has_content_headers_and_metadata_of_its_source_and_a_new_files_properties(world, origin):
    world.clock.advance(1)
    made = copy(world)
    assert world.read("to") == b"content".ljust(1024, b"\0")
    assert (made.http, made.metadata) == (origin.http, origin.metadata)
    assert (made.smb.creation, made.smb.last_write, made.smb.change) == (made.stamp,) * 3
    assert (made.smb.attributes, made.smb.permission_key) == (Attributes.ARCHIVE, DEFAULT_FILE_KEY)
    assert made.copy == CopyRecord(
        "aaaaaaaa-0000-4000-8000-000000000001",
        "https://acct.file.core.windows.net/data/from",
        "success",
        1024,
        1024,
        made.stamp,
    )
    assert world.used() == 14


def test_a_copy_is_apart_from_its_source(world, origin):
    copy(world)
    world.write("from", b"changed")
    assert world.read("to", start=0, end=6) == b"content"


def test_a_copy_onto_a_file_keeps_its_id_and_replaces_all_else(world, origin):
    old = world.make_file("to", 5, b"12345", metadata=(("old", "x"),), smb=SmbRequest(creation=9))
    made = copy(world, "TO", metadata=(("new", "y"),))
    assert (made.file_id, made.name) == (old.file_id, "to")
    assert (made.metadata, made.size, made.smb.creation) == ((("new", "y"),), 1024, made.stamp)
    assert world.used() == 14


def test_a_copy_can_take_properties_and_permission_of_its_source(world, origin):
    source = world.file("from")
    smb = SmbRequest(Word.SOURCE, creation=Word.SOURCE, last_write=Word.SOURCE, change=Word.SOURCE)
    made = copy(world, smb=smb, permission_from_source=True)
    assert made.smb == replace(source.smb, attributes=source.smb.attributes)
    assert copy(world, smb=smb, set_archive=True).smb.attributes == Attributes.HIDDEN | Attributes.ARCHIVE


def test_a_copy_can_be_given_properties(world, origin):
    made = copy(world, smb=SmbRequest(Attributes.TEMPORARY, creation=7, last_write=Word.NOW, permission=SDDL))
    assert (made.smb.attributes, made.smb.creation, made.smb.last_write) == (Attributes.TEMPORARY, 7, made.stamp)
    assert made.smb.permission_key == world.file("from").smb.permission_key


def test_properties_that_contradict_themselves_are_refused(world, origin):
    source = c.CopySource(account="acct", share="data", path=("from",))
    for smb in (
        SmbRequest(permission=SDDL),
        SmbRequest(permission_key=DEFAULT_FILE_KEY),
    ):
        refused_copy(world, Code.INVALID_HEADER_VALUE, source=source, smb=smb, permission_from_source=True)
    refused_copy(world, Code.INVALID_HEADER_VALUE, source=source, smb=SmbRequest(attributes=Word.PRESERVE))


def test_a_permission_is_carried_into_another_share(world, origin):
    world.make_share("more", account="other")
    source = c.CopySource(account="acct", share="data", path=("from",))
    made = world.do(
        c.CopyFile,
        account="other",
        share="more",
        path="to",
        source=source,
        source_url="u",
        permission_from_source=True,
    ).file
    text = world.do(c.GetPermission, account="other", share="more", permission_key=made.smb.permission_key).permission
    assert text.startswith(SDDL.replace("PAI", "P"))


def test_a_copy_from_a_snapshot_restores_a_file(world, origin):
    at = world.snapshot().snapshot
    world.do(c.DeleteFile, share="data", path="from")
    made = copy(world, "from", source=c.CopySource(account="acct", share="data", path=("from",), snapshot=at))
    assert world.read("from", start=0, end=6) == b"content"
    assert made.file_id != origin.file_id


def test_a_source_that_is_not_there(world, origin):
    world.make_directory("d")
    for path, code in (
        (("missing",), Code.RESOURCE_NOT_FOUND),
        (("d",), Code.RESOURCE_NOT_FOUND),
        (("missing", "f"), Code.PARENT_NOT_FOUND),
    ):
        refused_copy(world, code, source=c.CopySource(account="acct", share="data", path=path))
    source = c.CopySource(account="acct", share="missing", path=("f",))
    refused_copy(world, Code.SHARE_NOT_FOUND, source=source)
    for account in ("other", "nobody"):
        source = c.CopySource(account=account, share="data", path=("f",))
        refused_copy(world, Code.CANNOT_VERIFY_COPY_SOURCE, source=source)


def test_a_destination_that_cannot_be_written(world, origin):
    source = c.CopySource(account="acct", share="data", path=("from",))
    world.make_directory("d")
    world.make_file("ro", smb=SmbRequest(attributes=Attributes.READ_ONLY))
    refused_copy(world, Code.RESOURCE_TYPE_MISMATCH, "d", source=source)
    refused_copy(world, Code.PARENT_NOT_FOUND, "missing/f", source=source)
    refused_copy(world, Code.READ_ONLY_ATTRIBUTE, "ro", source=source)
    assert copy(world, "ro", ignore_read_only=True).smb.attributes is Attributes.ARCHIVE


def test_a_lease_stays_on_the_destination(world, origin):
    world.make_file("to")
    world.do(c.LeaseFile, share="data", path="to", action=LeaseAction.ACQUIRE, proposed_id=A)
    assert copy(world, lease_id=A).lease == Leased(A)


def test_a_finished_copy_cannot_be_aborted(world, origin):
    made = copy(world)
    for path, copy_id in (("to", made.copy.copy_id), ("to", B), ("from", B)):
        world.refused(Code.NO_PENDING_COPY_OPERATION, c.AbortCopy, share="data", path=path, copy_id=copy_id)


def test_a_pending_copy_is_aborted_by_its_id_and_leaves_an_empty_file(world, origin):
    made = copy(world)
    pending = replace(made, copy=replace(made.copy, status="pending", completed=None))
    world.store.apply([PutNode(world.share().tree, pending)])
    world.refused(Code.COPY_ID_MISMATCH, c.AbortCopy, share="data", path="to", copy_id=B)
    world.do(c.AbortCopy, share="data", path="to", copy_id=made.copy.copy_id)
    file = world.file("to")
    assert (file.size, file.copy.status, file.stamp > made.stamp) == (0, "aborted", True)


def test_creating_over_a_copy_forgets_that_it_was_one(world, origin):
    copy(world)
    assert world.make_file("to").copy is None


# --- rename --------------------------------------------------------------------------------------------------------


def move(world, source, path, *, directory=False, **fields):
    fields.setdefault("source_share", "data")
    result = world.do(c.Rename, share="data", path=path, source=source, directory=directory, **fields)
    return result.directory if directory else result.file


def refused_move(world, code, source, path, **fields):
    fields = {"source_share": "data", "directory": False, **fields}
    return world.refused(code, c.Rename, share="data", path=path, source=source, **fields)


def test_a_renamed_file_keeps_all_but_its_etag_and_change_time(world, origin):
    world.make_directory("d")
    old = world.file("from")
    world.clock.advance(1)
    new = move(world, "from", "d/To")
    assert new == replace(
        old,
        name="To",
        parent_id=world.directory("d").file_id,
        stamp=new.stamp,
        smb=replace(old.smb, change=new.stamp),
    )
    assert new.stamp > old.stamp
    assert world.file("d/to") == new
    world.refused(Code.RESOURCE_NOT_FOUND, c.GetFile, share="data", path="from")


def test_a_rename_can_set_metadata_properties_and_type(world, origin):
    smb = SmbRequest(Attributes.HIDDEN | Attributes.ARCHIVE, creation=10, last_write=11, change=12, permission=SDDL)
    new = move(world, "from", "to", metadata=(("b", "2"),), smb=smb, content_type="text/html")
    assert (new.metadata, new.http.content_type) == ((("b", "2"),), "text/html")
    assert (new.smb.creation, new.smb.last_write, new.smb.change) == (10, 11, 12)


def test_a_rename_onto_something_is_refused_unless_it_replaces_a_file(world, origin):
    world.make_file("there", 3, b"old")
    world.make_directory("d")
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "from", "THERE")
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "from", "d")
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "from", "d", replace=True)
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "d", "there", directory=True)
    new = move(world, "from", "there", replace=True)
    assert new.file_id == origin.file_id
    assert world.names() == ["d", "there"]
    assert world.used() == 7
    moved = move(world, "d", "there", directory=True, replace=True)
    assert world.names() == [moved.name] == ["there"]
    assert world.used() == 0


def test_a_read_only_file_is_replaced_only_if_that_is_ignored(world, origin):
    world.make_file("there", smb=SmbRequest(attributes=Attributes.READ_ONLY))
    refused_move(world, Code.READ_ONLY_ATTRIBUTE, "from", "there", replace=True)
    move(world, "from", "there", replace=True, ignore_read_only=True)


def test_a_read_only_file_can_be_renamed(world):
    world.make_file("from", smb=SmbRequest(attributes=Attributes.READ_ONLY))
    assert move(world, "from", "to").smb.attributes & Attributes.READ_ONLY


def test_a_directory_takes_its_whole_tree_with_it(world):
    world.make_directory("a")
    world.make_directory("a/b")
    inside = world.make_file("a/b/f", 1, b"x")
    world.make_directory("c")
    old = world.directory("a")
    new = move(world, "a", "c/z", directory=True)
    assert (new.file_id, new.parent_id) == (old.file_id, world.directory("c").file_id)
    assert world.file("c/z/b/f") == inside
    world.refused(Code.PARENT_NOT_FOUND, c.GetFile, share="data", path="a/b/f")


def test_a_directory_cannot_be_moved_into_itself(world):
    world.make_directory("a")
    world.make_directory("a/b")
    for path in ("a/c", "a/b/c"):
        refused_move(world, Code.INVALID_HEADER_VALUE, "a", path, directory=True)
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "a", "a/b", directory=True)


def test_a_name_can_be_spelled_anew_but_not_renamed_to_itself(world):
    made = world.make_file("report")
    refused_move(world, Code.RESOURCE_ALREADY_EXISTS, "report", "report")
    assert move(world, "report", "Report").name == "Report"
    again = move(world, "report", "Report", replace=True)
    assert (again.file_id, world.names()) == (made.file_id, ["Report"])


def test_a_rename_of_what_is_missing_or_of_the_other_type(world):
    world.make_file("file")
    world.make_directory("d")
    refused_move(world, Code.RESOURCE_NOT_FOUND, "missing", "x")
    refused_move(world, Code.PARENT_NOT_FOUND, "missing/f", "x")
    refused_move(world, Code.PARENT_NOT_FOUND, "file", "missing/x")
    refused_move(world, Code.RESOURCE_TYPE_MISMATCH, "d", "x")
    refused_move(world, Code.RESOURCE_TYPE_MISMATCH, "file", "x", directory=True)
    refused_move(world, Code.INVALID_RESOURCE_NAME, "fi*le", "x")


def test_a_rename_stays_in_its_share_and_leaves_the_root_alone(world):
    world.make_file("f")
    refused_move(world, Code.INVALID_HEADER_VALUE, "f", "x", source_share="other")
    refused_move(world, Code.INVALID_HEADER_VALUE, "", "x", directory=True)
    refused_move(world, Code.INVALID_HEADER_VALUE, "f", "", replace=True)


def test_leases_of_source_and_destination_are_looked_at_apart(world, origin):
    world.make_file("to")
    for path, lease_id in (("from", A), ("to", B)):
        world.do(c.LeaseFile, share="data", path=path, action=LeaseAction.ACQUIRE, proposed_id=lease_id)
    refused_move(world, Code.LEASE_ID_MISSING, "from", "free")
    refused_move(world, Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION, "from", "free", source_lease_id=B)
    refused_move(world, Code.LEASE_ID_MISSING, "from", "to", replace=True, source_lease_id=A)
    refused_move(
        world,
        Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION,
        "from",
        "to",
        replace=True,
        source_lease_id=A,
        destination_lease_id=A,
    )
    moved = move(world, "from", "to", replace=True, source_lease_id=A, destination_lease_id=B)
    assert moved.lease == Leased(A)


def test_a_rename_makes_a_broken_lease_available(world, origin):
    for action in (LeaseAction.ACQUIRE, LeaseAction.BREAK):
        world.do(c.LeaseFile, share="data", path="from", action=action)
    assert move(world, "from", "to").lease == AVAILABLE


def test_a_snapshot_is_not_touched_by_a_rename(world, origin):
    at = world.snapshot().snapshot
    move(world, "from", "to")
    assert world.names(snapshot=at) == ["from"]
