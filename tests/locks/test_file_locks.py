"""Locks of files: when one may be taken, when it may be taken over, and what its tokens are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import azfiles
from azfiles.flows.effects import Gather, Send, Sleep, gather, sleep
from azfiles.flows.locking import companion as companions
from azfiles.flows.locking import file_locks
from azfiles.flows.locking.companion import Seen, companion_of, from_metadata, locked_name, next_token, to_metadata
from azfiles.flows.locking.file_locks import FileHold
from azfiles.flows.locking.holding import RELIED_ON, keep
from azfiles.flows.locking.together import locked
from azfiles.runners.answers import FlowCancelled
from tests.flows.feeding import target
from tests.locks.by_hand import ByHand
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
from tests.proof import PROVING, THOROUGH

RECORD = azfiles.LockRecord(1767225600000001, held=True, ttl_s=2.5, beat=7, owner="node 3, pid 42")
CREATED = datetime(2026, 1, 1, 0, 0, 1, 234567, tzinfo=UTC)


def seen(record=RECORD, *, created=CREATED):
    return Seen('"0x1"', record, leased=False, created=created, changed=created)


def test_the_record_is_metadata_as_the_document_shows_it_and_is_read_back_in_any_case():
    assert to_metadata(RECORD) == {
        "azfiles_lock": "1",
        "azfiles_state": "held",
        "azfiles_token": "1767225600000001",
        "azfiles_ttl_s": "2.5",
        "azfiles_beat": "7",
        "azfiles_owner": "node 3, pid 42",
    }
    left = replace(RECORD, held=False, unsettled=True)
    for record in (RECORD, replace(RECORD, held=False, owner=""), left, companions.FRESH):
        assert from_metadata(to_metadata(record)) == record
        assert from_metadata({name.upper(): value for name, value in to_metadata(record).items()}) == record


@pytest.mark.parametrize(
    "change",
    [
        {"azfiles_lock": "2"},
        {"azfiles_lock": None},
        {"azfiles_state": "lost"},
        {"azfiles_token": "-1"},
        {"azfiles_token": "\u0661"},
        {"azfiles_beat": None},
        {"azfiles_ttl_s": "0"},
        {"azfiles_ttl_s": "inf"},
        {"azfiles_ttl_s": "nan"},
        {"azfiles_ttl_s": "soon"},
    ],
)
def test_metadata_of_anything_else_or_of_another_format_is_no_record(change):
    metadata = {**to_metadata(RECORD), **change}
    assert from_metadata({name: value for name, value in metadata.items() if value is not None}) is None


def test_a_token_is_greater_than_the_records_and_than_any_that_was_given_out_before_the_companion_was_made():
    assert next_token(seen()) == 1767225601234568
    assert next_token(seen(replace(RECORD, token=1767225601234567))) == 1767225601234568
    assert next_token(seen(replace(RECORD, token=2**52))) == 2**52 + 1
    assert next_token(seen(None)) == 1767225601234568
    assert next_token(seen(created=datetime(2250, 1, 1, tzinfo=UTC))) < 2**53  # whatever reads JSON can take it


def test_where_the_service_tells_no_exact_time_of_creation_the_second_of_the_last_change_is_rounded_up():
    world = world_in("companion just made")
    found = companion(world).get_properties()
    bare = replace(found, smb=azfiles.SmbProperties())
    assert companions.seen_in(bare).created > companions.seen_in(found).created


def test_a_companion_lies_beside_its_file_and_is_known_by_its_name():
    place = companion_of(target("d", "report.csv"))
    assert place.path == ("d", ".report.csv.azfiles-lock")
    assert locked_name(place.path[-1]) == "report.csv"
    assert [locked_name(name) for name in ("report.csv", ".azfiles-lock", ".x", "x.azfiles-lock")] == [None] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl": 0.5},
        {"ttl": 86401.0},
        {"ttl": float("nan")},
        {"wait_s": -1.0},
        {"wait_s": float("nan")},
        {"owner": "\u00e4"},
        {"owner": " x"},
    ],
)
def test_arguments_that_make_no_sense_are_refused_before_anything_is_sent(wrong):
    with pytest.raises(azfiles.InvalidArgument):
        next(file_locks.acquire(target("f"), **wrong))


def test_what_cannot_be_locked_is_refused_before_anything_is_sent():
    for wrong in (target(), target("f" * 242), target("f", snapshot="2026-01-01T00:00:00.0000000Z")):
        with pytest.raises(azfiles.InvalidArgument):
            next(file_locks.acquire(wrong))
    assert companion_of(target("f" * 241)).path


def test_a_file_that_is_not_there_is_not_found_and_gets_no_companion():
    world = world_in("never locked")
    service = connected(world)
    with pytest.raises(azfiles.NotFound):
        service.runner.run(file_locks.acquire(service.share(SHARE).file("d/none").target))
    assert [entry.name for entry in service.share(SHARE).directory("d").list()] == ["f"]
    with pytest.raises(azfiles.NotFound) as caught:
        service.runner.run(file_locks.acquire(service.share("no-share").file("f").target))
    assert caught.value.code == "ShareNotFound"


@pytest.mark.parametrize("metadata", [None, {"a": "b"}, {**to_metadata(RECORD), "azfiles_lock": "2"}])
def test_what_is_no_companion_is_left_alone_and_is_no_sign_of_death(metadata):
    world = world_in("holder died")
    companion(world).break_lease()
    companion(world).delete()
    companion(world).upload(b"mine", metadata=metadata)
    before = companion(world).get_properties()
    with pytest.raises(azfiles.ForeignCompanion) as caught:
        acquired(world, wait_s=10 * TTL_S)
    assert not caught.value.may_have_acted
    assert companion(world).get_properties() == before
    assert file_of(connected(world)).get_properties().lease.state == "leased"


def test_a_missing_companion_is_no_sign_of_death():
    world = world_in("holder died")
    companion(world).break_lease()
    companion(world).delete()
    with pytest.raises(azfiles.LockNotAcquired, match="no companion"):
        acquired(world, wait_s=10 * TTL_S)
    assert file_of(connected(world)).get_properties().lease.state == "leased"
    with pytest.raises(azfiles.NotFound):
        companion(world).get_properties()


def test_a_lease_that_is_of_no_lock_is_never_broken():
    world = world_in("given back")
    lease = file_of(connected(world)).acquire_lease()
    with pytest.raises(azfiles.LockNotAcquired, match="not by a lock") as caught:
        acquired(world, wait_s=10 * TTL_S)
    assert isinstance(caught.value, TimeoutError)
    file_of(connected(world)).put_range(0, b"x", lease_id=lease.id)


def test_a_lock_is_taken_over_after_a_full_time_to_live_by_the_contenders_own_clock_and_not_before():
    world = world_in("holder died")
    token = token_in(world)
    with pytest.raises(azfiles.LockNotAcquired, match=f"held by the dead with token {token}"):
        acquired(world.fork(), wait_s=TTL_S * 0.99)
    world.clock.advance(1000)  # however long ago the last sign was: who comes now has not seen for how long
    began_s = world.clock.time()
    hold = acquired(world, wait_s=2 * TTL_S)
    assert world.clock.time() - began_s == pytest.approx(TTL_S)
    assert hold.token == token + 1


def test_a_guard_that_somebody_left_is_broken_after_the_contenders_own_time_to_live():
    """Whoever takes the lock has the guard for a moment before the record shows it, and is not to be disturbed at once."""
    world = world_in("contender died with the guard")
    began_s = world.clock.time()
    assert acquired(world, ttl=3.0, wait_s=2 * TTL_S).token
    assert world.clock.time() - began_s == pytest.approx(3.0)


class Timing(ByHand):
    """Carries a flow out by hand over a line on which nothing arrives, and notes how long each try may take."""

    def __init__(self, world, *, lost):
        super().__init__(world, 0, performed=False)
        self.lost = lost
        self.timeouts_s = []

    def perform(self, effect):
        if not isinstance(effect, Send):
            return super().perform(effect)
        self.timeouts_s.append(effect.timeout_s)
        if self.lost:
            self.clock.advance(effect.timeout_s)
            raise azfiles.TransportError("lost", sent=True)
        return super().perform(effect)


def test_a_sign_of_life_is_tried_again_and_again_while_there_is_time_and_one_call_leaves_time_for_others():
    world = world_in("given back")
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hold = acquired(world)
    hold.target, hold.companion = file_of(service).target, companion_of(file_of(service).target)
    hand, began_s = Timing(world, lost=True), world.clock.time()
    with pytest.raises(azfiles.TransportError):
        hand.drive(file_locks.sign(hold, 3.0))
    assert world.clock.time() - began_s == pytest.approx(1.5, abs=0.1)
    assert len(hand.timeouts_s) >= 2
    assert hand.timeouts_s[0] == 1.0
    hand.drive(file_locks.heartbeat(hold))
    assert hold.lost is not None
    assert world.clock.time() - began_s == pytest.approx(hold.lasts_s * RELIED_ON, abs=0.1)
    assert len(hand.timeouts_s) >= 6


@pytest.mark.parametrize(("ttl", "longest_s"), [(1.0, 0.5), (30.0, 2.7), (86400.0, 20.0)])
def test_a_sign_of_life_that_failed_is_tried_again_soon_however_long_the_time_to_live(ttl, longest_s):
    """The time to live is what a dead holder costs; a living one that is lost learns of it soon."""
    world = world_in("given back")
    hold, pauses_s = acquired(world, ttl=ttl), []

    def refused(_left_s):
        if len(pauses_s) > 8:
            return False
        raise azfiles.LeaseConflict(409, "LeaseAlreadyPresent", "others have the guard")
        yield

    flow = keep(hold, 0.0, refused)
    hand = ByHand(world, 0, performed=False)
    real = hand.perform

    def perform(effect):
        pauses_s.extend([effect.seconds] if isinstance(effect, Sleep) else [])
        return None if isinstance(effect, Sleep) else real(effect)

    hand.perform = perform
    hand.drive(flow)
    assert len(pauses_s) > 8
    assert 0 < max(pauses_s) <= longest_s


@pytest.mark.parametrize(("ttl", "longest_s"), [(1.0, 5.0), (24.0, 8.0), (86400.0, 20.0)])
def test_while_a_lock_is_taken_a_try_takes_a_third_of_the_time_to_live_but_is_not_hurried(ttl, longest_s):
    world = world_in("given back")
    hand = Timing(world, lost=False)
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hold = hand.drive(file_locks.acquire(file_of(service).target, ttl=ttl))
    assert max(hand.timeouts_s) == longest_s
    assert hold.target.session.timeouts == azfiles.Timeouts()


def test_the_time_to_live_is_the_holders_whatever_the_contenders_is():
    world = world_in("holder died")
    began_s = world.clock.time()
    acquired(world, ttl=1.0, wait_s=2 * TTL_S)
    assert world.clock.time() - began_s == pytest.approx(TTL_S)


def test_any_change_of_the_companion_is_a_sign_of_life():
    world = world_in("holder died")
    record = companion(world).get_properties().metadata
    companion(world).break_lease()
    began_s = world.clock.time()

    def disturb():
        yield from sleep(TTL_S * 0.7)
        yield from azfiles.FileClient.set_metadata.flow(companion_of(place), record)

    service = connected(world)
    place = file_of(service).target
    flows = [disturb(), file_locks.acquire(place, ttl=TTL_S, wait_s=5 * TTL_S)]
    service.runner.run(gather(flows, 2))
    assert world.clock.time() - began_s >= TTL_S * 1.7


def test_the_service_refuses_the_displaced_holder_and_the_holder_learns_that_it_is():
    world = world_in("given back")
    old = acquired(world, seed=21)
    new = acquired(world, wait_s=2 * TTL_S, seed=22)
    file = file_of(connected(world))
    with pytest.raises(azfiles.LeaseConflict) as caught:
        file.put_range(0, b"late", lease_id=old.lease_id)
    assert caught.value.status == 412
    file.put_range(0, b"good", lease_id=new.lease_id)
    assert run(world, file_locks.sign(old, 5.0)) is False
    run(world, file_locks.release(old))  # which takes nothing from the new one
    assert run(world, file_locks.sign_and_look(new, 5.0)) is True
    assert token_in(world) == new.token


@pytest.mark.parametrize("harm", ["guard broken", "companion deleted", "companion overwritten"])
def test_a_holder_survives_what_befalls_its_companion(harm):
    world = world_in("given back")
    hold = acquired(world)
    companion(world).break_lease()
    if harm == "companion deleted":
        companion(world).delete()
    world.clock.advance(0.001)
    if harm == "companion overwritten":
        companion(world).create(0, metadata=to_metadata(companions.FRESH))
    assert run(world, file_locks.sign_and_look(hold, 5.0)) is True
    metadata = companion(world).get_properties().metadata
    assert (metadata["azfiles_token"], metadata["azfiles_state"]) == (str(hold.token), "held")
    run(world, file_locks.release(hold))
    following = acquired(world)
    assert following.token > hold.token
    if harm == "companion deleted":
        assert following.token > hold.token + 1  # a new companion begins with the time it was made at


def test_a_holder_whose_companion_is_no_companion_any_more_has_lost_the_lock():
    world = world_in("given back")
    hold = acquired(world)
    companion(world).break_lease()
    companion(world).set_metadata({})
    assert run(world, file_locks.sign(hold, 5.0)) is False


@pytest.mark.parametrize("deleted_by", ["break", "delete"])
def test_a_holder_whose_file_lost_its_lease_has_lost_the_lock(deleted_by):
    world = world_in("given back")
    hold = acquired(world)
    file = file_of(connected(world))
    file.break_lease()
    if deleted_by == "delete":
        file.delete()
    assert run(world, file_locks.sign_and_look(hold, 5.0)) is False


def test_whether_the_files_lease_is_ours_that_cannot_be_asked_decides_nothing():
    world = world_in("given back")
    hold = acquired(world)
    sent = 0

    def answer(request):
        nonlocal sent
        sent += 1
        if sent == 2:
            raise azfiles.TransportError("gone", sent=True)
        return azfiles.InProcessTransport(world.simulator.handle).send(request, 10.0)

    class Line:
        def send(self, request, _timeout_s):
            return answer(request)

        def close(self):
            pass

    to = "UseDevelopmentStorage=true"
    service = azfiles.connect(to, transport=Line(), clock=world.clock, seed=1, retry=None)
    assert service.runner.run(file_locks.sign_and_look(hold, 5.0)) is True
    assert sent == 2


def test_tokens_rise_also_over_a_companion_that_was_deleted():
    world = world_in("given back")
    tokens = [token_in(world)]
    for _ in range(3):
        world.clock.advance(0.001)
        companion(world).delete()
        hold = acquired(world)
        tokens.append(hold.token)
        run(world, file_locks.release(hold))
    assert tokens == sorted(set(tokens))


class HeldUp(ByHand):
    """Carries a flow out by hand, and lets something else happen right before the request that leases the file."""

    def __init__(self, world, meanwhile):
        super().__init__(world, 0, performed=False)
        self.meanwhile = meanwhile

    def perform(self, effect):
        if isinstance(effect, Send) and self.meanwhile is not None and self._leases_the_file(effect):
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return super().perform(effect)

    def _leases_the_file(self, effect):
        return f"/{FILE}?" in effect.request.target and ("x-ms-lease-action", "acquire") in list(effect.request.headers)


def test_who_was_held_up_between_the_record_and_the_lease_does_not_take_itself_for_the_holder():
    """Meanwhile another one took over and gave back, so the file can be leased: but the record is not ours any more."""
    world = world_in("given back")
    others = []

    def meanwhile():
        hold = acquired(world, wait_s=2 * TTL_S, seed=31)
        run(world, file_locks.release(hold))
        others.append(hold)

    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hand = HeldUp(world, meanwhile)
    hold = hand.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S, wait_s=3 * TTL_S))
    assert hold.token > others[0].token
    run(world, file_locks.release(hold))
    assert file_of(connected(world)).get_properties().lease.state == "available"


def test_who_was_held_up_before_it_broke_a_dead_lease_does_not_break_its_successors():
    world = world_in("holder died")
    others = []
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hand = HeldUp(world, lambda: others.append(acquired(world, wait_s=2 * TTL_S, seed=32)))
    with pytest.raises(azfiles.LockNotAcquired):
        hand.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S, wait_s=TTL_S))
    assert run(world, file_locks.sign_and_look(others[0], 5.0)) is True


class Late(ByHand):
    """Carries a flow out by hand; the first request to lease the file is not answered, and arrives when it is told to."""

    def __init__(self, world, error):
        super().__init__(world, 0, performed=False)
        self.error = error
        self.late = None

    def perform(self, effect):
        if isinstance(effect, Send) and self.late is None and HeldUp._leases_the_file(self, effect):
            self.late = effect
            raise self.error
        return super().perform(effect)

    def arrive(self):
        return self.transport.send(self.late.request, 10.0)


@pytest.mark.parametrize(
    "error", [azfiles.TransportError("lost", sent=True), FlowCancelled()], ids=["lost", "cancelled"]
)
@pytest.mark.parametrize("retry", [azfiles.RetryPolicy(), None], ids=["retry", "no retry"])
def test_a_request_to_lease_the_file_that_comes_when_the_lock_was_given_back_locks_nobody_out(retry, error):
    """Else its lease would be nobody's, and the lock could never be had again."""
    world = world_in("given back")
    service = azfiles.connect(world.simulator.handle, clock=world.clock, retry=retry)
    hand = Late(world, error)
    with suppress(azfiles.TransportError, FlowCancelled):
        hand.drive(file_locks.release(hand.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S))))
    assert companion(world).get_properties().metadata["azfiles_state"] == "left"
    untouched = world.fork()
    assert acquired(untouched, wait_s=0.0).token == token_in(world) + 1
    assert hand.arrive().status == 201
    began_s = world.clock.time()
    with pytest.raises(azfiles.LockNotAcquired, match="late request"):
        acquired(world.fork())
    hold = acquired(world, wait_s=2 * TTL_S)
    assert world.clock.time() - began_s == pytest.approx(TTL_S)
    assert run(world, file_locks.sign_and_look(hold, 5.0)) is True


