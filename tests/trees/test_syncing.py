"""Bringing one side into line with the other: what goes, what stays, what is deleted."""

from __future__ import annotations

import os

import pytest

import azfiles
from azfiles import TreeAction
from azfiles.flows.trees.times import iso_of, ticks_of
from azfiles_sim.faults import Refuse, Rule, Script
from tests.trees.local import content_of, plant, remote_content


def steps(report):
    return [(step.action, step.path) for step in report.steps if step.action is not TreeAction.KEEP]


def test_a_sync_of_what_is_in_line_changes_nothing(share, folder, tmp_path, simulator):
    share.root.sync_up(folder).raise_for_failures()
    share.root.sync_down(tmp_path / "there").raise_for_failures()
    before = len(simulator.journal)
    for report in (share.root.sync_up(folder), share.root.sync_down(tmp_path / "there")):
        assert report.counts == {TreeAction.KEEP: 3}
    assert all(entry.method in {"GET", "HEAD"} for entry in list(simulator.journal)[before:])


def changed(folder):
    """The same directory with something new, something changed, and two things less."""
    plant(folder, {"new/file": b"new", "a/one.txt": b"changed"})
    (folder / "nothing").unlink()
    (folder / "empty").rmdir()


CHANGES = [
    (TreeAction.TRANSFER, "a/one.txt"),
    (TreeAction.MAKE_DIRECTORY, "new"),
    (TreeAction.TRANSFER, "new/file"),
]
DELETIONS = [(TreeAction.DELETE_DIRECTORY, "empty"), (TreeAction.DELETE_FILE, "nothing")]


def test_up_only_what_differs_goes_and_what_is_extra_is_deleted_if_asked(share, folder):
    share.root.sync_up(folder)
    changed(folder)
    assert steps(share.root.sync_up(folder, keep_steps=True)) == CHANGES
    assert steps(share.root.sync_up(folder, delete=True, keep_steps=True)) == DELETIONS
    assert remote_content(share.root) == content_of(folder)


def test_down_only_what_differs_goes_and_what_is_extra_is_deleted_if_asked(share, folder, tmp_path):
    there = tmp_path / "there"
    share.root.sync_up(folder)
    share.root.sync_down(there)
    changed(folder)
    share.root.sync_up(folder, delete=True)
    assert steps(share.root.sync_down(there, keep_steps=True)) == CHANGES
    assert steps(share.root.sync_down(there, delete=True, keep_steps=True)) == DELETIONS
    assert content_of(there) == content_of(folder)


def test_a_file_of_the_same_size_differs_by_a_single_tick(share, tmp_path):
    here = plant(tmp_path / "here", {"f": b"old"})
    os.utime(here / "f", ns=(0, 1_700_000_000_000_000_100))
    share.root.sync_up(here)
    (here / "f").write_bytes(b"new")
    os.utime(here / "f", ns=(0, 1_700_000_000_000_000_199))  # not even a tick
    assert share.root.sync_up(here).unchanged == 1
    os.utime(here / "f", ns=(0, 1_700_000_000_000_000_200))
    assert share.root.sync_up(here, time_window_s=0.001).unchanged == 1
    assert share.root.sync_up(here).transferred == 1
    assert share.file("f").get_properties().smb.exact.last_write == "2023-11-14T22:13:20.0000002Z"


def test_by_md5_a_file_of_another_time_and_the_same_content_stays(share, tmp_path):
    here = plant(tmp_path / "here", {"f": b"content", "empty": b""})
    share.root.sync_up(here, compare="md5")
    os.utime(here / "f", ns=(0, 0))
    assert share.root.sync_up(here, compare="md5").unchanged == 2
    assert share.root.sync_down(here, compare="md5").unchanged == 2
    (here / "f").write_bytes(b"CONTENT")
    assert share.root.sync_up(here, compare="md5", dry_run=True).transferred == 1


def test_by_size_another_time_and_content_is_not_seen(share, tmp_path):
    here = plant(tmp_path / "here", {"f": b"content"})
    share.root.sync_up(here)
    plant(here, {"f": b"CONTENT"})
    assert share.root.sync_up(here, compare="size").unchanged == 1


@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("up", [True, False])
def test_a_file_in_the_way_of_a_directory_gives_way_only_where_deleting_was_asked_for(share, tmp_path, delete, up):
    one, other = {"x/inside": b"1", "y": b"2", "z": b"3"}, {"x": b"file", "y/deep/er": b"directory", "z": b"3"}
    here, there = plant(tmp_path / "here", one), plant(tmp_path / "there", other)
    share.root.upload_tree(there if up else here)
    local = here if up else there
    sync = share.root.sync_up if up else share.root.sync_down
    dry = sync(local, delete=delete, dry_run=True)
    report = sync(local, delete=delete, keep_steps=True)
    assert dry.steps == report.steps
    after = remote_content(share.root) if up else content_of(there)
    if delete:
        assert not report.failures
        assert after == content_of(here)
    else:
        assert [(failure.path, "in the way" in str(failure.error)) for failure in report.failures] == [
            ("x", True),
            ("y", True),
        ]
        assert after == content_of(plant(tmp_path / "again", other))


