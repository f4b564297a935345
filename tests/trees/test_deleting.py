"""Deleting trees: bottom-up, past what cannot be deleted."""

from __future__ import annotations

import pytest

import azfiles
from azfiles import TreeAction
from tests.trees.local import remote_content

ACCOUNT = "devstoreaccount1"


@pytest.fixture
def tree(share, folder):
    tree = share.directory("t")
    tree.upload_tree(folder)
    share.file("beside").upload(b"beside")
    return tree


def paths(failures):
    return [failure.path for failure in failures]


def test_a_tree_is_deleted_and_nothing_beside_it(share, tree):
    dry = tree.delete_tree(dry_run=True)
    assert len(remote_content(share.root)) == 8
    report = tree.delete_tree(keep_steps=True)
    assert dry.steps == report.steps
    assert report.counts == {TreeAction.DELETE_FILE: 3, TreeAction.DELETE_DIRECTORY: 4}
    assert report.deleted == 7
    assert remote_content(share.root) == {"beside": b"beside"}
    with pytest.raises(azfiles.NotFound):
        tree.delete_tree()


def test_the_root_of_the_tree_stays_if_asked_and_that_of_a_share_always(share, tree):
    assert tree.delete_tree(keep_root=True).deleted == 6
    assert set(remote_content(share.root)) == {"t", "beside"}
    assert share.root.delete_tree().deleted == 2
    assert remote_content(share.root) == {}


def test_what_is_leased_stays_with_the_directories_above_it_and_is_reported(share, tree):
    share.file("t/a/one.txt").acquire_lease()
    report = tree.delete_tree()
    assert paths(report.failures) == ["a/one.txt", "a", ""]
    assert isinstance(report.failures[0].error, azfiles.LeaseConflict)
    assert set(remote_content(share.root)) == {"t", "t/a", "t/a/one.txt", "beside"}
    with pytest.raises(azfiles.TreeIncomplete, match=r"3 of .*a/one\.txt") as raised:
        report.raise_for_failures()
    assert raised.value.report is report
    assert raised.value.may_have_acted


def test_what_is_read_only_is_deleted_if_asked(share, tree):
    share.file("t/a/one.txt").set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly|Hidden"))
    assert paths(tree.delete_tree().failures) == ["a/one.txt", "a", ""]
    assert not tree.delete_tree(ignore_readonly=True).failures
    assert remote_content(share.root) == {"beside": b"beside"}


def test_what_smb_clients_have_open_is_deleted_if_their_handles_may_be_closed(share, simulator, tree):
    simulator.open_handle(ACCOUNT, "data", "t/a/b/deep.bin", share_mode=())
    assert paths(tree.delete_tree(dry_run=True, close_handles=True).failures) == []
    assert list(share.file("t/a/b/deep.bin").list_handles())
    assert paths(tree.delete_tree().failures) == ["a/b/deep.bin", "a/b", "a", ""]
    assert not tree.delete_tree(close_handles=True).failures
    assert remote_content(share.root) == {"beside": b"beside"}


def test_temporary_files_go_with_the_tree(share, tree):
    share.file("t/.azfiles-0123456789abcdef0123456789abcdef.new").upload(b"half")
    assert not tree.delete_tree().failures
    assert remote_content(share.root) == {"beside": b"beside"}


def test_one_file_that_is_read_only_is_deleted_only_where_that_is_said_and_a_leased_one_by_its_lease(share):
    file = share.file("report.txt")
    file.create(4, smb=azfiles.SmbSettings(attributes="ReadOnly"))
    with pytest.raises(azfiles.Conflict, match="ReadOnlyAttribute"):
        file.delete()
    held = file.acquire_lease()
    with pytest.raises(azfiles.LeaseConflict):
        file.delete(ignore_readonly=True)
    assert "ReadOnly" in file.get_properties().smb.attributes
    file.delete(lease_id=held.id, ignore_readonly=True)
    with pytest.raises(azfiles.NotFound):
        file.delete(ignore_readonly=True)
