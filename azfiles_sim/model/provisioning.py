"""What kinds of account offer for a share: protocols, size, provisioned performance, paid bursting.

``standard`` is pay-as-you-go, ``premium`` is provisioned by size (v1), ``provisioned`` is provisioned v2, where IOPS and
bandwidth can be chosen. The figures are the documented ones, none is recorded but those of a burst; that a share's
creation does not delay lowering is unverified. An account does not say whether its media are HDD or SSD, so the wider
of both bounds holds. What the shares of an account may have in sum, beside their number, is not documented for the data
plane, and not limited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from azfiles_sim.model.commands import ShareRequest
from azfiles_sim.model.entities import TICKS_PER_SECOND, Share, Snapshot, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import MAX_QUOTA_GIB
from azfiles_sim.model.settings import Bursting, ShareSettings
from azfiles_sim.quick import dataclass

STANDARD: Final = "standard"
PREMIUM: Final = "premium"
PROVISIONED: Final = "provisioned"
NFS: Final = "NFS"
QUOTA_GIB: Final = {STANDARD: (1, MAX_QUOTA_GIB), PREMIUM: (100, MAX_QUOTA_GIB), PROVISIONED: (32, 262_144)}
IOPS: Final = (500, 102_400)
BANDWIDTH_MIBPS: Final = (60, 10_340)
TIERS: Final = {STANDARD: ("TransactionOptimized", "Hot", "Cool"), PREMIUM: ("Premium",)}
"""The access tiers of a kind; provisioned v2 takes any (setting Hot is recorded)."""
MAX_SHARES: Final = {PROVISIONED: 50}
LOWERABLE_AFTER_S: Final = 24 * 3600
PROVISIONING_CODES_SINCE: Final = "2026-04-06"
"""From this version on provisioned v2 has codes of its own for what is out of bounds, or lowered too early."""
_OUT_OF_BOUNDS: Final = {
    "quota_gib": Code.FILE_SHARE_PROVISIONED_STORAGE_INVALID,
    "iops": Code.FILE_SHARE_PROVISIONED_IOPS_INVALID,
    "bandwidth_mibps": Code.FILE_SHARE_PROVISIONED_BANDWIDTH_INVALID,
}
_LOWERED_TOO_EARLY: Final = {
    "iops": Code.FILE_SHARE_PROVISIONED_IOPS_DOWNGRADE_NOT_ALLOWED,
    "bandwidth_mibps": Code.FILE_SHARE_PROVISIONED_BANDWIDTH_DOWNGRADE_NOT_ALLOWED,
}
_NFS_ONLY: Final = ("root_squash", "snapshot_directory")
_SMB_ONLY: Final = ("smb_directory_lease",)
_BURSTING_LIMITS: Final = ("bursting_iops", "bursting_bandwidth_mibps")
_BURSTING: Final = ("bursting", *_BURSTING_LIMITS)
_CHOSEN: Final = ("iops", "bandwidth_mibps")
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


def check_size(kind: str, version: str, quota_gib: int | None) -> None:
    """Refuse a size that a share of this kind cannot have: InvalidHeaderValue (reported by users of premium accounts)."""
    _check_bounds(kind, version, "quota_gib", quota_gib, QUOTA_GIB.get(kind, QUOTA_GIB[STANDARD]))


def check_tier(kind: str, tier: str | None) -> None:
    """Refuse an access tier that a kind does not have: InvalidHeaderValue (unverified)."""
    if tier is not None and tier not in TIERS.get(kind, (tier,)):
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="access_tier")


def check_count(kind: str, shares: int) -> None:
    """Refuse one more share than an account may have beside the ``shares`` that it has, those that can be restored among
    them (that they count is unverified).
    """
    if shares >= MAX_SHARES.get(kind, shares + 1):
        raise ServiceError(Code.TOTAL_SHARES_COUNT_EXCEEDS_ACCOUNT_LIMIT)


def new_settings(kind: str, version: str, asked: ShareRequest, now: Ticks) -> ShareSettings:
    """The settings of a new share. NFS is for accounts that are not standard; else InvalidHeaderValue (unverified)."""
    protocol = asked.protocol or "SMB"
    if protocol == NFS and kind == STANDARD:
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="protocol")
    settings = ShareSettings(
        protocol=protocol,
        root_squash="NoRootSquash" if protocol == NFS else None,
        snapshot_directory=True if protocol == NFS else None,
        quota_lowerable_from=now,
        iops_lowerable_from=now,
        bandwidth_lowerable_from=now,
    )
    return changed_settings(kind, version, settings, asked)


def changed_settings(kind: str, version: str, settings: ShareSettings, asked: ShareRequest) -> ShareSettings:
    """The settings with what is asked for. What protocol or kind do not have: InvalidHeaderValue (unverified)."""
    for name in _not_offered(kind, settings.protocol):
        if getattr(asked, name) is not None:
            raise ServiceError(Code.INVALID_HEADER_VALUE, field=name)
    _check_bounds(kind, version, "iops", asked.iops, IOPS)
    _check_bounds(kind, version, "bandwidth_mibps", asked.bandwidth_mibps, BANDWIDTH_MIBPS)
    bursts = any(getattr(asked, name) is not None for name in _BURSTING)
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


def _not_offered(kind: str, protocol: str) -> Iterator[str]:
    """The settings that a share of this kind and protocol does not have."""
    yield from _SMB_ONLY if protocol == NFS else _NFS_ONLY
    if kind != PREMIUM:
        yield from _BURSTING
    if kind != PROVISIONED:
        yield from _CHOSEN


def _check_bounds(kind: str, version: str, field: str, value: int | None, bounds: tuple[int, int]) -> None:
    if value is None or bounds[0] <= value <= bounds[1]:
        return
    if kind == PROVISIONED and version >= PROVISIONING_CODES_SINCE:
        raise ServiceError(_OUT_OF_BOUNDS[field])
    raise ServiceError(Code.INVALID_HEADER_VALUE, field=field)


def _bursting(present: Bursting | None, asked: ShareRequest) -> Bursting:
    """Limits of paid bursting are for shares that have it on."""
    before = present or Bursting(enabled=False)
    enabled = before.enabled if asked.bursting is None else asked.bursting
    if not enabled:
        for name in _BURSTING_LIMITS:
            if getattr(asked, name) is not None:
                raise ServiceError(Code.INVALID_HEADER_VALUE, field=name)
        return Bursting(enabled=False)
    return Bursting(
        enabled=True,
        max_iops=asked.bursting_iops or before.max_iops,
        max_bandwidth_mibps=asked.bursting_bandwidth_mibps or before.max_bandwidth_mibps,
    )


def resized(kind: str, version: str, before: Share, after: Share, now: Ticks) -> Share:
    """The changed share with the instants from which on it may be lowered again, a day after each rise.

    Raises ContainerQuotaDowngradeNotAllowed for what is lowered too early, of IOPS and bandwidth their own codes in
    versions that have them.
    """
    old, new = performance_of(kind, before), performance_of(kind, after)
    if old is None or new is None:
        return after
    later = now + LOWERABLE_AFTER_S * TICKS_PER_SECOND
    settings = after.settings

    def lowerable_from(field: str, was: int, value: int, since: Ticks) -> Ticks:
        if value < was and now < since:
            own = _LOWERED_TOO_EARLY.get(field) if version >= PROVISIONING_CODES_SINCE else None
            raise ServiceError(own or Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED)
        return later if value > was else since

    quota = lowerable_from("quota_gib", before.quota_gib, after.quota_gib, settings.quota_lowerable_from)
    if kind == PREMIUM:  # there the size decides, and so its instant is the only one
        return replace(after, settings=replace(settings, quota_lowerable_from=quota))
    return replace(
        after,
        settings=replace(
            settings,
            quota_lowerable_from=quota,
            iops_lowerable_from=lowerable_from("iops", old.iops, new.iops, settings.iops_lowerable_from),
            bandwidth_lowerable_from=lowerable_from(
                "bandwidth_mibps", old.bandwidth_mibps, new.bandwidth_mibps, settings.bandwidth_lowerable_from
            ),
        ),
    )


__all__ = [
    "BANDWIDTH_MIBPS",
    "IOPS",
    "LOWERABLE_AFTER_S",
    "MAX_SHARES",
    "NFS",
    "PREMIUM",
    "PROVISIONED",
    "PROVISIONING_CODES_SINCE",
    "QUOTA_GIB",
    "STANDARD",
    "TIERS",
    "Performance",
    "changed_settings",
    "check_count",
    "check_size",
    "check_tier",
    "new_settings",
    "performance_of",
    "resized",
]
