"""What can be asked of the service, one frozen value for each operation, free of HTTP.

A command arrives here authenticated and with its syntax checked (integers are integers, a GUID is a GUID in lower
case, a range has a start and an end); whether it may happen is for the rules. ``path`` is the decoded components
below the share, ``()`` the root directory; names are not yet validated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from azfiles_sim.messages import Buffer
from azfiles_sim.model.entities import AccessPolicy, Attributes, Metadata, Ticks
from azfiles_sim.model.settings import CorsRule, Metrics


class Word(Enum):
    """Words that stand for a value in SMB property headers."""

    NOW = "now"
    PRESERVE = "preserve"
    INHERIT = "inherit"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class SmbRequest:
    """SMB properties as asked for; ``None`` is an absent header. ``permission`` is SDDL text or a word."""

    attributes: Attributes | Word | None = None
    creation: Ticks | Word | None = None
    last_write: Ticks | Word | None = None
    change: Ticks | Word | None = None
    permission: str | Word | None = None
    permission_key: str | None = None


@dataclass(frozen=True, slots=True)
class NfsRequest:
    """NFS properties as asked for; ``None`` is an absent header."""

    mode: int | None = None
    owner: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class HttpHeadersRequest:
    """HTTP headers as asked for; ``None`` is an absent header."""

    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    content_md5: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None

    @property
    def is_empty(self) -> bool:
        return self == HttpHeadersRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries: the account, and the API version, by which a few rules differ."""

    account: str
    version: str


