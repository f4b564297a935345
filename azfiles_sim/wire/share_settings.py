"""Settings of shares: reading their headers, and what replies and lists show of them, by version.

Order and names in lists are those of the documents for what is not recorded (u).
"""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import ShareRequest
from azfiles_sim.model.entities import Share, Snapshot
from azfiles_sim.model.provisioning import NFS, PROVISIONED, performance_of
from azfiles_sim.model.results import ShareDeleted
from azfiles_sim.wire.call import Call, HeaderList
from azfiles_sim.wire.dates import http_date
from azfiles_sim.wire.headers import bool_header, choice_header, int_header
from azfiles_sim.wire.vocabulary import SHOWN_OF_SHARES
from azfiles_sim.wire.xml_writer import element

PROTOCOLS: Final = ("SMB", "NFS")
ROOT_SQUASH: Final = ("NoRootSquash", "RootSquash", "AllSquash")

# In lists: what stands before the access tier, then what stands behind it.
_BEFORE_TIER: Final = {
    "x-ms-share-provisioned-iops": "ProvisionedIops",
    "x-ms-share-provisioned-ingress-mbps": "ProvisionedIngressMBps",
    "x-ms-share-provisioned-egress-mbps": "ProvisionedEgressMBps",
    "x-ms-share-provisioned-bandwidth-mibps": "ProvisionedBandwidthMiBps",
    "x-ms-share-next-allowed-quota-downgrade-time": "NextAllowedQuotaDowngradeTime",
    "x-ms-share-included-burst-iops": "IncludedBurstIops",
    "x-ms-share-max-burst-credits-for-iops": "MaxBurstCreditsForIops",
    "x-ms-share-next-allowed-provisioned-iops-downgrade-time": "NextAllowedProvisionedIopsDowngradeTime",
    "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": "NextAllowedProvisionedBandwidthDowngradeTime",
}
_BEHIND_TIER: Final = {
    "x-ms-enabled-protocols": "EnabledProtocols",
    "x-ms-root-squash": "RootSquash",
    "x-ms-enable-snapshot-virtual-directory-access": "EnableSnapshotVirtualDirectoryAccess",
    "x-ms-share-paid-bursting-enabled": "PaidBurstingEnabled",
    "x-ms-share-paid-bursting-max-iops": "PaidBurstingMaxIops",
    "x-ms-share-paid-bursting-max-bandwidth-mibps": "PaidBurstingMaxBandwidthMibps",
    "x-ms-enable-smb-directory-lease": "EnableSmbDirectoryLease",
}


def read_settings(call: Call) -> ShareRequest:
    """What the headers of Create Share and Set Share Properties ask for beside quota and tier."""

    def flag(name: str) -> bool | None:
        return bool_header(call, name) if name in call.headers else None

    return ShareRequest(
        protocol=choice_header(call, "x-ms-enabled-protocols", PROTOCOLS),
        root_squash=choice_header(call, "x-ms-root-squash", ROOT_SQUASH),
        snapshot_directory=flag("x-ms-enable-snapshot-virtual-directory-access"),
        smb_directory_lease=flag("x-ms-enable-smb-directory-lease"),
        bursting=flag("x-ms-share-paid-bursting-enabled"),
        bursting_iops=int_header(call, "x-ms-share-paid-bursting-max-iops", minimum=1),
        bursting_bandwidth_mibps=int_header(call, "x-ms-share-paid-bursting-max-bandwidth-mibps", minimum=1),
        iops=int_header(call, "x-ms-share-provisioned-iops", minimum=1),
        bandwidth_mibps=int_header(call, "x-ms-share-provisioned-bandwidth-mibps", minimum=1),
    )


def settings_headers(share: Share | Snapshot, kind: str, version: str) -> HeaderList:
    """The headers that show a share's settings in a version; none for a default share of a standard account."""
    return [(name, text) for name, text in _shown(share, kind) if (since := SHOWN_OF_SHARES[name]) and since <= version]


def provisioned_headers(share: Share | Snapshot, kind: str, version: str, *, lowerable: bool = False) -> HeaderList:
    """What creating, changing and restoring a share answers beside its ETag: on provisioned v2, what it got, and with
    ``lowerable`` from when on that may be lowered (recorded of changing alone, and so declared by the SDK).
    """
    if kind != PROVISIONED or version < SHOWN_OF_SHARES["x-ms-share-included-burst-iops"]:
        return []
    shown = [
        (name, text)
        for name, text in settings_headers(share, kind, version)
        if name in _BEFORE_TIER and (lowerable or not name.startswith("x-ms-share-next-allowed-"))
    ]
    return [("x-ms-share-quota", str(share.quota_gib)), *shown]


def usage_headers(used: ShareDeleted, version: str) -> HeaderList:
    """What deleting a share or a snapshot answers on provisioned v2, (u) from the version that shows its burst on."""
    if version < SHOWN_OF_SHARES["x-ms-share-included-burst-iops"]:
        return []
    told = (
        ("x-ms-file-share-usage-bytes", used.usage),
        ("x-ms-file-share-snapshot-usage-bytes", used.snapshot_usage),
    )
    return [(name, str(number)) for name, number in told if number is not None]


def settings_elements(share: Share | Snapshot, kind: str, version: str) -> tuple[str, str]:
    """The same for lists: what stands before the access tier, and what behind it."""
    shown = settings_headers(share, kind, version)
    before = "".join(element(_BEFORE_TIER[name], text) for name, text in shown if name in _BEFORE_TIER)
    behind = "".join(element(_BEHIND_TIER[name], text) for name, text in shown if name in _BEHIND_TIER)
    return before, behind


def _shown(share: Share | Snapshot, kind: str) -> HeaderList:
    settings = share.settings
    shown: list[tuple[str, str | int | None]] = []
    figures = performance_of(kind, share)
    if figures is not None:
        shown += [
            ("x-ms-share-provisioned-iops", figures.iops),
            ("x-ms-share-provisioned-ingress-mbps", figures.ingress_mibps),
            ("x-ms-share-provisioned-egress-mbps", figures.egress_mibps),
            ("x-ms-share-provisioned-bandwidth-mibps", figures.bandwidth_mibps),
            ("x-ms-share-next-allowed-quota-downgrade-time", http_date(settings.quota_lowerable_from)),
            ("x-ms-share-included-burst-iops", figures.burst_iops),
            ("x-ms-share-max-burst-credits-for-iops", figures.burst_credits),
        ]
    if kind == PROVISIONED:
        iops, bandwidth = settings.iops_lowerable_from, settings.bandwidth_lowerable_from
        shown += [
            ("x-ms-share-next-allowed-provisioned-iops-downgrade-time", http_date(iops)),
            ("x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time", http_date(bandwidth)),
        ]
    if settings.protocol == NFS:
        shown += [
            ("x-ms-enabled-protocols", settings.protocol),
            ("x-ms-root-squash", settings.root_squash),
            ("x-ms-enable-snapshot-virtual-directory-access", _word(settings.snapshot_directory)),
        ]
    if settings.bursting is not None:
        shown += [
            ("x-ms-share-paid-bursting-enabled", _word(settings.bursting.enabled)),
            ("x-ms-share-paid-bursting-max-iops", settings.bursting.max_iops),
            ("x-ms-share-paid-bursting-max-bandwidth-mibps", settings.bursting.max_bandwidth_mibps),
        ]
    shown.append(("x-ms-enable-smb-directory-lease", _word(settings.smb_directory_lease)))
    return [(name, str(value)) for name, value in shown if value is not None]


def _word(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


__all__ = ["provisioned_headers", "read_settings", "settings_elements", "settings_headers", "usage_headers"]
