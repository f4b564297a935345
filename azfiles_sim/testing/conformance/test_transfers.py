"""Checksums all along, ranges from other files, and lists of ranges."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import Capability


def test_a_file_goes_up_and_down_with_checksums(share: azfiles.ShareClient) -> None:
    data = bytes(range(256)) * 40
    file = share.file("f")
    file.upload(data, range_size=4096, checksum="crc64")
    assert bytes(file.download(range_size=3000, checksum="crc64")) == data
    buffer = bytearray(len(data))
    assert bytes(file.get(into=buffer, checksum="crc64").content) == bytes(buffer) == data
    part = file.get_range(100, 50, checksum="crc64")
    assert (bytes(part.content), part.range) == (data[100:150], azfiles.Range(100, 50))


@needs(Capability.NEWEST_VERSION)
def test_a_file_is_created_together_with_its_data(newest: azfiles.ShareClient) -> None:
    for checksum in (None, "crc64"):
        newest.file("f").create(5, data=b"hello", checksum=checksum)
        assert bytes(newest.file("f").get().content) == b"hello"


def test_a_range_is_written_from_another_file(share: azfiles.ShareClient) -> None:
    share.file("source").upload(b"0123456789")
    file = share.file("f")
    file.create(6)
    written = file.put_range_from_url(1, 4, share.file("source"), 5)
    assert written.content_crc64
    assert bytes(file.download()) == b"\x005678\0"
    file.put_range_from_url(1, 4, share.file("source"), 5, if_source_crc64=written.content_crc64)
    with pytest.raises(azfiles.PreconditionFailed):
        file.put_range_from_url(0, 4, share.file("source"), 0, if_source_crc64=written.content_crc64)
    assert bytes(file.download()) == b"\x005678\0"


@needs(Capability.NEWEST_VERSION)
def test_ranges_are_iterated_over_page_by_page(newest: azfiles.ShareClient) -> None:
    file = newest.file("f")
    file.create(1 << 20)
    offsets = [0, 4096, 65536]
    for offset in offsets:
        file.put_range(offset, b"x" * 512)
    assert [each.offset for each in file.iterate_ranges(page_size=1)] == offsets
    page = file.list_ranges(page_size=2)
    assert len(page.ranges) == 2
    assert page.next_marker


@needs(Capability.NEWEST_VERSION)
def test_what_changed_since_a_snapshot_comes_in_order(newest: azfiles.ShareClient) -> None:
    file = newest.file("f")
    file.create(4096)
    file.put_range(0, b"x" * 1024)
    base = newest.create_snapshot().snapshot
    file.clear_range(0, 512)
    file.put_range(2048, b"y" * 512)
    changes = list(file.iterate_ranges(previous_snapshot=base))
    assert changes == [azfiles.Range(0, 512, cleared=True), azfiles.Range(2048, 512)]


def test_a_read_only_file_is_copied_over_only_when_asked(share: azfiles.ShareClient) -> None:
    share.file("source").upload(b"data")
    file = share.file("f")
    file.create(0, smb=azfiles.SmbSettings(attributes="ReadOnly"))
    with pytest.raises(azfiles.Conflict) as refusal:
        file.start_copy(share.file("source"))
    assert refusal.value.code == "ReadOnlyAttribute"
    started = file.start_copy(
        share.file("source"),
        ignore_readonly=True,
        set_archive=True,
        permission_copy_mode="source",
        smb=azfiles.SmbSettings(attributes="source", last_write_time="source"),
    )
    assert started.status == "success"
    assert bytes(file.download()) == b"data"
    assert "Archive" in (file.get_properties().smb.attributes or "")


@needs(Capability.NEWEST_VERSION)
def test_restored_properties_are_stored_as_they_are_given(newest: azfiles.ShareClient) -> None:
    file = newest.file("f")
    restored = file.create(0, smb=azfiles.SmbSettings(attributes="Hidden"), property_semantics="Restore")
    assert restored.smb.attributes == "Hidden"
