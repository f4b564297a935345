"""What is described of the service of 2019 beyond the recordings at hand, as stories that the referee can judge.

The facts are those of the recorded sessions that are described but not at hand; each story says which behaviour it
is about.
"""

from __future__ import annotations

from collections.abc import Callable

from azfiles_sim.testing.cassettes.instants import SECOND, from_file_time, to_file_time, to_http_date
from azfiles_sim.testing.cassettes.sessions import Session

from .stories import FILE, FILE_SHOWN, MODIFIED, PATTERN, PATTERN_MD5, UPDATE, Story, etag

WHOLE = (("x-ms-range", "bytes=0-33554431"),)
SHARE_SHOWN = (("x-ms-has-immutability-policy", "false"), ("x-ms-has-legal-hold", "false"))

STORIES_2019: list[Callable[[], Session]] = []


def of_2019(tell: Callable[[], Session]) -> Callable[[], Session]:
    STORIES_2019.append(tell)
    return tell


def written_file(story: Story, path: str = "/data/file") -> int:
    story.ask("PUT", path, 201, send=FILE, stamp=0, show=MODIFIED)
    shown = (("Content-MD5", PATTERN_MD5), *MODIFIED)
    return story.ask("PUT", f"{path}?comp=range", 201, send=UPDATE, body=PATTERN, stamp=0, show=shown)


@of_2019
def copy_file_with_existing_file() -> Session:
    """A copy in one account has succeeded when it is answered, and the destination tells of it afterwards."""
    story = Story("copy_file_with_existing_file")
    written_file(story)
    source = "https://storagename.file.core.windows.net/data/file"
    copied = (("x-ms-copy-id", "1223120d-b7bb-4114-ab40-1b1fea3a8c3c"), ("x-ms-copy-status", "success"))
    stamp = story.ask("PUT", "/data/copy", 202, send=(("x-ms-copy-source", source),), stamp=0, show=copied)
    done = (
        ("x-ms-copy-source", source),
        ("x-ms-copy-progress", "1024/1024"),
        ("x-ms-copy-completion-time", to_http_date(story.now)),
    )
    ranged = (("Accept-Ranges", "bytes"), ("Content-Range", "bytes 0-1023/1024"))
    story.ask(
        "GET", "/data/copy", 206, send=WHOLE, stamp=stamp, show=(*copied, *done, *ranged, *FILE_SHOWN), data=PATTERN
    )
    return story.session()


@of_2019
def clear_range() -> Session:
    """A clear answers without Content-MD5 and encryption header, and the cleared bytes read as zeros."""
    story = Story("clear_range")
    written_file(story)
    clear = (("x-ms-range", "bytes=0-511"), ("x-ms-write", "clear"))
    stamp = story.ask("PUT", "/data/file?comp=range", 201, send=clear, stamp=0)
    ranged = (("Accept-Ranges", "bytes"), ("Content-Range", "bytes 0-1023/1024"))
    left = bytes(512) + PATTERN[512:]
    story.ask("GET", "/data/file", 206, send=WHOLE, stamp=stamp, show=(*ranged, *FILE_SHOWN), data=left)
    size = (("x-ms-content-length", "1024"),)
    document = "<Ranges><Range><Start>512</Start><End>1023</End></Range></Ranges>"
    story.ask("GET", "/data/file?comp=rangelist", 200, stamp=stamp, show=size, document=document)
    return story.session()


@of_2019
def list_ranges() -> Session:
    """A file without written bytes lists no range; two written pages with a hole between them list as two."""
    story = Story("list_ranges")
    create = (("x-ms-type", "file"), ("x-ms-content-length", "2048"))
    size = (("x-ms-content-length", "2048"),)
    stamp = story.ask("PUT", "/data/file", 201, send=create, stamp=0, show=MODIFIED)
    story.ask("GET", "/data/file?comp=rangelist", 200, stamp=stamp, show=size, document="<Ranges />")
    for start in (0, 1024):
        write = (("x-ms-range", f"bytes={start}-{start + 511}"), ("x-ms-write", "update"))
        shown = (("Content-MD5", "pTsTLZHyQ+et6NksJ1OHxg=="), *MODIFIED)
        stamp = story.ask("PUT", "/data/file?comp=range", 201, send=write, body=PATTERN[:512], stamp=0, show=shown)
    document = "<Ranges><Range><Start>0</Start><End>511</End></Range><Range><Start>1024</Start><End>1535</End></Range></Ranges>"
    story.ask("GET", "/data/file?comp=rangelist", 200, stamp=stamp, show=size, document=document)
    return story.session()


