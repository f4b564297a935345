"""The first service version that has each operation and feature: there it is sent, to the day before it is not.

The versions stand here once more, read from the service's version table and the client libraries' change logs, so that
a wrong row in ``core.versions`` does not pass.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from azfiles.address import ResourceAddress
from azfiles.core import copying, directories, files, handles, leases, links, permissions, ranges, service, shares
from azfiles.core.from_url import put_range_from_url
from azfiles.core.operation import Operation
from azfiles.errors import RequestNotSent
from azfiles.models import NfsSettings, ProtocolSettings, SmbSettings

from .builders import GUID, SNAPSHOT, request_of

F, D = ("d", "f"), ("d",)
DOTTED = ("d.", "f")
HERE = ResourceAddress("share", DOTTED)
URL = "https://h/s/f"
BINARY = SmbSettings(permission="AQ==", permission_format="binary")
CHANGED = SmbSettings(change_time="now")
NFS = NfsSettings(mode="0644")
START = datetime(2026, 3, 1, tzinfo=UTC)
KEY = (START, START + timedelta(days=1))

FIRST: dict[str, list[Callable[[], Operation[object]]]] = {
    "2018-11-09": [service.list_shares, lambda: files.get_file("share", F)],
    "2019-02-02": [
        lambda: permissions.create_permission("share", "O:S"),
        lambda: permissions.get_permission("share", "1*2"),
        lambda: leases.acquire_file_lease("share", F),
        lambda: leases.change_file_lease("share", F, GUID, GUID),
        lambda: leases.release_file_lease("share", F, GUID),
        lambda: leases.break_file_lease("share", F),
        lambda: put_range_from_url("share", F, 0, 1, URL, 0),
        lambda: files.create_file("share", F, 0, smb=SmbSettings(attributes="None")),
        lambda: files.set_file_smb_properties("share", F, SmbSettings(attributes="None")),
        lambda: directories.create_directory("share", D, smb=SmbSettings(creation_time="now")),
        lambda: directories.set_directory_smb_properties("share", D, SmbSettings(permission="inherit-from-nobody")),
    ],
    "2019-07-07": [
        lambda: copying.start_copy("share", F, URL, smb=SmbSettings(attributes="source")),
        lambda: copying.start_copy("share", F, URL, ignore_readonly=True),
        lambda: copying.start_copy("share", F, URL, set_archive=True),
        lambda: copying.start_copy("share", F, URL, permission_copy_mode="source"),
    ],
    "2019-12-12": [
        lambda: shares.create_share("share", access_tier="Hot"),
        lambda: shares.set_share_properties("share", access_tier="Hot"),
        lambda: service.list_shares(include="deleted"),
        lambda: shares.undelete_share("share", "01D60F8BB59A4652"),
    ],
    "2020-02-10": [
        lambda: leases.acquire_share_lease("share"),
        lambda: leases.renew_share_lease("share", GUID),
        lambda: leases.change_share_lease("share", GUID, GUID),
        lambda: leases.release_share_lease("share", GUID),
        lambda: leases.break_share_lease("share"),
        lambda: shares.create_share("share", enabled_protocols="NFS"),
        lambda: shares.create_share("share", root_squash="RootSquash"),
        lambda: shares.delete_share("share", delete_snapshots="include-leased"),
        lambda: ranges.list_ranges("share", F, previous_snapshot=SNAPSHOT),
        lambda: service.set_service_properties(protocols=ProtocolSettings(smb_multichannel=True)),
    ],
    "2020-10-02": [
        lambda: directories.list_directory("share", D, include="etag"),
        lambda: directories.list_directory("share", D, extended_info=True),
    ],
    "2021-04-10": [
        lambda: files.rename_file("share", F, ("g",)),
        lambda: directories.rename_directory("share", D, ("e",)),
    ],
    "2021-06-08": [
        lambda: files.create_file("share", F, 0, smb=CHANGED),
        lambda: directories.create_directory("share", D, smb=CHANGED),
        lambda: files.set_file_smb_properties("share", F, CHANGED),
        lambda: files.rename_file("share", F, ("g",), smb=CHANGED),
        lambda: copying.start_copy("share", F, URL, smb=CHANGED),
        lambda: ranges.put_range("share", F, 0, b"x", keep_last_write=True),
        lambda: ranges.clear_range("share", F, 0, 1, keep_last_write=True),
        lambda: put_range_from_url("share", F, 0, 1, URL, 0, keep_last_write=True),
    ],
    "2022-11-02": [
        lambda: files.create_file("share", DOTTED, 0),
        lambda: files.get_file("share", DOTTED),
        lambda: files.get_file_properties("share", DOTTED),
        lambda: files.set_file_metadata("share", DOTTED, {}),
        lambda: files.delete_file("share", DOTTED),
        lambda: files.resize_file("share", DOTTED, 0),
        lambda: files.rename_file("share", DOTTED, ("g",)),
        lambda: files.rename_file("share", ("g",), DOTTED),
        lambda: directories.create_directory("share", DOTTED),
        lambda: directories.get_directory_properties("share", DOTTED),
        lambda: directories.get_directory_metadata("share", DOTTED),
        lambda: directories.set_directory_metadata("share", DOTTED, {}),
        lambda: directories.set_directory_smb_properties("share", DOTTED, SmbSettings(attributes="None")),
        lambda: directories.list_directory("share", DOTTED),
        lambda: directories.delete_directory("share", DOTTED),
        lambda: directories.rename_directory("share", DOTTED, ("e",)),
        lambda: handles.list_file_handles("share", DOTTED),
        lambda: handles.close_file_handles("share", DOTTED, "*"),
        lambda: leases.break_file_lease("share", DOTTED),
        lambda: ranges.put_range("share", DOTTED, 0, b"x"),
        lambda: ranges.list_ranges("share", DOTTED),
        lambda: put_range_from_url("share", DOTTED, 0, 1, URL, 0),
        lambda: put_range_from_url("share", F, 0, 1, HERE, 0),
        lambda: copying.start_copy("share", DOTTED, URL),
        lambda: copying.start_copy("share", F, HERE),
        lambda: copying.abort_copy("share", DOTTED, GUID),
    ],
    "2023-08-03": [
        lambda: shares.create_share("share", enable_snapshot_virtual_directory_access=True),
        lambda: shares.set_share_properties("share", enable_snapshot_virtual_directory_access=False),
    ],
    "2024-05-04": [lambda: ranges.list_ranges("share", F, previous_snapshot=SNAPSHOT, support_rename=True)],
    "2024-11-04": [
        lambda: files.create_file("share", F, 0, smb=BINARY),
        lambda: directories.create_directory("share", D, smb=BINARY),
        lambda: permissions.create_permission("share", "AQ==", permission_format="binary"),
        lambda: permissions.get_permission("share", "1*2", permission_format="binary"),
        lambda: shares.create_share("share", paid_bursting_enabled=True),
        lambda: shares.create_share("share", paid_bursting_max_iops=1),
        lambda: shares.create_share("share", paid_bursting_max_bandwidth_mibps=1),
    ],
    "2025-01-05": [
        lambda: shares.create_share("share", provisioned_iops=1),
        lambda: shares.create_share("share", provisioned_bandwidth_mibps=1),
        lambda: files.get_file("share", F, checksum="crc64"),
        lambda: ranges.put_range("share", F, 0, b"x", checksum="crc64"),
    ],
    "2025-05-05": [
        lambda: files.create_file("share", F, 0, nfs=NFS),
        lambda: directories.create_directory("share", D, nfs=NFS),
        lambda: files.set_file_nfs_properties("share", F, NfsSettings(owner=0)),
        lambda: directories.set_directory_nfs_properties("share", D, NfsSettings(group=0)),
        lambda: copying.start_copy("share", F, URL, mode_copy_mode="source"),
        lambda: copying.start_copy("share", F, URL, owner_copy_mode="source"),
        lambda: links.create_hard_link("share", F, ("t",)),
    ],
    "2025-07-05": [
        lambda: links.create_symbolic_link("share", F, "t"),
        lambda: links.get_symbolic_link("share", F),
    ],
    "2026-02-06": [
        lambda: shares.create_share("share", enable_smb_directory_lease=True),
        lambda: service.set_service_properties(protocols=ProtocolSettings(smb_encryption_required=True)),
        lambda: service.set_service_properties(protocols=ProtocolSettings(nfs_encryption_required=True)),
        lambda: service.get_user_delegation_key(*KEY),
    ],
    "2026-04-06": [lambda: service.get_user_delegation_key(*KEY, delegated_tenant_id=GUID)],
    "2026-06-06": [
        lambda: files.create_file("share", F, 1, data=b"x"),
        lambda: files.create_file("share", F, 0, property_semantics="Restore"),
        lambda: directories.create_directory("share", D, property_semantics="New"),
    ],
    "2026-10-06": [
        lambda: ranges.list_ranges("share", F, page_size=1),
        lambda: ranges.list_ranges("share", F, marker="m"),
    ],
}
ROWS = [(make, version) for version, makers in FIRST.items() for make in makers]


@pytest.mark.parametrize(("make", "version"), ROWS, ids=[f"{n}-{version}" for n, (_, version) in enumerate(ROWS)])
def test_an_operation_or_feature_is_sent_from_its_first_version_on(
    make: Callable[[], Operation[object]], version: str
) -> None:
    operation = make()
    assert request_of(operation, api_version=version).method == operation.method
    before = (date.fromisoformat(version) - timedelta(days=1)).isoformat()
    with pytest.raises(RequestNotSent, match=f"{version} or later, but api_version is {before}"):
        request_of(operation, api_version=before)


def test_an_nfs_feature_of_a_copy_does_not_hide_what_its_smb_part_needs() -> None:
    operation = copying.start_copy(
        "share", F, URL, smb=SmbSettings(attributes="source"), nfs=NFS, mode_copy_mode="override"
    )
    with pytest.raises(RequestNotSent, match="SMB properties on a copy needs service version 2019-07-07"):
        request_of(operation, api_version="2019-02-02")
    with pytest.raises(RequestNotSent, match="NFS properties needs service version 2025-05-05"):
        request_of(operation, api_version="2025-01-05")


@pytest.mark.parametrize("make", [files.create_file, files.resize_file])
def test_smb_properties_are_demanded_up_to_the_day_before_they_are_optional_again(make) -> None:
    def said(version: str) -> bool:
        return "x-ms-file-attributes" in dict(request_of(make("share", F, 1), api_version=version).headers)

    assert [said(day) for day in ("2019-02-01", "2019-02-02", "2021-06-07", "2021-06-08")] == [False, True, True, False]
