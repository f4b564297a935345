"""What fsspec's suite does not ask: atomic writing, ranges, modes, transactions, renaming, errors, the cache."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import threading

import fsspec
import pytest
from fsspec.callbacks import Callback

import azfiles
from azfiles import FileChanged
from azfiles.filesystem import AzureFilesFileSystem
from azfiles.filesystem.merging import together
from azfiles.filesystem.reading import HEAD_BYTES
from azfiles.filesystem.writing import BLOCK_BYTES
from azfiles_sim import Simulator
from azfiles_sim.faults import Refuse, Rule, Script


def content(fs: AzureFilesFileSystem, path: str) -> bytes:
    return fs.cat_file(path)


def names(fs: AzureFilesFileSystem, path: str = "data") -> list[str]:
    return sorted(path.removeprefix("data/") for path in fs.find(path, withdirs=True) if path != "data")


def everything(simulator: Simulator) -> list[str]:
    """All that is in the share, temporary files too."""
    return sorted(entry.name for entry in azfiles.connect(simulator.handle).share("data").root.list())


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (2, 5), (None, -3), (-4, None), (-4, -1), (3, None), (5, 5), (7, 3), (8, 99), (99, 120)],
)
def test_a_range_is_what_a_slice_would_be(fs, start, end):
    fs.pipe_file("data/file", b"0123456789")
    assert fs.cat_file("data/file", start=start, end=end) == b"0123456789"[start:end]


def test_many_ranges_come_in_few_requests(fs, simulator):
    fs.pipe_file("data/one", bytes(range(256)))
    fs.pipe_file("data/two", b"abcdef")
    before = len(simulator.journal.entries())
    found = fs.cat_ranges(["data/one", "data/two", "data/one", "data/none"], [0, 2, 100, 0], [10, 4, 110, 5])
    assert found[:3] == [bytes(range(10)), b"cd", bytes(range(100, 110))]
    assert isinstance(found[3], FileNotFoundError)
    asked = [entry.target for entry in simulator.journal.entries()[before:] if entry.method == "GET"]
    assert sum("/data/one" in target for target in asked) == 1
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges(["data/none"], [0], [5], on_error="raise")
    assert fs.cat_ranges(["data/two", "data/two"], -2, None) == [b"ef", b"ef"]


def test_spans_are_merged_where_the_gap_is_small():
    assert together([(10, 20), (0, 5), (22, 30), (4, 8)], 2) == [(0, 30)]
    assert together([(0, 5), (8, 9)], 2) == [(0, 5), (8, 9)]


def test_a_file_opened_for_reading_stays_at_its_version(fs):
    fs.pipe_file("data/file", b"a" * 2 * HEAD_BYTES)
    with fs.open("data/file", "rb", block_size=10) as opened:
        assert opened.read(5) == b"aaaaa"
        elsewhere = pickle.loads(pickle.dumps(_Unbound(opened))).bound_to(fs)
        fs.pipe_file("data/file", b"b" * 2 * HEAD_BYTES)
        assert opened.read(50) == b"a" * 50  # which came with it
        with pytest.raises(FileChanged):
            opened.read(HEAD_BYTES)
        with elsewhere, pytest.raises(FileChanged):
            elsewhere.read(50)


class _Unbound:
    """What a file object is pickled as, without its file system, which in a test hangs on a simulator."""

    def __init__(self, opened) -> None:
        _, (_, *self.rest) = opened.__reduce__()

    def bound_to(self, fs):
        from fsspec.spec import reopen

        return reopen(fs, *self.rest)


@pytest.mark.parametrize("opened_as", ["rb", "r", "async"])
def test_a_small_file_is_opened_and_read_by_one_request(simulator, fs, opened_as):
    fs.pipe_file("data/small", b"a few\nlines\n")
    before = len(simulator.journal.entries())
    if opened_as == "async":
        own = AzureFilesFileSystem(handler=simulator.handle, retry=None, asynchronous=True, skip_instance_cache=True)

        async def read() -> bytes:
            async with await own.open_async("data/small") as opened:
                return await opened.read(3) + await opened.read()

        content = asyncio.run(read())
    else:
        with fs.open("data/small", opened_as) as opened:
            content = opened.read()
    assert content in {b"a few\nlines\n", "a few\nlines\n"}
    assert [entry.method for entry in simulator.journal.entries()[before:]] == ["GET"]


def test_of_a_large_file_opening_reads_the_beginning_and_what_is_read_is_whole(fs):
    data = os.urandom(HEAD_BYTES * 2 + 5)
    fs.pipe({"data/large": data, "data/empty": b""})
    with fs.open("data/empty") as opened:
        assert (opened.size, opened.read()) == (0, b"")
    with fs.open("data/large", cache_type="none") as opened:
        assert opened.size == len(data)
        for start, length in ((0, 7), (HEAD_BYTES - 3, 3), (HEAD_BYTES - 3, 9), (HEAD_BYTES, 5), (0, len(data) + 1)):
            opened.seek(start)
            assert opened.read(length) == data[start : start + length]


def test_what_a_listing_told_spares_the_look_at_a_file_that_is_opened(fs, simulator):
    fs.pipe_file("data/file", b"content")
    [info] = fs.ls("data")
    before = len(simulator.journal.entries())
    with fs.open("data/file", etag=info["etag"], size=info["size"]) as opened:
        assert opened.read() == b"content"
    assert [entry.method for entry in simulator.journal.entries()[before:]] == ["GET"]
    fs.pipe_file("data/file", b"another")
    with fs.open("data/file", etag=info["etag"], size=info["size"]) as opened, pytest.raises(FileChanged):
        opened.read()


def test_large_reads_go_side_by_side_in_ranges(fs):
    data = os.urandom(9 * 1024 * 1024 + 17)
    fs.pipe_file("data/large", data)
    with fs.open("data/large", "rb") as opened:
        assert opened.read() == data
        opened.seek(-3, io.SEEK_END)
        assert opened.read(10) == data[-3:]


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_callback_is_told_how_much_there_is_to_put_and_how_far_it_is(fs, tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    told = Callback()
    fs.put_file(tmp_path / "file", "data/file", callback=told)
    assert (told.size, told.value) == (7, 7)


def test_a_reader_sees_the_old_file_until_the_new_one_is_closed(fs):
    fs.pipe_file("data/file", b"old")
    with fs.open("data/file", "wb") as opened:
        opened.write(b"n" * (BLOCK_BYTES + 1))
        assert content(fs, "data/file") == b"old"
        opened.write(b"ew")
    assert content(fs, "data/file") == b"n" * (BLOCK_BYTES + 1) + b"ew"
    assert names(fs) == ["file"]


@pytest.mark.parametrize("size", [3, BLOCK_BYTES + 5])
def test_an_error_inside_the_with_statement_leaves_the_old_file(fs, size):
    fs.pipe_file("data/file", b"old")

    def fail_on_the_way() -> None:
        with fs.open("data/file", "wb") as opened:
            opened.write(b"x" * size)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()
    assert content(fs, "data/file") == b"old"
    assert names(fs) == ["file"]


@pytest.mark.parametrize("size", [3, 9000, BLOCK_BYTES + 5])
def test_an_error_inside_the_with_statement_leaves_the_old_file_where_text_is_written_too(fs, size):
    fs.pipe_file("data/file", b"old")

    def fail_on_the_way() -> None:
        with fs.open("data/file", "w", encoding="utf-8") as opened:
            opened.write("x" * size)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()
    assert content(fs, "data/file") == b"old"
    assert names(fs) == ["file"]
    with fs.open("data/file", "wt", encoding="utf-16-le", newline="\r\n") as opened:
        opened.write("ü\n")
    assert content(fs, "data/file") == "ü\r\n".encode("utf-16-le")


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_an_error_leaves_the_old_file_under_fsspecs_own_open_too_with_a_transaction(fs, simulator, mode):
    fs.pipe_file("data/file", b"old")
    wrapped = fsspec.core.OpenFile(fs, "data/file", mode, compression="gzip")  # what fsspec.open returns

    def fail_on_the_way() -> None:
        with fs.transaction, wrapped as opened:
            opened.write("x" if mode == "w" else b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()
    assert content(fs, "data/file") == b"old"
    assert everything(simulator) == ["file"]


@pytest.mark.parametrize("blocks", [1, 4])
def test_a_stream_whose_upload_fails_says_so_and_leaves_nothing(fs, simulator, blocks):
    fs.pipe_file("data/file", b"old")
    simulator.faults.plan = Script((Rule(Refuse("AuthorizationFailure", status=403), operations=("Put Range*",)),))
    opened = fs.open("data/file", "wb")

    def write_it() -> None:
        for _ in range(blocks):
            opened.write(b"x" * BLOCK_BYTES)
        opened.close()

    with pytest.raises(PermissionError):
        write_it()
    opened.close()
    assert content(fs, "data/file") == b"old"
    assert names(fs) == ["file"]


def test_an_exclusive_file_is_refused_at_once_and_also_when_another_was_faster(fs):
    with fs.open("data/file", "xb") as opened:
        opened.write(b"first")
    with pytest.raises(FileExistsError):
        fs.open("data/file", "xb")
    late = fs.open("data/late", "xb")
    late.write(b"late")
    fs.pipe_file("data/late", b"faster")
    with pytest.raises(FileExistsError):
        late.close()
    assert content(fs, "data/late") == b"faster"
    assert names(fs) == ["file", "late"]


def test_appending_makes_the_file_and_goes_on_at_its_end(fs):
    with fs.open("data/log", "ab") as opened:
        opened.write(b"one ")
    with fs.open("data/log", "a") as opened:
        opened.write("two")
    assert content(fs, "data/log") == b"one two"
    with fs.open("data/log", "ab") as opened:
        opened.write(b" three")
        opened.seek(0)
        opened.write(b" four")  # at the end all the same, as of any file opened so
        assert not opened.readable()
    assert content(fs, "data/log") == b"one two three four"


def test_a_file_is_changed_in_place(fs):
    fs.pipe_file("data/file", b"0123456789")
    with fs.open("data/file", "r+b") as opened:
        assert opened.read(2) == b"01"
        opened.seek(4)
        opened.write(b"xx")
        opened.seek(12)
        opened.write(b"end")
        opened.seek(0)
        assert opened.read() == b"0123xx6789\0\0end"
        opened.truncate(5)
    assert content(fs, "data/file") == b"0123x"
    with pytest.raises(FileNotFoundError):
        fs.open("data/none", "r+b")
    with pytest.raises(ValueError, match=r"w\+b"):
        fs.open("data/file", "w+b")


def test_a_transaction_names_all_its_files_at_its_end_or_none(fs):
    with fs.transaction:
        with fs.open("data/a", "wb") as opened:
            opened.write(b"a")
        with fs.open("data/b", "wb") as opened:
            opened.write(b"b" * (BLOCK_BYTES + 1))
        assert not fs.exists("data/a")
        assert not fs.exists("data/b")
        with pytest.raises(ValueError, match="in place"):
            fs.open("data/a", "ab")
    assert content(fs, "data/a") == b"a"
    assert fs.size("data/b") == BLOCK_BYTES + 1

    def fail_on_the_way() -> None:
        with fs.transaction:
            with fs.open("data/a", "wb") as opened:
                opened.write(b"other")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()
    assert content(fs, "data/a") == b"a"
    assert names(fs) == ["a", "b"]


def test_a_file_left_open_leaves_nothing_of_a_transaction_that_failed_and_fails_one_that_has_not(fs, simulator):
    fs.pipe_file("data/file", b"old")
    left: list[io.IOBase] = []

    def leave_open(*, fail: bool) -> None:
        with fs.transaction:
            left.append(fs.open("data/file", "wb"))
            left[-1].write(b"new")
            if fail:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leave_open(fail=True)
    with pytest.raises(ValueError, match="data/file: it is open"):
        leave_open(fail=False)
    for each in left:
        each.close()
    assert everything(simulator) == ["file"]
    assert content(fs, "data/file") == b"old"


def test_missing_directories_are_made_but_no_share(fs, simulator):
    fs.pipe_file("data/a/b/c", b"1")
    with fs.open("data/d/e", "wb") as opened:
        opened.write(b"2")
    fs.touch("data/f/g")
    fs.cp_file("data/a/b/c", "data/h/i")
    with fs.open("data/j/long", "wb") as opened:
        opened.write(b"x" * 2 * BLOCK_BYTES)
        opened.write(b"y")
    assert fs.size("data/j/long") == 2 * BLOCK_BYTES + 1
    fs.rm("data/j", recursive=True)
    assert names(fs) == ["a", "a/b", "a/b/c", "d", "d/e", "f", "f/g", "h", "h/i"]
    with pytest.raises(FileNotFoundError):
        fs.pipe_file("other/file", b"")
    strict = AzureFilesFileSystem(handler=simulator.handle, retry=None, auto_mkdir=False, skip_instance_cache=True)
    with pytest.raises(FileNotFoundError):
        strict.pipe_file("data/x/y", b"")


def test_metadata_and_headers_of_a_file_survive_its_replacement(fs, simulator):
    file = azfiles.connect(simulator.handle).share("data").file("file")
    file.upload(b"old", metadata={"owner": "me"}, http=azfiles.HttpHeaders(content_type="text/plain"))
    fs.pipe_file("data/file", b"new")
    info = fs.info("data/file")
    assert (info["metadata"], info["content_type"]) == ({"owner": "me"}, "text/plain")


def test_local_files_go_up_and_down_with_their_progress_told(fs, tmp_path):
    from fsspec.callbacks import Callback

    local = tmp_path / "local"
    local.write_bytes(b"x" * 1000)
    told = Callback()
    fs.put_file(str(local), "data/up", callback=told)
    fs.get_file("data/up", str(tmp_path / "down"), callback=told)
    assert told.value == 2000
    with pytest.raises(FileExistsError):
        fs.put_file(str(local), "data/up", mode="create")
    with pytest.raises(ValueError, match="mode"):
        fs.put_file(str(local), "data/up", mode="other")
    room = io.BytesIO()
    fs.get_file("data/up", room)
    assert (tmp_path / "down").read_bytes() == room.getvalue() == b"x" * 1000
    fs.put_file(io.BytesIO(b"stream"), "data/stream")
    assert content(fs, "data/stream") == b"stream"


def test_touching_empties_a_file_or_only_moves_its_time(fs):
    fs.pipe_file("data/file", b"content")
    before = fs.modified("data/file")
    created = fs.created("data/file")
    fs.touch("data/file", truncate=False)
    assert content(fs, "data/file") == b"content"
    assert fs.modified("data/file") > before
    assert fs.created("data/file") == created
    fs.touch("data/file")
    assert fs.size("data/file") == 0
    fs.touch("data/new", truncate=False)
    assert fs.size("data/new") == 0
    with pytest.raises(IsADirectoryError):
        fs.touch("data")


# --- directories, copying, moving, deleting --------------------------------------------------------------------------


def test_renaming_sends_no_content_and_takes_directories_along(fs, simulator):
    fs.pipe({"data/a/one": b"1", "data/a/sub/two": b"2", "data/file": b"f", "data/there": b"old"})
    before = len(simulator.journal.entries())
    fs.mv("data/a", "data/b", recursive=True)
    fs.mv("data/file", "data/there")
    fs.mkdir("data/into")
    fs.mv("data/there", "data/into")
    assert names(fs) == ["b", "b/one", "b/sub", "b/sub/two", "into", "into/there"]
    assert content(fs, "data/into/there") == b"f"
    asked = [entry.target for entry in simulator.journal.entries()[before:] if entry.method == "PUT"]
    assert all("comp=range" not in target for target in asked)
    with pytest.raises(FileNotFoundError):
        fs.mv("data/none", "data/x")
    fs.mv("data/b", "data/b")
    fs.mv("data/b/o*", "data/new/")
    fs.mv("data/into/there", "data/other/")
    assert names(fs) == ["b", "b/sub", "b/sub/two", "into", "new", "new/one", "other", "other/there"]
    for path in ("data", "data/b"):
        with pytest.raises(OSError, match="Invalid argument"):
            fs.mv(path, "data/b/below")


def test_a_directory_is_renamed_to_another_spelling_of_its_name_and_to_one_with_a_slash(fs):
    fs.pipe_file("data/photos/one", b"1")
    fs.mv("data/photos", "data/Photos", recursive=True)
    assert names(fs) == ["Photos", "Photos/one"]
    fs.mv("data/Photos/", "data/new/", recursive=True)
    assert names(fs) == ["new", "new/one"]
    fs.mkdir("data/old")
    fs.mv("data/new", "data/old/", recursive=True)
    assert names(fs) == ["old", "old/new", "old/new/one"]


def test_moving_into_another_share_copies_and_deletes(fs):
    fs.mkdir("other")
    fs.pipe({"data/a/one": b"1"})
    fs.mv("data/a", "other/b", recursive=True)
    assert fs.find("other") == ["other/b/one"]
    assert names(fs) == []


def test_deleting_takes_trees_files_and_patterns(fs):
    fs.pipe({f"data/d/{n}/file": b"" for n in range(5)} | {"data/x.txt": b"", "data/y.txt": b"", "data/z": b""})
    fs.rm("data/*.txt")
    with pytest.raises(IsADirectoryError):
        fs.rm("data/d")
    fs.rm("data/d/0", recursive=True)
    fs.rm("data/d/**", recursive=True)  # what lies below one another too
    assert names(fs) == ["z"]
    fs.rm(["data/z"])
    with pytest.raises(FileNotFoundError):
        fs.rm("data/z")


def test_a_share_is_emptied_but_kept_and_only_an_empty_one_is_deleted(fs):
    fs.pipe_file("data/d/file", b"")
    with pytest.raises(OSError, match="not empty"):
        fs.rmdir("data")
    fs.rm("data", recursive=True)
    assert fs.ls("data") == []
    assert fs.ls("", detail=False) == ["data"]
    fs.rmdir("data")
    assert fs.ls("", detail=False) == []
    with pytest.raises(FileNotFoundError):
        fs.rmdir("data")


def test_errors_are_pythons_own(fs):
    fs.pipe_file("data/file", b"")
    fs.mkdir("data/dir")
    expected = [
        (FileNotFoundError, lambda: fs.info("data/none")),
        (FileNotFoundError, lambda: fs.ls("data/none")),
        (FileNotFoundError, lambda: fs.cat_file("data/none")),
        (FileNotFoundError, lambda: fs.open("none/file")),
        (FileNotFoundError, lambda: fs.info("data/no:such*name")),
        (FileNotFoundError, lambda: fs.ls("data/no:such*name")),
        (FileNotFoundError, lambda: fs.open("data/no:such*name")),
        (FileNotFoundError, lambda: fs.cat_file("data/no:such*name")),
        (FileNotFoundError, lambda: fs.cat_file("No Share/file")),
        (FileNotFoundError, lambda: fs.info("data/CON")),  # which only the service knows to be no name
        (FileNotFoundError, lambda: fs.ls("data/CON")),
        (FileNotFoundError, lambda: fs.mkdir("data/x/y", create_parents=False)),
        (IsADirectoryError, lambda: fs.open("data/dir")),
        (IsADirectoryError, lambda: fs.cat_file("data/dir")),
        (IsADirectoryError, lambda: fs.pipe_file("data/dir", b"")),
        (IsADirectoryError, lambda: fs.pipe_file("data", b"")),
        (IsADirectoryError, lambda: fs.rm_file("data/dir")),
        (IsADirectoryError, lambda: fs.cp_file("data/file", "data/dir")),
        (NotADirectoryError, lambda: fs.rmdir("data/file")),
        (NotADirectoryError, lambda: fs.pipe_file("data/file/below", b"")),
        (NotADirectoryError, lambda: fs.makedirs("data/file/below")),
        (FileExistsError, lambda: fs.mkdir("data/dir")),
        (FileExistsError, lambda: fs.makedirs("data/dir")),
        (FileExistsError, lambda: fs.makedirs("data/file", exist_ok=True)),
        (FileExistsError, lambda: fs.mkdir("data")),
    ]
    for number, (error, call) in enumerate(expected):
        with pytest.raises(error) as raised:
            call()
        assert raised.value.errno, number
    fs.makedirs("data/dir", exist_ok=True)
    fs.makedirs("data", exist_ok=True)
    assert not fs.exists("data/no:such*name")
    assert not fs.exists("data/CON")


def test_a_refused_credential_is_a_permission_error_with_the_services_words(fs, simulator):
    nobody = AzureFilesFileSystem(handler=simulator.handle, anon=True, retry=None, skip_instance_cache=True)
    for call in (nobody.ls, nobody.info, nobody.exists, nobody.cat_file):
        with pytest.raises(PermissionError, match=r"40[13] "):
            call("data/file")


# --- listing ---------------------------------------------------------------------------------------------------------


def test_a_list_and_a_look_tell_the_same(fs):
    fs.pipe_file("data/d/file", b"abc")
    for path in ("data/d", "data/d/file"):
        looked = fs.info(path)
        [listed] = [info for info in fs.ls(fs._parent(path)) if info["name"] == path]
        assert {key: looked[key] for key in listed} == listed
    assert fs.ls("data/d/file") == [{key: fs.info("data/d/file")[key] for key in fs.info("data/d/file")}]


def test_the_content_is_told_apart_by_its_etag(fs):
    fs.pipe_file("data/file", b"one")
    before = fs.ukey("data/file"), fs.checksum("data/file")
    assert (fs.ukey("data/file"), fs.checksum("data/file")) == before
    fs.pipe_file("data/file", b"two")
    assert fs.ukey("data/file") != before[0]
    assert fs.checksum("data/file") != before[1]


def test_finding_and_globbing_go_as_deep_as_asked(fs):
    fs.pipe({f"data/{path}": b"" for path in ("a.csv", "b/c.csv", "b/d/e.csv", "b/f.txt")})
    assert fs.find("data", maxdepth=1) == ["data/a.csv"]
    assert fs.find("data/b", maxdepth=1, withdirs=True) == ["data/b", "data/b/c.csv", "data/b/d", "data/b/f.txt"]
    assert fs.glob("data/**/*.csv") == ["data/a.csv", "data/b/c.csv", "data/b/d/e.csv"]
    assert fs.glob("data/b/*.csv") == ["data/b/c.csv"]
    assert fs.glob("data/b/d/e*") == ["data/b/d/e.csv"]
    assert fs.find("data/a.csv") == ["data/a.csv"]
    assert fs.find("data/none") == []
    assert [path for path, _, _ in fs.walk("data")] == ["data", "data/b", "data/b/d"]
    assert fs.du("data") == 0
    with pytest.raises(ValueError, match="maxdepth"):
        fs.find("data", maxdepth=0)


def test_kept_listings_hide_what_others_do_but_nothing_done_here(simulator, fs):
    kept = AzureFilesFileSystem(handler=simulator.handle, retry=None, use_listings_cache=True, skip_instance_cache=True)
    assert kept.ls("data") == []
    fs.pipe_file("data/others", b"")
    assert kept.ls("data") == []
    assert not kept.exists("data/others")
    assert kept.ls("data", detail=False, refresh=True) == ["data/others"]
    kept.pipe_file("data/own", b"1")
    assert kept.ls("data", detail=False) == ["data/others", "data/own"]
    kept.mv("data/own", "data/moved")
    kept.rm("data/others")
    assert kept.ls("data", detail=False) == ["data/moved"]
    with kept.open("data/moved", "ab") as opened:
        opened.write(b"2")
        opened.flush()
        assert kept.info("data/moved")["size"] == 2
    assert kept.exists("data/Moved")  # as without kept listings: the share folds case
    assert kept.ls("data//", detail=False) == kept.ls("//data", detail=False) == ["data/moved"]
    kept.pipe_file("data//more", b"")
    assert kept.ls("data//", detail=False) == ["data/more", "data/moved"]
    kept.invalidate_cache()
    assert kept.info("data/moved")["size"] == 2


def test_a_snapshot_is_a_file_system_that_cannot_be_changed(simulator, fs):
    fs.pipe_file("data/file", b"then")
    stamp = azfiles.connect(simulator.handle).share("data").create_snapshot().snapshot
    fs.pipe_file("data/file", b"now")
    then = AzureFilesFileSystem(handler=simulator.handle, snapshot=stamp, retry=None, skip_instance_cache=True)
    assert then.cat_file("data/file") == b"then"
    assert then.ls("data", detail=False) == ["data/file"]
    with then.open("data/file") as opened:
        assert opened.read() == b"then"
    with pytest.raises(ValueError, match="snapshot"):
        then.pipe_file("data/file", b"")


def test_many_threads_use_one_file_system(fs):
    def work(number: int) -> None:
        for turn in range(5):
            fs.pipe_file(f"data/{number}-{turn}", b"x" * number)
            assert fs.cat_file(f"data/{number}-{turn}") == b"x" * number

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fs.find("data")) == 20
