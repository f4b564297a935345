"""The local disk: what flows ask of it."""

from __future__ import annotations

import os

import pytest

from azfiles.flows.disk import LocalKind
from azfiles.runners import disk as module
from azfiles.runners.disk import LOCAL_DISK


@pytest.fixture(params=["preadv", "lseek"])
def folder(request, tmp_path, monkeypatch):
    """A folder, with the calls that systems have for reading at a place and on those that lack them."""
    monkeypatch.setattr(module, "_HAS_PLACES", request.param == "preadv")
    return tmp_path


def test_what_is_written_at_a_place_is_read_at_that_place(folder):
    path = str(folder / "f")
    file = LOCAL_DISK.open_to_write(path, new=True)
    file.write_at(4, memoryview(b"data"))
    buffer = memoryview(bytearray(10))
    assert file.read_at(2, buffer) == 6
    assert bytes(buffer[:6]) == b"\0\0data"
    file.resize(20)
    file.sync()
    assert (file.state().kind, file.state().size) == (LocalKind.FILE, 20)
    file.close()
    file.close()
    again = LOCAL_DISK.open_to_read(path)
    assert again.read_at(0, buffer) == 10
    assert "f>" in repr(again)
    again.close()


def test_a_new_file_is_one_that_was_not_there_and_an_old_one_keeps_its_content(folder):
    path = folder / "f"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        LOCAL_DISK.open_to_write(str(path), new=True)
    LOCAL_DISK.open_to_write(str(path), new=False).close()
    assert path.read_bytes() == b"old"
    with pytest.raises(FileNotFoundError):
        LOCAL_DISK.open_to_write(str(folder / "none"), new=False)


def test_a_directory_is_no_file_to_read(folder):
    with pytest.raises((IsADirectoryError, PermissionError)):
        LOCAL_DISK.open_to_read(str(folder))


def test_what_lies_at_a_path_is_told_and_links_are_not_followed(folder):
    (folder / "f").write_bytes(b"abc")
    os.utime(folder / "f", ns=(5, 1_000_000_007))
    (folder / "link").symlink_to("f")
    os.mkfifo(folder / "pipe")
    LOCAL_DISK.make_directory(str(folder / "a" / "b"))
    LOCAL_DISK.make_directory(str(folder / "a" / "b"))
    state = LOCAL_DISK.state(str(folder / "f"))
    assert state is not None
    assert (state.kind, state.size, state.modified_ns) == (LocalKind.FILE, 3, 1_000_000_007)
    assert LOCAL_DISK.state(str(folder / "none")) is None
    assert LOCAL_DISK.state(str(folder / "f" / "below")) is None
    found = [(entry.name, entry.state.kind) for entry in LOCAL_DISK.list(str(folder))]
    assert found == [
        ("a", LocalKind.DIRECTORY),
        ("f", LocalKind.FILE),
        ("link", LocalKind.LINK),
        ("pipe", LocalKind.OTHER),
    ]


def test_small_files_are_put_there_in_one_step_and_renaming_replaces(folder):
    path = str(folder / "small")
    assert LOCAL_DISK.read_small(path) is None
    LOCAL_DISK.write_small(path, b"one")
    LOCAL_DISK.write_small(path, b"two")
    assert LOCAL_DISK.read_small(path) == b"two"
    (folder / "other").write_bytes(b"other")
    LOCAL_DISK.rename(path, str(folder / "other"))
    assert (folder / "other").read_bytes() == b"two"
    LOCAL_DISK.set_modified(str(folder / "other"), 3_000_000_000)
    assert (folder / "other").stat().st_mtime_ns == 3_000_000_000
    assert [entry.name for entry in LOCAL_DISK.list(str(folder))] == ["other"]


def test_removing_takes_files_links_and_empty_directories_and_does_not_mind_what_is_gone(folder):
    (folder / "d").mkdir()
    (folder / "f").write_bytes(b"")
    (folder / "link").symlink_to("d")
    for name in ("link", "d", "f", "f"):
        LOCAL_DISK.remove(str(folder / name))
    assert LOCAL_DISK.list(str(folder)) == []


def test_a_link_is_resolved_to_what_it_leads_to_and_one_that_leads_nowhere_or_round_to_nothing(folder):
    (folder / "f").write_bytes(b"abc")
    (folder / "link").symlink_to("f")
    (folder / "broken").symlink_to("none")
    (folder / "round").symlink_to("round")
    real, state = LOCAL_DISK.resolve(str(folder / "link"))
    assert (real, state.kind, state.size) == (str((folder / "f").resolve()), LocalKind.FILE, 3)
    assert LOCAL_DISK.resolve(str(folder / "broken")) is None
    assert LOCAL_DISK.resolve(str(folder / "round")) is None
    assert LOCAL_DISK.resolve(str(folder / "f" / "below a file")) is None


def test_permission_bits_are_set_and_told(folder):
    (folder / "f").write_bytes(b"abc")
    LOCAL_DISK.set_mode(str(folder / "f"), 0o640)
    assert LOCAL_DISK.mode(str(folder / "f")) == 0o640


def test_a_file_gets_its_name_whether_or_not_that_is_waited_for(folder):
    for durable in (True, False):
        (folder / "new").write_bytes(b"new")
        (folder / "f").write_bytes(b"old")
        LOCAL_DISK.rename(str(folder / "new"), str(folder / "f"), durable=durable)
        assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("f", b"new")]
