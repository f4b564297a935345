"""Temporary files in a whole tree, and copies of one file."""

from __future__ import annotations

from datetime import timedelta

import pytest

import azfiles

OLD = f".azfiles-{'0' * 32}.new"
DEEP = f"a/b/.azfiles-{'1' * 32}.new"
LEASED = f"a/.azfiles-{'2' * 32}.new"
NEW = f"a/.azfiles-{'3' * 32}.new"


@pytest.fixture
def littered(share, clock):
    share.directory("a/b").create_with_parents()
    for name in (OLD, DEEP, LEASED, "a/.azfiles-lock", "a/kept"):
        share.file(name).upload(b"half of it")
    share.file(LEASED).acquire_lease()
    clock.advance(2 * 24 * 3600)
    share.file(NEW).upload(b"under way")
    return share


def paths(found):
    return [one.path for one in found]


def test_temporary_files_are_found_in_all_directories(littered):
    assert sorted(paths(littered.root.find_all_temporary())) == sorted([OLD, DEEP, LEASED, NEW])
    assert sorted(paths(littered.root.find_all_temporary(older_than=timedelta(days=1)))) == sorted([OLD, DEEP, LEASED])
    assert paths(littered.directory("a/b").find_all_temporary()) == [DEEP.removeprefix("a/b/")]


def test_the_old_ones_are_removed_but_for_those_under_a_lease(littered):
    assert sorted(paths(littered.root.remove_all_temporary())) == sorted([OLD, DEEP])
    assert sorted(paths(littered.root.find_all_temporary())) == sorted([LEASED, NEW])
    assert sorted(entry.name for entry in littered.directory("a").list()) == sorted(
        ["b", "kept", ".azfiles-lock", LEASED.removeprefix("a/"), NEW.removeprefix("a/")]
    )


def test_one_file_is_copied_by_the_service_with_its_times_also_out_of_a_snapshot(share, service):
    share.file("f").upload(b"content", smb=azfiles.SmbSettings(attributes="Hidden"))
    before = share.file("f").get_properties()
    old = share.snapshot(share.create_snapshot().snapshot)
    share.file("f").delete()
    other = service.share("other")
    other.create()
    assert old.file("f").copy_to(other.file("g")) == 7
    after = other.file("g").get_properties()
    assert (after.smb.exact.last_write, after.smb.attributes) == (before.smb.exact.last_write, before.smb.attributes)
    assert "Hidden" in after.smb.attributes
    assert other.file("g").download() == b"content"
    with pytest.raises(azfiles.InvalidArgument, match="the source itself"):
        other.file("g").copy_to(other.file("g"))
    with pytest.raises(azfiles.NotFound):
        share.file("f").copy_to(other.file("h"))
