"""What each kind of account offers for a share, and what it refuses."""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.commands import ShareRequest
from azfiles_sim.model.errors import Code
from azfiles_sim.model.provisioning import Performance, performance_of
from azfiles_sim.model.results import ShareDeleted
from azfiles_sim.model.settings import Bursting
from tests.model.world import SECOND, World

DAY = 24 * 3600


def share_of(kind: str, **fields):
    world = World(kind=kind)
    asked = {name: fields.pop(name) for name in list(fields) if name in ShareRequest.__dataclass_fields__}
    return world, world.make_share(settings=ShareRequest(**asked), **fields)


def change(world: World, *, quota_gib=None, **asked):
    return world.do(c.SetShareProperties, share="data", quota_gib=quota_gib, settings=ShareRequest(**asked)).share


def refuse(world: World, code: Code, *, quota_gib=None, **asked) -> None:
    world.refused(code, c.SetShareProperties, share="data", quota_gib=quota_gib, settings=ShareRequest(**asked))


def test_a_standard_share_is_not_provisioned():
    _, share = share_of("standard")
    assert performance_of("standard", share) is None
    assert (share.quota_gib, share.settings.protocol, share.settings.root_squash) == (5120, "SMB", None)


def test_a_premium_share_is_provisioned_by_its_size():
    _, share = share_of("premium", quota_gib=100)
    assert performance_of("premium", share) == Performance(3100, 110, 44, 66)
    _, share = share_of("premium")
    assert performance_of("premium", share).iops == 100_000


def test_a_share_of_provisioned_v2_is_provisioned_as_asked_or_by_its_size():
    _, share = share_of("provisioned", iops=500, bandwidth_mibps=150)
    assert share.quota_gib == 32
    # Recorded: the burst of a share with 500 IOPS.
    assert performance_of("provisioned", share) == Performance(500, 150, burst_iops=5000, burst_credits=16_200_000)
    _, share = share_of("provisioned", quota_gib=1024)
    assert performance_of("provisioned", share).iops == 1205
    assert performance_of("provisioned", share).bandwidth_mibps == 81


@pytest.mark.parametrize(
    ("quota_gib", "expected"),
    [
        (32, Performance(1007, 61, burst_iops=5000, burst_credits=(5000 - 1007) * 3600)),
        (10_000, Performance(3000, 260, burst_iops=9000, burst_credits=6000 * 3600)),
        (245_000, Performance(50_000, 4960, burst_iops=150_000, burst_credits=100_000 * 3600)),
        (262_144, Performance(50_000, 5120, burst_iops=150_000, burst_credits=100_000 * 3600)),
    ],
)
def test_a_v2_share_of_any_size_has_what_its_size_gives_up_to_the_limits(quota_gib, expected):
    _, share = share_of("provisioned", quota_gib=quota_gib)
    assert performance_of("provisioned", share) == expected


@pytest.mark.parametrize(
    ("quota_gib", "expected"),
    [
        (100, Performance(3100, 110, 44, 66)),
        (101, Performance(3101, 112, 45, 67)),
        (96_999, Performance(99_999, 9800, 3920, 5880)),
        (97_001, Performance(100_000, 9802, 3921, 5881)),
        (102_400, Performance(100_000, 10_340, 4136, 6204)),
    ],
)
def test_a_premium_share_of_any_size_has_what_its_size_gives_up_to_the_limits(quota_gib, expected):
    _, share = share_of("premium", quota_gib=quota_gib)
    assert performance_of("premium", share) == expected


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [("standard", 1, 102_400), ("premium", 100, 102_400), ("provisioned", 32, 262_144)],
)
def test_each_kind_has_its_sizes(kind, lowest, highest):
    world = World(kind=kind)
    world.make_share("low", quota_gib=lowest)
    world.make_share("high", quota_gib=highest)
    for wrong in (lowest - 1, highest + 1):
        world.refused(Code.INVALID_HEADER_VALUE, c.CreateShare, share="more", quota_gib=wrong)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("standard", {"protocol": "NFS"}),
        ("standard", {"bursting": True}),
        ("provisioned", {"bursting": True}),
        ("standard", {"iops": 3000}),
        ("premium", {"iops": 3000}),
        ("premium", {"bandwidth_mibps": 125}),
        ("provisioned", {"iops": 499}),
        ("provisioned", {"bandwidth_mibps": 10_341}),
        ("premium", {"root_squash": "AllSquash"}),
        ("premium", {"snapshot_directory": True}),
        ("premium", {"protocol": "NFS", "smb_directory_lease": True}),
        ("premium", {"bursting_iops": 5000}),
        ("premium", {"bursting": False, "bursting_bandwidth_mibps": 5000}),
    ],
)
def test_what_a_kind_or_protocol_does_not_have_is_refused(kind, asked):
    World(kind=kind).refused(Code.INVALID_HEADER_VALUE, c.CreateShare, share="data", settings=ShareRequest(**asked))


