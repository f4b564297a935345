"""A naive service of files: what it is, and what each action does to it, one at a time.

Written from the documents for the checker alone; it knows nothing of the simulator. A state is a value. What a reply
told is compared with what this service would have told; the first ETag that is seen of a version is believed, from
then on it belongs to that version and to no other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from azfiles_sim.explore.checker.history import (
    Acquire,
    Action,
    Break,
    Change,
    Clear,
    Copy,
    Create,
    Delete,
    Done,
    Entry,
    ListFiles,
    ListRanges,
    Metadata,
    Put,
    Read,
    Release,
    Rename,
    Resize,
    SetMetadata,
    TakeSnapshot,
    Told,
    shown,
)
from azfiles_sim.explore.checker.telling import Misfit, Refusal, compare, refused

NOT_FOUND: Final = refused("ResourceNotFound")
EXISTS: Final = refused("ResourceAlreadyExists")
NO_SHARE: Final = refused("ShareNotFound")
OUT_OF_RANGE: Final = refused("InvalidRange")
ID_MISSING: Final = refused("LeaseIdMissing")
OTHER_ID: Final = refused("LeaseIdMismatchWithFileOperation")
NO_LEASE: Final = refused("LeaseNotPresentWithFileOperation")
LEASED_ALREADY: Final = refused("LeaseAlreadyPresent")
NOT_YOURS: Final = refused("LeaseNotPresentWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation")


@dataclass(frozen=True, slots=True)
class Lease:
    """``state`` is available, leased or broken; a lease of a file has no end of its own."""

    state: str = "available"
    id: str = ""


AVAILABLE: Final = Lease()


@dataclass(frozen=True, slots=True)
class File:
    """One version of a file; ``version`` is the number of the entry that made it, negative for what was there before."""

    data: bytes
    version: int
    metadata: Metadata = ()
    lease: Lease = AVAILABLE


Files: TypeAlias = Mapping[str, File]


@dataclass(frozen=True, slots=True)
class State:
    """Nothing in here is ever changed. ``snapshots`` are by share and label; ``etags`` are those told, by version."""

    files: Files = field(default_factory=dict[str, File])
    snapshots: Mapping[tuple[str, str], Files] = field(default_factory=dict[tuple[str, str], Files])
    etags: Mapping[int, str] = field(default_factory=dict[int, str])

    def key(self) -> Hashable:
        """Equal for equal states."""
        snapshots = frozenset((label, frozenset(files.items())) for label, files in self.snapshots.items())
        return frozenset(self.files.items()), snapshots, frozenset(self.etags.items())


@dataclass(frozen=True, slots=True)
class Effect:
    """What a success does and tells. ``version`` is the one whose ETag it tells."""

    state: State
    told: Told = field(default_factory=Told)
    version: int | None = None


def expect(state: State, number: int, action: Action) -> Effect | Refusal:
    """What the service does with an action in a state, or the codes that it may refuse it with."""
    match action:
        case TakeSnapshot():
            return Effect(state)
        case Read(snapshot=str()):
            return _read_snapshot(state, action)
        case ListFiles(share):
            return Effect(state, Told(names=_listed(state.files, f"{share}/")))
        case Create():
            return _create(state, number, action)
        case Copy():
            return _copy(state, number, action)
        case Rename():
            return _rename(state, number, action)
        case Read() | ListRanges() | Acquire() | Change() | Release() | Break():
            found = state.files.get(action.file)
            if found is None:
                return NOT_FOUND
            if isinstance(action, (Read, ListRanges)):
                return _read(state, found, action)
            return _lease(state, found, action)
        case Delete() | Put() | Clear() | Resize() | SetMetadata():
            return _write(state, number, action)
        case _:
            raise TypeError(f"no action on files: {action}")


def fit(state: State, number: int, entry: Entry) -> State | Misfit:
    """The state after an entry, if the service could have answered it so."""
    effect = expect(state, number, entry.action)
    if not isinstance(effect, Effect):
        return compare(effect, None, entry.outcome) or state
    misfit = compare(None, effect.told, entry.outcome)
    if misfit is not None:
        return misfit
    if not isinstance(entry.outcome, Done):
        return effect.state
    told = entry.outcome.told
    if isinstance(entry.action, TakeSnapshot):
        return _with_snapshot(effect.state, entry.action.share, told.snapshot or "")
    if told.ranges is not None and _outside(told.ranges, effect.told.data or b"").strip(b"\0"):
        return Misfit(f"there is more than zeros outside of the ranges {shown(told.ranges)}")
    return _with_etag(effect, told.etag)


def _with_snapshot(state: State, share: str, label: str) -> State | Misfit:
    """The state that has a snapshot of the share as it is; one that nobody was told the label of cannot be read."""
    if (share, label) in state.snapshots:
        return Misfit(f"the snapshot {label} was there already")
    taken = {name: file for name, file in state.files.items() if name.startswith(f"{share}/")}
    return replace(state, snapshots={**state.snapshots, (share, label): taken})


def _with_etag(effect: Effect, etag: str | None) -> State | Misfit:
    """The state that knows the version's ETag, unless that is another one's or the version has another one."""
    state, version = effect.state, effect.version
    if etag is None or version is None:
        return state
    known = state.etags.get(version)
    if known is None:
        if etag in state.etags.values():
            return Misfit(f"the ETag {etag} was another version's already")
        return replace(state, etags={**state.etags, version: etag})
    return state if known == etag else Misfit(f"the ETag was {etag}, but of this version {known} was told before")


def _read_snapshot(state: State, action: Read) -> Effect | Refusal:
    files = state.snapshots.get((action.file.partition("/")[0], action.snapshot or ""))
    if files is None:
        return NO_SHARE
    found = files.get(action.file)
    if found is None:
        return NOT_FOUND
    return _read(state, replace(found, lease=AVAILABLE), action)


def _read(state: State, file: File, action: Read | ListRanges) -> Effect | Refusal:
    refusal = _guard(file.lease, action.lease, needed=False)
    if refusal:
        return refusal
    data = file.data
    if isinstance(action, Read) and action.offset is not None:
        if action.offset >= len(data):
            return OUT_OF_RANGE
        data = data[action.offset :] if action.length is None else data[action.offset : action.offset + action.length]
    told = Told(data=data, size=len(file.data), metadata=file.metadata, lease_state=file.lease.state)
    return Effect(state, told, file.version)


def _create(state: State, number: int, action: Create) -> Effect | Refusal:
    old = state.files.get(action.file)
    refusal = _guard(old.lease if old else AVAILABLE, action.lease, needed=True)
    if refusal:
        return refusal
    lease = _after_write(old.lease) if old else AVAILABLE
    return _put(state, action.file, File(bytes(action.size), number, action.metadata, lease))


def _copy(state: State, number: int, action: Copy) -> Effect | Refusal:
    old, source = state.files.get(action.file), state.files.get(action.source)
    refusal = _guard(old.lease if old else AVAILABLE, action.lease, needed=True)
    if refusal:
        return refusal
    if source is None:
        return NOT_FOUND
    lease = _after_write(old.lease) if old else AVAILABLE
    return _put(state, action.file, replace(source, version=number, lease=lease))


def _listed(files: Files, start: str) -> tuple[tuple[str, int], ...]:
    """The files right below ``start``, by name, and their sizes."""
    names = (name.removeprefix(start) for name in sorted(files) if name.startswith(start))
    return tuple((name, len(files[start + name].data)) for name in names if "/" not in name)


def _outside(ranges: Iterable[tuple[int, int]], data: bytes) -> bytes:
    """What is left of the data without the ranges."""
    for offset, length in ranges:
        data = data[:offset] + bytes(length) + data[offset + length :]
    return data


def _write(state: State, number: int, action: Delete | Put | Clear | Resize | SetMetadata) -> Effect | Refusal:
    old = state.files.get(action.file)
    if old is None:
        return NOT_FOUND
    refusal = _guard(old.lease, action.lease, needed=True)
    if refusal:
        return refusal
    data, metadata = old.data, old.metadata
    match action:
        case Delete():
            return Effect(replace(state, files=_without(state.files, action.file)))
        case SetMetadata():
            metadata = action.metadata
        case Resize(size=size):
            data = data[:size].ljust(size, b"\0")
        case Put() | Clear():
            written = action.data if isinstance(action, Put) else bytes(action.length)
            if action.offset + len(written) > len(data):
                return OUT_OF_RANGE
            data = data[: action.offset] + written + data[action.offset + len(written) :]
    return _put(state, action.file, File(data, number, metadata, _after_write(old.lease)))


def _rename(state: State, number: int, action: Rename) -> Effect | Refusal:
    source, there = state.files.get(action.file), state.files.get(action.to)
    if source is None:
        return NOT_FOUND
    if there is not None and not action.replace:
        return EXISTS
    refusal = _guard(source.lease, action.lease, needed=True) or _guard(
        there.lease if there else AVAILABLE, action.lease_there, needed=True
    )
    if refusal:
        return refusal
    moved = replace(source, version=number, lease=_after_write(source.lease))
    return _put(replace(state, files=_without(state.files, action.file)), action.to, moved)


def _lease(state: State, file: File, action: Acquire | Change | Release | Break) -> Effect | Refusal:
    held = file.lease
    match action:
        case Acquire(id=wanted):
            if held.state == "leased" and held.id != wanted:
                return LEASED_ALREADY
            lease = Lease("leased", wanted)
        case Change(lease=given, id=wanted):
            if held.state != "leased" or held.id not in {given, wanted}:
                return NOT_YOURS
            lease = Lease("leased", wanted)
        case Release(lease=given):
            if held.state == "available" or held.id != given:
                return NOT_YOURS
            lease = AVAILABLE
        case Break():
            if held.state == "available":
                return NOT_YOURS
            lease = Lease("broken", held.id)
    told = Told(lease_id=lease.id) if lease.state == "leased" else Told()
    files = {**state.files, action.file: replace(file, lease=lease)}
    return Effect(replace(state, files=files), told, file.version)


def _put(state: State, name: str, file: File) -> Effect:
    return Effect(replace(state, files={**state.files, name: file}), Told(), file.version)


def _without(files: Files, name: str) -> Files:
    return {other: file for other, file in files.items() if other != name}


def _guard(lease: Lease, given: str | None, *, needed: bool) -> Refusal | None:
    """The code that an operation on a file meets. A broken lease guards nothing and is no lease to name."""
    if given is None:
        return ID_MISSING if needed and lease.state == "leased" else None
    if lease.state != "leased":
        return NO_LEASE
    return None if given == lease.id else OTHER_ID


def _after_write(lease: Lease) -> Lease:
    return AVAILABLE if lease.state == "broken" else lease


__all__ = ["Effect", "File", "Lease", "State", "expect", "fit"]
