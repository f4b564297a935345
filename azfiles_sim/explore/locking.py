"""Steps that lock a file or a share and count under the lock, while their clients are held up, and killed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, Generic, TypeVar

from azfiles import FileClient, RetryPolicy, ShareClient
from azfiles.errors import AzureFilesError, LockLost, ServiceError, TransportError
from azfiles.flows.effects import Flow, Send, sleep
from azfiles.flows.locking.companion import companion_of
from azfiles.flows.locking.file_locks import FileHold
from azfiles.flows.locking.holding import Hold, check
from azfiles.flows.locking.share_locks import ShareHold
from azfiles.flows.locking.together import locked, locked_share
from azfiles.flows.targets import Target
from azfiles_sim.accounts import EMULATOR_ACCOUNT
from azfiles_sim.explore.checker import NUMBER_BYTES
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.checker import lock_actions as a
from azfiles_sim.explore.holding_up import Fate, Killed, Late, fated, is_break
from azfiles_sim.explore.naming import numbered
from azfiles_sim.explore.program import LOCKED, Kind, Step
from azfiles_sim.explore.watching import Watch

H = TypeVar("H", bound=Hold)

COUNT: Final = "count"
"""Where a share's metadata has its number."""
RETRY: Final = RetryPolicy(attempts=4, base_s=0.1, budget=1e9)
WAIT_S: Final = 400.0
ACCOUNT: Final = f"/{EMULATOR_ACCOUNT}/"
"""Where the paths of the shares begin."""
LAST_CLIENT: Final = 0
"""Who gets each lock at the end, which nothing keeps it from."""


class Stale(Exception):
    """A token that is older than one that was shown before."""


@dataclass(slots=True)
class Vault:
    """Something beside the service that is only to be changed under a lock: it knows the newest token that anybody
    showed, be it only to read, and refuses older ones.
    """

    newest: int = 0
    number: int = 0

    def admit(self, token: int) -> None:
        if token < self.newest:
            raise Stale
        self.newest = token

    def read(self, token: int) -> int:
        self.admit(token)
        return self.number

    def write(self, token: int, number: int) -> None:
        self.admit(token)
        self.number = number


@dataclass(slots=True)
class Yard:
    """What all clients of a run share: the things that the locks guard, and requests that come late."""

    vaults: dict[str, Vault] = field(default_factory=dict[str, Vault])
    late: Late = field(default_factory=Late)


