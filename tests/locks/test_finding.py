"""Which files and shares are leased, and by whose locks; and ending those of dead holders, of no others."""

from __future__ import annotations

import anyio
import pytest

import azfiles
from azfiles.flows.effects import gather, sleep
from azfiles.flows.locking import file_locks, finding
from azfiles.flows.locking.together import locked
from tests.locks.worlds import FILE, SHARE, TTL_S, acquired, companion, connected, file_of, world_in


@pytest.fixture
def world():
    """A dead holder's lock, a lease of no lock, one without a companion, and files that nobody has."""
    world = world_in("holder died")
    share = connected(world).share(SHARE)
    share.directory("d/deep").create()
    for name in ("a", "d/deep/b", "d/deep/c", "z"):
        share.file(name).create(1)
    share.file("d/deep/b").acquire_lease()
    share.file("z").acquire_lease()
    share.file(".z.azfiles-lock").create(0, metadata={"some": "thing"})
    return world


def found_in(world, where=""):
    share = connected(world).share(SHARE)
    return (share.directory(where) if where else share).find_leases()


def test_every_lease_of_a_tree_is_found_and_with_it_what_is_known_of_its_lock(world):
    share = connected(world).share(SHARE)
    one, other, third = found_in(world)
    token = int(companion(world).get_properties().metadata["azfiles_token"])
    assert one == azfiles.FoundLease(SHARE, "z", "infinite")
    assert (other.path, other.duration) == (FILE, "infinite")
    assert other.lock == azfiles.LockRecord(token, held=True, ttl_s=TTL_S, beat=other.lock.beat, owner="the dead")
    assert other.last_sign == companion(world).get_properties().last_modified
    assert third == azfiles.FoundLease(SHARE, "d/deep/b", "infinite")
    assert found_in(world, "d/deep") == (third,)
    assert share.root.find_leases() == (one, other, third)
    assert file_of(connected(world)).find_lease() == other
    assert share.file("a").find_lease() is None


def test_a_leased_share_is_found_first_whether_its_lease_has_an_end_or_not(world):
    share = connected(world).share(SHARE)
    lease = share.acquire_lease(15)
    assert found_in(world)[0] == azfiles.FoundLease(SHARE, "", "fixed")
    share.release_lease(lease.id)
    share.acquire_lease()
    assert found_in(world)[0] == azfiles.FoundLease(SHARE, "", "infinite")
    assert len(found_in(world, "d")) == 2


def test_a_lock_that_was_given_back_does_not_claim_the_lease_that_came_after_it():
    world = world_in("given back")
    file_of(connected(world)).acquire_lease()
    assert file_of(connected(world)).find_lease().lock is None


def test_a_lease_that_a_late_request_of_a_lock_took_is_that_locks_and_can_be_ended():
    world = world_in("given back")
    metadata = companion(world).get_properties().metadata
    companion(world).set_metadata({**metadata, "azfiles_state": "left"})
    file_of(connected(world)).acquire_lease()
    found = file_of(connected(world)).find_lease()
    assert (found.lock.held, found.lock.unsettled) == (False, True)
    assert file_of(connected(world)).break_stale() == found
    assert file_of(connected(world)).find_lease() is None


def test_a_file_whose_name_is_too_long_for_a_companion_is_leased_by_no_lock(world):
    file = connected(world).share(SHARE).file("d/deep/" + "x" * 250)
    file.create(1)
    file.acquire_lease()
    assert found_in(world, "d/deep")[-1].lock is None


def test_what_is_deleted_meanwhile_is_not_there(world):
    """A directory or file that was listed and then deleted."""

    def handle(request):
        if "/d/deep" in request.target:
            share.file("d/deep/b").break_lease() if there("d/deep/b") else None
            for name in ("b", "c"):
                if there(f"d/deep/{name}"):
                    share.file(f"d/deep/{name}").delete()
            if there_directory():
                share.directory("d/deep").delete()
        return world.simulator.handle(request)

    def there(name):
        try:
            return share.file(name).get_properties()
        except azfiles.NotFound:
            return None

    def there_directory():
        try:
            return share.directory("d/deep").get_properties()
        except azfiles.NotFound:
            return None

    share = connected(world).share(SHARE)
    assert [found.path for found in connected(world, handle).share(SHARE).find_leases()] == ["z", FILE]


