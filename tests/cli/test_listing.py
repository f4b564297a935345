"""``ls``, ``tree``, ``stat``, ``cat``: over HTTP, as the environment's account."""

from __future__ import annotations

import azfiles
from tests.cli.conftest import Run


def test_shares_and_directories_are_listed_with_a_slash(azfiles_command: Run, share):
    assert azfiles_command("ls") == (0, "data/\n", "")
    assert azfiles_command("ls", "azfiles://data") == (0, "notes.txt\nphotos/\n", "")
    assert azfiles_command("ls", "data/photos") == (0, "2.jpg\nsummer/\n", "")
    assert azfiles_command("ls", "-R", "data").out.split() == [
        "notes.txt", "photos/", "photos/2.jpg", "photos/summer/", "photos/summer/1.jpg",
    ]  # fmt: skip


def test_a_file_is_listed_itself_and_long_lines_have_size_and_local_time(azfiles_command: Run, share):
    assert azfiles_command("ls", "data/photos/2.jpg").out == "2.jpg\n"
    wrote = share.file("photos/2.jpg").get_properties().smb.last_write_time.astimezone()
    assert (
        azfiles_command("ls", "-l", "data/photos").out.splitlines()[0] == f"       4 B  {wrote:%Y-%m-%d %H:%M}  2.jpg"
    )
    assert azfiles_command("ls", "-l").out.startswith("  5120 GiB  ")


def test_json_lines_name_type_size_time_and_place(azfiles_command: Run, share):
    (file, directory) = azfiles_command("ls", "data/photos", "--json").lines()
    assert (file["name"], file["type"], file["size"], file["url"]) == (
        "2.jpg",
        "file",
        4,
        "azfiles://data/photos/2.jpg",
    )
    assert file["modified"] == share.file("photos/2.jpg").get_properties().smb.last_write_time.isoformat()
    assert (directory["type"], directory["size"]) == ("directory", None)
    (one,) = azfiles_command("ls", "data/photos/2.jpg", "--json").lines()
    assert one == file
    (of_all,) = azfiles_command("ls", "--json").lines()
    assert (of_all["name"], of_all["type"], of_all["url"]) == ("data", "share", "azfiles://data")
    assert [line["name"] for line in azfiles_command("tree", "data", "--json", "-L", "2").lines()] == [
        "notes.txt", "photos", "photos/2.jpg", "photos/summer",
    ]  # fmt: skip


def test_a_tree_is_drawn(azfiles_command: Run, share):
    assert azfiles_command("tree", "data").out == (
        "azfiles://data\n├── notes.txt\n└── photos/\n    ├── 2.jpg\n    └── summer/\n        └── 1.jpg\n\n"
        "2 directories, 3 files\n"
    )
    assert "1.jpg" not in azfiles_command("tree", "data", "-L", "2").out


def test_a_list_is_fetched_page_by_page_while_it_is_written(azfiles_command: Run, share, account, monkeypatch):
    for number in range(7):
        share.file(f"photos/many{number}").create(0)
    seen = []
    listed = azfiles.DirectoryClient.list

    def in_small_pages(self, **options):
        for entry in listed.__get__(self, type(self))(**options, page_size=3):
            seen.append(len([one for one in account.simulator.journal if "comp=list" in one.target]))
            yield entry

    monkeypatch.setattr(azfiles.DirectoryClient, "list", in_small_pages)
    before = len([one for one in account.simulator.journal if "comp=list" in one.target])
    assert len(azfiles_command("ls", "data/photos").out.splitlines()) == 9
    assert [count - before for count in seen] == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_what_is_known_of_a_share_a_directory_and_a_file_is_told(azfiles_command: Run, share):
    share.file("notes.txt").set_metadata({"by": "me"})
    told = azfiles_command("stat", "data/notes.txt", "data/photos", "data", "--json").lines()
    assert [one["type"] for one in told] == ["file", "directory", "share"]
    assert (told[0]["size"], told[0]["metadata"], told[0]["lease_state"]) == (6, {"by": "me"}, "available")
    assert told[2]["quota_gib"] == 5120
    out = azfiles_command("stat", "data/notes.txt").out
    assert "\nmetadata          by=me\n" in out
    assert "\nsize              6\n" in out


def test_contents_are_written_one_after_the_other_and_in_parts(azfiles_command: Run, share):
    assert azfiles_command("cat", "data/notes.txt", "data/photos/2.jpg") == (0, "to do\nsand", "")
    assert azfiles_command("cat", "data/photos/2.jpg", "--offset", "1", "--length", "2").out == "an"


def test_a_snapshot_is_read_by_its_place_or_by_the_option(azfiles_command: Run, share, account):
    snapshot = share.create_snapshot().snapshot
    share.file("notes.txt").upload(b"done\n")
    share.file("photos/new").create(0)
    assert azfiles_command("cat", f"azfiles://data@{snapshot}/notes.txt").out == "to do\n"
    assert azfiles_command("cat", "data/notes.txt", "--snapshot", snapshot).out == "to do\n"
    assert azfiles_command("ls", f"data@{snapshot}/photos").out == "2.jpg\nsummer/\n"
    whole = f"{account.endpoint}/data/notes.txt?sharesnapshot={snapshot}"
    assert azfiles_command("cat", whole) == (0, "to do\n", "")
    (line,) = azfiles_command("ls", f"data@{snapshot}/notes.txt", "--json").lines()
    assert line["url"] == f"azfiles://data@{snapshot}/notes.txt"
    assert azfiles_command("cat", f"data@{snapshot}/notes.txt", "--snapshot", "other").status == 2


def test_names_cannot_drive_a_terminal(azfiles_command: Run, share):
    share.file("a\u202egpj.exe").create(0)
    assert azfiles_command("ls", "data").out.splitlines()[0] == "a\\u202egpj.exe"
    assert azfiles_command("ls", "data", "--json").lines()[0]["name"] == "a\u202egpj.exe"
