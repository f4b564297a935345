"""What the simulated service remembers: frozen values, one class for each kind of thing.

An instant is a count of ticks, 100 ns each, since 0001-01-01 UTC, as in the service's ETags. Nothing here decides
anything, knows HTTP, or can be changed in place.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum, IntFlag
from typing import Any, TypeAlias

from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.settings import DEFAULT_ACCOUNT_SETTINGS, DEFAULT_SETTINGS, AccountSettings, ShareSettings
from azfiles_sim.quick import dataclass, quick

Ticks: TypeAlias = int
Metadata: TypeAlias = tuple[tuple[str, str], ...]

TICKS_PER_SECOND = 10_000_000


class Attributes(IntFlag):
    """NTFS file attributes in the service's canonical order; ``NONE`` is the empty set."""

    NONE = 0
    READ_ONLY = 1
    HIDDEN = 2
    SYSTEM = 4
    DIRECTORY = 16
    ARCHIVE = 32
    TEMPORARY = 256
    OFFLINE = 4096
    NOT_CONTENT_INDEXED = 8192
    NO_SCRUB_DATA = 131072


@dataclass(frozen=True, slots=True)
class Available:
    """No lease."""


@quick
@dataclass(frozen=True, slots=True)
class Leased:
    """Held by ``lease_id``; ``until`` is ``None`` for an infinite lease, ``duration_s`` what renewing restarts."""

    lease_id: str
    until: Ticks | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Breaking:
    """A break was asked for and takes effect at ``until``."""

    lease_id: str
    until: Ticks


@dataclass(frozen=True, slots=True)
class Broken:
    """A break took effect; ``lease_id`` was the last holder's."""

    lease_id: str


@dataclass(frozen=True, slots=True)
class Expired:
    """A finite lease ran out; its holder may still renew it until somebody else takes it."""

    lease_id: str
    duration_s: int


Lease: TypeAlias = Available | Leased | Breaking | Broken | Expired
AVAILABLE = Available()


@quick
@dataclass(frozen=True, slots=True)
class SmbProperties:
    """Attributes, three times and the permission key of a file or directory on an SMB share."""

    attributes: Attributes
    creation: Ticks
    last_write: Ticks
    change: Ticks
    permission_key: str


@dataclass(frozen=True, slots=True)
class NfsProperties:
    """Mode (twelve bits), owner and group of a file or directory on an NFS share."""

    mode: int
    owner: str = "0"
    group: str = "0"


@quick
@dataclass(frozen=True, slots=True)
class HttpHeaders:
    """Stored HTTP headers of a file; ``None`` is not set, and then the reply carries no such header."""

    content_type: str | None = "application/octet-stream"
    content_encoding: str | None = None
    content_language: str | None = None
    content_md5: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """The last copy onto a file. ``source`` is the URL as sent, without its query's credentials."""

    copy_id: str
    source: str
    status: str
    copied: int
    total: int
    completed: Ticks | None
    description: str | None = None
    started: Ticks | None = None
    ends: Ticks | None = None
    """From when to when a pending copy takes; None where only an abort ends it."""
    source_tree: TreeKey | None = None
    source_id: int | None = None
    """The tree and the id of the file that a pending copy reads."""


class Remembering:
    """Room for what somebody has made of an entry and may ask for again: it holds for as long as the entry is the same
    object, since that never changes. It is no part of the entry's value.
    """

    __slots__ = ("made_of_it",)

    made_of_it: Any  # unset at first


@quick
@dataclass(frozen=True, slots=True)
class Directory(Remembering):
    """A directory. ``parent_id`` is 0 for the root's children; the root itself has id 0 and the empty name."""

    name: str
    file_id: int
    parent_id: int
    stamp: Ticks
    smb: SmbProperties
    metadata: Metadata = ()
    nfs: NfsProperties | None = None