def test_a_file_that_goes_between_the_list_and_the_look_is_left_out(world):
    def handle(request):
        reply = world.simulator.handle(request)
        if "comp=list" in request.target and "/deep" in request.target:
            share.file("d/deep/c").delete()
        return reply

    share = connected(world).share(SHARE)
    assert [found.path for found in connected(world, handle).share(SHARE).directory("d/deep").find_leases()] == [
        "d/deep/b"
    ]


def test_nothing_is_found_in_a_snapshot():
    world = world_in("holder died")
    share = connected(world).share(SHARE)
    label = share.create_snapshot().snapshot
    for where in (share.snapshot(label), share.snapshot(label).root):
        with pytest.raises(azfiles.InvalidArgument):
            where.find_leases()
    with pytest.raises(azfiles.InvalidArgument):
        share.snapshot(label).file(FILE).find_lease()


def test_the_lock_of_a_dead_holder_is_ended_after_a_full_time_to_live_and_no_other_lease(world):
    began_s = world.clock.time()
    (ended,) = connected(world).share(SHARE).break_stale()
    assert world.clock.time() - began_s == pytest.approx(TTL_S)
    assert ended.path == FILE
    assert ended.lock.owner == "the dead"
    assert [found.path for found in found_in(world)] == ["z", "d/deep/b"]
    assert acquired(world).token > ended.lock.token
    assert connected(world).share(SHARE).directory("d/deep").break_stale() == ()


def test_a_dry_run_tells_what_would_be_ended_and_ends_nothing(world):
    before = found_in(world)
    ended = connected(world).share(SHARE).break_stale(dry_run=True)
    assert [one.path for one in ended] == [FILE]
    assert found_in(world) == before


def test_the_lock_of_a_living_holder_is_left_alone():
    world = world_in("given back")
    ended = []

    def body(_hold):
        began_s = world.clock.time()
        ended.append((yield from finding.break_stale_file(place)))
        assert world.clock.time() - began_s >= TTL_S
        ended.extend((yield from finding.break_stale(connected(world).share(SHARE).target)))

    service = connected(world)
    place = file_of(service).target
    service.runner.run(locked(place, body, ttl=TTL_S))
    assert ended == [None]


def test_one_file_can_be_looked_after_alone(world):
    file = file_of(connected(world))
    assert file.break_stale(dry_run=True).path == FILE
    assert file.find_lease()
    assert file.break_stale().path == FILE
    assert file.find_lease() is None
    assert file.break_stale() is None
    assert connected(world).share(SHARE).file("z").break_stale() is None


def test_of_many_dead_holders_all_are_watched_at_once():
    world = world_in("given back")
    share = connected(world).share(SHARE)
    for number in range(8):
        share.file(f"d/{number}").create(1)
        file = connected(world, seed=number).share(SHARE).file(f"d/{number}")
        file.runner.run(file_locks.acquire(file.target, ttl=2.0 + number % 3))
    began_s = world.clock.time()
    assert len(share.break_stale()) == 8
    assert world.clock.time() - began_s == pytest.approx(4.0)


@pytest.mark.parametrize("meanwhile", ["taken over", "companion deleted", "given back"])
def test_a_lock_that_changes_at_the_last_moment_is_left_alone(meanwhile):
    world = world_in("holder died")
    service = connected(world)
    place = file_of(service).target

    def change():
        yield from sleep(TTL_S * 0.9)
        if meanwhile == "companion deleted":
            companion(world).break_lease()
            companion(world).delete()
        elif meanwhile == "given back":
            companion(world).break_lease()
            companion(world).set_metadata({})
        else:
            companion(world).break_lease()
            companion(world).set_metadata(companion(world).get_properties().metadata)

    ended = service.runner.run(gather([finding.break_stale_file(place), change()], 2))
    assert ended[0] is None
    assert file_of(connected(world)).get_properties().lease.state == "leased"


def test_async_clients_have_the_same():
    async def main():
        world = world_in("holder died")
        share = azfiles.connect_async(world.simulator.handle, clock=world.clock).share(SHARE)
        assert [found.path for found in await share.find_leases()] == [FILE]
        assert (await share.file(FILE).find_lease()).lock.held
        assert [found.path for found in await share.root.break_stale(dry_run=True)] == [FILE]
        assert (await share.file(FILE).break_stale()).path == FILE

    anyio.run(main)