# --- service ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCommand(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShares(ServiceCommand):
    prefix: str = ""
    marker: str | None = None
    """The first share name of the page (already taken out of its ``/account/name`` form)."""
    max_results: int | None = None
    snapshots: bool = False
    metadata: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetServiceProperties(ServiceCommand):
    """Get File Service Properties, and the preflight, which needs their CORS rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetServiceProperties(ServiceCommand):
    """Set File Service Properties; what is ``None`` stays as it is."""

    hour_metrics: Metrics | None = None
    minute_metrics: Metrics | None = None
    cors: tuple[CorsRule, ...] | None = None
    smb_multichannel: bool | None = None
    smb_encryption_required: bool | None = None
    nfs_encryption_required: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetUserDelegationKey(ServiceCommand):
    """Asked for by the user or application ``object_id`` of ``tenant``; for users of ``delegated_tenant``, if given."""

    object_id: str
    tenant: str
    delegated_tenant: str | None
    start: Ticks
    expiry: Ticks


# --- share -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCommand(Command):
    share: str
    snapshot: Ticks | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """Settings of a share as asked for; ``None`` is an absent header. ``protocol`` counts on creation only."""

    protocol: str | None = None
    root_squash: str | None = None
    snapshot_directory: bool | None = None
    smb_directory_lease: bool | None = None
    bursting: bool | None = None
    bursting_iops: int | None = None
    bursting_bandwidth_mibps: int | None = None
    iops: int | None = None
    bandwidth_mibps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShare(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None
    metadata: Metadata = ()
    settings: ShareRequest = ShareRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShare(ShareCommand):
    """Get Share Properties and Get Share Metadata (rendering tells them apart)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareProperties(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None
    settings: ShareRequest = ShareRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareMetadata(ShareCommand):
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteShare(ShareCommand):
    """``delete_snapshots`` is ``include``, ``include-leased`` or absent."""

    delete_snapshots: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteShare(ShareCommand):
    """``deleted`` is the instant of the deletion, which is the deleted share's version."""

    deleted: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShareStatistics(ShareCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotShare(ShareCommand):
    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShareAccessPolicy(ShareCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareAccessPolicy(ShareCommand):
    policies: tuple[AccessPolicy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePermission(ShareCommand):
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPermission(ShareCommand):
    permission_key: str


class LeaseAction(Enum):
    ACQUIRE = "acquire"
    RENEW = "renew"
    CHANGE = "change"
    RELEASE = "release"
    BREAK = "break"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseShare(ShareCommand):
    """Lease Share. ``duration_s`` is ``None`` for an infinite lease (header value -1), else 15 to 60."""

    action: LeaseAction
    duration_s: int | None = None
    break_period_s: int | None = None
    proposed_id: str | None = None


# --- directories and files -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCommand(Command):
    share: str
    path: tuple[str, ...]
    snapshot: Ticks | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDirectory(PathCommand):
    """Create Directory; ``exact`` as for ``CreateFile``."""

    metadata: Metadata = ()
    smb: SmbRequest = SmbRequest()
    nfs: NfsRequest = NfsRequest()
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDirectory(PathCommand):
    """Get Directory Properties and Get Directory Metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDirectory(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectoryProperties(PathCommand):
    smb: SmbRequest = SmbRequest()
    nfs: NfsRequest = NfsRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectoryMetadata(PathCommand):
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDirectory(PathCommand):
    """List Directories and Files. ``marker`` is the first name of the page; what each entry shows is rendering."""

    prefix: str = ""
    marker: str | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFile(PathCommand):
    """Create File. ``data`` is written from its start on (hashes as for ``PutRange``); ``exact`` takes the attributes
    just as they are given, as a restored backup needs.
    """

    size: int
    metadata: Metadata = ()
    smb: SmbRequest = SmbRequest()
    http: HttpHeadersRequest = HttpHeadersRequest()
    data: Sequence[Buffer] = ()
    data_md5: bytes | None = None
    content_md5: bytes | None = None
    nfs: NfsRequest = NfsRequest()
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFile(PathCommand):
    """Get File. Without ``start`` the whole file; without ``end`` from ``start`` to its end (``end`` is inclusive)."""

    start: int | None = None
    end: int | None = None
    range_md5: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFileProperties(PathCommand):
    """Get File Properties and Get File Metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFile(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFileProperties(PathCommand):
    size: int | None = None
    http: HttpHeadersRequest = HttpHeadersRequest()
    smb: SmbRequest = SmbRequest()
    nfs: NfsRequest = NfsRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFileMetadata(PathCommand):
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRange(PathCommand):
    """Put Range, update: ``end`` is inclusive, the data's length is ``end - start + 1`` (checked as syntax).

    ``content_md5`` is the sender's hash as 16 bytes, ``data_md5`` the hash of the data as received.
    """

    start: int
    end: int
    data: Sequence[Buffer]
    data_md5: bytes
    content_md5: bytes | None = None
    keep_last_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearRange(PathCommand):
    start: int
    end: int
    keep_last_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRanges(PathCommand):
    """List Ranges. With ``previous``, the instant of a share snapshot, what changed since; ``marker`` is where a page
    begins, and a list is only cut into pages where ``max_results`` or ``marker`` is given.
    """

    start: int | None = None
    end: int | None = None
    previous: Ticks | None = None
    support_rename: bool = False
    marker: int | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySource:
    """Where a copy reads: resolved by account, never by network address."""

    account: str
    share: str
    path: tuple[str, ...]
    snapshot: Ticks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRangeFromUrl(PathCommand):
    """Put Range From URL: as many bytes of the source, from ``source_start`` on, as the range has.

    The checksums are of the source's bytes, eight bytes each: one that must hold, one to go on if it is that, one to go
    on if it is not.
    """

    start: int
    end: int
    source: CopySource
    source_start: int
    source_crc64: bytes | None = None
    if_match_crc64: bytes | None = None
    if_none_match_crc64: bytes | None = None
    keep_last_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFile(PathCommand):
    source: CopySource
    source_url: str
    """The URL as sent, without credentials: what the copy record shows."""
    metadata: Metadata | None = None
    smb: SmbRequest = SmbRequest()
    nfs: NfsRequest = NfsRequest()
    mode_from_source: bool = False
    owner_from_source: bool = False
    permission_from_source: bool = False
    ignore_read_only: bool = False
    set_archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortCopy(PathCommand):
    copy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(PathCommand):
    """Rename File and Rename Directory. ``lease_id`` is not used: source and destination have ids of their own."""

    directory: bool
    source_share: str
    source: tuple[str, ...]
    replace: bool = False
    ignore_read_only: bool = False
    source_lease_id: str | None = None
    destination_lease_id: str | None = None
    metadata: Metadata | None = None
    smb: SmbRequest = SmbRequest()
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateHardLink(PathCommand):
    """Create Hard Link: ``target`` is a path in the same share."""

    target: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSymbolicLink(PathCommand):
    """Create Symbolic Link; ``link_text`` is kept as it was sent."""

    link_text: str
    metadata: Metadata = ()
    smb: SmbRequest = SmbRequest()
    nfs: NfsRequest = NfsRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSymbolicLink(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseFile(PathCommand):
    """Lease File: infinite only, and never renewed."""

    action: LeaseAction
    proposed_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHandles(PathCommand):
    """List Handles of a directory or a file; ``marker`` is the place of the page's first handle (see ``HandlesPage``)."""

    recursive: bool = False
    marker: tuple[str, int] | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseHandles(PathCommand):
    """Force Close Handles: one id, or all where ``handle_id`` is ``None``; ``marker`` as for ``ListHandles``."""

    recursive: bool = False
    marker: tuple[str, int] | None = None
    handle_id: int | None = None


AnyCommand: TypeAlias = ServiceCommand | ShareCommand | PathCommand
