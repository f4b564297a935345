"""Directories: parents, types, the root, properties, listings."""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.commands import SmbRequest, Word
from azfiles_sim.model.entities import Attributes
from azfiles_sim.model.errors import Code
from azfiles_sim.model.quirks import RECORDED_2019
from tests.model.world import World

READS = [(c.GetDirectory, {}), (c.ListDirectory, {})]
WRITES = [(c.DeleteDirectory, {}), (c.SetDirectoryProperties, {}), (c.SetDirectoryMetadata, {})]
FILE_READS = [(c.GetFile, {}), (c.GetFileProperties, {}), (c.ListRanges, {})]
FILE_WRITES = [
    (c.DeleteFile, {}),
    (c.SetFileProperties, {}),
    (c.SetFileMetadata, {}),
    (c.PutRange, {"start": 0, "end": 0, "data": (b"x",), "data_md5": b""}),
    (c.ClearRange, {"start": 0, "end": 0}),
    (c.AbortCopy, {"copy_id": "x"}),
    (c.LeaseFile, {"action": c.LeaseAction.ACQUIRE}),
]
CREATES = [(c.CreateDirectory, {}), (c.CreateFile, {"size": 0})]
ALL = [*READS, *WRITES, *FILE_READS, *FILE_WRITES]


@pytest.mark.parametrize(("kind", "fields"), [*ALL, *CREATES, (c.ListHandles, {}), (c.CloseHandles, {})])
def test_a_missing_share_then_a_missing_parent_is_told(world, kind, fields):
    world.make_file("file")
    world.refused(Code.SHARE_NOT_FOUND, kind, share="missing", path="a/b", **fields)
    world.refused(Code.PARENT_NOT_FOUND, kind, share="data", path="missing/b", **fields)
    world.refused(Code.PARENT_NOT_FOUND, kind, share="data", path="file/b", **fields)


@pytest.mark.parametrize(("kind", "fields"), [*ALL, (c.ListHandles, {}), (c.CloseHandles, {})])
def test_a_missing_target_is_told(world, kind, fields):
    world.refused(Code.RESOURCE_NOT_FOUND, kind, share="data", path="missing", **fields)


@pytest.mark.parametrize(("kind", "fields"), [*WRITES, *FILE_WRITES])
def test_changing_what_is_of_the_other_type_is_a_mismatch(world, kind, fields):
    world.make_file("file")
    world.make_directory("directory")
    path = "file" if (kind, fields) in WRITES else "directory"
    world.refused(Code.RESOURCE_TYPE_MISMATCH, kind, share="data", path=path, **fields)


@pytest.mark.parametrize(("kind", "fields"), [*READS, *FILE_READS])
def test_reading_what_is_of_the_other_type_finds_nothing(world, kind, fields):
    world.make_file("file")
    world.make_directory("directory")
    path = "file" if (kind, fields) in READS else "directory"
    world.refused(Code.RESOURCE_NOT_FOUND, kind, share="data", path=path, **fields)


def test_creating_over_something(world):
    world.make_file("file")
    world.make_directory("directory")
    world.refused(Code.RESOURCE_ALREADY_EXISTS, c.CreateDirectory, share="data", path="DIRECTORY")
    world.refused(Code.RESOURCE_ALREADY_EXISTS, c.CreateDirectory, share="data", path="file")
    world.refused(Code.RESOURCE_TYPE_MISMATCH, c.CreateFile, share="data", path="directory", size=1)


def test_the_root_can_be_read_and_changed_but_not_made_or_deleted(world):
    world.refused(Code.UNSUPPORTED_HTTP_VERB, c.CreateDirectory, share="data", path="")
    world.refused(Code.SHARE_NOT_FOUND, c.CreateDirectory, share="missing", path="")
    world.refused(Code.UNSUPPORTED_HTTP_VERB, c.DeleteDirectory, share="data", path="")
    world.do(c.SetDirectoryMetadata, share="data", path="", metadata=(("a", "1"),))
    assert world.directory("").metadata == (("a", "1"),)
    world.make_file("f")
    assert world.names() == ["f"]


def test_a_directory_is_deleted_only_when_it_is_empty(world):
    world.make_directory("d")
    world.make_directory("d/e")
    world.refused(Code.DIRECTORY_NOT_EMPTY, c.DeleteDirectory, share="data", path="d")
    world.do(c.DeleteDirectory, share="data", path="d/e")
    world.do(c.DeleteDirectory, share="data", path="d")
    world.refused(Code.RESOURCE_NOT_FOUND, c.GetDirectory, share="data", path="d")


def test_children_move_no_etag_of_their_parent_or_share(world):
    world.make_directory("d")
    before = world.directory("d"), world.directory(""), world.share().stamp
    world.make_file("d/f", data=b"x")
    world.make_directory("d/e")
    world.do(c.DeleteFile, share="data", path="d/f")
    assert (world.directory("d"), world.directory(""), world.share().stamp) == before


def test_a_new_directory_has_the_etag_for_all_its_times(world):
    made = world.make_directory("d", metadata=(("a", "1"),))
    smb = made.smb
    assert (smb.creation, smb.last_write, smb.change) == (made.stamp,) * 3
    assert smb.attributes is Attributes.DIRECTORY
    assert made.metadata == (("a", "1"),)


