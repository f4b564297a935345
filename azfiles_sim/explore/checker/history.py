"""What clients asked for, when, and what they were told: the vocabulary of a history.

Files are named ``share/path``. An ``id`` or a ``lease`` is a lease id. Times are numbers that only ever grow; ``at`` is
the service's own time in ticks of 100 ns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

from azfiles_sim.explore.checker.lock_actions import LockAction

Metadata: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Create:
    """Create File; over an existing one it makes a new one of zeros and keeps the lease."""

    file: str
    size: int
    metadata: Metadata = ()
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    file: str
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Rename File; the lease of the source moves with it."""

    file: str
    to: str
    replace: bool = False
    lease: str | None = None
    lease_there: str | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Put Range, update."""

    file: str
    offset: int
    data: bytes
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """Put Range, clear."""

    file: str
    offset: int
    length: int
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Resize:
    file: str
    size: int
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class SetMetadata:
    file: str
    metadata: Metadata
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Get File, from ``offset`` on where there is one; also Get File Properties and Metadata, which tell less.
    ``snapshot`` is the label of a share snapshot to read from.
    """

    file: str
    offset: int | None = None
    length: int | None = None
    lease: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy File of ``source``, metadata and all, onto ``file``, which keeps its lease."""

    file: str
    source: str
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class ListRanges:
    """List Ranges: where the file has anything but zeros."""

    file: str
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Acquire:
    """Lease File, acquire with a proposed id."""

    file: str
    id: str


@dataclass(frozen=True, slots=True)
class Change:
    """Lease File, change of ``lease`` to ``id``."""

    file: str
    lease: str
    id: str


@dataclass(frozen=True, slots=True)
class Release:
    file: str
    lease: str


@dataclass(frozen=True, slots=True)
class Break:
    file: str


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Snapshot Share: what all its files are at one instant."""

    share: str


@dataclass(frozen=True, slots=True)
class ListFiles:
    """List Directories and Files of the share's root: the files in it and their sizes at one instant."""

    share: str


@dataclass(frozen=True, slots=True)
class AcquireShare:
    """Lease Share, acquire with a proposed id; ``duration_s`` is None for a lease without end."""

    share: str
    id: str
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class RenewShare:
    share: str
    lease: str


@dataclass(frozen=True, slots=True)
class ChangeShare:
    share: str
    lease: str
    id: str


@dataclass(frozen=True, slots=True)
class ReleaseShare:
    share: str
    lease: str


@dataclass(frozen=True, slots=True)
class BreakShare:
    share: str
    period_s: int | None = None


@dataclass(frozen=True, slots=True)
class ReadShare:
    """Get Share Properties, for the state of the share's lease."""

    share: str
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Increment:
    """Many requests that claim to be one step: add one to the number that a file holds, under a lease of one's own."""

    file: str


@dataclass(frozen=True, slots=True)
class Update:
    """Many requests that claim to be one step: put ``mark`` at the end of a file's content, and drop as much at its
    beginning. A success tells the content that it found.
    """

    file: str
    mark: bytes


@dataclass(frozen=True, slots=True)
class WriteIf:
    """Many requests that claim to be one step: replace the content by ``data`` if the file is still the version that
    had ``expected``.
    """

    file: str
    expected: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class CreateNew:
    """Many requests that claim to be one step: make a file with all of its content if there is none."""

    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadWhole:
    """Get File, of one that is only swapped."""

    file: str


FileAction: TypeAlias = (
    Create
    | Delete
    | Rename
    | Copy
    | Put
    | Clear
    | Resize
    | SetMetadata
    | Read
    | ListRanges
    | Acquire
    | Change
    | Release
    | Break
)
ShareAction: TypeAlias = AcquireShare | RenewShare | ChangeShare | ReleaseShare | BreakShare | ReadShare
SwapAction: TypeAlias = Update | WriteIf | CreateNew | ReadWhole
Action: TypeAlias = FileAction | TakeSnapshot | ListFiles | ShareAction | Increment | SwapAction | LockAction


@dataclass(frozen=True, slots=True)
class Told:
    """What a success told its client; None is what it did not tell. ``value`` is a counter's, ``ranges`` are offsets and
    lengths, ``names`` the files' with their sizes.
    """

    etag: str | None = None
    data: bytes | None = None
    size: int | None = None
    metadata: Metadata | None = None
    lease_state: str | None = None
    lease_id: str | None = None
    lease_time_s: int | None = None
    snapshot: str | None = None
    value: int | None = None
    ranges: tuple[tuple[int, int], ...] | None = None
    names: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    told: Told


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed, and the service said why."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: it may have been done, in a moment when the service would have done it, or never."""


Outcome: TypeAlias = Done | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Entry:
    """One action of one client. It took effect, if it did, between ``invoked`` and ``completed``; the latter is None
    where it may still come to pass at any time.
    """

    client: int
    name: str
    action: Action
    invoked: int
    completed: int | None
    outcome: Outcome
    at: int = 0

    def __str__(self) -> str:
        return f"[{self.name}] {describe(self.action)} -> {_describe_outcome(self.outcome)}"


def describe(action: Action) -> str:
    """An action in a few words, as ``Put data/a offset=0 data=24 bytes``."""
    words = [type(action).__name__]
    for field in fields(action):
        value = getattr(action, field.name)
        if field.name in {"file", "share"}:
            words.append(value)
        elif value is not None and value is not False and value != ():
            words.append(f"{field.name}={shown(value)}")
    return " ".join(words)


def shown(value: object) -> str:
    """A value for people: long bytes by how they begin and by their runs."""
    if isinstance(value, bytes) and len(value) > 24:
        return f"{len(value)} bytes {_runs(value)}"
    return value if isinstance(value, str) else repr(value)


def _runs(data: bytes) -> str:
    """Where the 32-byte pieces of the data change what they begin with."""
    pieces: list[str] = []
    last = b""
    for at in range(0, len(data), 32):
        piece = data[at : at + 8]
        if piece != last:
            pieces.append(f"{at}:{piece!r}")
            last = piece
    return " ".join(pieces[:12]) + (" ..." if len(pieces) > 12 else "")


def _describe_outcome(outcome: Outcome) -> str:
    match outcome:
        case Refused(code):
            return f"refused: {code}"
        case Unknown():
            return "no answer"
        case Done(told):
            found = [(field.name, getattr(told, field.name)) for field in fields(told)]
            return "done " + " ".join(f"{name}={shown(value)}" for name, value in found if value is not None)


History: TypeAlias = Sequence[Entry]

__all__ = [
    "Acquire",
    "AcquireShare",
    "Action",
    "Break",
    "BreakShare",
    "Change",
    "ChangeShare",
    "Clear",
    "Copy",
    "Create",
    "CreateNew",
    "Delete",
    "Done",
    "Entry",
    "FileAction",
    "History",
    "Increment",
    "ListFiles",
    "ListRanges",
    "Metadata",
    "Outcome",
    "Put",
    "Read",
    "ReadShare",
    "ReadWhole",
    "Refused",
    "Release",
    "ReleaseShare",
    "Rename",
    "RenewShare",
    "Resize",
    "SetMetadata",
    "ShareAction",
    "SwapAction",
    "TakeSnapshot",
    "Told",
    "Unknown",
    "Update",
    "WriteIf",
    "describe",
    "shown",
]
