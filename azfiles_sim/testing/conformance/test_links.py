"""NFS shares: mode, owner and group, hard and symbolic links."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import Capability

pytestmark = needs(Capability.PREMIUM_ACCOUNT, Capability.NEWEST_VERSION)


def test_mode_owner_and_group_are_set_and_read(nfs: azfiles.ShareClient) -> None:
    file = nfs.file("f")
    created = file.create(0, nfs=azfiles.NfsSettings(mode=0o600, owner=1000, group=1001))
    assert created.nfs is not None
    assert (created.nfs.mode, created.nfs.owner, created.nfs.group) == ("0600", "1000", "1001")
    file.set_nfs_properties(azfiles.NfsSettings(mode="0644"))
    found = file.get_properties().nfs
    assert found == azfiles.NfsProperties("0644", "1000", "1001", "Regular", 1)
    directory = nfs.directory("d")
    directory.create(nfs=azfiles.NfsSettings(mode=0o700))
    directory.set_nfs_properties(azfiles.NfsSettings(owner=5))
    kept = directory.get_properties().nfs
    assert kept is not None
    assert (kept.mode, kept.owner, kept.file_type) == ("0700", "5", "Directory")


def test_a_hard_link_is_the_same_file_under_another_name(nfs: azfiles.ShareClient) -> None:
    file = nfs.file("f")
    file.upload(b"data")
    linked = nfs.file("link").create_hard_link(file)
    assert linked.nfs is not None
    assert linked.nfs.link_count == 2
    assert linked.smb.file_id == file.get_properties().smb.file_id
    nfs.file("link").put_range(0, b"DATA")
    assert bytes(file.download()) == b"DATA"
    with pytest.raises(azfiles.AlreadyExists):
        nfs.file("link").create_hard_link("f")


def test_deleting_one_name_tells_how_many_are_left(nfs: azfiles.ShareClient) -> None:
    file, link = nfs.file("f"), nfs.file("link")
    file.create(0)
    link.create_hard_link(file)
    assert link.delete() == azfiles.FileDeleted(1)
    assert file.delete() == azfiles.FileDeleted(0)


def test_the_case_of_letters_tells_names_apart(nfs: azfiles.ShareClient) -> None:
    nfs.file("f").upload(b"small")
    nfs.file("F").upload(b"large")
    assert [entry.name for entry in nfs.root.list()] == ["F", "f"]
    nfs.file("F").rename("f", replace=True)
    assert bytes(nfs.file("f").download()) == b"large"
    with pytest.raises(azfiles.NotFound):
        nfs.file("F").get_properties()


def test_a_symbolic_link_holds_any_text(nfs: azfiles.ShareClient) -> None:
    link = nfs.file("link")
    created = link.create_symbolic_link("../nowhere/100% ü", nfs=azfiles.NfsSettings(owner=7))
    assert created.nfs is not None
    assert (created.nfs.file_type, created.nfs.owner) == ("SymLink", "7")
    assert link.get_symbolic_link().text == "../nowhere/100% ü"
    with pytest.raises(azfiles.AlreadyExists):
        link.create_symbolic_link("elsewhere")


def test_a_link_below_a_missing_directory_names_the_parent(nfs: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.NotFound) as refusal:
        nfs.file("d/link").create_symbolic_link("x")
    assert (refusal.value.status, refusal.value.code) == (404, "ParentNotFound")