@of_2019
def create_file_with_invalid_file_permission() -> Session:
    """A file permission that is no SDDL is refused."""
    story = Story("create_file_with_invalid_file_permission", version="2019-02-02")
    smb = (
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-creation-time", "Now"),
        ("x-ms-file-last-write-time", "Now"),
        ("x-ms-file-permission", "abcde"),
    )
    message = "The specified file permission is not valid."
    story.refuse("PUT", "/data/file", 400, "FileInvalidPermission", message, send=FILE + smb)
    return story.session()


@of_2019
def unicode_create_share_unicode_name() -> Session:
    """A share name has no other characters than ASCII ones, says the service, and misspells it."""
    story = Story("unicode_create_share_unicode_name")
    message = "The specifed resource name contains invalid characters."
    story.refuse("PUT", "/share%E5%95%8A%E9%BD%84%E4%B8%82?restype=share", 400, "InvalidResourceName", message)
    return story.session()


@of_2019
def set_file_metadata() -> Session:
    """Set File Metadata replaces all, and without any it clears all."""
    story = Story("set_file_metadata")
    written_file(story)
    metadata = (("x-ms-meta-hello", "world"), ("x-ms-meta-number", "42"), ("x-ms-meta-up", "UPval"))
    stamp = story.ask("PUT", "/data/file?comp=metadata", 200, send=metadata, stamp=0, show=MODIFIED)
    story.ask("GET", "/data/file?comp=metadata", 200, stamp=stamp, show=metadata)
    stamp = story.ask("PUT", "/data/file?comp=metadata", 200, stamp=0, show=MODIFIED)
    story.ask("GET", "/data/file?comp=metadata", 200, stamp=stamp)
    return story.session()


@of_2019
def create_snapshot_with_metadata() -> Session:
    """A snapshot with metadata of its own has an ETag of its own, its exact second; the share's stays."""
    story = Story("create_snapshot_with_metadata")
    first = (("x-ms-meta-test1", "foo"), ("x-ms-meta-test2", "bar"))
    second = (("x-ms-meta-test100", "foo100"), ("x-ms-meta-test200", "bar200"))
    base = story.ask("PUT", "/data?restype=share", 201, send=first, stamp=0)
    story.now += SECOND
    taken = story.now // SECOND * SECOND
    snapshot = to_file_time(taken)
    story.ask(
        "PUT", "/data?restype=share&comp=snapshot", 201, send=second, stamp=taken, show=(("x-ms-snapshot", snapshot),)
    )
    quota = (*SHARE_SHOWN, ("x-ms-share-quota", "5120"))
    story.ask("GET", "/data?restype=share", 200, stamp=base, show=first + quota)
    of_snapshot = "/data?restype=share&sharesnapshot=" + snapshot.replace(":", "%3A")
    story.ask("GET", of_snapshot, 200, stamp=taken, show=second + quota)
    return story.session()


@of_2019
def delete_snapshot() -> Session:
    """A deleted snapshot is gone, and its share is not."""
    story = Story("delete_snapshot")
    stamp = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    snapshot = to_file_time(story.now // SECOND * SECOND)
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201, stamp=stamp, show=(("x-ms-snapshot", snapshot),))
    of_snapshot = "/data?restype=share&sharesnapshot=" + snapshot.replace(":", "%3A")
    story.ask("DELETE", of_snapshot, 202)
    story.refuse("GET", of_snapshot, 404, "ShareNotFound", "The specified share does not exist.")
    story.ask("GET", "/data?restype=share", 200, stamp=stamp, show=(*SHARE_SHOWN, ("x-ms-share-quota", "5120")))
    return story.session()


