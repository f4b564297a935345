"""Commands to a share."""

from __future__ import annotations

from azfiles_sim.model.commands.base import Command, LeaseAction
from azfiles_sim.model.entities import AccessPolicy, Metadata, Ticks
from azfiles_sim.quick import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCommand(Command):
    share: str
    snapshot: Ticks | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """Settings of a share as asked for; ``None`` is an absent header. ``protocol`` counts on creation only."""

    protocol: str | None = None
    root_squash: str | None = None
    snapshot_directory: bool | None = None
    smb_directory_lease: bool | None = None
    bursting: bool | None = None
    bursting_iops: int | None = None
    bursting_bandwidth_mibps: int | None = None
    iops: int | None = None
    bandwidth_mibps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShare(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None
    metadata: Metadata = ()
    settings: ShareRequest = ShareRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShare(ShareCommand):
    """Get Share Properties and Get Share Metadata (rendering tells them apart)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareProperties(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None
    settings: ShareRequest = ShareRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareMetadata(ShareCommand):
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteShare(ShareCommand):
    """``delete_snapshots`` is ``include``, ``include-leased`` or absent."""

    delete_snapshots: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteShare(ShareCommand):
    """``deleted`` is the instant of the deletion, which is the deleted share's version."""

    deleted: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShareStatistics(ShareCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotShare(ShareCommand):
    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShareAccessPolicy(ShareCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareAccessPolicy(ShareCommand):
    policies: tuple[AccessPolicy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePermission(ShareCommand):
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPermission(ShareCommand):
    permission_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseShare(ShareCommand):
    """Lease Share. ``duration_s`` is ``None`` for an infinite lease (header value -1), else 15 to 60."""

    action: LeaseAction
    duration_s: int | None = None
    break_period_s: int | None = None
    proposed_id: str | None = None
