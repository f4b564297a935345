"""What shares, directories and files have in common: headers, times, SMB properties, leases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class HttpHeaders:
    """The HTTP properties stored with a file. ``content_md5`` is base64, kept by the service as it was given."""

    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    content_md5: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None


@dataclass(frozen=True, slots=True)
class ExactTimes:
    """Times as the service printed them, with seven fractional digits; ``""`` where it sent none."""

    creation: str = ""
    last_write: str = ""
    change: str = ""
    last_access: str = ""


@dataclass(frozen=True, slots=True)
class SmbProperties:
    """What SMB knows of a file or directory. Everything is ``None`` below service version 2019-02-02.

    ``attributes`` is the service's text, names joined by ``" | "``; ids are decimal.
    """

    attributes: str | None = None
    creation_time: datetime | None = None
    last_write_time: datetime | None = None
    change_time: datetime | None = None
    file_id: str | None = None
    parent_id: str | None = None
    permission_key: str | None = None
    exact: ExactTimes = field(default_factory=ExactTimes, repr=False)


@dataclass(frozen=True, slots=True)
class SmbSettings:
    """SMB properties to set; ``None`` leaves one out.

    ``attributes``: names joined by ``|``, for instance ``"ReadOnly|Archive"``, or ``"None"``, or ``"Preserve"``.
    Times: an aware datetime, the service's text, ``"Now"``, or ``"Preserve"`` where something is kept.
    ``permission`` is SDDL (or base64 with ``permission_format="Binary"``), ``"Inherit"`` or ``"Preserve"``, up to
    8 KiB; a longer one becomes a ``permission_key`` by ``create_permission``. At most one of the two is given.
    """

    attributes: str | None = None
    creation_time: datetime | str | None = None
    last_write_time: datetime | str | None = None
    change_time: datetime | str | None = None
    permission: str | None = None
    permission_key: str | None = None
    permission_format: str | None = None


@dataclass(frozen=True, slots=True)
class NfsProperties:
    """What NFS knows of a file or directory, on NFS shares only. ``mode`` is octal text, ``"0644"``; ``owner`` and
    ``group`` are decimal ids; ``file_type`` is Regular, Directory or SymLink; ``link_count`` comes with files.
    """

    mode: str | None = None
    owner: str | None = None
    group: str | None = None
    file_type: str | None = None
    link_count: int | None = None


@dataclass(frozen=True, slots=True)
class NfsSettings:
    """NFS properties to set; ``None`` leaves one out. ``mode`` is a number (``0o644``) or octal text (``"0644"``),
    ``owner`` and ``group`` are numeric ids.
    """

    mode: int | str | None = None
    owner: int | str | None = None
    group: int | str | None = None


@dataclass(frozen=True, slots=True)
class LeaseProperties:
    """``status``: locked or unlocked; ``state``: available, leased, expired, breaking or broken; ``duration``: fixed
    or infinite, and ``None`` while there is no lease.
    """

    status: str
    state: str
    duration: str | None = None


@dataclass(frozen=True, slots=True)
class LeaseHeld:
    """A lease was acquired, renewed or changed: ``id`` is what writes must now send."""

    id: str = field(repr=False)
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class LeaseReleased:
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class LeaseBroken:
    """A lease was broken; it ends for good in ``remaining_s`` seconds."""

    etag: str
    last_modified: datetime
    remaining_s: int


@dataclass(frozen=True, slots=True)
class ResourceMetadata:
    etag: str
    last_modified: datetime
    metadata: Mapping[str, str]
