"""What is described of operations that read from somewhere else: Put Range from URL, copies, and sources that refuse."""

from __future__ import annotations

from azfiles_sim.testing.cassettes.instants import SECOND, to_file_time, to_http_date
from azfiles_sim.testing.cassettes.sessions import Headers, Session

from .described_2019 import of_2019
from .described_today import of_today
from .stories import FILE_SHOWN, HOST, MODIFIED, PATTERN, UNLEASED, UPDATE, Story

HALF = PATTERN[:512]
HALF_MD5 = "pTsTLZHyQ+et6NksJ1OHxg=="
HALF_CRC64 = "EZA9hgZaRrQ="
"""Recorded; and it is the checksum of these very bytes."""

SAS = "se=2019-05-09T02%3A34%3A00Z&sp=r&sv=2018-11-09&sr=f&sig=lost"
SOURCE = f"https://storagename.file.core.windows.net/data/source?{SAS}"
WRITE_HALF = (("x-ms-range", "bytes=0-511"), ("x-ms-write", "update"))
KEY = "7855875120676328179*422928105932735866"


def new_file(story: Story, path: str, number: int, size: int = 1024) -> Headers:
    """Create a file as 2019-02-02 demands it; what it shows from then on."""
    born = to_file_time(story.now + SECOND // 10)
    sent = (
        ("x-ms-type", "file"),
        ("x-ms-content-length", str(size)),
        ("x-ms-file-attributes", "none"),
        ("x-ms-file-creation-time", "now"),
        ("x-ms-file-last-write-time", "now"),
        ("x-ms-file-permission", "Inherit"),
    )
    smb = (
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-creation-time", born),
        ("x-ms-file-last-write-time", born),
        ("x-ms-file-change-time", born),
        ("x-ms-file-permission-key", KEY),
        ("x-ms-file-id", str(number)),
        ("x-ms-file-parent-id", "0"),
    )
    story.ask("PUT", path, 201, send=sent, stamp=0, show=(*smb, *MODIFIED))
    return smb


@of_2019
def update_range_from_file_url() -> Session:
    """A range that is taken from another file, which a signature opens, answers with a checksum in place of a hash."""
    story = Story("update_range_from_file_url", version="2019-02-02")
    new_file(story, "/data/source", 0xC000400000000000)
    shown = (("Content-MD5", HALF_MD5), *MODIFIED)
    story.ask("PUT", "/data/source?comp=range", 201, send=WRITE_HALF, body=HALF, stamp=0, show=shown)
    smb = new_file(story, "/data/file", 0xA000400000000000)
    taken = (*WRITE_HALF, ("x-ms-copy-source", SOURCE), ("x-ms-source-range", "bytes=0-511"))
    checked = (("x-ms-content-crc64", HALF_CRC64), *MODIFIED)
    stamp = story.ask("PUT", "/data/file?comp=range", 201, send=taken, stamp=0, show=checked)
    size = (("x-ms-content-length", "1024"),)
    document = "<Ranges><Range><Start>0</Start><End>511</End></Range></Ranges>"
    story.ask("GET", "/data/file?comp=rangelist", 200, stamp=stamp, show=size, document=document)
    ranged = (("Accept-Ranges", "bytes"), ("Content-Range", "bytes 0-511/1024"))
    story.ask(
        "GET",
        "/data/file",
        206,
        send=WRITE_HALF[:1],
        stamp=stamp,
        show=(*ranged, *FILE_SHOWN, *UNLEASED, *smb),
        data=HALF,
    )
    return story.session()


@of_2019
def read_with_a_signature() -> Session:
    """A signature in the URL opens a file as the account's key does; it may say other headers than those stored."""
    story = Story("read_with_a_signature")
    create = (("x-ms-type", "file"), ("x-ms-content-length", "512"))
    story.ask("PUT", "/data/source", 201, send=create, stamp=0, show=MODIFIED)
    shown = (("Content-MD5", HALF_MD5), *MODIFIED)
    stamp = story.ask("PUT", "/data/source?comp=range", 201, send=WRITE_HALF, body=HALF, stamp=0, show=shown)
    of_account = "se=2019-05-09T02%3A34%3A00Z&sp=rl&sv=2018-11-09&ss=f&srt=o&sig=lost"
    whole = (("Accept-Ranges", "bytes"), *FILE_SHOWN)
    for signature in (SAS, SAS.replace("sr=f", "sr=s"), of_account):
        story.ask("GET", f"/data/source?{signature}", 200, stamp=stamp, show=whole, data=HALF)
    other = (("Cache-Control", "no-cache"), ("Content-Type", "text/plain"), *whole[:1], *FILE_SHOWN[1:])
    replacing = SAS.replace("&sig", "&rscc=no-cache&rsct=text%2Fplain&sig")
    story.ask("GET", f"/data/source?{replacing}", 200, stamp=stamp, show=other, data=HALF)
    return story.session()


@of_2019
def update_range_from_file_url_when_source_file_does_not_have_enough_bytes() -> Session:
    """A source that is shorter than the range is refused as one that cannot be verified."""
    story = Story("update_range_from_file_url_when_source_file_does_not_have_enough_bytes", version="2019-02-02")
    new_file(story, "/data/source", 0xC000400000000000, 512)
    new_file(story, "/data/file", 0xA000400000000000)
    story.refuse(
        "PUT",
        "/data/file?comp=range",
        409,
        "CannotVerifyCopySource",
        "The source request body for copy source does not match requested length to write on target.",
        send=(
            ("x-ms-range", "bytes=0-1023"),
            ("x-ms-write", "update"),
            ("x-ms-copy-source", SOURCE),
            ("x-ms-source-range", "bytes=0-1023"),
        ),
    )
    return story.session()


@of_today
def copy_of_a_file_in_another_account() -> Session:
    """Without a credential for its source a copy from another account finds nothing, though it is there."""
    story = Story("copy_of_a_file_in_another_account", version="2021-06-08")
    source = (("x-ms-copy-source", "https://realname.file.core.windows.net/theirs/file"),)
    message = "The specified resource does not exist."
    story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.host = "otherstoragename.file.core.windows.net"
    story.ask("PUT", "/theirs?restype=share", 201, stamp=0)
    at = to_file_time(story.now + SECOND // 10)
    times = (("x-ms-file-creation-time", at), ("x-ms-file-last-write-time", at), ("x-ms-file-change-time", at))
    ids = (("x-ms-file-id", str(0xC000400000000000)), ("x-ms-file-parent-id", "0"))
    key = (
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-permission-key", "4010187179898695473*11459378189709739967"),
    )
    create = (("x-ms-type", "file"), ("x-ms-content-length", "1024"))
    story.ask("PUT", "/theirs/file", 201, send=create, stamp=0, show=(*ids, *times, *key, *MODIFIED))
    story.host = HOST
    story.refuse("PUT", "/data/copy", 404, "CannotVerifyCopySource", message, send=source)
    return story.session()


@of_today
def copy_onto_a_read_only_file() -> Session:
    """A read-only file takes no copy unless the request says so; then it keeps its id and is Archive again."""
    story = Story("copy_onto_a_read_only_file", version="2021-06-08")
    key = ("x-ms-file-permission-key", "4010187179898695473*11459378189709739967")
    first, second = 0xC000400000000000, 0xA000400000000000

    def smb(number: int, attributes: str, created: int) -> Headers:
        at = to_file_time(created)
        times = ("x-ms-file-creation-time", "x-ms-file-last-write-time", "x-ms-file-change-time")
        ids = (("x-ms-file-id", str(number)), ("x-ms-file-parent-id", "0"))
        return (*ids, ("x-ms-file-attributes", attributes), *((name, at) for name in times), key)

    create = (("x-ms-type", "file"), ("x-ms-content-length", "1024"))
    born = story.now + SECOND // 10
    story.ask("PUT", "/data/source", 201, send=create, stamp=0, show=(*smb(first, "Archive", born), *MODIFIED))
    kept = (("x-ms-file-attributes", "ReadOnly"),)
    born = story.now + SECOND // 10
    shown = (*smb(second, "ReadOnly | Archive", born), *MODIFIED)
    story.ask("PUT", "/data/file", 201, send=create + kept, stamp=0, show=shown)
    source = (("x-ms-copy-source", "https://storagename.file.core.windows.net/data/source"),)
    message = "The specified resource is read-only and cannot be modified at this time."
    story.refuse("PUT", "/data/file", 409, "ReadOnlyAttribute", message, send=source)
    story.refuse("PUT", "/data/file?comp=range", 409, "ReadOnlyAttribute", message, send=UPDATE, body=PATTERN)
    ignoring = (*source, ("x-ms-file-copy-ignore-readonly", "true"))
    copied = story.now + SECOND // 10
    done = (("x-ms-copy-id", "1223120d-b7bb-4114-ab40-1b1fea3a8c3c"), ("x-ms-copy-status", "success"))
    story.ask("PUT", "/data/file", 202, send=ignoring, stamp=0, show=done)
    told = (*done, *source, ("x-ms-copy-progress", "1024/1024"), ("x-ms-copy-completion-time", to_http_date(copied)))
    head = (*told, *smb(second, "Archive", copied), *FILE_SHOWN, *UNLEASED)
    story.ask("HEAD", "/data/file", 200, stamp=copied, show=head, data=bytes(1024))
    return story.session()
