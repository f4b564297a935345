"""Locks as people hold them: with statements, blocking and async, whose heartbeat runs beside the body."""

from __future__ import annotations

import threading
import types
from contextlib import suppress

import anyio
import pytest

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import Faulty, LoseReply
from azfiles_sim.messages import Reply
from tests.locks.worlds import TTL_S, companion, connected, file_of, world_in

BACKENDS = ["asyncio", "trio"]


@pytest.fixture
def world():
    return world_in("given back")


@pytest.fixture
def file(world):
    """Under a virtual clock and without a seed, as people test their own code."""
    return azfiles.connect(world.simulator.handle, clock=world.clock).share("data").file("d/f")


def beats(world):
    return int(companion(world).get_properties().metadata["azfiles_beat"])


def state(world):
    return file_of(connected(world)).get_properties().lease.state


def pass_time(world, file, seconds, step_s=TTL_S / 10):
    """Time passes, and something is done now and then."""
    for _ in range(round(seconds / step_s)):
        world.clock.advance(step_s)
        file.get_properties()


def test_a_file_is_locked_for_the_body_of_a_with_statement(world, file):
    with file.lock(ttl=TTL_S, owner="me") as held:
        assert state(world) == "leased"
        assert not held.lost
        assert not held.released
        held.check()
        file.put_range(0, b"x", lease_id=held.lease_id)
        with pytest.raises(azfiles.LeaseConflict):
            file.put_range(0, b"x")
        with pytest.raises(azfiles.LockNotAcquired, match=f"held by me with token {held.token}"):
            file.lock(wait_s=0).__enter__()
    assert held.released
    assert state(world) == "available"
    with file.lock(ttl=TTL_S) as following:
        assert following.token == held.token + 1


@pytest.mark.parametrize("seed", [None, 4])
def test_under_a_virtual_clock_the_heartbeat_goes_on_whenever_something_is_done(world, seed):
    file = azfiles.connect(world.simulator.handle, clock=world.clock, seed=seed).share("data").file("d/f")
    with file.lock(ttl=TTL_S) as held:
        pass_time(world, file, 5 * TTL_S)
        held.check()
        assert 14 <= beats(world) <= 26
    assert not held.lost


def test_a_body_that_does_nothing_for_too_long_has_lost_the_lock(world, file):
    with pytest.raises(azfiles.LockLost) as caught, file.lock(ttl=TTL_S) as held:  # noqa: PT012 - both belong to the claim
        world.clock.advance(TTL_S * 0.91)
        with pytest.raises(azfiles.LockLost, match="no sign of life"):
            held.check()
        assert held.lost
    assert caught.value.token == held.token
    assert caught.value.may_have_acted
    assert state(world) == "available"  # it was given back all the same


def test_who_waits_in_a_flow_gives_signs_of_life_meanwhile(world, file):
    """A pause between two tries of a call is as long as it is, and the heartbeat does not wait for its end."""
    slow = azfiles.RetryPolicy(attempts=3, base_s=0.0, deadline_s=1000)
    requests = 0

    def handle(request):
        nonlocal requests
        if "comp=list" in request.target:
            requests += 1
            if requests < 3:
                return busy_for(20)
        return world.simulator.handle(request)

    share = azfiles.connect(handle, clock=world.clock, retry=slow).share("data")
    with share.file("d/f").lock(ttl=TTL_S) as held:
        assert [entry.name for entry in share.directory("d").list()]
        held.check()
    assert not held.lost


def busy_for(seconds):
    return Reply(
        503, "Busy", (("x-ms-error-code", "ServerBusy"), ("Retry-After", str(seconds)), ("Content-Length", "0"))
    )


def test_what_on_lost_raises_is_logged_and_hides_the_loss_from_nobody(world, file, caplog):
    def failing(_lost):
        raise ValueError("mine")

    with pytest.raises(azfiles.LockLost, match="broken"), file.lock(ttl=TTL_S, on_lost=failing) as held:  # noqa: PT012
        file.break_lease()
        pass_time(world, file, TTL_S)
        with pytest.raises(azfiles.LockLost):
            held.check()
    assert [(record.name, record.exc_info[0]) for record in caplog.records] == [("azfiles.locks", ValueError)]
    assert held.lease_id not in caplog.text


def test_a_lock_whose_lease_is_broken_tells_the_body_once_and_ends_in_an_error(world, file):
    told = []
    with pytest.raises(azfiles.LockLost, match="broken"), file.lock(ttl=TTL_S, on_lost=told.append) as held:  # noqa: PT012
        file.break_lease()
        pass_time(world, file, TTL_S)
        assert held.lost
        with pytest.raises(azfiles.LockLost) as caught:
            held.check()
        assert caught.value.token == held.token
    assert [error.token for error in told] == [held.token]


def test_the_bodys_error_wins_and_has_a_note_of_the_loss(world, file):
    with pytest.raises(KeyError) as caught, file.lock(ttl=TTL_S):  # noqa: PT012 - both belong to the claim
        file.break_lease()
        pass_time(world, file, TTL_S)
        raise KeyError("mine")
    assert "was lost" in caught.value.__notes__[0]
    with pytest.raises(KeyError) as caught, file.lock(ttl=TTL_S):
        raise KeyError("mine")
    assert not hasattr(caught.value, "__notes__")
    assert state(world) == "available"


def test_a_check_that_ended_the_body_is_raised_as_it_is(world, file):
    with pytest.raises(azfiles.LockLost) as caught, file.lock(ttl=TTL_S) as held:  # noqa: PT012
        world.clock.advance(TTL_S)
        held.check()
    assert "no sign of life" in str(caught.value)


