"""Shares of the premium and provisioned kinds."""

from __future__ import annotations

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import NEWEST_VERSION, Capability, Target


@needs(Capability.PROVISIONED_ACCOUNT, Capability.NEWEST_VERSION)
def test_a_provisioned_share_has_what_was_asked_for(target: Target) -> None:
    share = target.connect(account=target.account_of(Capability.PROVISIONED_ACCOUNT), api_version=NEWEST_VERSION).share(
        target.share_name("data")
    )
    made = share.create(quota_gib=64, provisioned_iops=1000, provisioned_bandwidth_mibps=120)
    assert (made.quota_gib, made.provisioning.iops, made.provisioning.bandwidth_mibps) == (64, 1000, 120)
    share.set_properties(provisioned_iops=1500)
    found = share.get_properties()
    assert (found.quota_gib, found.provisioning.iops, found.provisioning.bandwidth_mibps) == (64, 1500, 120)


@needs(Capability.PREMIUM_ACCOUNT, Capability.NEWEST_VERSION)
def test_paid_bursting_is_turned_on_and_off(target: Target) -> None:
    share = target.connect(account=target.account_of(Capability.PREMIUM_ACCOUNT), api_version=NEWEST_VERSION).share(
        target.share_name("data")
    )
    share.create(
        quota_gib=100, paid_bursting_enabled=True, paid_bursting_max_iops=5000, paid_bursting_max_bandwidth_mibps=1000
    )
    assert share.get_properties().paid_bursting == azfiles.PaidBursting(
        enabled=True, max_iops=5000, max_bandwidth_mibps=1000
    )
    share.set_properties(paid_bursting_enabled=False)
    assert share.get_properties().paid_bursting.enabled is False


@needs(Capability.PREMIUM_ACCOUNT, Capability.NEWEST_VERSION)
def test_root_squash_of_an_nfs_share_is_changed(target: Target) -> None:
    service = target.connect(account=target.account_of(Capability.PREMIUM_ACCOUNT), api_version=NEWEST_VERSION)
    share = service.share(target.share_name("nfs"))
    share.create(quota_gib=100, enabled_protocols="NFS", root_squash="AllSquash")
    assert (share.get_properties().enabled_protocols, share.get_properties().root_squash) == ("NFS", "AllSquash")
    share.set_properties(root_squash="NoRootSquash")
    item = next(iter(service.list_shares(prefix=share.name)))
    assert (item.enabled_protocols, item.root_squash) == ("NFS", "NoRootSquash")


@needs(Capability.PREMIUM_ACCOUNT, Capability.NEWEST_VERSION)
def test_the_snapshot_directory_is_turned_off(target: Target) -> None:
    share = target.connect(account=target.account_of(Capability.PREMIUM_ACCOUNT), api_version=NEWEST_VERSION).share(
        target.share_name("nfs")
    )
    share.create(quota_gib=100, enabled_protocols="NFS")
    share.set_properties(enable_snapshot_virtual_directory_access=False)
    assert share.get_properties().snapshot_virtual_directory_access_enabled is False


@needs(Capability.PROVISIONED_ACCOUNT, Capability.NEWEST_VERSION)
def test_deleting_a_provisioned_share_tells_what_went(target: Target) -> None:
    share = target.connect(account=target.account_of(Capability.PROVISIONED_ACCOUNT), api_version=NEWEST_VERSION).share(
        target.share_name("data")
    )
    share.create(quota_gib=32)
    file = share.file("f")
    file.upload(bytes([1]) * 2048)
    share.create_snapshot()
    file.put_range(0, bytes([2]) * 512)
    assert share.delete(delete_snapshots="include") == azfiles.ShareDeleted(2048, 512)


@needs(Capability.PREMIUM_ACCOUNT, Capability.NEWEST_VERSION)
def test_deleting_another_share_tells_nothing(target: Target) -> None:
    share = target.connect(account=target.account_of(Capability.PREMIUM_ACCOUNT), api_version=NEWEST_VERSION).share(
        target.share_name("data")
    )
    share.create(quota_gib=100)
    assert share.delete() == azfiles.ShareDeleted()