def test_patterns_choose_and_protect(share, tmp_path):
    content = {"a.txt": b"1", "b.log": b"2", "d/c.txt": b"3", "d/d.log": b"4", "skip/e.txt": b"5", "only.log/f": b"6"}
    here = plant(tmp_path / "here", content)
    report = share.root.upload_tree(here, include="*.txt", exclude="skip/")
    assert not report.failures
    assert remote_content(share.root) == {"a.txt": b"1", "d": None, "d/c.txt": b"3"}
    share.root.upload_tree(here)
    for path in ("a.txt", "d/c.txt", "d/d.log", "skip/e.txt"):
        (here / path).unlink()
    (here / "d").rmdir()
    (here / "skip").rmdir()
    report = share.root.sync_up(here, delete=True, exclude=["*.log", "skip/**"])
    assert report.deleted == 2
    assert set(remote_content(share.root)) == {"b.log", "d", "d/d.log", "skip", "skip/e.txt", "only.log", "only.log/f"}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*.txt", {"a.txt", "d/a.txt", "d/e/a.txt"}),
        ("d/*.txt", {"d/a.txt"}),
        ("d/**", {"d/a.txt", "d/e/a.txt", "d/e/b"}),
        ("**/b", {"d/e/b"}),
        ("/a.txt", {"a.txt"}),
        ("?.txt", {"a.txt", "d/a.txt", "d/e/a.txt"}),
        ("d/e/", set()),
        ("[a].txt", set()),
    ],
)
def test_patterns_of_names_and_of_paths(share, tmp_path, pattern, fits):
    here = plant(tmp_path / "here", {"a.txt": b"", "d/a.txt": b"", "d/e/a.txt": b"", "d/e/b": b""})
    report = share.root.upload_tree(here, include=pattern, dry_run=True)
    assert {step.path for step in report.steps if step.action is TreeAction.TRANSFER} == fits
    excluded = share.root.upload_tree(here, exclude=pattern, dry_run=True)
    left = {step.path for step in excluded.steps if step.action is TreeAction.TRANSFER}
    assert left == {"a.txt", "d/a.txt", "d/e/a.txt", "d/e/b"} - (fits if pattern != "d/e/" else {"d/e/a.txt", "d/e/b"})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"compare": "etag"}, "compare"),
        ({"links": "all"}, "links"),
        ({"time_window_s": -1.0}, "time_window_s"),
        ({"time_window_s": float("nan")}, "time_window_s"),
        ({"include": ""}, "include"),
        ({"exclude": ["a", "/"]}, "exclude"),
        ({"concurrency": 0}, "concurrency"),
        ({"connections_per_file": 0}, "connections_per_file"),
        ({"progress_every": 0}, "progress_every"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_its_name(share, folder, options, named, simulator):
    before = len(simulator.journal)
    with pytest.raises(azfiles.InvalidArgument, match=named):
        share.root.sync_up(folder, **options)
    assert len(simulator.journal) == before


def test_a_snapshot_is_a_source_and_no_destination(share, folder, tmp_path):
    share.root.upload_tree(folder)
    old = share.snapshot(share.create_snapshot().snapshot)
    share.root.delete_tree()
    old.root.sync_down(tmp_path / "there", delete=True).raise_for_failures()
    assert content_of(tmp_path / "there") == content_of(folder)
    old.root.copy_tree(share.directory("back")).raise_for_failures()
    assert remote_content(share.directory("back")) == content_of(folder)
    for wrong in (
        lambda: old.root.upload_tree(folder),
        old.root.delete_tree,
        lambda: share.root.copy_tree(old.root),
    ):
        with pytest.raises(azfiles.InvalidArgument, match="snapshot"):
            wrong()


def test_a_directory_in_the_way_that_cannot_be_listed_is_one_failure(share, simulator, tmp_path):
    share.directory("x").create()
    share.file("x/inside").upload(b"1")
    simulator.faults.plan = Script([Rule(Refuse("InternalError"), ("D7",), path="data/x")])
    report = share.root.sync_up(plant(tmp_path / "here", {"x": b"file", "y": b"2"}), delete=True)
    simulator.faults.plan = None
    assert [(failure.path, type(failure.error)) for failure in report.failures] == [("x", azfiles.ServerFault)]
    assert remote_content(share.root) == {"x": None, "x/inside": b"1", "y": b"2"}


@pytest.mark.parametrize("ns", [0, 99, -1, -62_000_000_000_000_000_00, 253_402_300_799_999_999_900])
def test_times_are_told_to_the_tick_and_read_again(ns):
    ticks = ns // 100
    assert ticks_of(iso_of(ticks)) == ticks


def test_a_time_that_no_calendar_has_is_refused():
    assert iso_of(253_402_300_799_9999999) == "9999-12-31T23:59:59.9999999Z"
    with pytest.raises(azfiles.InvalidArgument, match="time"):
        iso_of(253_402_300_800_0000000)