@pytest.mark.parametrize("kind", ["premium", "provisioned"])
def test_an_nfs_share_squashes_nobody_and_shows_its_snapshots_until_told_otherwise(kind):
    world, share = share_of(kind, protocol="NFS")
    assert (share.settings.root_squash, share.settings.snapshot_directory) == ("NoRootSquash", True)
    changed = change(world, root_squash="RootSquash", snapshot_directory=False).settings
    assert (changed.protocol, changed.root_squash, changed.snapshot_directory) == ("NFS", "RootSquash", False)
    assert change(world).settings == changed


def test_an_smb_share_keeps_its_directory_lease():
    world, share = share_of("standard", smb_directory_lease=False)
    assert share.settings.smb_directory_lease is False
    assert change(world).settings.smb_directory_lease is False
    assert change(world, smb_directory_lease=True).settings.smb_directory_lease is True


def test_paid_bursting_keeps_its_limits_while_it_is_on():
    world, share = share_of("premium", bursting=True, bursting_iops=5000)
    assert share.settings.bursting == Bursting(enabled=True, max_iops=5000)
    assert change(world, bursting_bandwidth_mibps=1000).settings.bursting == Bursting(
        enabled=True, max_iops=5000, max_bandwidth_mibps=1000
    )
    assert change(world, bursting_iops=6000).settings.bursting == Bursting(
        enabled=True, max_iops=6000, max_bandwidth_mibps=1000
    )
    assert change(world, bursting=False).settings.bursting == Bursting(enabled=False)


def test_a_premium_share_shrinks_a_day_after_it_last_grew():
    world, share = share_of("premium", quota_gib=200)
    assert change(world, quota_gib=150).quota_gib == 150
    grown = change(world, quota_gib=300)
    assert grown.settings.quota_lowerable_from == world.clock.now() + DAY * SECOND
    world.clock.advance(DAY - 1)
    refuse(world, Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED, quota_gib=299)
    assert world.share().quota_gib == 300
    world.clock.advance(1)
    assert change(world, quota_gib=299).settings.quota_lowerable_from == grown.settings.quota_lowerable_from
    assert share.settings.quota_lowerable_from < grown.settings.quota_lowerable_from


def test_iops_and_bandwidth_are_lowered_a_day_after_they_rose_each_by_itself():
    world, _ = share_of("provisioned", iops=500, bandwidth_mibps=150)
    change(world, iops=3000, bandwidth_mibps=125)
    refuse(world, Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED, iops=2999)
    change(world, bandwidth_mibps=200)
    refuse(world, Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED, bandwidth_mibps=199)
    world.clock.advance(DAY)
    settings = change(world, iops=2999, bandwidth_mibps=199, quota_gib=64).settings
    assert (settings.iops, settings.bandwidth_mibps) == (2999, 199)
    refuse(world, Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED, quota_gib=63)


def test_a_standard_share_grows_and_shrinks_at_will():
    world, _ = share_of("standard")
    assert [change(world, quota_gib=size).quota_gib for size in (10, 20, 5)] == [10, 20, 5]


def test_a_snapshot_has_its_shares_settings():
    world, share = share_of("premium", protocol="NFS")
    assert world.snapshot().settings == share.settings


def test_deleting_on_provisioned_v2_tells_what_only_snapshots_held():
    world, _ = share_of("provisioned")
    world.make_file("f", 2048, data=b"a" * 2048)
    world.make_file("g", 512, data=b"b" * 512)
    first = world.snapshot().snapshot
    world.do(c.DeleteFile, share="data", path="g")
    world.clock.advance(5)
    world.snapshot()
    world.write("f", b"c" * 1024)
    assert world.do(c.DeleteShare, share="data", snapshot=first) == ShareDeleted(None, 512)
    assert world.do(c.DeleteShare, share="data", delete_snapshots="include") == ShareDeleted(2048, 1024)


def test_deleting_elsewhere_tells_nothing():
    for kind in ("standard", "premium"):
        world, _ = share_of(kind)
        assert world.do(c.DeleteShare, share="data") == ShareDeleted()
