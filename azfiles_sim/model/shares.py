"""Shares: create, read, change, snapshot, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import (
    Change,
    DropPermissions,
    DropShare,
    DropSnapshot,
    DropTree,
    ForkTree,
    HoldName,
    PutAccount,
    PutNode,
    PutShare,
    PutSnapshot,
)
from azfiles_sim.model.commands import (
    CreateShare,
    DeleteShare,
    GetShare,
    GetShareAccessPolicy,
    GetShareStatistics,
    SetShareAccessPolicy,
    SetShareMetadata,
    SetShareProperties,
    ShareCommand,
    SnapshotShare,
)
from azfiles_sim.model.deciding import (
    ROOT_ID,
    Context,
    Decision,
    find_account,
    find_share,
    find_share_or_snapshot,
    take_stamp,
)
from azfiles_sim.model.entities import (
    TICKS_PER_SECOND,
    Attributes,
    Available,
    Broken,
    Directory,
    Expired,
    NfsProperties,
    Share,
    SmbProperties,
    Snapshot,
    Ticks,
    TreeKey,
)
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.lease import age_lease, guard_share
from azfiles_sim.model.limits import (
    DEFAULT_QUOTA_GIB,
    DEFAULT_TIER,
    MAX_POLICIES,
    MAX_POLICY_ID_CHARACTERS,
    MAX_QUOTA_GIB,
    MAX_SNAPSHOTS,
    check_metadata,
)
from azfiles_sim.model.lost_sources import fail_copies
from azfiles_sim.model.names import check_share_name
from azfiles_sim.model.nfs import DIRECTORY_MODE, is_nfs
from azfiles_sim.model.permissions import DEFAULT_DIRECTORY_KEY
from azfiles_sim.model.provisioning import (
    MAX_SHARES,
    changed_settings,
    check_count,
    check_size,
    check_tier,
    new_settings,
    resized,
)
from azfiles_sim.model.results import Policies, ShareResult, SnapshotMade, Statistics
from azfiles_sim.model.softdelete import delete_softly, sweep
from azfiles_sim.model.stamps import floor_to_second
from azfiles_sim.model.usage import deleted_use

HELD_NAME_S: Final = 30
"""How long a deleted share's name is held where that quirk is on; the documents say at least this long."""


def create_share(context: Context, command: CreateShare) -> Decision:
    """Create Share, with its root directory (which on the service comes into being at first access)."""
    check_share_name(command.share)
    check_metadata(command.metadata)
    account = find_account(context.view, command)
    check_size(account.kind, command.version, command.quota_gib)
    check_tier(account.kind, command.access_tier)
    settings = new_settings(account.kind, command.version, command.settings, context.now)
    if context.view.share(command.account, command.share) is not None:
        raise ServiceError(Code.SHARE_ALREADY_EXISTS)
    if context.view.name_held_until(command.account, command.share) > context.now:
        raise ServiceError(Code.SHARE_BEING_DELETED)
    account, swept = sweep(account, context.now)
    if account.kind in MAX_SHARES:
        check_count(account.kind, len(list(context.view.shares(account.name))) + len(account.deleted_shares))
    stamp = take_stamp(account, context.now).last_stamp
    generation = account.shares_made + 1
    share = Share(
        account=command.account,
        name=command.share,
        tree=TreeKey(command.account, generation),
        created=stamp,
        stamp=stamp,
        quota_gib=command.quota_gib or DEFAULT_QUOTA_GIB.get(account.kind, MAX_QUOTA_GIB),
        access_tier=command.access_tier or DEFAULT_TIER.get(account.kind, "Premium"),
        tier_changed=stamp,
        metadata=command.metadata,
        settings=settings,
    )
    root = Directory(
        name="",
        file_id=ROOT_ID,
        parent_id=ROOT_ID,
        stamp=stamp,
        smb=SmbProperties(Attributes.DIRECTORY, stamp, stamp, stamp, DEFAULT_DIRECTORY_KEY),
        nfs=NfsProperties(DIRECTORY_MODE) if is_nfs(share) else None,
    )
    account = replace(account, last_stamp=stamp, shares_made=generation)
    return Decision(
        ShareResult(share, account.kind), (*swept, PutAccount(account), PutShare(share), PutNode(share.tree, root))
    )


