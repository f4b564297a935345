"""Leases that a client holds are told when they come and when they go, and never their ids."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.core import directories
from azfiles.flows.locking import file_locks, share_locks
from azfiles.observers import LeaseChanged

from .watched import Kept, World

ID = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"
THIRD = "aaaaaaaa-0000-4000-8000-000000000003"


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def world():
    return World()


@pytest.fixture
def share(world, kept):
    return world.client(kept, retry=None).share("data")


@pytest.fixture
def file(share):
    share.file("a").create(4)
    return share.file("a")


def told(kept):
    return [(event.of, event.change, event.why) for event in kept.of(LeaseChanged)]


def held(kept):
    """What counting up and down gives."""
    return sum({"acquired": 1}.get(event.change, -1) for event in kept.of(LeaseChanged))


def test_a_lease_is_acquired_and_released(kept, share, file):
    share.lease(share.acquire_lease(15).id).release()
    file.release_lease(file.acquire_lease().id)
    assert told(kept) == [(of, change, "") for of in ("share", "file") for change in ("acquired", "released")]
    assert [event.duration_s for event in kept.of(LeaseChanged)][::2] == [15, None]


def test_a_swap_tells_of_its_own_lease(kept, file):
    file.update(lambda content: content[::-1])
    assert told(kept) == [("file", "acquired", ""), ("file", "released", "")]


def test_acquiring_again_with_the_same_id_and_renewing_is_no_second_lease(kept, share):
    for _ in range(2):
        share.acquire_lease(60, proposed_id=ID)
        share.lease(ID).renew()
    assert told(kept) == [("share", "acquired", "")]
    share.release_lease(ID.upper())
    assert held(kept) == 0


def test_a_changed_lease_is_still_one(kept, file):
    file.acquire_lease(proposed_id=ID)
    file.change_lease(ID, OTHER)
    assert held(kept) == 1
    file.release_lease(OTHER)
    assert told(kept)[1:] == [("file", "released", "")]


@pytest.mark.parametrize("does", ["release", "renew", "change", "put_range"])
def test_a_lease_that_somebody_broke_is_lost_when_the_service_says_so(kept, world, share, does):
    target = share.file("a") if does == "put_range" else share
    if does == "put_range":
        target.create(4)
    target.acquire_lease(proposed_id=ID)
    other = world.client(retry=None).share("data")
    breaking = other.file("a") if does == "put_range" else other
    breaking.break_lease()
    breaking.acquire_lease(proposed_id=OTHER)
    with pytest.raises(azfiles.LeaseConflict) as caught:
        {
            "release": lambda: target.release_lease(ID),
            "renew": lambda: target.renew_lease(ID),
            "change": lambda: target.change_lease(ID, THIRD),
            "put_range": lambda: target.put_range(0, b"abcd", lease_id=ID),
        }[does]()
    assert told(kept)[1:] == [("file" if does == "put_range" else "share", "lost", caught.value.code)]


def test_a_broken_lease_that_nobody_took_since_is_lost_too(kept, world, share, file):
    share.acquire_lease(60, proposed_id=ID)
    file.acquire_lease(proposed_id=OTHER)
    theirs = world.client(retry=None).share("data")
    theirs.break_lease(period_s=0)
    theirs.file("a").break_lease()
    codes = []
    for refused in (lambda: share.renew_lease(ID), lambda: file.put_range(0, b"abcd", lease_id=OTHER)):
        with pytest.raises(azfiles.LeaseConflict) as caught:
            refused()
        codes.append(caught.value.code)
    assert codes[0] == "LeaseIsBrokenAndCannotBeRenewed"
    assert told(kept)[2:] == [("share", "lost", codes[0]), ("file", "lost", codes[1])]


def test_a_lease_that_this_client_breaks_is_lost(kept, file):
    file.acquire_lease()
    file.break_lease()
    assert told(kept)[1:] == [("file", "lost", "broken")]


def test_somebody_elses_lease_is_not_counted_whoever_renews_releases_or_is_refused(kept, world, share, file):
    other = world.client(retry=None).share("data")
    other.acquire_lease(proposed_id=ID)
    share.renew_lease(ID)
    share.release_lease(ID)
    other.file("a").acquire_lease(proposed_id=ID)
    for wrong in ({}, {"lease_id": OTHER}):
        with pytest.raises(azfiles.LeaseConflict):
            file.put_range(0, b"abcd", **wrong)
    with pytest.raises(azfiles.LeaseConflict):
        file.acquire_lease()
    assert told(kept) == []


def test_a_share_lease_that_was_not_renewed_expires_and_one_that_was_does_not(kept, world, share):
    share.acquire_lease(15)
    world.clock.advance(10)
    share.renew_lease(next(key[1] for key in share.target.session.watch.leases._until_s))
    world.clock.advance(10)
    share.get_properties()
    assert held(kept) == 1
    world.clock.advance(10)
    share.get_properties()
    assert told(kept)[1:] == [("share", "lost", "expired")]


def test_deleting_what_is_leased_ends_its_lease(kept, file):
    lease = file.acquire_lease()
    file.delete(lease_id=lease.id)
    assert told(kept)[1:] == [("file", "released", "")]


def test_a_lease_of_what_another_client_deleted_is_lost(kept, world, share):
    share.acquire_lease(60, proposed_id=ID)
    world.client(retry=None).share("data").delete(lease_id=ID)
    with pytest.raises(azfiles.NotFound):
        share.renew_lease(ID)
    assert told(kept)[1:] == [("share", "lost", "ShareNotFound")]


def test_an_atomic_upload_over_a_leased_file_leaves_its_one_lease(kept, share, file):
    file.acquire_lease(proposed_id=ID)
    file.upload(b"new", lease_id=ID)
    assert held(kept) == 1
    share.file("a").release_lease(ID)
    assert held(kept) == 0


def test_a_lease_goes_with_its_directory(kept, share):
    share.directory("old").create()
    share.file("old/a").create(1)
    share.file("old/a").acquire_lease(proposed_id=ID)
    watch = share.target.session.watch
    watch.leases.follow(directories.rename_directory("data", ("old",), ("new", "place")), None, 0.0)
    assert [place for place, _ in watch.leases._until_s] == [("data", "new", "place", "a")]
    assert told(kept) == [("file", "acquired", "")]


def test_a_leased_file_that_another_client_renamed_is_found_by_the_id(kept, world, share, file):
    file.acquire_lease(proposed_id=ID)
    world.client().share("data").file("a").rename("b", source_lease_id=ID)
    share.file("b").release_lease(ID)
    assert told(kept)[1:] == [("file", "released", "")]


def test_a_leased_file_that_was_renamed_keeps_its_lease(kept, share, file):
    file.acquire_lease(proposed_id=ID)
    file.rename("b", source_lease_id=ID)
    assert held(kept) == 1
    share.file("b").release_lease(ID)
    assert told(kept)[1:] == [("file", "released", "")]


def test_a_lock_says_itself_that_its_lease_is_lost_and_says_it_once(kept, share, file):
    file.acquire_lease(proposed_id=ID)
    watch = share.target.session.watch
    for _ in range(2):
        watch.lease_lost(("data", "a"), ID, "no heartbeat")
    assert told(kept)[1:] == [("file", "lost", "no heartbeat")]


@pytest.mark.parametrize("of", ["file", "share"])
def test_a_lock_that_got_no_sign_of_life_through_tells_so_at_once(kept, world, share, file, of):
    runner = share.runner
    if of == "file":
        hold = runner.run(file_locks.acquire(file.target, ttl=20))
    else:
        hold = runner.run(share_locks.acquire(share.target, duration_s=20))
    assert ("file" if of == "file" else "share", "acquired", "") in told(kept)
    kept.clear()
    world.clock.advance(21)
    for _ in range(2):
        with pytest.raises(azfiles.LockLost):
            hold.check(world.clock.time())
    assert told(kept) == [(of, "lost", "lock lost")]


@pytest.mark.parametrize("of", ["file", "share"])
def test_a_lock_that_was_given_back_leaves_no_lease(kept, share, file, of):
    runner = share.runner
    if of == "file":
        runner.run(file_locks.release(runner.run(file_locks.acquire(file.target, ttl=20))))
    else:
        runner.run(share_locks.release(runner.run(share_locks.acquire(share.target, duration_s=20))))
    assert kept.of(LeaseChanged)
    assert held(kept) == 0
    assert {change for _, change, _ in told(kept)} == {"acquired", "released"}


def test_no_id_is_in_an_event_or_a_repr(kept, share, file):
    lease = file.acquire_lease(proposed_id=ID)
    assert lease.id == ID
    watch = share.target.session.watch
    shown = f"{kept} {watch!r} {watch.leases!r} {share.target!r}"
    assert ID not in shown
    assert "1 leases" in repr(watch.leases)


def test_nobody_listening_costs_no_account_of_leases(world):
    share = world.client().share("data")
    share.acquire_lease(15)
    assert len(share.target.session.watch.leases) == 0
