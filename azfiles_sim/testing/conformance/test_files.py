"""File operations."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import azfiles

MIB = 2**20


def test_a_created_file_is_zeros_of_the_given_size(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(5, metadata={"a": "1"})
    content = file.get()
    assert bytes(content.content) == bytes(5)
    assert content.properties.size == 5
    assert dict(content.properties.metadata) == {"a": "1"}
    assert content.properties.http.content_type == "application/octet-stream"
    assert file.list_ranges().ranges == ()


def test_creating_over_a_file_replaces_it_and_keeps_its_id(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(4, metadata={"a": "1"})
    file.put_range(0, b"data")
    first = file.get_properties()
    file.create(2)
    second = file.get_properties()
    assert bytes(file.download()) == bytes(2)
    assert (second.size, dict(second.metadata)) == (2, {})
    assert second.smb.file_id == first.smb.file_id
    assert second.etag != first.etag


def test_a_range_is_written_read_and_cleared(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(2048)
    written = file.put_range(10, b"hello")
    assert written.content_md5 == base64.b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
    assert bytes(file.get_range(10, 5).content) == b"hello"
    assert bytes(file.get_range(8, 4).content) == b"\0\0he"
    file.put_range(1024, b"x" * 1024)
    file.clear_range(1024, 512)
    assert bytes(file.get_range(1024, 1024).content) == bytes(512) + b"x" * 512
    assert file.list_ranges().ranges[-1] == azfiles.Range(1536, 512)


def test_a_read_range_ends_with_the_file_and_lands_in_the_buffer_given(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.upload(b"0123456789")
    buffer = bytearray(8)
    content = file.get_range(6, 8, into=buffer)
    assert bytes(content.content) == b"6789"
    assert bytes(buffer[:4]) == b"6789"
    assert content.range == azfiles.Range(6, 4)
    assert bytes(file.get_range(7).content) == b"789"


def test_the_hash_of_a_range_is_checked_on_both_ways(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(8)
    file.put_range(0, b"12345678", content_md5=True)
    assert (
        file.get_range(0, 8, range_md5=True).range_md5
        == base64.b64encode(hashlib.md5(b"12345678", usedforsecurity=False).digest()).decode()
    )


def test_resizing_cuts_and_grows_with_zeros_and_keeps_the_content_type(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(8, http=azfiles.HttpHeaders(content_type="text/plain"))
    file.put_range(0, b"12345678")
    file.resize(3)
    file.resize(6)
    assert bytes(file.download()) == b"123\0\0\0"
    assert file.get_properties().http.content_type == "text/plain"


def test_setting_http_headers_replaces_all_of_them(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    first = azfiles.HttpHeaders(content_type="text/plain", content_encoding="x", cache_control="no-store")
    file.create(0, http=first)
    assert file.get_properties().http == first
    second = azfiles.HttpHeaders(content_language="de", content_disposition="inline")
    file.set_http_headers(second)
    assert file.get_properties().http == second


def test_file_metadata_is_replaced_as_a_whole(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(0, metadata={"a": "1", "b": "2"})
    file.set_metadata({"c": "3"})
    assert dict(file.get_metadata().metadata) == {"c": "3"}
    file.set_metadata({})
    assert dict(file.get_properties().metadata) == {}


def test_smb_properties_are_set_and_kept(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    moment = datetime(2021, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    file.create(0, smb=azfiles.SmbSettings(attributes="Hidden|Archive", creation_time=moment))
    assert file.get_properties().smb.creation_time == moment
    file.set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly", last_write_time=moment))
    smb = file.get_properties().smb
    assert (smb.attributes, smb.creation_time, smb.last_write_time) == ("ReadOnly", moment, moment)


def test_a_deleted_file_is_gone(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(1)
    file.delete()
    with pytest.raises(azfiles.NotFound) as refusal:
        file.get()
    assert refusal.value.code == "ResourceNotFound"


def test_a_copy_has_the_content_and_metadata_of_its_source(share: azfiles.ShareClient) -> None:
    source, target = share.file("a b/ü.txt"), share.file("copy")
    share.directory("a b").create()
    source.create(4, metadata={"m": "1"}, http=azfiles.HttpHeaders(content_type="text/plain"))
    source.put_range(0, b"data")
    started = target.start_copy(source)
    assert started.status == "success"
    assert bytes(target.download()) == b"data"
    properties = target.get_properties()
    assert dict(properties.metadata) == {"m": "1"}
    assert properties.http.content_type == "text/plain"
    progress = target.get_copy_status()
    assert progress is not None
    assert (progress.id, progress.status, progress.bytes_copied, progress.bytes_total) == (started.id, "success", 4, 4)
    with pytest.raises(azfiles.Conflict) as refusal:
        target.abort_copy(started.id)
    assert refusal.value.code == "NoPendingCopyOperation"


def test_an_old_version_is_restored_from_a_share_snapshot_by_copying(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.upload(b"old")
    then = share.snapshot(share.create_snapshot().snapshot)
    file.upload(b"newer")
    file.start_copy(then.file("f"))
    assert bytes(file.download()) == b"old"


def test_a_rename_keeps_id_and_content_and_refuses_an_existing_name(share: azfiles.ShareClient) -> None:
    file, taken = share.file("f"), share.file("taken")
    file.upload(b"mine")
    taken.upload(b"theirs")
    before = file.get_properties()
    with pytest.raises(azfiles.AlreadyExists) as refusal:
        file.rename("taken")
    assert refusal.value.code == "ResourceAlreadyExists"
    assert bytes(taken.download()) == b"theirs"
    file.rename("taken", replace=True)
    after = taken.get_properties()
    assert bytes(taken.download()) == b"mine"
    assert (after.smb.file_id, after.smb.exact.creation) == (before.smb.file_id, before.smb.exact.creation)
    with pytest.raises(azfiles.NotFound):
        file.get_properties()


@pytest.mark.parametrize("size", [0, 1, 4 * MIB, 4 * MIB + 1, 9 * MIB])
def test_an_upload_of_any_size_comes_back_as_it_was(share: azfiles.ShareClient, size: int) -> None:
    data = hashlib.sha256(b"seed").digest() * (size // 32 + 1)
    file = share.file("f")
    progress: list[int] = []
    file.upload(memoryview(data)[:size], progress=progress.append)
    assert sum(progress) == size
    assert bytes(file.download()) == data[:size]
    assert file.get_properties().size == size


@pytest.mark.parametrize(
    "name", ["with space", "percent %41", "plus+sign", "ünïcödé", "日本", "a&b=c;d", "#hash", "x" * 255]
)
def test_awkward_names_mean_themselves(share: azfiles.ShareClient, name: str) -> None:
    share.file(name).upload(name.encode())
    [entry] = share.root.list()
    assert entry.name == name
    assert bytes(share.file(name).download()) == name.encode()


def test_names_are_found_in_any_case_and_keep_their_spelling(share: azfiles.ShareClient) -> None:
    share.file("ReadMe.TXT").upload(b"x")
    assert share.file("README.txt").get_properties().size == 1
    [entry] = share.root.list()
    assert entry.name == "ReadMe.TXT"


def test_every_write_moves_the_etag_and_no_read_does(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(1024)
    seen = [file.get_properties().etag]
    writes: tuple[Callable[[], object], ...] = (
        lambda: file.put_range(0, b"x"),
        lambda: file.clear_range(0, 512),
        lambda: file.resize(10),
        lambda: file.set_metadata({}),
        lambda: file.set_http_headers(azfiles.HttpHeaders(content_type="a/b")),
        lambda: file.set_smb_properties(azfiles.SmbSettings(attributes="Archive")),
        lambda: file.create(1024),
    )
    for write in writes:
        write()
        seen.append(file.get_properties().etag)
    assert len(set(seen)) == len(seen)
    reads: tuple[Callable[[], object], ...] = (
        file.get,
        file.list_ranges,
        file.get_metadata,
        lambda: file.release_lease(file.acquire_lease().id),
    )
    for read in reads:
        read()
        assert file.get_properties().etag == seen[-1]
