"""Locks of shares: a lease with an end that is renewed in time, and that ends by itself where it is not."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.flows.effects import sleep
from azfiles.flows.locking import share_locks
from azfiles.runners.answers import FlowCancelled
from azfiles_sim.faults import Faulty, LoseReply, LoseRequest
from azfiles_sim.messages import Reply
from tests.flows.test_lost_replies import FAULTS, Trouble
from tests.locks.by_hand import ByHand
from tests.locks.worlds import SHARE, connected, run, world_in

FAILURES = [name for name in FAULTS if name != "none"]


@pytest.fixture
def world():
    return world_in("never locked")


def share_of(world, handle=None, **options):
    return connected(world, handle, **options).share(SHARE)


def virtual(world, handle=None, retry=None):
    return azfiles.connect(handle or world.simulator.handle, clock=world.clock, retry=retry).share(SHARE)


def state(world):
    return share_of(world).get_properties().lease.state


def test_a_share_is_locked_for_the_body_and_cannot_be_deleted_meanwhile(world):
    share = virtual(world)
    with share.lock(duration_s=15) as held:
        assert share_of(world).get_properties().lease.duration == "fixed"
        with pytest.raises(azfiles.LeaseConflict):
            share.delete()
        with pytest.raises(azfiles.LockNotAcquired, match="it is leased") as caught:
            share.lock(wait_s=0).__enter__()
        assert isinstance(caught.value, TimeoutError)
        assert share.get_properties(lease_id=held.lease_id)
    assert held.released
    assert state(world) == "available"
    assert share.with_lock(lambda held: held.released) is False


@pytest.mark.parametrize("wrong", [{"duration_s": 14}, {"duration_s": 61}, {"duration_s": -1}, {"wait_s": -1.0}])
def test_arguments_that_make_no_sense_are_refused_before_anything_is_sent(world, wrong):
    with pytest.raises(azfiles.InvalidArgument):
        next(share_locks.acquire(share_of(world).target, **wrong))
    for place in (share_of(world).file("f").target, share_of(world).snapshot("2026-01-01T00:00:00.0000000Z").target):
        with pytest.raises(azfiles.InvalidArgument):
            next(share_locks.acquire(place))


def test_it_is_renewed_at_two_thirds_of_its_duration_or_somewhat_earlier(world):
    renewed_s = []

    def handle(request):
        if ("x-ms-lease-action", "renew") in list(request.headers):
            renewed_s.append(world.clock.time())
        return world.simulator.handle(request)

    share = virtual(world, handle)
    began_s = world.clock.time()
    with share.lock(duration_s=30) as held:
        share.runner.run(sleep(300))
        held.check()
    pauses = [after - before for before, after in zip([began_s, *renewed_s], renewed_s, strict=False)]
    assert all(16 - 0.01 <= pause <= 20.01 for pause in pauses)
    assert 15 <= len(pauses) <= 18
    assert len(set(pauses)) > 5


def test_one_that_is_not_renewed_in_time_is_lost_and_ends_by_itself(world):
    share = virtual(world)
    with pytest.raises(azfiles.LockLost) as caught, share.lock(duration_s=15) as held:  # noqa: PT012
        world.clock.advance(13.6)
        with pytest.raises(azfiles.LockLost):
            held.check()
        world.clock.advance(1.4)
        assert state(world) == "expired"
    assert caught.value.token is None


def test_one_that_is_broken_is_lost_and_the_body_learns_of_it(world):
    told = []
    share = virtual(world)
    with pytest.raises(azfiles.LockLost, match="broken"), share.lock(duration_s=15, on_lost=told.append) as held:  # noqa: PT012
        share.break_lease(period_s=0)
        share.runner.run(sleep(11))
        assert held.lost
    assert len(told) == 1


def test_renewing_goes_on_over_a_line_that_loses_most_and_ends_where_it_loses_all(world):
    """Also while so much is lost that the client's circuit opens."""
    fate = [LoseRequest(), LoseReply(), None]
    calls = 0

    def plan(_call):
        nonlocal calls
        calls += 1
        return fate[calls % len(fate)]

    retry = azfiles.RetryPolicy(attempts=3, budget=1e9)
    share = virtual(world, Faulty(world.simulator.handle, plan).handle, retry)
    with pytest.raises(azfiles.LockLost, match="without a reply"), share.lock(duration_s=15) as held:  # noqa: PT012
        share.runner.run(sleep(100))
        held.check()
        fate[2] = LoseRequest()
        share.runner.run(sleep(15))
        assert held.lost
    assert not held.released


def carry_out(world, faults, retry):
    trouble = Trouble(world, faults)
    share = virtual(world, trouble.handle, retry)
    try:
        with share.lock(duration_s=15, wait_s=0.0):
            share.runner.run(sleep(25))
    except azfiles.AzureFilesError as error:
        return error, trouble.requests
    return None, trouble.requests


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("retry", [azfiles.RetryPolicy(), None], ids=["retry", "no retry"])
def test_a_fault_at_any_request_ends_well_or_in_a_typed_error_and_the_share_can_be_locked_again(world, kind, retry):
    _, requests = carry_out(world.fork(), [], retry)
    assert requests >= 4  # acquire, renew twice or more, release
    for place in range(requests):
        here = world.fork()
        result, _ = carry_out(here, ["none"] * place + [kind], retry)
        if result is not None:
            assert retry is None
            assert isinstance(result, (azfiles.TransportError, azfiles.ServerFault, azfiles.Throttled)), place
        began_s = here.clock.time()
        run(here, share_locks.acquire(share_of(here).target, duration_s=15, wait_s=20.0))
        assert here.clock.time() - began_s <= 17


@pytest.mark.parametrize("performed", [True, False])
def test_whoever_is_cancelled_gives_the_share_back(world, performed):
    def flow(target):
        hold = yield from share_locks.acquire(target, duration_s=15)
        yield from share_locks.release(hold)

    for place in (1, 2):
        here = world.fork()
        target = azfiles.connect(here.simulator.handle, clock=here.clock).share(SHARE).target
        with pytest.raises(FlowCancelled):
            ByHand(here, place, performed=performed).drive(flow(target))
        assert state(here) == "available", place


def test_who_waits_gets_the_share_when_its_holder_is_gone(world):
    """A lease that is being broken is waited for too."""
    share = share_of(world)
    share.acquire_lease(15)
    began_s = world.clock.time()
    run(world, share_locks.acquire(share.target, duration_s=15, wait_s=30.0))
    assert 15 <= world.clock.time() - began_s <= 17.5
    share.break_lease(period_s=5)
    run(world, share_locks.acquire(share.target, duration_s=15, wait_s=30.0))
    with pytest.raises(azfiles.NotFound):
        connected(world).share("no-share").lock().__enter__()


def test_another_refusal_of_the_lease_is_raised_as_it_is(world):
    def handle(request):
        if "comp=lease" in request.target:
            return Reply(412, "No", (("x-ms-error-code", "LeaseIdMissing"), ("Content-Length", "0")))
        return world.simulator.handle(request)

    with pytest.raises(azfiles.LeaseConflict):
        virtual(world, handle).lock().__enter__()
