"""Soft delete: what a deleted share keeps, how long, and how it comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.entities import AVAILABLE, AccessPolicy, DeletedShare, Share
from azfiles_sim.model.errors import Code
from azfiles_sim.model.quirks import Quirks
from azfiles_sim.model.settings import AccountSettings
from tests.model.world import SDDL, A, World

DAY = 86_400


def keeping(days: int | None = 7, **options) -> World:
    world = World(**options)
    account = world.view.account("acct")
    world.store.apply([PutAccount(replace(account, settings=AccountSettings(soft_delete_days=days)))])
    return world


def delete(world: World, share: str = "data", **fields) -> DeletedShare:
    world.do(c.DeleteShare, share=share, **fields)
    return world.view.account("acct").deleted_shares[-1]


def shares(world: World, **fields) -> list[tuple[str, bool]]:
    page = world.do(c.ListShares, deleted=True, **fields)
    return [(item.share.name, True) if isinstance(item, DeletedShare) else (item.name, False) for item in page.items]


@pytest.fixture
def world() -> World:
    made = keeping()
    made.make_share(metadata=(("a", "b"),))
    return made


def test_a_deleted_share_is_gone_for_everything_but_the_list(world):
    delete(world)
    world.refused(Code.SHARE_NOT_FOUND, c.GetShare, share="data")
    world.refused(Code.SHARE_NOT_FOUND, c.GetFileProperties, share="data", path="f")
    assert shares(world) == [("data", True)]
    assert world.do(c.ListShares).items == ()


def test_what_is_restored_is_what_was_deleted_under_a_new_etag_and_without_a_lease(world):
    world.make_file("f", 4, b"abcd")
    world.do(c.SetShareAccessPolicy, share="data", policies=(AccessPolicy("p"),))
    key = world.do(c.CreatePermission, share="data", permission=SDDL).permission_key
    taken = world.snapshot()
    world.do(c.LeaseShare, share="data", action=c.LeaseAction.ACQUIRE, proposed_id=A)
    before = world.share()
    kept = delete(world, delete_snapshots="include", lease_id=A)
    world.clock.advance(60)
    restored = world.do(c.UndeleteShare, share="data", deleted=kept.deleted).share
    assert restored.stamp == world.clock.now() > before.stamp
    assert replace(restored, stamp=before.stamp, lease=before.lease) == before
    assert restored.lease is AVAILABLE
    assert world.read("f") == world.read("f", snapshot=taken.snapshot) == b"abcd"
    assert world.do(c.GetPermission, share="data", permission_key=key).permission.startswith(SDDL)
    assert shares(world) == [("data", False)]


def test_a_name_can_be_used_again_and_each_generation_waits_by_itself(world):
    first = delete(world)
    world.make_share()
    second = delete(world)
    live = world.make_share()
    assert first.deleted < second.deleted
    assert shares(world) == [("data", True), ("data", True), ("data", False)]
    world.refused(Code.SHARE_ALREADY_EXISTS, c.UndeleteShare, share="data", deleted=first.deleted)
    world.do(c.DeleteShare, share="data")
    assert world.do(c.UndeleteShare, share="data", deleted=first.deleted).share.tree == first.share.tree != live.tree


def test_only_the_very_version_of_the_very_name_comes_back(world):
    kept = delete(world)
    world.refused(Code.SHARE_NOT_FOUND, c.UndeleteShare, share="data", deleted=kept.deleted + 1)
    world.refused(Code.SHARE_NOT_FOUND, c.UndeleteShare, share="logs", deleted=kept.deleted)
    world.refused(Code.INVALID_RESOURCE_NAME, c.UndeleteShare, share="Data", deleted=kept.deleted)


def test_after_its_retention_a_share_cannot_be_restored_and_is_dropped_by_the_next_change(world):
    world.make_file("f", 4, b"abcd")
    world.snapshot()
    kept = delete(world, delete_snapshots="include")
    world.clock.advance(7 * DAY - 1)
    assert shares(world) == [("data", True)]
    world.clock.advance(1)
    assert shares(world) == []
    world.refused(Code.SHARE_NOT_FOUND, c.UndeleteShare, share="data", deleted=kept.deleted)
    assert list(world.view.nodes(kept.share.tree))
    world.make_share("other")
    assert world.view.account("acct").deleted_shares == ()
    for tree in (kept.share.tree, *(snapshot.tree for snapshot in kept.snapshots)):
        assert not list(world.view.nodes(tree))


def test_deleting_and_restoring_sweep_too(world):
    delete(world)
    for name in ("aaa", "bbb"):
        world.make_share(name)
        world.clock.advance(4 * DAY)
        kept = delete(world, name)
    assert [one.share.name for one in world.view.account("acct").deleted_shares] == ["aaa", "bbb"]
    world.clock.advance(4 * DAY)
    world.do(c.UndeleteShare, share="bbb", deleted=kept.deleted)
    assert world.view.account("acct").deleted_shares == ()


def test_a_snapshot_deleted_by_itself_is_not_kept(world):
    taken = world.snapshot()
    world.do(c.DeleteShare, share="data", snapshot=taken.snapshot)
    assert world.view.account("acct").deleted_shares == ()
    assert not list(world.view.nodes(taken.tree))


def test_without_retention_nothing_is_kept():
    world = keeping(None)
    share = world.make_share()
    world.do(c.DeleteShare, share="data")
    assert world.view.account("acct").deleted_shares == ()
    assert not list(world.view.nodes(share.tree))


def test_pages_go_on_by_name_whether_deleted_or_not(world):
    for name in ("aaa", "bbb", "ccc"):
        world.make_share(name)
    delete(world, "aaa")
    delete(world, "ccc")
    page = world.do(c.ListShares, deleted=True, max_results=2)
    assert len(page.items) == 2
    assert page.next_name == "ccc"
    assert shares(world, marker="ccc") == [("ccc", True), ("data", False)]
    assert shares(world, prefix="ccc") == [("ccc", True)]
    assert [item.name for item in world.do(c.ListShares).items if isinstance(item, Share)] == ["bbb", "data"]


def test_a_held_name_cannot_be_restored_yet():
    world = keeping(quirks=Quirks(deleted_share_name_is_held=True))
    world.make_share()
    kept = delete(world)
    world.refused(Code.SHARE_BEING_DELETED, c.UndeleteShare, share="data", deleted=kept.deleted)
    world.clock.advance(30)
    world.do(c.UndeleteShare, share="data", deleted=kept.deleted)
