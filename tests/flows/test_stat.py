"""What lies at a path, and directories that are there afterwards."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim import Simulator


@pytest.fixture
def simulator():
    return Simulator()


@pytest.fixture
def share(simulator):
    share = azfiles.connect(simulator.handle, retry=None).share("data")
    share.create()
    share.directory("a/b").create_with_parents()
    share.file("a/f").upload(b"four")
    return share


def test_a_file_and_a_directory_are_told_apart(share):
    found = share.stat("a/f")
    assert isinstance(found, azfiles.FileProperties)
    assert found.size == 4
    for place in (share.stat("a/b"), share.stat("/"), share.root.stat("a"), share.directory("a/b").stat()):
        assert isinstance(place, azfiles.DirectoryProperties)


def test_a_snapshot_shows_what_was_there(share):
    old = share.snapshot(share.create_snapshot().snapshot)
    share.file("a/f").delete()
    assert isinstance(old.stat("a/f"), azfiles.FileProperties)
    with pytest.raises(azfiles.NotFound):
        share.stat("a/f")


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [("data", "a/none", "ResourceNotFound"), ("data", "none/f", "ParentNotFound"), ("other", "a", "ShareNotFound")],
)
def test_what_is_missing_is_told(simulator, share, name, path, code):
    before = len(simulator.journal.entries())
    with pytest.raises(azfiles.NotFound) as raised:
        azfiles.connect(simulator.handle, retry=None).share(name).stat(path)
    assert raised.value.code == code
    assert len(simulator.journal.entries()) - before == (2 if code == "ResourceNotFound" else 1)


def test_directories_are_made_with_those_above_and_may_be_there(share):
    share.directory("x/y/z").create_with_parents()
    share.directory("x/y").create_with_parents()
    share.root.create_with_parents()
    assert [found.path for found in share.directory("x").walk()] == ["y", "y/z"]


def test_a_file_in_the_way_and_a_missing_share_are_told(simulator, share):
    with pytest.raises(azfiles.AlreadyExists):
        share.directory("a/f").create_with_parents()
    with pytest.raises(azfiles.NotFound, match="ShareNotFound"):
        azfiles.connect(simulator.handle, retry=None).share("none").directory("a/b").create_with_parents()