def test_who_holds_the_lock_for_longer_than_any_request_is_late_leaves_it_settled():
    world = world_in("given back")
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hand = Late(world, azfiles.TransportError("lost", sent=True))
    hold = hand.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S))
    world.clock.advance(TTL_S)
    hand.drive(file_locks.release(hold))
    assert companion(world).get_properties().metadata["azfiles_state"] == "free"
    first = Late(world, azfiles.TransportError("lost", sent=True))
    first.drive(file_locks.release(first.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S))))
    second = acquired(world)
    run(world, file_locks.release(second))  # soon after, so that the first one's request may still be on its way
    assert companion(world).get_properties().metadata["azfiles_state"] == "left"


def test_a_lease_that_came_between_looking_and_leasing_makes_the_lock_free_again():
    world = world_in("given back")
    leased = []
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    hand = HeldUp(world, lambda: leased.append(file_of(connected(world)).acquire_lease()))
    with pytest.raises(azfiles.LockNotAcquired, match="not by a lock"):
        hand.drive(file_locks.acquire(file_of(service).target, ttl=TTL_S, wait_s=3 * TTL_S))
    assert companion(world).get_properties().metadata["azfiles_state"] == "free"
    file_of(connected(world)).release_lease(leased[0].id)
    assert acquired(world, ttl=TTL_S).token


