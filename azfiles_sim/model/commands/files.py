"""Commands to a file: properties, ranges, copies, links, leases."""

from __future__ import annotations

from collections.abc import Sequence

from azfiles_sim.messages import Buffer
from azfiles_sim.model.commands.base import (
    NO_HTTP,
    NO_NFS,
    NO_SMB,
    HttpHeadersRequest,
    LeaseAction,
    NfsRequest,
    SmbRequest,
)
from azfiles_sim.model.commands.paths import PathCommand
from azfiles_sim.model.entities import Metadata, Ticks
from azfiles_sim.quick import dataclass, quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFile(PathCommand):
    """Create File. ``data`` is written from its start on (hashes as for ``PutRange``); ``exact`` takes the attributes
    just as they are given, as a restored backup needs.
    """

    size: int
    metadata: Metadata = ()
    smb: SmbRequest = NO_SMB
    http: HttpHeadersRequest = NO_HTTP
    data: Sequence[Buffer] = ()
    data_md5: bytes | None = None
    content_md5: bytes | None = None
    nfs: NfsRequest = NO_NFS
    exact: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GetFile(PathCommand):
    """Get File. Without ``start`` the whole file; without ``end`` from ``start`` to its end (``end`` is inclusive)."""

    start: int | None = None
    end: int | None = None
    range_md5: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GetFileProperties(PathCommand):
    """Get File Properties and Get File Metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFile(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFileProperties(PathCommand):
    size: int | None = None
    http: HttpHeadersRequest = NO_HTTP
    smb: SmbRequest = NO_SMB
    nfs: NfsRequest = NO_NFS


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFileMetadata(PathCommand):
    metadata: Metadata = ()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PutRange(PathCommand):
    """Put Range, update: ``end`` is inclusive, the data's length is ``end - start + 1`` (checked as syntax).

    ``content_md5`` is the sender's hash as 16 bytes, ``data_md5`` the hash of the data as received,
    which must be there where the sender's is.
    """

    start: int
    end: int
    data: Sequence[Buffer]
    data_md5: bytes | None
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
    """Put Range from URL: as many bytes of the source, from ``source_start`` on, as the range has.

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
    smb: SmbRequest = NO_SMB
    nfs: NfsRequest = NO_NFS
    mode_from_source: bool = False
    owner_from_source: bool = False
    permission_from_source: bool = False
    ignore_read_only: bool = False
    set_archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortCopy(PathCommand):
    copy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateHardLink(PathCommand):
    """Create Hard Link: ``target`` is a path in the same share."""

    target: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSymbolicLink(PathCommand):
    """Create Symbolic Link; ``link_text`` is kept as it was sent."""

    link_text: str
    metadata: Metadata = ()
    smb: SmbRequest = NO_SMB
    nfs: NfsRequest = NO_NFS


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSymbolicLink(PathCommand):
    pass


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseFile(PathCommand):
    """Lease File: infinite only, and never renewed."""

    action: LeaseAction
    proposed_id: str | None = None
