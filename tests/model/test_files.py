"""Files: create, overwrite, properties, ranges, size, quota."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutNode, PutShare
from azfiles_sim.model.commands import HttpHeadersRequest, SmbRequest, Word
from azfiles_sim.model.content import EMPTY_CONTENT
from azfiles_sim.model.entities import Attributes, HttpHeaders
from azfiles_sim.model.errors import Code
from azfiles_sim.model.quirks import RECORDED_2019
from tests.model.world import World

TIB = 1 << 40


def times(file):
    return file.smb.creation, file.smb.last_write, file.smb.change


def test_a_new_file_reads_as_zeros_and_has_the_defaults(world):
    made = world.make_file("f", 5)
    assert world.read("f") == bytes(5)
    assert times(made) == (made.stamp,) * 3
    assert made.smb.attributes is Attributes.ARCHIVE
    assert made.http == HttpHeaders(content_type="application/octet-stream")
    assert world.do(c.ListRanges, share="data", path="f").ranges == ()


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        (Attributes.NONE, Attributes.ARCHIVE),
        (Attributes.READ_ONLY, Attributes.READ_ONLY | Attributes.ARCHIVE),
        (Attributes.TEMPORARY | Attributes.DIRECTORY, Attributes.TEMPORARY | Attributes.ARCHIVE),
    ],
)
def test_a_created_file_is_marked_archive(world, asked, stored):
    assert world.make_file("f", smb=SmbRequest(attributes=asked)).smb.attributes == stored


def test_creating_over_a_file_keeps_its_id_and_starts_all_else_anew(world):
    old = world.make_file(
        "f",
        data=b"old",
        metadata=(("a", "1"),),
        http=HttpHeadersRequest(content_type="text/plain", content_md5="x"),
        smb=SmbRequest(creation=5, last_write=6, attributes=Attributes.HIDDEN),
    )
    world.clock.advance(1)
    new = world.make_file("f", 3)
    assert new.file_id == old.file_id
    assert times(new) == (new.stamp,) * 3
    assert (new.metadata, new.http, new.smb.attributes) == ((), HttpHeaders(), Attributes.ARCHIVE)
    assert world.read("f") == bytes(3)
    assert world.used() == 0


@pytest.mark.parametrize("size", [-1, 4 * TIB + 1])
def test_sizes_that_a_file_cannot_have(world, size):
    world.refused(Code.OUT_OF_RANGE_INPUT, c.CreateFile, share="missing", path="f", size=size)
    world.refused(Code.OUT_OF_RANGE_INPUT, c.SetFileProperties, share="missing", path="f", size=size)


def test_a_file_of_4_tib_can_be_made_and_written_at_its_end(world):
    world.make_file("f", 4 * TIB)
    world.write("f", b"end", 4 * TIB - 3)
    assert world.read("f", start=4 * TIB - 4) == b"\0end"
    assert world.used() == 3


def test_put_range_moves_etag_last_write_and_change_time(world):
    made = world.make_file("f", metadata=(("a", "1"),), http=HttpHeadersRequest(content_md5="stored"))
    world.clock.advance(1)
    result = world.do(c.PutRange, share="data", **world.range_of("f", b"abc"))
    assert result.content_md5 == hashlib.md5(b"abc").digest()
    assert times(result.file) == (made.smb.creation, result.file.stamp, result.file.stamp)
    assert (result.file.metadata, result.file.http) == (made.metadata, made.http)
    assert result.file == world.file("f")


def test_put_range_can_keep_the_last_write_time(world):
    made = world.make_file("f")
    kept = world.write("f", b"abc", keep_last_write=True)
    assert kept.stamp > made.stamp
    assert times(kept) == (made.smb.creation, made.smb.last_write, kept.stamp)


def test_in_2019_put_range_moved_the_etag_only():
    world = World(quirks=RECORDED_2019)
    world.make_share()
    made = world.make_file("f")
    written = world.write("f", b"abc")
    assert written.stamp > made.stamp
    assert written.smb == made.smb


def test_overlapping_writes_overwrite_byte_by_byte_and_holes_are_zero(world):
    world.make_file("f", 12)
    world.write("f", b"aaaaaa", 1)
    world.write("f", b"bb", 3)
    world.do(c.PutRange, share="data", path="f", start=9, end=10, data=(b"c", memoryview(b"d")), data_md5=b"")
    assert world.read("f") == b"\0aabbaa\0\0cd\0"[:12]
    assert world.used() == 8


def test_writes_and_clears_beyond_the_end_are_refused_and_write_nothing(world):
    world.make_file("f", 10)
    refusal = world.refused(Code.INVALID_RANGE, c.PutRange, share="data", **world.range_of("f", b"xy", 9))
    assert refusal.size == 10
    world.refused(Code.INVALID_RANGE, c.ClearRange, share="data", path="f", start=0, end=10)
    assert world.used() == 0


def test_a_wrong_hash_is_refused_last_of_all_and_a_right_one_accepted(world):
    world.make_file("f", 10)
    sent = world.range_of("f", b"abc")
    world.refused(Code.MD5_MISMATCH, c.PutRange, share="data", content_md5=bytes(16), **sent)
    beyond = world.range_of("f", b"abc", 9)
    world.refused(Code.INVALID_RANGE, c.PutRange, share="data", content_md5=bytes(16), **beyond)
    assert world.read("f") == bytes(10)
    world.do(c.PutRange, share="data", content_md5=sent["data_md5"], **sent)
    assert world.read("f", end=2, start=0) == b"abc"


def test_a_range_of_4_mib_is_written(world):
    world.make_file("f", 5 << 20)
    block = b"x" * (4 << 20)
    world.write("f", block)
    assert world.read("f", start=0, end=(4 << 20) - 1) == block


def test_clearing_bumps_the_etag_even_where_nothing_was_written(world):
    made = world.make_file("f", 2048)
    cleared = world.do(c.ClearRange, share="data", path="f", start=0, end=2047)
    assert cleared.content_md5 == b""
    assert cleared.file.stamp == cleared.file.smb.last_write > made.stamp


def test_reading_ranges(world):
    world.make_file("f", 10, b"0123456789")
    for fields, expected in (
        ({}, (b"0123456789", None, 9)),
        ({"start": 2, "end": 4}, (b"234", 2, 4)),
        ({"start": 7}, (b"789", 7, 9)),
        ({"start": 8, "end": 4000}, (b"89", 8, 9)),
    ):
        result = world.do(c.GetFile, share="data", path="f", **fields)
        assert (b"".join(result.views), result.start, result.end) == expected
    assert world.refused(Code.INVALID_RANGE, c.GetFile, share="data", path="f", start=10).size == 10
    assert world.refused(Code.INVALID_RANGE, c.ListRanges, share="data", path="f", start=10).size == 10


def test_any_range_of_an_empty_file_is_refused_but_all_of_it_can_be_read(world):
    world.make_file("f", 0)
    assert world.refused(Code.INVALID_RANGE, c.GetFile, share="data", path="f", start=0, end=5).size == 0
    result = world.do(c.GetFile, share="data", path="f")
    assert (result.views, result.start, result.end) == ([], None, -1)
    assert world.do(c.ListRanges, share="data", path="f").ranges == ()


def test_a_range_is_hashed(world):
    world.make_file("f", 5 << 20, b"abc")
    result = world.do(c.GetFile, share="data", path="f", start=0, end=9, range_md5=True)
    assert result.range_md5 == hashlib.md5(b"abc" + bytes(7)).digest()


def test_listed_ranges_are_clipped_to_what_was_asked_for(world):
    world.make_file("f", 4096)
    world.write("f", b"x" * 1024, 512)
    world.write("f", b"x" * 1024, 3072)
    assert world.do(c.ListRanges, share="data", path="f", start=512, end=3583).ranges == ((512, 1535), (3072, 3583))
    assert world.do(c.ListRanges, share="data", path="f", start=4000).ranges == ((4000, 4095),)


def test_resizing_cuts_or_adds_zeros_and_moves_the_last_write_time(world):
    made = world.make_file("f", 10, b"0123456789", http=HttpHeadersRequest(content_type="text/plain"))
    world.clock.advance(1)
    cut = world.do(c.SetFileProperties, share="data", path="f", size=4).file
    assert times(cut) == (made.smb.creation, cut.stamp, cut.stamp)
    assert (world.used(), cut.http.content_type) == (4, "text/plain")
    world.do(c.SetFileProperties, share="data", path="f", size=8)
    assert world.read("f") == b"0123\0\0\0\0"
    assert world.do(c.ListRanges, share="data", path="f").ranges == ((0, 7),)


def test_setting_a_header_clears_the_others_and_keeps_size_and_times(world):
    made = world.make_file("f", 10, http=HttpHeadersRequest(content_type="text/plain", cache_control="no-cache"))
    asked = HttpHeadersRequest(content_language="spanish", content_disposition="inline")
    changed = world.do(c.SetFileProperties, share="data", path="f", http=asked).file
    assert changed.http == HttpHeaders(None, content_language="spanish", content_disposition="inline")
    assert (changed.size, changed.smb.last_write) == (10, made.smb.last_write)
    assert changed.smb.change == changed.stamp > made.stamp


def test_setting_smb_properties_keeps_the_headers(world):
    made = world.make_file("f", http=HttpHeadersRequest(content_encoding="gzip"))
    asked = SmbRequest(attributes=Attributes.NONE, creation=1, last_write=Word.NOW, change=3)
    changed = world.do(c.SetFileProperties, share="data", path="f", smb=asked).file
    assert changed.http == made.http
    assert times(changed) == (1, changed.stamp, 3)
    assert changed.smb.attributes is Attributes.NONE


def test_explicit_times_win_over_those_of_a_resize(world):
    world.make_file("f")
    asked = SmbRequest(last_write=2, change=Word.PRESERVE)
    before = world.file("f")
    changed = world.do(c.SetFileProperties, share="data", path="f", size=1, smb=asked).file
    assert (changed.smb.last_write, changed.smb.change) == (2, before.smb.change)


def test_setting_metadata_replaces_it_and_keeps_last_write_time(world):
    made = world.make_file("f", metadata=(("a", "1"), ("b", "2")))
    changed = world.do(c.SetFileMetadata, share="data", path="f", metadata=(("UP", "3"),)).file
    assert changed.metadata == (("UP", "3"),)
    assert times(changed) == (made.smb.creation, made.smb.last_write, changed.stamp)


def test_a_deleted_file_is_gone_and_its_space_too(world):
    world.make_file("f", data=b"x")
    world.do(c.DeleteFile, share="data", path="f")
    world.refused(Code.RESOURCE_NOT_FOUND, c.GetFile, share="data", path="f")
    assert world.used() == 0


def test_a_read_only_file_is_written_only_after_the_attribute_is_taken_off(world):
    world.make_file("f", smb=SmbRequest(attributes=Attributes.READ_ONLY))
    for kind, fields in (
        (c.CreateFile, {"size": 1}),
        (c.PutRange, {"start": 0, "end": 0, "data": (b"x",), "data_md5": b""}),
        (c.ClearRange, {"start": 0, "end": 0}),
        (c.SetFileMetadata, {}),
        (c.DeleteFile, {}),
    ):
        world.refused(Code.READ_ONLY_ATTRIBUTE, kind, share="data", path="f", **fields)
    assert world.read("f") == bytes(1024)
    world.do(c.SetFileProperties, share="data", path="f", smb=SmbRequest(attributes=Attributes.NONE))
    world.do(c.DeleteFile, share="data", path="f")


def test_statistics_count_written_bytes_and_no_holes(world):
    assert world.used() == 0
    world.make_file("f", 11, b"hello world")
    assert world.used() == 11
    world.make_file("g", 1 << 30)
    assert world.used() == 11


def test_a_share_takes_no_more_bytes_than_its_quota_and_holes_are_free():
    world = World()
    share = world.make_share(quota_gib=1)
    file = world.make_file("f", 2 << 30)
    block = bytes(4 << 20)
    content = EMPTY_CONTENT.write(0, [block] * 256)
    full = replace(world.share(), written=content.written)
    world.store.apply([PutShare(full), PutNode(share.tree, replace(file, content=content))])
    assert world.used() == 1 << 30
    world.refused(Code.SHARE_SIZE_LIMIT_REACHED, c.PutRange, share="data", **world.range_of("f", b"x", 1 << 30))
    source = c.CopySource(account="acct", share="data", path=("f",))
    world.refused(Code.SHARE_SIZE_LIMIT_REACHED, c.CopyFile, share="data", path="g", source=source, source_url="u")
    world.write("f", b"over what is there")
    world.do(c.ClearRange, share="data", path="f", start=0, end=511)
    world.write("f", b"x", 1 << 30)