def test_of_two_that_wait_for_a_dead_holder_one_gets_the_lock_and_the_other_waits_for_it():
    world = world_in("holder died")
    order = []

    def one(number):
        def body(hold):
            order.append((number, "in", hold.token))
            yield from sleep(2 * TTL_S)
            order.append((number, "out", hold.token))

        return locked(file_of(service).target, body, ttl=TTL_S, wait_s=20 * TTL_S)

    for seed in range(50 if PROVING else 10 if THOROUGH else 2):
        order.clear()
        fork = world.fork()
        service = connected(fork, seed=seed)
        service.runner.run(gather([one(0), one(1)], 2))
        (first, _, token), (_, leaving, _), (second, _, following), _ = order
        assert {first, second} == {0, 1}
        assert leaving == "out"
        assert token < following


def test_a_holder_relies_on_less_than_a_contender_waits_and_gives_three_signs_in_that_time():
    world = world_in("given back")
    beats = []

    def body(hold):
        began_s, seen_at = world.clock.time(), hold.confirmed_s
        while world.clock.time() - began_s < 3 * TTL_S:
            yield from sleep(TTL_S / 60)
            if hold.confirmed_s != seen_at:
                beats.append(hold.confirmed_s - seen_at)
                seen_at = hold.confirmed_s
            hold.check(world.clock.time())

    service = connected(world)
    service.runner.run(locked(file_of(service).target, body, ttl=TTL_S))
    assert len(beats) >= 9
    assert all(TTL_S / 3 * 0.79 <= beat <= TTL_S / 3 + TTL_S / 20 for beat in beats)
    assert len(set(beats)) > 3  # by chance, so that many holders do not beat as one
    assert RELIED_ON < 1


def test_no_lease_id_is_in_the_companion_in_a_repr_or_in_an_error():
    world = world_in("given back")
    service = connected(world)
    hold = service.runner.run(file_locks.acquire(file_of(service).target, ttl=TTL_S))
    assert isinstance(hold, FileHold)
    secrets = {hold.lease_id, hold.guard}
    told = [repr(hold), str(companion(world).get_properties()), str(hold.lose("because")), str(service.runner.trace)]
    with pytest.raises(azfiles.LockLost) as caught:
        hold.check(0.0)
    told.append(repr(caught.value))
    assert not [text for text in told if any(secret in text for secret in secrets)]
    assert COMPANION.rpartition("/")[2] in str(service.runner.trace)


def test_what_gathers_in_these_tests_is_the_body_first():
    """Or cancelling by hand would cancel the heartbeat."""
    effects = []
    world = world_in("given back")

    class Noting(ByHand):
        def perform(self, effect):
            effects.append(effect)
            return super().perform(effect)

    def body(hold):
        effects.append("body")
        yield from sleep(0)

    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    Noting(world, 0, performed=False).drive(locked(file_of(service).target, body))
    assert isinstance(effects[effects.index("body") - 1], Gather)
