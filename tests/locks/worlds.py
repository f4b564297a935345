"""A share with a file to lock, in each state that a contender may find its lock in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import azfiles
from azfiles.flows.effects import Flow
from azfiles.flows.locking import file_locks
from azfiles.flows.locking.companion import companion_of
from azfiles.flows.locking.file_locks import FileHold
from azfiles_sim import ManualClock, Simulator
from tests.flows.worlds import World

TTL_S = 6.0
SHARE, FILE, COMPANION = "data", "d/f", "d/.f.azfiles-lock"


def connected(world: World, handle: Any = None, *, retry: Any = None, seed: int = 5) -> azfiles.ServiceClient:
    """A client whose runs are repeated by their seed, without retries unless they are asked for."""
    handle = handle or world.simulator.handle
    return azfiles.connect(handle, clock=world.clock, seed=seed, retry=retry, circuit=None)


def file_of(service: azfiles.ServiceClient) -> azfiles.FileClient:
    return service.share(SHARE).file(FILE)


def companion(world: World) -> azfiles.FileClient:
    return connected(world).share(SHARE).file(COMPANION)


def acquired(world: World, *, ttl: float = TTL_S, wait_s: float = 0.0, seed: int = 9) -> FileHold:
    """A holder that nobody keeps alive: one that has died, unless a test lets it do something more."""
    service = connected(world, seed=seed)
    return service.runner.run(file_locks.acquire(file_of(service).target, ttl=ttl, wait_s=wait_s, owner="the dead"))


def run(world: World, flow: Flow[Any], seed: int = 11) -> Any:
    return connected(world, seed=seed).runner.run(flow)


@cache
def _unlocked() -> World:
    clock = ManualClock()
    simulator = Simulator(clock=clock)
    share = azfiles.connect(simulator.handle, clock=clock).share(SHARE)
    share.create()
    share.directory("d").create()
    share.file(FILE).create(8)
    clock.advance(100)
    return World(simulator, {})


def _used() -> World:
    world = _unlocked().fork()
    run(world, file_locks.release(acquired(world)))
    return world


def _held() -> World:
    world = _unlocked().fork()
    acquired(world)
    return world


def _died_before_leasing() -> World:
    world = _held()
    file_of(connected(world)).break_lease()
    return world


def _guard_forgotten() -> World:
    world = _used()
    companion(world).acquire_lease()
    return world


def _without_guard() -> World:
    world = _held()
    companion(world).break_lease()
    return world


def _fresh() -> World:
    world = _unlocked().fork()
    from azfiles.flows.locking.companion import create

    run(world, create(companion_of(file_of(connected(world)).target)))
    return world


STATES: dict[str, Callable[[], World]] = {
    "never locked": _unlocked,
    "given back": _used,
    "companion just made": _fresh,
    "holder died": _held,
    "holder died before it leased the file": _died_before_leasing,
    "holder died, guard broken": _without_guard,
    "contender died with the guard": _guard_forgotten,
}
DEAD = {name for name in STATES if "died" in name}


@cache
def _made(state: str) -> World:
    return STATES[state]()


def world_in(state: str) -> World:
    """A world of one's own in this state."""
    return _made(state).fork()


def token_in(world: World) -> int:
    """The newest token that the companion has given out."""
    try:
        return int(companion(world).get_properties().metadata["azfiles_token"])
    except azfiles.NotFound:
        return 0


__all__ = [
    "COMPANION",
    "DEAD",
    "FILE",
    "SHARE",
    "STATES",
    "TTL_S",
    "acquired",
    "companion",
    "connected",
    "file_of",
    "run",
    "token_in",
    "world_in",
]
