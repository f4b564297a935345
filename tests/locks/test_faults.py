"""Locks under every fault at each of their requests: they end well, or in a typed error; and the lock can be had again."""

from __future__ import annotations

from itertools import combinations, product

import pytest

import azfiles
from azfiles.flows.effects import Gather, Send, sleep
from azfiles.flows.locking import file_locks
from azfiles.flows.locking.together import locked
from azfiles.runners.answers import FlowCancelled
from tests.flows.test_lost_replies import FAULTS, Trouble
from tests.locks.by_hand import ByHand
from tests.locks.worlds import DEAD, STATES, TTL_S, acquired, companion, connected, file_of, run, token_in, world_in
from tests.proof import PROVING, THOROUGH

FAILURES = [name for name in FAULTS if name != "none"]
DOUBTFUL = ["request lost", "reply lost", "500 after all"]
SLACK_S = 4.0


STEP = 1 if PROVING else 5 if THOROUGH else 13
"""Of all places where something may go wrong every so many-th is tried."""


def work(world, tokens, *, deleting=True):
    """What is done under the lock: a write with the lease, some heartbeats, and trouble with the companion."""

    def body(hold):
        tokens.append(hold.token)
        with pytest.raises(azfiles.LockNotAcquired):
            acquired(world, seed=77)  # another one, over a line without faults
        yield from azfiles.FileClient.put_range.flow(hold.target, 0, b"first...", lease_id=hold.lease_id)
        yield from sleep(TTL_S * 0.5)
        companion(world).break_lease()
        yield from sleep(TTL_S * 0.5)
        companion(world).break_lease()
        if deleting:
            companion(world).delete()
        yield from sleep(TTL_S * 0.5)
        yield from azfiles.FileClient.put_range.flow(hold.target, 0, b"last....", lease_id=hold.lease_id)

    return body


def carry_out(state, faults=(), retry=None, *, deleting=True):
    """What came of locking under these faults, the world after it, how many requests it took, and the token."""
    world = world_in(state)
    trouble = Trouble(world, faults)
    tokens = []
    with connected(world, trouble.handle, retry=retry) as service:
        flow = locked(
            file_of(service).target, work(world, tokens, deleting=deleting), ttl=TTL_S, wait_s=2 * TTL_S, owner="tested"
        )
        try:
            result = service.runner.run(flow)
        except azfiles.AzureFilesError as error:
            result = error
    return result, world, trouble.requests, tokens


def assert_usable(world, newest, *, at_once):
    """Another one gets the lock, at the latest when it has watched for a full time to live, and it works."""
    began_s = world.clock.time()
    hold = acquired(world, ttl=1.0, wait_s=2 * TTL_S, seed=123)
    waited_s = world.clock.time() - began_s
    assert waited_s <= (0 if at_once else TTL_S + SLACK_S), waited_s
    assert hold.token > newest
    file = file_of(connected(world))
    file.put_range(0, b"anew....", lease_id=hold.lease_id)
    run(world, file_locks.release(hold))
    assert hold.released
    assert file.get_properties().lease.state == "available"
    assert companion(world).get_properties().metadata["azfiles_state"] in {"free", "left"}


@pytest.mark.parametrize("state", STATES)
def test_without_faults_every_state_comes_to_a_lock_that_is_given_back(state):
    result, world, requests, tokens = carry_out(state)
    assert result is None
    assert tokens[0] > token_in(world_in(state))
    assert requests > 15
    assert_usable(world, tokens[0], at_once=True)


def places_and_faults(requests):
    """Which requests meet which faults."""
    kinds = FAILURES if THOROUGH else DOUBTFUL[:2]
    for depth, step in [(1, STEP), *([(2, 4)] if PROVING else [])]:
        for places, met in product(combinations(range(0, requests, step), depth), product(kinds, repeat=depth)):
            faults = ["none"] * (max(places) + 1)
            for place, kind in zip(places, met, strict=True):
                faults[place] = kind
            yield faults


CHOSEN = STATES if PROVING else ["never locked", "holder died"] if THOROUGH else ["holder died"]


