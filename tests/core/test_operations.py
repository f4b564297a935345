"""Each operation as one line: what it says on the wire, and which of the documented statuses means yes."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from azfiles.core import copying, directories, files, leases, ranges, service, shares
from azfiles.core.operation import Kind, Operation
from azfiles.models import AccessPolicy, HttpHeaders, SignedIdentifier, SmbSettings

from .builders import GUID, OTHER_GUID, SNAPSHOT, headers_of, request_of

NEWEST = "2026-10-06"
MD5 = base64.b64encode(hashlib.md5(b"abc").digest()).decode()
ZERO = {"Content-Length": "0"}
SNAP = "sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z"
LEASED = {"x-ms-lease-id": GUID}
WHEN = datetime(2022, 3, 10, 10, 14, 30, 500_000, tzinfo=UTC)
SMB = SmbSettings(
    attributes="readonly | ARCHIVE",
    creation_time=WHEN,
    last_write_time="2019-05-09T01:34:04.1234567Z",
    change_time="now",
    permission="inherit",
)
SMB_WIRE = {
    "x-ms-file-attributes": "ReadOnly|Archive",
    "x-ms-file-creation-time": "2022-03-10T10:14:30.5000000Z",
    "x-ms-file-last-write-time": "2019-05-09T01:34:04.1234567Z",
    "x-ms-file-change-time": "Now",
    "x-ms-file-permission": "Inherit",
}
KEEP = SmbSettings(attributes="preserve", creation_time="PRESERVE", permission="preserve")
KEEP_WIRE = {
    "x-ms-file-attributes": "Preserve",
    "x-ms-file-creation-time": "Preserve",
    "x-ms-file-permission": "Preserve",
}
HTTP = HttpHeaders("text/plain", "gzip", "de", MD5, "inline", "no-cache")
HTTP_WIRE = {
    "x-ms-content-type": "text/plain",
    "x-ms-content-encoding": "gzip",
    "x-ms-content-language": "de",
    "x-ms-content-md5": MD5,
    "x-ms-content-disposition": "inline",
    "x-ms-cache-control": "no-cache",
}
META = {"hello": "world", "Number": "42"}
META_WIRE = {"x-ms-meta-hello": "world", "x-ms-meta-Number": "42"}
RENAMED = {"x-ms-file-rename-source": "https://acct.file.core.windows.net/share/a/b", **ZERO}
S, F = "share", ("d", "f")

ROWS = [
    # service
    (service.list_shares(), 200, "GET /?comp=list", {}),
    (
        service.list_shares(prefix="p", marker="/acct/x", page_size=2, include=("deleted", "Metadata")),
        200,
        "GET /?comp=list&prefix=p&marker=%2Facct%2Fx&maxresults=2&include=metadata%2Cdeleted",
        {},
    ),
    (service.list_shares(include="snapshots,metadata"), 200, "GET /?comp=list&include=snapshots%2Cmetadata", {}),
    # shares
    (shares.create_share(S), 201, "PUT /share?restype=share", ZERO),
    (
        shares.create_share(
            S,
            metadata=META,
            quota_gib=10,
            access_tier="hot",
            enabled_protocols="smb",
            root_squash="allsquash",
            enable_snapshot_virtual_directory_access=True,
            paid_bursting_enabled=False,
            paid_bursting_max_iops=1,
            paid_bursting_max_bandwidth_mibps=2,
            provisioned_iops=3,
            provisioned_bandwidth_mibps=4,
            enable_smb_directory_lease=True,
        ),
        201,
        "PUT /share?restype=share",
        {
            "x-ms-share-quota": "10",
            "x-ms-access-tier": "Hot",
            "x-ms-enabled-protocols": "SMB",
            "x-ms-root-squash": "AllSquash",
            "x-ms-enable-snapshot-virtual-directory-access": "true",
            "x-ms-share-paid-bursting-enabled": "false",
            "x-ms-share-paid-bursting-max-iops": "1",
            "x-ms-share-paid-bursting-max-bandwidth-mibps": "2",
            "x-ms-share-provisioned-iops": "3",
            "x-ms-share-provisioned-bandwidth-mibps": "4",
            "x-ms-enable-smb-directory-lease": "true",
            **META_WIRE,
            **ZERO,
        },
    ),
    (shares.delete_share(S), 202, "DELETE /share?restype=share", ZERO),
    (shares.delete_share(S, snapshot=SNAPSHOT), 202, f"DELETE /share?restype=share&{SNAP}", ZERO),
    (
        shares.delete_share(S, delete_snapshots="include-leased", lease_id=GUID),
        202,
        "DELETE /share?restype=share",
        {"x-ms-delete-snapshots": "include-leased", **LEASED, **ZERO},
    ),
    (
        shares.delete_share(S, delete_snapshots="include"),
        202,
        "DELETE /share?restype=share",
        {"x-ms-delete-snapshots": "include", **ZERO},
    ),
    (shares.get_share_properties(S, snapshot=SNAPSHOT, lease_id=GUID), 200, f"GET /share?restype=share&{SNAP}", LEASED),
    (
        shares.set_share_quota(S, 7, lease_id=GUID),
        200,
        "PUT /share?restype=share&comp=properties",
        {"x-ms-share-quota": "7", **LEASED, **ZERO},
    ),
    (
        shares.set_share_properties(S, access_tier="Cool", root_squash="NoRootSquash"),
        200,
        "PUT /share?restype=share&comp=properties",
        {"x-ms-access-tier": "Cool", "x-ms-root-squash": "NoRootSquash", **ZERO},
    ),
    (
        shares.set_share_metadata(S, META, lease_id=GUID),
        200,
        "PUT /share?restype=share&comp=metadata",
        {**META_WIRE, **LEASED, **ZERO},
    ),
    (shares.set_share_metadata(S, {}), 200, "PUT /share?restype=share&comp=metadata", ZERO),
    (shares.get_share_metadata(S, snapshot=SNAPSHOT), 200, f"GET /share?restype=share&comp=metadata&{SNAP}", {}),
    (shares.get_share_statistics(S), 200, "GET /share?restype=share&comp=stats", {}),
    (
        shares.create_share_snapshot(S, metadata=META),
        201,
        "PUT /share?restype=share&comp=snapshot",
        {**META_WIRE, **ZERO},
    ),
    (shares.get_share_access_policy(S, lease_id=GUID), 200, "GET /share?restype=share&comp=acl", LEASED),
    (
        shares.create_permission(S, "O:SYG:SY"),
        201,
        "PUT /share?restype=share&comp=filepermission",
        {"Content-Type": "application/json", "Content-Length": "25"},
    ),
    (
        shares.get_permission(S, "1*2", permission_format="binary"),
        200,
        "GET /share?restype=share&comp=filepermission",
        {"x-ms-file-permission-key": "1*2", "x-ms-file-permission-format": "Binary"},
    ),
    # leases
    (
        leases.acquire_share_lease(S),
        201,
        "PUT /share?restype=share&comp=lease",
        {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", **ZERO},
    ),
    (
        leases.acquire_share_lease(S, 60, proposed_id=GUID, snapshot=SNAPSHOT),
        201,
        f"PUT /share?restype=share&comp=lease&{SNAP}",
        {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "60", "x-ms-proposed-lease-id": GUID, **ZERO},
    ),
    (
        leases.renew_share_lease(S, GUID),
        200,
        "PUT /share?restype=share&comp=lease",
        {"x-ms-lease-action": "renew", **LEASED, **ZERO},
    ),
    (
        leases.change_share_lease(S, GUID, OTHER_GUID),
        200,
        "PUT /share?restype=share&comp=lease",
        {"x-ms-lease-action": "change", **LEASED, "x-ms-proposed-lease-id": OTHER_GUID, **ZERO},
    ),
    (
        leases.release_share_lease(S, GUID),
        200,
        "PUT /share?restype=share&comp=lease",
        {"x-ms-lease-action": "release", **LEASED, **ZERO},
    ),
    (leases.break_share_lease(S), 202, "PUT /share?restype=share&comp=lease", {"x-ms-lease-action": "break", **ZERO}),
    (
        leases.break_share_lease(S, period_s=0, lease_id=GUID),
        202,
        "PUT /share?restype=share&comp=lease",
        {"x-ms-lease-action": "break", "x-ms-lease-break-period": "0", **LEASED, **ZERO},
    ),
    (
        leases.acquire_file_lease(S, F, proposed_id=GUID),
        201,
        "PUT /share/d/f?comp=lease",
        {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": GUID, **ZERO},
    ),
    (
        leases.change_file_lease(S, F, GUID, OTHER_GUID),
        200,
        "PUT /share/d/f?comp=lease",
        {"x-ms-lease-action": "change", **LEASED, "x-ms-proposed-lease-id": OTHER_GUID, **ZERO},
    ),
    (
        leases.release_file_lease(S, F, GUID),
        200,
        "PUT /share/d/f?comp=lease",
        {"x-ms-lease-action": "release", **LEASED, **ZERO},
    ),
    (leases.break_file_lease(S, F), 202, "PUT /share/d/f?comp=lease", {"x-ms-lease-action": "break", **ZERO}),
    # directories
    (directories.create_directory(S, ("d",)), 201, "PUT /share/d?restype=directory", ZERO),
    (
        directories.create_directory(S, ("d", "e"), metadata=META, smb=SMB),
        201,
        "PUT /share/d/e?restype=directory",
        {**SMB_WIRE, **META_WIRE, **ZERO},
    ),
    (directories.delete_directory(S, ("d",)), 202, "DELETE /share/d?restype=directory", ZERO),
    (directories.get_directory_properties(S, (), snapshot=SNAPSHOT), 200, f"GET /share?restype=directory&{SNAP}", {}),
    (
        directories.set_directory_metadata(S, ("d",), META),
        200,
        "PUT /share/d?restype=directory&comp=metadata",
        {**META_WIRE, **ZERO},
    ),
    (directories.get_directory_metadata(S, ("d",)), 200, "GET /share/d?restype=directory&comp=metadata", {}),
    (
        directories.set_directory_smb_properties(S, ("d",), KEEP),
        200,
        "PUT /share/d?restype=directory&comp=properties",
        {**KEEP_WIRE, **ZERO},
    ),
    (directories.list_directory(S, ()), 200, "GET /share?restype=directory&comp=list", {}),
    (
        directories.list_directory(
            S,
            ("d",),
            prefix="f",
            marker="1!8!x-",
            page_size=5000,
            include=["permissionkey", "timestamps"],
            extended_info=True,
            snapshot=SNAPSHOT,
        ),
        200,
        f"GET /share/d?restype=directory&comp=list&prefix=f&marker=1%218%21x-&maxresults=5000&{SNAP}&include=Timestamps%2CPermissionKey",
        {"x-ms-file-extended-info": "true"},
    ),
    (directories.rename_directory(S, ("a", "b"), ("c",)), 200, "PUT /share/c?restype=directory&comp=rename", RENAMED),
    (
        directories.rename_directory(
            S,
            ("a", "b"),
            ("c",),
            replace=True,
            ignore_readonly=True,
            smb=KEEP,
            metadata=META,
            destination_lease_id=GUID,
        ),
        200,
        "PUT /share/c?restype=directory&comp=rename",
        {
            "x-ms-file-rename-replace-if-exists": "true",
            "x-ms-file-rename-ignore-readonly": "true",
            "x-ms-destination-lease-id": GUID,
            **KEEP_WIRE,
            **META_WIRE,
            **RENAMED,
        },
    ),
    # files
    (files.create_file(S, F, 5), 201, "PUT /share/d/f", {"x-ms-type": "file", "x-ms-content-length": "5", **ZERO}),
    (
        files.create_file(
            S,
            F,
            3,
            http=HTTP,
            metadata=META,
            smb=SMB,
            lease_id=GUID,
            data=b"abc",
            content_md5=MD5,
            property_semantics="restore",
        ),
        201,
        "PUT /share/d/f",
        {
            "x-ms-type": "file",
            "x-ms-content-length": "3",
            **HTTP_WIRE,
            **SMB_WIRE,
            "x-ms-file-property-semantics": "Restore",
            **META_WIRE,
            **LEASED,
            "Content-MD5": MD5,
            "Content-Length": "3",
        },
    ),
    (files.get_file(S, F), 200, "GET /share/d/f", {}),
    (files.get_file(S, F, snapshot=SNAPSHOT, lease_id=GUID), 200, f"GET /share/d/f?{SNAP}", LEASED),
    (files.get_file(S, F, 4), 206, "GET /share/d/f", {"x-ms-range": "bytes=4-"}),
    (files.get_file(S, F, length=4), 206, "GET /share/d/f", {"x-ms-range": "bytes=0-3"}),
    (
        files.get_file(S, F, 4, 4, range_md5=True),
        206,
        "GET /share/d/f",
        {"x-ms-range": "bytes=4-7", "x-ms-range-get-content-md5": "true"},
    ),
    (files.get_file_properties(S, F, snapshot=SNAPSHOT, lease_id=GUID), 200, f"HEAD /share/d/f?{SNAP}", LEASED),
    (files.delete_file(S, F, lease_id=GUID), 202, "DELETE /share/d/f", {**LEASED, **ZERO}),
    (
        files.set_file_http_headers(S, F, HTTP, lease_id=GUID),
        200,
        "PUT /share/d/f?comp=properties",
        {**HTTP_WIRE, **LEASED, **ZERO},
    ),
    (files.resize_file(S, F, 0), 200, "PUT /share/d/f?comp=properties", {"x-ms-content-length": "0", **ZERO}),
    (
        files.set_file_smb_properties(S, F, SmbSettings(permission_key="1*2", attributes="None")),
        200,
        "PUT /share/d/f?comp=properties",
        {"x-ms-file-attributes": "None", "x-ms-file-permission-key": "1*2", **ZERO},
    ),
    (
        files.set_file_smb_properties(S, F, SmbSettings(permission="AQ==", permission_format="binary")),
        200,
        "PUT /share/d/f?comp=properties",
        {"x-ms-file-permission": "AQ==", "x-ms-file-permission-format": "Binary", **ZERO},
    ),
    (
        files.set_file_metadata(S, F, META, lease_id=GUID),
        200,
        "PUT /share/d/f?comp=metadata",
        {**META_WIRE, **LEASED, **ZERO},
    ),
    (files.get_file_metadata(S, F, snapshot=SNAPSHOT), 200, f"GET /share/d/f?comp=metadata&{SNAP}", {}),
    (
        files.rename_file(
            S,
            ("a", "b"),
            F,
            replace=True,
            content_type="text/plain",
            source_lease_id=GUID,
            destination_lease_id=OTHER_GUID,
        ),
        200,
        "PUT /share/d/f?comp=rename",
        {
            "x-ms-file-rename-replace-if-exists": "true",
            "x-ms-source-lease-id": GUID,
            "x-ms-destination-lease-id": OTHER_GUID,
            "x-ms-content-type": "text/plain",
            **RENAMED,
        },
    ),
    # ranges
    (
        ranges.put_range(S, F, 4, b"abc", content_md5=True, lease_id=GUID, keep_last_write=True),
        201,
        "PUT /share/d/f?comp=range",
        {
            "x-ms-range": "bytes=4-6",
            "x-ms-write": "update",
            "Content-MD5": MD5,
            "x-ms-file-last-write-time": "Preserve",
            **LEASED,
            "Content-Length": "3",
        },
    ),
    (
        ranges.put_range(S, F, 0, [b"a", b"bc"], content_md5=hashlib.md5(b"abc").digest()),
        201,
        "PUT /share/d/f?comp=range",
        {"x-ms-range": "bytes=0-2", "x-ms-write": "update", "Content-MD5": MD5, "Content-Length": "3"},
    ),
    (
        ranges.clear_range(S, F, 0, 10**9, lease_id=GUID),
        201,
        "PUT /share/d/f?comp=range",
        {"x-ms-range": "bytes=0-999999999", "x-ms-write": "clear", **LEASED, **ZERO},
    ),
    (ranges.list_ranges(S, F), 200, "GET /share/d/f?comp=rangelist", {}),
    (ranges.list_ranges(S, F, offset=512), 200, "GET /share/d/f?comp=rangelist", {"x-ms-range": "bytes=512-"}),
    (
        ranges.list_ranges(
            S,
            F,
            offset=1,
            length=2,
            snapshot=SNAPSHOT,
            previous_snapshot=SNAPSHOT,
            support_rename=True,
            lease_id=GUID,
            marker="m",
            page_size=1,
        ),
        200,
        f"GET /share/d/f?comp=rangelist&{SNAP}&prev{SNAP}&marker=m&maxresults=1",
        {"x-ms-range": "bytes=1-2", "x-ms-file-support-rename": "true", **LEASED},
    ),
    # copies
    (
        copying.start_copy(S, F, "https://h/s/f?sig=x"),
        202,
        "PUT /share/d/f",
        {"x-ms-copy-source": "https://h/s/f?sig=x", **ZERO},
    ),
    (
        copying.start_copy(
            S,
            F,
            "https://h/s/f",
            metadata=META,
            smb=SmbSettings(attributes="source", creation_time="Source", last_write_time=WHEN),
            permission_copy_mode="SOURCE",
            ignore_readonly=True,
            set_archive=True,
            lease_id=GUID,
        ),
        202,
        "PUT /share/d/f",
        {
            "x-ms-copy-source": "https://h/s/f",
            "x-ms-file-permission-copy-mode": "source",
            "x-ms-file-copy-ignore-readonly": "true",
            "x-ms-file-copy-set-archive": "true",
            "x-ms-file-attributes": "source",
            "x-ms-file-creation-time": "source",
            "x-ms-file-last-write-time": "2022-03-10T10:14:30.5000000Z",
            **META_WIRE,
            **LEASED,
            **ZERO,
        },
    ),
    (
        copying.start_copy(
            S, F, "https://h/s/f", smb=SmbSettings(permission_key="1*2"), permission_copy_mode="override"
        ),
        202,
        "PUT /share/d/f",
        {
            "x-ms-copy-source": "https://h/s/f",
            "x-ms-file-permission-copy-mode": "override",
            "x-ms-file-permission-key": "1*2",
            **ZERO,
        },
    ),
    (
        copying.abort_copy(S, F, GUID, lease_id=OTHER_GUID),
        204,
        f"PUT /share/d/f?comp=copy&copyid={GUID}",
        {"x-ms-copy-action": "abort", "x-ms-lease-id": OTHER_GUID, **ZERO},
    ),
]


@pytest.mark.parametrize(
    ("operation", "status", "line", "headers"), ROWS, ids=[f"{n}-{row[0].name}" for n, row in enumerate(ROWS)]
)
def test_an_operation_says_exactly_this_on_the_wire(
    operation: Operation[object], status: int, line: str, headers: dict[str, str]
):
    request = request_of(operation, api_version=NEWEST)
    assert f"{request.method} {request.target}" == line
    assert headers_of(request) == headers
    assert status in operation.success


def test_bodies_are_what_the_service_reads():
    empty = shares.set_share_access_policy("share", [])
    assert b"".join(empty.body) == b"<?xml version='1.0' encoding='utf-8'?>\n<SignedIdentifiers />"
    policies = [
        SignedIdentifier("a<b", AccessPolicy("wr", WHEN, datetime(2022, 4, 1, tzinfo=UTC))),
        SignedIdentifier("empty"),
    ]
    assert b"".join(shares.set_share_access_policy("share", policies).body).partition(b"\n")[2] == (
        b"<SignedIdentifiers><SignedIdentifier><Id>a&lt;b</Id><AccessPolicy><Start>2022-03-10T10:14:30.5000000Z</Start>"
        b"<Expiry>2022-04-01T00:00:00Z</Expiry><Permission>rw</Permission></AccessPolicy></SignedIdentifier>"
        b"<SignedIdentifier><Id>empty</Id><AccessPolicy /></SignedIdentifier></SignedIdentifiers>"
    )
    assert headers_of(request_of(empty))["Content-Type"] == "application/xml"
    assert b"".join(shares.create_permission("share", 'O:"SY').body) == b'{"permission":"O:\\"SY"}'
    binary = shares.create_permission("share", "AQ==", permission_format="binary")
    assert b"".join(binary.body) == b'{"format":"binary","permission":"AQ=="}'


def test_each_operation_has_the_kind_that_its_timeout_goes_by():
    kinds: dict[str, set[Kind]] = {}
    for operation, *_ in ROWS:
        kinds.setdefault(operation.name, set()).add(operation.kind)
    expected = {
        "Get File": {Kind.DATA},
        "Put Range": {Kind.DATA},
        "Clear Range": {Kind.DATA},
        "Create File": {Kind.METADATA, Kind.DATA},
        "List Shares": {Kind.LISTING},
        "List Directories and Files": {Kind.LISTING},
        "List Ranges": {Kind.LISTING},
    }
    for name, found in kinds.items():
        assert found == expected.get(name, {Kind.LEASE if name.startswith("Lease") else Kind.METADATA}), name
    assert expected.keys() <= kinds.keys()