def get_share(context: Context, command: GetShare) -> Decision:
    """Get Share Properties and Get Share Metadata, of the share or a snapshot."""
    target = find_share_or_snapshot(context.view, command)
    guard_share(target.lease, command.lease_id, context.now)
    kind = find_account(context.view, command).kind
    return Decision(ShareResult(with_aged_lease(target, context.now), kind))


def set_share_properties(context: Context, command: SetShareProperties) -> Decision:
    """Set Share Properties: quota, tier and settings, each only if given."""
    kind = find_account(context.view, command).kind
    check_size(kind, command.version, command.quota_gib)
    check_tier(kind, command.access_tier)
    before = share = _guarded(context, command)
    share = replace(share, settings=changed_settings(kind, command.version, share.settings, command.settings))
    if command.quota_gib is not None:
        share = replace(share, quota_gib=command.quota_gib)
    if command.access_tier is not None and command.access_tier != share.access_tier:
        share = replace(share, access_tier=command.access_tier, tier_changed=context.now)
    return _restamped(context, command, resized(kind, command.version, before, share, context.now))


def set_share_metadata(context: Context, command: SetShareMetadata) -> Decision:
    """Set Share Metadata: replaces all of it."""
    check_metadata(command.metadata)
    return _restamped(context, command, replace(_guarded(context, command), metadata=command.metadata))


def get_share_access_policy(context: Context, command: GetShareAccessPolicy) -> Decision:
    """Get Share ACL."""
    share = _guarded(context, command)
    return Decision(Policies(share, share.policies))


def set_share_access_policy(context: Context, command: SetShareAccessPolicy) -> Decision:
    """Set Share ACL: replaces all policies; the ETag moves even if nothing changes."""
    ids = [policy.policy_id for policy in command.policies]
    # Five policies with different ids of 1 to 64 characters; only the code for a long id is recorded.
    bad_length = any(not 1 <= len(policy_id) <= MAX_POLICY_ID_CHARACTERS for policy_id in ids)
    if len(ids) > MAX_POLICIES or len(set(ids)) < len(ids) or bad_length:
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    return _restamped(context, command, replace(_guarded(context, command), policies=command.policies))


def get_share_statistics(context: Context, command: GetShareStatistics) -> Decision:
    """Get Share Stats: the bytes that are written in the live share."""
    share = _guarded(context, command)
    return Decision(Statistics(share, share.written))


def snapshot_share(context: Context, command: SnapshotShare) -> Decision:
    """Snapshot Share: the tree is shared, not copied.

    The snapshot's instant is now cut down to a second, or the second after the share's last snapshot. Without metadata
    it carries the share's own and the share's ETag; with metadata its ETag is its instant. The share's ETag stays.
    """
    check_share_name(command.share)
    check_metadata(command.metadata or ())
    share = find_share(context.view, command.account, command.share)
    if len(context.view.snapshots(share.account, share.name)) >= MAX_SNAPSHOTS:
        raise ServiceError(Code.SHARE_SNAPSHOT_COUNT_EXCEEDED)
    at = max(floor_to_second(context.now), share.last_snapshot + TICKS_PER_SECOND)
    snapshot = Snapshot(
        share=share.name,
        snapshot=at,
        tree=replace(share.tree, snapshot=at),
        stamp=at if command.metadata else share.stamp,
        quota_gib=share.quota_gib,
        metadata=command.metadata or share.metadata,
        settings=share.settings,
    )
    changes = (
        PutShare(replace(share, last_snapshot=at)),
        PutSnapshot(share.account, snapshot),
        ForkTree(share.tree, snapshot.tree),
    )
    return Decision(SnapshotMade(snapshot), changes)


