"""Directory operations."""

from __future__ import annotations

import pytest

import azfiles


def test_a_created_directory_has_its_metadata_and_a_parent_of_its_own(share: azfiles.ShareClient) -> None:
    outer, inner = share.directory("a"), share.directory("a/b")
    outer.create(metadata={"kind": "outer"})
    inner.create()
    assert dict(outer.get_properties().metadata) == {"kind": "outer"}
    assert inner.get_properties().smb.parent_id == outer.get_properties().smb.file_id
    assert outer.get_properties().smb.attributes == "Directory"


def test_creating_a_directory_twice_is_refused(share: azfiles.ShareClient) -> None:
    share.directory("a").create()
    with pytest.raises(azfiles.AlreadyExists) as refusal:
        share.directory("A").create()
    assert (refusal.value.status, refusal.value.code) == (409, "ResourceAlreadyExists")


def test_a_directory_needs_its_parent(share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.NotFound) as refusal:
        share.directory("missing/b").create()
    assert refusal.value.code == "ParentNotFound"


def test_only_an_empty_directory_is_deleted(share: azfiles.ShareClient) -> None:
    directory = share.directory("a")
    directory.create()
    directory.file("f").create(0)
    with pytest.raises(azfiles.Conflict) as refusal:
        directory.delete()
    assert refusal.value.code == "DirectoryNotEmpty"
    directory.file("f").delete()
    directory.delete()
    with pytest.raises(azfiles.NotFound) as gone:
        directory.get_properties()
    assert gone.value.code == "ResourceNotFound"


def test_directory_metadata_and_smb_properties_can_be_replaced(share: azfiles.ShareClient) -> None:
    directory = share.directory("a")
    directory.create(metadata={"x": "1"})
    first = directory.get_properties()
    directory.set_metadata({"y": "2"})
    directory.set_smb_properties(
        azfiles.SmbSettings(attributes="ReadOnly|Directory", creation_time="2020-01-02T03:04:05.1234567Z")
    )
    after = directory.get_properties()
    assert dict(after.metadata) == {"y": "2"} == dict(directory.get_metadata().metadata)
    assert after.smb.attributes == "ReadOnly | Directory"
    assert after.smb.exact.creation == "2020-01-02T03:04:05.1234567Z"
    assert after.smb.exact.last_write == first.smb.exact.last_write
    assert after.etag != first.etag


def test_a_listing_has_directories_and_files_in_one_order_of_names(share: azfiles.ShareClient) -> None:
    share.directory("beta").create()
    share.directory("delta").create()
    for name in ("alpha", "gamma", "epsilon"):
        share.file(name).create(len(name))
    entries = list(share.root.list())
    assert [entry.name for entry in entries] == ["alpha", "beta", "delta", "epsilon", "gamma"]
    assert [isinstance(entry, azfiles.DirectoryEntry) for entry in entries] == [False, True, True, False, False]
    assert {e.name: e.size for e in entries if isinstance(e, azfiles.FileEntry)} == {
        "alpha": 5,
        "epsilon": 7,
        "gamma": 5,
    }


@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
def test_pages_of_any_size_make_the_same_listing(share: azfiles.ShareClient, page_size: int) -> None:
    names = [f"file {n:02} ü.txt" for n in range(7)]
    for name in names:
        share.file(name).create(0)
    assert [entry.name for entry in share.root.list(page_size=page_size)] == names
    assert [entry.name for entry in share.root.list(prefix="file 03", page_size=page_size)] == [names[3]]


def test_extended_information_comes_only_where_it_is_asked_for(share: azfiles.ShareClient) -> None:
    share.file("f").create(3)
    [bare] = share.root.list()
    assert (bare.etag, bare.times, bare.attributes, bare.permission_key) == (None, None, None, None)
    include = ("timestamps", "etag", "attributes", "permissionkey")
    [full] = share.root.list(include=include, extended_info=True)
    properties = share.file("f").get_properties()
    assert full.etag == properties.etag
    assert full.attributes == properties.smb.attributes == "Archive"
    assert full.permission_key == properties.smb.permission_key
    assert full.file_id == properties.smb.file_id
    assert full.times is not None
    assert full.times.exact.creation == properties.smb.exact.creation


def test_a_renamed_directory_takes_its_children_along(share: azfiles.ShareClient) -> None:
    share.directory("a").create()
    share.file("a/f").upload(b"content")
    file_id = share.directory("a").get_properties().smb.file_id
    share.directory("a").rename("b")
    assert bytes(share.file("b/f").download()) == b"content"
    assert share.directory("b").get_properties().smb.file_id == file_id
    with pytest.raises(azfiles.NotFound):
        share.directory("a").get_properties()
