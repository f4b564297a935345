"""Requests of a contender that come after another one has taken its place: what they may no longer do."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.flows.effects import Send, gather, sleep, through
from azfiles.flows.locking import file_locks
from azfiles.flows.locking.companion import companion_of, create
from azfiles.flows.locking.together import locked
from azfiles_sim.faults import Refuse, Rule, Script
from tests.locks.by_hand import ByHand
from tests.locks.test_faults import assert_usable
from tests.locks.test_meddling import Meddling, breaks, leases_file, target_in
from tests.locks.worlds import (
    COMPANION,
    FILE,
    SHARE,
    TTL_S,
    acquired,
    companion,
    connected,
    file_of,
    run,
    token_in,
    world_in,
)

BUSY = Refuse("ServerBusy", retry_after_s=int(1.8 * TTL_S))
"""The service asks to wait for longer than a record may be silent."""


class Killed(BaseException):
    """The client is no more."""


def killed_after(flow, when):
    """The flow until a request that ``when`` picks was carried out: then its client is killed."""

    def perform(effect):
        outcome = yield effect
        if isinstance(effect, Send) and when(effect.request) and outcome.status < 300:
            flow.close()
            raise Killed
        return outcome

    try:
        return (yield from through(flow, perform))
    except Killed:
        return None


def over_a_busy_service(world, operation, times):
    """A client of a service that is too busy for the first requests of one kind."""
    rule = Rule(BUSY, operations=(operation,), path=f"{SHARE}/{FILE}", nth=tuple(range(1, times + 1)))
    world.simulator.faults.plan = Script((rule,))
    return connected(world, retry=azfiles.RetryPolicy())


def held_for(seconds):
    def body(hold):
        yield from sleep(seconds)
        return hold.token

    return body


def test_a_lease_that_a_busy_service_put_off_does_not_come_after_a_successor():
    """Else the lock would be stuck where its client is killed then: the successor wrote that the file is not leased."""
    world = world_in("given back")
    service = over_a_busy_service(world, "Lease File (acquire)", 2)
    target = file_of(service).target
    killed = killed_after(file_locks.acquire(target, ttl=TTL_S), leases_file)
    service.runner.run(gather([killed, locked(target, held_for(0.1), ttl=TTL_S, wait_s=5 * TTL_S)], 2))
    assert_usable(world, token_in(world), at_once=False)


def test_a_break_that_a_busy_service_put_off_does_not_end_a_successors_lease():
    world = world_in("holder died")
    service = over_a_busy_service(world, "Lease File (break)", 1)
    target = file_of(service).target
    flows = [locked(target, held_for(3 * TTL_S), ttl=TTL_S, wait_s=20 * TTL_S) for _ in range(2)]
    first, second = service.runner.run(gather(flows, 2))
    assert first != second


@pytest.mark.parametrize("alive", [True, False], ids=["gives up", "is killed"])
def test_a_lease_that_is_sent_after_a_successor_came_and_went_does_not_stay(alive):
    """Whoever was held up right before it sent it does not take itself for the holder, and where it is killed right after
    it, the record says that such a lease may be there.
    """
    world = world_in("given back")

    def meanwhile():
        run(world, file_locks.release(acquired(world, wait_s=2 * TTL_S)))

    flow = file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=0)
    hand = Meddling(world, leases_file, meanwhile)
    if alive:
        with pytest.raises(azfiles.LockNotAcquired):
            hand.drive(flow)
    else:
        assert hand.drive(killed_after(flow, leases_file)) is None
        assert companion(world).get_properties().metadata["azfiles_state"] == "left"
    assert_usable(world, token_in(world), at_once=alive)


@pytest.mark.parametrize(
    "error",
    [azfiles.TransportError("lost", sent=True), azfiles.Throttled(503, "ServerBusy", "busy")],
    ids=["lost", "busy"],
)
@pytest.mark.parametrize(("state", "when"), [("holder died", breaks), ("given back", leases_file)])
def test_what_was_not_carried_out_is_not_sent_again_where_a_successor_is_there(state, when, error):
    world = world_in(state)
    companion(world).break_lease() if state == "holder died" else None
    successors = []

    def meanwhile():
        successors.append(acquired(world, wait_s=2 * TTL_S))
        raise error

    hand = Meddling(world, when, meanwhile)
    with pytest.raises(azfiles.LockNotAcquired, match=r"faster|held by"):
        hand.drive(file_locks.acquire(target_in(world, azfiles.RetryPolicy()), ttl=TTL_S, wait_s=1.1 * TTL_S))
    assert run(world, file_locks.sign_and_look(successors[0], 5.0)) is True


def test_who_was_silent_for_too_long_after_it_wrote_the_record_neither_leases_nor_breaks():
    world = world_in("given back")
    sent = []

    def is_write(request):
        return "comp=metadata" in request.target

    def when(request):
        sent.append(request)
        return is_write(request)

    hand = Meddling(world, when, lambda: world.clock.advance(TTL_S))
    with pytest.raises(azfiles.LockNotAcquired, match="faster"):
        hand.drive(file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=0))
    assert not [request for request in sent if leases_file(request)]


def test_a_companion_that_was_made_anew_is_not_taken_for_ones_own_before_the_lock_is_held():
    """Its last token is gone, and may have been greater: tokens would fall."""
    world = world_in("given back")
    tokens = []

    def meanwhile():
        hold = acquired(world, wait_s=2 * TTL_S)
        tokens.append(hold.token)
        run(world, file_locks.release(hold))
        world.clock.advance(0.001)
        companion(world).delete()

    hand = Meddling(world, leases_file, meanwhile)
    hold = hand.drive(file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=3 * TTL_S))
    assert hold.token > tokens[0]


def test_beats_count_from_when_the_lock_is_held():
    """A successor reads from it whether the one before may have a request to lease the file on its way."""
    world = world_in("given back")
    hand = ByHand(world, 0, performed=False)
    assert hand.drive(killed_after(file_locks.acquire(target_in(world), ttl=TTL_S), leases_file)) is None
    assert companion(world).get_properties().metadata["azfiles_beat"] == "0"
    successor = acquired(world, wait_s=2 * TTL_S)
    assert companion(world).get_properties().metadata["azfiles_beat"] == "1"
    run(world, file_locks.release(successor))
    assert companion(world).get_properties().metadata["azfiles_state"] == "left"
    acquired(world)
    run(world, file_locks.release(acquired(world, wait_s=2 * TTL_S)))
    assert companion(world).get_properties().metadata["azfiles_state"] == "free"


def makes_companion(request):
    return "comp=rename" in request.target and COMPANION in request.target


@pytest.mark.parametrize("lost", ["the request", "the reply"])
def test_a_companion_that_is_made_again_replaces_none_that_is_there(lost):
    """Its record may be that of a holder whose release did not get through: only by it is the lock ever to be had again."""
    world = world_in("never locked")
    tokens = []

    def meanwhile():
        if lost == "the reply":
            run(world, create(companion_of(file_of(connected(world)).target)))
        hold = acquired(world)
        tokens.append(hold.token)
        run(world, release_over_a_line_that_loses_it(hold))
        raise azfiles.TransportError("lost", sent=True)

    hand = Meddling(world, makes_companion, meanwhile)
    hold = hand.drive(file_locks.acquire(target_in(world, azfiles.RetryPolicy()), ttl=TTL_S, wait_s=2 * TTL_S))
    assert hold.token > tokens[0]
    names = [entry.name for entry in connected(world).share(SHARE).directory("d").list()]
    assert sorted(names) == [".f.azfiles-lock", "f"]  # nothing is left behind


def release_over_a_line_that_loses_it(hold):
    def lose(effect):
        if isinstance(effect, Send):
            raise azfiles.TransportError("lost", sent=True)
        return (yield effect)

    return through(file_locks.release(hold), lose)


def test_a_companion_that_was_deleted_while_another_one_was_made_does_not_let_tokens_fall():
    world = world_in("never locked")
    tokens = []

    def meanwhile():
        world.clock.advance(1)
        hold = acquired(world)
        tokens.append(hold.token)
        run(world, file_locks.release(hold))
        companion(world).delete()
        world.clock.advance(0.001)

    hold = Meddling(world, makes_companion, meanwhile).drive(file_locks.acquire(target_in(world), ttl=TTL_S))
    assert hold.token > tokens[0]


def test_a_release_that_does_not_get_through_leaves_the_companion_guarded():
    """So that nobody who does not mean to takes it away, with the only sign that the file's lease is a lock's."""
    world = world_in("given back")
    hold = acquired(world)
    run(world, release_over_a_line_that_loses_it(hold))
    assert not hold.released
    assert companion(world).get_properties().lease.state == "leased"
    assert acquired(world, wait_s=2 * TTL_S).token > hold.token


def test_where_no_file_can_be_renamed_a_lock_that_has_no_companion_is_not_to_be_had():
    world = world_in("never locked")
    service = azfiles.connect(world.simulator.handle, clock=world.clock, api_version="2021-02-12")
    with pytest.raises(azfiles.RequestNotSent, match="2021-04-10"):
        service.runner.run(file_locks.acquire(file_of(service).target, ttl=TTL_S))


def test_a_break_that_comes_late_never_gives_the_lock_to_whoever_sent_it():
    """It costs the successor its lease, as the document says; but whoever was displaced does not take the lock for its own,
    also where the companion that would tell it so is gone: two would have it, and the later one with the smaller token.
    """
    world = world_in("holder died")
    successors = []

    def meanwhile():
        successors.append(acquired(world, wait_s=2 * TTL_S))
        companion(world).break_lease()
        companion(world).delete()

    hand = Meddling(world, breaks_file, meanwhile)
    with pytest.raises(azfiles.LockNotAcquired):
        hand.drive(file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=1.1 * TTL_S))
    assert file_of(connected(world)).get_properties().lease.state != "leased"
    assert run(world, file_locks.sign_and_look(successors[0], 5.0)) is False


def breaks_file(request):
    return breaks(request) and f"/{FILE}?" in request.target
