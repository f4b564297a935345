"""What operations return, and the few values that they take: frozen, and without behaviour worth the name.

Times are aware datetimes in UTC. The service counts in ticks of 100 ns and prints seven fractional digits; a datetime
has six. So the seventh is cut off, and ``ExactTimes`` beside it keeps the service's own text, which any call that
sets times takes back. ETags are text with their quotes, to be compared for equality only.
"""

from __future__ import annotations

from azfiles.models.files import (
    CopyProgress,
    CopyStarted,
    DirectoryEntry,
    DirectoryProperties,
    Entry,
    EntryTimes,
    FileContent,
    FileEntry,
    FileProperties,
    ListingPage,
    Range,
    RangeList,
    RangeWritten,
    Written,
)
from azfiles.models.shared import (
    ExactTimes,
    HttpHeaders,
    LeaseBroken,
    LeaseHeld,
    LeaseProperties,
    LeaseReleased,
    ResourceMetadata,
    SmbProperties,
    SmbSettings,
)
from azfiles.models.shares import (
    AccessPolicy,
    Provisioning,
    ShareAccessPolicy,
    ShareItem,
    SharePage,
    ShareProperties,
    ShareStatistics,
    ShareWritten,
    SignedIdentifier,
    SnapshotCreated,
)

__all__ = [
    "AccessPolicy",
    "CopyProgress",
    "CopyStarted",
    "DirectoryEntry",
    "DirectoryProperties",
    "Entry",
    "EntryTimes",
    "ExactTimes",
    "FileContent",
    "FileEntry",
    "FileProperties",
    "HttpHeaders",
    "LeaseBroken",
    "LeaseHeld",
    "LeaseProperties",
    "LeaseReleased",
    "ListingPage",
    "Provisioning",
    "Range",
    "RangeList",
    "RangeWritten",
    "ResourceMetadata",
    "ShareAccessPolicy",
    "ShareItem",
    "SharePage",
    "ShareProperties",
    "ShareStatistics",
    "ShareWritten",
    "SignedIdentifier",
    "SmbProperties",
    "SmbSettings",
    "SnapshotCreated",
    "Written",
]
