"""What lies in local directories beside files: links, pipes, sockets, temporary files; and files that change meanwhile."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

import azfiles
from azfiles import TreeAction
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.disk import LocalDisk
from tests.trees.local import content_of, plant, remote_content

TEMPORARY = ".azfiles-0123456789abcdef0123456789abcdef.new"
NOTE = "f.0123456789abcdef.azfiles-download.json"


def skipped(report):
    return {step.path: step.why for step in report.skipped}


def paths(failures):
    return [failure.path for failure in failures]


def test_special_files_and_links_are_left_alone_and_told_of(share, folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("nothing")
    (folder / "broken").symlink_to("nowhere")
    monkeypatch.chdir(folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        report = share.root.upload_tree(folder)
    assert not report.failures
    assert set(skipped(report)) == {"pipe", "socket", "link", "broken"}
    assert set(remote_content(share.root)) == {"a", "a/b", "a/b/deep.bin", "a/one.txt", "empty", "nothing"}


def test_links_are_followed_as_far_as_asked(share, folder, tmp_path):
    plant(tmp_path / "outside", {"secret": b"secret", "d/x": b"x"})
    (folder / "out").symlink_to(tmp_path / "outside" / "secret")
    (folder / "outdir").symlink_to(tmp_path / "outside" / "d")
    (folder / "in").symlink_to("a/one.txt")
    (folder / "indir").symlink_to("a/b")
    (folder / "broken").symlink_to("nowhere")
    (folder / "a" / "up").symlink_to("..")
    inside = share.directory("inside").upload_tree(folder, links="inside")
    assert {"out", "outdir"} == set(skipped(inside))
    assert sorted(paths(inside.failures)) == ["a/up", "broken"]
    content = remote_content(share.directory("inside"))
    assert (content["in"], content["indir/deep.bin"]) == (b"one", content["a/b/deep.bin"])
    assert not {"out", "outdir", "a/up", "broken"} & set(content)
    everything = share.directory("all").upload_tree(folder, links="follow")
    assert sorted(paths(everything.failures)) == ["a/up", "broken"]
    content = remote_content(share.directory("all"))
    assert (content["out"], content["outdir/x"]) == (b"secret", b"x")


def test_links_that_lead_round_between_directories_end(share, tmp_path):
    here = plant(tmp_path / "here", {"a/f": b"1", "b/g": b"2"})
    (here / "a" / "l").symlink_to("../b")
    (here / "b" / "m").symlink_to("../a")
    report = share.root.upload_tree(here, links="inside")
    assert sorted(paths(report.failures)) == ["a/l/m", "b/m/l"]
    assert set(remote_content(share.root)) == {"a", "a/f", "a/l", "a/l/g", "b", "b/g", "b/m", "b/m/f"}


@pytest.mark.parametrize("method", ["download_tree", "sync_down"])
def test_nothing_is_written_through_a_local_link(share, folder, tmp_path, method):
    share.root.upload_tree(folder)
    outside = plant(tmp_path / "outside", {"b/kept": b"kept", "one": b"kept too"})
    there = plant(tmp_path / "there", {})
    (there / "a").symlink_to(outside)
    (there / "nothing").symlink_to(outside / "one")
    report = getattr(share.root, method)(there)
    assert paths(report.failures) == ["a", "nothing"]
    assert content_of(outside) == {"b": None, "b/kept": b"kept", "one": b"kept too"}
    assert (there / "empty").is_dir()


def test_links_and_special_files_are_not_deleted_by_a_sync_nor_what_they_stand_for(share, folder, tmp_path):
    (folder / "link").symlink_to("a")
    os.mkfifo(folder / "empty" / "pipe")
    share.root.upload_tree(folder)
    share.directory("empty").delete()
    share.file("link").upload(b"of that name, but not of that tree")
    down = share.root.sync_down(folder, delete=True)
    assert set(skipped(down)) == {"empty/pipe"}
    assert paths(down.failures) == ["link"]
    assert (folder / "empty" / "pipe").exists()
    up = share.root.sync_up(folder, delete=True)
    assert set(skipped(up)) == {"link", "empty/pipe"}
    assert not up.deleted
    assert "link" in remote_content(share.root)


def test_temporary_files_of_transfers_do_not_travel_and_are_not_deleted_by_a_sync(share, tmp_path):
    here = plant(tmp_path / "here", {TEMPORARY: b"half", NOTE: b"{}", "f": b"whole"})
    assert set(skipped(share.root.upload_tree(here))) == {TEMPORARY, NOTE}
    share.file(TEMPORARY).upload(b"half")
    there = tmp_path / "there"
    assert set(skipped(share.root.download_tree(there))) == {TEMPORARY}
    assert content_of(there) == {"f": b"whole"}
    (here / TEMPORARY).unlink()
    assert set(skipped(share.root.sync_up(here, delete=True))) == {TEMPORARY, NOTE}
    assert set(remote_content(share.root)) == {TEMPORARY, "f"}
    share.directory("gone").create()
    share.file(f"gone/{TEMPORARY}").upload(b"half")
    assert share.root.sync_up(here, delete=True).deleted == 2


class Changing(LocalDisk):
    """A disk on which something happens between looking at a path and opening it."""

    def __init__(self, path, happen):
        self.path, self.happen = str(path), happen

    def open_to_read(self, path):
        if path == self.path:
            self.happen()
        return super().open_to_read(path)


def with_disk(directory, simulator, clock, disk):
    runner = BlockingRunner(azfiles.InProcessTransport(simulator.handle), clock=clock, disk=disk)
    return azfiles.DirectoryClient(directory.target, runner)


def test_a_file_that_is_gone_by_then_is_a_failure_and_the_others_go(share, simulator, clock, folder):
    gone = folder / "a" / "one.txt"
    report = with_disk(share.root, simulator, clock, Changing(gone, gone.unlink)).upload_tree(folder)
    assert paths(report.failures) == ["a/one.txt"]
    assert isinstance(report.failures[0].error, FileNotFoundError)
    assert report.transferred == 2


def test_a_file_that_has_become_a_link_or_a_pipe_is_not_opened(share, simulator, clock, folder):
    class Late(LocalDisk):
        def state(self, path):
            place = Path(path)
            if place.name == "one.txt" and not place.is_symlink():
                place.unlink()
                place.symlink_to("/etc/hostname")
            if place.name == "nothing" and place.is_file():
                place.unlink()
                os.mkfifo(path)
            return super().state(path)

    report = with_disk(share.root, simulator, clock, Late()).upload_tree(folder)
    assert sorted(paths(report.failures)) == ["a/one.txt", "nothing"]
    assert all(isinstance(failure.error, azfiles.FileChanged) for failure in report.failures)
    assert not {"a/one.txt", "nothing"} & set(remote_content(share.root))


def test_a_directory_that_cannot_be_read_is_a_failure_and_nothing_of_it_is_deleted(share, simulator, clock, folder):
    class Refusing(LocalDisk):
        def list(self, path):
            if path.endswith("/a"):
                raise PermissionError(13, "not yours", path)
            return super().list(path)

    share.root.upload_tree(folder)
    directory = with_disk(share.root, simulator, clock, Refusing())
    report = directory.sync_up(folder, delete=True)
    assert paths(report.failures) == ["a"]
    assert set(remote_content(share.root)) == {"a", "a/b", "a/b/deep.bin", "a/one.txt", "empty", "nothing"}


def test_a_full_disk_leaves_no_half_file_and_nothing_aside(share, simulator, clock, folder, tmp_path):
    class Full(LocalDisk):
        def open_to_write(self, path, *, new):
            file = super().open_to_write(path, new=new)
            write = file.write_at

            def write_at(offset, data):
                if len(data) > 100:
                    write(offset, data[:100])
                    raise OSError(28, "no space left on device")
                write(offset, data)

            file.write_at = write_at
            return file

    share.root.upload_tree(folder)
    report = with_disk(share.root, simulator, clock, Full()).download_tree(tmp_path / "there")
    assert paths(report.failures) == ["a/b/deep.bin"]
    assert set(content_of(tmp_path / "there")) == {"a", "a/b", "a/one.txt", "empty", "nothing"}


@pytest.mark.parametrize("case", ["none", "file"])
def test_a_local_root_that_is_no_directory_is_an_error_and_deletes_nothing(share, folder, case):
    share.root.upload_tree(folder)
    wrong = folder / ("none" if case == "none" else "nothing")
    for method, options in (("upload_tree", {}), ("sync_up", {"delete": True})):
        with pytest.raises((FileNotFoundError, azfiles.InvalidArgument), match="no directory"):
            getattr(share.root, method)(wrong, **options)
    if case == "file":
        with pytest.raises(azfiles.InvalidArgument, match="no directory"):
            share.root.download_tree(wrong)
    assert len(remote_content(share.root)) == 6


def test_a_text_is_no_local_path(share):
    with pytest.raises(azfiles.InvalidArgument, match=r"pathlib\.Path"):
        share.root.upload_tree("/tmp")


def test_a_disk_that_does_not_tell_case_apart_is_recognised_and_collisions_are_failures(
    share, simulator, clock, tmp_path
):
    class Folding(LocalDisk):
        """As far as looking goes: a name in other letters is the same one."""

        def state(self, path):
            place = Path(path)
            return super().state(path) or super().state(str(place.with_name(place.name.swapcase())))

    share.file("f").upload(b"1")
    there = plant(tmp_path / "there", {"F": b"other letters"})
    report = with_disk(share.root, simulator, clock, Folding()).sync_down(there, compare="size", delete=True)
    assert (report.deleted, report.transferred) == (0, 1)  # F is f there, of another size
    assert (there / "f").read_bytes() == b"1"


def test_a_report_counts_what_was_skipped(share, folder):
    (folder / "link").symlink_to("a")
    report = share.root.upload_tree(folder)
    assert report.counts[TreeAction.SKIP] == len(report.skipped) == 1
