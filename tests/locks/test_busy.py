"""A service that is too busy, and asks to wait for nearly as long as a lock may be silent: its holder keeps the lock."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.flows.effects import Gather, Send, Sleep, gather, sleep, through
from azfiles.flows.locking import file_locks, holding, share_locks
from azfiles_sim.faults import Refuse, Rule, Script
from tests.locks.worlds import COMPANION, SHARE, TTL_S, connected, file_of, world_in

EACH_S = 0.3
"""How long a request takes."""


def slowly(flow):
    """The flow over a line on which requests take their time."""

    def perform(effect):
        if isinstance(effect, Gather):
            effect = Gather([slowly(branch) for branch in effect.flows], effect.limit)
        if isinstance(effect, Send):
            yield Sleep(EACH_S)
        return (yield effect)

    return through(flow, perform)


def is_kept(seed, acquiring, heartbeat, *rules):
    """Whether a lock is held for long: ``check`` says so all the time."""
    world = world_in("given back")
    service = connected(world, retry=azfiles.RetryPolicy(), seed=seed)
    hold = service.runner.run(slowly(acquiring(service)))
    world.simulator.faults.plan = Script(rules)
    return is_kept_on(world, service, hold, heartbeat)


def is_kept_on(world, service, hold, heartbeat):
    """Whether a lock that is held is kept under the faults that are in force."""

    def body():
        for _ in range(100):
            yield from sleep(hold.lasts_s / 40)
            yield from holding.check(hold)
        hold.lose("the test is over")

    service.runner.run(gather([slowly(heartbeat(hold)), body()], 2))
    assert len(world.simulator.faults.diary) == sum(len(rule.nth) for rule in world.simulator.faults.plan.rules)
    return True


@pytest.mark.parametrize("seed", range(3))
def test_a_sign_of_life_that_is_put_off_is_not_left_until_it_is_nearly_too_late(seed):
    busy = Refuse("ServerBusy", retry_after_s=int(TTL_S / 2))
    rule = Rule(busy, operations=("Set File Metadata",), path=f"{SHARE}/{COMPANION}", nth=(2, 3))
    assert is_kept(seed, lambda one: file_locks.acquire(file_of(one).target, ttl=TTL_S), file_locks.heartbeat, rule)


@pytest.mark.parametrize("again_s", [14, 11])
def test_a_shares_lock_that_was_long_in_coming_is_not_lost_as_soon_as_it_is_had(again_s):
    """Its time counts from before its first try, which may be the one that was carried out."""
    rule = Rule(Refuse("ServerBusy", retry_after_s=again_s), operations=("Lease Share (acquire)",), nth=(1,))
    world = world_in("given back")
    service = connected(world, retry=azfiles.RetryPolicy())
    world.simulator.faults.plan = Script([rule])
    hold = service.runner.run(slowly(share_locks.acquire(service.share(SHARE).target, duration_s=15)))
    assert hold.left_s(world.clock.time()) > 13
    assert is_kept_on(world, service, hold, share_locks.heartbeat)


@pytest.mark.parametrize("seed", range(3))
def test_neither_is_the_renewal_of_a_shares_lock(seed):
    rule = Rule(Refuse("ServerBusy", retry_after_s=3), operations=("Lease Share (renew)",), nth=(2, 3, 4))
    assert is_kept(
        seed, lambda one: share_locks.acquire(one.share(SHARE).target, duration_s=15), share_locks.heartbeat, rule
    )
