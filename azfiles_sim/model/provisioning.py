"""What kinds of account offer for a share: protocols, size, provisioned performance, paid bursting.

``standard`` is pay-as-you-go, ``premium`` is provisioned by size (v1), ``provisioned`` is provisioned v2, where IOPS and
bandwidth can be chosen. The figures are the documented ones, none is recorded but those of a burst; that a share's
creation does not delay lowering is unverified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from azfiles_sim.model.commands import ShareRequest
from azfiles_sim.model.entities import TICKS_PER_SECOND, Share, Snapshot, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import MAX_QUOTA_GIB
from azfiles_sim.model.settings import Bursting, ShareSettings

STANDARD: Final = "standard"
PREMIUM: Final = "premium"
PROVISIONED: Final = "provisioned"
NFS: Final = "NFS"
QUOTA_GIB: Final = {STANDARD: (1, MAX_QUOTA_GIB), PREMIUM: (100, MAX_QUOTA_GIB), PROVISIONED: (32, 262_144)}
IOPS: Final = (500, 102_400)
BANDWIDTH_MIBPS: Final = (60, 10_340)
LOWERABLE_AFTER_S: Final = 24 * 3600
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Performance:
    """What a share is provisioned with. Ingress and egress are told of premium shares, burst credits of v2 ones."""

    iops: int
    bandwidth_mibps: int
    ingress_mibps: int | None = None
    egress_mibps: int | None = None
    burst_iops: int | None = None
    burst_credits: int | None = None


def performance_of(kind: str, share: Share | Snapshot) -> Performance | None:
    """What a share of an account of this kind is provisioned with; None for a standard account."""
    size = share.quota_gib
    if kind == PREMIUM:
        ingress, egress = 40 + _share_of(size, 4), 60 + _share_of(size, 6)
        return Performance(min(3000 + size, 100_000), ingress + egress, ingress, egress)
    if kind == PROVISIONED:
        iops = share.settings.iops or max(IOPS[0], min(1000 + _share_of(size, 20), 50_000))
        bandwidth = share.settings.bandwidth_mibps or max(BANDWIDTH_MIBPS[0], min(60 + _share_of(size, 2), 5120))
        burst = max(3 * iops, 5000)
        credits_ = (burst - iops) * _SECONDS_PER_HOUR
        return Performance(iops, bandwidth, burst_iops=burst, burst_credits=credits_)
    return None


def _share_of(size: int, percent: int) -> int:
    return -(-size * percent // 100)


def check_quota(kind: str, quota_gib: int | None) -> None:
    """Raise InvalidHeaderValue for a size that a share of this kind cannot have (the code is unverified)."""
    lowest, highest = QUOTA_GIB.get(kind, QUOTA_GIB[STANDARD])
    if quota_gib is not None and not lowest <= quota_gib <= highest:
        raise ServiceError(Code.INVALID_HEADER_VALUE)


def new_settings(kind: str, asked: ShareRequest, now: Ticks) -> ShareSettings:
    """The settings of a new share. NFS is for accounts that are not standard; else InvalidHeaderValue (unverified)."""
    protocol = asked.protocol or "SMB"
    if protocol == NFS and kind == STANDARD:
        raise ServiceError(Code.INVALID_HEADER_VALUE)
    settings = ShareSettings(
        protocol=protocol,
        root_squash="NoRootSquash" if protocol == NFS else None,
        snapshot_directory=True if protocol == NFS else None,
        quota_lowerable_from=now,
        iops_lowerable_from=now,
        bandwidth_lowerable_from=now,
    )
    return changed_settings(kind, settings, asked)


def changed_settings(kind: str, settings: ShareSettings, asked: ShareRequest) -> ShareSettings:
    """The settings with what is asked for. What protocol or kind do not have: InvalidHeaderValue (unverified)."""
    is_nfs = settings.protocol == NFS
    nfs_only = asked.root_squash is not None or asked.snapshot_directory is not None
    bursts = asked.bursting is not None or asked.bursting_iops is not None or asked.bursting_bandwidth_mibps is not None
    chooses = asked.iops is not None or asked.bandwidth_mibps is not None
    if (
        (nfs_only and not is_nfs)
        or (asked.smb_directory_lease is not None and is_nfs)
        or (bursts and kind != PREMIUM)
        or (chooses and kind != PROVISIONED)
    ):
        raise ServiceError(Code.INVALID_HEADER_VALUE)
    _check_bounds(asked.iops, IOPS)
    _check_bounds(asked.bandwidth_mibps, BANDWIDTH_MIBPS)
    return replace(
        settings,
        root_squash=asked.root_squash or settings.root_squash,
        snapshot_directory=_either(asked.snapshot_directory, settings.snapshot_directory),
        smb_directory_lease=_either(asked.smb_directory_lease, settings.smb_directory_lease),
        bursting=_bursting(settings.bursting, asked) if bursts else settings.bursting,
        iops=asked.iops or settings.iops,
        bandwidth_mibps=asked.bandwidth_mibps or settings.bandwidth_mibps,
    )


def _either(asked: bool | None, present: bool | None) -> bool | None:
    return present if asked is None else asked


def _check_bounds(value: int | None, bounds: tuple[int, int]) -> None:
    if value is not None and not bounds[0] <= value <= bounds[1]:
        raise ServiceError(Code.INVALID_HEADER_VALUE)


def _bursting(present: Bursting | None, asked: ShareRequest) -> Bursting:
    """Limits of paid bursting are for shares that have it on."""
    before = present or Bursting(enabled=False)
    enabled = before.enabled if asked.bursting is None else asked.bursting
    if not enabled:
        if asked.bursting_iops is not None or asked.bursting_bandwidth_mibps is not None:
            raise ServiceError(Code.INVALID_HEADER_VALUE)
        return Bursting(enabled=False)
    return Bursting(
        enabled=True,
        max_iops=asked.bursting_iops or before.max_iops,
        max_bandwidth_mibps=asked.bursting_bandwidth_mibps or before.max_bandwidth_mibps,
    )


def resized(kind: str, before: Share, after: Share, now: Ticks) -> Share:
    """The changed share with the instants from which on it may be lowered again, a day after each rise.

    Raises ContainerQuotaDowngradeNotAllowed for what is lowered too early; its own codes for IOPS and bandwidth, which
    the newest versions have, are unverified.
    """
    old, new = performance_of(kind, before), performance_of(kind, after)
    if old is None or new is None:
        return after
    later = now + LOWERABLE_AFTER_S * TICKS_PER_SECOND
    settings = after.settings

    def lowerable_from(was: int, value: int, since: Ticks) -> Ticks:
        if value < was and now < since:
            raise ServiceError(Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED)
        return later if value > was else since

    quota = lowerable_from(before.quota_gib, after.quota_gib, settings.quota_lowerable_from)
    if kind == PREMIUM:  # there the size decides, and so its instant is the only one
        return replace(after, settings=replace(settings, quota_lowerable_from=quota))
    return replace(
        after,
        settings=replace(
            settings,
            quota_lowerable_from=quota,
            iops_lowerable_from=lowerable_from(old.iops, new.iops, settings.iops_lowerable_from),
            bandwidth_lowerable_from=lowerable_from(
                old.bandwidth_mibps, new.bandwidth_mibps, settings.bandwidth_lowerable_from
            ),
        ),
    )


__all__ = [
    "BANDWIDTH_MIBPS",
    "IOPS",
    "LOWERABLE_AFTER_S",
    "NFS",
    "PREMIUM",
    "PROVISIONED",
    "QUOTA_GIB",
    "STANDARD",
    "Performance",
    "changed_settings",
    "check_quota",
    "new_settings",
    "performance_of",
    "resized",
]
