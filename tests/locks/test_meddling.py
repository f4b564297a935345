"""What others do between two requests of a lock, one case for each place where it matters."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.flows.effects import Send, sleep
from azfiles.flows.locking import file_locks, finding, share_locks
from azfiles.flows.locking.companion import companion_of, to_metadata
from azfiles.flows.locking.holding import Hold
from azfiles.flows.locking.together import locked
from azfiles.runners.answers import FlowCancelled
from tests.locks.by_hand import ByHand
from tests.locks.worlds import COMPANION, FILE, TTL_S, acquired, companion, connected, file_of, run, world_in
from tests.proof import THOROUGH


class Meddling(ByHand):
    """Carries a flow out by hand, and does something right before the requests that ``when`` picks, ``times`` of them."""

    def __init__(self, world, when, meddle, times=1):
        super().__init__(world, 0, performed=False)
        self.world, self.when, self.meddle, self.times = world, when, meddle, times

    def perform(self, effect):
        if isinstance(effect, Send) and self.times and self.when(effect.request):
            self.times -= 1
            self.meddle()
        return super().perform(effect)


def is_look(request):
    return request.method == "HEAD" and COMPANION in request.target


def takes_guard(request):
    return COMPANION in request.target and ("x-ms-lease-action", "acquire") in list(request.headers)


def leases_file(request):
    return f"/{FILE}?" in request.target and ("x-ms-lease-action", "acquire") in list(request.headers)


def breaks(request):
    return ("x-ms-lease-action", "break") in list(request.headers)


def writes_record(request):
    return COMPANION in request.target and "comp=metadata" in request.target


def second(when):
    """Of the requests that it picks all but the first."""
    seen = []

    def pick(request):
        if when(request):
            seen.append(request)
        return when(request) and len(seen) > 1

    return pick


def target_in(world, retry=None):
    return file_of(azfiles.connect(world.simulator.handle, clock=world.clock, retry=retry)).target


def acquire(world, when, meddle, *, times=1, wait_s=0.0, retry=None):
    hand = Meddling(world, when, meddle, times)
    return hand.drive(file_locks.acquire(target_in(world, retry), ttl=TTL_S, wait_s=wait_s))


def other_writes(world):
    """Somebody writes the same record again, as who takes the lock would."""
    companion(world).set_metadata(companion(world).get_properties().metadata)


def other_guards(world):
    if companion(world).get_properties().lease.state == "leased":
        companion(world).break_lease()
    companion(world).acquire_lease()


def test_a_companion_that_is_deleted_as_soon_as_it_was_made_is_waited_for():
    world = world_in("never locked")
    with pytest.raises(azfiles.LockNotAcquired, match="deleted again"):
        acquire(world, second(is_look), lambda: companion(world).delete())
    assert acquire(world.fork(), second(is_look), lambda: None)


def test_a_guard_that_is_broken_right_before_the_release_gives_the_file_back_but_has_the_next_holder_wait():
    world = world_in("given back")
    hold = acquired(world)
    companion(world).break_lease()
    run(world, file_locks.release(hold))
    assert hold.released
    file_of(connected(world)).put_range(0, b"anybody")
    began_s = world.clock.time()
    run(world, file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=3 * TTL_S))
    assert world.clock.time() - began_s >= TTL_S


@pytest.mark.parametrize("meddle", [other_writes, other_guards], ids=["writes", "guards"])
def test_whoever_was_faster_is_waited_for(meddle):
    world = world_in("given back")
    with pytest.raises(azfiles.LockNotAcquired, match="faster"):
        acquire(world, takes_guard, lambda: meddle(world))
    assert companion(world).get_properties().lease.state == ("available" if meddle is other_writes else "leased")
    assert acquired(world, wait_s=2 * TTL_S).token


def test_a_guard_that_is_broken_under_the_claim_leaves_the_record_alone():
    world = world_in("given back")
    before = companion(world).get_properties()
    with pytest.raises(azfiles.LockNotAcquired, match="faster"):
        acquire(world, writes_record, lambda: companion(world).break_lease())
    assert companion(world).get_properties().etag == before.etag
    with pytest.raises(azfiles.LockNotAcquired, match="faster"):
        acquire(world, takes_guard, lambda: companion(world).delete())


def test_a_guard_that_is_broken_between_record_and_lease_is_taken_again():
    world = world_in("given back")
    hold = acquire(world, second(writes_record), lambda: companion(world).break_lease())
    assert run(world, file_locks.sign_and_look(hold, 5.0)) is True


def test_a_guard_that_others_keep_taking_costs_the_claim():
    """From the second writing of the record on, the guard is never ours."""
    world = world_in("given back")
    again, began = second(writes_record), []

    def when(request):
        if again(request):
            began.append(request)
        return bool(began) and (writes_record(request) or takes_guard(request))

    with pytest.raises(azfiles.LockNotAcquired, match="faster"):
        acquire(world, when, lambda: other_guards(world), times=100)
    assert file_of(connected(world)).get_properties().lease.state == "available"


def test_a_lease_that_comes_right_after_a_dead_one_was_broken_is_left_alone():
    world = world_in("holder died")
    leases = []
    with pytest.raises(azfiles.LockNotAcquired, match="not by a lock"):
        acquire(
            world,
            second(leases_file),
            lambda: leases.append(file_of(connected(world)).acquire_lease().id),
            wait_s=3 * TTL_S,
        )
    file_of(connected(world)).put_range(0, b"x", lease_id=leases[0])
    assert companion(world).get_properties().metadata["azfiles_state"] == "free"


@pytest.mark.parametrize("retry", [azfiles.RetryPolicy(attempts=2), None], ids=["retry", "no retry"])
def test_a_dead_lease_that_cannot_be_broken_is_an_error_and_the_record_goes_on_to_say_that_it_may_be_there(retry):
    world = world_in("holder died, guard broken")

    def lose():
        raise azfiles.TransportError("lost", sent=True)

    with pytest.raises(azfiles.TransportError):
        acquire(world, breaks, lose, times=1000, wait_s=2 * TTL_S, retry=retry)
    assert companion(world).get_properties().metadata["azfiles_state"] == "held"
    assert acquired(world, wait_s=3 * TTL_S).token


def test_a_break_that_is_not_answered_is_repeated_while_the_lease_is_there():
    world = world_in("holder died, guard broken")

    def lose():
        raise azfiles.TransportError("lost", sent=True)

    assert acquire(world, breaks, lose, wait_s=2 * TTL_S, retry=azfiles.RetryPolicy())

    def lose_and_end():
        file_of(connected(fork)).break_lease()
        raise azfiles.ServerFault(500, "InternalError", "after all")

    fork = world_in("holder died, guard broken")
    assert acquire(fork, breaks, lose_and_end, wait_s=2 * TTL_S, retry=azfiles.RetryPolicy())


def test_a_dead_lease_that_ended_before_it_was_broken_or_whose_break_nobody_saw_is_gone():
    world = world_in("given back")
    dead = acquired(world)
    companion(world).break_lease()
    fork = world.fork()
    assert acquire(world, breaks, lambda: file_of(connected(world)).release_lease(dead.lease_id), wait_s=2 * TTL_S)

    def lose():
        file_of(connected(fork)).break_lease()
        raise azfiles.TransportError("lost", sent=True)

    assert acquire(fork, breaks, lose, wait_s=2 * TTL_S, retry=azfiles.RetryPolicy(attempts=2))


def test_a_companion_that_somebody_made_and_guards_meanwhile_is_not_made_again():
    world = world_in("never locked")

    def make():
        companion(world).create(0, metadata=to_metadata(azfiles.LockRecord(5, held=False, ttl_s=1.0)))
        companion(world).acquire_lease()

    def makes(request):
        return "comp=rename" in request.target and COMPANION in request.target

    with pytest.raises(azfiles.LockNotAcquired, match="somebody is taking it"):
        acquire(world, makes, make)
    assert companion(world).get_properties().metadata["azfiles_token"] == "5"


def test_a_displaced_holder_does_not_ask_for_its_files_lease_any_more():
    world = world_in("given back")
    hold = acquired(world)
    acquired(world, wait_s=2 * TTL_S, seed=77)
    assert run(world, file_locks.sign_and_look(hold, 5.0)) is False


def test_a_lease_that_somebody_took_while_ours_was_lost_is_a_refusal():
    world = world_in("given back")

    def lose():
        file_of(connected(world)).acquire_lease()
        raise azfiles.TransportError("lost", sent=False)

    with pytest.raises(azfiles.LockNotAcquired):
        acquire(world, leases_file, lose, retry=azfiles.RetryPolicy())


@pytest.mark.parametrize("meddle", ["delete", "write another", "write"])
def test_while_a_holder_gets_its_guard_back_its_companion_may_go_or_be_anothers(meddle):
    world = world_in("given back")
    hold = acquired(world)
    companion(world).break_lease()

    def meddling():
        if meddle == "delete":
            companion(world).delete()
        else:
            token = hold.token + (meddle == "write another")
            companion(world).set_metadata(to_metadata(azfiles.LockRecord(token, held=True, ttl_s=9.0)))

    hold.target = target_in(world)
    hold.companion = companion_of(hold.target)
    ours = Meddling(world, takes_guard, meddling).drive(file_locks.sign(hold, 5.0))
    assert ours is (meddle == "write")
    if meddle == "write another":
        assert companion(world).get_properties().lease.state == "available"


class Displacing(Meddling):
    """Displaces a holder that is about to get its guard back, and cancels it at the n-th request that follows."""

    def __init__(self, world, place):
        self.successor = None
        super().__init__(world, takes_guard, self.displace)
        self.cancelled_at = place

    def displace(self):
        self.successor = acquired(self.world, wait_s=2 * TTL_S)
        self.sent, self.place, self.performed = 0, self.cancelled_at, True


def test_a_displaced_holder_that_is_ended_while_it_gets_its_guard_back_leaves_its_successors_record_alone():
    """Else its giving back would make the lock free under the successor, and the next one would get its token, too."""
    places = place = 0
    while place == places:  # it was cancelled at each place so far
        place += 1
        world = world_in("given back")
        hold = acquired(world)
        companion(world).break_lease()
        hand = Displacing(world, place)
        try:
            assert hand.drive(file_locks.sign(hold, 100 * TTL_S)) is False
        except FlowCancelled:
            places += 1
        run(world, file_locks.release(hold))
        assert run(world, file_locks.sign_and_look(hand.successor, 5.0)) is True
        assert companion(world).get_properties().metadata["azfiles_token"] == str(hand.successor.token)
    assert places > 5


@pytest.mark.parametrize("place", [1, 2, 3])
def test_giving_back_is_done_also_where_it_is_cancelled(place):
    world = world_in("given back")
    hold = acquired(world)
    hold.target = target_in(world)
    hold.companion = companion_of(hold.target)
    with pytest.raises(FlowCancelled):
        ByHand(world, place, performed=False).drive(file_locks.release(hold))
    assert file_of(connected(world)).get_properties().lease.state == "available"
    assert companion(world).get_properties().metadata["azfiles_state"] == "free"
    assert companion(world).get_properties().lease.state == "available"


FLOWS = {
    "acquire": lambda world: file_locks.acquire(target_in(world), ttl=TTL_S, wait_s=2 * TTL_S),
    "release": lambda world: file_locks.release(acquired(world, wait_s=2 * TTL_S)),
    "acquire share": lambda world: share_locks.acquire(connected(world).share("data").target),
    "release share": lambda world: share_locks.release(run(world, FLOWS["acquire share"](world))),
}


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_is_closed_at_any_effect_performs_nothing_more(name):
    effects = 0
    while True:
        effects += 1 if effects < 12 or THOROUGH else 5
        world = world_in("holder died")
        hand, flow = ByHand(world, 0, performed=False), FLOWS[name](world)
        try:
            effect = flow.send(None)
            for _ in range(effects):
                try:
                    effect = flow.send(hand.perform(effect))
                except azfiles.AzureFilesError as error:
                    effect = flow.throw(error)
        except StopIteration:
            break
        flow.close()
        assert flow.gi_frame is None
    assert effects >= 3


ID = "aaaaaaaa-0000-4000-8000-000000000001"


def test_a_body_that_is_a_flow_is_told_of_its_own_errors_and_of_the_loss():
    world = world_in("given back")
    service = connected(world)
    target = file_of(service).target

    def failing(_hold):
        yield from sleep(TTL_S * 2)
        raise KeyError("mine")

    def broken(hold):
        yield from azfiles.FileClient.break_lease.flow(hold.target)
        yield from sleep(TTL_S)

    def broken_and_failing(hold):
        yield from broken(hold)
        raise KeyError("mine")

    for body, error, notes in (
        (failing, KeyError, 0),
        (broken, azfiles.LockLost, 0),
        (broken_and_failing, KeyError, 1),
    ):
        with pytest.raises(error) as caught:
            service.runner.run(locked(target, body, ttl=TTL_S))
        assert len(getattr(caught.value, "__notes__", ())) == notes
        assert file_of(connected(world)).get_properties().lease.state in {"available", "broken"}


def test_a_suspect_that_changes_between_the_look_and_the_claim_is_left_alone():
    world = world_in("holder died, guard broken")
    hand = Meddling(world, takes_guard, lambda: other_writes(world))
    assert hand.drive(finding.break_stale_file(target_in(world))) is None
    assert file_of(connected(world)).get_properties().lease.state == "leased"


def test_a_suspect_that_was_given_back_after_it_was_found_is_none():
    world = world_in("holder died, guard broken")

    def give_back():
        companion(world).set_metadata({**companion(world).get_properties().metadata, "azfiles_state": "free"})

    hand = Meddling(world, second(is_look), give_back)
    assert hand.drive(finding.break_stale_file(target_in(world))) is None


def test_whoever_finds_a_loss_out_first_tells_of_it():
    class Taken(list):
        """Listeners that somebody else takes between two steps of ours."""

        def pop(self):
            self.clear()
            raise IndexError

    told = []
    hold = Hold("https://a/f", ID, lasts_s=1.0, token=3)
    hold.listeners = Taken([told.append])
    assert hold.lose("x").token == 3
    assert told == []
    assert "token 3" in repr(hold)
    assert "token" not in repr(Hold("https://a/f", ID, lasts_s=1.0))
