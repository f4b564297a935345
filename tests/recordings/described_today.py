"""What is described of the service since 2019, as stories that the referee can judge with today's behaviour."""

from __future__ import annotations

from collections.abc import Callable

from azfiles_sim.testing.cassettes.instants import SECOND, to_file_time, to_http_date
from azfiles_sim.testing.cassettes.sessions import Headers, Session

from .stories import FILE, FILE_SHOWN, MODIFIED, PATTERN, PATTERN_MD5, UNLEASED, UPDATE, Story, etag

LEASE = "9f2d5874-71fa-41e9-aabd-acde48001122"
OTHER_LEASE = "0a2aec61-d01a-404a-a207-06ff4c000000"

STORIES_TODAY: list[Callable[[], Session]] = []


def of_today(tell: Callable[[], Session]) -> Callable[[], Session]:
    STORIES_TODAY.append(tell)
    return tell


@of_today
def lease_of_a_file() -> Session:
    """A file lease is acquired, kept, changed and broken; its answers are chunked and leave the ETag as it is."""
    story = Story("lease_of_a_file", version="2019-07-07")
    stamp = story.now - 60 * SECOND
    url = "/data/file?comp=lease"
    acquire = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1"))
    mine, yours = (("x-ms-lease-id", LEASE),), (("x-ms-lease-id", OTHER_LEASE),)
    proposed = (("x-ms-proposed-lease-id", LEASE),)
    story.ask("PUT", url, 201, send=acquire + proposed, stamp=stamp, show=mine, chunked=True)
    story.ask("PUT", url, 201, send=acquire + proposed, stamp=stamp, show=mine, chunked=True)
    story.refuse(
        "PUT",
        url,
        409,
        "LeaseAlreadyPresent",
        "There is already a lease present.",
        send=(*acquire, ("x-ms-proposed-lease-id", OTHER_LEASE)),
    )
    missing = "There is currently a lease on the file and no lease ID was specified in the request."
    story.refuse("PUT", "/data/file?comp=metadata", 412, "LeaseIdMissing", missing)
    mismatch = "The lease ID specified did not match the lease ID for the file."
    story.refuse("HEAD", "/data/file", 412, "LeaseIdMismatchWithFileOperation", mismatch, send=yours)
    change = (("x-ms-lease-action", "change"), ("x-ms-proposed-lease-id", OTHER_LEASE))
    story.ask("PUT", url, 200, send=change + mine, stamp=stamp, show=yours, chunked=True)
    broken = (("x-ms-lease-time", "0"),)
    story.ask("PUT", url, 202, send=(("x-ms-lease-action", "break"),), stamp=stamp, show=broken, chunked=True)
    written = story.ask("PUT", "/data/file?comp=metadata", 200, stamp=0, show=MODIFIED)
    story.ask("GET", "/data/file?comp=metadata", 200, stamp=written)
    return story.session()


@of_today
def lease_of_a_share() -> Session:
    """A share lease guards the share against deletion; its answers have a length of 0."""
    story = Story("lease_of_a_share", version="2020-02-10")
    stamp = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    url = "/data?restype=share&comp=lease"
    mine, yours = (("x-ms-lease-id", LEASE),), (("x-ms-lease-id", OTHER_LEASE),)
    acquire = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "15"), ("x-ms-proposed-lease-id", LEASE))
    story.ask("PUT", url, 201, send=acquire, stamp=stamp, show=mine)
    missing = "There is currently a lease on the file share and no lease ID was specified in the request."
    story.refuse("DELETE", "/data?restype=share", 412, "LeaseIdMissing", missing)
    mismatch = "The lease ID specified did not match the lease ID for the file share."
    code = "LeaseIdMismatchWithContainerOperation"
    story.refuse("GET", "/data?restype=share", 412, code, mismatch, send=yours)
    story.ask("PUT", url, 200, send=(("x-ms-lease-action", "renew"), *mine), stamp=stamp, show=mine)
    story.ask(
        "PUT",
        url,
        200,
        send=(("x-ms-lease-action", "release"), *mine),
        stamp=stamp,
        show=(("x-ms-lease-time", "0"),),
    )
    short = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "10"))
    story.refuse(
        "PUT",
        url,
        400,
        "InvalidHeaderValue",
        "The value for one of the HTTP headers is not in the correct format.",
        send=short,
        details="<HeaderName>x-ms-lease-duration</HeaderName><HeaderValue>10</HeaderValue>",
    )
    story.ask("DELETE", "/data?restype=share", 202)
    return story.session()


