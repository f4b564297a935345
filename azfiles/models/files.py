"""What operations on directories and files return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from azfiles.models.shared import ExactTimes, HttpHeaders, LeaseProperties, NfsProperties, SmbProperties
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A file or directory was created, renamed or changed."""

    etag: str
    last_modified: datetime
    smb: SmbProperties = field(default_factory=SmbProperties)
    server_encrypted: bool | None = None
    content_md5: str | None = None
    nfs: NfsProperties | None = None


@dataclass(frozen=True, slots=True)
class DirectoryProperties:
    etag: str
    last_modified: datetime
    metadata: Mapping[str, str]
    smb: SmbProperties
    server_encrypted: bool | None = None
    nfs: NfsProperties | None = None


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """The last copy onto a file. ``source`` is its URL without secrets; ``status`` is pending, success, aborted or
    failed, ``description`` the reason of a failure.
    """

    id: str
    status: str
    source: str | None = None
    bytes_copied: int | None = None
    bytes_total: int | None = None
    completed_at: datetime | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CopyStarted:
    """A copy was accepted; inside one account ``status`` is success already."""

    id: str
    status: str
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class FileProperties:
    """``size`` is the whole file's, also where only a range was read."""

    etag: str
    last_modified: datetime
    size: int
    http: HttpHeaders
    metadata: Mapping[str, str]
    smb: SmbProperties
    lease: LeaseProperties | None = None
    copy: CopyProgress | None = None
    server_encrypted: bool | None = None
    nfs: NfsProperties | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """``length`` bytes from ``offset`` on; ``end`` is the offset of the first byte after them. ``cleared`` ranges hold
    nothing any more: they come from a comparison with an earlier snapshot only.
    """

    offset: int
    length: int
    cleared: bool = False

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class FileContent:
    """What was read. ``content`` is a view of the sink where one was given; ``range`` is ``None`` where the whole file
    was asked for; ``range_md5`` is base64, checked against the content, and ``None`` unless it was asked for.
    """

    properties: FileProperties
    content: bytes | memoryview = field(repr=False)
    range: Range | None = None
    range_md5: str | None = None


@dataclass(frozen=True, slots=True)
class RangeWritten:
    """``content_md5`` is the base64 hash that the service computed of what it received; ``None`` after a clear, and
    after a range from a URL, which has ``content_crc64`` (base64) instead.
    """

    etag: str
    last_modified: datetime
    content_md5: str | None = None
    last_write_time: datetime | None = None
    server_encrypted: bool | None = None
    content_crc64: str | None = None


@dataclass(frozen=True, slots=True)
class RangeList:
    """The ranges that hold data; in a comparison with an earlier snapshot those that changed, and in ``cleared`` those
    that were emptied.
    """

    etag: str
    last_modified: datetime
    size: int
    ranges: tuple[Range, ...]
    cleared: tuple[Range, ...] = ()
    next_marker: str | None = None

    @property
    def in_order(self) -> tuple[Range, ...]:
        """All of both by their offsets, as the service sent them."""
        return tuple(sorted((*self.ranges, *self.cleared), key=lambda each: each.offset))


@dataclass(frozen=True, slots=True)
class SymbolicLink:
    """``text`` is what the link holds: a path, which need not lead anywhere."""

    etag: str
    last_modified: datetime
    text: str


@dataclass(frozen=True, slots=True)
class EntryTimes:
    creation: datetime
    last_write: datetime
    change: datetime
    last_access: datetime
    last_modified: datetime
    exact: ExactTimes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A directory in a listing; times, ETag, attributes and permission key come only where they were asked for."""

    name: str
    file_id: str | None = None
    etag: str | None = None
    times: EntryTimes | None = None
    attributes: str | None = None
    permission_key: str | None = None


@dataclass(frozen=True, slots=True)
class FileDeleted:
    """``link_count`` is how many names the file has left; ``None`` on a share that is no NFS share."""

    link_count: int | None = None


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file in a listing; times, ETag, attributes and permission key come only where they were asked for."""

    name: str
    size: int
    file_id: str | None = None
    etag: str | None = None
    times: EntryTimes | None = None
    attributes: str | None = None
    permission_key: str | None = None


Entry: TypeAlias = DirectoryEntry | FileEntry


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a directory, directories and files in one name order as the service sent them. It may be short, even
    empty, and yet have a ``next_marker``: go on until that is ``None``.
    """

    entries: tuple[Entry, ...]
    next_marker: str | None
    directory_id: str | None = None
    snapshot: str | None = None