class Locks:
    """One client's locks, and what it writes down of them."""

    def __init__(
        self, client: int, service: Target, watch: Watch, history: list[h.Entry], yard: Yard, seed: int
    ) -> None:
        self.client = client
        self._service = replace(service, session=replace(service.session, retry=RETRY))
        self._watch = watch
        self._history = history
        self._yard = yard
        self._seed = seed
        self._late = 0

    def do(self, step: Step) -> Flow[None]:
        """Carry out one step. Its requests have names of their own, whatever runs beside it."""
        ids = (f"{self.client:08d}-{step.number:04d}-4000-8000-{number:012d}" for number in count(1))
        if step.kind in {Kind.READ_COUNT, Kind.READ_SHARE_COUNT}:
            look = self._look if step.kind is Kind.READ_COUNT else self._look_at_share
            yield from numbered(look(step), ids)
            return
        pause_s = None if step.kind in {Kind.LOCK_AND_DIE, Kind.LOCK_SHARE_AND_DIE} else step.pause_s
        fate = Fate(
            self._seed,
            self._yard.late,
            self._tell_late,
            step.offset,
            pause_s,
            armed=not step.replace,
            busy=self.client != LAST_CLIENT,
        )
        match step.kind:
            case Kind.DROP_COMPANION:
                flow = self._drop(step)
            case Kind.BREAK_SHARE_LOCK:
                flow = self._break_share(step)
            case Kind.LOCK_SHARE | Kind.LOCK_SHARE_AND_DIE:
                flow = _ShareVisit(self, step, fate).flow()
            case _:
                flow = _FileVisit(self, step, fate).flow()
        yield from numbered(flow, ids)

    def _drop(self, step: Step) -> Flow[None]:
        """Delete the companion, as somebody might who does not know what it is for."""
        companion = companion_of(self.target(step.place))
        began = self._watch.tick()
        outcome: h.Outcome = h.Done(h.Told())
        with suppress(ServiceError, TransportError):  # it may have none
            yield from FileClient.break_lease.flow(companion)
        try:
            yield from FileClient.delete.flow(companion)
        except (ServiceError, TransportError) as error:
            outcome = _outcome(error)
        if not isinstance(outcome, h.Refused):
            self.note(f"{step.number}.1", a.DropCompanion(step.place), began, outcome)

    def _break_share(self, step: Step) -> Flow[None]:
        """End the share's lease, as anybody may who may write there."""
        began = self._watch.tick()
        period_s = None if step.seconds is None else int(step.seconds)
        outcome: h.Outcome = h.Done(h.Told())
        try:
            yield from ShareClient.break_lease.flow(self.share(step.place), period_s=period_s)
        except (ServiceError, TransportError) as error:
            outcome = _outcome(error)
        self.note(f"{step.number}.1", a.BreakShareLock(step.place, at_once=period_s == 0), began, outcome)

    def _look(self, step: Step) -> Flow[None]:
        began = self._watch.tick()
        content = (yield from FileClient.get.flow(self.target(step.place))).content
        self.note(f"{step.number}.1", a.ReadCount(step.place), began, h.Done(h.Told(value=_number(content))))
        kept = self.vault(step.place).number
        self.note(f"{step.number}.2", a.ReadCount(_vault(step.place)), began, h.Done(h.Told(value=kept)))

    def _look_at_share(self, step: Step) -> Flow[None]:
        began = self._watch.tick()
        number = yield from self.share_count(self.share(step.place))
        self.note(f"{step.number}.1", a.ReadCount(_metadata(step.place)), began, h.Done(h.Told(value=number)))

    def share_count(self, share: Target, lease_id: str | None = None) -> Flow[int]:
        """The number in a share's metadata."""
        found = yield from ShareClient.get_properties.flow(share, lease_id=lease_id)
        return int(found.metadata.get(COUNT, "0"))

    def note(
        self, name: str, action: a.LockAction, began: int, outcome: h.Outcome, *, completed: int | None = None
    ) -> None:
        """Write down what was done since ``began``, and what came of it. Without an answer it may yet happen."""
        end = None if isinstance(outcome, h.Unknown) else completed or self._watch.tick()
        self._history.append(h.Entry(self.client, f"{self.client}.{name}", action, began, end, outcome))

    def _tell_late(self, effect: Send) -> None:
        """Write down what may cost another client its lock. That of a guard costs nobody anything, so nobody is told."""
        place = effect.request.target.partition("?")[0].partition(ACCOUNT)[2]
        if is_break(effect) and place in LOCKED:
            self._late += 1
            self.note(f"late.{self._late}", a.LateBreak(place), self._watch.tick(), h.Done(h.Told()))

    def tick(self) -> int:
        return self._watch.tick()

    def vault(self, place: str) -> Vault:
        return self._yard.vaults.setdefault(_vault(place), Vault())

    def share(self, name: str) -> Target:
        return replace(self._service, share=name)

    def target(self, place: str) -> Target:
        share, _, path = place.partition("/")
        return replace(self._service, share=share, path=(path,))


class _Visit(ABC, Generic[H]):
    """One try to get a lock, and what is done under it. It writes without asking whether it still may: that it must not be
    able to is the claim.
    """

    def __init__(self, locks: Locks, step: Step, fate: Fate) -> None:
        self._locks = locks
        self._step = step
        self._fate = fate
        self._place = step.place
        self._hold: H | None = None
        self._got_it = False
        self._began = 0
        self._lost_at: int | None = None
        self._noted = 0

    @abstractmethod
    def locked(self) -> Flow[None]:
        """Hold the lock and do ``body``."""

    @abstractmethod
    def took(self) -> a.LockAction: ...

    @abstractmethod
    def kept(self, hold: H, *, steady: bool) -> a.LockAction: ...

    @abstractmethod
    def checked(self, hold: H) -> a.LockAction: ...

    @abstractmethod
    def work(self, hold: H, seconds: float) -> Flow[None]:
        """What is done under the lock, twice for so many seconds."""

    def flow(self) -> Flow[None]:
        self._began = began = self._locks.tick()
        try:
            yield from fated(self.locked(), self._fate)
        except Killed:
            self._end()
        except LockLost:
            pass  # the body came to its end all the same
        except AzureFilesError as error:
            if not self._got_it:
                self.note(self.took(), began, _outcome(error))

    def body(self, hold: H) -> Flow[None]:
        self._hold, self._got_it, self._fate.armed = hold, True, True
        self.note(self.took(), self._began, h.Done(h.Told(value=hold.token)))
        self._began = self._locks.tick()
        hold.listeners.append(self._lose)
        try:
            yield from self.work(hold, (self._step.seconds or 0.0) / 2)
        finally:
            if not self._fate.killed:
                self._end()

    def _lose(self, _lost: LockLost) -> None:
        self._lost_at = self._locks.tick()

    def _end(self) -> None:
        """From here on the client does nothing under the lock any more."""
        hold, self._hold = self._hold, None
        if hold is not None:
            kept = self.kept(hold, steady=not self._fate.befell)
            self.note(kept, self._began, h.Done(h.Told()), completed=self._lost_at)

    def check(self, hold: H) -> Flow[None]:
        began = self._locks.tick()
        outcome: h.Outcome = h.Done(h.Told())
        try:
            yield from check(hold)
        except LockLost:
            outcome = h.Refused("LockLost")
        self.note(self.checked(hold), began, outcome)

    def count(self, action: a.Count, read: Flow[int], write: Callable[[int], Flow[object]]) -> Flow[None]:
        """Add one to a number that the service guards."""
        began = self._locks.tick()
        outcome: h.Outcome = h.Refused("nothing was read")
        try:
            number = (yield from read) + 1
            outcome = h.Unknown()
            yield from write(number)
            outcome = h.Done(h.Told(value=number))
        except AzureFilesError as error:
            outcome = _outcome(error) if isinstance(outcome, h.Unknown) else outcome
        finally:  # also where the client is killed at it
            self.note(action, began, outcome)

    def note(self, action: a.LockAction, began: int, outcome: h.Outcome, *, completed: int | None = None) -> None:
        self._noted += 1
        self._locks.note(f"{self._step.number}.{self._noted}", action, began, outcome, completed=completed)


