"""NFS shares: properties of their own, hard and symbolic links."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutHandles, PutShare
from azfiles_sim.model.commands import LeaseAction, NfsRequest, SmbRequest
from azfiles_sim.model.entities import Attributes, File, Handle, NfsProperties
from azfiles_sim.model.errors import Code
from azfiles_sim.model.settings import ShareSettings
from tests.model.world import A, B, World

DATA = b"sixteen bytes ok"


@pytest.fixture
def nfs(world: World) -> World:
    share = world.view.share("acct", "data")
    assert share is not None
    world.store.apply([PutShare(replace(share, settings=ShareSettings(protocol="NFS")))])
    return world


def hard_link(world: World, path: str, target: str, **fields: Any) -> File:
    command = c.CreateHardLink
    return world.do(command, share="data", path=path, target=tuple(target.split("/")), **fields).file


def symbolic_link(world: World, path: str, text: str = "some%20where", **fields: Any) -> File:
    return world.do(c.CreateSymbolicLink, share="data", path=path, link_text=text, **fields).file


def test_new_files_and_directories_have_the_recorded_modes(nfs):
    assert nfs.make_file("f").nfs == NfsProperties(0o664, "0", "0")
    assert nfs.make_directory("d").nfs == NfsProperties(0o755, "0", "0")
    asked = NfsRequest(0o600, "1000", "1001")
    assert nfs.make_file("g", nfs=asked).nfs == NfsProperties(0o600, "1000", "1001")
    assert nfs.make_directory("e", nfs=asked).nfs == NfsProperties(0o600, "1000", "1001")


def test_what_is_not_given_stays(nfs):
    nfs.make_file("f", nfs=NfsRequest(0o600, "1", "2"))
    nfs.make_directory("d", nfs=NfsRequest(0o700, "1", "2"))
    changed = nfs.do(c.SetFileProperties, share="data", path="f", nfs=NfsRequest(owner="7")).file
    assert changed.nfs == NfsProperties(0o600, "7", "2")
    changed = nfs.do(c.SetDirectoryProperties, share="data", path="d", nfs=NfsRequest(mode=0o711)).directory
    assert changed.nfs == NfsProperties(0o711, "1", "2")
    assert nfs.write("f", DATA).nfs == NfsProperties(0o600, "7", "2")


@pytest.mark.parametrize(
    "smb", [SmbRequest(attributes=Attributes.HIDDEN), SmbRequest(permission="O:"), SmbRequest(permission_key="1*1")]
)
def test_each_protocol_refuses_the_others_properties(nfs, smb):
    nfs.make_share("smb")
    nfs.refused(Code.UNSUPPORTED_HEADER, c.CreateFile, share="data", path="f", size=1, smb=smb)
    nfs.refused(Code.UNSUPPORTED_HEADER, c.CreateFile, share="smb", path="f", size=1, nfs=NfsRequest(mode=0o600))


def test_a_copy_takes_mode_and_owner_from_its_source_when_told(nfs):
    nfs.make_file("f", nfs=NfsRequest(0o600, "1", "2"))
    source = c.CopySource(account="acct", share="data", path=("f",))
    for name, how, expected in (
        ("plain", {}, NfsProperties(0o664, "0", "0")),
        ("mode", {"mode_from_source": True}, NfsProperties(0o600, "0", "0")),
        ("owner", {"owner_from_source": True}, NfsProperties(0o664, "1", "2")),
        ("given", {"nfs": NfsRequest(mode=0o640)}, NfsProperties(0o640, "0", "0")),
    ):
        made = nfs.do(c.CopyFile, share="data", path=name, source=source, source_url="u", **how).file
        assert made.nfs == expected


def test_a_hard_link_is_the_same_file_under_another_name(nfs):
    made = nfs.make_file("f", 16, data=DATA)
    nfs.make_directory("d")
    nfs.clock.advance(1)
    linked = hard_link(nfs, "d/g", "f")
    assert (linked.file_id, len(linked.links)) == (made.file_id, 2)
    assert linked.smb.change > made.smb.change
    assert linked.stamp == nfs.file("f").stamp
    assert nfs.used() == 16
    nfs.write("d/g", b"SIX")
    assert nfs.read("f") == b"SIXteen bytes ok"
    nfs.do(c.SetFileMetadata, share="data", path="f", metadata=(("a", "b"),))
    assert nfs.file("d/g").metadata == (("a", "b"),)
    nfs.do(c.LeaseFile, share="data", path="f", action=LeaseAction.ACQUIRE, proposed_id=A)
    nfs.refused(Code.LEASE_ID_MISSING, c.DeleteFile, share="data", path="d/g")


def test_a_file_lives_until_its_last_name_goes(nfs):
    nfs.make_file("f", 16, data=DATA)
    hard_link(nfs, "g", "f")
    hard_link(nfs, "h", "g")
    assert len(nfs.file("f").links) == 3
    assert nfs.do(c.DeleteFile, share="data", path="f").links_left == 2
    assert nfs.used() == 16
    assert nfs.do(c.DeleteFile, share="data", path="g").links_left == 1
    assert nfs.file("h").links == ()
    assert nfs.read("h") == DATA
    assert nfs.do(c.DeleteFile, share="data", path="h").links_left == 0
    assert nfs.used() == 0


def test_a_rename_takes_one_name_and_leaves_the_others(nfs):
    nfs.make_file("f", 16, data=DATA)
    hard_link(nfs, "g", "f")
    nfs.make_directory("d")
    nfs.do(c.Rename, share="data", path="d/h", source_share="data", source="g", directory=False)
    assert {name for _, name in nfs.file("f").links} == {"f", "h"}
    assert nfs.write("d/h", b"x").stamp == nfs.file("f").stamp
    nfs.make_file("other", 4, data=b"abcd")
    nfs.do(c.Rename, share="data", path="f", source_share="data", source="other", directory=False, replace=True)
    assert nfs.file("d/h").links == ()
    assert nfs.used() == 20
    assert nfs.read("f") == b"abcd"


def test_a_rename_onto_another_of_its_names_leaves_one(nfs):
    nfs.make_file("f", 16, data=DATA)
    hard_link(nfs, "g", "f")
    nfs.do(c.Rename, share="data", path="g", source_share="data", source="f", directory=False, replace=True)
    assert nfs.file("g").links == ()
    assert nfs.names() == ["g"]


def test_create_file_over_one_name_changes_all(nfs):
    made = nfs.make_file("f", 16, data=DATA)
    hard_link(nfs, "g", "f")
    assert nfs.make_file("g", 4).file_id == made.file_id
    assert nfs.file("f").size == 4


def test_links_never_overwrite_and_need_their_parent_and_their_target(nfs):
    nfs.make_file("f")
    nfs.make_directory("d")
    symbolic_link(nfs, "s")
    for taken in ("f", "d", "s"):
        nfs.refused(Code.RESOURCE_ALREADY_EXISTS, c.CreateHardLink, share="data", path=taken, target=("f",))
        nfs.refused(Code.RESOURCE_ALREADY_EXISTS, c.CreateSymbolicLink, share="data", path=taken, link_text="f")
    nfs.refused(Code.PARENT_NOT_FOUND, c.CreateHardLink, share="data", path="no/x", target=("f",))
    nfs.refused(Code.PARENT_NOT_FOUND, c.CreateSymbolicLink, share="data", path="no/x", link_text="f")
    nfs.refused(Code.RESOURCE_NOT_FOUND, c.CreateHardLink, share="data", path="x", target=("none",))
    nfs.refused(Code.PARENT_NOT_FOUND, c.CreateHardLink, share="data", path="x", target=("none", "f"))
    for wrong in ("d", "s"):
        nfs.refused(Code.RESOURCE_TYPE_MISMATCH, c.CreateHardLink, share="data", path="x", target=(wrong,))


def test_a_symbolic_link_keeps_its_text_and_is_no_file_to_write_over(nfs):
    made = symbolic_link(nfs, "s", "to%20nowhere", metadata=(("k", "v"),), nfs=NfsRequest(owner="5"))
    assert (made.nfs, made.size, made.metadata) == (NfsProperties(0o777, "5", "0"), 0, (("k", "v"),))
    assert nfs.do(c.GetSymbolicLink, share="data", path="s").file.link_text == "to%20nowhere"
    nfs.refused(Code.RESOURCE_TYPE_MISMATCH, c.CreateFile, share="data", path="s", size=1)
    nfs.make_file("f")
    nfs.refused(Code.RESOURCE_TYPE_MISMATCH, c.GetSymbolicLink, share="data", path="f")
    nfs.refused(Code.RESOURCE_NOT_FOUND, c.GetSymbolicLink, share="data", path="none")
    at = nfs.snapshot().snapshot
    nfs.do(c.DeleteFile, share="data", path="s")
    assert nfs.do(c.GetSymbolicLink, share="data", path="s", snapshot=at).file.link_text == "to%20nowhere"


def test_an_smb_share_has_no_links(world):
    world.make_file("f")
    world.refused(Code.UNSUPPORTED_QUERY_PARAMETER, c.CreateHardLink, share="data", path="x", target=("f",))
    world.refused(Code.UNSUPPORTED_QUERY_PARAMETER, c.CreateSymbolicLink, share="data", path="x", link_text="f")


def test_names_that_only_their_case_tells_apart_are_two_on_nfs(nfs):
    for path, data in (("f", b"small"), ("F", b"large")):
        nfs.make_file(path, len(data), data=data)
    assert (nfs.read("f"), nfs.read("F")) == (b"small", b"large")
    nfs.make_directory("d")
    nfs.refused(Code.PARENT_NOT_FOUND, c.CreateFile, share="data", path="D/g", size=0)
    assert nfs.names() == ["F", "d", "f"]
    assert nfs.names(prefix="f") == ["f"]
    hard_link(nfs, "d/F", "F")
    hard_link(nfs, "d/f", "F")
    nfs.do(c.Rename, share="data", path="D", source_share="data", source="d", directory=True)
    assert nfs.names() == ["D", "F", "f"]
    nfs.do(c.DeleteFile, share="data", path="F")
    assert nfs.names("D") == ["F", "f"]
    assert nfs.read("D/f") == b"large"
    nfs.do(c.DeleteFile, share="data", path="D/f")
    assert nfs.names("D") == ["F"]


def test_a_list_of_an_nfs_share_goes_on_in_the_order_of_its_letters(nfs):
    for name in ("b", "A", "a", "B"):
        nfs.make_file(name)
    page = nfs.do(c.ListDirectory, share="data", path="", max_results=2)
    assert ([entry.name for entry in page.entries], page.next_name) == (["A", "B"], "a")
    assert nfs.names(marker=page.next_name) == ["a", "b"]


def test_handles_on_nfs_are_those_of_the_very_name(nfs):
    small, large = nfs.make_file("f"), nfs.make_file("F")
    opened = [(1, "f", small.file_id), (2, "F", large.file_id)]
    handles = tuple(Handle(n, path, number, 0, 7, "x", 0, delete_pending=True) for n, path, number in opened)
    nfs.store.apply([PutHandles("acct", "data", handles)])
    assert nfs.do(c.CloseHandles, share="data", path="F").closed == 1
    assert nfs.names() == ["f"]


def test_metadata_of_a_symbolic_link_must_be_metadata(nfs):
    nfs.refused(
        Code.INVALID_METADATA, c.CreateSymbolicLink, share="data", path="l", link_text="x", metadata=(("1", ""),)
    )
    assert nfs.names() == []


def test_another_name_for_a_leased_file_needs_its_lease(nfs):
    nfs.make_file("f")
    nfs.do(c.LeaseFile, share="data", path="f", action=LeaseAction.ACQUIRE, proposed_id=A)
    nfs.refused(Code.LEASE_ID_MISSING, c.CreateHardLink, share="data", path="g", target=("f",))
    nfs.refused(
        Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION, c.CreateHardLink, share="data", path="g", target=("f",), lease_id=B
    )
    assert nfs.names() == ["f"]
    assert hard_link(nfs, "g", "f", lease_id=A).lease == nfs.file("f").lease