@of_today
def range_written_in_2021() -> Session:
    """From 2021-06-08 SMB headers may be absent, all times of a new file are its ETag's, a write moves two of them."""
    story = Story("range_written_in_2021", version="2021-06-08")
    born = story.now + SECOND // 10
    ids = (("x-ms-file-id", "13835128424026341376"), ("x-ms-file-parent-id", "0"))
    smb = (
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-permission-key", "4010187179898695473*11459378189709739967"),
        ("x-ms-file-creation-time", to_file_time(born)),
    )

    def times(at: int) -> Headers:
        return (("x-ms-file-last-write-time", to_file_time(at)), ("x-ms-file-change-time", to_file_time(at)))

    story.ask("PUT", "/data/file", 201, send=FILE, stamp=0, show=(*ids, *smb, *times(born), *MODIFIED))
    written = story.now + SECOND // 10
    shown = (("Content-MD5", PATTERN_MD5), ("x-ms-file-last-write-time", to_file_time(written)), *MODIFIED)
    story.ask("PUT", "/data/file?comp=range", 201, send=UPDATE, body=PATTERN, stamp=0, show=shown)
    head = (*ids, *smb, *times(written), *FILE_SHOWN, *UNLEASED)
    story.ask("HEAD", "/data/file", 200, stamp=written, show=head, data=PATTERN)
    return story.session()


@of_today
def rename_of_a_file() -> Session:
    """A renamed file keeps its id, its creation and its last write, and changes now; a taken name is left alone."""
    story = Story("rename_of_a_file", version="2021-06-08")
    permission = ("x-ms-file-permission-key", "4010187179898695473*11459378189709739967")
    born = story.now + SECOND // 10

    def smb(file_id: int, parent_id: int, created: int, changed: int) -> Headers:
        return (
            ("x-ms-file-id", str(file_id)),
            ("x-ms-file-parent-id", str(parent_id)),
            ("x-ms-file-attributes", "Archive"),
            ("x-ms-file-creation-time", to_file_time(created)),
            ("x-ms-file-last-write-time", to_file_time(created)),
            ("x-ms-file-change-time", to_file_time(changed)),
            permission,
        )

    first, directory, second = 0xC000400000000000, 0xA000400000000000, 0xE000400000000000
    story.ask("PUT", "/data/old", 201, send=FILE, stamp=0, show=(*smb(first, 0, born, born), *MODIFIED))
    made = story.now + SECOND // 10
    of_directory = (
        ("x-ms-file-id", str(directory)),
        ("x-ms-file-parent-id", "0"),
        ("x-ms-file-attributes", "Directory"),
        ("x-ms-file-creation-time", to_file_time(made)),
        ("x-ms-file-last-write-time", to_file_time(made)),
        ("x-ms-file-change-time", to_file_time(made)),
        ("x-ms-file-permission-key", "17860367565182308406*11459378189709739967"),
    )
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0, show=(*of_directory, *MODIFIED))
    source = (("x-ms-file-rename-source", "https://storagename.file.core.windows.net/data/old"),)
    moved = story.now + SECOND // 10
    shown = smb(first, directory, born, moved)
    story.ask("PUT", "/data/dir/new?comp=rename", 200, send=source, stamp=0, show=(*shown, *MODIFIED))
    story.refuse("HEAD", "/data/old", 404, "ResourceNotFound", "The specified resource does not exist.")
    story.ask("HEAD", "/data/dir/new", 200, stamp=moved, show=(*shown, *FILE_SHOWN, *UNLEASED), data=bytes(1024))
    again = story.now + SECOND // 10
    story.ask("PUT", "/data/old", 201, send=FILE, stamp=0, show=(*smb(second, 0, again, again), *MODIFIED))
    message = "The specified resource already exists."
    story.refuse("PUT", "/data/dir/new?comp=rename", 409, "ResourceAlreadyExists", message, send=source)
    return story.session()


@of_today
def listing_with_everything_included() -> Session:
    """A newer listing shows ids, and what ``include`` asks for, in the recorded order of elements."""
    story = Story("listing_with_everything_included", version="2021-06-08")
    born = story.now + SECOND // 10
    key = "4010187179898695473*11459378189709739967"
    created = (
        ("x-ms-file-id", str(0xC000400000000000)),
        ("x-ms-file-parent-id", "0"),
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-creation-time", to_file_time(born)),
        ("x-ms-file-last-write-time", to_file_time(born)),
        ("x-ms-file-change-time", to_file_time(born)),
        ("x-ms-file-permission-key", key),
    )
    story.ask("PUT", "/data/file", 201, send=FILE, stamp=0, show=(*created, *MODIFIED))
    times = "".join(
        f"<{name}>{to_file_time(born)}</{name}>"
        for name in ("CreationTime", "LastAccessTime", "LastWriteTime", "ChangeTime")
    )
    properties = (
        f"<Content-Length>1024</Content-Length>{times}"
        f"<Last-Modified>{to_http_date(born)}</Last-Modified><Etag>{etag(born)}</Etag>"
    )
    document = (
        '<EnumerationResults ServiceEndpoint="https://storagename.file.core.windows.net/" ShareName="data"'
        ' DirectoryPath=""><DirectoryId>0</DirectoryId><Entries><File><Name>file</Name>'
        f"<FileId>{0xC000400000000000}</FileId><Properties>{properties}</Properties>"
        f"<Attributes>Archive</Attributes><PermissionKey>{key}</PermissionKey></File></Entries><NextMarker />"
        "</EnumerationResults>"
    )
    asked = "include=timestamps,Etag,Attributes,PermissionKey"
    story.ask(
        "GET",
        f"/data?restype=directory&comp=list&{asked}",
        200,
        send=(("x-ms-file-extended-info", "true"),),
        document=document,
    )
    return story.session()
