"""Share operations: from headers to commands, from results to headers and documents."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import (
    CreatePermission,
    CreateShare,
    DeleteShare,
    GetPermission,
    GetShare,
    GetShareAccessPolicy,
    GetShareStatistics,
    SetShareAccessPolicy,
    SetShareMetadata,
    SetShareProperties,
    SnapshotShare,
    UndeleteShare,
)
from azfiles_sim.model.entities import AccessPolicy, Metadata, Share, Ticks
from azfiles_sim.model.results import (
    Done,
    PermissionMade,
    PermissionText,
    Policies,
    ShareDeleted,
    ShareResult,
    SnapshotMade,
    Statistics,
)
from azfiles_sim.wire.api_versions import ACCESS_TIER_SINCE, INCLUDE_LEASED_SINCE, SHARE_LEASE_HEADERS_SINCE
from azfiles_sim.wire.bodies import permission_document, read_permission, read_policies
from azfiles_sim.wire.call import Answer, Call, HeaderList
from azfiles_sim.wire.dates import etag, http_date, iso_time, parse_file_time
from azfiles_sim.wire.headers import (
    choice_header,
    guid_header,
    int_header,
    read_metadata,
    required,
    snapshot_query,
)
from azfiles_sim.wire.leases import add_lease_headers
from azfiles_sim.wire.permission_format import asks_for_binary, write_binary, write_sddl
from azfiles_sim.wire.refusals import bad_header
from azfiles_sim.wire.share_settings import provisioned_headers, read_settings, settings_headers, usage_headers
from azfiles_sim.wire.smb import PERMISSION_KEY
from azfiles_sim.wire.xml_writer import document, element

TIERS: Final = ("TransactionOptimized", "Hot", "Cool", "Premium")
DELETE_SNAPSHOTS: Final = ("include", "include-leased")
DELETED_NAME: Final = "x-ms-deleted-share-name"
DELETED_VERSION: Final = "x-ms-deleted-share-version"


# --- requests --------------------------------------------------------------------------------------------------


def read_create(call: Call) -> CreateShare:
    return CreateShare(
        account=call.account,
        version=call.version,
        share=call.share,
        quota_gib=int_header(call, "x-ms-share-quota", minimum=1),
        access_tier=choice_header(call, "x-ms-access-tier", TIERS),
        metadata=read_metadata(call) or (),
        settings=read_settings(call),
    )


def read_get(call: Call) -> GetShare:
    return GetShare(
        account=call.account,
        version=call.version,
        share=call.share,
        snapshot=snapshot_query(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
    )


def read_delete(call: Call) -> DeleteShare:
    delete_snapshots = choice_header(call, "x-ms-delete-snapshots", DELETE_SNAPSHOTS)
    if delete_snapshots == "include-leased" and call.version < INCLUDE_LEASED_SINCE:
        raise bad_header("x-ms-delete-snapshots", delete_snapshots)
    return DeleteShare(
        account=call.account,
        version=call.version,
        share=call.share,
        snapshot=snapshot_query(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        delete_snapshots=delete_snapshots,
    )


def read_undelete(call: Call) -> UndeleteShare:
    """Restore Share. (u) a deleted share comes back under its own name only; another one is refused with 400."""
    name, version = required(call, DELETED_NAME), required(call, DELETED_VERSION)
    if name != call.share:
        raise bad_header(DELETED_NAME, name)
    deleted = parse_file_time(version)
    if deleted is None:
        raise bad_header(DELETED_VERSION, version)
    return UndeleteShare(account=call.account, version=call.version, share=call.share, deleted=deleted)


def read_set_properties(call: Call) -> SetShareProperties:
    return SetShareProperties(
        account=call.account,
        version=call.version,
        share=call.share,
        lease_id=guid_header(call, "x-ms-lease-id"),
        quota_gib=int_header(call, "x-ms-share-quota", minimum=1),
        access_tier=choice_header(call, "x-ms-access-tier", TIERS),
        settings=read_settings(call),
    )


def read_set_metadata(call: Call) -> SetShareMetadata:
    return SetShareMetadata(
        account=call.account,
        version=call.version,
        share=call.share,
        lease_id=guid_header(call, "x-ms-lease-id"),
        metadata=read_metadata(call) or (),
    )


def read_get_policies(call: Call) -> GetShareAccessPolicy:
    return GetShareAccessPolicy(
        account=call.account, version=call.version, share=call.share, lease_id=guid_header(call, "x-ms-lease-id")
    )


def read_set_policies(call: Call) -> SetShareAccessPolicy:
    return SetShareAccessPolicy(
        account=call.account,
        version=call.version,
        share=call.share,
        lease_id=guid_header(call, "x-ms-lease-id"),
        policies=read_policies(call),
    )


def read_statistics(call: Call) -> GetShareStatistics:
    return GetShareStatistics(
        account=call.account, version=call.version, share=call.share, lease_id=guid_header(call, "x-ms-lease-id")
    )


def read_snapshot(call: Call) -> SnapshotShare:
    return SnapshotShare(account=call.account, version=call.version, share=call.share, metadata=read_metadata(call))


def read_create_permission(call: Call) -> CreatePermission:
    return CreatePermission(
        account=call.account, version=call.version, share=call.share, permission=read_permission(call)
    )


def read_get_permission(call: Call) -> GetPermission:
    asks_for_binary(call)
    return GetPermission(
        account=call.account,
        version=call.version,
        share=call.share,
        permission_key=required(call, PERMISSION_KEY),
    )


# --- replies ---------------------------------------------------------------------------------------------------


def stamp_headers(stamp: Ticks) -> HeaderList:
    """``ETag`` and ``Last-Modified``: one instant in two forms."""
    return [("ETag", etag(stamp)), ("Last-Modified", http_date(stamp))]


def add_metadata(headers: HeaderList, metadata: Metadata) -> None:
    headers += [(f"x-ms-meta-{name}", value) for name, value in metadata]


def render_written(_call: Call, result: ShareResult) -> Answer:
    """What Set Share Metadata answers."""
    return Answer(200, stamp_headers(result.share.stamp))


def render_created(call: Call, result: ShareResult) -> Answer:
    """What creating and restoring a share answers."""
    share = result.share
    return Answer(201, [*stamp_headers(share.stamp), *provisioned_headers(share, result.kind, call.version)])


def render_properties_set(call: Call, result: ShareResult) -> Answer:
    share = result.share
    told = provisioned_headers(share, result.kind, call.version, lowerable=True)
    return Answer(200, [*stamp_headers(share.stamp), *told])


def render_deleted(_call: Call, _result: Done) -> Answer:
    """Deletes of any kind: 202 and no more."""
    return Answer(202)


def render_share_deleted(call: Call, result: ShareDeleted) -> Answer:
    """202; on provisioned v2 with what went."""
    return Answer(202, usage_headers(result, call.version))


def render_properties(call: Call, result: ShareResult) -> Answer:
    share = result.share
    headers = stamp_headers(share.stamp)
    add_metadata(headers, share.metadata)
    headers += (
        ("x-ms-share-quota", str(share.quota_gib)),
        ("x-ms-has-immutability-policy", "false"),
        ("x-ms-has-legal-hold", "false"),
    )
    if call.version >= SHARE_LEASE_HEADERS_SINCE:
        add_lease_headers(headers, share.lease)
    if call.version >= ACCESS_TIER_SINCE and isinstance(share, Share):
        headers += (
            ("x-ms-access-tier", share.access_tier),
            ("x-ms-access-tier-change-time", http_date(share.tier_changed)),
        )
    headers += settings_headers(share, result.kind, call.version)
    return Answer(200, headers)


def render_metadata(_call: Call, result: ShareResult) -> Answer:
    headers = stamp_headers(result.share.stamp)
    add_metadata(headers, result.share.metadata)
    return Answer(200, headers)


def xml_answer(root: str, headers: HeaderList | None = None) -> Answer:
    """A reply with a document, chunked as the service sends them."""
    return Answer(
        200, [("Content-Type", "application/xml"), *(headers or ())], (memoryview(document(root)),), chunked=True
    )


def render_policies(_call: Call, result: Policies) -> Answer:
    content = "".join(map(_policy_element, result.policies))
    root = f"<SignedIdentifiers>{content}</SignedIdentifiers>" if content else "<SignedIdentifiers />"
    return xml_answer(root, stamp_headers(result.share.stamp))


def _policy_element(policy: AccessPolicy) -> str:
    fields = (("Start", policy.start), ("Expiry", policy.expiry), ("Permission", policy.permission))
    content = "".join(element(name, text) for name, text in fields if text)
    access = f"<AccessPolicy>{content}</AccessPolicy>" if content else ""
    return f"<SignedIdentifier>{element('Id', policy.policy_id)}{access}</SignedIdentifier>"


def render_policies_set(_call: Call, result: Policies | ShareResult) -> Answer:
    return Answer(200, stamp_headers(result.share.stamp))


def render_statistics(_call: Call, result: Statistics) -> Answer:
    """No ETag and no Last-Modified here, whatever the contract lists: none is on the wire."""
    return xml_answer(f"<ShareStats>{element('ShareUsageBytes', str(result.used_bytes))}</ShareStats>")


def render_snapshot(_call: Call, result: SnapshotMade) -> Answer:
    snapshot = result.snapshot
    return Answer(201, [*stamp_headers(snapshot.stamp), ("x-ms-snapshot", iso_time(snapshot.snapshot))])


def render_permission_made(_call: Call, result: PermissionMade) -> Answer:
    return Answer(201, [(PERMISSION_KEY, result.permission_key)], chunked=True)


def render_permission(call: Call, result: PermissionText) -> Answer:
    """JSON with a length and, as recorded, without a content type."""
    if asks_for_binary(call):
        content = permission_document(write_binary(call, result.permission), "binary")
    else:
        content = permission_document(write_sddl(result.permission))
    return Answer(200, [], (memoryview(content),))
