"""Shares, snapshots and List Shares."""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import AccessPolicy
from azfiles_sim.model.errors import Code
from azfiles_sim.model.quirks import Quirks
from azfiles_sim.model.stamps import floor_to_second
from tests.model.world import SDDL, SECOND, World


def test_a_new_share_has_the_recorded_defaults_and_a_root(world):
    share = world.share()
    assert (share.quota_gib, share.access_tier, share.metadata, share.policies) == (
        5120,
        "TransactionOptimized",
        (),
        (),
    )
    assert share.stamp == share.created == share.tier_changed
    root = world.directory("")
    assert (root.name, root.file_id, root.parent_id) == ("", 0, 0)


def test_premium_shares_have_their_own_tier_and_quota():
    share = World(kind="premium").make_share()
    assert (share.access_tier, share.quota_gib) == ("Premium", 102_400)


def test_a_share_is_made_as_asked_for_and_only_once(world):
    share = world.make_share("logs", quota_gib=7, access_tier="Cool", metadata=(("a", "b"),))
    assert (share.quota_gib, share.access_tier, share.metadata) == (7, "Cool", (("a", "b"),))
    world.refused(Code.SHARE_ALREADY_EXISTS, c.CreateShare, share="logs")
    world.make_share("logs", account="other")


def test_each_change_of_a_share_moves_its_etag_even_one_that_changes_nothing(world):
    stamps = [world.share().stamp]
    for kind in (c.SetShareProperties, c.SetShareMetadata, c.SetShareAccessPolicy):
        stamps.append(world.do(kind, share="data").share.stamp)
        assert world.share().stamp == stamps[-1]
    assert stamps == sorted(set(stamps))


def test_properties_are_changed_only_where_given(world):
    before = world.share()
    world.clock.advance(5)
    changed = world.do(c.SetShareProperties, share="data", quota_gib=3).share
    assert (changed.quota_gib, changed.access_tier, changed.tier_changed) == (
        3,
        before.access_tier,
        before.tier_changed,
    )
    changed = world.do(c.SetShareProperties, share="data", access_tier="Hot").share
    assert (changed.quota_gib, changed.access_tier, changed.tier_changed) == (3, "Hot", world.clock.now())


@pytest.mark.parametrize("quota_gib", [0, -1, 102_401])
def test_a_quota_has_bounds(world, quota_gib):
    world.refused(Code.INVALID_HEADER_VALUE, c.SetShareProperties, share="data", quota_gib=quota_gib)
    world.refused(Code.INVALID_HEADER_VALUE, c.CreateShare, share="more", quota_gib=quota_gib)


def test_metadata_is_replaced_as_a_whole(world):
    world.do(c.SetShareMetadata, share="data", metadata=(("a", "1"), ("b", "2")))
    assert world.share().metadata == (("a", "1"), ("b", "2"))
    world.do(c.SetShareMetadata, share="data")
    assert world.share().metadata == ()


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ((("", "x"),), Code.EMPTY_METADATA_KEY),
        ((("1a", "x"),), Code.INVALID_METADATA),
        ((("a-b", "x"),), Code.INVALID_METADATA),
        ((("a", "x" * 8192),), Code.METADATA_TOO_LARGE),
    ],
)
def test_metadata_that_is_refused_is_so_before_anything_else_is_looked_at(world, metadata, code):
    for kind in (c.CreateShare, c.SetShareMetadata, c.SnapshotShare):
        world.refused(code, kind, share="missing", metadata=metadata)
    for kind, fields in (
        (c.CreateDirectory, {}),
        (c.SetDirectoryMetadata, {}),
        (c.CreateFile, {"size": 1}),
        (c.SetFileMetadata, {}),
        (c.CopyFile, {"source": c.CopySource(account="acct", share="data", path=("f",)), "source_url": "u"}),
        (c.Rename, {"directory": False, "source_share": "missing", "source": "f"}),
    ):
        world.refused(code, kind, share="missing", path="x", metadata=metadata, **fields)


def test_metadata_may_be_as_large_as_the_limit(world):
    world.do(c.SetShareMetadata, share="data", metadata=(("a", "x" * 8191),))


def test_policies_are_stored_and_given_back(world):
    policies = (AccessPolicy("one", "s", "e", "r"), AccessPolicy("two"))
    world.do(c.SetShareAccessPolicy, share="data", policies=policies)
    assert world.do(c.GetShareAccessPolicy, share="data").policies == policies


