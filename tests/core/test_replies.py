"""Replies become results; a reply that lacks what was promised, or contradicts itself, is not understood."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core import copying, directories, files, leases, ranges, service, shares
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import (
    AccessPolicy,
    CopyProgress,
    CopyStarted,
    DirectoryEntry,
    ExactTimes,
    FileEntry,
    HttpHeaders,
    LeaseBroken,
    LeaseHeld,
    LeaseProperties,
    LeaseReleased,
    Provisioning,
    Range,
    RangeWritten,
    ResourceMetadata,
    ShareItem,
    ShareProperties,
    ShareStatistics,
    ShareWritten,
    SignedIdentifier,
    SmbProperties,
    SnapshotCreated,
    Written,
)

from .builders import GUID, MODIFIED, SNAPSHOT, answer, response

ETAG = '"0x8D6D41E834AB"'
BOM = b"\xef\xbb\xbf"
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'
F = ("d", "f")
SMB = (
    ("x-ms-file-attributes", "ReadOnly | Archive"),
    ("x-ms-file-creation-time", "2019-07-07T01:19:34.9839930Z"),
    ("x-ms-file-last-write-time", "2019-07-07T01:19:35.9839937Z"),
    ("x-ms-file-change-time", "2019-07-07T01:19:36.0000000Z"),
    ("x-ms-file-id", "13835128424026341376"),
    ("x-ms-file-parent-id", "0"),
    ("x-ms-file-permission-key", "1*2"),
)
SMB_READ = SmbProperties(
    attributes="ReadOnly | Archive",
    creation_time=datetime(2019, 7, 7, 1, 19, 34, 983993, tzinfo=UTC),
    last_write_time=datetime(2019, 7, 7, 1, 19, 35, 983993, tzinfo=UTC),
    change_time=datetime(2019, 7, 7, 1, 19, 36, tzinfo=UTC),
    file_id="13835128424026341376",
    parent_id="0",
    permission_key="1*2",
    exact=ExactTimes("2019-07-07T01:19:34.9839930Z", "2019-07-07T01:19:35.9839937Z", "2019-07-07T01:19:36.0000000Z"),
)


def xml(text: str) -> bytes:
    return BOM + DECLARATION + text.encode()


def test_what_was_created_or_changed():
    expected = Written(ETAG, MODIFIED, SMB_READ, server_encrypted=True)
    encrypted = ("x-ms-request-server-encrypted", "true")
    assert answer(files.create_file("share", F, 1), response(201, *SMB, encrypted)) == expected
    assert answer(directories.create_directory("share", F), response(201, *SMB, encrypted)) == expected
    assert answer(files.resize_file("share", F, 1), response(200)) == Written(ETAG, MODIFIED)
    assert answer(shares.create_share("share"), response(201)) == ShareWritten(ETAG, MODIFIED)
    assert answer(shares.set_share_quota("share", 5), response(200, ("x-ms-share-quota", "5"))).quota_gib == 5
    assert answer(directories.delete_directory("share", F), response(202, stamped=False)) is None


def test_a_files_properties():
    headers = (
        ("Content-Length", "1024"),
        ("Content-Type", "text/plain"),
        ("Content-MD5", "x"),
        ("Content-Encoding", "gzip"),
        ("Content-Language", "de"),
        ("Content-Disposition", "inline"),
        ("Cache-Control", "no-cache"),
        ("X-Ms-Meta-Hello", "world"),
        ("x-ms-lease-status", "locked"),
        ("x-ms-lease-state", "leased"),
        ("x-ms-lease-duration", "infinite"),
        ("x-ms-server-encrypted", "true"),
        ("x-ms-copy-id", GUID),
        ("x-ms-copy-status", "failed"),
        ("x-ms-copy-source", "https://h/s/f"),
        ("x-ms-copy-progress", "3/1024"),
        ("x-ms-copy-completion-time", "Thu, 09 May 2019 01:34:42 GMT"),
        ("x-ms-copy-status-description", "404 ResourceNotFound"),
        *SMB,
    )
    properties = answer(files.get_file_properties("share", F), response(200, *headers))
    assert (properties.size, properties.etag, properties.last_modified) == (1024, ETAG, MODIFIED)
    assert properties.http == HttpHeaders("text/plain", "gzip", "de", "x", "inline", "no-cache")
    assert properties.metadata == {"Hello": "world"}
    assert properties.smb == SMB_READ
    assert properties.smb.exact.last_write.endswith("9937Z")
    assert properties.lease == LeaseProperties("locked", "leased", "infinite")
    assert properties.copy == CopyProgress(GUID, "failed", "https://h/s/f", 3, 1024, MODIFIED, "404 ResourceNotFound")
    assert properties.server_encrypted is True


def test_a_files_properties_from_a_service_that_says_little():
    properties = answer(files.get_file_properties("share", F), response(200, ("Content-Length", "0")))
    assert (properties.lease, properties.copy, properties.server_encrypted) == (None, None, None)
    assert properties.smb == SmbProperties()
    assert properties.http == HttpHeaders()
    assert properties.metadata == {}


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        ((), "Content-Length"),
        ((("Content-Length", "-1"),), "not a whole number"),
        ((("Content-Length", "\u0661"),), "not a whole number"),
        (
            (("Content-Length", "1"), ("x-ms-copy-id", "c"), ("x-ms-copy-status", "s"), ("x-ms-copy-progress", "3")),
            "copied/total",
        ),
        ((("Content-Length", "1"), ("x-ms-file-creation-time", "yesterday")), "x-ms-file-creation-time"),
        ((("Content-Length", "1"), ("x-ms-server-encrypted", "yes")), "neither true nor false"),
    ],
)
def test_properties_that_contradict_themselves_are_not_understood(headers, complaint: str):
    with pytest.raises(ReplyNotUnderstood, match=complaint):
        answer(files.get_file_properties("share", F), response(200, *headers))


def test_a_copy_that_does_not_say_how_far_it_is():
    headers = (("Content-Length", "1"), ("x-ms-copy-id", GUID), ("x-ms-copy-status", "pending"))
    copy = answer(files.get_file_properties("share", F), response(200, *headers)).copy
    assert copy == CopyProgress(GUID, "pending")


def test_directories_metadata_and_snapshots():
    found = answer(directories.get_directory_properties("share", ("d",)), response(200, *SMB, ("x-ms-meta-a", "b")))
    assert (found.smb, found.metadata, found.etag) == (SMB_READ, {"a": "b"}, ETAG)
    metadata = ResourceMetadata(ETAG, MODIFIED, {"a": "b"})
    for operation in (
        files.get_file_metadata("share", F),
        directories.get_directory_metadata("share", F),
        shares.get_share_metadata("share"),
    ):
        assert answer(operation, response(200, ("x-ms-meta-a", "b"))) == metadata
    created = answer(shares.create_share_snapshot("share"), response(201, ("x-ms-snapshot", SNAPSHOT)))
    assert created == SnapshotCreated(SNAPSHOT, ETAG, MODIFIED)
    with pytest.raises(ReplyNotUnderstood, match="x-ms-snapshot"):
        answer(shares.create_share_snapshot("share"), response(201))


def test_a_shares_properties():
    headers = (
        ("x-ms-share-quota", "5120"),
        ("x-ms-meta-a", "b"),
        ("x-ms-lease-status", "unlocked"),
        ("x-ms-lease-state", "available"),
        ("x-ms-access-tier", "Hot"),
        ("x-ms-access-tier-change-time", "Thu, 09 May 2019 01:34:42 GMT"),
        ("x-ms-access-tier-transition-state", "pending"),
        ("x-ms-enabled-protocols", "SMB"),
        ("x-ms-root-squash", "RootSquash"),
        ("x-ms-share-provisioned-iops", "500"),
        ("x-ms-share-next-allowed-quota-downgrade-time", "Thu, 09 May 2019 01:34:42 GMT"),
    )
    assert answer(shares.get_share_properties("share"), response(200, *headers)) == ShareProperties(
        ETAG,
        MODIFIED,
        5120,
        {"a": "b"},
        LeaseProperties("unlocked", "available"),
        "Hot",
        MODIFIED,
        "pending",
        "SMB",
        "RootSquash",
        Provisioning(iops=500, next_quota_downgrade_at=MODIFIED),
    )
    with pytest.raises(ReplyNotUnderstood, match="x-ms-share-quota"):
        answer(shares.get_share_properties("share"), response(200))


def test_statistics():
    body = xml("<ShareStats><ShareUsageBytes>11</ShareUsageBytes></ShareStats>")
    operation = shares.get_share_statistics("share")
    assert answer(operation, response(200, body=body, stamped=False)) == ShareStatistics(11)
    for wrong in (
        "<ShareStats />",
        "<ShareStats><ShareUsageBytes /></ShareStats>",
        "<ShareStats><ShareUsageBytes>x</ShareUsageBytes></ShareStats>",
    ):
        with pytest.raises(ReplyNotUnderstood, match="ShareUsageBytes"):
            answer(operation, response(200, body=xml(wrong)))


def test_leases():
    held = LeaseHeld(GUID, ETAG, MODIFIED)
    assert answer(leases.acquire_share_lease("share"), response(201, ("x-ms-lease-id", GUID))) == held
    assert answer(leases.change_file_lease("share", F, GUID, GUID), response(200, ("x-ms-lease-id", GUID))) == held
    assert answer(leases.release_file_lease("share", F, GUID), response(200)) == LeaseReleased(ETAG, MODIFIED)
    broken = answer(leases.break_share_lease("share"), response(202, ("x-ms-lease-time", "5")))
    assert broken == LeaseBroken(ETAG, MODIFIED, 5)
    assert GUID not in repr(held)
    with pytest.raises(ReplyNotUnderstood, match="x-ms-lease-id"):
        answer(leases.acquire_share_lease("share"), response(201))
    with pytest.raises(ReplyNotUnderstood, match="x-ms-lease-time"):
        answer(leases.break_file_lease("share", F), response(202))


def test_stored_policies():
    body = xml(
        "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>2019-05-09T01:33:47.0000000Z</Start>"
        "<Expiry>2019-05-09T02:34:47.0000000Z</Expiry><Permission>r</Permission></AccessPolicy></SignedIdentifier>"
        "<SignedIdentifier><Id>empty</Id></SignedIdentifier></SignedIdentifiers>"
    )
    found = answer(shares.get_share_access_policy("share"), response(200, body=body))
    assert found.identifiers == (
        SignedIdentifier(
            "a",
            AccessPolicy("r", datetime(2019, 5, 9, 1, 33, 47, tzinfo=UTC), datetime(2019, 5, 9, 2, 34, 47, tzinfo=UTC)),
        ),
        SignedIdentifier("empty"),
    )
    none = answer(shares.get_share_access_policy("share"), response(200, body=xml("<SignedIdentifiers />")))
    assert (none.identifiers, none.etag) == ((), ETAG)


def test_permissions():
    key = answer(
        shares.create_permission("share", "O:S"), response(201, ("x-ms-file-permission-key", "1*2"), stamped=False)
    )
    assert key == "1*2"
    operation = shares.get_permission("share", "1*2")
    assert answer(operation, response(200, body=b'{"permission":"O:S"}', stamped=False)) == "O:S"
    for wrong in (b"", b"[]", b"{}", b'{"permission":1}', b"\xff"):
        with pytest.raises(ReplyNotUnderstood, match="JSON object"):
            answer(operation, response(200, body=wrong))


def test_a_listing_as_it_was_recorded():
    body = xml(
        '<EnumerationResults ServiceEndpoint="https://a/" ShareName="s" DirectoryPath=""><MaxResults>2</MaxResults>'
        "<Entries><File><Name>a b</Name><Properties><Content-Length>1025</Content-Length></Properties></File>"
        "<Directory><Name>dir1</Name><Properties /></Directory></Entries><NextMarker>1!8!ZmlsZWEy</NextMarker>"
        "</EnumerationResults>"
    )
    page = answer(directories.list_directory("share", ()), response(200, body=body, stamped=False))
    assert page.entries == (FileEntry("a b", 1025), DirectoryEntry("dir1"))
    assert (page.next_marker, page.directory_id, page.snapshot) == ("1!8!ZmlsZWEy", None, None)


def test_a_listing_with_everything():
    times = (
        "<CreationTime>2019-07-07T01:19:34.9839930Z</CreationTime>"
        "<LastAccessTime>2019-07-07T01:19:34.9839931Z</LastAccessTime>"
        "<LastWriteTime>2019-07-07T01:19:35.9839937Z</LastWriteTime>"
        "<ChangeTime>2019-07-07T01:19:36.0000000Z</ChangeTime>"
        '<Last-Modified>Thu, 09 May 2019 01:34:42 GMT</Last-Modified><Etag>"0x1"</Etag>'
    )
    body = xml(
        f'<EnumerationResults ShareSnapshot="{SNAPSHOT}" Encoded="true" DirectoryPath="d%EF%BF%BF">'
        "<Prefix /><DirectoryId>9</DirectoryId><Entries>"
        f'<File><Name Encoded="true">f%EF%BF%BF%26</Name><FileId>7</FileId><Properties><Content-Length>0</Content-Length>{times}</Properties>'
        "<Attributes>ReadOnly | Archive</Attributes><PermissionKey>1*2</PermissionKey></File>"
        f"<Directory><Name>%41</Name><FileId>8</FileId><Properties>{times}</Properties></Directory>"
        "</Entries><NextMarker /></EnumerationResults>"
    )
    page = answer(directories.list_directory("share", ()), response(200, body=body, stamped=False))
    file, directory = page.entries
    assert isinstance(file, FileEntry)
    assert (file.name, file.file_id, file.etag, file.size) == ("f\uffff&", "7", '"0x1"', 0)
    assert (file.attributes, file.permission_key) == ("ReadOnly | Archive", "1*2")
    assert file.times is not None
    assert file.times.exact.last_access == "2019-07-07T01:19:34.9839931Z"
    assert file.times.last_write == datetime(2019, 7, 7, 1, 19, 35, 983993, tzinfo=UTC)
    assert file.times.last_modified == MODIFIED
    assert (directory.name, directory.times) == ("%41", file.times)
    assert (page.next_marker, page.directory_id, page.snapshot) == (None, "9", SNAPSHOT)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<EnumerationResults />", "lacks <Entries>"),
        ("<Other />", "'Other' document"),
        ("<EnumerationResults><Entries>", "not XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><EnumerationResults><Entries /></EnumerationResults>", "document type"),
        (
            "<EnumerationResults><Entries><Link><Name>x</Name><Properties /></Link></Entries></EnumerationResults>",
            "neither a directory nor a file",
        ),
        (
            "<EnumerationResults><Entries><File><Name /><Properties /></File></Entries></EnumerationResults>",
            "<Name> in <File> is empty",
        ),
        ("<EnumerationResults><Entries><File><Properties /></File></Entries></EnumerationResults>", "lacks <Name>"),
        (
            "<EnumerationResults><Entries><File><Name>x</Name></File></Entries></EnumerationResults>",
            "lacks <Properties>",
        ),
        (
            "<EnumerationResults><Entries><File><Name>x</Name><Properties /></File></Entries></EnumerationResults>",
            "lacks <Content-Length>",
        ),
        (
            '<EnumerationResults><Entries><Directory><Name Encoded="true">%FF</Name><Properties /></Directory></Entries></EnumerationResults>',
            "not UTF-8",
        ),
    ],
)
def test_a_listing_that_is_none_is_not_understood(text: str, complaint: str):
    with pytest.raises(ReplyNotUnderstood, match=complaint):
        answer(directories.list_directory("share", ()), response(200, body=xml(text)))


def test_a_body_that_is_not_utf8_is_not_understood():
    with pytest.raises(ReplyNotUnderstood, match="not UTF-8"):
        answer(service.list_shares(), response(200, body=b"\xff\xfe<\x00"))


def test_a_list_of_shares():
    body = xml(
        '<EnumerationResults ServiceEndpoint="https://a/"><Shares>'
        "<Share><Name>s</Name><Snapshot>2019-05-09T01:34:43.0000000Z</Snapshot><Properties>"
        '<Last-Modified>Thu, 09 May 2019 01:34:42 GMT</Last-Modified><Etag>"0x1"</Etag><Quota>5120</Quota></Properties></Share>'
        "<Share><Name>s</Name><Deleted>true</Deleted><Version>01DB47CF3EFC1AFF</Version><Properties>"
        '<Last-Modified>Thu, 09 May 2019 01:34:42 GMT</Last-Modified><Etag>"0x2"</Etag>'
        "<LeaseStatus>unlocked</LeaseStatus><LeaseState>broken</LeaseState><Quota>1</Quota><ProvisionedIops>500</ProvisionedIops>"
        "<NextAllowedQuotaDowngradeTime>Thu, 09 May 2019 01:34:42 GMT</NextAllowedQuotaDowngradeTime>"
        "<AccessTier>Hot</AccessTier><AccessTierChangeTime>Thu, 09 May 2019 01:34:42 GMT</AccessTierChangeTime>"
        "<DeletedTime>Thu, 09 May 2019 01:34:42 GMT</DeletedTime><RemainingRetentionDays>7</RemainingRetentionDays>"
        "</Properties><Metadata><hello>world</hello><none /></Metadata></Share>"
        "</Shares><NextMarker>/acct/t</NextMarker></EnumerationResults>"
    )
    page = answer(service.list_shares(), response(200, body=body, stamped=False))
    assert page.next_marker == "/acct/t"
    assert page.shares == (
        ShareItem("s", '"0x1"', MODIFIED, 5120, snapshot="2019-05-09T01:34:43.0000000Z"),
        ShareItem(
            "s",
            '"0x2"',
            MODIFIED,
            1,
            deleted=True,
            version="01DB47CF3EFC1AFF",
            metadata={"hello": "world", "none": ""},
            lease=LeaseProperties("unlocked", "broken"),
            access_tier="Hot",
            access_tier_changed_at=MODIFIED,
            deleted_at=MODIFIED,
            remaining_retention_days=7,
            provisioning=Provisioning(iops=500, next_quota_downgrade_at=MODIFIED),
        ),
    )


def test_a_range_that_was_written():
    md5 = base64.b64encode(hashlib.md5(b"abc").digest()).decode()
    headers = (
        ("Content-MD5", md5),
        ("x-ms-file-last-write-time", "2019-07-07T01:19:36.0000000Z"),
        ("x-ms-request-server-encrypted", "true"),
    )
    written = answer(ranges.put_range("share", F, 0, b"abc", content_md5=True), response(201, *headers))
    assert written == RangeWritten(
        ETAG, MODIFIED, md5, datetime(2019, 7, 7, 1, 19, 36, tzinfo=UTC), server_encrypted=True
    )
    assert answer(ranges.clear_range("share", F, 0, 3), response(201)) == RangeWritten(ETAG, MODIFIED)
    with pytest.raises(ReplyNotUnderstood, match="another MD5"):
        answer(ranges.put_range("share", F, 0, b"abd", content_md5=True), response(201, *headers))


def test_a_list_of_ranges():
    body = xml(
        "<Ranges><Range><Start>0</Start><End>511</End></Range><ClearRange><Start>512</Start><End>1023</End></ClearRange>"
        "<Range><Start>1024</Start><End>1024</End></Range><NextMarker>1!8!MjA0OA--</NextMarker></Ranges>"
    )
    size = ("x-ms-content-length", "2048")
    found = answer(ranges.list_ranges("share", F), response(200, size, body=body))
    assert found.ranges == (Range(0, 512), Range(1024, 1))
    assert found.cleared == (Range(512, 512, cleared=True),)
    assert found.in_order == (Range(0, 512), Range(512, 512, cleared=True), Range(1024, 1))
    assert (found.size, found.etag, found.next_marker, found.ranges[0].end) == (2048, ETAG, "1!8!MjA0OA--", 512)
    assert answer(ranges.list_ranges("share", F), response(200, size, body=xml("<Ranges />"))).ranges == ()
    with pytest.raises(ReplyNotUnderstood, match="ends before it starts"):
        answer(
            ranges.list_ranges("share", F),
            response(200, size, body=xml("<Ranges><Range><Start>1</Start><End>0</End></Range></Ranges>")),
        )


def test_copies():
    started = answer(
        copying.start_copy("share", F, "https://h/s/f"),
        response(202, ("x-ms-copy-id", GUID), ("x-ms-copy-status", "pending")),
    )
    assert started == CopyStarted(GUID, "pending", ETAG, MODIFIED)
    assert answer(copying.abort_copy("share", F, GUID), response(204, stamped=False)) is None


def _part(first: int, body: bytes, size: int, *headers: tuple[str, str], status: int = 206):
    content_range = ("Content-Range", f"bytes {first}-{first + len(body) - 1}/{size}")
    return response(status, content_range, ("Content-Length", str(len(body))), *headers, body=body)


def test_a_file_read_whole():
    found = answer(
        files.get_file("share", F), response(200, ("Content-Length", "3"), ("Content-MD5", "x"), body=b"abc")
    )
    assert (found.content, found.range, found.properties.size) == (b"abc", None, 3)
    assert found.properties.http.content_md5 == "x"
    assert "abc" not in repr(found)


def test_a_range_of_a_file():
    found = answer(files.get_file("share", F, 4, 3), _part(4, b"efg", 9, ("x-ms-content-md5", "stored")))
    assert (found.content, found.range, found.properties.size) == (b"efg", Range(4, 3), 9)
    assert (found.properties.http.content_md5, found.range_md5) == ("stored", None)
    to_the_end = answer(files.get_file("share", F, 4), _part(4, b"efghi", 9))
    assert to_the_end.range == Range(4, 5)
    short_at_the_end = answer(files.get_file("share", F, 7, 100), _part(7, b"hi", 9))
    assert short_at_the_end.range == Range(7, 2)


def test_a_ranges_md5_is_checked_where_it_was_asked_for():
    md5 = base64.b64encode(hashlib.md5(b"efg").digest()).decode()
    operation = files.get_file("share", F, 4, 3, range_md5=True)
    assert answer(operation, _part(4, b"efg", 9, ("Content-MD5", md5))).range_md5 == md5
    with pytest.raises(ReplyNotUnderstood, match="do not have the MD5"):
        answer(operation, _part(4, b"efx", 9, ("Content-MD5", md5)))
    with pytest.raises(ReplyNotUnderstood, match="Content-MD5"):
        answer(operation, _part(4, b"efg", 9))


@pytest.mark.parametrize(
    ("offset", "length", "reply", "complaint"),
    [
        (None, None, _part(0, b"abc", 9), "the whole was asked for"),
        (None, None, response(200, ("Content-Length", "4"), body=b"abc"), "Content-Length says 4"),
        (0, 3, response(200, ("Content-Length", "9"), body=b"abcdefghi"), "a range was asked for"),
        (0, 3, response(206, body=b"abc"), "Content-Range"),
        (0, 3, response(206, ("Content-Range", "bytes */9"), body=b"abc"), "not bytes first-last/size"),
        (0, 3, response(206, ("Content-Range", "bytes 0-2/2"), body=b"abc"), "does not fit"),
        (0, 3, response(206, ("Content-Range", "bytes 2-0/9"), body=b"abc"), "does not fit"),
        (0, 3, response(206, ("Content-Range", "bytes 0-2/9"), body=b"ab"), "2 bytes came"),
        (
            0,
            3,
            response(206, ("Content-Range", "bytes 0-2/9"), ("Content-Length", "3"), body=b"ab"),
            "Content-Length says 3",
        ),
        (0, 3, _part(0, b"ab", 9), "0 to 2 were asked for"),
        (0, 3, _part(0, b"abcd", 9), "0 to 2 were asked for"),
        (4, 3, _part(0, b"abc", 9), "4 to 6 were asked for"),
        (4, None, _part(4, b"efg", 9), "4 to 8 were asked for"),
    ],
)
def test_bytes_that_are_not_the_ones_asked_for_are_refused(offset, length, reply, complaint: str):
    with pytest.raises(ReplyNotUnderstood, match=complaint):
        answer(files.get_file("share", F, offset, length), reply)


@given(
    st.binary(min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(1, 60),
    st.binary(max_size=3),
    st.integers(-2, 2),
)
def test_no_reply_with_other_bytes_than_asked_for_gets_through(
    content: bytes, offset: int, length: int, extra: bytes, shift: int
):
    offset %= len(content)
    right = content[offset : offset + length]
    assert answer(files.get_file("share", F, offset, length), _part(offset, right, len(content))).content == right
    wrong = right + extra
    moved, longer = shift != 0 and offset + shift >= 0, extra and len(wrong) != length
    if moved or (longer and not shift):
        with pytest.raises(ReplyNotUnderstood):
            answer(
                files.get_file("share", F, offset, length), _part(offset + shift, wrong, len(content) + len(wrong) + 9)
            )
