"""What a rule answers: frozen values that rendering turns into headers and documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from azfiles_sim.model.entities import (
    AccessPolicy,
    DeletedShare,
    Directory,
    File,
    Handle,
    Lease,
    Node,
    Share,
    Snapshot,
    Ticks,
)
from azfiles_sim.model.settings import ServiceProperties
from azfiles_sim.quick import dataclass, quick


@dataclass(frozen=True, slots=True)
class Done:
    """It happened, and there is nothing to tell (deletes, abort copy)."""


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """The file service's properties; ``shows_protocols`` says whether the account tells its protocol settings."""

    properties: ServiceProperties
    shows_protocols: bool


@dataclass(frozen=True, slots=True)
class DelegationKey:
    """What a user delegation key says of itself; its value is not the model's matter."""

    object_id: str
    tenant: str
    delegated_tenant: str | None
    start: Ticks
    expiry: Ticks


@dataclass(frozen=True, slots=True)
class ShareResult:
    """A share, or one of its snapshots, as it is after the command, and its account's kind."""

    share: Share | Snapshot
    kind: str = "standard"


@dataclass(frozen=True, slots=True)
class SharesPage:
    """Shares and snapshots in order (a share's snapshots, oldest first, before the share itself; deleted shares before
    a live one of their name).
    """

    items: tuple[Share | Snapshot | DeletedShare, ...]
    next_name: str | None
    kind: str = "standard"


@dataclass(frozen=True, slots=True)
class ShareDeleted:
    """What went, in bytes: of the share and of its snapshots, each None where it is not told."""

    usage: int | None = None
    snapshot_usage: int | None = None


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


@quick
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


@quick
@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a directory. ``permission_key`` and times come from the nodes; ``next_name`` begins the next page."""

    share: str
    snapshot: Ticks | None
    path: tuple[str, ...]
    directory: Directory
    entries: tuple[Node, ...]
    next_name: str | None


@quick
@dataclass(frozen=True, slots=True)
class FileResult:
    """A file as it is after the command; ``content_md5`` is the hash of the bytes that created it, if any did."""

    file: File
    content_md5: bytes | None = None


@dataclass(frozen=True, slots=True)
class FileDeleted:
    """How many names a file on an NFS share has left; None on an SMB share."""

    links_left: int | None = None


@quick
@dataclass(frozen=True, slots=True)
class FileContent:
    """Bytes of a file: views one after another. ``start`` is ``None`` where the whole file was asked for."""

    file: File
    views: Sequence[memoryview]
    start: int | None
    end: int
    range_md5: bytes | None = None


@quick
@dataclass(frozen=True, slots=True)
class RangeWritten:
    """A file as it is after a range of it was written; ``content_md5`` is the hash of the range, where one was made."""

    file: File
    content_md5: bytes | None


@dataclass(frozen=True, slots=True)
class RangeCopied:
    """A range written from another file; ``views`` are the bytes, of which the reply tells the checksum."""

    file: File
    views: Sequence[memoryview]


@dataclass(frozen=True, slots=True)
class RangesResult:
    """Written ranges, ends inclusive, in order and merged; against a base snapshot those written and those cleared
    since. ``next_start`` begins the next page.
    """

    file: File
    ranges: tuple[tuple[int, int], ...]
    cleared: tuple[tuple[int, int], ...] = ()
    next_start: int | None = None


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
    """How many were closed; ``next_place`` is where closing goes on if there are more."""

    closed: int
    next_place: tuple[str, int] | None = None


Result: TypeAlias = (
    Done
    | ServiceResult
    | DelegationKey
    | ShareResult
    | SharesPage
    | ShareDeleted
    | SnapshotMade
    | Statistics
    | Policies
    | PermissionMade
    | PermissionText
    | LeaseResult
    | DirectoryResult
    | Listing
    | FileResult
    | FileDeleted
    | FileContent
    | RangeWritten
    | RangeCopied
    | RangesResult
    | CopyStarted
    | HandlesPage
    | HandlesClosed
)
