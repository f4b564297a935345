"""``cp``, ``sync``, ``mkdir``, ``mv``, ``rm``, ``temp``, ``snapshot``: files and trees, here and there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

import azfiles
from azfiles.core import sas
from azfiles_sim import AccountSpec, Simulator
from azfiles_sim.server import serve_in_thread
from tests.cli.conftest import Run
from tests.proof import some
from tests.trees.local import content_of, plant, remote_content

TREE = {"a/one.txt": b"one", "two.txt": b"two", "empty": None}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    plant(tmp_path / "in-the-way", {"2.jpg": None})
    (tmp_path / "empty").mkdir()
    return plant(tmp_path / "here", TREE)


def test_a_file_goes_up_and_down_with_its_time(azfiles_command: Run, share, folder):
    os.utime(folder / "two.txt", ns=(0, 1_700_000_000_123_456_700))
    assert azfiles_command("cp", "here/two.txt", "azfiles://data/photos/") == (0, "", "")
    assert share.file("photos/two.txt").get_properties().smb.exact.last_write == "2023-11-14T22:13:20.1234567Z"
    assert azfiles_command("cp", "azfiles://data/photos/two.txt", "back.txt") == (0, "", "")
    back = Path("back.txt")
    assert (back.read_bytes(), back.stat().st_mtime_ns) == (b"two", 1_700_000_000_123_456_700)
    assert azfiles_command("cp", "azfiles://data/photos/two.txt", "azfiles://data/three.txt") == (0, "", "")
    assert share.file("three.txt").download() == b"two"


def test_a_tree_goes_into_a_directory_that_is_there_and_else_gets_the_name(azfiles_command: Run, share, folder):
    ran = azfiles_command("cp", "-r", "here", "azfiles://data/photos")
    assert ran == (0, "2 files (6 B) uploaded, 3 directories made\n", "")
    assert remote_content(share.directory("photos/here")) == content_of(folder)
    assert azfiles_command("cp", "-r", "here", "azfiles://data/other").status == 0
    assert remote_content(share.directory("other")) == content_of(folder)
    assert azfiles_command("cp", "-r", "azfiles://data/other", "azfiles://data/third").status == 0
    report = azfiles_command("cp", "-r", "azfiles://data/third", "down", "--json").json()
    assert content_of(Path("down")) == content_of(folder)
    assert report == {
        "action": "download", "source": "azfiles://data/third", "destination": "down", "dry_run": False,
        "transferred": 2, "bytes": 6, "made": 3, "deleted": 0, "unchanged": 0, "skipped": [], "failures": [], "steps": [],
    }  # fmt: skip


def test_streams_go_both_ways(azfiles_command: Run, share):
    assert azfiles_command("cp", "-", "azfiles://data/piped", stdin=b"\x00\xff").status == 0
    assert share.file("piped").download() == b"\x00\xff"
    assert azfiles_command("cp", "azfiles://data/notes.txt", "-") == (0, "to do\n", "")
    assert azfiles_command("cp", "-", "azfiles://data/photos", stdin=b"").status == 2


def test_a_dry_run_tells_what_would_be_replaced_and_changes_nothing(azfiles_command: Run, share, folder):
    share.file("two.txt").upload(b"old")
    ran = azfiles_command("cp", "--dry-run", "here/two.txt", "azfiles://data")
    assert ran.out == "would upload here/two.txt (3 B), replacing what is there\nwould be: 1 file (3 B) uploaded\n"
    ran = azfiles_command("sync", "here", "azfiles://data", "--delete", "--dry-run")
    assert "would delete file azfiles://data/notes.txt\n" in ran.out
    assert "would upload here/a/one.txt (3 B)\n" in ran.out
    assert share.file("two.txt").download() == b"old"
    steps = azfiles_command("sync", "here", "azfiles://data", "--dry-run", "--json").json()["steps"]
    assert {"action": "transfer", "path": "two.txt", "bytes": 3, "replaces": True} in steps


def test_what_is_there_is_kept_if_asked(azfiles_command: Run, share, folder):
    share.file("two.txt").upload(b"old")
    report = azfiles_command("cp", "-n", "here/two.txt", "azfiles://data", "--json").json()
    assert (report["unchanged"], report["transferred"]) == (1, 0)
    assert share.file("two.txt").download() == b"old"


def test_a_sync_makes_one_like_the_other_in_each_direction(azfiles_command: Run, share, folder):
    assert azfiles_command("sync", "here", "azfiles://data/photos", "--delete").status == 0
    assert remote_content(share.directory("photos")) == content_of(folder)
    assert azfiles_command("sync", "here", "azfiles://data/photos").out == (
        "0 files (0 B) uploaded, 2 left as they are\n"
    )
    assert azfiles_command("sync", "azfiles://data/photos", "there", "--exclude", "a/").status == 0
    assert content_of(Path("there")) == {path: data for path, data in content_of(folder).items() if path[0] != "a"}
    assert azfiles_command("sync", "azfiles://data/photos", "azfiles://data/copy", "-v").out.startswith(
        "make directory: "
    )
    assert remote_content(share.directory("copy")) == content_of(folder)


def test_a_part_that_fails_is_told_and_the_rest_is_done(azfiles_command: Run, share, folder):
    (folder / "CON").write_bytes(b"")
    ran = azfiles_command("cp", "-r", "here", "azfiles://data/photos")
    assert ran.status == 6
    assert ran.out == "2 files (6 B) uploaded, 3 directories made, 1 failure\n"
    assert ran.err.startswith("azfiles: here/CON: 'CON' is a name that Windows keeps for a device")
    failures = azfiles_command("sync", "here", "azfiles://data/photos/here", "--json").json()["failures"]
    assert [(one["path"], one["action"], one["code"]) for one in failures] == [("CON", "fail", None)]


OVERSIGHTS = [
    (("mv", "data/photos", "data/PHOTOS/"), 2, "cannot be moved into itself"),
    (("mv", "data/photos", "data/notes.txt"), 5, "data/notes.txt is a file, which it would replace"),
    (("cp", "azfiles://data/notes.txt", "nowhere/x"), 3, "azfiles: nowhere: No such file or directory"),
    (("rm", "--share", "--keep-root", "data"), 2, "--keep-root keeps it"),
    (("sync", "", "azfiles://data", "--delete"), 2, "a variable that is not set, perhaps?"),
    (("sync", "azfiles://data", "", "--delete"), 2, "a variable that is not set, perhaps?"),
    (("sync", "azfiles://data/notes.txt", "here", "--delete"), 3, "data/notes.txt is a file, not a directory"),
    (("sync", "empty", "azfiles://data", "--delete"), 2, "--delete would delete all that is in azfiles://data;"),
    (("sync", "empty", "azfiles://data", "--delete", "--dry-run"), 2, "--allow-empty-source"),
    (("cp", "here/two.txt", "azfiles://data", "--exclude", "*.txt"), 2, "azfiles cp -r  takes directories"),
    (("rm", "-r", "azfiles:///data/photos"), 2, "two slashes come before the share (azfiles://data/photos)"),
    (("cp", "here/two.txt", "azfiles:/data"), 2, "two slashes come before the share (azfiles://data)"),
    (("cp", "here/two.txt", "here/a/../two.txt", "azfiles://data"), 2, "would both be azfiles://data/two.txt"),
    (("mv", "data/photos/2.jpg", "data/photos/summer/2.JPG", "data"), 2, "would both be azfiles://data/2.JPG"),
    (
        ("mv", "data/notes.txt", "data@2026-01-01T00:00:00.0000000Z/x"),
        2,
        "is in a share snapshot, which nobody can write to",
    ),
]

REFUSED = [
    (("cp", "here", "azfiles://data/x"), 2, "here is a directory\n  azfiles cp -r takes it"),
    (("cp", "azfiles://data/photos", "x"), 2, "azfiles://data/photos is a directory\n  azfiles cp -r takes it"),
    (("cp", "here/two.txt", "there"), 2, "a place on the service is written azfiles://SHARE/PATH"),
    (("sync", "here", "there"), 2, "a place on the service is written azfiles://SHARE/PATH"),
    (("cp", "here/two.txt", "azfiles://data/new/"), 3, "azfiles mkdir -p azfiles://data/new  makes it"),
    (("cp", "here/two.txt", "azfiles://data/x/y/z"), 3, "azfiles mkdir -p azfiles://data/x/y  makes it"),
    (("cp", "here/none", "azfiles://data/x"), 3, "here/none: No such file"),
    (("cp", "s3://here/none", "azfiles://data/x"), 3, "s3:/here/none"),
    (("ls", "data/*.txt"), 2, "azfiles cp -r DIRECTORY DESTINATION --include '*.txt'"),
    (("cp", "--snapshot", "x", "here/two.txt", "azfiles://data/x"), 2, "'here/two.txt' is here"),
    (("ls", "s3://here/none"), 2, "s3:// is not known"),
    (("cp", "a", "b", "azfiles://data/notes.txt"), 3, "is to be a directory, but is a file"),
    (("rm", "data/photos"), 2, "azfiles rm -r takes it"),
    (("rm", "-r", "data"), 2, "azfiles rm --share azfiles://data  deletes the share itself"),
    (("mv", "data/notes.txt", "other/notes.txt"), 3, "no share 'other'"),
    (("mv", "data/photos", "data/photos/summer"), 2, "cannot be moved into itself"),
    (("mkdir", "data/photos"), 5, "ResourceAlreadyExists"),
    (("mkdir", "data/new", "--quota", "7"), 2, "--quota is of a share"),
    (("rm", "data/notes.txt/"), 2, "is to be a directory, but is a file"),
    (("rm", "-r", ""), 2, "it is empty: a variable that is not set, perhaps?"),
    (("cp", "azfiles://data/photos/2.jpg", "in-the-way"), 2, "azfiles: in-the-way/2.jpg: Is a directory"),
]


@pytest.mark.parametrize(("arguments", "status", "said"), some(REFUSED, 10))
def test_what_cannot_be_says_what_can(azfiles_command: Run, share, folder, arguments, status, said):
    ran = azfiles_command(*arguments)
    assert ran.status == status
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("arguments", "status", "said"), OVERSIGHTS)
def test_an_oversight_costs_nothing(azfiles_command: Run, share, folder, arguments, status, said):
    local, remote = content_of(folder.parent), remote_content(share.root)
    ran = azfiles_command(*arguments)
    assert ran.status == status
    assert said in ran.err
    assert (content_of(folder.parent), remote_content(share.root)) == (local, remote)


def test_directories_and_shares_are_made(azfiles_command: Run, share, account):
    assert azfiles_command("mkdir", "-p", "data/x/y", "data/photos") == (0, "", "")
    assert azfiles_command("mkdir", "azfiles://more", "--quota", "7", "--json").json() == {"made": "azfiles://more"}
    assert azfiles_command("mkdir", "more").status == 5
    assert azfiles_command("mkdir", "-p", "more").status == 0
    assert azfiles_command("stat", "more", "--json").json()["quota_gib"] == 7


def test_files_and_directories_are_moved(azfiles_command: Run, share):
    assert azfiles_command("mv", "data/notes.txt", "data/photos") == (0, "", "")
    assert azfiles_command("mv", "data/photos/summer", "data/winter") == (0, "", "")
    assert azfiles_command("mv", "-n", "data/winter/1.jpg", "data/photos/2.jpg").status == 5
    ran = azfiles_command("mv", "--dry-run", "data/winter/1.jpg", "data/photos/2.jpg")
    assert ran.out == "would move azfiles://data/winter/1.jpg to azfiles://data/photos/2.jpg, replacing what is there\n"
    assert azfiles_command("mv", "data/winter/1.jpg", "data/photos/2.jpg", "--json").json()["replaces"]
    assert remote_content(share.root) == {
        "photos": None, "photos/notes.txt": b"to do\n", "photos/2.jpg": b"sea", "winter": None,
    }  # fmt: skip


def test_a_name_is_spelled_anew_in_capitals(azfiles_command: Run, share):
    assert azfiles_command("mv", "data/photos", "data/PHOTOS") == (0, "", "")
    ran = azfiles_command("mv", "-n", "data/photos/2.jpg", "data/photos/2.JPG", "--json")
    assert (ran.status, ran.json()["replaces"]) == (0, False)
    assert remote_content(share.root) == {
        "PHOTOS": None, "PHOTOS/2.JPG": b"sand", "PHOTOS/summer": None, "PHOTOS/summer/1.jpg": b"sea", "notes.txt": b"to do\n",
    }  # fmt: skip


def test_on_an_nfs_share_a_name_in_capitals_is_another(azfiles_command: Run, monkeypatch):
    account = AccountSpec.from_text("premiumaccount", azfiles.EMULATOR_KEY, kind="premium")
    with serve_in_thread(Simulator([account])) as served, azfiles.connect(served.connection_string) as service:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)
        share = service.share("unix")
        share.create(enabled_protocols="NFS")
        for name in ("d", "D"):
            share.directory(name).create()
        assert azfiles_command("mv", "unix/d", "unix/D") == (0, "", "")
        assert remote_content(share.root) == {"D": None, "D/d": None}


def test_an_empty_source_empties_the_destination_only_if_that_is_said(azfiles_command: Run, share, folder):
    assert azfiles_command("sync", "empty", "azfiles://data/new", "--delete").status == 0  # which costs nothing
    assert azfiles_command("sync", "azfiles://data/new", "empty", "--delete").status == 0
    ran = azfiles_command("sync", "azfiles://data/new", "here", "--delete")
    assert (ran.status, ran.err.splitlines()) == (
        2,
        [
            "azfiles: azfiles://data/new is empty, and --delete would delete all that is in here; nothing was done",
            "  is it the right directory, and mounted?",
            "  --allow-empty-source  says that it is meant so",
        ],
    )
    assert azfiles_command("sync", "azfiles://data/new", "here").status == 0
    assert content_of(folder)
    assert azfiles_command("sync", "azfiles://data/new", "here", "--delete", "--allow-empty-source").status == 0
    assert content_of(folder) == {}


def test_patterns_choose_among_the_files_that_are_named_too(azfiles_command: Run, share, folder):
    (folder / "a.tmp").write_bytes(b"")
    ran = azfiles_command("cp", "-r", "here/a.tmp", "here/two.txt", "azfiles://data", "--exclude", "*.tmp", "--json")
    assert [line["transferred"] for line in ran.lines()] == [0, 1]
    assert azfiles_command("ls", "data").out == "notes.txt\nphotos/\ntwo.txt\n"


def test_files_trees_contents_and_shares_are_deleted(azfiles_command: Run, share):
    assert azfiles_command("rm", "data/notes.txt") == (0, "", "")
    assert azfiles_command("rm", "-f", "data/notes.txt") == (0, "", "")
    assert azfiles_command("rm", "data/notes.txt").status == 3
    ran = azfiles_command("rm", "-r", "--dry-run", "data/photos/summer")
    assert ran.out.splitlines() == [
        "would delete file azfiles://data/photos/summer/1.jpg",
        "would delete directory azfiles://data/photos/summer",
        "would be: 2 deleted",
    ]
    assert azfiles_command("rm", "-r", "data/photos/summer", "--json").json()["deleted"] == 2
    assert azfiles_command("rm", "-r", "--keep-root", "data").status == 0
    assert list(share.root.list()) == []
    assert azfiles_command("rm", "--share", "data", "--dry-run").out.startswith("would delete")
    assert azfiles_command("ls").out == "data/\n"
    assert azfiles_command("rm", "--share", "data").status == 0
    assert azfiles_command("ls").out == ""


def test_local_links_are_left_alone_and_told_unless_they_are_to_be_followed(azfiles_command: Run, share, folder):
    (folder / "link").symlink_to("two.txt")
    ran = azfiles_command("cp", "-r", "here", "azfiles://data/a")
    assert ran.err == "azfiles: here/link is left alone: a symbolic link, which is not followed\n"
    assert ran.out.endswith(", 1 left alone\n")
    assert azfiles_command("sync", "--links", "inside", "here", "azfiles://data/a").status == 0
    assert share.file("a/link").download() == b"two"
    assert azfiles_command("cp", "-r", "--links", "follow", "here", "azfiles://data/b").out.startswith("3 files")


def test_what_is_leased_stays_and_it_is_said_how_to_see_by_whom(azfiles_command: Run, share, folder):
    share.file("photos/2.jpg").acquire_lease()
    ran = azfiles_command("rm", "-r", "data/photos")
    assert (ran.status, ran.out) == (6, "2 deleted, 2 failures\n")
    assert ran.err.endswith("\n  azfiles lease find azfiles://data/photos  shows who holds what\n")
    (folder / "2.jpg").write_bytes(b"new")
    ran = azfiles_command("sync", "here", "azfiles://data/photos")
    assert ran.err.endswith("\n  azfiles lease find azfiles://data/photos  shows who holds what\n")


def test_of_several_things_one_that_fails_keeps_none_of_the_others_back(azfiles_command: Run, share, folder):
    ran = azfiles_command("rm", "data/none", "data/notes.txt")
    assert (ran.status, ran.err.startswith("azfiles: azfiles://data/none is not there")) == (6, True)
    ran = azfiles_command("cp", "here/none", "here/two.txt", "azfiles://data")
    assert (ran.status, share.file("two.txt").download()) == (6, b"two")
    ran = azfiles_command("cat", "data/none", "data/two.txt", "data/nothing/x")
    assert (ran.status, ran.out, ran.err.count("azfiles: ")) == (6, "two", 2)
    assert azfiles_command("stat", "data/none", "data/nothing").status == 3
    assert azfiles_command("mkdir", "data/photos", "data/new").status == 6
    assert azfiles_command("mv", "data/none", "data/two.txt", "data/new").status == 6
    assert share.file("new/two.txt").download() == b"two"


def test_a_read_only_file_is_deleted_only_if_asked(azfiles_command: Run, share):
    share.file("notes.txt").set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly"))
    assert azfiles_command("rm", "data/notes.txt").status == 5
    assert azfiles_command("rm", "--ignore-readonly", "data/notes.txt") == (0, "", "")


def test_what_killed_uploads_left_is_cleaned_away(azfiles_command: Run, share):
    old, new = (f"photos/summer/.azfiles-{digit * 32}.new" for digit in "01")
    share.file(old).upload(b"half")
    share.file(new).upload(b"half")
    assert azfiles_command("temp", "clean", "data", "--older-than", "1h").out.startswith("nothing in azfiles://data")
    ran = azfiles_command("temp", "clean", "data", "--older-than", "0s", "--dry-run")
    assert ran.out.count("would delete azfiles://data/photos/summer/.azfiles-") == 2
    assert len(azfiles_command("temp", "clean", "data", "--older-than", "0s", "--json").lines()) == 2
    assert "azfiles-" not in azfiles_command("ls", "-R", "data").out


def test_snapshots_are_made_listed_and_deleted(azfiles_command: Run, share):
    place = azfiles_command("snapshot", "create", "data").out.strip()
    assert azfiles_command("ls", place).out == "notes.txt\nphotos/\n"
    assert azfiles_command("snapshot", "list", "data") == (0, f"{place}\n", "")
    (line,) = azfiles_command("snapshot", "list", "data", "--json").lines()
    assert line == {"snapshot": place.partition("@")[2], "url": place, "metadata": {}}
    assert azfiles_command("snapshot", "delete", "data").status == 2
    assert azfiles_command("snapshot", "delete", place, "--dry-run").out == f"would delete {place}\n"
    ran = azfiles_command("rm", "--share", "data")
    assert (ran.status, "azfiles snapshot list azfiles://data" in ran.err) == (5, True)
    assert azfiles_command("snapshot", "delete", place) == (0, "", "")
    assert azfiles_command("snapshot", "list", "data").out == ""
    assert azfiles_command("ls", place).status == 3


def test_with_json_nothing_but_json_is_written_however_much_is_to_be_told(azfiles_command: Run, share, folder):
    assert azfiles_command("cp", "-rv", "--json", "here", "azfiles://data/a").json()["transferred"] == 2
    assert azfiles_command("sync", "-v", "--json", "here", "azfiles://data/b").json()["transferred"] == 2
    assert azfiles_command("rm", "-rv", "--json", "data/b").json()["deleted"] == 5


def test_local_names_that_are_no_text_are_shown_escaped(azfiles_command: Run, share, folder):
    name = os.fsdecode(b"\xff\x1b")
    plant(folder / name, {"x": b"x"})
    ran = azfiles_command("cp", "-r", "--dry-run", folder / name, "azfiles://data/new")
    assert ran.out.splitlines()[1] == f"would upload {folder}/\\udcff\\x1b/x (1 B)"
    assert azfiles_command("cp", "-v", "azfiles://data/notes.txt", name) == (0, "transfer: \\udcff\\x1b\n", "")
    assert Path(name).read_bytes() == b"to do\n"


def test_a_local_link_gives_the_copy_its_own_name(azfiles_command: Run, share, folder):
    Path("latest").symlink_to("here")
    Path("current.txt").symlink_to("here/two.txt")
    assert azfiles_command("cp", "-r", "latest", "current.txt", "azfiles://data").status == 0
    assert share.file("latest/two.txt").download() == share.file("current.txt").download() == b"two"
    assert azfiles_command("cp", "-r", "latest/.", "azfiles://data/photos").status == 0
    assert share.file("photos/latest/two.txt").download() == b"two"


def test_a_download_goes_through_links_and_pipes_and_puts_nothing_in_their_place(azfiles_command: Run, share, folder):
    Path("link").symlink_to("target")
    os.mkfifo("pipe")
    assert azfiles_command("cp", "azfiles://data/notes.txt", "link") == (0, "", "")
    assert (Path("link").is_symlink(), Path("target").read_bytes()) == (True, b"to do\n")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert azfiles_command("cp", "azfiles://data/notes.txt", "pipe") == (0, "", "")
    assert (Path("pipe").is_fifo(), os.read(reader, 100)) == (True, b"to do\n")
    os.close(reader)


def test_what_an_smb_client_has_open_is_deleted_if_its_handles_may_be_closed(azfiles_command: Run, share, account, key):
    account.simulator.open_handle(key.account, "data", "notes.txt", share_mode=())
    assert azfiles_command("rm", "data/notes.txt").status == 5
    assert azfiles_command("rm", "--close-handles", "data/notes.txt") == (0, "", "")


def test_a_local_link_in_the_way_of_a_directory_stays_and_so_does_what_it_leads_to(azfiles_command: Run, share, folder):
    Path("down").mkdir()
    Path("down/photos").symlink_to(folder)
    ran = azfiles_command("sync", "azfiles://data", "down", "--delete")
    assert ran.status == 6
    assert "something of that name is in the way: a symbolic link, which is not followed\n" in ran.err
    assert content_of(folder) == {**TREE, "a": None}


def test_between_two_shares_each_has_its_own_signature(azfiles_command: Run, share, account, key, monkeypatch):
    now = datetime.now(UTC)
    assert azfiles_command("mkdir", "other").status == 0
    read = sas.make_share_sas(key, "data", now=now, permissions="rl", allow_http=True).token
    write = sas.make_share_sas(key, "other", now=now, permissions="rcwd", allow_http=True).token
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
    source, destination = f"{account.endpoint}/data/{{}}?{read}", f"{account.endpoint}/other/{{}}?{write}"
    assert azfiles_command("cp", source.format("notes.txt"), destination.format("copy")).status == 0
    ran = azfiles_command("cp", "-r", source.format("photos"), destination.format("photos"))
    assert (ran.status, ran.out) == (0, "2 files (7 B) copied, 2 directories made\n")
    assert read.partition("sig=")[2] not in ran.err
