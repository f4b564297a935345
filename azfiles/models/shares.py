"""What operations on the service and on shares return and take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from azfiles.models.shared import LeaseProperties
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What a stored policy says; each part may be left to the signature that names the policy."""

    permissions: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIdentifier:
    """A stored access policy: ``id`` has at most 64 characters, a share at most five of them."""

    id: str
    policy: AccessPolicy = field(default_factory=AccessPolicy)


@dataclass(frozen=True, slots=True)
class ShareAccessPolicy:
    etag: str
    last_modified: datetime
    identifiers: tuple[SignedIdentifier, ...]


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What a provisioned share has and may use; ``None`` where the account bills otherwise."""

    iops: int | None = None
    bandwidth_mibps: int | None = None
    included_burst_iops: int | None = None
    max_burst_credits_for_iops: int | None = None
    next_quota_downgrade_at: datetime | None = None
    next_iops_downgrade_at: datetime | None = None
    next_bandwidth_downgrade_at: datetime | None = None
    ingress_mbps: int | None = None
    egress_mbps: int | None = None


@dataclass(frozen=True, slots=True)
class PaidBursting:
    """What a share may use beyond what is provisioned, for a price: ``None`` where the service says nothing."""

    enabled: bool | None = None
    max_iops: int | None = None
    max_bandwidth_mibps: int | None = None


@dataclass(frozen=True, slots=True)
class ShareProperties:
    """What the service sends only for some kinds of share is ``None`` for the others."""

    etag: str
    last_modified: datetime
    quota_gib: int
    metadata: Mapping[str, str]
    lease: LeaseProperties | None = None
    access_tier: str | None = None
    access_tier_changed_at: datetime | None = None
    access_tier_transition: str | None = None
    enabled_protocols: str | None = None
    root_squash: str | None = None
    provisioning: Provisioning = field(default_factory=Provisioning)
    paid_bursting: PaidBursting = field(default_factory=PaidBursting)
    snapshot_virtual_directory_access_enabled: bool | None = None
    smb_directory_lease_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class ShareItem:
    """One share, share snapshot or deleted share of a list. ``metadata`` is ``None`` unless it was asked for."""

    name: str
    etag: str
    last_modified: datetime
    quota_gib: int
    snapshot: str | None = None
    deleted: bool = False
    version: str | None = None
    metadata: Mapping[str, str] | None = None
    lease: LeaseProperties | None = None
    access_tier: str | None = None
    access_tier_changed_at: datetime | None = None
    deleted_at: datetime | None = None
    remaining_retention_days: int | None = None
    provisioning: Provisioning = field(default_factory=Provisioning)
    enabled_protocols: str | None = None
    root_squash: str | None = None
    paid_bursting: PaidBursting = field(default_factory=PaidBursting)
    snapshot_virtual_directory_access_enabled: bool | None = None
    smb_directory_lease_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class SharePage:
    """One page. It may be short, even empty, and yet have a ``next_marker``: go on until that is ``None``."""

    shares: tuple[ShareItem, ...]
    next_marker: str | None


@dataclass(frozen=True, slots=True)
class ShareStatistics:
    """``usage_bytes`` is how much the share holds."""

    usage_bytes: int


@dataclass(frozen=True, slots=True)
class ShareWritten:
    """A share was created or changed; the provisioned figures come where the account has them."""

    etag: str
    last_modified: datetime
    quota_gib: int | None = None
    provisioning: Provisioning = field(default_factory=Provisioning)


@dataclass(frozen=True, slots=True)
class ShareDeleted:
    """How much went: of the share, and of its snapshots. ``None`` where the account is not of provisioned v2."""

    usage_bytes: int | None = None
    snapshot_usage_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SnapshotCreated:
    """``snapshot`` is the time stamp that names it, as the service writes it. The ETag is the base share's own unless
    metadata was given.
    """

    snapshot: str
    etag: str
    last_modified: datetime