@quick
@dataclass(frozen=True, slots=True)
class File(Remembering):
    """A file. ``stamp`` is its ETag's instant; ``content`` maps offsets to written extents.

    On an NFS share ``nfs`` is there, and the file may be a symbolic link (``link_text`` is where it leads) or have
    several names: ``links`` are all of them then, each with its directory's id. Every name's node is stored, and all
    are equal but for name and parent.
    """

    name: str
    file_id: int
    parent_id: int
    stamp: Ticks
    smb: SmbProperties
    size: int
    metadata: Metadata = ()
    http: HttpHeaders = HttpHeaders()
    content: Content = EMPTY_CONTENT
    lease: Lease = AVAILABLE
    copy: CopyRecord | None = None
    nfs: NfsProperties | None = None
    links: tuple[tuple[int, str], ...] = ()
    link_text: str | None = None

    def evolved(
        self,
        *,
        stamp: Ticks | None = None,
        smb: SmbProperties | None = None,
        metadata: Metadata | None = None,
        content: Content | None = None,
        lease: Lease | None = None,
    ) -> File:
        """This file with what is given in place of its own, as ``dataclasses.replace`` makes it: in a fifth of its time,
        because nearly every request that changes something makes one.
        """
        return File(
            self.name,
            self.file_id,
            self.parent_id,
            self.stamp if stamp is None else stamp,
            self.smb if smb is None else smb,
            self.size,
            self.metadata if metadata is None else metadata,
            self.http,
            self.content if content is None else content,
            self.lease if lease is None else lease,
            self.copy,
            self.nfs,
            self.links,
            self.link_text,
        )


Node: TypeAlias = Directory | File


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One stored access policy, its fields as the service gives them back (times with seven digits)."""

    policy_id: str
    start: str | None = None
    expiry: str | None = None
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class TreeKey:
    """Names one tree of nodes: a share's generation (a number never used again), live or as a snapshot."""

    account: str
    generation: int
    snapshot: Ticks | None = None


@quick
@dataclass(frozen=True, slots=True)
class Share:
    """A share. Its tree lives in the store under ``tree``; ``written`` counts the bytes that its files hold."""

    account: str
    name: str
    tree: TreeKey
    created: Ticks
    stamp: Ticks
    quota_gib: int
    access_tier: str
    tier_changed: Ticks
    metadata: Metadata = ()
    policies: tuple[AccessPolicy, ...] = ()
    lease: Lease = AVAILABLE
    files_made: int = 0
    written: int = 0
    last_snapshot: Ticks = 0
    settings: ShareSettings = DEFAULT_SETTINGS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A share snapshot: what the share was at ``snapshot``, an instant of whole seconds and unique in its share."""

    share: str
    snapshot: Ticks
    tree: TreeKey
    stamp: Ticks
    quota_gib: int
    metadata: Metadata = ()
    lease: Lease = AVAILABLE
    settings: ShareSettings = DEFAULT_SETTINGS


@dataclass(frozen=True, slots=True)
class DeletedShare:
    """A share that can still be restored; its trees and permissions stay in the store until ``gone``."""

    share: Share
    snapshots: tuple[Snapshot, ...]
    deleted: Ticks
    gone: Ticks


class Sharing(Enum):
    """What an SMB client lets others do with a file that it has open."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class ByteLock:
    """A locked range of a file, its end inclusive."""

    start: int
    end: int
    exclusive: bool = True


@dataclass(frozen=True, slots=True)
class Handle:
    """An SMB client's open handle, planted by a test; the REST operations list and close them."""

    handle_id: int
    path: str
    file_id: int
    parent_id: int
    session_id: int
    client_ip: str
    opened: Ticks
    client_name: str | None = None
    access_rights: tuple[str, ...] = ()
    last_reconnect: Ticks | None = None
    snapshot: Ticks | None = None
    """The share snapshot that it is open in; None in the live share."""
    share_mode: tuple[Sharing, ...] = (Sharing.READ, Sharing.WRITE, Sharing.DELETE)
    delete_pending: bool = False
    """Whether the file goes when its last handle is closed."""
    locks: tuple[ByteLock, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Account:
    """An account of the service. ``last_stamp`` is the newest ETag given out, ``shares_made`` numbers generations."""

    name: str
    kind: str = "standard"
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    last_stamp: Ticks = 0
    shares_made: int = 0
    settings: AccountSettings = DEFAULT_ACCOUNT_SETTINGS
    deleted_shares: tuple[DeletedShare, ...] = ()
    """Soft-deleted shares, the one deleted first at the front."""


__all__ = [
    "AVAILABLE",
    "TICKS_PER_SECOND",
    "AccessPolicy",
    "Account",
    "Attributes",
    "Available",
    "Breaking",
    "Broken",
    "ByteLock",
    "CopyRecord",
    "DeletedShare",
    "Directory",
    "Expired",
    "File",
    "Handle",
    "HttpHeaders",
    "Lease",
    "Leased",
    "Metadata",
    "NfsProperties",
    "Node",
    "Share",
    "Sharing",
    "SmbProperties",
    "Snapshot",
    "Ticks",
    "TreeKey",
]