def test_file_ids_are_a_bit_reversed_counter(world):
    expected = [0xC000, 0xA000, 0xE000, 0x9000, 0xD000, 0xB000, 0xF000]
    for number, high in enumerate(expected):
        made = (world.make_directory if number % 2 else world.make_file)(f"n{number}")
        assert made.file_id == high << 48 | 0x4000_0000_0000
    assert made.parent_id == 0
    inner = world.make_file("n1/inner")
    assert inner.parent_id == world.directory("n1").file_id


def test_setting_nothing_moves_the_etag_and_the_change_time_only(world):
    made = world.make_directory("d", smb=SmbRequest(creation=5, last_write=6))
    world.clock.advance(1)
    smb = SmbRequest(Word.PRESERVE, Word.PRESERVE, Word.PRESERVE, None, Word.PRESERVE)
    for asked in (smb, SmbRequest()):
        changed = world.do(c.SetDirectoryProperties, share="data", path="d", smb=asked).directory
        assert changed.stamp == changed.smb.change > made.stamp
        assert (changed.smb.creation, changed.smb.last_write) == (5, 6)
        assert changed.smb.permission_key == made.smb.permission_key


def test_a_directory_stays_marked_as_one(world):
    world.make_directory("d", smb=SmbRequest(attributes=Attributes.HIDDEN))
    assert world.directory("d").smb.attributes == Attributes.HIDDEN | Attributes.DIRECTORY
    world.do(c.SetDirectoryProperties, share="data", path="d", smb=SmbRequest(attributes=Attributes.NONE))
    assert world.directory("d").smb.attributes == Attributes.DIRECTORY


def test_setting_metadata_moves_change_time_and_keeps_last_write_time(world):
    made = world.make_directory("d")
    changed = world.do(c.SetDirectoryMetadata, share="data", path="d", metadata=(("a", "1"),)).directory
    assert changed.smb.change == changed.stamp > made.stamp
    assert changed.smb.last_write == made.smb.last_write


def test_explicit_times_are_taken_and_the_etag_stays_now(world):
    made = world.make_directory("d", smb=SmbRequest(creation=5, last_write=6, change=7))
    assert (made.smb.creation, made.smb.last_write, made.smb.change) == (5, 6, 7)
    assert made.stamp == world.view.account("acct").last_stamp


def test_in_2019_an_explicit_last_write_time_became_etag_and_change_time():
    world = World(quirks=RECORDED_2019)
    world.make_share()
    made = world.make_directory("d", smb=SmbRequest(creation=5, last_write=6))
    assert (made.stamp, made.smb.creation, made.smb.last_write, made.smb.change) == (6, 5, 6, 6)
    made = world.make_file("f", smb=SmbRequest(creation=Word.NOW, last_write=6, change=7))
    assert (made.stamp, made.smb.last_write, made.smb.change) == (7, 6, 7)
    assert made.smb.creation == world.view.account("acct").last_stamp
    made = world.make_file("g", smb=SmbRequest(creation=Word.NOW, last_write=Word.NOW))
    assert made.stamp == made.smb.change == world.view.account("acct").last_stamp


def test_words_that_an_operation_does_not_know_are_refused(world):
    world.make_directory("d")
    for smb in (
        SmbRequest(attributes=Word.PRESERVE),
        SmbRequest(creation=Word.PRESERVE),
        SmbRequest(last_write=Word.SOURCE),
        SmbRequest(permission=Word.PRESERVE),
    ):
        world.refused(Code.INVALID_HEADER_VALUE, c.CreateDirectory, share="data", path="e", smb=smb)
    for smb in (
        SmbRequest(attributes=Word.NOW),
        SmbRequest(change=Word.SOURCE),
        SmbRequest(permission=Word.SOURCE),
    ):
        world.refused(Code.INVALID_HEADER_VALUE, c.SetDirectoryProperties, share="data", path="d", smb=smb)


def test_a_listing_is_in_one_order_of_names_for_both_types(world):
    for name in ("b", "D", "a"):
        world.make_file(name)
    for name in ("C", "e"):
        world.make_directory(name)
    world.make_file("e/inside")
    assert world.names() == ["a", "b", "C", "D", "e"]
    assert world.names("E") == ["inside"]


def test_listings_come_in_pages_by_prefix_and_marker(world):
    for name in ("dir1", "filea1", "filea2", "filea3", "fileb1"):
        world.make_file(name)

    def listed(**fields):
        page = world.do(c.ListDirectory, share="data", path="", **fields)
        return [entry.name for entry in page.entries], page.next_name

    assert listed(max_results=2) == (["dir1", "filea1"], "filea2")
    assert listed(max_results=2, marker="filea2") == (["filea2", "filea3"], "fileb1")
    assert listed(prefix="filea") == (["filea1", "filea2", "filea3"], None)
    assert listed(prefix="FILEA", marker="filea2", max_results=1) == (["filea2"], "filea3")
    assert listed(prefix="x") == ([], None)
    assert listed(marker="zzz") == ([], None)


def test_a_page_has_at_most_5000_entries(world):
    for number in range(40):
        world.make_file(f"f{number:02}")
    listing = world.do(c.ListDirectory, share="data", path="", max_results=6000)
    assert (len(listing.entries), listing.next_name, listing.directory) == (40, None, world.directory(""))
