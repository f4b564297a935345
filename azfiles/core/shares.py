"""Operations on a share: create, delete, properties, metadata, statistics, snapshot; access policies and permissions
have rooms of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azfiles.core import replies, versions
from azfiles.core.arguments import (
    MAX_QUOTA_GIB,
    Pairs,
    check_share_name,
    check_whole,
    choose,
    header_text,
    lease_header,
    metadata_headers,
    snapshot_query,
)
from azfiles.core.documents import (
    parse_share_usage,
)
from azfiles.core.operation import Kind, Operation
from azfiles.core.permissions import create_permission, get_permission
from azfiles.core.policies import get_share_access_policy, set_share_access_policy
from azfiles.core.versions import Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import (
    PaidBursting,
    ResourceMetadata,
    ShareDeleted,
    ShareProperties,
    ShareStatistics,
    ShareWritten,
    SnapshotCreated,
)

ACCESS_TIERS = ("TransactionOptimized", "Hot", "Cool", "Premium")
PROTOCOLS = ("SMB", "NFS")
ROOT_SQUASH = ("NoRootSquash", "RootSquash", "AllSquash")
DELETE_SNAPSHOTS = ("include", "include-leased")

_SHARE = ("restype", "share")
# The service sets the real limits by account; these only catch what cannot be meant.
_MAX_PROVISIONED = 10**9


def create_share(
    share: str,
    *,
    metadata: Mapping[str, str] | None = None,
    quota_gib: int | None = None,
    access_tier: str | None = None,
    enabled_protocols: str | None = None,
    root_squash: str | None = None,
    enable_snapshot_virtual_directory_access: bool | None = None,
    paid_bursting_enabled: bool | None = None,
    paid_bursting_max_iops: int | None = None,
    paid_bursting_max_bandwidth_mibps: int | None = None,
    provisioned_iops: int | None = None,
    provisioned_bandwidth_mibps: int | None = None,
    enable_smb_directory_lease: bool | None = None,
) -> Operation[ShareWritten]:
    """Create a share (Create Share). Raises ``AlreadyExists`` where there is one of that name.

    ``quota_gib``: how large it may become, in GiB. ``access_tier``: TransactionOptimized, Hot, Cool or Premium.
    """
    headers, needs = _share_settings(
        quota_gib=quota_gib,
        access_tier=access_tier,
        enabled_protocols=enabled_protocols,
        root_squash=root_squash,
        enable_snapshot_virtual_directory_access=enable_snapshot_virtual_directory_access,
        paid_bursting_enabled=paid_bursting_enabled,
        paid_bursting_max_iops=paid_bursting_max_iops,
        paid_bursting_max_bandwidth_mibps=paid_bursting_max_bandwidth_mibps,
        provisioned_iops=provisioned_iops,
        provisioned_bandwidth_mibps=provisioned_bandwidth_mibps,
        enable_smb_directory_lease=enable_smb_directory_lease,
    )
    return Operation(
        name="Create Share",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(201,),
        parse=replies.share_written,
        query=(_SHARE,),
        headers=(*headers, *metadata_headers(metadata)),
        needs=needs,
    )


def delete_share(
    share: str,
    *,
    snapshot: str | None = None,
    delete_snapshots: str | None = None,
    lease_id: str | None = None,
) -> Operation[ShareDeleted]:
    """Delete a share, or with ``snapshot`` only that snapshot of it (Delete Share).

    A share that has snapshots is deleted only with ``delete_snapshots``: ``include``, or ``include-leased`` where one
    of them is leased.
    """
    headers = lease_header(lease_id)
    needs: tuple[Feature, ...] = ()
    if delete_snapshots is not None:
        if snapshot is not None:
            raise InvalidArgument("delete_snapshots: only the share itself has snapshots; leave one of the two out")
        chosen = choose("delete_snapshots", delete_snapshots, DELETE_SNAPSHOTS)
        headers = (("x-ms-delete-snapshots", chosen), *headers)
        needs = (versions.DELETE_LEASED_SNAPSHOTS,) if chosen == "include-leased" else ()
    return Operation(
        name="Delete Share",
        kind=Kind.METADATA,
        method="DELETE",
        path=(check_share_name(share),),
        success=(202,),
        parse=_share_deleted,
        query=(_SHARE, *snapshot_query(snapshot)),
        headers=headers,
        needs=needs,
    )


def undelete_share(share: str, version: str, *, deleted_name: str | None = None) -> Operation[ShareWritten]:
    """Bring back a deleted share while the account keeps it (Restore Share). Raises ``AlreadyExists`` where a share of
    that name exists by now.

    ``version`` is the deleted share's, as ``list_shares(include="deleted")`` gives it; ``deleted_name`` its name where
    that was another.
    """
    name = check_share_name(share)
    if not version:
        raise InvalidArgument("version: the deleted share's version is expected, as a list of shares gives it")
    return Operation(
        name="Restore Share",
        kind=Kind.METADATA,
        method="PUT",
        path=(name,),
        success=(201,),
        parse=replies.share_written,
        query=(_SHARE, ("comp", "undelete")),
        headers=(
            ("x-ms-deleted-share-name", name if deleted_name is None else check_share_name(deleted_name)),
            ("x-ms-deleted-share-version", header_text("version", version)),
        ),
        since=versions.UNDELETE_SHARE,
    )


def get_share_properties(
    share: str, *, snapshot: str | None = None, lease_id: str | None = None
) -> Operation[ShareProperties]:
    """ETag, quota, metadata, tier and lease of a share or snapshot (Get Share Properties)."""
    return Operation(
        name="Get Share Properties",
        kind=Kind.METADATA,
        method="GET",
        path=(check_share_name(share),),
        success=(200,),
        parse=_share_properties,
        query=(_SHARE, *snapshot_query(snapshot)),
        headers=lease_header(lease_id),
    )


def set_share_quota(share: str, quota_gib: int, *, lease_id: str | None = None) -> Operation[ShareWritten]:
    """Set how large a share may become, in GiB (Set Share Properties)."""
    return set_share_properties(share, quota_gib=quota_gib, lease_id=lease_id)


def set_share_properties(
    share: str,
    *,
    quota_gib: int | None = None,
    access_tier: str | None = None,
    root_squash: str | None = None,
    enable_snapshot_virtual_directory_access: bool | None = None,
    paid_bursting_enabled: bool | None = None,
    paid_bursting_max_iops: int | None = None,
    paid_bursting_max_bandwidth_mibps: int | None = None,
    provisioned_iops: int | None = None,
    provisioned_bandwidth_mibps: int | None = None,
    enable_smb_directory_lease: bool | None = None,
    lease_id: str | None = None,
) -> Operation[ShareWritten]:
    """Change what is given and keep the rest (Set Share Properties)."""
    headers, needs = _share_settings(
        quota_gib=quota_gib,
        access_tier=access_tier,
        enabled_protocols=None,
        root_squash=root_squash,
        enable_snapshot_virtual_directory_access=enable_snapshot_virtual_directory_access,
        paid_bursting_enabled=paid_bursting_enabled,
        paid_bursting_max_iops=paid_bursting_max_iops,
        paid_bursting_max_bandwidth_mibps=paid_bursting_max_bandwidth_mibps,
        provisioned_iops=provisioned_iops,
        provisioned_bandwidth_mibps=provisioned_bandwidth_mibps,
        enable_smb_directory_lease=enable_smb_directory_lease,
    )
    if not headers:
        raise InvalidArgument("set_share_properties: at least one property is expected")
    return Operation(
        name="Set Share Properties",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(200,),
        parse=replies.share_written,
        query=(_SHARE, ("comp", "properties")),
        headers=(*headers, *lease_header(lease_id)),
        needs=needs,
    )


def set_share_metadata(
    share: str, metadata: Mapping[str, str], *, lease_id: str | None = None
) -> Operation[ShareWritten]:
    """Replace all metadata of a share; an empty mapping clears it (Set Share Metadata)."""
    return Operation(
        name="Set Share Metadata",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(200,),
        parse=replies.share_written,
        query=(_SHARE, ("comp", "metadata")),
        headers=(*metadata_headers(metadata), *lease_header(lease_id)),
    )


def get_share_metadata(
    share: str, *, snapshot: str | None = None, lease_id: str | None = None
) -> Operation[ResourceMetadata]:
    """Metadata and ETag of a share or snapshot (Get Share Metadata)."""
    return Operation(
        name="Get Share Metadata",
        kind=Kind.METADATA,
        method="GET",
        path=(check_share_name(share),),
        success=(200,),
        parse=replies.resource_metadata,
        query=(_SHARE, ("comp", "metadata"), *snapshot_query(snapshot)),
        headers=lease_header(lease_id),
    )


def get_share_statistics(share: str, *, lease_id: str | None = None) -> Operation[ShareStatistics]:
    """How many bytes a share holds (Get Share Stats)."""
    return Operation(
        name="Get Share Stats",
        kind=Kind.METADATA,
        method="GET",
        path=(check_share_name(share),),
        success=(200,),
        parse=lambda response: ShareStatistics(parse_share_usage(response.body)),
        query=(_SHARE, ("comp", "stats")),
        headers=lease_header(lease_id),
    )


def create_share_snapshot(share: str, *, metadata: Mapping[str, str] | None = None) -> Operation[SnapshotCreated]:
    """Freeze a share as it is now (Snapshot Share). Without ``metadata`` the snapshot takes the share's."""
    return Operation(
        name="Snapshot Share",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(201,),
        parse=_snapshot_created,
        query=(_SHARE, ("comp", "snapshot")),
        headers=metadata_headers(metadata),
    )