@pytest.mark.parametrize(
    "policies",
    [
        tuple(AccessPolicy(str(number)) for number in range(6)),
        (AccessPolicy("x" * 65),),
        (AccessPolicy(""),),
        (AccessPolicy("same"), AccessPolicy("same")),
    ],
)
def test_policies_that_are_refused(world, policies):
    world.refused(Code.INVALID_XML_DOCUMENT, c.SetShareAccessPolicy, share="data", policies=policies)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (c.GetShare, {}),
        (c.SetShareProperties, {}),
        (c.SetShareMetadata, {}),
        (c.DeleteShare, {}),
        (c.GetShareStatistics, {}),
        (c.SnapshotShare, {}),
        (c.GetShareAccessPolicy, {}),
        (c.SetShareAccessPolicy, {}),
        (c.CreatePermission, {"permission": SDDL}),
        (c.GetPermission, {"permission_key": "1*2"}),
    ],
)
def test_a_missing_share_is_told(world, kind, fields):
    world.refused(Code.SHARE_NOT_FOUND, kind, share="missing", **fields)
    world.refused(Code.OUT_OF_RANGE_INPUT, kind, share="x", **fields)


def test_a_deleted_share_is_gone_with_all_that_was_in_it_and_can_be_made_again_at_once(world):
    world.make_directory("d")
    world.make_file("d/f", data=b"x")
    world.do(c.CreatePermission, share="data", permission=SDDL)
    world.do(c.DeleteShare, share="data")
    world.refused(Code.SHARE_NOT_FOUND, c.GetShare, share="data")
    world.refused(Code.SHARE_NOT_FOUND, c.GetDirectory, share="data", path="d")
    world.make_share()
    assert world.names() == []
    assert world.used() == 0


def test_with_its_quirk_the_name_of_a_deleted_share_is_held_for_30_seconds():
    world = World(quirks=Quirks(deleted_share_name_is_held=True))
    world.make_share()
    world.do(c.DeleteShare, share="data")
    world.clock.advance(29.9)
    world.refused(Code.SHARE_BEING_DELETED, c.CreateShare, share="data")
    world.refused(Code.SHARE_NOT_FOUND, c.GetShare, share="data")
    world.clock.advance(0.1)
    world.make_share()


def test_a_share_with_snapshots_is_deleted_only_with_them(world):
    at = world.snapshot().snapshot
    world.refused(Code.SHARE_HAS_SNAPSHOTS, c.DeleteShare, share="data")
    world.do(c.DeleteShare, share="data", delete_snapshots="include")
    world.refused(Code.SHARE_NOT_FOUND, c.GetShare, share="data", snapshot=at)
    world.make_share()
    world.refused(Code.SHARE_NOT_FOUND, c.GetShare, share="data", snapshot=at)


def test_one_snapshot_can_be_deleted(world):
    first, second = world.snapshot().snapshot, world.snapshot().snapshot
    world.refused(
        Code.INVALID_QUERY_PARAMETER_VALUE, c.DeleteShare, share="data", snapshot=first, delete_snapshots="include"
    )
    world.do(c.DeleteShare, share="data", snapshot=first)
    world.refused(Code.SHARE_NOT_FOUND, c.DeleteShare, share="data", snapshot=first)
    assert world.share(snapshot=second).snapshot == second


def test_snapshots_belong_to_their_share(world):
    world.make_share("more")
    at = world.snapshot("more").snapshot
    assert world.view.snapshots("acct", "data") == []
    world.do(c.DeleteShare, share="data")
    assert world.share("more", snapshot=at).snapshot == at


def test_snapshots_are_at_whole_seconds_that_never_repeat(world):
    world.clock.advance(0.75)
    now = world.clock.now()
    first = world.snapshot()
    assert first.snapshot == floor_to_second(now)
    assert world.snapshot().snapshot == first.snapshot + SECOND
    world.do(c.DeleteShare, share="data", snapshot=first.snapshot + SECOND)
    assert world.snapshot().snapshot == first.snapshot + 2 * SECOND
    world.clock.advance(60)
    assert world.snapshot().snapshot == floor_to_second(world.clock.now())


def test_a_snapshot_without_metadata_carries_the_shares_etag_and_metadata(world):
    share = world.do(c.SetShareMetadata, share="data", metadata=(("a", "1"),)).share
    snapshot = world.snapshot()
    assert (snapshot.stamp, snapshot.metadata) == (share.stamp, share.metadata)
    assert world.share().stamp == share.stamp


