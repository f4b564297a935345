"""What the service cannot take is refused before anything is sent, and the message says what would do."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.address import ResourceAddress
from azfiles.core import copying, directories, files, leases, ranges, service, shares
from azfiles.core.arguments import body_buffers, check_share_name
from azfiles.errors import InvalidArgument
from azfiles.models import AccessPolicy, HttpHeaders, SignedIdentifier, SmbSettings

from .builders import GUID, headers_of, request_of

MIB4 = 4 * 1024 * 1024
LATE = datetime(2025, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 64, "Share", "a_b", "-ab", "ab-", "a--b", "a.b", "\u00e4\u00e4\u00e4", "a/b", "$root", "abc\n"],
)
def test_a_share_name_that_cannot_be_one_is_refused(name: str):
    with pytest.raises(InvalidArgument, match="3 to 63 lower-case"):
        shares.create_share(name)


@given(st.from_regex(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z").filter(lambda name: 3 <= len(name) <= 63))
def test_every_name_by_the_rule_is_taken(name: str):
    assert check_share_name(name) == name


@pytest.mark.parametrize("character", [*'"\\:|<>*?', "/", "\x00", "\x1f", "\ud800"])
def test_a_name_with_a_forbidden_character_is_refused_and_the_character_named(character: str):
    with pytest.raises(InvalidArgument, match="names cannot hold") as caught:
        files.create_file("share", ("ok", f"a{character}b"), 0)
    assert ascii(character) in str(caught.value)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        (("",), "a name is expected"),
        (("a", "."), "a name is expected"),
        (("..", "a"), "a name is expected"),
        (("a" * 256,), "255 at most"),
        (("a",) * 251, "at most 250"),
        (("a" * 200,) * 11, "2048 characters"),
        ("a/b", "one by one"),
        ((), "needs a path"),
    ],
)
def test_a_path_that_cannot_be_a_files_is_refused(path, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint):
        files.get_file_properties("share", path)


@pytest.mark.parametrize("name", ["CON", "caf\u00e9", "\uffff", "a b", "%2F", "a&b=c", "x" * 255, "trailing "])
def test_names_on_which_the_documents_are_silent_or_agree_are_left_to_the_service(name: str):
    assert files.delete_file("share", (name,)).path == ("share", name)


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ({"": "x"}, "metadata name"),
        ({"1a": "x"}, "metadata name"),
        ({"a-b": "x"}, "metadata name"),
        ({"\u00e4": "x"}, "metadata name"),
        ({"a": "1", "A": "2"}, "stands twice"),
        ({"a": "\u00e4"}, "ASCII"),
        ({"a": "x\r\ny"}, "ASCII"),
        ({"a": " x"}, "blanks"),
        ({"a": "x" * 9000}, "8192 at most"),
    ],
)
def test_metadata_that_cannot_travel_is_refused(metadata: dict[str, str], complaint: str):
    with pytest.raises(InvalidArgument, match=complaint):
        files.set_file_metadata("share", ("f",), metadata)


def _smb(**settings: object) -> SmbSettings:
    return SmbSettings(**settings)  # type: ignore[arg-type] - wrong arguments are the point


REFUSED = [
    (lambda: ranges.put_range("share", ("f",), 0, b""), "1 to 4194304"),
    (lambda: ranges.put_range("share", ("f",), 0, bytes(MIB4 + 1)), "1 to 4194304"),
    (lambda: ranges.put_range("share", ("f",), -1, b"x"), "offset -1"),
    (lambda: ranges.put_range("share", ("f",), True, b"x"), "offset True"),
    (lambda: ranges.put_range("share", ("f",), 4 * 1024**4, b"x"), "offset . length"),
    (lambda: ranges.put_range("share", ("f",), 0, "text"), "not text"),
    (lambda: ranges.put_range("share", ("f",), 0, [b"x", 3]), "not int"),
    (lambda: ranges.put_range("share", ("f",), 0, b"x", content_md5=b"short"), "16 bytes"),
    (lambda: ranges.put_range("share", ("f",), 0, b"x", content_md5="no base64!"), "16 bytes"),
    (lambda: ranges.put_range("share", ("f",), 0, b"x", lease_id="hush123"), "x-ms-lease-id: a GUID"),
    (lambda: ranges.clear_range("share", ("f",), 0, 0), "length 0"),
    (lambda: ranges.list_ranges("share", ("f",), offset=-1), "offset -1"),
    (lambda: ranges.list_ranges("share", ("f",), length=0), "length 0"),
    (lambda: ranges.list_ranges("share", ("f",), snapshot=""), "snapshot"),
    (lambda: ranges.list_ranges("share", ("f",), previous_snapshot=""), "previous_snapshot"),
    (lambda: ranges.list_ranges("share", ("f",), support_rename=True), "previous_snapshot"),
    (lambda: ranges.list_ranges("share", ("f",), page_size=5001), "page_size 5001"),
    (lambda: files.get_file("share", ("f",), -1), "offset -1"),
    (lambda: files.get_file("share", ("f",), 0, 0), "length 0"),
    (lambda: files.get_file("share", ("f",), range_md5=True), "range_md5"),
    (lambda: files.get_file("share", ("f",), 0, MIB4 + 1, range_md5=True), "range_md5"),
    (lambda: files.get_file("share", ("f",), 0, 9, sink=bytearray(8)), "room for length=9"),
    (lambda: files.get_file("share", ("f",), sink=memoryview(b"x")), "writable"),
    (lambda: files.get_file("share", ("f",), sink=memoryview(bytearray(8))[::2]), "one piece"),
    (lambda: files.create_file("share", ("f",), -1), "size -1"),
    (lambda: files.create_file("share", ("f",), 5 * 1024**4), "size"),
    (lambda: files.create_file("share", ("f",), 2, data=b"x"), "the whole file is expected"),
    (lambda: files.create_file("share", ("f",), 0, content_md5=bytes(16)), "HttpHeaders.content_md5"),
    (lambda: files.create_file("share", ("f",), 0, property_semantics="Old"), "New, Restore"),
    (lambda: files.resize_file("share", ("f",), -1), "size -1"),
    (lambda: files.set_file_http_headers("share", ("f",), HttpHeaders()), "at least one header"),
    (lambda: files.set_file_http_headers("share", ("f",), HttpHeaders(content_type="\u00e4")), "ASCII"),
    (lambda: files.set_file_smb_properties("share", ("f",), SmbSettings()), "at least one property"),
    (lambda: files.rename_file("share", ("f",), ("g",), ignore_readonly=True), "replace=True"),
    (
        lambda: files.set_file_http_headers("share", ("f",), {"content_type": "a/b"}),
        r"HttpHeaders\(\.\.\.\) is expected",
    ),
    (lambda: files.set_file_smb_properties("share", ("f",), {"attributes": "None"}), "SmbSettings.*, not dict"),
    (lambda: files.set_file_nfs_properties("share", ("f",), 0o644), "NfsSettings.*, not int"),
    (lambda: directories.create_directory("share", ()), "root of share"),
    (lambda: directories.delete_directory("share", ()), "root of share"),
    (lambda: directories.rename_directory("share", ("d",), ()), "root of share"),
    (lambda: directories.set_directory_smb_properties("share", (), SmbSettings()), "at least one property"),
    (lambda: directories.list_directory("share", (), page_size=0), "page_size 0"),
    (lambda: directories.list_directory("share", (), include="size"), "Timestamps, Etag"),
    (lambda: directories.list_directory("share", (), prefix="a/b"), "start of a name"),
    (lambda: service.list_shares(include=["everything"]), "snapshots, metadata, deleted"),
    (lambda: shares.create_share("share", quota_gib=0), "quota_gib 0"),
    (lambda: shares.create_share("share", quota_gib=10**6), "quota_gib"),
    (lambda: shares.create_share("share", access_tier="Cold"), "TransactionOptimized, Hot"),
    (lambda: shares.create_share("share", provisioned_iops=-1), "x-ms-share-provisioned-iops"),
    (lambda: shares.set_share_properties("share"), "at least one property"),
    (lambda: shares.delete_share("share", delete_snapshots="all"), "include, include-leased"),
    (lambda: shares.delete_share("share", delete_snapshots="include", snapshot="x"), "leave one of the two out"),
    (lambda: shares.create_permission("share", ""), "permission"),
    (lambda: shares.create_permission("share", "O:S", permission_format="xml"), "Sddl, Binary"),
    (lambda: shares.get_permission("share", ""), "permission_key"),
    (lambda: shares.set_share_access_policy("share", [SignedIdentifier(str(n)) for n in range(6)]), "5 at most"),
    (lambda: shares.set_share_access_policy("share", [SignedIdentifier("a"), SignedIdentifier("a")]), "once"),
    (lambda: shares.set_share_access_policy("share", [SignedIdentifier("x" * 65)]), "policy id"),
    (lambda: shares.set_share_access_policy("share", [SignedIdentifier("a", AccessPolicy("x"))]), "rcwdl"),
    (
        lambda: shares.set_share_access_policy(
            "share", [SignedIdentifier("a", AccessPolicy(starts_at=LATE.replace(tzinfo=None)))]
        ),
        "time zone",
    ),
    (lambda: leases.acquire_share_lease("share", 14), "15 to 60"),
    (lambda: leases.acquire_share_lease("share", 61), "15 to 60"),
    (lambda: leases.acquire_share_lease("share", 15.0), "15 to 60"),
    (lambda: files.set_file_metadata("share", ("f",), {"a": 1}), "metadata 'a': a text is expected, not int"),
    (lambda: shares.delete_share("share", delete_snapshots=True), "include, include-leased"),
    (lambda: leases.acquire_share_lease("share", proposed_id="mine"), "GUID"),
    (lambda: leases.break_share_lease("share", period_s=61), "period_s 61"),
    (lambda: leases.renew_share_lease("share", "hush123"), "lease_id: a GUID"),
    (lambda: leases.change_file_lease("share", ("f",), GUID, "hush123"), "x-ms-proposed-lease-id: a GUID"),
    (lambda: copying.start_copy("share", ("f",), "/share/g"), "absolute"),
    (lambda: copying.start_copy("share", ("f",), "https://h/\u00e4?sig=hush123"), "percent-encoded"),
    (lambda: copying.start_copy("share", ("f",), "https://h/" + "a" * 2048), "2048 at most"),
    (lambda: copying.start_copy("share", ("f",), ResourceAddress("share")), "needs a path"),
    (lambda: copying.start_copy("share", ("f",), ResourceAddress("share", ("g",), "")), "snapshot"),
    (lambda: copying.start_copy("share", ("f",), "https://h/s/f", permission_copy_mode="copy"), "source, override"),
    (
        lambda: copying.start_copy("share", ("f",), "https://h/s/f", permission_copy_mode="override"),
        "override goes with",
    ),
    (lambda: copying.abort_copy("share", ("f",), "not-a-guid"), "copy_id: a GUID"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(attributes="Readable")), "None, ReadOnly"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(attributes="None|Archive")), "ReadOnly, Hidden"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(attributes="Preserve")), "None, ReadOnly"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(creation_time="Preserve")), "Now is expected"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(creation_time="2019-05-09")), "aware datetime"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(change_time=LATE.replace(tzinfo=None))), "time zone"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(permission="O:S", permission_key="1*2")), "at most one"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(permission="")), "empty text"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(permission="x" * 8193)), "create_permission"),
    (lambda: files.create_file("share", ("f",), 0, smb=_smb(permission_format="xml")), "Sddl, Binary"),
]


@pytest.mark.parametrize(("call", "complaint"), REFUSED, ids=[f"{n}-{c}" for n, (_, c) in enumerate(REFUSED)])
def test_an_argument_that_the_service_cannot_take_is_refused(call, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint) as caught:
        call()
    assert "hush123" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_data_of_any_shape_is_sent_as_single_bytes_without_joining():
    wide = memoryview(array("I", [1, 2]))
    every_other = memoryview(b"abcdef")[::2]
    buffers, length = body_buffers([b"ab", bytearray(b"c"), wide, every_other])
    assert length == 2 + 1 + wide.nbytes + 3
    assert [bytes(buffer) for buffer in buffers] == [b"ab", b"c", wide.tobytes(), b"ace"]
    whole = b"xyz"
    assert body_buffers(whole)[0][0] is whole
    assert body_buffers(memoryview(whole)) == ((whole,), 3)
    assert body_buffers([array("B", [1])])[0] == (b"\x01",)  # type: ignore[list-item] - any buffer does


@pytest.mark.parametrize("spelling", [GUID, GUID.upper(), GUID.replace("-", ""), f"{{{GUID}}}", f"({GUID})"])
def test_a_lease_id_may_be_spelled_in_any_way_that_a_guid_is(spelling: str):
    assert headers_of(request_of(files.delete_file("share", ("f",), lease_id=spelling)))["x-ms-lease-id"] == spelling


def test_a_name_that_ends_with_a_dot_is_kept_as_it_is():
    assert headers_of(request_of(files.get_file("share", ("d.", "f")))) == {"x-ms-allow-trailing-dot": "true"}
    assert headers_of(request_of(files.get_file("share", ("d", "f.txt")))) == {}
    renamed = headers_of(request_of(files.rename_file("share", ("f.",), ("g",))))
    assert renamed["x-ms-source-allow-trailing-dot"] == "true"
    assert "x-ms-allow-trailing-dot" not in renamed