@of_2019
def list_shares_with_include_metadata() -> Session:
    """List Shares shows metadata after the properties where it is asked for, shares that were there before included."""
    story = Story("list_shares_with_include_metadata")
    stamp = story.ask("PUT", "/data?restype=share", 201, send=(("x-ms-meta-hello", "world"),), stamp=0)
    older = stamp - 100 * 24 * 3600 * SECOND
    shares = [("data", stamp, "<Metadata><hello>world</hello></Metadata>"), ("older", older, "<Metadata />")]

    def document(*, metadata: bool) -> str:
        entries = "".join(
            f"<Share><Name>{name}</Name><Properties><Last-Modified>{to_http_date(at)}</Last-Modified>"
            f"<Etag>{etag(at)}</Etag><Quota>5120</Quota></Properties>{text if metadata else ''}</Share>"
            for name, at, text in shares
        )
        endpoint = "https://storagename.file.core.windows.net/"
        return (
            f'<EnumerationResults ServiceEndpoint="{endpoint}"><Shares>{entries}</Shares>'
            "<NextMarker /></EnumerationResults>"
        )

    story.ask("GET", "/?comp=list&include=metadata", 200, document=document(metadata=True))
    story.ask("GET", "/?comp=list", 200, document=document(metadata=False))
    return story.session()


@of_2019
def set_share_properties() -> Session:
    """A new quota gives the share a new ETag and is shown afterwards."""
    story = Story("set_share_properties")
    story.ask("PUT", "/data?restype=share", 201, stamp=0)
    quota = (("x-ms-share-quota", "1"),)
    stamp = story.ask("PUT", "/data?restype=share&comp=properties", 200, send=quota, stamp=0)
    story.ask("GET", "/data?restype=share", 200, stamp=stamp, show=SHARE_SHOWN + quota)
    return story.session()


@of_2019
def get_set_directory_metadata() -> Session:
    """Directory metadata is set as a whole, with a new ETag, and read with nothing but itself."""
    story = Story("get_set_directory_metadata")
    metadata = (("x-ms-meta-hello", "world"), ("x-ms-meta-number", "43"))
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0, show=MODIFIED)
    stamp = story.ask("PUT", "/data/dir?restype=directory&comp=metadata", 200, send=metadata, stamp=0, show=MODIFIED)
    story.ask("GET", "/data/dir?restype=directory&comp=metadata", 200, stamp=stamp, show=metadata)
    return story.session()


@of_2019
def directory_parent_not_exists() -> Session:
    """Below a directory that is not there, reads and writes alike say so of the parent."""
    story = Story("directory_parent_not_exists")
    message = "The specified parent path does not exist."
    for method, target in [
        ("GET", "/data/missing/dir?restype=directory"),
        ("PUT", "/data/missing/dir?restype=directory"),
        ("HEAD", "/data/missing/file"),
    ]:
        story.refuse(method, target, 404, "ParentNotFound", message)
    return story.session()


