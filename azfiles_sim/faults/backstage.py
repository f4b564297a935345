"""What a fault needs of the service behind the handler: its clock, its accounts, its leases, its memory."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final, NoReturn, Protocol

from azfiles_sim.clock import Clock, ManualClock, OffsetClock
from azfiles_sim.faults.outcomes import LoseLease
from azfiles_sim.faults.recognizing import ANY_ACCOUNT, Accounts
from azfiles_sim.messages import Connection, Reply, RequestLike
from azfiles_sim.model.changes import Change, PutShare
from azfiles_sim.model.deciding import walk
from azfiles_sim.model.entities import TICKS_PER_SECOND, Breaking, Broken, Expired, File, Lease, Leased, Ticks
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.lease import age_lease
from azfiles_sim.model.nfs import put_file
from azfiles_sim.model.stamps import ticks_from_unix_ns
from azfiles_sim.model.view import View
from azfiles_sim.pipeline import Service, serve
from azfiles_sim.storage.memory import MemoryStore
from azfiles_sim.storage.store import wait_for

NEEDS_SIMULATOR: Final = "this fault happens inside the service; give the plan to the simulator: Simulator(faults=plan)"


class FaultImpossible(ValueError):
    """The fault cannot happen to what the plan was put before."""


class Telling(Protocol):
    """Any clock: seconds since 1970."""

    def time(self) -> float: ...


class Backstage(Protocol):
    """What stands behind a handler."""

    def accounts(self) -> Accounts:
        """Who could be asked for."""
        ...

    def now(self) -> Ticks: ...

    def journaled(self) -> int:
        """The number of the newest entry in the service's journal, 0 where there is none."""
        ...

    def stands_still(self) -> bool:
        """Whether the clock moves only when it is told to: then waiting is telling it."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time go by: on the clock where it can be moved, else really."""
        ...

    def handle_skewed(self, request: RequestLike, connection: Connection, seconds: float, /) -> Reply:
        """Answer a request by a clock that is off. Raises FaultImpossible, as do the next two."""
        ...

    def lose_lease(self, outcome: LoseLease, account: str, path: str, /) -> bool:
        """Take away a lease; false where there was none."""
        ...

    def forget(self) -> None:
        """Lose what is kept in memory only."""
        ...


class AnyHandler:
    """Behind a handler of which nothing is known but, perhaps, its clock."""

    def __init__(self, clock: Telling | Clock | None = None) -> None:
        self._clock: Any = clock

    def accounts(self) -> Accounts:
        return ANY_ACCOUNT

    def now(self) -> Ticks:
        if hasattr(self._clock, "now"):
            return int(self._clock.now())
        now_s = time.time() if self._clock is None else self._clock.time()
        return ticks_from_unix_ns(round(now_s * 1_000_000) * 1000)

    def journaled(self) -> int:
        return 0

    def stands_still(self) -> bool:
        return hasattr(self._clock, "advance") and not isinstance(self._clock, OffsetClock)

    def wait(self, seconds: float) -> None:
        _let_pass(self._clock, seconds)

    def handle_skewed(self, *_: object) -> NoReturn:
        raise FaultImpossible(NEEDS_SIMULATOR)

    def lose_lease(self, *_: object) -> NoReturn:
        raise FaultImpossible(NEEDS_SIMULATOR)

    def forget(self) -> NoReturn:
        raise FaultImpossible(NEEDS_SIMULATOR)


class SimulatorBackstage:
    """Behind a simulator."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._beginning = service.store.fork(), service.ids.copy()

    def accounts(self) -> View:
        return self._service.store.view()

    def now(self) -> Ticks:
        return self._service.clock.now()

    def journaled(self) -> int:
        return self._service.journal.last_number

    def stands_still(self) -> bool:
        clock = self._service.clock
        return isinstance(clock, ManualClock) or (isinstance(clock, OffsetClock) and clock.frozen)

    def wait(self, seconds: float) -> None:
        _let_pass(self._service.clock, seconds)

    def handle_skewed(self, request: RequestLike, connection: Connection, seconds: float) -> Reply:
        clock = _Skewed(self._service.clock, round(seconds * TICKS_PER_SECOND))
        return serve(replace(self._service, clock=clock), request, connection)

    def lose_lease(self, outcome: LoseLease, account: str, path: str) -> bool:
        service = self._service
        with service.lock:
            changes = _lease_lost(service.store.view(), outcome.how, account, path, service.clock.now())
            if not changes:
                return False
            service.store.apply(changes)
            pending = service.store.pending()
        wait_for(pending)
        return True

    def forget(self) -> None:
        service = self._service
        if isinstance(service.store, MemoryStore):
            with service.lock:
                store, ids = self._beginning
                service.store.restore(store)
                service.ids = ids.copy()


class _Skewed:
    """Another clock, and off by so many ticks."""

    def __init__(self, clock: Clock, ticks: Ticks) -> None:
        self._clock = clock
        self._ticks = ticks

    def now(self) -> Ticks:
        return self._clock.now() + self._ticks


def _let_pass(clock: Any, seconds: float) -> None:
    if hasattr(clock, "advance"):
        clock.advance(seconds)
    else:
        time.sleep(seconds)


def _lease_lost(view: View, how: str, account: str, path: str, now: Ticks) -> tuple[Change, ...]:
    """What it takes to end the lease of a share or of a file in it; nothing where there is none that lives."""
    name, _, rest = path.strip("/").partition("/")
    owner, share = view.account(account), view.share(account, name)
    if owner is None or share is None:
        return ()
    if not rest:
        lost = _lost(age_lease(share.lease, now), how)
        return () if lost is None else (PutShare(replace(share, lease=lost)),)
    try:
        place = walk(view, owner, share, share.tree, tuple(rest.split("/")))
    except ServiceError:
        return ()
    if not isinstance(place.node, File):
        return ()
    lost = _lost(place.node.lease, how)
    return () if lost is None else put_file(place.tree, replace(place.node, lease=lost))


def _lost(lease: Lease, how: str) -> Lease | None:
    if isinstance(lease, Leased):
        expires = how == "expired" and lease.duration_s is not None
        return Expired(lease.lease_id, lease.duration_s or 0) if expires else Broken(lease.lease_id)
    return Broken(lease.lease_id) if isinstance(lease, Breaking) else None


__all__ = ["AnyHandler", "Backstage", "FaultImpossible", "SimulatorBackstage", "Telling"]