def delete_share(context: Context, command: DeleteShare) -> Decision:
    """Delete Share, with its snapshots if so told, or one snapshot. It takes effect at once.

    With soft delete the share can be restored, with its snapshots; a snapshot deleted by itself cannot.
    """
    if command.snapshot is not None and command.delete_snapshots is not None:
        # the two together: refused, the code is unverified
        raise ServiceError(Code.INVALID_QUERY_PARAMETER_VALUE, field="snapshot")
    target = find_share_or_snapshot(context.view, command)
    guard_share(target.lease, command.lease_id, context.now, deleting=True)
    account = find_account(context.view, command)
    snapshots = context.view.snapshots(command.account, command.share)
    if isinstance(target, Snapshot):
        share = find_share(context.view, command.account, command.share)
        used = deleted_use(context.view, account.kind, share, snapshots, target)
        return Decision(
            used, (*_dropped(command.account, target), *fail_copies(context, command.account, [(target.tree, None)]))
        )
    if snapshots and command.delete_snapshots is None:
        raise ServiceError(Code.SHARE_HAS_SNAPSHOTS)
    if command.delete_snapshots == "include" and any(_is_held(one, context.now) for one in snapshots):
        raise ServiceError(Code.DELETE_SHARE_WHEN_SNAPSHOT_LEASED)
    used = deleted_use(context.view, account.kind, target, snapshots)
    trees = (target.tree, *(one.tree for one in snapshots))
    failed = tuple(fail_copies(context, command.account, [(tree, None) for tree in trees]))
    if account.settings.soft_delete_days is not None:
        kept = delete_softly(account, target, tuple(snapshots), context.now)
        return Decision(used, (*kept, *failed, *_held_name(context, target)))
    changes: list[Change] = [change for one in snapshots for change in _dropped(command.account, one)]
    changes += [DropTree(target.tree), DropPermissions(target.tree), DropShare(target.account, target.name)]
    return Decision(used, (*changes, *failed, *_held_name(context, target)))


def _held_name(context: Context, share: Share) -> tuple[Change, ...]:
    if not context.quirks.deleted_share_name_is_held:
        return ()
    return (HoldName(share.account, share.name, context.now + HELD_NAME_S * TICKS_PER_SECOND),)


def with_aged_lease(target: Share | Snapshot, now: Ticks) -> Share | Snapshot:
    """The share or snapshot with its lease as it is at ``now``."""
    lease = age_lease(target.lease, now)
    return target if lease is target.lease else replace(target, lease=lease)


def _guarded(context: Context, command: ShareCommand) -> Share:
    check_share_name(command.share)
    share = find_share(context.view, command.account, command.share)
    guard_share(share.lease, command.lease_id, context.now)
    return share


def _restamped(context: Context, command: ShareCommand, share: Share) -> Decision:
    account = find_account(context.view, command)
    account = take_stamp(account, context.now)
    share = replace(share, stamp=account.last_stamp)
    return Decision(
        ShareResult(with_aged_lease(share, context.now), account.kind), (PutAccount(account), PutShare(share))
    )


def _is_held(snapshot: Snapshot, now: Ticks) -> bool:
    return not isinstance(age_lease(snapshot.lease, now), (Available, Broken, Expired))


def _dropped(account: str, snapshot: Snapshot) -> tuple[Change, ...]:
    return DropSnapshot(account, snapshot.share, snapshot.snapshot), DropTree(snapshot.tree)


__all__ = [
    "HELD_NAME_S",
    "create_share",
    "delete_share",
    "get_share",
    "get_share_access_policy",
    "get_share_statistics",
    "set_share_access_policy",
    "set_share_metadata",
    "set_share_properties",
    "snapshot_share",
    "with_aged_lease",
]
