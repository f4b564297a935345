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
class ListShares(Command):
    prefix: str = ""
    marker: str | None = None
    """The first share name of the page (already taken out of its ``/account/name`` form)."""
    max_results: int | None = None
    snapshots: bool = False
    metadata: bool = False


# --- share -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCommand(Command):
    share: str
    snapshot: Ticks | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShare(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShare(ShareCommand):
    """Get Share Properties and Get Share Metadata (rendering tells them apart)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareProperties(ShareCommand):
    quota_gib: int | None = None
    access_tier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShareMetadata(ShareCommand):
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteShare(ShareCommand):
    """``delete_snapshots`` is ``include``, ``include-leased`` or absent."""

    delete_snapshots: str | None = None


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
    metadata: Metadata = ()
    smb: SmbRequest = SmbRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDirectory(PathCommand):
    """Get Directory Properties and Get Directory Metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDirectory(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectoryProperties(PathCommand):
    smb: SmbRequest = SmbRequest()


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
    size: int
    metadata: Metadata = ()
    smb: SmbRequest = SmbRequest()
    http: HttpHeadersRequest = HttpHeadersRequest()


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
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySource:
    """Where a copy reads: resolved by account, never by network address."""

    account: str
    share: str
    path: tuple[str, ...]
    snapshot: Ticks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFile(PathCommand):
    source: CopySource
    source_url: str
    """The URL as sent, without credentials: what the copy record shows."""
    metadata: Metadata | None = None
    smb: SmbRequest = SmbRequest()
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
class LeaseFile(PathCommand):
    """Lease File: infinite only; ``finite`` marks a request for a limited duration, which the service refuses."""

    action: LeaseAction
    proposed_id: str | None = None
    finite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHandles(PathCommand):
    """List Handles of a directory or a file; ``marker`` is the place of the page's first handle (see ``HandlesPage``)."""

    recursive: bool = False
    marker: tuple[str, int] | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseHandles(PathCommand):
    """Force Close Handles: one id, or all where ``handle_id`` is ``None``."""

    recursive: bool = False
    handle_id: int | None = None


AnyCommand: TypeAlias = ListShares | ShareCommand | PathCommand