@pytest.mark.parametrize("state", CHOSEN)
def test_with_retries_a_fault_at_any_request_changes_nothing(state, record_property):
    _, _, requests, _ = carry_out(state, retry=azfiles.RetryPolicy())
    runs = 0
    for faults in places_and_faults(requests):
        result, world, _, tokens = carry_out(state, faults, retry=azfiles.RetryPolicy())
        assert result is None, f"{faults}: {result!r}"
        assert_usable(world, tokens[0], at_once=False)
        runs += 1
    assert runs >= 2 * requests // STEP
    record_property("runs", runs)


@pytest.mark.parametrize("state", CHOSEN)
def test_without_retries_a_fault_at_any_request_ends_well_or_in_a_typed_error_and_the_lock_is_usable(state):
    _, _, requests, _ = carry_out(state)
    ended_well = runs = 0
    for faults in places_and_faults(requests):
        result, world, _, tokens = carry_out(state, faults)
        ended_well, runs = ended_well + (result is None), runs + 1
        if result is not None:
            assert isinstance(result, (azfiles.TransportError, azfiles.ServerFault, azfiles.Throttled)), faults
        newest = max([token_in(world), *tokens])
        assert_usable(world, newest, at_once=False)
    assert ended_well > runs / 5  # those that only delay do, and those that come after the last request that matters


@pytest.mark.parametrize("kind", FAILURES if THOROUGH else ["reply lost"])
@pytest.mark.parametrize("state", CHOSEN)
def test_a_service_that_is_gone_from_any_request_on_costs_the_lock_and_the_next_one_gets_it(state, kind):
    _, _, requests, _ = carry_out(state, deleting=False)
    lost = 0
    for place in range(0, requests, STEP):
        result, world, _, tokens = carry_out(state, ["none"] * place + [kind] * 2000, deleting=False)
        assert result is None or isinstance(result, azfiles.AzureFilesError), place
        if result is not None and tokens:
            lost += isinstance(result, azfiles.LockLost) or any(
                "was lost" in n for n in getattr(result, "__notes__", ())
            )
        assert_usable(world, max([token_in(world), *tokens]), at_once=False)
    assert lost or kind == "500 after all" or not THOROUGH


@pytest.mark.parametrize("performed", [True, False] if THOROUGH else [True])
@pytest.mark.parametrize("state", CHOSEN)
def test_whoever_is_cancelled_gives_back_all_that_was_taken(state, performed):
    def body(hold):
        yield from azfiles.FileClient.put_range.flow(hold.target, 0, b"x", lease_id=hold.lease_id)

    cancelled, place = 0, 1 - STEP
    while place == 1 - STEP or place == 1 + (cancelled - 1) * STEP:
        place += STEP
        world = world_in(state)
        target = file_of(azfiles.connect(world.simulator.handle, clock=world.clock)).target
        try:
            ByHand(world, place, performed=performed).drive(locked(target, body, ttl=TTL_S, wait_s=2 * TTL_S))
        except FlowCancelled:
            cancelled += 1
        # A contender that is cancelled before it has broken a dead holder's lease leaves it, and the record says so.
        lease = file_of(connected(world)).get_properties().lease.state
        free = token_in(world) == 0 or companion(world).get_properties().metadata["azfiles_state"] in {"free", "left"}
        assert lease != "leased" or (state in DEAD and not free), place
        assert_usable(world, token_in(world), at_once=free and state != "contender died with the guard")
    assert cancelled > 8 / STEP


@pytest.mark.parametrize("state", ["never locked", "holder died"])
def test_a_flow_that_is_closed_performs_nothing_more(state):
    def body(_hold):
        yield from sleep(1)

    world = world_in(state)
    for place in range(1, 14):
        hand = ByHand(world_in(state), 10**9, performed=False)
        target = file_of(azfiles.connect(world.simulator.handle, clock=world.clock)).target
        flow = locked(target, body, ttl=TTL_S, wait_s=2 * TTL_S)
        effect = flow.send(None)
        while hand.sent < place:
            if isinstance(effect, Gather):
                break
            effect = flow.send(hand.perform(effect)) if not isinstance(effect, Send) else _told(flow, hand, effect)
        flow.close()
        assert flow.gi_frame is None


def _told(flow, hand, effect):
    return flow.send(hand.perform(effect))
