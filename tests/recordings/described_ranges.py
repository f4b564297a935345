"""What is described of ranges and of files made with data: differences, pages, checked bodies."""

from __future__ import annotations

from azfiles_sim.testing.cassettes.instants import SECOND, to_file_time
from azfiles_sim.testing.cassettes.sessions import Headers, Session

from .described_today import of_today
from .stories import MODIFIED, PATTERN, PATTERN_MD5, Story

KEY = ("x-ms-file-permission-key", "4010187179898695473*11459378189709739967")
FIRST = 0xC000400000000000


def smb(number: int, created: int, written: int, changed: int) -> Headers:
    return (
        ("x-ms-file-id", str(number)),
        ("x-ms-file-parent-id", "0"),
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-creation-time", to_file_time(created)),
        ("x-ms-file-last-write-time", to_file_time(written)),
        ("x-ms-file-change-time", to_file_time(changed)),
        KEY,
    )


def new_file(story: Story, path: str, size: int, number: int = FIRST) -> int:
    at = story.now + SECOND // 10
    create = (("x-ms-type", "file"), ("x-ms-content-length", str(size)))
    return story.ask("PUT", path, 201, send=create, stamp=0, show=(*smb(number, at, at, at), *MODIFIED))


def write(story: Story, path: str, start: int) -> int:
    at = to_file_time(story.now + SECOND // 10)
    sent = (("x-ms-range", f"bytes={start}-{start + 1023}"), ("x-ms-write", "update"))
    shown = (("Content-MD5", PATTERN_MD5), ("x-ms-file-last-write-time", at), *MODIFIED)
    return story.ask("PUT", f"{path}?comp=range", 201, send=sent, body=PATTERN, stamp=0, show=shown)


def ranges(*found: tuple[str, int, int]) -> str:
    inside = "".join(f"<{kind}><Start>{start}</Start><End>{end}</End></{kind}>" for kind, start, end in found)
    return f"<Ranges>{inside}</Ranges>"


@of_today
def ranges_since_a_snapshot() -> Session:
    """What was written and cleared since comes in one order, cleared ranges that never were written among them."""
    story = Story("ranges_since_a_snapshot", version="2021-06-08")
    base = story.now - 60 * SECOND
    new_file(story, "/data/file", 4096)
    write(story, "/data/file", 0)
    snapshot = to_file_time((story.now // SECOND + 1) * SECOND)
    story.now += 2 * SECOND
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201, stamp=base, show=(("x-ms-snapshot", snapshot),))
    story.now += SECOND
    for start, end in ((0, 511), (3072, 4095)):
        clear = (("x-ms-range", f"bytes={start}-{end}"), ("x-ms-write", "clear"))
        at = to_file_time(story.now + SECOND // 10)
        story.ask("PUT", "/data/file?comp=range", 201, send=clear, stamp=0, show=(("x-ms-file-last-write-time", at),))
    stamp = write(story, "/data/file", 1024)
    document = ranges(("ClearRange", 0, 511), ("Range", 1024, 2047), ("ClearRange", 3072, 4095))
    size = (("x-ms-content-length", "4096"),)
    since = f"/data/file?comp=rangelist&prevsharesnapshot={snapshot.replace(':', '%3A')}"
    story.ask("GET", since, 200, stamp=stamp, show=size, document=document)
    return story.session()


@of_today
def ranges_of_a_renamed_file_since_a_snapshot() -> Session:
    """A file that was renamed since the snapshot is compared with itself only where the request copes with that."""
    story = Story("ranges_of_a_renamed_file_since_a_snapshot", version="2024-05-04")
    base = story.now - 60 * SECOND
    born = new_file(story, "/data/file", 2048)
    written = write(story, "/data/file", 0)
    snapshot = to_file_time((story.now // SECOND + 1) * SECOND)
    story.now += 2 * SECOND
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201, stamp=base, show=(("x-ms-snapshot", snapshot),))
    story.now += SECOND
    at = story.now + SECOND // 10
    source = (("x-ms-file-rename-source", "https://storagename.file.core.windows.net/data/file"),)
    shown = (*smb(FIRST, born, written, at), *MODIFIED)
    story.ask("PUT", "/data/moved?comp=rename", 200, send=source, stamp=0, show=shown)
    stamp = write(story, "/data/moved", 0)
    since = f"/data/moved?comp=rangelist&prevsharesnapshot={snapshot.replace(':', '%3A')}"
    refused = (409, "PreviousSnapshotNotFound", "The previous snapshot was not found.")
    story.refuse("GET", since, *refused)
    story.refuse("GET", since, *refused, send=(("x-ms-file-support-rename", "false"),))
    size = (("x-ms-content-length", "2048"),)
    copes = (("x-ms-file-support-rename", "true"),)
    story.ask("GET", since, 200, send=copes, stamp=stamp, show=size, document=ranges(("Range", 0, 1023)))
    return story.session()


@of_today
def ranges_in_pages() -> Session:
    """A page of ranges ends with a marker, the last one without."""
    story = Story("ranges_in_pages", version="2026-10-06")
    new_file(story, "/data/file", 4096)
    write(story, "/data/file", 0)
    stamp = write(story, "/data/file", 2048)
    size = (("x-ms-content-length", "4096"),)
    marker = "<NextMarker>1!8!MjA0OA--</NextMarker></Ranges>"
    first = ranges(("Range", 0, 1023)).replace("</Ranges>", marker)
    url = "/data/file?comp=rangelist&maxresults=1"
    story.ask("GET", url, 200, stamp=stamp, show=size, document=first)
    last = ranges(("Range", 2048, 3071))
    story.ask("GET", f"{url}&marker=1%218%21MjA0OA--", 200, stamp=stamp, show=size, document=last)
    return story.session()


@of_today
def create_file_with_data() -> Session:
    """Data that comes with the creation is hashed in the answer; the hash is of the transport and not kept."""
    story = Story("create_file_with_data", version="2026-06-06")
    at = story.now + SECOND // 10
    create = (("x-ms-type", "file"), ("x-ms-content-length", "1024"), ("Content-MD5", PATTERN_MD5))
    shown = (*smb(FIRST, at, at, at), *MODIFIED, ("Content-MD5", PATTERN_MD5))
    stamp = story.ask("PUT", "/data/file", 201, send=create, body=PATTERN, stamp=0, show=shown)
    unleased = (("x-ms-lease-state", "available"), ("x-ms-lease-status", "unlocked"))
    file = (("Content-Type", "application/octet-stream"), ("x-ms-server-encrypted", "true"), ("x-ms-type", "File"))
    head = (*smb(FIRST, at, at, at), *file, *unleased)
    story.ask("HEAD", "/data/file", 200, stamp=stamp, show=head, data=PATTERN)
    return story.session()


@of_today
def trailing_dots_fall_away() -> Session:
    """A dot at the end of a name is no part of it, unless the request says so."""
    story = Story("trailing_dots_fall_away", version="2022-11-02")
    born = new_file(story, "/data/file.", 0)
    unleased = (("x-ms-lease-state", "available"), ("x-ms-lease-status", "unlocked"))
    file = (("Content-Type", "application/octet-stream"), ("x-ms-server-encrypted", "true"), ("x-ms-type", "File"))
    head = (*smb(FIRST, born, born, born), *file, *unleased)
    story.ask("HEAD", "/data/file", 200, stamp=born, show=head, data=b"")
    kept = (("x-ms-allow-trailing-dot", "true"),)
    story.refuse("HEAD", "/data/file.", 404, "ResourceNotFound", "The specified resource does not exist.", send=kept)
    return story.session()