def test_with_lock_returns_what_the_function_returns(world, file):
    assert file.with_lock(lambda held: (held.token, state(world)), ttl=TTL_S)[1] == "leased"
    assert state(world) == "available"


def test_a_release_that_does_not_get_through_is_no_error(world):
    gone = False

    def handle(request):
        return lossy.handle(request) if gone else world.simulator.handle(request)

    lossy = Faulty(world.simulator.handle, lambda _: LoseReply())
    file = azfiles.connect(handle, clock=world.clock, retry=None).share("data").file("d/f")
    with file.lock(ttl=TTL_S) as held:
        gone = True
    assert not held.released


def test_repr_shows_no_lease_id(world, file):
    share = azfiles.connect(world.simulator.handle, clock=world.clock).share("data")
    with file.lock(ttl=TTL_S) as held, share.lock() as share_held:
        assert repr(held).endswith(f"/data/d/f, token {held.token}>")
        assert repr(share_held).endswith("/data>")
        assert held.lease_id not in repr(held) + repr(file)
        assert share_held.lease_id not in repr(share_held)


def file_share(file):
    return azfiles.ShareClient(
        azfiles.FileClient(file.target, file.runner).target.__class__(file.target.session, "data"), file.runner
    )


def heartbeats_seen(simulator, enough):
    """A handler that sets the event when a second sign of life has come."""
    seen = 0

    def handle(request):
        nonlocal seen
        reply = simulator.handle(request)
        seen += "comp=metadata" in request.target
        if seen == 3:  # taking the lock writes two records
            enough()
        return reply

    return handle


def test_in_real_time_a_thread_gives_signs_of_life_and_ends_with_the_body():
    """It waits for one heartbeat: a third of the shortest time to live. A machine that stops for longer costs the lock, but
    not the claim.
    """
    simulator, beaten = Simulator(), threading.Event()
    azfiles.connect(simulator.handle).share("data").create()
    azfiles.connect(simulator.handle).share("data").file("f").create(1)
    file = azfiles.connect(heartbeats_seen(simulator, beaten.set)).share("data").file("f")
    with suppress(azfiles.LockLost), file.lock(ttl=1):
        assert "azfiles-beside" in {thread.name for thread in threading.enumerate()}
        assert beaten.wait(30)
    assert "azfiles-beside" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_real_time_a_task_gives_signs_of_life_and_ends_with_the_body(backend):
    async def main():
        simulator, beaten = Simulator(), anyio.Event()
        azfiles.connect(simulator.handle).share("data").create()
        azfiles.connect(simulator.handle).share("data").file("f").create(1)
        file = azfiles.connect_async(heartbeats_seen(simulator, beaten.set)).share("data").file("f")
        with anyio.fail_after(30), suppress(azfiles.LockLost):
            async with file.lock(ttl=1) as held:
                await beaten.wait()
        assert held.released

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_async_lock_does_what_a_blocking_one_does(backend):
    async def main():
        world = world_in("given back")
        share = azfiles.connect_async(world.simulator.handle, clock=world.clock).share("data")
        file = share.file("d/f")
        async with file.lock(ttl=TTL_S) as held, share.lock() as share_held:
            for _ in range(20):
                world.clock.advance(TTL_S / 10)
                await file.get_properties()
                held.check()
                share_held.check()
            await file.put_range(0, b"x", lease_id=held.lease_id)
        assert (held.released, share_held.released) == (True, True)

        async def inside(lock):
            return lock.lease_id, state(world)

        assert (await file.with_lock(inside, ttl=TTL_S))[1] == "leased"
        assert (await share.with_lock(inside))[0]
        with pytest.raises(azfiles.LockLost):  # noqa: PT012 - all of it belongs to the claim
            async with file.lock(ttl=TTL_S):
                await file.break_lease()
                world.clock.advance(TTL_S / 2)
                await file.get_properties()
        with pytest.raises(KeyError):  # as it is, in no group
            async with file.lock(ttl=TTL_S) as held:
                raise KeyError
        assert held.released

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("virtual", [True, False])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_task_that_is_cancelled_gives_its_lock_back(backend, virtual):
    """In real time an error of the body, too, is raised as it is."""
    clock = ManualClock() if virtual else None
    simulator = Simulator(clock=clock) if virtual else Simulator()
    azfiles.connect(simulator.handle, clock=clock).share("data").create()
    azfiles.connect(simulator.handle, clock=clock).share("data").file("f").create(1)
    locks = []

    async def keep(file, started):
        async with file.lock(ttl=TTL_S) as held:
            locks.append(held)
            started.set()
            await anyio.sleep_forever()

    async def main():
        file = azfiles.connect_async(simulator.handle, clock=clock).share("data").file("f")
        started = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(keep, file, started)
            await started.wait()
            group.cancel_scope.cancel()
        assert locks[0].released
        with pytest.raises(KeyError):
            async with file.lock(ttl=TTL_S):
                raise KeyError
        assert (await file.get_properties()).lease.state == "available"

    anyio.run(main, backend=backend)


def test_an_event_loop_that_ends_before_the_body_does_leaves_the_lock_to_the_next_one():
    """Whoever closes the coroutine performs nothing any more, as with a process that dies."""
    world = world_in("given back")
    file = azfiles.connect_async(world.simulator.handle, clock=world.clock).share("data").file("d/f")

    @types.coroutine
    def for_ever():
        yield

    async def keep():
        async with file.lock(ttl=TTL_S):
            await for_ever()

    coroutine = keep()
    coroutine.send(None)
    coroutine.close()
    assert state(world) == "leased"
