"""What a rule answers: frozen values that rendering turns into headers and documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from azfiles_sim.model.entities import (
    AccessPolicy,
    Directory,
    File,
    Handle,
    Lease,
    Node,
    Share,
    Snapshot,
    Ticks,
)


@dataclass(frozen=True, slots=True)
class Done:
    """It happened, and there is nothing to tell (deletes, abort copy)."""


@dataclass(frozen=True, slots=True)
class ShareResult:
    """A share, or one of its snapshots, as it is after the command."""

    share: Share | Snapshot


@dataclass(frozen=True, slots=True)
class SharesPage:
    """Shares and snapshots in order (a share's snapshots, oldest first, before the share itself)."""

    items: tuple[Share | Snapshot, ...]
    next_name: str | None


@dataclass(frozen=True, slots=True)
class SnapshotMade:
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Statistics:
    share: Share
    used_bytes: int


@dataclass(frozen=True, slots=True)
class Policies:
    share: Share
    policies: tuple[AccessPolicy, ...]


@dataclass(frozen=True, slots=True)
class PermissionMade:
    permission_key: str


@dataclass(frozen=True, slots=True)
class PermissionText:
    permission: str


@dataclass(frozen=True, slots=True)
class LeaseResult:
    """A lease action's outcome: ``lease_id`` for acquire, renew and change; ``lease_time_s`` for break and release."""

    stamp: Ticks
    lease: Lease
    lease_id: str | None = None
    lease_time_s: int | None = None


@dataclass(frozen=True, slots=True)
class DirectoryResult:
    directory: Directory


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a directory. ``permission_key`` and times come from the nodes; ``next_name`` begins the next page."""

    share: str
    snapshot: Ticks | None
    path: tuple[str, ...]
    directory: Directory
    entries: tuple[Node, ...]
    next_name: str | None


@dataclass(frozen=True, slots=True)
class FileResult:
    file: File


@dataclass(frozen=True, slots=True)
class FileContent:
    """Bytes of a file: views one after another. ``start`` is ``None`` where the whole file was asked for."""

    file: File
    views: Sequence[memoryview]
    start: int | None
    end: int
    range_md5: bytes | None = None


@dataclass(frozen=True, slots=True)
class RangeWritten:
    file: File
    content_md5: bytes


@dataclass(frozen=True, slots=True)
class RangesResult:
    """Written ranges, ends inclusive, in order and merged."""

    file: File
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CopyStarted:
    file: File


@dataclass(frozen=True, slots=True)
class HandlesPage:
    """Handles in order of their place, which is folded path and id; ``next_place`` begins the next page."""

    handles: tuple[Handle, ...]
    next_place: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class HandlesClosed:
    closed: int


Result: TypeAlias = (
    Done
    | ShareResult
    | SharesPage
    | SnapshotMade
    | Statistics
    | Policies
    | PermissionMade
    | PermissionText
    | LeaseResult
    | DirectoryResult
    | Listing
    | FileResult
    | FileContent
    | RangeWritten
    | RangesResult
    | CopyStarted
    | HandlesPage
    | HandlesClosed
)