def _share_settings(
    *,
    quota_gib: int | None,
    access_tier: str | None,
    enabled_protocols: str | None,
    root_squash: str | None,
    enable_snapshot_virtual_directory_access: bool | None,
    paid_bursting_enabled: bool | None,
    paid_bursting_max_iops: int | None,
    paid_bursting_max_bandwidth_mibps: int | None,
    provisioned_iops: int | None,
    provisioned_bandwidth_mibps: int | None,
    enable_smb_directory_lease: bool | None,
) -> tuple[Pairs, tuple[Feature, ...]]:
    if quota_gib is not None:
        check_whole("quota_gib", quota_gib, 1, MAX_QUOTA_GIB)
    rows: tuple[tuple[str, str | int | bool | None, Sequence[str], Feature | None], ...] = (
        ("x-ms-share-quota", quota_gib, (), None),
        ("x-ms-access-tier", access_tier, ACCESS_TIERS, versions.ACCESS_TIER),
        ("x-ms-enabled-protocols", enabled_protocols, PROTOCOLS, versions.PROTOCOLS),
        ("x-ms-root-squash", root_squash, ROOT_SQUASH, versions.PROTOCOLS),
        (
            "x-ms-enable-snapshot-virtual-directory-access",
            enable_snapshot_virtual_directory_access,
            (),
            versions.SNAPSHOT_DIRECTORY,
        ),
        ("x-ms-share-paid-bursting-enabled", paid_bursting_enabled, (), versions.PAID_BURSTING),
        ("x-ms-share-paid-bursting-max-iops", paid_bursting_max_iops, (), versions.PAID_BURSTING),
        ("x-ms-share-paid-bursting-max-bandwidth-mibps", paid_bursting_max_bandwidth_mibps, (), versions.PAID_BURSTING),
        ("x-ms-share-provisioned-iops", provisioned_iops, (), versions.PROVISIONED),
        ("x-ms-share-provisioned-bandwidth-mibps", provisioned_bandwidth_mibps, (), versions.PROVISIONED),
        ("x-ms-enable-smb-directory-lease", enable_smb_directory_lease, (), versions.SMB_DIRECTORY_LEASE),
    )
    given = [
        (header, _setting(header, value, choices), since) for header, value, choices, since in rows if value is not None
    ]
    pairs = tuple((header, text) for header, text, _ in given)
    return pairs, tuple(dict.fromkeys(since for _, _, since in given if since is not None))