@of_2019
def set_directory_properties_with_file_permission_key() -> Session:
    """A permission key that is set reads back as another key, and a directory without attributes is a directory."""
    story = Story("set_directory_properties_with_file_permission_key", version="2019-02-02")
    born = "2019-05-09T01:33:52.1234567Z"
    sent = (
        ("x-ms-file-attributes", "None"),
        ("x-ms-file-creation-time", born),
        ("x-ms-file-last-write-time", born),
        ("x-ms-file-permission", "Inherit"),
    )
    ids = (("x-ms-file-id", "13835128424026341376"), ("x-ms-file-parent-id", "0"))
    times = (("x-ms-file-creation-time", born), ("x-ms-file-last-write-time", born))
    key = ("x-ms-file-permission-key", "7855875120676328179*422928105932735866")
    made = (*ids, *times, ("x-ms-file-attributes", "Directory"), ("x-ms-file-change-time", born), key, *MODIFIED)
    # The recorded service of 2019 gave a new directory the supplied instant as its ETag.
    stamp = from_file_time(born)
    story.ask("PUT", "/data/dir?restype=directory", 201, send=sent, stamp=stamp, show=made)
    story.now += SECOND // 10
    other = ("x-ms-file-permission-key", "13926624774797704131*422928105932735866")
    changed = (("x-ms-file-change-time", to_file_time(story.now + SECOND // 10)),)
    shown = (*ids, *times, ("x-ms-file-attributes", "Directory"), *changed, other)
    sent = (*sent[:3], key)
    stamp = story.ask(
        "PUT", "/data/dir?comp=properties&restype=directory", 200, send=sent, stamp=0, show=shown + MODIFIED
    )
    encrypted = (("x-ms-server-encrypted", "true"),)
    story.ask("GET", "/data/dir?restype=directory", 200, stamp=stamp, show=shown + encrypted)
    return story.session()


@of_2019
def handles_of_a_file() -> Session:
    """A file lists its own SMB handles, and one of them can be closed by its id."""
    story = Story("handles_of_a_file")
    handle = (
        "<Handle><HandleId>21123954401</HandleId><Path>dir/file</Path><FileId>13835136120607735808</FileId>"
        "<ParentId>11529308504556830720</ParentId><SessionId>9385737614310506553</SessionId>"
        "<ClientIp>167.220.2.92:27553</ClientIp><OpenTime>Fri, 03 May 2019 05:59:43 GMT</OpenTime></Handle>"
    )
    document = f"<EnumerationResults><Entries>{handle}</Entries><NextMarker /></EnumerationResults>"
    story.ask("GET", "/data/dir/file?comp=listhandles", 200, document=document)
    closing = (("x-ms-handle-id", "21123954401"),)
    closed = (("x-ms-number-of-handles-closed", "1"),)
    story.ask("PUT", "/data/dir/file?comp=forceclosehandles", 200, send=closing, show=closed)
    empty = "<EnumerationResults><Entries /><NextMarker /></EnumerationResults>"
    story.ask("GET", "/data/dir/file?comp=listhandles", 200, document=empty)
    return story.session()


@of_2019
def list_directory_in_pages_and_in_a_snapshot() -> Session:
    """Files and directories come in one order of names, page by page, and a snapshot says that it is one."""
    story = Story("list_directory_in_pages_and_in_a_snapshot")
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0, show=MODIFIED)
    for name in ("dir/aa", "dir/filea2", "dir/zz"):
        story.ask("PUT", f"/data/{name}", 201, send=FILE, stamp=0, show=MODIFIED)
    story.ask("PUT", "/data/dir/next?restype=directory", 201, stamp=0, show=MODIFIED)
    snapshot = to_file_time((story.now // SECOND + 1) * SECOND)
    share = story.now - 60 * SECOND
    story.now += 2 * SECOND
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201, stamp=share, show=(("x-ms-snapshot", snapshot),))
    files = {
        name: f"<File><Name>{name}</Name><Properties><Content-Length>1024</Content-Length></Properties></File>"
        for name in ("aa", "filea2", "zz")
    }
    directory = "<Directory><Name>next</Name><Properties /></Directory>"

    def page(entries: str, marker: str = "", *, head: str = "", attribute: str = "") -> str:
        last = f"<NextMarker>{marker}</NextMarker>" if marker else "<NextMarker />"
        root = f'ServiceEndpoint="https://storagename.file.core.windows.net/" ShareName="data"{attribute}'
        return f'<EnumerationResults {root} DirectoryPath="dir">{head}<Entries>{entries}</Entries>{last}</EnumerationResults>'

    url = "/data/dir?restype=directory&comp=list"
    marker = "1!8!ZmlsZWEy"
    limit = "<MaxResults>1</MaxResults>"
    story.ask("GET", f"{url}&maxresults=1", 200, document=page(files["aa"], marker, head=limit))
    story.ask(
        "GET",
        f"{url}&marker=1%218%21ZmlsZWEy",
        200,
        document=page(files["filea2"] + directory + files["zz"], head=f"<Marker>{marker}</Marker>"),
    )
    prefix = "<Prefix>fi</Prefix>"
    story.ask("GET", f"{url}&prefix=fi", 200, document=page(files["filea2"], head=prefix))
    everything = files["aa"] + files["filea2"] + directory + files["zz"]
    story.ask(
        "GET",
        f"{url}&sharesnapshot={snapshot.replace(':', '%3A')}",
        200,
        document=page(everything, attribute=f' ShareSnapshot="{snapshot}"'),
    )
    return story.session()


@of_2019
def refusals_of_2019() -> Session:
    """What the service refuses, with its own words."""
    story = Story("refusals_of_2019")
    story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.refuse("PUT", "/data?restype=share", 409, "ShareAlreadyExists", "The specified share already exists.")
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0, show=MODIFIED)
    story.ask("PUT", "/data/dir/file", 201, send=FILE, stamp=0, show=MODIFIED)
    story.refuse(
        "DELETE",
        "/data/dir?restype=directory",
        409,
        "DirectoryNotEmpty",
        "The specified directory is not empty.",
    )
    story.refuse(
        "PUT",
        "/data/dir/none?comp=range",
        404,
        "ResourceNotFound",
        "The specified resource does not exist.",
        send=UPDATE,
        body=PATTERN,
    )
    story.refuse("GET", "/other/file", 404, "ShareNotFound", "The specified share does not exist.")
    return story.session()


@of_2019
def handles_in_pages() -> Session:
    """Handles come by their path, whatever their ids, the root's first; a page ends with an opaque marker."""
    story = Story("handles_in_pages")

    def handle(number: int, path: str, file_id: int, parent_id: int) -> str:
        shown = f"<Path>{path}</Path>" if path else "<Path />"
        return (
            f"<Handle><HandleId>{number}</HandleId>{shown}<FileId>{file_id}</FileId><ParentId>{parent_id}</ParentId>"
            "<SessionId>9385737614310506553</SessionId><ClientIp>167.220.2.92:27553</ClientIp>"
            "<OpenTime>Thu, 09 May 2019 01:33:00 GMT</OpenTime></Handle>"
        )

    def page(asked: str, handles: str, marker: str) -> str:
        return f"<EnumerationResults>{asked}<Entries>{handles}</Entries>{marker}</EnumerationResults>"

    root, first = handle(30, "", 0, 0), handle(20, "dir/a", 5, 4)
    second, last = handle(10, "dir/b", 6, 4), handle(15, "dir/b", 6, 4)
    recursive = (("x-ms-recursive", "True"),)
    limited = page("<MaxResults>2</MaxResults>", root + first, "<NextMarker>1!8!QUFBQUE-</NextMarker>")
    story.ask("GET", "/data?comp=listhandles&maxresults=2", 200, send=recursive, document=limited)
    rest = page("<Marker>1!8!QUFBQUE-</Marker>", second + last, "<NextMarker />")
    story.ask("GET", "/data?comp=listhandles&marker=1%218%21QUFBQUE-", 200, send=recursive, document=rest)
    only_root = page("", root, "<NextMarker />")
    story.ask("GET", "/data?comp=listhandles", 200, document=only_root)
    return story.session()


@of_2019
def put_range_without_its_mode() -> Session:
    """Put Range has to say whether it writes or clears, in words that the service knows."""
    story = Story("put_range_without_its_mode")
    written_file(story)
    story.refuse(
        "PUT",
        "/data/file?comp=range",
        400,
        "MissingRequiredHeader",
        "An HTTP header that's mandatory for this request is not specified.",
        send=UPDATE[:1],
        body=PATTERN,
        details="<HeaderName>x-ms-write</HeaderName>",
    )
    story.refuse(
        "PUT",
        "/data/file?comp=range",
        400,
        "InvalidHeaderValue",
        "The value for one of the HTTP headers is not in the correct format.",
        send=(*UPDATE[:1], ("x-ms-write", "append")),
        body=PATTERN,
        details="<HeaderName>x-ms-write</HeaderName><HeaderValue>append</HeaderValue>",
    )
    return story.session()