def test_a_snapshot_with_metadata_has_its_instant_for_an_etag_and_leaves_the_shares(world):
    share = world.do(c.SetShareMetadata, share="data", metadata=(("a", "1"),)).share
    snapshot = world.snapshot(metadata=(("b", "2"),))
    assert (snapshot.stamp, snapshot.metadata) == (snapshot.snapshot, (("b", "2"),))
    assert (world.share().stamp, world.share().metadata) == (share.stamp, share.metadata)


def test_a_snapshot_is_a_frozen_tree(world):
    world.make_directory("d")
    made = world.make_file("d/f", 7, b"before!")
    at = world.snapshot().snapshot
    world.write("d/f", b"after")
    world.make_file("d/g")
    assert world.read("d/f", snapshot=at) == b"before!"
    assert world.file("d/f", snapshot=at) == made
    assert world.names("d", snapshot=at) == ["f"]
    world.refused(Code.RESOURCE_NOT_FOUND, c.GetFile, share="data", path="d/g", snapshot=at)
    world.do(c.DeleteFile, share="data", path="d/f")
    world.do(c.DeleteFile, share="data", path="d/g")
    world.do(c.DeleteDirectory, share="data", path="d")
    assert world.do(c.ListRanges, share="data", path="d/f", snapshot=at).ranges == ((0, 6),)
    world.refused(Code.SHARE_NOT_FOUND, c.GetFile, share="data", path="d/f", snapshot=at + SECOND)


def test_a_share_has_at_most_200_snapshots():
    world = World()
    world.make_share()
    for _ in range(200):
        world.snapshot()
    world.refused(Code.SHARE_SNAPSHOT_COUNT_EXCEEDED, c.SnapshotShare, share="data")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (c.CreateShare, {}),
        (c.SetShareProperties, {}),
        (c.SetShareMetadata, {}),
        (c.SnapshotShare, {}),
        (c.GetShareStatistics, {}),
        (c.CreateFile, {"path": "f", "size": 1}),
        (c.CreateDirectory, {"path": "d"}),
        (c.DeleteFile, {"path": "f"}),
        (c.SetFileMetadata, {"path": "f"}),
        (c.ClearRange, {"path": "f", "start": 0, "end": 0}),
        (c.LeaseFile, {"path": "f", "action": c.LeaseAction.ACQUIRE}),
        (c.AbortCopy, {"path": "f", "copy_id": "x"}),
    ],
)
def test_a_snapshot_cannot_be_changed(world, kind, fields):
    at = world.snapshot().snapshot
    world.refused(Code.SHARE_SNAPSHOT_OPERATION_NOT_SUPPORTED, kind, share="data", snapshot=at, **fields)


def test_shares_are_listed_by_name_and_page_with_snapshots_before_their_share(world):
    for name in ("b-two", "b-one", "zzz"):
        world.make_share(name)
    world.make_share("b-other", account="other")
    at = [world.snapshot("b-one").snapshot, world.snapshot("b-one").snapshot]

    def listed(**fields):
        page = world.do(c.ListShares, **fields)
        return [getattr(item, "snapshot", None) or item.name for item in page.items], page.next_name

    assert listed() == (["b-one", "b-two", "data", "zzz"], None)
    assert listed(prefix="b-") == (["b-one", "b-two"], None)
    assert listed(prefix="b-", marker="b-two") == (["b-two"], None)
    assert listed(max_results=2) == (["b-one", "b-two"], "data")
    assert listed(max_results=2, marker="data") == (["data", "zzz"], None)
    assert listed(snapshots=True) == ([*at, "b-one", "b-two", "data", "zzz"], None)
    assert listed(snapshots=True, max_results=3) == ([*at, "b-one"], "b-two")
    assert listed(snapshots=True, max_results=1) == ([*at, "b-one"], "b-two")
    assert listed(prefix="nothing") == ([], None)
    assert listed(max_results=9999) == listed()


def test_listed_shares_show_their_lease_as_it_is_now(world):
    world.do(c.LeaseShare, share="data", action=c.LeaseAction.ACQUIRE, duration_s=15)
    world.clock.advance(15)
    (share,) = world.do(c.ListShares).items
    assert type(share.lease).__name__ == "Expired"


def test_a_request_whose_account_was_deleted_meanwhile_is_refused_and_no_fault(world):
    world.refused(Code.AUTHENTICATION_FAILED, c.ListShares, account="nobody")