def _setting(header: str, value: str | int | bool, choices: Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(check_whole(header, value, 0, _MAX_PROVISIONED))
    return choose(header, value, choices)


def _share_properties(response: Response) -> ShareProperties:
    headers = response.headers
    return ShareProperties(
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
        quota_gib=replies.required_number(headers, "x-ms-share-quota"),
        metadata=replies.metadata(headers),
        lease=replies.lease_properties(headers),
        access_tier=headers.get("x-ms-access-tier"),
        access_tier_changed_at=replies.optional_http_date(headers, "x-ms-access-tier-change-time"),
        access_tier_transition=headers.get("x-ms-access-tier-transition-state"),
        enabled_protocols=headers.get("x-ms-enabled-protocols"),
        root_squash=headers.get("x-ms-root-squash"),
        provisioning=replies.provisioning(headers),
        paid_bursting=PaidBursting(
            enabled=replies.optional_flag(headers, "x-ms-share-paid-bursting-enabled"),
            max_iops=replies.optional_number(headers, "x-ms-share-paid-bursting-max-iops"),
            max_bandwidth_mibps=replies.optional_number(headers, "x-ms-share-paid-bursting-max-bandwidth-mibps"),
        ),
        snapshot_virtual_directory_access_enabled=replies.optional_flag(
            headers, "x-ms-enable-snapshot-virtual-directory-access"
        ),
        smb_directory_lease_enabled=replies.optional_flag(headers, "x-ms-enable-smb-directory-lease"),
    )


def _share_deleted(response: Response) -> ShareDeleted:
    headers = response.headers
    return ShareDeleted(
        usage_bytes=replies.optional_number(headers, "x-ms-file-share-usage-bytes"),
        snapshot_usage_bytes=replies.optional_number(headers, "x-ms-file-share-snapshot-usage-bytes"),
    )


def _snapshot_created(response: Response) -> SnapshotCreated:
    headers = response.headers
    return SnapshotCreated(
        snapshot=replies.required(headers, "x-ms-snapshot"),
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
    )


__all__ = [
    "create_permission",
    "create_share",
    "create_share_snapshot",
    "delete_share",
    "get_permission",
    "get_share_access_policy",
    "get_share_metadata",
    "get_share_properties",
    "get_share_statistics",
    "set_share_access_policy",
    "set_share_metadata",
    "set_share_properties",
    "set_share_quota",
    "undelete_share",
]