class _FileVisit(_Visit[FileHold]):
    """Of a file's lock. What it guards is a number in the file, and one in something else."""

    def locked(self) -> Flow[None]:
        target, owner = self._locks.target(self._place), f"client {self._locks.client}"
        return (yield from locked(target, self.body, ttl=self._step.length, wait_s=WAIT_S, owner=owner))

    def took(self) -> a.LockAction:
        return a.TakeLock(self._place)

    def kept(self, hold: FileHold, *, steady: bool) -> a.LockAction:
        return a.KeepLock(self._place, hold.token or 0, steady, hold.lost is not None)

    def checked(self, hold: FileHold) -> a.LockAction:
        return a.CheckLock(self._place, hold.token or 0)

    def work(self, hold: FileHold, seconds: float) -> Flow[None]:
        token = hold.token or 0
        yield from self.check(hold)
        yield from sleep(seconds)
        yield from self._count_in_file(hold, token)
        yield from self.check(hold)
        yield from self._count_in_vault(token, seconds)
        yield from self.check(hold)

    def _count_in_file(self, hold: FileHold, token: int) -> Flow[None]:
        def read() -> Flow[int]:
            return _number((yield from FileClient.get.flow(hold.target, lease_id=hold.lease_id)).content)

        def write(number: int) -> Flow[object]:
            data = number.to_bytes(NUMBER_BYTES, "big")
            return (yield from FileClient.put_range.flow(hold.target, 0, data, lease_id=hold.lease_id))

        yield from self.count(a.Count(self._place, self._place, token), read(), write)

    def _count_in_vault(self, token: int, seconds: float) -> Flow[None]:
        began, action = self._locks.tick(), a.Count(_vault(self._place), self._place, token)
        vault = self._locks.vault(self._place)
        outcome: h.Outcome
        try:
            number = vault.read(token) + 1
            yield from sleep(seconds)
            vault.write(token, number)
            outcome = h.Done(h.Told(value=number))
        except Stale:
            outcome = h.Refused("Stale")
        self.note(action, began, outcome)


class _ShareVisit(_Visit[ShareHold]):
    """Of a share's lock. What it guards is a number in the share's metadata."""

    @property
    def _name(self) -> str:
        return f"{self._locks.client}.{self._step.number}"

    def locked(self) -> Flow[None]:
        target = self._locks.share(self._place)
        return (yield from locked_share(target, self.body, duration_s=self._step.length, wait_s=WAIT_S))

    def took(self) -> a.LockAction:
        return a.TakeShareLock(self._place, self._name)

    def kept(self, hold: ShareHold, *, steady: bool) -> a.LockAction:
        return a.KeepShareLock(self._place, self._name, steady, hold.lost is not None)

    def checked(self, hold: ShareHold) -> a.LockAction:  # noqa: ARG002 - it has no token
        return a.CheckShareLock(self._place, self._name)

    def work(self, hold: ShareHold, seconds: float) -> Flow[None]:
        def write(number: int) -> Flow[object]:
            metadata = {COUNT: str(number)}
            return (yield from ShareClient.set_metadata.flow(hold.target, metadata, lease_id=hold.lease_id))

        yield from self.check(hold)
        yield from sleep(seconds)
        read = self._locks.share_count(hold.target, hold.lease_id)
        yield from self.count(a.Count(_metadata(self._place), self._place), read, write)
        yield from self.check(hold)
        yield from sleep(seconds)
        yield from self.check(hold)


def _vault(place: str) -> str:
    return f"vault of {place}"


def _metadata(share: str) -> str:
    return f"metadata of {share}"


def _number(content: bytes | memoryview) -> int:
    return int.from_bytes(bytes(content)[:NUMBER_BYTES], "big")


def _outcome(error: AzureFilesError) -> h.Outcome:
    code = error.code if isinstance(error, ServiceError) else type(error).__name__
    return h.Unknown() if error.may_have_acted else h.Refused(code)


__all__ = ["Locks", "Stale", "Vault", "Yard"]
