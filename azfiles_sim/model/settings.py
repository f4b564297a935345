"""What an account's file service and a share are set to, beside their content: frozen values without rules."""

from __future__ import annotations

from typing import Final

from azfiles_sim.quick import dataclass


@dataclass(frozen=True, slots=True)
class CorsRule:
    """One rule of cross-origin sharing. ``*`` is any; a header may end in ``*``, which stands for whatever follows."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    allowed_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    max_age_s: int = 0


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is counted for one account by the hour or the minute; ``retention_days`` None: kept for ever."""

    enabled: bool = False
    include_apis: bool | None = None
    retention_days: int | None = None
    version: str = "1.0"


@dataclass(frozen=True, slots=True)
class ServiceProperties:
    """The properties of an account's file service. ``None`` of a protocol's setting: never set."""

    hour_metrics: Metrics = Metrics()
    minute_metrics: Metrics = Metrics()
    cors: tuple[CorsRule, ...] = ()
    smb_multichannel: bool = False
    smb_encryption_required: bool | None = None
    nfs_encryption_required: bool | None = None


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """How an account is set up. ``soft_delete_days`` is how long a deleted share can be restored; None: not at all."""

    service: ServiceProperties = ServiceProperties()
    soft_delete_days: int | None = None


@dataclass(frozen=True, slots=True)
class Bursting:
    """Paid bursting of a premium share; None: the most that there is."""

    enabled: bool
    max_iops: int | None = None
    max_bandwidth_mibps: int | None = None


@dataclass(frozen=True, slots=True)
class ShareSettings:
    """What a share offers. ``protocol`` is ``SMB`` or ``NFS``; ``root_squash`` is of NFS shares.

    ``iops`` and ``bandwidth_mibps`` are what a provisioned share was given, None where its size decides. The instants
    (ticks) say from when on quota, IOPS and bandwidth may be lowered again.
    """

    protocol: str = "SMB"
    root_squash: str | None = None
    snapshot_directory: bool | None = None
    smb_directory_lease: bool | None = None
    bursting: Bursting | None = None
    iops: int | None = None
    bandwidth_mibps: int | None = None
    quota_lowerable_from: int = 0
    iops_lowerable_from: int = 0
    bandwidth_lowerable_from: int = 0


DEFAULT_SETTINGS: Final = ShareSettings()
DEFAULT_ACCOUNT_SETTINGS: Final = AccountSettings()

__all__ = [
    "DEFAULT_ACCOUNT_SETTINGS",
    "DEFAULT_SETTINGS",
    "AccountSettings",
    "Bursting",
    "CorsRule",
    "Metrics",
    "ServiceProperties",
    "ShareSettings",
]
