"""Clients at work: each step of a program as a flow, and what came of it as entries of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from azfiles import DirectoryClient, FileClient, ShareClient
from azfiles.errors import ServiceError, TransportError
from azfiles.flows.effects import Flow, sleep
from azfiles.flows.targets import Target
from azfiles_sim.explore.answers import (
    tell_content,
    tell_etag,
    tell_lease,
    tell_lease_id,
    tell_names,
    tell_nothing,
    tell_properties,
    tell_ranges,
    tell_snapshot,
    tell_state,
    tell_time,
)
from azfiles_sim.explore.checker import NUMBER_BYTES
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.locking import Locks, Yard
from azfiles_sim.explore.naming import named
from azfiles_sim.explore.program import Client, Kind, Lease, Step
from azfiles_sim.explore.swapping import Swaps
from azfiles_sim.explore.watching import Watch

T = TypeVar("T")

WRONG_ID: Final = "ffffffff-0000-4000-8000-00000000dead"
TRIES: Final = 8
PAUSE_S: Final = 0.01


@dataclass(slots=True)
class Board:
    """What the clients of a run share: the history that they write, the newest snapshot that one knows of each share, and
    what their locks guard.
    """

    history: list[h.Entry] = field(default_factory=list[h.Entry])
    snapshots: dict[str, str] = field(default_factory=dict[str, str])
    yard: Yard = field(default_factory=Yard)


class Worker:
    """One client: what it does next may depend on what it was told, so it remembers the leases that it believes in."""

    def __init__(self, client: Client, service: Target, watch: Watch, board: Board, seed: int = 0) -> None:
        self._client = client
        self._service = service
        self._watch = watch
        self._board = board
        self._held: dict[str, str] = {}
        self._swaps = Swaps(client.number, service, watch, board.history)
        self._locks = Locks(client.number, service, watch, board.history, board.yard, seed)
        self._step = 0
        self._requests = 0

    def work(self) -> Flow[None]:
        """Do all the steps."""
        for step in self._client.steps:
            self._step, self._requests = step.number, 0
            yield from self._do(step)

    def _do(self, step: Step) -> Flow[object]:
        match step.kind:
            case Kind.SLEEP:
                yield from sleep(step.seconds or 0.0)
                return None
            case Kind.INCREMENT:
                return (yield from self._increment(step.place))
            case Kind.READ | Kind.LOOK | Kind.LIST_RANGES:
                return (yield from self._read(step))
            case Kind.LIST_FILES:
                root = replace(self._service, share=step.place)
                listing = DirectoryClient.list_page.flow(root)
                return (yield from self._ask(h.ListFiles(step.place), listing, tell_names))
            case Kind.ACQUIRE | Kind.CHANGE | Kind.RELEASE | Kind.BREAK:
                return (yield from self._lease_file(step))
            case Kind.SNAPSHOT | Kind.READ_SNAPSHOT:
                return (yield from self._snapshot(step))
            case (
                Kind.ACQUIRE_SHARE
                | Kind.RENEW_SHARE
                | Kind.CHANGE_SHARE
                | Kind.RELEASE_SHARE
                | Kind.BREAK_SHARE
                | Kind.LOOK_SHARE
            ):
                return (yield from self._lease_share(step))
            case Kind.UPDATE | Kind.WRITE_IF | Kind.CREATE_NEW | Kind.READ_WHOLE | Kind.BREAK_REGISTER:
                return (yield from self._swaps.do(step))
            case (
                Kind.LOCK
                | Kind.LOCK_AND_DIE
                | Kind.DROP_COMPANION
                | Kind.READ_COUNT
                | Kind.LOCK_SHARE
                | Kind.LOCK_SHARE_AND_DIE
                | Kind.BREAK_SHARE_LOCK
                | Kind.READ_SHARE_COUNT
            ):
                yield from self._locks.do(step)
                return None
            case _:
                return (yield from self._write(step))

    # --- single requests ---------------------------------------------------------------------------------------

    def _ask(self, action: h.Action, flow: Flow[T], tell: Callable[[T], h.Told]) -> Flow[h.Outcome]:
        """Carry out one request and write down what was asked, when, and what came of it."""
        self._requests += 1
        name = f"{self._client.number}.{self._step}.{self._requests}"
        outcome: h.Outcome
        try:
            result = yield from named(flow, name)
        except ServiceError as refusal:
            outcome = h.Refused(refusal.code or str(refusal.status))
        except TransportError:
            outcome = h.Unknown()
        else:
            outcome = h.Done(tell(result))
        window = self._watch.window(name)
        self._board.history.append(
            h.Entry(self._client.number, name, action, window.invoked, window.completed, outcome, window.at)
        )
        return outcome

    def _write(self, step: Step) -> Flow[object]:
        place, to = step.place, self._target(step.place)
        lease = self._lease_of(step)
        label = f"{self._client.number}-{step.number}"
        action: h.Action
        flow: Flow[Any]
        tell: Callable[[Any], h.Told] = tell_etag
        match step.kind:
            case Kind.CREATE:
                action = h.Create(place, step.length, (("made", label),), lease)
                flow = FileClient.create.flow(to, step.length, metadata=dict(action.metadata), lease_id=lease)
            case Kind.DELETE:
                action, tell = h.Delete(place, lease), tell_nothing
                flow = FileClient.delete.flow(to, lease_id=lease)
            case Kind.RENAME:
                return (yield from self._rename(step, lease))
            case Kind.COPY:
                place, lease = step.to, self._held.get(step.to)
                action = h.Copy(place, step.place, lease)
                flow = FileClient.start_copy.flow(self._target(place), to.url, lease_id=lease)
            case Kind.PUT:
                data = f"<{label}>".ljust(8).encode() * (step.length // 8 + 1)
                action = h.Put(place, step.offset, data[: step.length], lease)
                flow = FileClient.put_range.flow(to, step.offset, action.data, lease_id=lease)
            case Kind.CLEAR:
                action = h.Clear(place, step.offset, step.length, lease)
                flow = FileClient.clear_range.flow(to, step.offset, step.length, lease_id=lease)
            case Kind.RESIZE:
                action = h.Resize(place, step.length, lease)
                flow = FileClient.resize.flow(to, step.length, lease_id=lease)
            case Kind.LABEL:
                action = h.SetMetadata(place, (("label", label),), lease)
                flow = FileClient.set_metadata.flow(to, dict(action.metadata), lease_id=lease)
            case _:
                raise TypeError(f"no write: {step.kind}")
        outcome = yield from self._ask(action, flow, tell)
        if _lost_lease(outcome) or (isinstance(outcome, h.Done) and step.kind is Kind.DELETE):
            self._held.pop(place, None)
        return outcome

    def _rename(self, step: Step, lease: str | None) -> Flow[object]:
        there = self._held.get(step.to)
        action = h.Rename(step.place, step.to, step.replace, lease, there)
        flow = FileClient.rename.flow(
            self._target(step.place),
            step.to.partition("/")[2],
            replace=step.replace,
            source_lease_id=lease,
            destination_lease_id=there,
        )
        outcome = yield from self._ask(action, flow, tell_etag)
        if isinstance(outcome, h.Done):
            self._held.pop(step.to, None)
            if lease is not None:
                self._held[step.to] = self._held.pop(step.place, lease)
        elif _lost_lease(outcome):
            self._held.pop(step.place, None)
            self._held.pop(step.to, None)
        return outcome

    def _read(self, step: Step) -> Flow[object]:
        target, lease = self._target(step.place), self._lease_of(step)
        if step.kind is Kind.LOOK:
            looked = FileClient.get_properties.flow(target, lease_id=lease)
            return (yield from self._ask(h.Read(step.place, lease=lease), looked, tell_properties))
        if step.kind is Kind.LIST_RANGES:
            listing = FileClient.list_ranges.flow(target, lease_id=lease)
            return (yield from self._ask(h.ListRanges(step.place, lease), listing, tell_ranges))
        if not step.length:
            return (yield from self._get(step.place, lease))
        action = h.Read(step.place, step.offset, step.length, lease)
        flow = FileClient.get_range.flow(target, step.offset, step.length, lease_id=lease)
        return (yield from self._ask(action, flow, tell_content))

    def _get(self, place: str, lease: str | None, snapshot: str | None = None) -> Flow[h.Outcome]:
        flow = FileClient.get.flow(replace(self._target(place), snapshot=snapshot), lease_id=lease)
        return (yield from self._ask(h.Read(place, lease=lease, snapshot=snapshot), flow, tell_content))

    def _lease_file(self, step: Step) -> Flow[object]:
        place, target = step.place, self._target(step.place)
        held = self._lease_of(step)
        match step.kind:
            case Kind.ACQUIRE:
                wanted = self._held_or_own(step)
                flow = FileClient.acquire_lease.flow(target, proposed_id=wanted)
                outcome = yield from self._ask(h.Acquire(place, wanted), flow, tell_lease)
                self._believe(place, wanted, outcome)
            case Kind.CHANGE:
                given, wanted = held or WRONG_ID, self._own_id()
                changing = FileClient.change_lease.flow(target, given, wanted)
                outcome = yield from self._ask(h.Change(place, given, wanted), changing, tell_lease)
                self._believe(place, wanted, outcome)
            case Kind.RELEASE:
                given = held or WRONG_ID
                releasing = FileClient.release_lease.flow(target, given)
                outcome = yield from self._ask(h.Release(place, given), releasing, tell_etag)
                self._held.pop(place, None)
            case _:
                breaking = FileClient.break_lease.flow(target)
                outcome = yield from self._ask(h.Break(place), breaking, tell_etag)
        return outcome

    def _lease_share(self, step: Step) -> Flow[object]:
        share, target = step.place, replace(self._service, share=step.place)
        held = self._lease_of(step)
        given, wanted = held or WRONG_ID, self._own_id()
        match step.kind:
            case Kind.ACQUIRE_SHARE:
                seconds = None if step.seconds is None else int(step.seconds)
                wanted = self._held_or_own(step)
                flow = ShareClient.acquire_lease.flow(target, -1 if seconds is None else seconds, proposed_id=wanted)
                outcome = yield from self._ask(h.AcquireShare(share, wanted, seconds), flow, tell_lease_id)
                self._believe(share, wanted, outcome)
            case Kind.RENEW_SHARE:
                renewing = ShareClient.renew_lease.flow(target, given)
                outcome = yield from self._ask(h.RenewShare(share, given), renewing, tell_lease_id)
            case Kind.CHANGE_SHARE:
                changing = ShareClient.change_lease.flow(target, given, wanted)
                outcome = yield from self._ask(h.ChangeShare(share, given, wanted), changing, tell_lease_id)
                self._believe(share, wanted, outcome)
            case Kind.RELEASE_SHARE:
                releasing = ShareClient.release_lease.flow(target, given)
                outcome = yield from self._ask(h.ReleaseShare(share, given), releasing, tell_nothing)
                self._held.pop(share, None)
            case Kind.BREAK_SHARE:
                period = None if step.seconds is None else int(step.seconds)
                breaking = ShareClient.break_lease.flow(target, period_s=period)
                outcome = yield from self._ask(h.BreakShare(share, period), breaking, tell_time)
            case _:
                looking = ShareClient.get_properties.flow(target, lease_id=held)
                outcome = yield from self._ask(h.ReadShare(share, held), looking, tell_state)
        return outcome

    def _snapshot(self, step: Step) -> Flow[object]:
        share = step.place.partition("/")[0]
        if step.kind is Kind.READ_SNAPSHOT:
            label = self._board.snapshots.get(share)
            return None if label is None else (yield from self._get(step.place, None, label))
        flow = ShareClient.create_snapshot.flow(replace(self._service, share=share))
        told = yield from self._ask(h.TakeSnapshot(share), flow, tell_snapshot)
        if isinstance(told, h.Done) and told.told.snapshot:
            self._board.snapshots[share] = told.told.snapshot
        return told

    # --- many requests that claim to be one step ---------------------------------------------------------------

    def _increment(self, place: str) -> Flow[object]:
        """Add one to the number in a file under a lease of its own id, asking again where an answer is lost."""
        invoked = self._watch.tick()
        outcome = yield from self._locked_increment(place, self._own_id())
        name = f"{self._client.number}.{self._step}"
        self._board.history.append(
            h.Entry(self._client.number, name, h.Increment(place), invoked, self._watch.tick(), outcome)
        )
        return outcome

    def _locked_increment(self, place: str, lease: str) -> Flow[h.Outcome]:
        target = self._target(place)
        for _ in range(TRIES):
            acquiring = FileClient.acquire_lease.flow(target, proposed_id=lease)
            acquired = yield from self._ask(h.Acquire(place, lease), acquiring, tell_lease)
            if isinstance(acquired, h.Done):
                break
            yield from sleep(PAUSE_S)
        outcome = yield from self._increment_as_holder(place, lease)
        for _ in range(TRIES):
            releasing = FileClient.release_lease.flow(target, lease)
            released = yield from self._ask(h.Release(place, lease), releasing, tell_etag)
            if not isinstance(released, h.Unknown):
                break
        return outcome

    def _increment_as_holder(self, place: str, lease: str) -> Flow[h.Outcome]:
        """Read and write with the lease's id: the service refuses both from the moment that the lease is somebody
        else's, so a number that was read under it is still the number when it is written.
        """
        outcome: h.Outcome = h.Refused("nothing was written")
        written: int | None = None
        for _ in range(TRIES):
            read = yield from self._get(place, lease)
            if isinstance(read, h.Refused):
                return outcome
            if isinstance(read, h.Unknown):
                continue
            number = int.from_bytes((read.told.data or b"")[:NUMBER_BYTES], "big")
            if number == written:
                return h.Done(h.Told(value=written))
            written = number + 1
            data = written.to_bytes(NUMBER_BYTES, "big")
            putting = FileClient.put_range.flow(self._target(place), 0, data, lease_id=lease)
            put = yield from self._ask(h.Put(place, 0, data, lease), putting, tell_etag)
            if isinstance(put, h.Done):
                return h.Done(h.Told(value=written))
            if isinstance(put, h.Refused):
                return outcome
            outcome = h.Unknown()
        return outcome

    # --- names and leases --------------------------------------------------------------------------------------

    def _target(self, place: str) -> Target:
        share, _, path = place.partition("/")
        return replace(self._service, share=share, path=tuple(path.split("/")))

    def _own_id(self) -> str:
        return f"{self._client.number:08d}-0000-4000-8000-{self._step:012d}"

    def _lease_of(self, step: Step) -> str | None:
        match step.lease:
            case Lease.HELD:
                return self._held.get(step.place)
            case Lease.NONE:
                return None
            case Lease.WRONG:
                return WRONG_ID

    def _held_or_own(self, step: Step) -> str:
        """The id to ask for: that of the lease that the step would use, to have it once more, or a new one."""
        held = self._held.get(step.place) if step.lease is Lease.HELD else None
        return held or self._own_id()

    def _believe(self, place: str, lease: str, outcome: h.Outcome) -> None:
        """A lease that was asked for may be ours where no answer came; refused, it is not."""
        if not isinstance(outcome, h.Refused):
            self._held[place] = lease


def _lost_lease(outcome: h.Outcome) -> bool:
    return isinstance(outcome, h.Refused) and outcome.code.startswith("Lease")


__all__ = ["Board", "Worker"]
